//! One call: fresh store, limits around it, and every end of it turned into a result.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use wasmtime::component::{InstancePre, ResourceTable};
use wasmtime::{Store, Trap, UpdateDeadline, WasmBacktrace};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;

use crate::capability::cache::{BlobCache, Scope};
use crate::capability::clock::{self, Used};
use crate::capability::documents::Sink;
use crate::capability::http::Outgoing;
use crate::capability::inputs::Asked;
use crate::capability::log::CallLog;
use crate::capability::quota;
use crate::capability::tree::InputTree;
use crate::failure::{FailureKind, PluginFailure};
use crate::grant::Effective;
use crate::inputs::{Input, Question};
use crate::limits::{EPOCH_TICK, HANDLES, HTTP_HEADER_BYTES, STDERR_BYTES};
use crate::plugin::{Loaded, Plugin};
use crate::state::{Faults, MemoryLimit, State};
use crate::{CallContext, Capability, Limits};

/// What a guest function returns: its result, its own failure, or a trap.
pub(crate) type Outcome<T> = wasmtime::Result<Result<T, FailureKind>>;

/// What a call sees of the file system.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directories {
    input: Option<PathBuf>,
    /// What the input is, if that is known.
    identity: Option<String>,
    output: Option<PathBuf>,
    scratch: bool,
}

impl Directories {
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn scratch(cx: &CallContext) -> Self {
        Self { scratch: cx.limits.scratch_bytes > 0, ..Self::default() }
    }

    pub(crate) fn with_input(self, path: &Path, identity: Option<String>) -> Self {
        Self { input: Some(path.to_owned()), identity, ..self }
    }

    pub(crate) fn with_output(self, path: &Path) -> Self {
        Self { output: Some(path.to_owned()), ..self }
    }
}

/// What a call left behind besides its result.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) sink: Sink,
    pub(crate) inputs: Vec<Input>,
    /// The guest took neither time nor randomness that others would not get as well.
    pub(crate) hermetic: bool,
}

/// Runs `work` in a fresh instance. Waits for its turn first, so that a waiting call holds nothing.
pub(crate) async fn run<T, F>(
    plugin: &Plugin,
    cx: &CallContext,
    directories: Directories,
    work: F,
) -> Result<(T, Made), PluginFailure>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Store<State>, &'a InstancePre<State>) -> BoxFuture<'a, Outcome<T>> + Send + 'static,
{
    let loaded = plugin.0.clone();
    let fail = |kind| PluginFailure { plugin: loaded.name.clone(), kind };
    let turn = tokio::select! {
        turn = loaded.host.turns.take(&cx.tenant) => turn,
        () = cx.cancellation.cancelled() => return Err(fail(FailureKind::Cancelled)),
    };
    // Dropping the caller's future ends the call too.
    let cancellation = cx.cancellation.child_token();
    let _guard = cancellation.clone().drop_guard();
    let call = Call { loaded: loaded.clone(), cx: cx.clone(), directories, cancellation };
    let call = async move {
        let _turn = turn;
        call.run(work).await
    };
    loaded.host.places.run(call).await.unwrap_or_else(|error| Err(host(&error))).map_err(fail)
}

fn host(error: &dyn std::fmt::Display) -> FailureKind {
    FailureKind::Host { message: error.to_string() }
}

struct Call {
    loaded: Arc<Loaded>,
    cx: CallContext,
    directories: Directories,
    cancellation: CancellationToken,
}

impl Call {
    async fn run<T, F>(self, work: F) -> Result<(T, Made), FailureKind>
    where
        F: for<'a> FnOnce(&'a mut Store<State>, &'a InstancePre<State>) -> BoxFuture<'a, Outcome<T>>,
    {
        let scratch = self.directories.scratch.then(TempDir::new).transpose().map_err(|error| host(&error))?;
        let stderr = MemoryOutputPipe::new(STDERR_BYTES);
        let faults = Faults::default();
        let state = self.state(scratch.as_ref().map(TempDir::path), stderr.clone(), faults.clone())?;
        let mut store = self.store(state, faults.clone());
        let quotas = self.quotas(scratch.as_ref().map(TempDir::path));
        let limits = &self.cx.limits;
        let outcome = tokio::select! {
            biased;
            () = self.cancellation.cancelled() => Err(FailureKind::Cancelled),
            () = tokio::time::sleep(limits.wall) => Err(FailureKind::Timeout { limit: limits.wall }),
            kind = quota::watch(&quotas) => Err(kind),
            outcome = work(&mut store, &self.loaded.pre) => self.outcome(outcome, &mut store, &stderr),
        };
        let state = store.into_data();
        let (open, inputs) = state.asked.into_parts();
        let value = settle(waiting(outcome, open), faults.take())?;
        quota::check(&quotas)?;
        Ok((value, Made { hermetic: !state.used.get(), sink: state.sink, inputs }))
    }

