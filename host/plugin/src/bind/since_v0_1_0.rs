//! `weir:plugin@0.1.0`.

use serde_json::{Value, json};
use wasmtime::Store;
use wasmtime::component::{HasSelf, InstancePre, Linker, Resource};

use crate::call::Outcome;
use crate::capability::cache::{self as blobs, Blob, BlobWriter};
use crate::capability::inputs::{Asked, Told};
use crate::capability::log::Level;
use crate::capability::secret::{self, HmacAlgorithm, SecretHandle};
use crate::capability::tree::{Entry, EntryKind};
use crate::capability::tunnel::ssh_exec;
use crate::failure::{Class, FailureKind};
use crate::inputs::Question;
use crate::state::State;
use crate::{Capability, FetchReport, Format, ObjectRef, RenderRequest, Resolution, SourceRequest};

/// A tunnel that was opened; there is none as long as none is served.
#[expect(unreachable_pub, reason = "generated code names it")]
pub enum Channel {}

mod imports {
    wasmtime::component::bindgen!({
        path: "../../wit/since-0.1.0",
        world: "imports",
        imports: { default: trappable },
        require_store_data_send: true,
        with: {
            "wasi": wasmtime_wasi::p2::bindings,
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "weir:plugin/secrets.secret": crate::capability::secret::SecretHandle,
            "weir:plugin/cache.blob": crate::capability::cache::Blob,
            "weir:plugin/cache.writer": crate::capability::cache::BlobWriter,
            "weir:plugin/tunnel.channel": super::Channel,
        },
    });
}

mod source {
    wasmtime::component::bindgen!({
        path: "../../wit/since-0.1.0",
        inline: "package weir:host; world source-call { export weir:plugin/source@0.1.0; }",
        world: "weir:host/source-call",
        exports: { default: async },
        with: { "weir:plugin/types": super::imports::weir::plugin::types },
    });
}

mod renderer {
    wasmtime::component::bindgen!({
        path: "../../wit/since-0.1.0",
        inline: "package weir:host; world renderer-call { export weir:plugin/renderer@0.1.0; }",
        world: "weir:host/renderer-call",
        exports: { default: async },
        with: { "weir:plugin/types": super::imports::weir::plugin::types },
    });
}

mod metadata {
    wasmtime::component::bindgen!({
        path: "../../wit/since-0.1.0",
        inline: "package weir:host; world metadata-call { export weir:plugin/metadata@0.1.0; }",
        world: "weir:host/metadata-call",
        exports: { default: async },
    });
}

use imports::weir::plugin::{cache, documents, inputs, log, secrets, tree, tunnel, types};
use metadata::exports::weir::plugin::metadata as metadata_wire;
use renderer::exports::weir::plugin::renderer as renderer_wire;
use source::exports::weir::plugin::source as source_wire;

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    log::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    tree::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    documents::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    inputs::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    secrets::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    cache::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    tunnel::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

type Pre = InstancePre<State>;

pub(crate) async fn resolve(store: &mut Store<State>, pre: &Pre, request: SourceRequest) -> Outcome<Resolution> {
    let Ok(pre) = source::SourceCallPre::new(pre.clone()) else {
        return wrong_kind("source");
    };
    let instance = pre.instantiate_async(&mut *store).await?;
    let found = instance.weir_plugin_source().call_resolve(store, &source_request(request)).await?;
    let ours = |found: source_wire::Resolution| Resolution {
        revision: found.revision,
        state: found.state,
        unchanged: found.unchanged,
    };
    Ok(found.map(ours).map_err(FailureKind::from))
}

pub(crate) async fn fetch(
    store: &mut Store<State>,
    pre: &Pre,
    request: SourceRequest,
    what: Resolution,
) -> Outcome<FetchReport> {
    let Ok(pre) = source::SourceCallPre::new(pre.clone()) else {
        return wrong_kind("source");
    };
    let instance = pre.instantiate_async(&mut *store).await?;
    let what = source_wire::Resolution { revision: what.revision, state: what.state, unchanged: what.unchanged };
    let report = instance.weir_plugin_source().call_fetch(store, &source_request(request), &what).await?;
    let ours = |report: source_wire::Report| FetchReport {
        metadata: report.metadata,
        verified: report.verified,
        bytes_in: report.bytes_in,
    };
    Ok(report.map(ours).map_err(FailureKind::from))
}

