//! The folder with the fleet: where the cluster starts in it, and the objects that make weir follow it.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// The name and namespace of the objects that everything else comes from, as `flux bootstrap` makes them.
pub(super) const NAME: &str = "flux-system";

/// The folder of the fleet that the cluster starts from: the one given, the only one below `clusters`, or all of it.
pub(super) fn entry(fleet: &Path, given: Option<&str>) -> Result<String> {
    if let Some(given) = given {
        let path = given.trim_start_matches("./").trim_matches('/');
        if !fleet.join(path).is_dir() {
            bail!("no such folder in the fleet: {given}");
        }
        return Ok(format!("./{path}"));
    }
    let clusters = fleet.join("clusters");
    if !clusters.is_dir() {
        return Ok("./".to_owned());
    }
    let entries = clusters.read_dir().with_context(|| format!("failed to read: {}", clusters.display()))?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    match names.as_slice() {
        [] => Ok("./".to_owned()),
        [only] => Ok(format!("./clusters/{only}")),
        many => bail!(
            "the fleet has several clusters\nhint: `--path clusters/{}`, or another of: {}",
            many[0],
            many.join(", ")
        ),
    }
}

/// The URL that a bootstrapped fleet fetches itself from. Its own GitRepository replaces ours as soon as it is applied, so
/// what it names must lead to the served folder as well.
pub(super) fn own_url(fleet: &Path, entry: &str) -> Option<String> {
    let sync = fleet.join(entry).join(NAME).join("gotk-sync.yaml");
    let text = std::fs::read_to_string(sync).ok()?;
    let nodes = weir_yaml::parse_documents(&text).ok()?;
    let values = nodes.iter().filter_map(|node| weir_yaml::to_json(node, weir_yaml::Rules::Yaml11).ok());
    let mut sources = values.filter(|value| value["kind"] == "GitRepository" && value["metadata"]["name"] == NAME);
    sources.next()?["spec"]["url"].as_str().map(str::to_owned)
}

/// What starts it all, in the order of applying.
pub(super) fn bootstrap(url: &str, entry: &str) -> Vec<Value> {
    let meta = json!({"name": NAME, "namespace": NAME});
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAME}}),
        // A bootstrapped fleet names this Secret; the served folder asks for no password.
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque"}),
        json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": meta,
            "spec": {"interval": "1m0s", "url": url, "ref": {"branch": "main"}},
        }),
        json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": meta,
            "spec": {
                "interval": "10m0s", "path": entry, "prune": true,
                "sourceRef": {"kind": "GitRepository", "name": NAME},
            },
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(dirs: &[&str]) -> tempfile::TempDir {
        let top = tempfile::tempdir().unwrap();
        for dir in dirs {
            std::fs::create_dir_all(top.path().join(dir)).unwrap();
        }
        top
    }

    #[test]
    fn the_entry_is_found_or_asked_for() {
        let check = |dirs: &[&str], given: Option<&str>, expected: Option<&str>| {
            let top = folder(dirs);
            assert_eq!(entry(top.path(), given).ok().as_deref(), expected, "{dirs:?} {given:?}");
        };
        check(&["apps"], None, Some("./"));
        check(&["clusters/demo", "apps"], None, Some("./clusters/demo"));
        check(&["clusters/a", "clusters/b"], None, None);
        check(&["clusters/a", "clusters/b"], Some("clusters/b"), Some("./clusters/b"));
        check(&["clusters/a"], Some("./clusters/a/"), Some("./clusters/a"));
        check(&["clusters/a"], Some("clusters/c"), None);
    }

    #[test]
    fn a_bootstrapped_fleet_names_itself() {
        let top = folder(&["clusters/a/flux-system"]);
        assert_eq!(own_url(top.path(), "./clusters/a"), None);
        let sync = "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\nspec:\n  url: ssh://git@example.com/fleet\n";
        std::fs::write(top.path().join("clusters/a/flux-system/gotk-sync.yaml"), sync).unwrap();
        assert_eq!(own_url(top.path(), "./clusters/a").as_deref(), Some("ssh://git@example.com/fleet"));
    }
}
