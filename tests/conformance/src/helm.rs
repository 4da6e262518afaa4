//! `helm template`, ours and theirs.
//!
//! A case is a chart below `chart/`, values files below `values/`, and flags, one a line, in `flags`. Without a chart the
//! values are compared.

use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::Result;
use weir_gotmpl::{Functions, Map, MissingKey, Set, State};
use weir_helm::{Error, Helm, Host, KubeVersion, Options, Printing, Release, ValuesFlags, World};

use crate::chance::is_by_chance;
use crate::report::{Compared, Report};
use crate::{Case, Difference, Oracle, Outcome, generate, shrink};

/// The Kubernetes that both take.
const KUBE_VERSION: &str = "1.31.0";

/// How often the original is asked for a case that differs. Of two keys in a map of Go one is first seven times out of
/// eight: this often it is not by chance.
const TIMES_ASKED: usize = 64;

/// The original's program, of this line of Helm.
///
/// # Errors
/// There is no Go, or it cannot compile the program.
pub fn compile_oracle(helm: Helm) -> Result<PathBuf> {
    let name = match helm {
        Helm::V3 => "helm",
        Helm::V4 => "helm4",
    };
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle").join(name);
    crate::go::compile(name, &sources, "-s -w")
}

/// A clock that stands and bytes that are always the same: what asks for them is not compared.
#[derive(Default)]
struct Nothing(Cell<u64>);

impl World for Nothing {
    fn now(&self) -> (i64, u32) {
        (0, 0)
    }

    fn random(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let next = self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.0.set(next);
            *byte = next.to_be_bytes()[0];
        }
    }
}

/// What the engine makes of a case.
pub fn ours(helm: Helm, case: &Case) -> Outcome {
    match catch_unwind(AssertUnwindSafe(|| template(helm, case, &Host::new(Nothing::default())))) {
        Ok(Ok(text)) => Outcome::Output(text),
        Ok(Err(error)) => Outcome::Refusal(error.to_string()),
        Err(thrown) => Outcome::Panic(thrown.downcast_ref::<String>().cloned().unwrap_or_default()),
    }
}

fn template(helm: Helm, case: &Case, host: &Host) -> Result<String, Error> {
    let mut options = Options::new(helm, Release::new("rel", "ns"));
    options.capabilities.kube_version = KubeVersion::parse(KUBE_VERSION, helm)?;
    let mut printing = Printing::default();
    let mut values = ValuesFlags::default();
    for (path, text) in &case.files {
        if path.starts_with("values/") {
            values.files.push((path.clone(), text.clone()));
        }
    }
    let flags = case.files.get("flags").map(|text| String::from_utf8_lossy(text).into_owned());
    for line in flags.unwrap_or_default().split('\n') {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        let value = value.to_owned();
        match name {
            "set" => values.sets.push(weir_helm::Set::Typed(value)),
            "set-string" => values.sets.push(weir_helm::Set::Text(value)),
            "set-json" => values.sets.push(weir_helm::Set::Json(value)),
            "set-literal" => values.sets.push(weir_helm::Set::Literal(value)),
            "api-versions" => options.capabilities.api_versions.push(value),
            "kube-version" => options.capabilities.kube_version = KubeVersion::parse(&value, helm)?,
            "show-only" => printing.show_only.push(value),
            "is-upgrade" => options.release.is_upgrade = true,
            "no-hooks" => printing.no_hooks = true,
            "skip-tests" => printing.skip_tests = true,
            "include-crds" => printing.include_crds = true,
            _ => {}
        }
    }
    let values = values.merge(helm, &|path| Err(format!("open {path}: no such file or directory")))?;
    let chart = case.files.iter().filter_map(|(path, text)| Some((path.strip_prefix("chart/")?, text)));
    let chart: Vec<_> = chart.map(|(path, text)| (path.to_owned(), text.as_slice().into())).collect();
    if chart.is_empty() {
        return Ok(printed(values) + "\n");
    }
    let loaded = weir_helm::load_folder(chart, helm)?;
    weir_helm::check_installable(&loaded.chart, helm, host)?;
    let rendered = weir_helm::render(&loaded.chart, &values, &options, host)?;
    Ok(rendered.print(&printing, helm)? + "=== notes\n" + &rendered.notes)
}

/// Values as `toYaml` prints them.
fn printed(values: Map) -> String {
    let mut set = Set::new("t", Functions::new(&[weir_gotmpl::BUILTINS, weir_sprig::FUNCTIONS]), MissingKey::Default);
    set.parse("t", "{{ toYaml . }}").expect("a template");
    let mut out = Vec::new();
    match set.execute("t", values.into(), &State::default(), &mut out) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err(error) => error.to_string(),
    }
}

/// The original of one line of Helm.
pub struct Original {
    helm: Helm,
    oracle: Oracle,
}

