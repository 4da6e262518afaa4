//! Generated templates over generated values, executed by us and by Go.

use anyhow::Result;
use weir_conformance::gotmpl::{Go, census, compare, compile_oracle};

/// Cases of one run.
const CASES: u64 = 5_000;
/// Mismatches that are shown.
const SHOWN: usize = 10;

#[test]
fn templates_are_executed_as_go_executes_them() -> Result<()> {
    let mut go = Go::start(&compile_oracle()?)?;
    let mismatches = compare(&mut go, 0..CASES)?;
    let shown: Vec<String> = mismatches.iter().take(SHOWN).map(ToString::to_string).collect();
    assert!(mismatches.is_empty(), "{} of {CASES} differ:\n{}", mismatches.len(), shown.join("\n"));
    Ok(())
}

#[test]
fn generated_templates_are_worth_comparing() -> Result<()> {
    let mut go = Go::start(&compile_oracle()?)?;
    let (executed, refused) = census(&mut go, 0..500)?;
    assert!(executed > 100 && refused > 100, "{executed} executed, {refused} refused");
    Ok(())
}
