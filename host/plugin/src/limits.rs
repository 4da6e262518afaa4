//! Every number that bounds a plugin.

use std::time::Duration;

/// One mebibyte.
const MIB: usize = 1 << 20;

/// Linear memory of a source.
pub const SOURCE_MEMORY_BYTES: usize = 256 * MIB;
/// Linear memory of a renderer.
pub const RENDERER_MEMORY_BYTES: usize = 512 * MIB;
/// Wall-clock time of a source call (Flux: `spec.timeout` of a GitRepository is 60 s).
pub const SOURCE_WALL: Duration = Duration::from_secs(60);
/// Wall-clock time of a renderer call.
pub const RENDERER_WALL: Duration = Duration::from_secs(300);
/// Share of the wall-clock time that may be processor time, unless set.
pub const CPU_SHARE_OF_WALL: u32 = 4;
/// Processor time that every call may have, unless set.
pub const MIN_CPU: Duration = Duration::from_secs(1);
/// How often the epoch advances.
pub const EPOCH_TICK: Duration = Duration::from_millis(10);
/// Elements of all tables.
pub const TABLE_ELEMENTS: usize = 100_000;
/// Core instances, memories and tables of one component.
pub const CORE_INSTANCES: usize = 64;
/// Memories of one component.
pub const MEMORIES: usize = 8;
/// Handles that a guest may hold at once.
pub const HANDLES: usize = 10_000;
/// Stack of WebAssembly frames.
pub const WASM_STACK_BYTES: usize = 2 * MIB;
/// Stack of the fiber, which host functions use as well.
pub const FIBER_STACK_BYTES: usize = 4 * MIB;
/// Bytes below `/out`.
pub const OUTPUT_BYTES: u64 = 512 * MIB as u64;
/// Files and directories below `/out` or `/tmp`.
pub const OUTPUT_FILES: u64 = 100_000;
/// Nesting below `/out` or `/tmp`.
pub const OUTPUT_DEPTH: u64 = 64;
/// Bytes below `/tmp` of a source: room for git packs.
pub const SCRATCH_BYTES: u64 = 2048 * MIB as u64;
/// How often the directories of a running call are measured.
pub const QUOTA_INTERVAL: Duration = Duration::from_millis(100);
/// Documents of one render.
pub const DOCUMENTS: u64 = 100_000;
/// Bytes of all documents of one render.
pub const DOCUMENT_BYTES: u64 = 256 * MIB as u64;
/// Bytes of one document: what the API server takes.
pub const DOCUMENT_EACH_BYTES: u64 = 3 * MIB as u64;
/// Diagnostics of one render.
pub const DIAGNOSTICS: usize = 1_000;
/// Questions of one render for what is outside of its tree.
pub const QUESTIONS: usize = 1_000;
/// Bytes of all questions of one render.
pub const QUESTION_BYTES: usize = 64 * MIB;
/// Bytes that one call of a host function moves.
pub const PAYLOAD_BYTES: usize = 16 * MIB;
/// Entries that one listing returns.
pub const LIST_ENTRIES: u32 = 100_000;
/// Bytes of one log line.
pub const LOG_LINE_BYTES: usize = 8 << 10;
/// Log lines of one call.
pub const LOG_LINES: u32 = 1_000;
/// Bytes kept of what a guest writes to standard error.
pub const STDERR_BYTES: usize = 16 << 10;
/// Bytes of a failure's message, unless set: what fits into a condition.
pub const MESSAGE_BYTES: usize = 2 << 10;
/// Requests of one call.
pub const HTTP_REQUESTS: u32 = 1_000;
/// Requests of one call at a time.
pub const HTTP_CONCURRENT: usize = 20;
/// Bytes of all response bodies of one call.
pub const HTTP_RESPONSE_BYTES: u64 = 2048 * MIB as u64;
/// Redirects that the host follows for a request of its own.
pub const HTTP_REDIRECTS: usize = 10;
/// Bytes of the headers of a response.
pub const HTTP_HEADER_BYTES: usize = 64 << 10;
/// Until a connection stands, name lookup and TLS included.
pub const HTTP_CONNECT: Duration = Duration::from_secs(15);
/// Between two parts of a response.
pub const HTTP_IDLE: Duration = Duration::from_secs(60);
/// Bytes of the state that `resolve` returns.
pub const MAX_STATE_BYTES: usize = 64 << 10;
/// Bytes of a revision.
pub const MAX_REVISION_BYTES: usize = 1 << 10;
/// Bytes in the blob cache of one plugin and tenant.
pub const BLOB_CACHE_BYTES: u64 = 256 * MIB as u64;
/// Compiled components kept on disk.
pub const COMPILED_FILES: usize = 256;

/// What bounds one call. Made by [`Limits::source`] or [`Limits::renderer`], then changed where needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory in bytes.
    pub memory_bytes: usize,
    /// Wall-clock time.
    pub wall: Duration,
    /// Processor time; by default a share of the wall-clock time.
    pub cpu: Option<Duration>,
    /// Bytes below `/out`.
    pub output_bytes: u64,
    /// Files below `/out`, and again below `/tmp`.
    pub output_files: u64,
    /// Bytes below `/tmp`.
    pub scratch_bytes: u64,
    /// Documents of one render.
    pub documents: u64,
    /// Bytes of all documents of one render.
    pub document_bytes: u64,
    /// Bytes of all response bodies.
    pub http_response_bytes: u64,
    /// Log lines.
    pub log_lines: u32,
    /// Bytes of a failure's message; the rest is cut off.
    pub message_bytes: usize,
}

impl Limits {
    /// What a source gets unless told otherwise.
    pub fn source() -> Self {
        Self {
            memory_bytes: SOURCE_MEMORY_BYTES,
            wall: SOURCE_WALL,
            cpu: None,
            output_bytes: OUTPUT_BYTES,
            output_files: OUTPUT_FILES,
            scratch_bytes: SCRATCH_BYTES,
            documents: DOCUMENTS,
            document_bytes: DOCUMENT_BYTES,
            http_response_bytes: HTTP_RESPONSE_BYTES,
            log_lines: LOG_LINES,
            message_bytes: MESSAGE_BYTES,
        }
    }

    /// What a renderer gets unless told otherwise.
    pub fn renderer() -> Self {
        Self { memory_bytes: RENDERER_MEMORY_BYTES, wall: RENDERER_WALL, scratch_bytes: 0, ..Self::source() }
    }

    /// With another wall-clock time (`spec.timeout`).
    pub fn with_wall(mut self, wall: Duration) -> Self {
        self.wall = wall;
        self
    }

    /// Processor time of the call.
    pub fn cpu_budget(&self) -> Duration {
        self.cpu.unwrap_or_else(|| (self.wall / CPU_SHARE_OF_WALL).max(MIN_CPU))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_follows_the_wall_clock() {
        assert_eq!(Limits::source().cpu_budget(), Duration::from_secs(15));
        assert_eq!(Limits::source().with_wall(Duration::from_secs(2)).cpu_budget(), MIN_CPU);
        let set = Limits { cpu: Some(Duration::from_millis(50)), ..Limits::source() };
        assert_eq!(set.cpu_budget(), Duration::from_millis(50));
    }
}
