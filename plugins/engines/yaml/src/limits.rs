//! What a document may cost, whoever wrote it.

/// Nesting of collections. Deeper documents are refused, because every later step recurses.
pub const MAX_DEPTH: usize = 200;

/// Documents in one stream.
pub const MAX_DOCUMENTS: usize = 100_000;

/// Nodes that aliases may add to one document: the bound against "billion laughs" (go-yaml starts to refuse at the
/// same number).
pub const MAX_ALIAS_NODES: usize = 400_000;
