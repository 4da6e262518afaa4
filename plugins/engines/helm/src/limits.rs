//! What a chart may cost, whoever wrote it. The first two are Helm's own.

/// All files of one archive together, unpacked.
pub const MAX_CHART_BYTES: u64 = 100 * 1024 * 1024;

/// One file of a chart, unpacked.
pub const MAX_FILE_BYTES: u64 = 5 * 1024 * 1024;

/// All archives of a chart together, the nested ones included, unpacked.
pub const MAX_TOTAL_BYTES: u64 = 256 * 1024 * 1024;

/// Files in one chart, those of its sub-charts included.
pub const MAX_FILES: usize = 50_000;

/// Charts within charts, as folders or as archives.
pub const MAX_CHART_DEPTH: usize = 32;

/// The path of a file in a chart, in bytes.
pub const MAX_PATH_BYTES: usize = 4096;

/// How often a template may include itself, through whatever others. Helm allows a thousand; a quarter of that leaves room for
/// everything between two of them on the stack of a component, so that it is Helm's message that is seen.
pub const MAX_INCLUDES: usize = 250;

/// Charts after conditions and aliases were applied.
pub const MAX_CHARTS: usize = 10_000;
