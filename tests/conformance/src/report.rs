//! What becomes of many cases.

use std::collections::BTreeMap;
use std::fmt;

use crate::outcome::{Difference, Outcome, difference, reason};

/// So much of a message says what it is about; names follow.
const SHOWN_REASON: usize = 30;

/// A case with both outcomes.
#[derive(Debug, Clone)]
pub struct Compared {
    pub ours: Outcome,
    pub theirs: Outcome,
}

impl Compared {
    pub fn difference(&self) -> Option<Difference> {
        difference(&self.ours, &self.theirs)
    }

    /// Why each of them refused, without the names and numbers that shrinking changes.
    pub(crate) fn reasons(&self) -> [Option<String>; 2] {
        [&self.ours, &self.theirs].map(|outcome| match outcome {
            Outcome::Output(_) => None,
            Outcome::Refusal(message) | Outcome::Panic(message) => {
                Some(reason(message).chars().filter(|c| !c.is_ascii_digit()).take(SHOWN_REASON).collect())
            }
        })
    }
}

/// What a run over generated cases found.
#[derive(Debug)]
pub struct Report<F> {
    pub outputs: usize,
    pub refusals: usize,
    /// Why the original refused, and how often.
    pub reasons: BTreeMap<String, usize>,
    /// Cases that differ, made small.
    pub failures: Vec<F>,
    /// Cases that differ where the original leaves something to chance: which they are, and what it was.
    pub by_chance: Vec<String>,
}

impl<F> Default for Report<F> {
    fn default() -> Report<F> {
        Report { outputs: 0, refusals: 0, reasons: BTreeMap::new(), failures: Vec::new(), by_chance: Vec::new() }
    }
}

impl<F> Report<F> {
    /// Counts a case that does not differ.
    pub(crate) fn add(&mut self, theirs: &Outcome) {
        match theirs {
            Outcome::Output(_) => self.outputs += 1,
            Outcome::Refusal(message) | Outcome::Panic(message) => {
                self.refusals += 1;
                *self.reasons.entry(reason(message)).or_default() += 1;
            }
        }
    }
}

impl<F: fmt::Display> Report<F> {
    /// What differs, what was left to chance, the most frequent of the reasons to refuse, and how many cases there were of
    /// each kind.
    pub fn tell(&self, reasons: usize) -> String {
        let failures = self.failures.iter().map(|failure| format!("{failure}\n"));
        let mut counted: Vec<_> = self.reasons.iter().map(|(reason, count)| (count, reason)).collect();
        counted.sort_by(|a, b| b.cmp(a));
        let counted = counted.iter().take(reasons).map(|(count, reason)| format!("{count:6} refused: {reason}\n"));
        let by_chance = self.by_chance.iter().map(|case| format!("by chance: {case}\n"));
        let all: String = failures.chain(by_chance).chain(counted).collect();
        let (differ, by_chance) = (self.failures.len(), self.by_chance.len());
        let Report { outputs, refusals, .. } = self;
        format!("{all}{outputs} outputs and {refusals} refusals are equal, {differ} differ, {by_chance} by chance")
    }
}
