//! The engine beside Helm, over generated charts, values and flags.
//!
//! `WEIR_CONFORMANCE_SEED` and `WEIR_CONFORMANCE_COUNT` choose other cases, and more.

use anyhow::Result;
use weir_conformance::{Report, has_oracle, helm};
use weir_helm::Helm;

const SEED: u64 = 1;
const COUNT: u64 = 4_000;
/// Shrinking takes time, and the first few say enough.
const SHOWN_FAILURES: usize = 5;
/// Of generated cases at least this share renders: refusals hide what comes after them.
const MIN_OUTPUTS: f64 = 0.4;
/// At most this share of cases may differ by chance: those are compared in part, or not at all.
const MAX_BY_CHANCE: f64 = 0.2;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

fn generated_charts(helm: Helm) -> Result<()> {
    if !has_oracle(helm::compile_oracle(helm)) {
        return Ok(());
    }
    let (seed, count) = (number("WEIR_CONFORMANCE_SEED", SEED), number("WEIR_CONFORMANCE_COUNT", COUNT));
    let report = helm::run(helm, seed..seed + count, SHOWN_FAILURES)?;
    show(&report);
    assert!(report.failures.is_empty(), "{} cases differ:\n{}", report.failures.len(), report.failures.join("\n"));
    let compared = report.outputs + report.refusals + report.by_chance.len();
    assert_eq!(compared as u64, count);
    assert!(
        report.outputs as f64 >= MIN_OUTPUTS * compared as f64,
        "only {} of {compared} render: {:?}",
        report.outputs,
        report.reasons
    );
    assert_few_by_chance(&report);
    Ok(())
}

/// With `--nocapture`: what was compared, and which cases were left to chance.
#[allow(clippy::print_stdout, reason = "the output of a test")]
fn show(report: &Report<String>) {
    println!("{}", report.tell(0));
}

fn assert_few_by_chance(report: &Report<String>) {
    let all = report.outputs + report.refusals + report.by_chance.len();
    assert!(report.by_chance.len() as f64 <= MAX_BY_CHANCE * all as f64, "too much by chance: {}", report.tell(0));
}

#[test]
fn generated_charts_render_as_with_helm_3() -> Result<()> {
    generated_charts(Helm::V3)
}

#[test]
fn generated_charts_render_as_with_helm_4() -> Result<()> {
    generated_charts(Helm::V4)
}

/// Sets of values for every chart of the corpus.
const SETS: u64 = 3;

fn charts_of_others(helm: Helm) -> Result<()> {
    let Some(corpus) = weir_corpora::corpus("helm", "helm") else { return Ok(()) };
    if !has_oracle(helm::compile_oracle(helm)) {
        return Ok(());
    }
    let mut original = helm::Original::start(helm)?;
    let sets = number("WEIR_CONFORMANCE_SETS", SETS);
    let seed = number("WEIR_CONFORMANCE_SEED", SEED);
    let mut report = Report::default();
    for repository in std::fs::read_dir(corpus.join("charts"))? {
        for chart in std::fs::read_dir(repository?.path())? {
            helm::run_over(&mut original, &chart?.path(), seed..seed + sets, &mut report)?;
        }
    }
    let failures: Vec<&str> = report.failures.iter().take(SHOWN_FAILURES).map(String::as_str).collect();
    assert!(failures.is_empty(), "{} cases differ:\n{}", report.failures.len(), failures.join("\n"));
    show(&report);
    assert!(report.outputs > report.refusals, "{} outputs, {} refusals", report.outputs, report.refusals);
    assert_few_by_chance(&report);
    Ok(())
}

#[test]
fn charts_of_others_render_as_with_helm_3() -> Result<()> {
    charts_of_others(Helm::V3)
}

#[test]
fn charts_of_others_render_as_with_helm_4() -> Result<()> {
    charts_of_others(Helm::V4)
}
