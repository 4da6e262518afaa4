//! Who may depend on whom.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A crate of the host and those of ours that it may use.
const RULES: [(&str, &[&str]); 13] = [
    ("weir-core", &[]),
    ("weir-kstatus", &[]),
    ("weir-api", &["weir-core"]),
    ("weir-store", &["weir-core", "weir-api", "weir-sourceignore"]),
    ("weir-package", &["weir-core", "weir-api"]),
    ("weir-plugin", &["weir-core", "weir-api", "weir-package"]),
    ("weir-apply", &["weir-core", "weir-api", "weir-kstatus"]),
    ("weir-schedule", &["weir-core", "weir-api"]),
    (
        "weir-engine",
        &[
            "weir-core",
            "weir-kstatus",
            "weir-api",
            "weir-store",
            "weir-package",
            "weir-plugin",
            "weir-apply",
            "weir-sourceignore",
            "weir-yaml",
        ],
    ),
    ("weir-devenv", &["weir-yaml"]),
    ("weir-daemon", HOST),
    ("weir-cli", HOST),
    ("weir-sdk", &[]),
];

const HOST: &[&str] = &[
    "weir-core",
    "weir-kstatus",
    "weir-api",
    "weir-store",
    "weir-package",
    "weir-plugin",
    "weir-apply",
    "weir-schedule",
    "weir-engine",
    "weir-daemon",
    "weir-devenv",
    "weir-yaml",
];

/// Crates outside that only one of ours may use, with the reason.
const ONLY: [(&str, &str, &str); 3] = [
    ("wasmtime", "weir-plugin", "only `plugin` sees the runtime"),
    ("wasmtime-wasi", "weir-plugin", "only `plugin` sees the runtime"),
    ("wasmtime-wasi-http", "weir-plugin", "only `plugin` sees the runtime"),
];

/// Crates that nobody may use, with the reason.
const NEVER: [(&str, &str); 1] = [("serde_yaml", "it is unmaintained and reads YAML unlike Go")];

/// One dependency, as `cargo metadata` tells it. Dependencies of tests are free.
struct Edge {
    from: String,
    /// The folder of `from`, relative to the root.
    folder: String,
    to: String,
}

pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    Ok(edges(root)?.iter().filter_map(finding).collect())
}

fn finding(edge: &Edge) -> Option<String> {
    let Edge { from, folder, to } = edge;
    let because = |reason: &str| Some(format!("{folder}/Cargo.toml: `{from}` may not use `{to}`: {reason}"));
    if let Some((_, reason)) = NEVER.iter().find(|(name, _)| name == to) {
        return because(reason);
    }
    if let Some((_, owner, reason)) = ONLY.iter().find(|(name, _, _)| name == to)
        && owner != from
    {
        return because(reason);
    }
    if !to.starts_with("weir-") || is_allowed(from, folder, to) {
        return None;
    }
    because("it is not below it in the dependency order")
}

fn is_allowed(from: &str, folder: &str, to: &str) -> bool {
    if let Some((_, allowed)) = RULES.iter().find(|(name, _)| *name == from) {
        return allowed.contains(&to);
    }
    let is_engine = |name: &str| !RULES.iter().any(|(ours, _)| *ours == name);
    match folder.split('/').next() {
        Some("plugins") if folder.starts_with("plugins/engines/") => is_engine(to),
        Some("plugins") => to == "weir-sdk" || is_engine(to),
        Some("tests") => true,
        // A crate of the host that no rule names yet.
        _ => false,
    }
}

fn edges(root: &Path) -> Result<Vec<Edge>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args(["metadata", "--no-deps", "--format-version=1", "--offline", "--quiet"]);
    let output = command.output().context("failed to start `cargo metadata`")?;
    if !output.status.success() {
        bail!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).context("failed to read `cargo metadata`")?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages.flat_map(|package| edges_of(root, package)).collect())
}

fn edges_of(root: &Path, package: &Value) -> Vec<Edge> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let manifest = text(&package["manifest_path"]);
    let folder = Path::new(&manifest).parent().and_then(|folder| folder.strip_prefix(root).ok());
    let folder = folder.map(|folder| folder.display().to_string()).unwrap_or_default();
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    let shipped = dependencies.filter(|dependency| dependency["kind"] != "dev");
    let edge = |dependency: &Value| Edge {
        from: text(&package["name"]),
        folder: folder.clone(),
        to: text(&dependency["name"]),
    };
    shipped.map(edge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept() {
        let cases = [
            ("weir-api", "host/api", "weir-core", true),
            ("weir-core", "host/core", "weir-api", false),
            ("weir-engine", "host/engine", "weir-plugin", true),
            ("weir-schedule", "host/schedule", "weir-engine", false),
            ("weir-engine", "host/engine", "wasmtime", false),
            ("weir-plugin", "host/plugin", "wasmtime", true),
            ("weir-kustomize", "plugins/engines/kustomize", "weir-yaml", true),
            ("weir-kustomize", "plugins/engines/kustomize", "weir-sdk", false),
            ("weir-source-git", "plugins/sources/git", "weir-sdk", true),
            ("weir-source-git", "plugins/sources/git", "weir-core", false),
            ("weir-new", "host/new", "weir-core", false),
            ("weir-testkit", "tests/kit", "weir-api", true),
            ("weir-testkit", "tests/kit", "serde_yaml", false),
            ("weir-core", "host/core", "serde_json", true),
        ];
        for (from, folder, to, allowed) in cases {
            let [from, folder, to] = [from, folder, to].map(str::to_owned);
            let edge = Edge { from, folder, to };
            assert_eq!(finding(&edge).is_none(), allowed, "{} -> {}", edge.from, edge.to);
        }
    }
}
