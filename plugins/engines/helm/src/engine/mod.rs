//! Renders the templates of a chart.

mod capabilities;
mod chart;
mod compile;
mod errors;
mod files;
mod functions;
mod glob;
mod name;
mod render;
mod values;

pub(crate) use compile::{Compiled, Mode};
pub use functions::{Cluster, Offline};
pub use name::release_name;
pub(crate) use render::{File, render};
