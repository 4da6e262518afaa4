//! Compares generated charts: `helm_seeds 3|4 FIRST COUNT [STOP_AFTER]`. Prints what differs, made small. With a count of 0
//! it prints the case and what both make of it.

use anyhow::{Context, Result};
use weir_conformance::{generate, helm};
use weir_helm::Helm;

#[allow(clippy::print_stdout, reason = "it is a program")]
fn main() -> Result<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [version @ (3 | 4), first, count, rest @ ..] = &numbers[..] else {
        anyhow::bail!("usage: helm_seeds 3|4 FIRST COUNT [STOP_AFTER]")
    };
    let version = if *version == 3 { Helm::V3 } else { Helm::V4 };
    let stop_after = rest.first().map_or(Ok(usize::MAX), |count| usize::try_from(*count)).context("too large")?;
    if *count == 0 {
        let case = generate::chart(version, *first);
        let compared = helm::compare(&mut helm::Original::start(version)?, &case)?;
        println!("{case}----- ours\n{}\n----- theirs\n{}", compared.ours, compared.theirs);
        return Ok(());
    }
    let report = helm::run(version, *first..first + count, stop_after)?;
    println!("{}", report.tell(40));
    Ok(())
}
