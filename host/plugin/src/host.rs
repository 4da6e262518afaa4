//! The runtime: one engine, one linker, one cache of compiled code.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::FutureExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::{InstancePre, Linker};
use weir_package::component::{Facts, check_info};

use crate::cache::CodeCache;
use crate::call::{self, Directories};
use crate::engine::{self, Ticker};
use crate::failure::LoadError;
use crate::place::Places;
use crate::plugin::{Loaded, Plugin};
use crate::state::State;
use crate::turns::Turns;
use crate::{CallContext, Grants, Limits, bind, version};

/// Calls at a time unless set.
const DEFAULT_CONCURRENT: u32 = 64;
/// What a plugin is called until it has said its name.
const UNNAMED: &str = "unnamed";

/// How the runtime is set up.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Where compiled code and plugins' caches are kept; without it nothing is kept.
    pub cache_dir: Option<PathBuf>,
    /// Calls at a time; more wait.
    pub max_concurrent: u32,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self { cache_dir: None, max_concurrent: DEFAULT_CONCURRENT }
    }
}

/// The plugin runtime. Clones share it; calls need a multi-threaded tokio runtime around them.
#[derive(Clone)]
pub struct PluginHost(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) turns: Arc<Turns>,
    pub(crate) places: Places,
    pub(crate) blobs: Option<PathBuf>,
    linker: Linker<State>,
    code: CodeCache,
    /// Compiling takes all memory and processors that it gets: one at a time.
    compiling: Mutex<()>,
    loaded: Mutex<HashMap<String, Weak<Loaded>>>,
    _ticker: Ticker,
}

impl PluginHost {
    /// Fails if this machine cannot run WebAssembly.
    pub fn new(config: HostConfig) -> Result<Self, LoadError> {
        let host = |error: String| LoadError::Host(error);
        let engine = engine::engine(config.max_concurrent).map_err(|error| host(format!("{error:#}")))?;
        let linker = bind::linker(&engine).map_err(|error| host(format!("{error:#}")))?;
        let ticker = engine::ticker(&engine).map_err(|error| host(error.to_string()))?;
        Ok(Self(Arc::new(Shared {
            code: CodeCache::open(config.cache_dir.as_ref().map(|root| root.join("code")), &engine),
            blobs: config.cache_dir.map(|root| root.join("blobs")),
            turns: Turns::new(config.max_concurrent),
            places: Places::default(),
            linker,
            compiling: Mutex::default(),
            loaded: Mutex::default(),
            _ticker: ticker,
            engine,
        })))
    }

    /// Loads a component, from the cache of compiled code if it is there. `expected` is `sha256:<hex>`.
    pub async fn load(&self, bytes: Vec<u8>, expected: Option<&str>) -> Result<Plugin, LoadError> {
        let digest = digest(&bytes);
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            return Err(LoadError::DigestMismatch { expected: expected.to_owned(), actual: digest });
        }
        if let Some(loaded) = self.known(&digest) {
            return Ok(loaded);
        }
        let (pre, facts) = self.compile(bytes, digest.clone()).await?;
        let described = self.describe_loaded(pre.clone(), &digest).await?;
        // What was read without running it is what people were shown and what policies decided on.
        if let Some(embedded) = &facts.info
            && !is_same(embedded, &described)
        {
            return Err(LoadError::OtherInfo);
        }
        let plugin = self.plugin(digest, pre, &facts.info.unwrap_or(described))?;
        self.loaded().insert(plugin.0.digest.clone(), Arc::downgrade(&plugin.0));
        Ok(plugin)
    }

    /// Loads a component from a file.
    pub async fn load_file(&self, path: &Path) -> Result<Plugin, LoadError> {
        let bytes = tokio::fs::read(path).await.map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        self.load(bytes, None).await
    }

    /// Runs `describe` with nothing granted and returns the description as canonical JSON, to be embedded.
    pub async fn describe(&self, bytes: Vec<u8>) -> Result<String, LoadError> {
        let digest = digest(&bytes);
        let (pre, _) = self.compile(bytes, digest.clone()).await?;
        self.describe_loaded(pre, &digest).await
    }

    async fn compile(&self, bytes: Vec<u8>, digest: String) -> Result<(InstancePre<State>, Facts), LoadError> {
        let shared = self.0.clone();
        let work = move || shared.compile(&bytes, &digest);
        tokio::task::spawn_blocking(work).await.map_err(|error| LoadError::Host(error.to_string()))?
    }

    async fn describe_loaded(&self, pre: InstancePre<State>, digest: &str) -> Result<String, LoadError> {
        let plugin = self.assemble(digest.to_owned(), pre, UNNAMED, "", String::new(), Value::Null);
        let mut cx = CallContext::new("", Limits::renderer().with_wall(DESCRIBE_WALL));
        cx.grants = Grants::none();
        let described = call::run(&plugin, &cx, Directories::none(), |store, pre| bind::describe(store, pre).boxed());
        Ok(described.await.map_err(LoadError::Describe)?.0)
    }

    fn plugin(&self, digest: String, pre: InstancePre<State>, json: &str) -> Result<Plugin, LoadError> {
        check_info(json.as_bytes())?;
        let value: Value = serde_json::from_str(json).map_err(|error| LoadError::Info(error.to_string()))?;
        let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
        let (name, version) = (text("name"), text("version"));
        Ok(self.assemble(digest, pre, &name, &version, json.to_owned(), value))
    }

    fn assemble(
        &self,
        digest: String,
        pre: InstancePre<State>,
        name: &str,
        version: &str,
        json: String,
        info: Value,
    ) -> Plugin {
        Plugin(Arc::new(Loaded {
            digest,
            name: name.to_owned(),
            version: version.to_owned(),
            info_json: json,
            info,
            pre,
            host: self.0.clone(),
        }))
    }

    fn known(&self, digest: &str) -> Option<Plugin> {
        let mut loaded = self.loaded();
        loaded.retain(|_, one| one.strong_count() > 0);
        loaded.get(digest).and_then(Weak::upgrade).map(Plugin)
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, HashMap<String, Weak<Loaded>>> {
        self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Time for a description.
const DESCRIBE_WALL: std::time::Duration = std::time::Duration::from_secs(10);

impl Shared {
    fn compile(&self, bytes: &[u8], digest: &str) -> Result<(InstancePre<State>, Facts), LoadError> {
        let facts = Facts::read(bytes)?;
        version::check(facts.api_version.as_deref())?;
        let _one = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
        let component = self.code.component(&self.engine, digest, bytes);
        let component = component.map_err(|error| LoadError::Compile(error.into()))?;
        let pre = self.linker.instantiate_pre(&component).map_err(|error| LoadError::Link(error.into()))?;
        Ok((pre, facts))
    }
}

/// Whether two descriptions say the same, however they are printed.
fn is_same(embedded: &str, described: &str) -> bool {
    let read = |text| serde_json::from_str::<Value>(text).ok();
    read(embedded).is_some_and(|embedded| Some(embedded) == read(described))
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}
