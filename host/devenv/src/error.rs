//! Why the environment did not come up.

use std::path::PathBuf;

/// A failure of one of the programs, or of the machine under them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("failed to {operation}: `{path}`", path = path.display())]
    File {
        /// What was being done, as in "write".
        operation: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("failed to start `{program}`")]
    Spawn {
        /// The program.
        program: String,
        /// The cause.
        source: std::io::Error,
    },
    /// A program that should go on running has ended.
    #[error("`{program}` ended with {status}: {log}")]
    Ended {
        /// The program.
        program: String,
        /// Its exit status.
        status: String,
        /// The end of its log.
        log: String,
    },
    /// A program that should succeed has failed.
    #[error("`{command}` failed: {output}")]
    Command {
        /// The command line.
        command: String,
        /// What it wrote.
        output: String,
    },
    /// A program is not installed, and weir does not build it.
    #[error("`{program}` is not installed\nhint: {hint}")]
    Missing {
        /// The program.
        program: &'static str,
        /// How to get it.
        hint: &'static str,
    },
    /// A program did not become ready in time.
    #[error("`{program}` is not ready after {seconds} s: {log}")]
    Deadline {
        /// The program.
        program: String,
        /// How long it was waited for.
        seconds: u64,
        /// The end of its log.
        log: String,
    },
    /// A certificate could not be made.
    #[error("failed to issue a certificate")]
    Certificate(#[from] rcgen::Error),
    /// The new API server refused a request.
    #[error("failed to {operation} in the new cluster")]
    Api {
        /// What was asked, as in "create the node".
        operation: &'static str,
        /// The cause.
        source: Box<kube::Error>,
    },
    /// The kubeconfig just written could not be used.
    #[error("failed to read the kubeconfig")]
    Kubeconfig(#[from] Box<kube::config::KubeconfigError>),
    /// No socket could be opened on loopback.
    #[error("failed to listen on loopback")]
    Listen(#[source] std::io::Error),
}

impl Error {
    pub(crate) fn file(operation: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { operation, path, source }
    }

    /// Another program took the port between our look and the start.
    pub(crate) fn is_port_taken(&self) -> bool {
        matches!(self, Self::Ended { log, .. } if log.contains("address already in use"))
    }
}
