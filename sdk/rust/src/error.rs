//! One error type, made of what the host can act on.

use std::io;
use std::time::Duration;

/// How the host goes on after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Worth trying again soon.
    Transient,
    /// The same input fails again: the host waits for a change.
    Terminal,
    /// Credentials missing or refused.
    Unauthorized,
    /// What the object names does not exist.
    NotFound,
    /// The plugin cannot do what is asked for.
    Unsupported,
}

/// A failure as the object's condition will show it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    class: Class,
    reason: String,
    message: String,
    retry_after: Option<Duration>,
    details: Option<String>,
}

/// The result of everything that can fail in a plugin.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// `reason` becomes the condition's reason (CamelCase), `message` its message.
    pub fn new(class: Class, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self { class, reason: reason.into(), message: message.into(), retry_after: None, details: None }
    }

    /// Worth trying again soon.
    pub fn transient(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Class::Transient, reason, message)
    }

    /// The same input fails again.
    pub fn terminal(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Class::Terminal, reason, message)
    }

    /// Credentials missing or refused.
    pub fn unauthorized(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Class::Unauthorized, reason, message)
    }

    /// What the object names does not exist.
    pub fn not_found(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Class::NotFound, reason, message)
    }

    /// The plugin cannot do what is asked for.
    pub fn unsupported(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Class::Unsupported, reason, message)
    }

    /// When to try again (transient failures only; the host clamps it).
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// JSON for the host's log, never shown in a condition.
    pub fn details(mut self, json: impl Into<String>) -> Self {
        self.details = Some(json.into());
        self
    }

    /// Puts `what: ` before the message.
    pub fn context(mut self, what: impl std::fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// How the host goes on.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The condition's reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The condition's message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// When to try again, if the plugin knows.
    pub fn retry(&self) -> Option<Duration> {
        self.retry_after
    }

    /// JSON for the host's log.
    pub fn log_details(&self) -> Option<&str> {
        self.details.as_deref()
    }
}

/// An [`Error`] that travelled inside an [`io::Error`] (through `Read` or `Write`) comes out as it went in.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return inner.clone();
        }
        let class = match error.kind() {
            io::ErrorKind::NotFound => Class::NotFound,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::InvalidData => Class::Terminal,
            io::ErrorKind::Unsupported => Class::Unsupported,
            _ => Class::Transient,
        };
        Self::new(class, "IOError", error.to_string())
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        io::Error::other(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::terminal("InvalidJSON", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_way_through_io() {
        let error = Error::unauthorized("AuthenticationFailed", "denied").retry_after(Duration::from_secs(3));
        assert_eq!(Error::from(io::Error::from(error.clone())), error);
    }

    #[test]
    fn io_errors_are_classified() {
        let class = |kind: io::ErrorKind| Error::from(io::Error::from(kind)).class();
        assert_eq!(class(io::ErrorKind::NotFound), Class::NotFound);
        assert_eq!(class(io::ErrorKind::TimedOut), Class::Transient);
        assert_eq!(class(io::ErrorKind::QuotaExceeded), Class::Terminal);
    }
}
