use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use weir_gotmpl::{Limits, Map, Value};

use crate::Helm;
use crate::capabilities::Capabilities;
use crate::engine::{Cluster, Offline};
use crate::error::{Error, Result};
use crate::postrender::{PostRenderStrategy, PostRenderer};

/// The longest name of a release.
const MAX_RELEASE_NAME: usize = 53;

/// `.Release`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub name: String,
    pub namespace: String,
    /// From 1.
    pub revision: i64,
    /// An upgrade; else an installation.
    pub is_upgrade: bool,
}

impl Release {
    /// The first revision of a release.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Release {
        Release { name: name.into(), namespace: namespace.into(), revision: 1, is_upgrade: false }
    }

    pub(crate) fn value(&self) -> Value {
        let map: Map = [
            ("Name", Value::from(&self.name)),
            ("Namespace", Value::from(&self.namespace)),
            ("IsUpgrade", Value::Bool(self.is_upgrade)),
            ("IsInstall", Value::Bool(!self.is_upgrade)),
            ("Revision", Value::int(self.revision)),
            ("Service", Value::from("Helm")),
        ]
        .into_iter()
        .collect();
        map.into()
    }

    /// Checks that the name is one of a release.
    ///
    /// # Errors
    /// In Helm's words.
    pub(crate) fn validate(&self) -> Result<()> {
        if self.name.len() <= MAX_RELEASE_NAME && !self.name.is_empty() && self.name.split('.').all(is_label) {
            return Ok(());
        }
        let quoted = weir_gotmpl::quote(self.name.as_bytes());
        if self.name.is_empty() {
            return Err(Error::options(format!("release name {quoted}: no name provided")));
        }
        Err(Error::options(format!(
            "release name {quoted}: invalid release name, must match regex \
             ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ \
             and the length must not be longer than {MAX_RELEASE_NAME}"
        )))
    }
}

/// A part of a Kubernetes name between dots.
fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// How a chart is rendered.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose behaviour counts.
    pub helm: Helm,
    pub release: Release,
    pub capabilities: Capabilities,
    /// Leaves `values.schema.json` unread.
    pub skip_schema_validation: bool,
    /// A template that names a value which is not there fails.
    pub strict: bool,
    /// Lets `getHostByName` ask a name server; what it then answers is up to the [`Host`].
    pub enable_dns: bool,
    /// Adds the notes of sub-charts.
    pub sub_notes: bool,
    /// What the manifests go through, in this order.
    pub post_renderers: Vec<PostRenderer>,
    pub post_render_strategy: PostRenderStrategy,
}

impl Options {
    /// The options of a first installation without a cluster.
    pub fn new(helm: Helm, release: Release) -> Options {
        Options {
            helm,
            release,
            capabilities: Capabilities::default_of(helm),
            skip_schema_validation: false,
            strict: false,
            enable_dns: false,
            sub_notes: false,
            post_renderers: Vec::new(),
            post_render_strategy: match helm {
                Helm::V3 => PostRenderStrategy::NoHooks,
                Helm::V4 => PostRenderStrategy::Combined,
            },
        }
    }
}

/// What a rendering gets from outside.
pub struct Host {
    /// What `lookup` asks.
    pub cluster: Rc<dyn Cluster>,
    /// The clock and randomness, and what was taken from them.
    pub effects: weir_sprig::Effects,
    /// What the templates may cost.
    pub limits: Limits,
    /// Lines that Helm would have printed beside its output, also of a rendering that failed.
    pub warnings: RefCell<Vec<String>>,
    /// Path and text of what the templates printed, if it was no YAML and the rendering failed for it.
    pub invalid: RefCell<Vec<(String, String)>>,
    /// What nobody needs any more. It is freed together with the host, or not at all where a component ends with its call.
    left: RefCell<Vec<Box<dyn Any>>>,
}

impl Host {
    /// A host without a cluster.
    pub fn new(world: impl weir_sprig::World + 'static) -> Host {
        Host {
            cluster: Rc::new(Offline),
            effects: weir_sprig::Effects::new(world),
            limits: Limits::default(),
            warnings: RefCell::default(),
            invalid: RefCell::default(),
            left: RefCell::default(),
        }
    }

    /// Leaves something here that a rendering is done with.
    pub(crate) fn leave(&self, thing: impl Any) {
        self.left.borrow_mut().push(Box::new(thing));
    }
}
