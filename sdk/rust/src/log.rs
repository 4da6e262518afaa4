//! Log lines and progress.

use crate::backend::Host;

/// Severity of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Details of details.
    Trace,
    /// For the plugin's author.
    Debug,
    /// For the operator.
    Info,
    /// Something is off, the call goes on.
    Warn,
    /// Something is wrong.
    Error,
}

/// The host adds plugin and object to each line and caps their number and length.
pub struct Log<'a>(pub(crate) &'a dyn Host);

impl Log<'_> {
    /// A line with fields.
    pub fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]) {
        self.0.log(level, message, fields);
    }

    /// For the plugin's author.
    pub fn debug(&self, message: &str) {
        self.log(Level::Debug, message, &[]);
    }

    /// For the operator.
    pub fn info(&self, message: &str) {
        self.log(Level::Info, message, &[]);
    }

    /// Something is off, the call goes on.
    pub fn warn(&self, message: &str) {
        self.log(Level::Warn, message, &[]);
    }

    /// Something is wrong.
    pub fn error(&self, message: &str) {
        self.log(Level::Error, message, &[]);
    }

    /// How far long work has come.
    pub fn progress(&self, done: u64, total: Option<u64>, note: &str) {
        self.0.progress(done, total, note);
    }

    /// True once the host wants the call to end.
    pub fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
