//! The engine beside the original, over generated kustomizations.
//!
//! `WEIR_CONFORMANCE_SEED` and `WEIR_CONFORMANCE_COUNT` choose other cases, and more.

use weir_conformance::{generate, has_oracle, kustomize};

const SEED: u64 = 0;
const COUNT: u64 = 2000;
const REPOSITORIES: u64 = 500;
/// Cases that differ for a reason that stays: a message that shows the comment behind a value.
const KNOWN: [u64; 1] = [1118];
/// Shrinking takes time, and the first few say enough.
const SHOWN_FAILURES: usize = 5;
/// Of generated cases at least this share builds: refusals hide what comes after them.
const MIN_OUTPUTS: f64 = 0.4;
const MIN_BUILT_REPOSITORIES: f64 = 0.4;

#[test]
fn generated_kustomizations_build_as_in_the_original() {
    compare(generate::kustomization, COUNT, &KNOWN, MIN_OUTPUTS);
}

#[test]
fn generated_repositories_build_as_in_the_original() {
    compare(generate::repository, REPOSITORIES, &[], MIN_BUILT_REPOSITORIES);
}

fn compare(generate: kustomize::Generate, count: u64, known: &[u64], least: f64) {
    if !has_oracle(kustomize::compile_oracle()) {
        return;
    }
    let (seed, count) = (number("WEIR_CONFORMANCE_SEED", SEED), number("WEIR_CONFORMANCE_COUNT", count));
    let report =
        kustomize::run(generate, seed..seed + count, SHOWN_FAILURES + known.len()).expect("the original answers");
    let new = report.failures.iter().filter(|failure| !known.contains(&failure.seed));
    let shown: Vec<String> = new.map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{} cases differ:\n{}", shown.len(), shown.join("\n"));
    let compared = report.outputs + report.refusals + report.failures.len();
    assert_eq!(compared as u64, count);
    assert!(report.outputs as f64 >= least * compared as f64, "only {} of {compared} build", report.outputs);
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}