pub(crate) async fn render(
    store: &mut Store<State>,
    pre: &Pre,
    request: RenderRequest,
) -> Outcome<Vec<(String, String)>> {
    let Ok(pre) = renderer::RendererCallPre::new(pre.clone()) else {
        return wrong_kind("renderer");
    };
    let instance = pre.instantiate_async(&mut *store).await?;
    store.data_mut().asked = Asked::new(request.answers);
    let request = renderer_wire::Request {
        object: object(request.object),
        config: request.config.to_string(),
        path: request.path,
        format: match request.format {
            Format::Yaml => renderer_wire::DocumentFormat::Yaml,
            Format::Json => renderer_wire::DocumentFormat::Json,
        },
        values: request.values,
        capabilities_json: if request.capabilities.is_null() {
            String::new()
        } else {
            request.capabilities.to_string()
        },
    };
    let summary = instance.weir_plugin_renderer().call_render(store, &request).await?;
    Ok(summary.map(|summary| summary.metadata).map_err(FailureKind::from))
}

/// The canonical JSON of what `describe` says: keys sorted, no white space.
pub(crate) async fn describe(store: &mut Store<State>, pre: &Pre) -> Outcome<String> {
    let Ok(pre) = metadata::MetadataCallPre::new(pre.clone()) else {
        return wrong_kind("plugin");
    };
    let instance = pre.instantiate_async(&mut *store).await?;
    let info = instance.weir_plugin_metadata().call_describe(store).await?;
    Ok(canonical(info)
        .map(|info| info.to_string())
        .map_err(|error| FailureKind::Host { message: format!("cannot read its description: {error}") }))
}

fn canonical(info: metadata_wire::Info) -> serde_json::Result<Value> {
    let read = |text: &str| serde_json::from_str::<Value>(text);
    let mut kinds = Vec::new();
    for kind in info.kinds {
        kinds.push(json!({ "configSchema": read(&kind.config_schema)?, "kind": kind.kind, "name": kind.name }));
    }
    let mut capabilities = Vec::new();
    for one in info.capabilities {
        capabilities
            .push(json!({ "name": one.name, "optional": one.optional, "scope": read(&one.scope)?, "why": one.why }));
    }
    Ok(json!({
        "capabilities": capabilities,
        "description": info.description,
        "homepage": info.homepage,
        "kinds": kinds,
        "license": info.license,
        "limits": read(&info.limits)?,
        "name": info.name,
        "version": info.version,
    }))
}

fn wrong_kind<T>(wanted: &'static str) -> Outcome<T> {
    Ok(Err(FailureKind::WrongKind { wanted }))
}

fn source_request(request: SourceRequest) -> source_wire::Request {
    let previous = request.previous.map(|last| source_wire::Previous { revision: last.revision, state: last.state });
    source_wire::Request { object: object(request.object), config: request.config.to_string(), previous }
}

fn object(object: ObjectRef) -> types::ObjectRef {
    types::ObjectRef {
        api_version: object.api_version,
        kind: object.kind,
        namespace: object.namespace,
        name: object.name,
        uid: object.uid,
        generation: object.generation,
    }
}

impl From<types::PluginError> for FailureKind {
    fn from(error: types::PluginError) -> Self {
        let class = match error.class {
            types::ErrorClass::Transient => Class::Transient,
            types::ErrorClass::Terminal => Class::Terminal,
            types::ErrorClass::Unauthorized => Class::Unauthorized,
            types::ErrorClass::NotFound => Class::NotFound,
            types::ErrorClass::Unsupported => Class::Unsupported,
        };
        let retry_after = error.retry_after_ms.map(std::time::Duration::from_millis);
        Self::Guest { class, reason: error.reason, message: error.message, retry_after, details: error.details }
    }
}

/// What a guest is told. Limits and denials are recorded on the host's side before, where they win.
fn told(kind: FailureKind) -> types::PluginError {
    let (class, reason, message) = match kind {
        FailureKind::Guest { class, reason, message, .. } => (class, reason, message),
        FailureKind::Denied { .. } => (Class::Terminal, "PluginCapabilityDenied".to_owned(), kind.to_string()),
        FailureKind::OutputLimit { .. } => (Class::Terminal, "PluginResourceExhausted".to_owned(), kind.to_string()),
        other => (Class::Transient, "PluginError".to_owned(), other.to_string()),
    };
    let class = match class {
        Class::Transient => types::ErrorClass::Transient,
        Class::Terminal => types::ErrorClass::Terminal,
        Class::Unauthorized => types::ErrorClass::Unauthorized,
        Class::NotFound => types::ErrorClass::NotFound,
        Class::Unsupported => types::ErrorClass::Unsupported,
    };
    types::PluginError { class, reason, message, retry_after_ms: None, details: None }
}

type Answer<T> = wasmtime::Result<Result<T, types::PluginError>>;

impl types::Host for State {}

impl log::Host for State {
    fn log(&mut self, level: log::Level, message: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Trace => Level::Trace,
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        };
        self.log.line(level, &message, &fields);
        Ok(())
    }

    fn progress(&mut self, done: u64, total: Option<u64>, note: String) -> wasmtime::Result<()> {
        self.log.progress(done, total, &note);
        Ok(())
    }

    fn cancelled(&mut self) -> wasmtime::Result<bool> {
        Ok(self.cancellation.is_cancelled())
    }
}

