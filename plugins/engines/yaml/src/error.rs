use crate::{MAX_ALIAS_NODES, MAX_DEPTH, MAX_DOCUMENTS, Rules};

/// Why a text is not usable YAML. Lines and columns count from 1; line 0 says that the line is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not YAML.
    #[error("yaml: {}{message}", place(*line))]
    Syntax {
        line: usize,
        column: usize,
        /// The line that go-yaml v2 names, which is another one for some errors.
        old_line: usize,
        message: String,
    },
    /// Collections are nested deeper than [`MAX_DEPTH`].
    #[error("yaml: line {line}: nested deeper than {MAX_DEPTH} levels")]
    TooDeep { line: usize },
    /// The stream holds more than [`MAX_DOCUMENTS`] documents.
    #[error("yaml: more than {MAX_DOCUMENTS} documents")]
    TooManyDocuments,
    /// Aliases add more than [`MAX_ALIAS_NODES`] nodes.
    #[error("yaml: document contains excessive aliasing: more than {MAX_ALIAS_NODES} nodes")]
    ExcessiveAliasing,
    /// A mapping holds the same key twice.
    #[error("yaml: unmarshal errors:\n  mapping key \"{0}\" already defined")]
    DuplicateKey(String),
    /// A value contradicts its explicit tag.
    #[error("yaml: cannot decode {found} `{value}` as a {wanted}")]
    Tag { found: &'static str, wanted: String, value: String },
    /// `<<` with something other than a mapping.
    #[error("yaml: map merge requires map or sequence of maps as the value")]
    Merge,
    /// A mapping whose keys are not all strings cannot become JSON (go-yaml v3).
    #[error("json: unsupported type: map[interface {{}}]interface {{}}: key `{0}` is not a string")]
    KeyType(String),
    /// A collection as a key (go-yaml v2).
    #[error("yaml: invalid map key: {0}")]
    InvalidKey(String),
    /// A key that has no text (`sigs.k8s.io/yaml`).
    #[error("unsupported map key of type: {go_type}, key: {key}, value: {value}")]
    Key { go_type: &'static str, key: String, value: String },
    /// Infinity or not-a-number.
    #[error("json: unsupported value: {0}")]
    NotFinite(String),
    /// The data does not have the shape that the program reads.
    #[error("{0}")]
    Shape(String),
}

impl Error {
    /// The error as go-yaml v2 has it.
    pub(crate) fn with_old_line(self) -> Error {
        match self {
            Error::Syntax { column, old_line, message, .. } => {
                Error::Syntax { line: old_line, column, old_line, message }
            }
            error => error,
        }
    }

    /// What the library with these rules says. `Display` is go-yaml v3.
    pub fn said_by(&self, rules: Rules) -> String {
        match self {
            Error::Syntax { old_line, message, .. } if rules == Rules::Yaml11 => {
                format!("yaml: {}{message}", place(*old_line))
            }
            error => error.to_string(),
        }
    }
}

fn place(line: usize) -> String {
    if line == 0 { String::new() } else { format!("line {line}: ") }
}
