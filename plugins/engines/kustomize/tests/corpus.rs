//! Compares with the output of the original over a corpus of cases, where one lies beside the checkout. The floor is the
//! number of cases that were equal when it was last raised; it never falls.

use std::path::{Path, PathBuf};

use serde_json::Value;
use weir_kustomize::{BuildOptions, FileSystem, LoadRestrictions, build};

/// Cases whose output is byte-identical.
const FLOOR_OUTPUTS: usize = 411;
/// Cases that fail as the original does, with the end of its message in ours.
const FLOOR_REFUSALS: usize = 62;

struct DiskFs(PathBuf);

impl FileSystem for DiskFs {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(path)).ok()
    }

    fn is_dir(&self, path: &str) -> bool {
        self.0.join(path).is_dir()
    }

    fn list(&self, path: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.join(path)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

fn output(root: &Path, dir: &str) -> Result<String, String> {
    // All of its cases are builds with `--load-restrictor LoadRestrictionsNone`.
    let restrictions = LoadRestrictions::None;
    let options = BuildOptions { display_root: "{ROOT}".into(), restrictions, ..BuildOptions::default() };
    let resources = build(&DiskFs(root.to_owned()), dir, &options);
    let printed = resources.and_then(|all| all.iter().map(|one| one.to_yaml()).collect::<Result<Vec<_>, _>>());
    printed.map(|documents| documents.join("---\n")).map_err(|error| error.chain())
}

/// The part of a message that says what is wrong.
fn essence(message: &str) -> String {
    let last = message.trim().lines().last().unwrap_or_default();
    last.split(": ").filter(|part| part.trim().len() >= 6).last().unwrap_or(last).trim().to_lowercase()
}

#[test]
fn equals_the_original() {
    let Some(root) = weir_corpora::corpus("kustomize", "kustomize") else { return };
    let index = std::fs::read_to_string(root.join("index.jsonl")).unwrap();
    let (mut outputs, mut refusals, mut gaps) = (0, 0, Vec::new());
    for case in index.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let golden = std::fs::read_to_string(root.join(case["golden"].as_str().unwrap())).unwrap();
        let is_equal = match (output(&root, case["dir"].as_str().unwrap()), case["kind"].as_str()) {
            (Ok(text), Some("ok")) => {
                outputs += usize::from(text == golden);
                text == golden
            }
            (Err(message), Some("error")) => {
                let is_same = message.to_lowercase().contains(&essence(&golden));
                refusals += usize::from(is_same);
                is_same
            }
            _ => false,
        };
        if !is_equal {
            gaps.push(case["id"].as_str().unwrap().to_owned());
        }
    }
    assert!(
        outputs >= FLOOR_OUTPUTS && refusals >= FLOOR_REFUSALS,
        "{outputs} outputs and {refusals} refusals are equal; gaps: {gaps:#?}"
    );
}
