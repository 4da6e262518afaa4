//! The two contexts: what a source and what a renderer may touch.

use std::path::Path;
use std::rc::Rc;
use std::time::SystemTime;

use crate::backend::{Directory, Host};
use crate::{Cache, Documents, Inputs, Log, Result, Secrets, Tree, Tunnel, http};

/// The Kubernetes object on whose behalf the plugin is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectRef {
    /// e.g. `source.toolkit.fluxcd.io/v1`.
    pub api_version: String,
    /// e.g. `GitRepository`.
    pub kind: String,
    /// Empty for what is not in a cluster.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// Empty for what is not in a cluster.
    pub uid: String,
    /// `metadata.generation`.
    pub generation: u64,
}

/// What a source may touch.
#[derive(Clone)]
pub struct SourceContext {
    host: Rc<dyn Host>,
}

/// What a renderer may touch.
#[derive(Clone)]
pub struct RenderContext {
    host: Rc<dyn Host>,
}

/// The host's randomness; in a hermetic render it is the same every time.
pub struct Random<'a>(&'a dyn Host);

impl Random<'_> {
    /// So many bytes, fit for keys unless the render is hermetic.
    pub fn bytes(&self, count: u32) -> Vec<u8> {
        self.0.random(count)
    }
}

/// The host's clock; in a hermetic render it stands still.
pub struct Clock<'a>(&'a dyn Host);

impl Clock<'_> {
    /// Wall-clock time.
    pub fn now(&self) -> SystemTime {
        self.0.now()
    }
}

impl SourceContext {
    // A guest makes renderer contexts only, or source contexts only.
    #[cfg_attr(not(any(target_family = "wasm", feature = "testing")), expect(dead_code))]
    pub(crate) fn new(host: Rc<dyn Host>) -> Self {
        Self { host }
    }

    /// Log lines and progress.
    pub fn log(&self) -> Log<'_> {
        Log(&*self.host)
    }

    /// The host's clock.
    pub fn clock(&self) -> Clock<'_> {
        Clock(&*self.host)
    }

    /// Requests to the origins that the object names.
    pub fn http(&self) -> http::Client {
        http::Client(self.host.clone())
    }

    /// Credentials by the name that the object's spec gives them.
    pub fn secrets(&self) -> Secrets<'_> {
        Secrets(&*self.host)
    }

    /// SSH, with the handshake done by the host.
    pub fn tunnel(&self) -> Tunnel<'_> {
        Tunnel(&*self.host)
    }

    /// Storage that survives the call.
    pub fn cache(&self) -> Cache<'_> {
        Cache(&*self.host)
    }

    /// Where `fetch` writes the tree.
    pub fn output(&self) -> &Path {
        self.host.directory(Directory::Output)
    }

    /// Makes a symbolic link below the output; `std` has no stable way to do it in a guest. A link whose target is
    /// outside of the output is refused by the host.
    pub fn symlink(&self, target: &str, link: &Path) -> Result<()> {
        self.host.symlink(target, link)
    }

    /// Scratch space, empty at the start of each call.
    pub fn scratch(&self) -> &Path {
        self.host.directory(Directory::Scratch)
    }
}

impl RenderContext {
    #[cfg_attr(not(any(target_family = "wasm", feature = "testing")), expect(dead_code))]
    pub(crate) fn new(host: Rc<dyn Host>) -> Self {
        Self { host }
    }

    /// Log lines and progress.
    pub fn log(&self) -> Log<'_> {
        Log(&*self.host)
    }

    /// A clock that stands still, unless the host renders with real time. The host notices who looks at it.
    pub fn clock(&self) -> Clock<'_> {
        Clock(&*self.host)
    }

    /// Randomness that is the same every time, unless the host renders with real randomness. The host notices who takes it.
    pub fn random(&self) -> Random<'_> {
        Random(&*self.host)
    }

    /// The input tree, in bulk.
    pub fn tree(&self) -> Tree {
        Tree(self.host.clone())
    }

    /// What is outside of the tree, as far as the host has it.
    pub fn inputs(&self) -> Inputs<'_> {
        Inputs(&*self.host)
    }

    /// Where results go.
    pub fn documents(&self) -> Documents<'_> {
        Documents(&*self.host)
    }

    /// Storage that survives the call.
    pub fn cache(&self) -> Cache<'_> {
        Cache(&*self.host)
    }

    /// The input tree as a read-only directory. Many small files are much faster through [`tree`](Self::tree).
    pub fn input(&self) -> &Path {
        self.host.directory(Directory::Input)
    }
}
