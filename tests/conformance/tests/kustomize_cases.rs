//! The engine over fixed cases: folders of `kustomize/`, each with `input/`, of which `app` is built, and what the
//! original made of it in `expected.yaml` or `error.txt`. `WEIR_CONFORMANCE_BLESS=1` asks the original again and writes
//! these.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use weir_conformance::{Case, Oracle, Outcome, difference, kustomize};

const OUTPUT: &str = "expected.yaml";
const REFUSAL: &str = "error.txt";

fn folders() -> Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("kustomize");
    let entries = std::fs::read_dir(root)?.map(|entry| Ok(entry?.path()));
    let mut folders: Vec<PathBuf> = entries.collect::<Result<_>>()?;
    folders.sort();
    Ok(folders)
}

fn case(folder: &Path) -> Result<Case> {
    Case::read(&folder.join("input"), "app")
}

fn expected(folder: &Path) -> Result<Outcome> {
    if let Ok(text) = std::fs::read_to_string(folder.join(OUTPUT)) {
        return Ok(Outcome::Output(text));
    }
    let message = std::fs::read_to_string(folder.join(REFUSAL)).with_context(|| folder.display().to_string())?;
    Ok(match message.strip_prefix("panic: ") {
        Some(message) => Outcome::Panic(message.to_owned()),
        None => Outcome::Refusal(message),
    })
}

#[test]
fn fixed_cases_build_as_in_the_original() {
    if std::env::var_os("WEIR_CONFORMANCE_BLESS").is_some() {
        bless().unwrap();
    }
    let mut failures = Vec::new();
    for folder in folders().unwrap() {
        let (ours, theirs) = (kustomize::ours(&case(&folder).unwrap()), expected(&folder).unwrap());
        if let Some(kind) = difference(&ours, &theirs) {
            failures.push(format!("##### {}: {kind:?}\n----- ours\n{ours}----- theirs\n{theirs}", folder.display()));
        }
    }
    assert!(failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
}

fn bless() -> Result<()> {
    let mut oracle = Oracle::start(&kustomize::compile_oracle()?)?;
    for folder in folders()? {
        let (name, other, text) = match kustomize::compare(&mut oracle, &case(&folder)?)?.theirs {
            Outcome::Output(text) => (OUTPUT, REFUSAL, text),
            Outcome::Refusal(message) => (REFUSAL, OUTPUT, message + "\n"),
            Outcome::Panic(message) => (REFUSAL, OUTPUT, format!("panic: {message}\n")),
        };
        std::fs::write(folder.join(name), text)?;
        // It is there only when the case said something else before.
        let _ = std::fs::remove_file(folder.join(other));
    }
    Ok(())
}
