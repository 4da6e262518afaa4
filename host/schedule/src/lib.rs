//! When: watches, triggers, queue and slots; knows keys, not kinds.
//!
//! Reading order: what was seen ([`watch`]), whether there is anything to do ([`trigger`]), in which order ([`queue`]), and the loop
//! that runs keys ([`Scheduler`]) behind the one seam [`weir_core::Reconciler`]; who of several
//! processes does all this ([`lease`]).

mod config;
mod graph;
mod handle;
mod lane;
pub mod lease;
pub mod queue;
mod run;
mod slot;
pub mod trigger;
pub mod watch;

pub use config::{CONCURRENT, Config, GRACE, Observer, STOP_LIMIT};
pub use handle::Handle;
pub use run::Scheduler;
pub use watch::Change;
