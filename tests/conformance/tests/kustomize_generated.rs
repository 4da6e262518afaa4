//! The engine beside the original, over generated kustomizations.
//!
//! `WEIR_CONFORMANCE_SEED` and `WEIR_CONFORMANCE_COUNT` choose other cases, and more.

use weir_conformance::kustomize;

const SEED: u64 = 0;
const COUNT: u64 = 2000;
/// Cases that differ for a reason that stays: a message that shows the comment behind a value.
const KNOWN: [u64; 1] = [1118];
/// Shrinking takes time, and the first few say enough.
const SHOWN_FAILURES: usize = 5;
/// Of generated cases at least this share builds: refusals hide what comes after them.
const MIN_OUTPUTS: f64 = 0.4;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn generated_kustomizations_build_as_in_the_original() {
    if let Err(error) = kustomize::compile_oracle() {
        // Without the original there is nothing to compare with. A person may lack Go; the pipeline may not.
        assert!(std::env::var_os("CI").is_none(), "no oracle: {error:#}");
        let mut stderr = std::io::stderr();
        let _ = std::io::Write::write_fmt(&mut stderr, format_args!("NOT COMPARED, there is no oracle: {error:#}\n"));
        return;
    }
    let (seed, count) = (number("WEIR_CONFORMANCE_SEED", SEED), number("WEIR_CONFORMANCE_COUNT", COUNT));
    let report = kustomize::run(seed..seed + count, SHOWN_FAILURES + KNOWN.len()).unwrap();
    let new = report.failures.iter().filter(|failure| !KNOWN.contains(&failure.seed));
    let shown: Vec<String> = new.map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{} cases differ:\n{}", shown.len(), shown.join("\n"));
    let compared = report.outputs + report.refusals + report.failures.len();
    assert_eq!(compared as u64, count);
    assert!(report.outputs as f64 >= MIN_OUTPUTS * compared as f64, "only {} of {compared} build", report.outputs);
}
