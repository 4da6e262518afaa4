//! What a template may cost.

use std::cell::Cell;

use crate::function::FuncError;

/// Templates that execute each other, by `template` actions or by functions as `include`, deeper than this fail. Helm
/// refuses an `include` that is nested a thousand times; it says so before this does.
pub const MAX_DEPTH: usize = 1_000;
/// Frames of the stack that control structures, pipelines and calls inside each other may take, those of all templates
/// together: one for each, and more for calls. Each takes no more than 416 bytes of a component's stack, which has 2 MiB for
/// them and for what functions do.
pub const MAX_FRAMES: usize = 4_000;
/// Nodes executed and iterations of loops of one rendering.
pub const MAX_STEPS: u64 = 100_000_000;
/// Bytes that one rendering may produce, including those that functions return and templates throw away: 256 MiB.
pub const MAX_BYTES: u64 = 256 << 20;
/// One value is printed, or becomes JSON, up to so many bytes or parts: 64 Mi. A list that holds a list ten times, which
/// holds a list ten times, and so on, is small until it is printed.
pub const MAX_PRINTED: usize = 64 << 20;
/// Control structures nested in each other deeper than this are no template.
pub const MAX_NESTING: usize = 500;
/// Values are printed down to this depth; Go would overflow its stack.
pub const MAX_PRINT_DEPTH: usize = 500;
/// Texts that [`Context::execute_text`](crate::Context::execute_text) keeps parsed, by their size in bytes: 8 MiB.
pub const MAX_CACHED_BYTES: usize = 8 << 20;

/// What one rendering may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub depth: usize,
    pub frames: usize,
    pub steps: u64,
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: MAX_DEPTH, frames: MAX_FRAMES, steps: MAX_STEPS, bytes: MAX_BYTES }
    }
}

/// What is used of the limits.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) limits: Limits,
    steps: Cell<u64>,
    bytes: Cell<u64>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, steps: Cell::new(limits.steps), bytes: Cell::new(limits.bytes) }
    }

    pub(crate) fn step(&self) -> Result<(), FuncError> {
        let left = self.steps.get();
        if left == 0 {
            return Err(FuncError::limit(format!("more than {} steps", self.limits.steps)));
        }
        self.steps.set(left - 1);
        Ok(())
    }

    pub(crate) fn charge(&self, bytes: usize) -> Result<(), FuncError> {
        match self.bytes.get().checked_sub(bytes as u64) {
            Some(left) => self.bytes.set(left),
            None => return Err(FuncError::limit(format!("more than {} bytes produced", self.limits.bytes))),
        }
        Ok(())
    }

    pub(crate) fn bytes_left(&self) -> u64 {
        self.bytes.get()
    }
}
