//! `weir build kustomize`, with the plugins that travel with weir.
#![allow(clippy::unwrap_used)]

mod charts;
mod flags;
mod functions;
mod kit;
mod pull;
mod remote;
