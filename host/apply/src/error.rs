//! What can go wrong, in the words of Flux.

use kube::core::{Status, response::reason};
use thiserror::Error;
use weir_core::ObjectId;

use crate::changeset::ChangeSet;

/// Why an object was not applied.
#[derive(Debug, Error)]
pub enum ObjectError {
    /// The dry-run of an object without a namespace found no such resource.
    #[error("{id} namespace not specified: {message}")]
    NamespaceNotSpecified {
        /// Which object.
        id: ObjectId,
        /// What the server said.
        message: String,
    },
    /// Its namespace does not exist.
    #[error("{id} not found: {message}")]
    NotFound {
        /// Which object.
        id: ObjectId,
        /// What the server said.
        message: String,
    },
    /// The server refused it before anything was written.
    #[error("{id} dry-run failed{reason}: {message}")]
    DryRun {
        /// Which object.
        id: ObjectId,
        /// ` (Reason)`, or empty.
        reason: String,
        /// What the server said.
        message: String,
    },
    /// The server refused it although a dry-run, where there was one, had passed.
    #[error("{id} apply failed: {message}")]
    Apply {
        /// Which object.
        id: ObjectId,
        /// What the server said.
        message: String,
    },
    /// The field managers of the live object could not be rewritten.
    #[error("{id} metadata.managedFields cleanup failed: {message}")]
    Cleanup {
        /// Which object.
        id: ObjectId,
        /// What the server said.
        message: String,
    },
    /// An immutable object that was to be recreated could not be deleted.
    #[error("{id} immutable field detected, failed to delete object: {message}")]
    Recreate {
        /// Which object.
        id: ObjectId,
        /// What the server said.
        message: String,
    },
    /// The live object could not be read.
    #[error("{id} query failed: {message}")]
    Query {
        /// Which object.
        id: ObjectId,
        /// What the server said.
        message: String,
    },
    /// A rule of `spec.ignore` cannot be read.
    #[error("invalid ignore rule: {message}")]
    IgnoreRule {
        /// What is wrong with it.
        message: String,
    },
    /// A newer request made this one pointless.
    #[error("apply was cancelled")]
    Cancelled,
    /// What one stage applied did not become ready for the next.
    #[error(transparent)]
    Stage(#[from] HealthError),
}

/// An apply that ended early: what was done, and why it ended.
#[derive(Debug, Error)]
#[error("{error}{}", told(.changes))]
pub struct ApplyError {
    /// What was applied before.
    pub changes: ChangeSet,
    /// The first error.
    pub error: ObjectError,
}

/// Flux puts the change log below the error.
fn told(changes: &ChangeSet) -> String {
    match changes.has_changes() {
        true => format!("\n{changes}"),
        false => String::new(),
    }
}

/// Why objects did not become healthy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HealthError {
    /// Flux's words; the engine adds how long it waited.
    #[error("{message}")]
    NotHealthy {
        /// `timeout waiting for: […]` or `failed early due to stalled resources: […]`.
        message: String,
    },
    /// A newer request made the wait pointless.
    #[error("health check was cancelled")]
    Cancelled,
}

/// A client for another identity could not be made.
#[derive(Debug, Error)]
#[error("user `{user}` cannot be impersonated: not a header value")]
pub struct ImpersonateError {
    /// The user.
    pub user: String,
}

/// What the server said about a request, and what that means.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The server answered with an error.
    #[error("{}", .0.message)]
    Api(Box<Status>),
    /// The kind is not served.
    #[error("no matches for kind \"{kind}\" in version \"{api_version}\"")]
    NoMatch {
        /// Kind.
        kind: String,
        /// `group/version`.
        api_version: String,
    },
    /// The request did not get an answer that can be read.
    #[error("{}", chain(.0))]
    Transport(#[source] kube::Error),
}

impl RequestError {
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::NoMatch { .. }) || self.reason() == reason::NOT_FOUND
    }

    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Api(status) => &status.reason,
            _ => "",
        }
    }

    /// Flux's test: any Conflict or Invalid, and these words.
    pub(crate) fn may_be_immutable(&self) -> bool {
        let Self::Api(status) = self else { return false };
        matches!(status.reason.as_str(), reason::CONFLICT | reason::INVALID)
            || ["is immutable", "immutable field"].iter().any(|words| status.message.contains(words))
    }

    /// What exactly is wrong: field and message of every cause.
    pub(crate) fn complaints(&self) -> Vec<(&str, &str)> {
        let Self::Api(status) = self else { return Vec::new() };
        let causes = status.details.iter().flat_map(|d| &d.causes);
        causes.map(|c| (c.field.as_str(), c.message.as_str())).collect()
    }

    /// The same error, seen as the failure of a dry-run.
    pub(crate) fn dry_run(&self, id: ObjectId) -> ObjectError {
        let message = self.to_string();
        match self {
            Self::Api(status) if status.reason == reason::NOT_FOUND && id.namespace.is_empty() => {
                ObjectError::NamespaceNotSpecified { id, message }
            }
            Self::Api(status) if status.reason == reason::NOT_FOUND => ObjectError::NotFound { id, message },
            Self::Api(status) if !status.reason.is_empty() => {
                ObjectError::DryRun { id, reason: format!(" ({})", status.reason), message }
            }
            _ => ObjectError::DryRun { id, reason: String::new(), message },
        }
    }
}

/// A transport error with its causes, which its own text leaves out.
fn chain(error: &kube::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

impl From<kube::Error> for RequestError {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => Self::Api(status),
            other => Self::Transport(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, message: &str) -> RequestError {
        RequestError::Api(Status::failure(message, code).boxed())
    }

    fn id(namespace: &str) -> ObjectId {
        ObjectId { group: "".into(), kind: "ConfigMap".into(), namespace: namespace.into(), name: "a".into() }
    }

    #[test]
    fn dry_run_failures_are_told_as_flux_does() {
        for (error, namespace, expected) in [
            (error("NotFound", "gone"), "", "ConfigMap/a namespace not specified: gone"),
            (
                error("NotFound", "namespaces \"x\" not found"),
                "x",
                "ConfigMap/x/a not found: namespaces \"x\" not found",
            ),
            (error("Invalid", "bad"), "x", "ConfigMap/x/a dry-run failed (Invalid): bad"),
            (error("", "bad"), "x", "ConfigMap/x/a dry-run failed: bad"),
            (
                RequestError::NoMatch { kind: "Foo".into(), api_version: "a/v1".into() },
                "x",
                "ConfigMap/x/a dry-run failed: no matches for kind \"Foo\" in version \"a/v1\"",
            ),
        ] {
            assert_eq!(error.dry_run(id(namespace)).to_string(), expected);
        }
    }

    #[test]
    fn immutability_is_seen_by_reason_or_words() {
        for (error, expected) in [
            (error("Conflict", "x"), true),
            (error("Invalid", "x"), true),
            (error("Forbidden", "field is immutable"), true),
            (error("Forbidden", "no"), false),
        ] {
            assert_eq!(error.may_be_immutable(), expected, "{error}");
        }
    }
}
