//! Compares every kustomization below a folder: `kustomize_folders FOLDER [unrestricted]`. Unrestricted, each may name
//! files above its directory.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;
use weir_conformance::{Case, Oracle, Outcome, kustomize};
use weir_kustomize::LoadRestrictions;

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

#[allow(clippy::print_stdout, reason = "it is a program")]
fn main() -> Result<()> {
    let root = std::env::args().nth(1).context("usage: kustomize_folders FOLDER [unrestricted]")?;
    let restrictions = match std::env::args().nth(2).as_deref() {
        None => LoadRestrictions::RootOnly,
        Some("unrestricted") => LoadRestrictions::None,
        Some(other) => bail!("unknown argument: {other}"),
    };
    let root = &Path::new(&root).canonicalize()?;
    let mut oracle = Oracle::start(&kustomize::compile_oracle()?)?;
    let mut case = Case::read(root, "")?;
    let (mut outputs, mut refusals, mut failures) = (0, 0, 0);
    for dir in kustomizations(root)? {
        case.dir = dir;
        let compared = kustomize::compare_in(&mut oracle, root, &case, restrictions)?;
        match (compared.difference(), &compared.theirs) {
            (Some(kind), _) => {
                failures += 1;
                println!(
                    "##### {}: {kind:?}\n----- ours\n{}\n----- theirs\n{}",
                    case.dir, compared.ours, compared.theirs
                );
            }
            (None, Outcome::Output(_)) => outputs += 1,
            (None, _) => refusals += 1,
        }
    }
    println!("{outputs} outputs and {refusals} refusals are equal, {failures} differ");
    Ok(())
}

fn kustomizations(root: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in WalkDir::new(root) {
        let entry = entry?;
        let is_kustomization = NAMES.iter().any(|name| entry.file_name() == *name);
        if let Some(dir) = entry.path().parent().filter(|_| is_kustomization) {
            found.insert(dir.strip_prefix(root)?.to_string_lossy().into_owned());
        }
    }
    Ok(found)
}
