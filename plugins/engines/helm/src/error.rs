/// Why a chart cannot be loaded or rendered, in Helm's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// In which step it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The chart's files: an unusable archive, no `Chart.yaml`, a sub-chart that is missing.
    Chart,
    /// The values, or a flag that sets one.
    Values,
    /// The values do not fit `values.schema.json`.
    Schema,
    /// An option: a kube version that is none, a release name that cannot be one, a template to show that is not there.
    Options,
    /// A template.
    Template,
    /// What the templates printed is not YAML, or the chart does not fit the Kubernetes version.
    Manifest,
    /// One of the limits of this crate or of the template engine was reached.
    Limit,
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into() }
    }

    pub(crate) fn chart(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Chart, message)
    }

    pub(crate) fn values(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Values, message)
    }

    pub(crate) fn options(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Options, message)
    }

    pub(crate) fn template(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Template, message)
    }

    pub(crate) fn manifest(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Manifest, message)
    }

    pub(crate) fn limit(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Limit, message)
    }

    /// The step that failed.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The same error with what was being done in front, as Go wraps errors.
    pub(crate) fn during(mut self, what: impl std::fmt::Display) -> Error {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// What `helm template` prints for it after `Error: `: a failure from rendering on comes with a hint.
    pub fn cli_text(&self) -> String {
        match self.kind {
            ErrorKind::Template | ErrorKind::Manifest => {
                format!("{self}\n\nUse --debug flag to render out invalid YAML")
            }
            _ => self.message.clone(),
        }
    }
}
