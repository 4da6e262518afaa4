//! Compares generated kustomizations, or repositories: `kustomize_seeds [wide|repositories] FIRST COUNT [STOP_AFTER]`. Prints
//! what differs, made small. With a count of 0 it prints the case.

use anyhow::{Context, Result};
use weir_conformance::{generate, kustomize};

#[allow(clippy::print_stdout, reason = "it is a program")]
fn main() -> Result<()> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let (generate, named): (kustomize::Generate, bool) = match words.first().map(String::as_str) {
        Some("repositories") => (generate::repository, true),
        Some("wide") => (generate::wide, true),
        _ => (generate::kustomization, false),
    };
    words.drain(..usize::from(named));
    let numbers: Vec<u64> = words.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [first, count, rest @ ..] = &numbers[..] else {
        anyhow::bail!("usage: kustomize_seeds [wide|repositories] FIRST COUNT [STOP_AFTER]")
    };
    let stop_after = rest.first().map_or(Ok(usize::MAX), |count| usize::try_from(*count)).context("too large")?;
    if *count == 0 {
        let case = generate(*first);
        println!("{case}----- ours\n{}", kustomize::ours(&case));
        return Ok(());
    }
    let report = kustomize::run(generate, *first..first + count, stop_after)?;
    println!("{}", report.tell(25));
    Ok(())
}
