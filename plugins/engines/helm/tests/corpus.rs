//! Compares with the output of the original over two corpora of cases, where they lie beside the checkout. The floors are
//! the numbers of cases that were equal when they were last raised; they never fall.

use std::path::Path;

use serde_json::Value;
use weir_helm::{
    Error, Helm, Host, KubeVersion, Loaded, Options, Printing, Release, ValuesFlags, check_installable, load_folder,
    render,
};

mod common;
#[path = "common/disk.rs"]
mod disk;

use common::Still;

/// Charts whose output is byte-identical.
const FLOOR_OUTPUTS: usize = 355;
/// Charts that fail as with the original: what it says is in what we say.
const FLOOR_REFUSALS: usize = 150;
/// Template expressions that print the same.
const FLOOR_EXPRESSIONS: usize = 473;
/// Template expressions that fail with the same message.
const FLOOR_EXPRESSION_ERRORS: usize = 63;

fn cases(root: &Path) -> Vec<Value> {
    let index = std::fs::read_to_string(root.join("index.jsonl")).expect("a case of the corpus");
    index.lines().map(|line| serde_json::from_str(line).expect("a case of the corpus")).collect()
}

/// The arguments of a case: `template NAME CHART` and flags.
struct Arguments {
    chart: String,
    options: Options,
    values: Vec<String>,
    printing: Printing,
}

fn arguments(case: &Value) -> Arguments {
    let words: Vec<&str> = case["args"]
        .as_array()
        .expect("a case of the corpus")
        .iter()
        .map(|word| word.as_str().expect("a case of the corpus"))
        .collect();
    let mut arguments = Arguments {
        chart: words[2].to_owned(),
        options: Options::new(Helm::V3, Release::new(words[1], "default")),
        values: Vec::new(),
        printing: Printing::default(),
    };
    let mut rest = words[3..].iter();
    while let Some(flag) = rest.next() {
        let mut value = || rest.next().expect("a case of the corpus").to_string();
        match *flag {
            "-n" => arguments.options.release.namespace = value(),
            "--kube-version" => {
                arguments.options.capabilities.kube_version =
                    KubeVersion::parse(&value(), Helm::V3).expect("a case of the corpus");
            }
            "-f" => arguments.values.push(value()),
            "--api-versions" => arguments.options.capabilities.api_versions.push(value()),
            "--include-crds" => arguments.printing.include_crds = true,
            other => panic!("unknown flag {other}"),
        }
    }
    arguments
}

/// What is printed, or what would be printed to standard error.
fn output(root: &Path, arguments: &Arguments) -> Result<String, String> {
    let host = Host::new(Still::default());
    run(root, arguments, &host).map_err(|error| {
        let mut lines = host.warnings.take();
        lines.push(format!("Error: {}\n", error.cli_text()));
        lines.join("\n")
    })
}

fn run(root: &Path, arguments: &Arguments, host: &Host) -> Result<String, Error> {
    let helm = arguments.options.helm;
    let mut flags = ValuesFlags::default();
    for path in &arguments.values {
        flags.files.push((path.clone(), std::fs::read(root.join(path)).expect("a case of the corpus")));
    }
    let values = flags.merge(helm, &|path| Err(format!("open {path}: no such file or directory")))?;
    let loaded = load_folder(disk::files(&root.join(&arguments.chart)).expect("a case of the corpus"), helm)?;
    // As the chart is kept for the next release of it.
    let loaded =
        Loaded::from_bytes(loaded.to_bytes().expect("a case of the corpus").leak()).expect("a case of the corpus");
    host.warnings.borrow_mut().extend(loaded.warnings);
    check_installable(&loaded.chart, helm, host)?;
    render(&loaded.chart, &values, &arguments.options, host)?.print(&arguments.printing, helm)
}

/// The part of a message that says what is wrong.
fn essence(message: &str) -> String {
    let message = message.replace("\n\nUse --debug flag to render out invalid YAML\n", "");
    let message = message.trim();
    let last = match message.contains("values don") {
        true => message,
        false => message.lines().last().unwrap_or_default(),
    };
    let last = last.split(": ").filter(|part| part.trim().len() >= 6).last().unwrap_or(last);
    last.trim().to_lowercase()
}

