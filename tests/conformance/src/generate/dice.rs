use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The choices of one case.
pub(super) struct Dice(StdRng);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(StdRng::seed_from_u64(seed))
    }

    /// One in `n`.
    pub(super) fn rare(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn coin(&mut self) -> bool {
        self.rare(2)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n)
    }

    /// From `least` to `most`, both included.
    pub(super) fn between(&mut self, least: usize, most: usize) -> usize {
        self.0.random_range(least..=most)
    }

    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// Mostly from the first list; one in `n` from the second.
    pub(super) fn mostly<'a>(&mut self, usual: &[&'a str], n: usize, unusual: &[&'a str]) -> &'a str {
        if self.rare(n) { self.pick(unusual) } else { self.pick(usual) }
    }

    pub(super) fn word(&mut self, from: &[&str]) -> String {
        self.pick(from).to_owned()
    }
}