    fn outcome<T>(
        &self,
        outcome: Outcome<T>,
        store: &mut Store<State>,
        stderr: &MemoryOutputPipe,
    ) -> Result<T, FailureKind> {
        match outcome {
            Ok(result) => result.map_err(|kind| self.presentable(kind)),
            // Allocators of guests abort when memory cannot grow.
            Err(_) if store.data().memory.refused => Err(FailureKind::Memory { limit: self.cx.limits.memory_bytes }),
            Err(error) => Err(trap(&error, &stderr.contents(), self.cx.limits.message_bytes)),
        }
    }

    /// Takes secrets out of a guest's message and cuts it to size.
    fn presentable(&self, kind: FailureKind) -> FailureKind {
        let FailureKind::Guest { class, reason, message, retry_after, details } = kind else {
            return kind;
        };
        let message = shorten(&self.redact(message), self.cx.limits.message_bytes);
        FailureKind::Guest { class, reason, message, retry_after, details: details.map(|text| self.redact(text)) }
    }

    fn redact(&self, mut text: String) -> String {
        let secrets = self.cx.secrets.values().flat_map(crate::SecretData::values);
        for value in secrets.filter(|value| value.len() >= MIN_REDACTED) {
            if let Ok(value) = std::str::from_utf8(value) {
                text = text.replace(value.trim_end(), "***");
            }
        }
        text
    }

    fn state(&self, scratch: Option<&Path>, stderr: MemoryOutputPipe, faults: Faults) -> Result<State, FailureKind> {
        let (cx, loaded) = (&self.cx, &self.loaded);
        let (pure, used) = (self.directories.input.is_some() || loaded.info.is_null(), Used::default());
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES);
        let mut http_ctx = WasiHttpCtx::new();
        http_ctx.set_field_size_limit(HTTP_HEADER_BYTES);
        let grants = Effective::new(&loaded.info, &cx.grants);
        let tree = self.directories.input.as_deref().map(InputTree::open).transpose();
        Ok(State {
            table,
            wasi: self
                .wasi(scratch, stderr, pure.then_some(&used), &grants)
                .map_err(|error| host(&format!("{error:#}")))?,
            used,
            http_ctx,
            outgoing: Outgoing::new(cx, grants.clone(), faults.clone()),
            memory: MemoryLimit::new(&cx.limits),
            log: CallLog::new(&loaded.name, &cx.tenant, cx.limits.log_lines),
            tree: tree.map_err(|error| host(&error))?,
            sink: Sink::new(&cx.limits),
            asked: Asked::default(),
            secrets: cx.secrets.iter().map(|(name, data)| (name.clone(), Arc::new(data.clone()))).collect(),
            blobs: self.blobs(),
            grants,
            faults,
            cancellation: self.cancellation.clone(),
        })
    }

    fn blobs(&self) -> Option<BlobCache> {
        let blobs = BlobCache::new(self.loaded.host.blobs.as_ref()?, &self.cx.tenant, &self.loaded.name);
        let component = self.loaded.digest.clone();
        Some(blobs.with_scope(match (&self.directories.input, &self.directories.identity) {
            (None, _) => Scope::Component(component),
            (Some(_), Some(identity)) => Scope::Input { component, identity: identity.clone() },
            (Some(_), None) => Scope::Nobody,
        }))
    }

    fn wasi(
        &self,
        scratch: Option<&Path>,
        stderr: MemoryOutputPipe,
        pure: Option<&Used>,
        grants: &Effective,
    ) -> wasmtime::Result<wasmtime_wasi::WasiCtx> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.allow_blocking_current_thread(true).stderr(stderr).allow_tcp(false).allow_udp(false);
        wasi.allow_ip_name_lookup(grants.check(Capability::Dns, "names").is_ok());
        match pure {
            Some(_) if self.cx.hermetic => clock::freeze(&mut wasi),
            Some(used) => clock::watch(&mut wasi, used),
            None => {}
        }
        if let Some(input) = &self.directories.input {
            wasi.preopened_dir(input, "/in", FsPerms::ReadOnly)?;
        }
        if let Some(output) = &self.directories.output {
            wasi.preopened_dir(output, "/out", FsPerms::ReadWrite)?;
        }
        if let Some(scratch) = scratch {
            wasi.preopened_dir(scratch, "/tmp", FsPerms::ReadWrite)?;
        }
        Ok(wasi.build())
    }

    fn store(&self, state: State, faults: Faults) -> Store<State> {
        let mut store = Store::new(&self.loaded.host.engine, state);
        store.limiter(|state| &mut state.memory);
        let budget = self.cx.limits.cpu_budget();
        let mut left = ticks(budget);
        // Yielding at every tick lets the timeout and the cancellation get through.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            left = left.saturating_sub(1);
            if left == 0 {
                faults.record(FailureKind::Cpu { limit: budget });
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::Yield(1))
        });
        store
    }

    fn quotas(&self, scratch: Option<&Path>) -> Vec<quota::Quota> {
        let Limits { output_bytes, output_files, scratch_bytes, .. } = self.cx.limits;
        let output = self.directories.output.as_deref();
        let output = output.map(|path| quota::Quota::output(path, output_bytes, output_files));
        output.into_iter().chain(scratch.map(|path| quota::Quota::scratch(path, scratch_bytes, output_files))).collect()
    }
}

