//! `./x openapi`: the table of merge keys, from the OpenAPI document of a Kubernetes release.
//!
//! Strategic merge patches have to come out as kustomize's, so the table is that of the release which kustomize 5.8 has built
//! in, although servers are newer by now.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::steps::{root, say};

/// The release that kustomize has built in, as its Go module.
const RELEASE: &str = "k8s.io/kubernetes@v1.21.2";
const SHOWN: &str = "1.21";
const DOCUMENT: &str = "api/openapi-spec/swagger.json";
const TABLE: &str = "plugins/engines/kustomize/src/schema/kubernetes.txt";

pub(crate) fn run(server: Option<&Path>) -> Result<()> {
    let file = root().join(TABLE);
    if let Some(server) = server {
        let ours = std::fs::read_to_string(&file).with_context(|| format!("failed to read: {}", file.display()))?;
        return compare(&ours, &table(server, "of a server")?);
    }
    let table = table(&release()?.join(DOCUMENT), SHOWN)?;
    std::fs::write(&file, table).with_context(|| format!("failed to write: {}", file.display()))
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

fn table(document: &Path, version: &str) -> Result<String> {
    let document = std::path::absolute(document)?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["run", "--quiet", "-p", "weir-kustomize", "--example", "schema", "--"]);
    let output = cargo.arg(document).arg(version).output().context("failed to start `cargo`")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn compare(ours: &str, theirs: &str) -> Result<()> {
    let kinds = |table: &str| -> BTreeSet<String> {
        table.lines().filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())).collect()
    };
    let (ours, theirs) = (kinds(ours), kinds(theirs));
    theirs.difference(&ours).for_each(|kind| say(&format!("+ {kind}")));
    ours.difference(&theirs).for_each(|kind| say(&format!("- {kind}")));
    say(&format!("{} kinds in the table, {} at the server", ours.len(), theirs.len()));
    Ok(())
}
