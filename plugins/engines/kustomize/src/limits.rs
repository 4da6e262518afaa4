//! What a build may cost.

/// How deep kustomizations may refer to each other.
pub const MAX_BASE_DEPTH: usize = 64;

/// Size of one file.
pub const MAX_FILE_BYTES: usize = 32 << 20;

/// Size of all files that a build reads, each counted as often as it is read.
pub const MAX_TOTAL_BYTES: usize = 512 << 20;
