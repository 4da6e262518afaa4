//! The runtime against plugins that behave and plugins that do not.

mod hostile;
mod kit;
mod load;
mod network;
mod renderer;
mod source;
