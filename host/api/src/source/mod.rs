//! Kinds whose result is an artifact.

pub mod git_repository;

pub use git_repository::{GitRepository, GitRepositorySpec, GitRepositoryStatus};
