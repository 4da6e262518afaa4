//! A real Kubernetes control plane, Git server and registry on this machine, for `weir dev` and the tests.
//!
//! Nothing here is simulated but the kubelet: the programs are the upstream ones, each in a process group of its own
//! that dies with this process. Everything listens on loopback, on free ports, in a directory of its own, so any number
//! of them run in parallel.

mod binaries;
mod cache;
mod certs;
mod control_plane;
mod error;
mod git_repo;
mod git_server;
mod kubeconfig;
mod pods;
mod process;
mod progress;
mod registry;
mod scratch;

pub use binaries::{Binaries, build_control_plane, locate_control_plane};
pub use cache::cache_dir;
pub use control_plane::{ControlPlane, Options};
pub use error::Error;
pub use git_repo::GitRepo;
pub use git_server::{BasicAuth, GitServer};
pub use progress::Progress;
pub use registry::Registry;

/// What every fallible function here returns.
pub type Result<T> = std::result::Result<T, Error>;