impl State {
    fn input(&self) -> Result<&crate::capability::tree::InputTree, types::PluginError> {
        self.tree.as_ref().ok_or_else(|| {
            let message = "there is no input tree in this call".to_owned();
            let class = types::ErrorClass::Unsupported;
            types::PluginError {
                class,
                reason: "TreeReadFailed".to_owned(),
                message,
                retry_after_ms: None,
                details: None,
            }
        })
    }

    fn blobs(&self) -> Result<&blobs::BlobCache, types::PluginError> {
        self.check(Capability::Cache, "blobs").map_err(told)?;
        self.blobs.as_ref().ok_or_else(|| told(blobs::absent()))
    }

    /// What is found by key only spares work: where it is not granted, the guest goes on without.
    fn keys(&self) -> Option<&blobs::BlobCache> {
        self.grants.check(Capability::Cache, "keys").ok()?;
        self.blobs.as_ref()
    }
}

fn entry(entry: Entry) -> tree::Entry {
    let kind = match entry.kind {
        EntryKind::File => tree::EntryType::File,
        EntryKind::Directory => tree::EntryType::Directory,
        EntryKind::Symlink => tree::EntryType::Symlink,
    };
    tree::Entry { path: entry.path, kind, size: entry.size }
}

impl tree::Host for State {
    fn list_entries(&mut self, prefix: String, limit: u32, after: Option<String>) -> Answer<Vec<tree::Entry>> {
        let listed = self.input().and_then(|tree| tree.list(&prefix, limit, after.as_deref()).map_err(told));
        Ok(listed.map(|entries| entries.into_iter().map(entry).collect()))
    }

    fn list_directory(&mut self, path: String) -> Answer<Vec<tree::Entry>> {
        let listed = self.input().and_then(|tree| tree.children(&path).map_err(told));
        Ok(listed.map(|entries| entries.into_iter().map(entry).collect()))
    }

    fn read(&mut self, path: String) -> Answer<Vec<u8>> {
        Ok(self.input().and_then(|tree| tree.read(&path).map_err(told)))
    }

    fn read_many(&mut self, paths: Vec<String>) -> Answer<Vec<(String, Vec<u8>)>> {
        Ok(self.input().and_then(|tree| tree.read_many(paths).map_err(told)))
    }
}

impl documents::Host for State {
    fn emit(&mut self, docs: Vec<(String, documents::Origin)>) -> Answer<()> {
        for (document, origin) in docs {
            let origin = crate::DocumentOrigin { path: origin.path, index: origin.index };
            if let Err(kind) = self.sink.emit(document, origin) {
                self.faults.record(kind.clone());
                return Ok(Err(told(kind)));
            }
        }
        Ok(Ok(()))
    }

    fn diagnose(&mut self, d: types::Diagnostic) -> wasmtime::Result<()> {
        self.sink.diagnose(crate::Diagnostic {
            severity: match d.severity {
                types::Severity::Info => crate::Severity::Info,
                types::Severity::Warning => crate::Severity::Warning,
                types::Severity::Error => crate::Severity::Error,
            },
            code: d.code,
            message: d.message,
            path: d.path,
            line: d.line,
            column: d.column,
        });
        Ok(())
    }
}

impl inputs::Host for State {
    fn ask(&mut self, kind: String, name: String, body: Vec<u8>) -> Answer<Option<inputs::Answer>> {
        let told = self.check(Capability::Inputs, &name).and_then(|()| self.ask(Question { kind, name, body }));
        let ours = |(answer, directory): Told| inputs::Answer {
            revision: answer.revision,
            content: answer.content,
            directory,
        };
        Ok(told.map(|found| found.map(ours)).map_err(self::told))
    }
}

impl State {
    /// Limits end the call, as they do for documents. A directory is there from now on.
    fn ask(&mut self, question: Question) -> Result<Option<Told>, FailureKind> {
        let told = self.asked.ask(question).inspect_err(|kind| {
            if matches!(kind, FailureKind::OutputLimit { .. }) {
                self.faults.record(kind.clone());
            }
        })?;
        if let (Some((answer, Some(mount))), Some(tree)) = (&told, &mut self.tree)
            && let Some(directory) = &answer.directory
        {
            tree.mount(mount, directory)?;
            // What comes from another directory does not follow from the input.
            if let Some(blobs) = &mut self.blobs {
                blobs.close();
            }
        }
        Ok(told)
    }
}

