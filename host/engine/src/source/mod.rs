//! Source kinds: each brings a tree from outside into the artifact store.

pub(crate) mod git_repository;
mod report;
