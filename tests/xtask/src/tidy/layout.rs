//! What may lie where.

use std::path::Path;

use anyhow::{Context, Result};

/// Folders and files at the top, besides dot-files. The rule for a newcomer is in the README.
const TOP_LEVEL: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "host",
    "plugins",
    "rust-toolchain.toml",
    "sdk",
    "tests",
    "wit",
];

/// The entry point, and what cargo leaves.
const TOOLS: [&str; 2] = ["x", "target"];

pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let entries = root.read_dir().with_context(|| format!("failed to read: {}", root.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut findings: Vec<String> = names.filter(|name| !is_allowed(name)).map(|name| unexpected(&name)).collect();
    findings.sort();
    Ok(findings)
}

fn is_allowed(name: &str) -> bool {
    name.starts_with('.') || TOP_LEVEL.contains(&name) || TOOLS.contains(&name)
}

fn unexpected(name: &str) -> String {
    format!("{name}: the top level holds only what tools and newcomers expect there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_entries_at_the_top() {
        for (name, allowed) in [("host", true), (".github", true), ("x", true), ("docs", false), ("Makefile", false)] {
            assert_eq!(is_allowed(name), allowed, "{name}");
        }
    }
}
