//! Helpers for tests: a real API server, Git server and registry, fixtures, and waiting without sleeping.
//!
//! Everything panics with a message that says what went wrong: a test has nothing better to do with an error.

#![allow(clippy::unwrap_used)]

mod cluster;
mod eventually;
mod fixtures;
mod guests;

pub use cluster::{TestCluster, install_crds};
pub use eventually::{DEADLINE, eventually, wait_for};
pub use fixtures::{Fixture, fixtures, repo_root};
pub use guests::guest;
pub use weir_corpora::corpus;
pub use weir_devenv::{BasicAuth, GitRepo, GitServer, Registry};
