//! The runtime against plugins that behave and plugins that do not.
#![allow(clippy::unwrap_used)]

mod hostile;
mod inputs;
mod kept;
mod kit;
mod load;
mod network;
mod renderer;
mod source;
