//! What a build may take from outside of its tree.

use serde_json::Value;

use crate::repo::RepoSpec;

/// Where remote files, remote bases, functions and charts come from. A build asks as soon as it knows what it needs; asked again for
/// the same, the answer must be the same.
pub trait Outside {
    /// The content behind an HTTP URL.
    ///
    /// # Errors
    /// Why there is none.
    fn file(&self, url: &str) -> Result<Vec<u8>, Unavailable>;

    /// The directory in the build's tree that holds the files of this repository.
    ///
    /// # Errors
    /// Why there is none.
    fn repository(&self, spec: &RepoSpec) -> Result<String, Unavailable>;

    /// What a KRM function makes of a ResourceList.
    ///
    /// # Errors
    /// Why it made nothing.
    fn function(&self, image: &str, list: &Value) -> Result<FunctionOutput, Unavailable>;

    /// The tags of a repository in a registry, `oci://HOST/REPOSITORY`.
    ///
    /// # Errors
    /// Why they are not known.
    fn tags(&self, repository: &str) -> Result<Vec<String>, Unavailable>;

    /// The archive of a chart in a registry, `oci://HOST/REPOSITORY:TAG`.
    ///
    /// # Errors
    /// Why there is none.
    fn chart(&self, reference: &str) -> Result<Vec<u8>, Unavailable>;
}

/// Why something outside is not to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// It may be there in the next build: this one ends, after asking for what else it needs.
    Later,
    /// A server answered, but with this status line.
    Status(String),
    /// Anything else.
    Refused(String),
}

impl Unavailable {
    pub(crate) fn message(self) -> String {
        match self {
            Unavailable::Later => "not there yet".to_owned(),
            Unavailable::Status(status) => format!("HTTP Error: {status}"),
            Unavailable::Refused(message) => message,
        }
    }
}

/// What a KRM function made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunctionOutput {
    /// The objects.
    pub items: Vec<Value>,
    /// Remarks on them.
    pub results: Vec<FunctionResult>,
}

/// A remark of a KRM function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionResult {
    /// `error` fails the build.
    pub severity: String,
    /// For people.
    pub message: String,
}