impl Original {
    /// Starts it.
    ///
    /// # Errors
    /// It cannot be compiled or started.
    pub fn start(helm: Helm) -> Result<Original> {
        Ok(Original { helm, oracle: Oracle::start(&compile_oracle(helm)?)? })
    }
}

/// Gives a case to both.
///
/// # Errors
/// The oracle broke down.
pub fn compare(original: &mut Original, case: &Case) -> Result<Compared> {
    original.oracle.ask(case)?;
    let ours = ours(original.helm, case);
    Ok(Compared { ours, theirs: original.oracle.answer()? })
}

/// Whether a case that differs does so by chance: asks the original again until it contradicts itself.
fn contradicts_itself(original: &mut Original, case: &Case, found: Difference, first: &Compared) -> Result<bool> {
    let mut answers = vec![first.theirs.clone()];
    while answers.len() < TIMES_ASKED {
        original.oracle.ask(case)?;
        answers.push(original.oracle.answer()?);
        if is_by_chance(found, &first.ours, &answers) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Compares a generated case for every seed; stops after so many failures.
///
/// # Errors
/// The oracle cannot be started or broke down.
pub fn run(helm: Helm, seeds: Range<u64>, stop_after: usize) -> Result<Report<String>> {
    let mut original = Original::start(helm)?;
    let mut report = Report::default();
    for seed in seeds {
        let case = generate::chart(helm, seed);
        let compared = compare(&mut original, &case)?;
        let Some(difference) = compared.difference() else {
            report.add(&compared.theirs);
            continue;
        };
        if contradicts_itself(&mut original, &case, difference, &compared)? {
            report.by_chance.push(format!("seed {seed}: {difference:?}"));
            continue;
        }
        report.failures.push(smallest(&mut original, seed, case, difference, &compared)?);
        if report.failures.len() >= stop_after {
            break;
        }
    }
    Ok(report)
}

/// Compares a chart from disk with generated values, one set for each seed. Renderings that differ and read the clock or
/// took randomness are left to chance.
///
/// # Errors
/// The chart cannot be read, or the oracle broke down.
pub fn run_over(original: &mut Original, folder: &Path, seeds: Range<u64>, report: &mut Report<String>) -> Result<()> {
    let mut chart = Case::new("");
    let ignored = std::fs::read_to_string(folder.join(".helmignore")).unwrap_or_default();
    let ignored = weir_helm::IgnoreRules::parse(&ignored)?;
    for (path, content) in Case::read(folder, "")?.files {
        if !ignored.ignores_file(&path) {
            chart.insert(format!("chart/{path}"), content);
        }
    }
    let defaults =
        chart.files.get("chart/values.yaml").map_or("", |text| std::str::from_utf8(text).unwrap_or_default());
    let defaults = weir_yaml::from_str(defaults).unwrap_or_default();
    for seed in seeds {
        let mut case = chart.clone();
        case.insert("values/0.yaml", generate::overrides(seed, &defaults));
        let compared = compare(original, &case)?;
        let Some(difference) = compared.difference() else {
            report.add(&compared.theirs);
            continue;
        };
        let name = format!("{}, seed {seed}", folder.display());
        if !is_hermetic(original.helm, &case) || contradicts_itself(original, &case, difference, &compared)? {
            report.by_chance.push(format!("{name}: {difference:?}"));
            continue;
        }
        let values = String::from_utf8_lossy(&case.files["values/0.yaml"]).into_owned();
        let (ours, theirs) = (cut(&compared.ours, &compared.theirs), cut(&compared.theirs, &compared.ours));
        report
            .failures
            .push(format!("##### {name}: {difference:?}\n{values}\n----- ours\n{ours}\n----- theirs\n{theirs}\n"));
    }
    Ok(())
}

/// A text from a little before the place where it differs from another.
fn cut(text: &Outcome, other: &Outcome) -> String {
    const BEFORE: usize = 5;
    const SHOWN: usize = 12;
    let (text, other) = (text.to_string(), other.to_string());
    let same = text.lines().zip(other.lines()).take_while(|(a, b)| a == b).count();
    text.lines().skip(same.saturating_sub(BEFORE)).take(SHOWN).collect::<Vec<_>>().join("\n")
}

fn is_hermetic(helm: Helm, case: &Case) -> bool {
    let host = Host::new(Nothing::default());
    let _ = template(helm, case, &host);
    host.effects.not_hermetic().is_empty()
}

fn smallest(
    original: &mut Original,
    seed: u64,
    case: Case,
    difference: Difference,
    first: &Compared,
) -> Result<String> {
    let kept = first.reasons();
    let mut fails = |case: &Case| {
        let compared = compare(original, case);
        compared.is_ok_and(|compared| compared.difference() == Some(difference) && compared.reasons() == kept)
    };
    let case = shrink(case, &mut fails);
    let Compared { ours, theirs } = compare(original, &case)?;
    Ok(format!("##### seed {seed}: {difference:?}\n{case}----- ours\n{ours}----- theirs\n{theirs}"))
}
