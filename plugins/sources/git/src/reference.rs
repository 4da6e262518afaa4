//! What to check out, and how revisions are written.

use gix_hash::ObjectId;
use weir_sdk::Result;
use weir_semver::Constraint;

use crate::config::RefSpec;
use crate::failure::git;

/// The branch when nothing is said.
const DEFAULT_BRANCH: &str = "master";
/// Follows a tag's name to say: what the tag points at.
const PEELED: &str = "^{}";

/// What to check out. The order of precedence is Flux's: commit, name, tag, semver, branch.
#[derive(Clone, Debug)]
pub enum Reference {
    /// One commit, which must be in the branch if one is named.
    Commit {
        /// The commit.
        id: ObjectId,
        /// The branch that it must be in.
        branch: Option<String>,
    },
    /// A full reference name, with or without `^{}`.
    Name(String),
    /// A tag.
    Tag(String),
    /// The highest tag that fits.
    Semver {
        /// As written.
        text: String,
        /// As read.
        constraint: Constraint,
    },
    /// A branch.
    Branch(String),
}

impl Reference {
    /// Reads `spec.ref`; empty texts count as absent.
    pub fn of(spec: &RefSpec) -> Result<Reference> {
        let given = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
        if let Some(commit) = given(&spec.commit) {
            let id = ObjectId::from_hex(commit.as_bytes())
                .map_err(|_| git(format!("unable to resolve commit object for '{commit}': object not found")))?;
            return Ok(Reference::Commit { id, branch: given(&spec.branch) });
        }
        if let Some(name) = given(&spec.name) {
            return match name.starts_with('/') || name.ends_with('/') {
                true => Err(git(format!("invalid reference name: '{name}'"))),
                false => Ok(Reference::Name(name)),
            };
        }
        if let Some(tag) = given(&spec.tag) {
            return Ok(Reference::Tag(tag));
        }
        if let Some(text) = given(&spec.semver) {
            let constraint = Constraint::parse(&text).map_err(|error| git(format!("semver parse error: {error}")))?;
            return Ok(Reference::Semver { text, constraint });
        }
        Ok(Reference::Branch(given(&spec.branch).unwrap_or_else(|| DEFAULT_BRANCH.to_owned())))
    }

    /// The full name of the one reference that decides; nothing for a constraint or a lone commit.
    pub fn full_name(&self) -> Option<String> {
        match self {
            Reference::Commit { branch, .. } => branch.as_ref().map(|branch| format!("refs/heads/{branch}")),
            Reference::Name(name) => Some(name.strip_suffix(PEELED).unwrap_or(name).to_owned()),
            Reference::Tag(tag) => Some(format!("refs/tags/{tag}")),
            Reference::Semver { .. } => None,
            Reference::Branch(branch) => Some(format!("refs/heads/{branch}")),
        }
    }

    /// The revision at `commit`. A constraint needs the name of the tag that it chose.
    pub fn revision(&self, commit: &ObjectId, chosen: Option<&str>) -> String {
        let name = match self {
            Reference::Commit { branch, .. } => branch.as_deref(),
            Reference::Name(name) | Reference::Tag(name) | Reference::Branch(name) => Some(name.as_str()),
            Reference::Semver { .. } => chosen,
        };
        match name {
            Some(name) => format!("{name}@sha1:{commit}"),
            None => format!("sha1:{commit}"),
        }
    }
}

/// The commit of a revision.
pub(crate) fn commit_of(revision: &str) -> Option<ObjectId> {
    let (_, hex) = revision.rsplit_once("sha1:")?;
    ObjectId::from_hex(hex.as_bytes()).ok().filter(|id| id.kind() == gix_hash::Kind::Sha1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0123456789012345678901234567890123456789";

    fn spec(fields: &[(&str, &str)]) -> RefSpec {
        let object: serde_json::Map<String, serde_json::Value> =
            fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        serde_json::from_value(object.into()).unwrap()
    }

    #[test]
    fn precedence_and_revisions() {
        let id = ObjectId::from_hex(HEX.as_bytes()).unwrap();
        let check = |fields: &[(&str, &str)], name: Option<&str>, revision: &str| {
            let reference = Reference::of(&spec(fields)).unwrap();
            assert_eq!(reference.full_name().as_deref(), name, "{fields:?}");
            let revision = format!("{revision}sha1:{HEX}");
            assert_eq!(reference.revision(&id, Some("v9.0.0")), revision, "{fields:?}");
            assert_eq!(commit_of(&revision), Some(id));
        };
        let all = [("branch", "b"), ("semver", "1.x"), ("tag", "t"), ("name", "refs/pull/1/head"), ("commit", HEX)];
        check(&[], Some("refs/heads/master"), "master@");
        check(&[("branch", "")], Some("refs/heads/master"), "master@");
        check(&[("branch", "feature/x")], Some("refs/heads/feature/x"), "feature/x@");
        check(&all[..2], None, "v9.0.0@");
        check(&all[..3], Some("refs/tags/t"), "t@");
        check(&all[..4], Some("refs/pull/1/head"), "refs/pull/1/head@");
        check(&all, Some("refs/heads/b"), "b@");
        check(&all[1..], None, "");
        check(&[("name", "refs/tags/x^{}")], Some("refs/tags/x"), "refs/tags/x^{}@");
    }

    #[test]
    fn what_cannot_be_checked_out() {
        let check = |fields: &[(&str, &str)], part: &str| {
            let error = Reference::of(&spec(fields)).unwrap_err();
            assert!(error.message().contains(part), "{error}");
        };
        check(&[("commit", "abc")], "object not found");
        check(&[("name", "/refs/heads/x")], "invalid reference name");
        check(&[("name", "refs/heads/x/")], "invalid reference name");
        check(&[("semver", "not a constraint")], "improper constraint");
    }

    #[test]
    fn what_is_no_revision() {
        for text in ["", "main", "main@sha1:12", "main/0123456789012345678901234567890123456789"] {
            assert_eq!(commit_of(text), None, "{text}");
        }
    }
}
