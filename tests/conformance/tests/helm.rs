//! The engine beside Helm, over generated charts, values and flags.
//!
//! `WEIR_CONFORMANCE_SEED` and `WEIR_CONFORMANCE_COUNT` choose other cases, and more.

use weir_conformance::helm;

const SEED: u64 = 1;
const COUNT: u64 = 4_000;
/// Shrinking takes time, and the first few say enough.
const SHOWN_FAILURES: usize = 5;
/// Of generated cases at least this share renders: refusals hide what comes after them.
const MIN_OUTPUTS: f64 = 0.4;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn generated_charts_render_as_with_helm() {
    if let Err(error) = helm::compile_oracle() {
        // Without the original there is nothing to compare with. A person may lack Go; the pipeline may not.
        assert!(std::env::var_os("CI").is_none(), "no oracle: {error:#}");
        let mut stderr = std::io::stderr();
        let _ = std::io::Write::write_fmt(&mut stderr, format_args!("NOT COMPARED, there is no oracle: {error:#}\n"));
        return;
    }
    let (seed, count) = (number("WEIR_CONFORMANCE_SEED", SEED), number("WEIR_CONFORMANCE_COUNT", COUNT));
    let report = helm::run(seed..seed + count, SHOWN_FAILURES).unwrap();
    assert!(report.failures.is_empty(), "{} cases differ:\n{}", report.failures.len(), report.failures.join("\n"));
    let compared = report.outputs + report.refusals;
    assert_eq!(compared as u64, count);
    assert!(
        report.outputs as f64 >= MIN_OUTPUTS * compared as f64,
        "only {} of {compared} render: {:?}",
        report.outputs,
        report.reasons
    );
}
