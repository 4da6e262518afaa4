//! New cases from a seed: the same seed gives the same case.

mod charts;
mod dice;
mod expressions;
mod fields;
mod generators;
mod layout;
mod overrides;
mod patches;
mod plugins;
mod replacements;
mod repository;
mod resources;
mod scalars;
mod values;
mod wide;
mod yaml;

use crate::Case;
pub use charts::chart;
use dice::Dice;
pub use overrides::overrides;

/// A kustomization with all its files.
pub fn kustomization(seed: u64) -> Case {
    layout::Layout::new(Dice::new(seed)).generate()
}

/// As [`kustomization`], with more of what few people use: odd paths, components in components, lists of other kinds, vars in
/// what is added everywhere.
pub fn wide(seed: u64) -> Case {
    layout::Layout::wide(Dice::new(seed)).generate()
}

/// A repository as people have them: less odd, with more layers and more that refers to each other.
pub fn repository(seed: u64) -> Case {
    repository::repository(Dice::new(seed))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_seed_decides() {
        assert_eq!(super::kustomization(7), super::kustomization(7));
        assert_ne!(super::kustomization(7), super::kustomization(8));
        assert_eq!(super::wide(7), super::wide(7));
        assert_ne!(super::wide(7), super::wide(8));
        assert_eq!(super::repository(7), super::repository(7));
        assert_ne!(super::repository(7), super::repository(8));
    }
}
