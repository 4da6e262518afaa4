//! Compares many calls: `sprig_seeds FROM COUNT [FUNCTION]`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use weir_conformance::gotmpl::Go;
use weir_conformance::sprig::{compare, compile_oracle, functions};

#[allow(clippy::print_stdout, reason = "the report of a program for people")]
fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let from: u64 = arguments.first().context("FROM is missing")?.parse()?;
    let count: u64 = arguments.get(1).context("COUNT is missing")?.parse()?;
    let mut go = Go::start(&compile_oracle()?)?;
    let wanted: Vec<&str> = match arguments.get(2) {
        Some(name) => vec![name.as_str()],
        None => functions(),
    };
    let mut failed = BTreeMap::new();
    for name in &wanted {
        let mismatches = compare(&mut go, from..from + count, Some(name))?;
        if let Some(first) = mismatches.first() {
            println!("{name}: {} of {count} differ\n{first}", mismatches.len());
            for more in mismatches.iter().skip(1).take(3) {
                println!("{more}");
            }
            failed.insert(*name, mismatches.len());
        }
    }
    println!("{} of {} functions differ: {failed:?}", failed.len(), wanted.len());
    Ok(())
}