impl secrets::Host for State {
    fn lookup(&mut self, binding: String) -> wasmtime::Result<Option<Resource<SecretHandle>>> {
        if self.check(Capability::SecretUse, &binding).is_err() {
            return Ok(None);
        }
        let secret = SecretHandle::lookup(&self.secrets, &binding);
        Ok(secret.map(|secret| self.table.push(secret)).transpose()?)
    }
}

impl secrets::HostSecret for State {
    fn keys(&mut self, this: Resource<SecretHandle>) -> wasmtime::Result<Vec<String>> {
        Ok(self.table.get(&this)?.keys())
    }

    fn reveal(&mut self, this: Resource<SecretHandle>, key: String) -> Answer<Vec<u8>> {
        Ok(secret::reveal(self, self.table.get(&this)?, &key).map_err(told))
    }

    fn hmac(
        &mut self,
        this: Resource<SecretHandle>,
        key: String,
        alg: secrets::HmacAlg,
        data: Vec<u8>,
    ) -> Answer<Vec<u8>> {
        let algorithm = match alg {
            secrets::HmacAlg::Sha1 => HmacAlgorithm::Sha1,
            secrets::HmacAlg::Sha256 => HmacAlgorithm::Sha256,
            secrets::HmacAlg::Sha512 => HmacAlgorithm::Sha512,
        };
        Ok(secret::hmac(self, self.table.get(&this)?, &key, algorithm, &data).map_err(told))
    }

    fn matches(&mut self, this: Resource<SecretHandle>, key: String, candidate: Vec<u8>) -> Answer<bool> {
        Ok(secret::matches(self, self.table.get(&this)?, &key, &candidate).map_err(told))
    }

    fn attach_http(&mut self, this: Resource<SecretHandle>, origin: String, scheme: String) -> Answer<()> {
        Ok(secret::attach_http(self, self.table.get(&this)?, &origin, &scheme).map_err(told))
    }

    fn drop(&mut self, this: Resource<SecretHandle>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl cache::Host for State {
    fn open(&mut self, digest: String) -> wasmtime::Result<Option<Resource<Blob>>> {
        let Ok(blobs) = self.blobs() else {
            return Ok(None);
        };
        Ok(blobs.open(&digest).map(|blob| self.table.push(blob)).transpose()?)
    }

    fn create(&mut self) -> Answer<Resource<BlobWriter>> {
        Ok(match self.blobs().and_then(|blobs| blobs.create().map_err(told)) {
            Ok(writer) => Ok(self.table.push(writer)?),
            Err(error) => Err(error),
        })
    }

    fn commit(&mut self, w: Resource<BlobWriter>) -> Answer<String> {
        let writer = self.table.delete(w)?;
        Ok(self.blobs().and_then(|blobs| blobs.commit(writer).map_err(told)))
    }

    fn find(&mut self, key: String) -> wasmtime::Result<Option<Resource<Blob>>> {
        let found = self.keys().and_then(|keys| keys.find(&key));
        Ok(found.map(|blob| self.table.push(blob)).transpose()?)
    }

    fn keep(&mut self, key: String, data: Vec<u8>) -> Answer<()> {
        Ok(self.keys().map_or(Ok(()), |keys| keys.keep(&key, &data).map_err(told)))
    }
}

impl cache::HostBlob for State {
    fn size(&mut self, this: Resource<Blob>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&this)?.size())
    }

    fn read(&mut self, this: Resource<Blob>, offset: u64, max: u32) -> Answer<Vec<u8>> {
        Ok(self.table.get_mut(&this)?.read(offset, max).map_err(told))
    }

    fn drop(&mut self, this: Resource<Blob>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl cache::HostWriter for State {
    fn write(&mut self, this: Resource<BlobWriter>, data: Vec<u8>) -> Answer<()> {
        Ok(self.table.get_mut(&this)?.write(&data).map_err(told))
    }

    fn drop(&mut self, this: Resource<BlobWriter>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl tunnel::Host for State {
    fn ssh_exec(
        &mut self,
        host: String,
        port: u16,
        _user: String,
        _command: String,
        _credential: Resource<SecretHandle>,
    ) -> Answer<Resource<Channel>> {
        Ok(Err(told(ssh_exec(self, &host, port))))
    }
}

impl tunnel::HostChannel for State {
    fn streams(
        &mut self,
        this: Resource<Channel>,
    ) -> wasmtime::Result<(Resource<wasmtime_wasi::p2::DynInputStream>, Resource<wasmtime_wasi::p2::DynOutputStream>)>
    {
        match *self.table.get(&this)? {}
    }

    fn peer_key(&mut self, this: Resource<Channel>) -> wasmtime::Result<String> {
        match *self.table.get(&this)? {}
    }

    fn exit_status(&mut self, this: Resource<Channel>) -> wasmtime::Result<Option<u32>> {
        match *self.table.get(&this)? {}
    }

    fn drop(&mut self, this: Resource<Channel>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