/// Where a failing case's output goes, to look at it.
fn keep(kind: &str, id: &str, text: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(kind);
    std::fs::create_dir_all(&folder).expect("a case of the corpus");
    std::fs::write(folder.join(id), text).expect("a case of the corpus");
}

/// Debug builds take more of the stack than a test thread has.
fn on_a_large_stack(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).expect("a case of the corpus");
    thread.join().expect("a case of the corpus");
}

#[test]
fn charts_equal_the_original() {
    on_a_large_stack(charts);
}

#[test]
fn expressions_equal_the_original() {
    on_a_large_stack(expressions);
}

fn charts() {
    let Some(root) = weir_corpora::corpus("helm", "helm") else { return };
    let (mut outputs, mut refusals, mut exact, mut gaps) = (0, 0, 0, Vec::new());
    for case in cases(&root) {
        let golden = std::fs::read_to_string(root.join(case["golden"].as_str().expect("a case of the corpus")))
            .expect("a case of the corpus");
        let id = case["id"].as_str().expect("a case of the corpus");
        let arguments = arguments(&case);
        let found = output(&root, &arguments);
        let is_equal = match (&found, case["kind"].as_str()) {
            (Ok(text), Some("ok")) => {
                outputs += usize::from(*text == golden);
                *text == golden
            }
            (Ok(_), Some("nondeterministic")) => true,
            (Err(message), Some("error")) => {
                let is_same = message.to_lowercase().contains(&essence(&golden));
                refusals += usize::from(is_same);
                exact += usize::from(*message == golden);
                is_same
            }
            _ => false,
        };
        if !is_equal {
            gaps.push(id.to_owned());
            keep("charts", id, found.as_ref().unwrap_or_else(|error| error));
        }
    }
    assert!(
        outputs >= FLOOR_OUTPUTS && refusals >= FLOOR_REFUSALS,
        "{outputs} outputs and {refusals} refusals are equal, {exact} of these to the byte; gaps: {gaps:#?}"
    );
}

fn expressions() {
    let Some(root) = weir_corpora::corpus("gotemplate", "gotemplate") else { return };
    let (mut outputs, mut refusals, mut exact, mut gaps) = (0, 0, 0, Vec::new());
    let chart = root.join("skeleton/gt");
    for case in cases(&root) {
        std::fs::write(chart.join("templates/_case.tpl"), case["template"].as_str().expect("a case of the corpus"))
            .expect("a case of the corpus");
        let mut options = Options::new(Helm::V3, Release::new("rel", "ns"));
        options.capabilities.kube_version = KubeVersion::parse("1.31.0", Helm::V3).expect("a case of the corpus");
        let chart = "skeleton/gt".to_owned();
        let arguments = Arguments { chart, options, values: Vec::new(), printing: Printing::default() };
        let found = output(&root, &arguments);
        let is_equal = match (&found, case["kind"].as_str()) {
            (Ok(text), Some("ok")) => {
                let line = text.lines().find_map(|line| line.strip_prefix("out: ")).unwrap_or_default();
                let is_same = serde_json::from_str::<Value>(line).is_ok_and(|value| value == case["output"]);
                outputs += usize::from(is_same);
                is_same
            }
            (Err(message), Some("error")) => {
                let golden = case["error"].as_str().expect("a case of the corpus");
                let is_same = message.to_lowercase().contains(&essence(golden));
                refusals += usize::from(is_same);
                exact += usize::from(message.trim().starts_with(golden.trim()));
                is_same
            }
            _ => false,
        };
        if !is_equal {
            let id = case["id"].as_str().expect("a case of the corpus");
            let (template, expected) = (&case["template"], case.get("output").or(case.get("error")));
            let found = found.unwrap_or_else(|error| error);
            keep("expressions", id, &format!("{template}\n{}\n{found}\n", expected.unwrap_or(&Value::Null)));
            gaps.push(id.to_owned());
        }
    }
    assert!(
        outputs >= FLOOR_EXPRESSIONS && refusals >= FLOOR_EXPRESSION_ERRORS,
        "{outputs} outputs and {refusals} refusals are equal, {exact} of these to the byte; gaps: {gaps:#?}"
    );
}
