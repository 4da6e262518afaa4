//! What goes wrong with templates.

/// Why a text is no template: Go's message, `template: NAME:LINE: ...`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    pub message: String,
}

/// Why an execution failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecError {
    /// Go's message: `template: NAME:LINE:COLUMN: executing "NAME" at <NODE>: ...`.
    #[error("{0}")]
    Template(String),
    /// A text that was to be executed is no template.
    #[error("{0}")]
    Parse(#[from] ParseError),
    /// A limit is reached; the message says which and where.
    #[error("{0}")]
    Limit(String),
}
