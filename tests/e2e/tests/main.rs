//! Every user-visible feature against a real API server and a real Git server, in one program.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod access;
mod apply;
mod build;
mod build_helm;
mod crash;
mod deletion;
mod fleets;
mod flux_cli;
mod git_repository;
mod health;
mod idle;
mod kustomization;
mod outside;
mod selectors;
