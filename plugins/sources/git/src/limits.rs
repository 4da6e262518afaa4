//! What a repository may cost.

/// The longest pack that is received, in bytes.
pub const MAX_PACK_BYTES: u64 = 1 << 30;

/// The most objects in a pack.
pub const MAX_OBJECTS: u32 = 2_000_000;

/// The longest object, in bytes.
pub const MAX_OBJECT_BYTES: u64 = 256 << 20;

/// The longest tree, commit or ignore file, in bytes: these are held in memory.
pub const MAX_METADATA_BYTES: u64 = 16 << 20;

/// From this size on, in bytes, an object that others are made from is kept in a scratch file instead of memory.
pub const SPILL_BYTES: u64 = 8 << 20;

/// How much of the objects that others are made from stays in memory, in bytes.
pub const CACHE_BYTES: u64 = 32 << 20;

/// The most entries in the whole tree, ignored ones included.
pub const MAX_TREE_ENTRIES: usize = 500_000;

/// The most files in an artifact.
pub const MAX_FILES: usize = 100_000;

/// The longest artifact, in bytes.
pub const MAX_TREE_BYTES: u64 = 512 << 20;

/// The deepest directory.
pub const MAX_DEPTH: usize = 64;
