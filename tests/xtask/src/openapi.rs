//! `./x openapi`: the tables of merge keys and of cluster-scoped kinds, from the OpenAPI document of a Kubernetes release.
//!
//! Builds have to come out as kustomize's, so the tables are those of the release which kustomize 5.8 has built in, although
//! servers are newer by now.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::steps::{cache_dir, root, say};

/// The release that kustomize has built in, as its Go module.
const RELEASE: &str = "k8s.io/kubernetes@v1.21.2";
const SHOWN: &str = "1.21";
const DOCUMENT: &str = "api/openapi-spec/swagger.json";
const FOLDER: &str = "plugins/engines/kustomize/src/schema";
/// The tables: the program that reduces the document to it, and its file.
const TABLES: [(&str, &str); 2] = [("schema", "kubernetes.txt"), ("scopes", "cluster_scoped.txt")];

pub(crate) fn run(server: Option<&Path>) -> Result<()> {
    let release = if server.is_none() { Some(release()?.join(DOCUMENT)) } else { None };
    for (program, name) in TABLES {
        let file = root().join(FOLDER).join(name);
        match (server, &release) {
            (Some(server), _) => {
                let ours =
                    std::fs::read_to_string(&file).with_context(|| format!("failed to read: {}", file.display()))?;
                compare(name, &ours, &table(program, server, "of a server")?);
            }
            (None, Some(release)) => {
                let table = table(program, release, SHOWN)?;
                std::fs::write(&file, table).with_context(|| format!("failed to write: {}", file.display()))?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

/// As [`run`] with the document of an API server that is started for it.
pub(crate) fn compare_with_new_server() -> Result<()> {
    let folder = cache_dir().join("openapi");
    std::fs::create_dir_all(&folder)?;
    let document = folder.join("server.json");
    let mut cargo = cargo_example("weir-devenv", "openapi");
    if !cargo.arg(&document).status().context("failed to start `cargo`")?.success() {
        bail!("no API server could be asked");
    }
    run(Some(&document))
}

/// The folder of the release in Go's module cache.
fn release() -> Result<PathBuf> {
    let mut go = Command::new("go");
    go.args(["mod", "download", "-json", RELEASE]).env("GOFLAGS", "-mod=mod").current_dir(std::env::temp_dir());
    let output = go.output().context("failed to start `go`")?;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    match answer["Dir"].as_str() {
        Some(folder) => Ok(folder.into()),
        None => bail!("failed to download {RELEASE}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

fn cargo_example(package: &str, example: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["run", "--quiet", "-p", package, "--example", example, "--"]);
    cargo
}

fn table(program: &str, document: &Path, version: &str) -> Result<String> {
    let document = std::path::absolute(document)?;
    let mut cargo = cargo_example("weir-kustomize", program);
    let output = cargo.arg(document).arg(version).output().context("failed to start `cargo`")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn compare(name: &str, ours: &str, theirs: &str) {
    let (ours, theirs) = (kinds(ours), kinds(theirs));
    theirs.difference(&ours).for_each(|kind| say(&format!("+ {kind}")));
    ours.difference(&theirs).for_each(|kind| say(&format!("- {kind}")));
    say(&format!("{name}: {} kinds in the table, {} at the server", ours.len(), theirs.len()));
}

/// `APIVERSION/KIND` of all kinds in a table: `APIVERSION/KIND = ID` in one, `APIVERSION: KIND ...` in the other.
fn kinds(table: &str) -> BTreeSet<String> {
    let lines = table.lines().filter(|line| !line.starts_with(|first: char| first == '#' || first.is_ascii_digit()));
    lines
        .flat_map(|line| match (line.split_once(" = "), line.split_once(": ")) {
            (Some((kind, _)), _) => vec![kind.to_owned()],
            (None, Some((version, kinds))) => kinds.split(' ').map(|kind| format!("{version}/{kind}")).collect(),
            (None, None) => Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_list_kinds() {
        let merged = "# x: y\napps/v1/Deployment = 3\n3: spec=4\n";
        let scoped = "# x\nv1: Namespace Node\n";
        assert_eq!(Vec::from_iter(kinds(merged)), ["apps/v1/Deployment"]);
        assert_eq!(Vec::from_iter(kinds(scoped)), ["v1/Namespace", "v1/Node"]);
    }
}
