//! `cargo run --example gotmpl_seeds -- FIRST COUNT`: compares more generated templates than a test has time for.

use std::io::{Write, stdout};

use anyhow::{Context, Result};
use weir_conformance::gotmpl::{Go, census, compare, compile_oracle};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mut number = |what| args.next().with_context(|| format!("no {what}"))?.parse::<u64>().context("no number");
    let (first, count) = (number("first seed")?, number("count")?);
    let mut go = Go::start(&compile_oracle()?)?;
    let mismatches = compare(&mut go, first..first + count)?;
    let mut out = stdout();
    for mismatch in &mismatches {
        writeln!(out, "{mismatch}")?;
    }
    let (executed, refused) = census(&mut go, first..first + count)?;
    writeln!(out, "{executed} executed, {refused} refused, {} differ", mismatches.len())?;
    Ok(())
}
