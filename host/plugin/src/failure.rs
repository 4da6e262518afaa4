//! How a call or a load can end badly.

use std::path::PathBuf;
use std::time::Duration;

use weir_core::condition::reasons;
use weir_package::{MAX_COMPONENT_BYTES, component::ComponentError};

use crate::inputs::Question;

/// The longest reason that Kubernetes conditions take here.
const MAX_REASON: usize = 128;

/// How to go on after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// With backoff.
    Transient,
    /// Not before the object or the plugin changes.
    Terminal,
    /// At the interval, and when a secret changes.
    Unauthorized,
    /// At the interval.
    NotFound,
    /// Not before the plugin changes.
    Unsupported,
}

/// A call that failed: of which plugin, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{kind}", prefix(plugin, kind))]
pub struct PluginFailure {
    /// The plugin's name.
    pub plugin: String,
    /// Why.
    pub kind: FailureKind,
}

/// The plugin's own message stands for itself, as that of the program it stands for would; ours name the plugin.
fn prefix(plugin: &str, kind: &FailureKind) -> String {
    if matches!(kind, FailureKind::Guest { .. }) { String::new() } else { format!("plugin `{plugin}` ") }
}

fn listed(questions: &[Question]) -> String {
    questions.iter().map(Question::to_string).collect::<Vec<_>>().join(", ")
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FailureKind {
    /// The plugin said so.
    #[error("{message}")]
    Guest {
        /// How to go on.
        class: Class,
        /// As the plugin gave it; use [`PluginFailure::reason`].
        reason: String,
        /// One paragraph, redacted, bounded.
        message: String,
        /// When the plugin wants to be called again.
        retry_after: Option<Duration>,
        /// JSON for the log.
        details: Option<String>,
    },
    /// The plugin crashed.
    #[error("crashed: {message}")]
    Trap {
        /// The panic's text or the trap's name, and the first guest frame.
        message: String,
    },
    /// Wall-clock time is over.
    #[error("ran longer than its time limit: {limit:?}")]
    Timeout {
        /// The limit.
        limit: Duration,
    },
    /// Processor time is used up.
    #[error("used more processor time than its limit: {limit:?}")]
    Cpu {
        /// The limit.
        limit: Duration,
    },
    /// Memory is used up.
    #[error("needs more memory than its limit: {} MiB", limit >> 20)]
    Memory {
        /// The limit in bytes.
        limit: usize,
    },
    /// Too much came out of it.
    #[error("exceeded its limit of {what}: {limit}")]
    OutputLimit {
        /// e.g. `documents` or `bytes below /out`.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// It tried what it may not do.
    #[error("may not use `{capability}` for `{target}`\nhint: {hint}")]
    Denied {
        /// The capability's name.
        capability: String,
        /// What it was wanted for.
        target: String,
        /// How to allow it.
        hint: String,
    },
    /// It is of another kind.
    #[error("is not a {wanted}")]
    WrongKind {
        /// `source` or `renderer`.
        wanted: &'static str,
    },
    /// It left something below `/out` that may not be there.
    #[error("wrote `{path}`, which is not a plain file, a directory or a link inside the tree")]
    BadOutput {
        /// Relative to `/out`.
        path: String,
    },
    /// It needs what is outside of its tree, and can be called again with the answers.
    #[error("needs what it was not given: {}", listed(questions))]
    Waiting {
        /// What it asked for, each once.
        questions: Vec<Question>,
    },
    /// The call was cancelled.
    #[error("was cancelled")]
    Cancelled,
    /// The host could not do its part.
    #[error("could not be called: {message}")]
    Host {
        /// What failed.
        message: String,
    },
}

impl PluginFailure {
    /// The condition's reason.
    pub fn reason(&self) -> &str {
        match &self.kind {
            FailureKind::Guest { reason, .. } if valid_reason(reason) => reason,
            FailureKind::Guest { .. }
            | FailureKind::Host { .. }
            | FailureKind::Waiting { .. }
            | FailureKind::Cancelled => reasons::PLUGIN_ERROR,
            FailureKind::Trap { .. } => reasons::PLUGIN_TRAPPED,
            FailureKind::Timeout { .. } => reasons::PLUGIN_TIMEOUT,
            FailureKind::Cpu { .. } | FailureKind::Memory { .. } | FailureKind::OutputLimit { .. } => {
                reasons::PLUGIN_RESOURCE_EXHAUSTED
            }
            FailureKind::Denied { .. } | FailureKind::BadOutput { .. } => reasons::PLUGIN_CAPABILITY_DENIED,
            FailureKind::WrongKind { .. } => reasons::PLUGIN_UNSUPPORTED,
        }
    }

    /// How to go on.
    pub fn class(&self) -> Class {
        match &self.kind {
            FailureKind::Guest { class, .. } => *class,
            FailureKind::Denied { .. } | FailureKind::BadOutput { .. } => Class::Terminal,
            FailureKind::WrongKind { .. } => Class::Unsupported,
            _ => Class::Transient,
        }
    }

    /// When the plugin wants to be called again, unclamped.
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.kind {
            FailureKind::Guest { class: Class::Transient, retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// `[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?`, as Kubernetes wants it.
fn valid_reason(reason: &str) -> bool {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    reason.len() <= MAX_REASON
        && reason.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && reason.ends_with(word)
        && reason.chars().all(|letter| word(letter) || letter == ',' || letter == ':')
}

/// A component that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes are not those that were asked for.
    #[error("plugin has another digest than expected\nexpected: {expected}\nactual: {actual}")]
    DigestMismatch {
        /// As asked for.
        expected: String,
        /// As computed.
        actual: String,
    },
    /// The file is not readable.
    #[error("cannot read plugin `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Too large to be compiled.
    #[error("plugin is larger than the limit: {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Not a component at all.
    #[error("plugin is not a WebAssembly component")]
    NotAComponent(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Without the section that says for which contract it was built.
    #[error("plugin does not say for which version of `weir:plugin` it was built\nhint: build it with the weir SDK")]
    NoApiVersion,
    /// For a contract that this host does not serve.
    #[error("plugin was built for `weir:plugin` {version}, this host serves {supported}")]
    UnsupportedApiVersion {
        /// What the plugin says.
        version: String,
        /// What the host serves.
        supported: &'static str,
    },
    /// It cannot be compiled.
    #[error("cannot compile plugin")]
    Compile(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It imports what there is not.
    #[error("plugin imports what the host does not offer")]
    Link(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Its description is not one.
    #[error("plugin has no usable description: {0}")]
    Info(String),
    /// It describes itself otherwise than the description that it carries.
    #[error(
        "plugin describes itself otherwise than the description embedded in it\nhint: build it anew with `weir plugin build`"
    )]
    OtherInfo,
    /// `describe` failed.
    #[error("cannot describe plugin")]
    Describe(#[source] PluginFailure),
    /// The host could not do its part.
    #[error("cannot set up the plugin runtime: {0}")]
    Host(String),
}

impl From<ComponentError> for LoadError {
    fn from(error: ComponentError) -> Self {
        match error {
            ComponentError::TooLarge(_) => Self::TooLarge { limit: MAX_COMPONENT_BYTES },
            ComponentError::Info(text) => Self::Info(text),
            ComponentError::NotAComponent => Self::NotAComponent(error.into()),
            ComponentError::Malformed(source) => Self::NotAComponent(source.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: FailureKind) -> PluginFailure {
        PluginFailure { plugin: "p".to_owned(), kind }
    }

    fn guest(reason: &str) -> PluginFailure {
        failure(FailureKind::Guest {
            class: Class::Terminal,
            reason: reason.to_owned(),
            message: "text".to_owned(),
            retry_after: None,
            details: None,
        })
    }

    #[test]
    fn reasons_are_kubernetes_reasons() {
        for (given, shown) in [
            ("BuildFailed", "BuildFailed"),
            ("a b", "PluginError"),
            ("", "PluginError"),
            ("A:", "PluginError"),
            ("9", "PluginError"),
            ("A:b", "A:b"),
        ] {
            assert_eq!(guest(given).reason(), shown, "{given}");
        }
        assert_eq!(guest(&"A".repeat(129)).reason(), "PluginError");
        assert_eq!(failure(FailureKind::Cpu { limit: Duration::from_secs(1) }).reason(), "PluginResourceExhausted");
    }

    #[test]
    fn host_made_failures_name_the_plugin_and_the_limit() {
        let shown = failure(FailureKind::Memory { limit: 32 << 20 }).to_string();
        assert_eq!(shown, "plugin `p` needs more memory than its limit: 32 MiB");
        assert_eq!(guest("X").to_string(), "text");
    }
}
