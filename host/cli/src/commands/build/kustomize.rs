//! `weir build kustomize`.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use weir_plugin::{CallContext, Format, Limits, RenderRequest, Rendered};

use super::root;
use crate::args::Plugins;
use crate::{output, plugins, progress};

/// The plugin that renders Kustomizations.
const PLUGIN: &str = "kustomize";
/// Whose budgets are used where there is no namespace.
const TENANT: &str = "local";

pub(crate) async fn run(dir: &Path, args: &Plugins) -> Result<()> {
    let rendered = render(dir, json!({}), Format::Yaml, args).await?;
    output::write(&rendered.documents.join("---\n"))
}

/// Runs the renderer over a folder as the engine would.
pub(super) async fn render(dir: &Path, config: Value, format: Format, args: &Plugins) -> Result<Rendered> {
    let input = root::of(dir)?;
    let plugin = plugins::bundled(PLUGIN, args.plugins.as_deref()).await?;
    let request = RenderRequest { config, path: input.path, format, ..RenderRequest::default() };
    let context = CallContext::new(TENANT, Limits::renderer());
    let rendered = plugin.render(&context, request, &input.root).await?;
    for diagnostic in &rendered.diagnostics {
        progress::failed(&format!("{}: {}", diagnostic.path.as_deref().unwrap_or("warning"), diagnostic.message));
    }
    Ok(rendered)
}
