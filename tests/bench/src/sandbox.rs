//! A renderer in its sandbox, as the host runs it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use weir_package::Layout;
use weir_plugin::{CallContext, HostConfig, Plugin, PluginHost, RenderRequest, Rendered};

use crate::report::{Report, time};

/// Whose budgets are used.
pub(crate) const TENANT: &str = "bench";

/// A plugin, loaded from the cache of compiled code.
pub(crate) struct Sandbox(Plugin);

impl Sandbox {
    /// Loads the plugin whose name holds `name`: once into an empty cache, then from it in a new runtime. Reports both.
    pub(crate) async fn load(report: &mut Report, name: &str) -> Result<Sandbox> {
        let layout = Layout::open(weir_e2e::plugins_dir())?;
        let entries = layout.entries()?;
        let found = entries.iter().find(|(entry, _)| entry.contains(name));
        let (entry, _) = found.with_context(|| format!("no {name} plugin in the layout"))?;
        let component = layout.read(entry)?.into_component();
        let cache = tempfile::tempdir()?;
        let (cold, _) = load(&component, cache.path()).await?;
        report.add(&format!("{name} plugin, first load"), time(cold), "", "compile and link, empty cache");
        let (warm, plugin) = load(&component, cache.path()).await?;
        let what = format!("{name} plugin, load from the compiled cache");
        report.add(&what, time(warm), "", "new runtime, same cache");
        Ok(Sandbox(plugin))
    }

    /// Renders in a fresh instance.
    pub(crate) async fn render(&self, context: &CallContext, request: RenderRequest, root: &Path) -> Result<Rendered> {
        Ok(self.0.render(context, request, root).await?)
    }
}

/// A runtime of its own, so that nothing is in memory yet.
async fn load(component: &[u8], cache: &Path) -> Result<(Duration, Plugin)> {
    let started = Instant::now();
    let host = PluginHost::new(HostConfig { cache_dir: Some(cache.to_owned()), ..HostConfig::default() })?;
    let plugin = host.load(component.to_owned(), None).await?;
    Ok((started.elapsed(), plugin))
}
