//! `weir build kustomize`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_engine::outside::{Outside, Rules};
use weir_plugin::{CallContext, Format, Limits, RenderRequest, Rendered};

use super::{root, write};
use crate::args::Global;
use crate::args::kustomize::{Kustomize, LoadRestrictor, Reach, Reorder};
use crate::{plugins, progress};

/// The plugin that renders Kustomizations.
const PLUGIN: &str = "kustomize";
/// Whose budgets are used where there is no namespace.
const TENANT: &str = "local";
/// Every function that can be pinned.
const PINNED_FUNCTIONS: &str = "oci://*";
/// The plugin that renders their charts.
const HELM: &str = "helm";

pub(crate) async fn run(global: &Global, mut args: Kustomize) -> Result<()> {
    if let Some(problem) = args.refused.problem() {
        bail!(problem);
    }
    if args.enable_alpha_plugins {
        args.reach.allowed_functions.push(PINNED_FUNCTIONS.to_owned());
    }
    let remote = remote(&args.dir)?;
    let dir = remote.as_ref().map_or(args.dir.as_path(), TempDir::path);
    let rendered = render(dir, config(&args), Format::Yaml, &args.reach, global.deadline()).await;
    write::write(&rendered?, args.output.as_deref())
}

fn config(args: &Kustomize) -> Value {
    json!({
        "loadRestrictor": match args.load_restrictor {
            LoadRestrictor::RootOnly => "LoadRestrictionsRootOnly",
            LoadRestrictor::None => "LoadRestrictionsNone",
        },
        "reorder": match args.reorder {
            Reorder::Legacy => "legacy",
            Reorder::None => "none",
        },
        "enableHelm": args.reach.enable_helm,
        "managedByLabel": args.enable_managedby_label,
        "scopes": args.output.is_some(),
    })
}

/// A kustomization of its own around a URL.
fn remote(dir: &Path) -> Result<Option<TempDir>> {
    let Some(url) = url(dir) else { return Ok(None) };
    let folder = TempDir::new()?;
    std::fs::write(folder.path().join("kustomization.yaml"), json!({"resources": [url]}).to_string())?;
    Ok(Some(folder))
}

/// What is no path here, and looks like a repository.
fn url(dir: &Path) -> Option<&str> {
    let text = dir.to_str().filter(|_| !dir.exists())?;
    let starts = ["git::", "git@", "github.com/", "github.com:"];
    (text.contains("://") || starts.iter().any(|start| text.starts_with(start))).then_some(text)
}

/// Runs the renderer over a folder as the engine would.
pub(super) async fn render(
    dir: &Path,
    config: Value,
    format: Format,
    reach: &Reach,
    wall: Duration,
) -> Result<Rendered> {
    let input = root::of(dir)?;
    let layout = reach.access.plugins.plugins.as_deref();
    let plugin = plugins::bundled(PLUGIN, layout).await?;
    let charts = if reach.enable_helm { Some(HELM.parse()?) } else { None };
    let rules = Rules { remote_bases: !reach.no_remote_bases, functions: reach.allowed_functions.clone(), charts };
    let mirrors = weir_core::Mirrors::new(reach.access.mirrors.clone());
    let outside = Outside::new(plugins::host()?, plugins::sources(&reach.access)?, None, mirrors, rules);
    let request = RenderRequest { config, path: input.path, format, ..RenderRequest::default() };
    let context = CallContext::new(TENANT, Limits::renderer().with_wall(wall));
    let rendered = outside.render(&plugin, &context, request, &input.root).await?;
    for diagnostic in &rendered.diagnostics {
        progress::failed(&format!("{}: {}", diagnostic.path.as_deref().unwrap_or("warning"), diagnostic.message));
    }
    Ok(rendered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_not_a_folder() {
        for (text, is_url) in [
            ("https://github.com/org/repo//path?ref=v1", true),
            ("github.com/org/repo", true),
            ("git@host:org/repo", true),
            ("./apps", false),
            ("apps/base", false),
        ] {
            assert_eq!(url(Path::new(text)).is_some(), is_url, "{text}");
        }
        let folder = remote(Path::new("github.com/org/repo?ref=v1")).unwrap().unwrap();
        let text = std::fs::read_to_string(folder.path().join("kustomization.yaml")).unwrap();
        assert_eq!(text, r#"{"resources":["github.com/org/repo?ref=v1"]}"#);
    }
}