/// As long as questions are open, what the guest made of it does not count. A crash and a limit do.
fn waiting<T>(outcome: Result<T, FailureKind>, open: Vec<Question>) -> Result<T, FailureKind> {
    match outcome {
        Ok(_) | Err(FailureKind::Guest { .. }) if !open.is_empty() => Err(FailureKind::Waiting { questions: open }),
        outcome => outcome,
    }
}

/// The host saw what happened, the guest only felt it: what the host recorded wins. A denial that the guest could do
/// without is none.
fn settle<T>(outcome: Result<T, FailureKind>, fault: Option<FailureKind>) -> Result<T, FailureKind> {
    match (outcome, fault) {
        (Ok(value), None | Some(FailureKind::Denied { .. })) => Ok(value),
        (_, Some(fault)) => Err(fault),
        (Err(kind), None) => Err(kind),
    }
}

/// Shorter secrets would take words out of messages.
const MIN_REDACTED: usize = 6;

fn ticks(budget: Duration) -> u64 {
    budget.as_millis().div_ceil(EPOCH_TICK.as_millis()).try_into().unwrap_or(u64::MAX).max(1)
}

fn shorten(message: &str, limit: usize) -> String {
    let message = message.trim_end();
    if message.len() <= limit {
        return message.to_owned();
    }
    let cut = message.floor_char_boundary(limit);
    format!("{}...", &message[..cut])
}

/// What a crash looks like: the panic's text if there is one, else the trap's name, and the first guest frame.
fn trap(error: &wasmtime::Error, stderr: &[u8], limit: usize) -> FailureKind {
    let frame = error.downcast_ref::<WasmBacktrace>().and_then(first_frame);
    tracing::debug!(error = format!("{error:?}"), stderr = %String::from_utf8_lossy(stderr), "plugin crashed");
    let panic = panic_text(&String::from_utf8_lossy(stderr));
    let cause = panic.unwrap_or_else(|| {
        error.downcast_ref::<Trap>().map_or_else(|| error.root_cause().to_string(), Trap::to_string)
    });
    let message = frame.map_or_else(|| cause.clone(), |frame| format!("{cause} (in `{frame}`)"));
    FailureKind::Trap { message: shorten(&message, limit) }
}

/// Rust prints `thread 'main' panicked at <place>:`, then the text.
fn panic_text(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().skip_while(|line| !line.contains("panicked at"));
    let place = lines.next()?.split_once("panicked at ")?.1.trim_end_matches(':');
    Some(format!("panicked at {place}: {}", lines.next()?.trim()))
}

/// The first frame that is not the machinery of panics and allocation.
fn first_frame(backtrace: &WasmBacktrace) -> Option<String> {
    let names = backtrace.frames().iter().filter_map(|frame| frame.func_name().map(demangle));
    let machinery = ["std::", "core::", "alloc::", "__rust", "rust_", "abort", "<alloc::", "<core::", "dlmalloc"];
    let mut names = names.filter(|name| !machinery.iter().any(|prefix| name.starts_with(prefix)));
    names.next()
}

/// Without the hash that Rust adds.
fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_counted_in_ticks() {
        assert_eq!(ticks(Duration::ZERO), 1);
        assert_eq!(ticks(Duration::from_millis(11)), 2);
        assert_eq!(ticks(Duration::from_secs(1)), 100);
    }

    #[test]
    fn the_host_knows_better() {
        let denied = || FailureKind::Denied { capability: "cache".into(), target: "x".into(), hint: "y".into() };
        let limit = || FailureKind::OutputLimit { what: "documents", limit: 1 };
        assert_eq!(settle(Ok(1), None), Ok(1));
        assert_eq!(settle(Ok(1), Some(denied())), Ok(1));
        assert_eq!(settle(Ok(1), Some(limit())), Err(limit()));
        assert_eq!(settle::<()>(Err(FailureKind::Cancelled), Some(denied())), Err(denied()));
        assert_eq!(settle::<()>(Err(FailureKind::Cancelled), None), Err(FailureKind::Cancelled));
    }

    #[test]
    fn open_questions_come_before_results() {
        let question = || Question { kind: "git".into(), name: "x".into(), body: vec![] };
        let open = || Err(FailureKind::Waiting { questions: vec![question()] });
        let timeout = || FailureKind::Timeout { limit: Duration::ZERO };
        assert_eq!(waiting(Ok(1), vec![question()]), open());
        assert_eq!(waiting(Ok(1), vec![]), Ok(1));
        assert_eq!(waiting::<u8>(Err(timeout()), vec![question()]), Err(timeout()));
    }

    #[test]
    fn panics_are_quoted() {
        let stderr = "noise\n\nthread 'main' (1) panicked at src/lib.rs:3:5:\nboom\nnote: run with";
        assert_eq!(panic_text(stderr).as_deref(), Some("panicked at src/lib.rs:3:5: boom"));
        assert_eq!(panic_text("nothing"), None);
    }

    #[test]
    fn long_messages_are_cut_at_a_character() {
        assert_eq!(shorten("ää", 3), "ä...");
        assert_eq!(shorten("short\n", 5), "short");
    }
}
