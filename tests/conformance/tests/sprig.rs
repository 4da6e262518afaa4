//! Generated calls of Sprig's and Helm's functions, by us and by the originals.

use anyhow::Result;
use weir_conformance::gotmpl::Go;
use weir_conformance::sprig::{compare, compile_oracle};

/// Cases of one run.
const CASES: u64 = 6_000;
/// Mismatches that are shown.
const SHOWN: usize = 10;

#[test]
fn functions_give_what_the_originals_give() -> Result<()> {
    let mut go = Go::start(&compile_oracle()?)?;
    let mismatches = compare(&mut go, 0..CASES, None)?;
    let shown: Vec<String> = mismatches.iter().take(SHOWN).map(ToString::to_string).collect();
    assert!(mismatches.is_empty(), "{} of {CASES} differ:\n{}", mismatches.len(), shown.join("\n"));
    Ok(())
}
