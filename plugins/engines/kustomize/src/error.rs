/// Why a build failed, in the words of kustomize where it has words for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A rule of kustomize forbids what was asked for.
    #[error("{0}")]
    Refused(String),
    /// A node is of another kind than what is done with it needs.
    #[error("wrong node kind: expected {expected} but got {found}: node contents:\n{node}")]
    WrongKind {
        /// In the words of kyaml, as `ScalarNode`.
        expected: &'static str,
        found: &'static str,
        /// As it is printed.
        node: String,
    },
    /// Something failed while doing `what`.
    #[error("{what}")]
    While {
        what: String,
        #[source]
        source: Box<Error>,
    },
    /// A file is not YAML.
    #[error("MalformedYAMLError")]
    Malformed(#[source] weir_yaml::Error),
    /// Data cannot be read or printed.
    #[error(transparent)]
    Data(#[from] weir_yaml::Error),
}

/// The result of a step of a build.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn refused(message: impl Into<String>) -> Error {
        Error::Refused(message.into())
    }

    pub(crate) fn during(self, what: impl Into<String>) -> Error {
        Error::While { what: what.into(), source: Box::new(self) }
    }

    /// Adds to what the cause says.
    pub(crate) fn ending_with(self, more: &str) -> Error {
        match self {
            Error::Refused(message) => Error::Refused(message + more),
            Error::While { what, source } => source.ending_with(more).during(what),
            other => other,
        }
    }

    /// Where the chain begins.
    pub(crate) fn cause(&self) -> &Error {
        match self {
            Error::While { source, .. } => source.cause(),
            cause => cause,
        }
    }

    /// Whether the cause is a file that is not YAML.
    pub(crate) fn is_malformed(&self) -> bool {
        matches!(self.cause(), Error::Malformed(_))
    }

    /// Names the file that is not YAML where kustomize names it: at the end.
    pub(crate) fn in_file(self, path: &str) -> Error {
        match self {
            Error::Malformed(weir_yaml::Error::Syntax { line, old_line, column, message }) => {
                let message = format!("{message} in File: {path}");
                Error::Malformed(weir_yaml::Error::Syntax { line, old_line, column, message })
            }
            error if error.is_malformed() => error.during(format!("in File {path}")),
            error => error,
        }
    }

    /// The whole chain in one line, as kustomize prints it: outermost first, joined by `: `.
    pub fn chain(&self) -> String {
        match self {
            Error::While { what, source } => format!("{what}: {}", source.chain()),
            Error::Malformed(source) => format!("MalformedYAMLError: {source}"),
            other => other.to_string(),
        }
    }
}

/// A text as the original's messages quote it.
pub(crate) fn quoted(text: &str) -> String {
    weir_goquote::quote(text.as_bytes())
}

pub(crate) trait During<T> {
    /// Says what was being done when this failed.
    fn during<S: Into<String>>(self, what: impl FnOnce() -> S) -> Result<T>;
}

impl<T> During<T> for Result<T> {
    fn during<S: Into<String>>(self, what: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|error| error.during(what()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_read_from_the_outside_in() {
        let error = Error::refused("no such file").during("reading").during("building");
        assert_eq!(error.chain(), "building: reading: no such file");
        assert_eq!(error.to_string(), "building");
    }
}
