//! Loads the plugins that serve the kinds: from the layout that travels with weir, or from where an operator points.

use anyhow::{Context as _, Result};
use weir_engine::Plugins;
use weir_engine::outside::{Outside, Rules};
use weir_package::{Credentials, Reference, Registry, Sources};
use weir_plugin::{HostConfig, Plugin, PluginHost};

use crate::Config;

/// Name of the plugin that serves GitRepository.
const GIT: &str = "git";
/// Name of the plugin that renders Kustomizations.
const KUSTOMIZE: &str = "kustomize";
/// Name of the plugin that renders charts.
const HELM: &str = "helm";

/// Loads all of them; the compiled code comes from the cache where it is there.
pub(crate) async fn load(config: &Config) -> Result<Plugins> {
    let host = PluginHost::new(HostConfig { cache_dir: Some(config.cache_dir.clone()), ..HostConfig::default() })?;
    let sources = Sources::new(Registry::new(Credentials::from_environment()?, false))
        .with_mirrors(config.mirrors.clone())
        .with_bundled(config.plugins_dir.clone());
    let git = load_one(config, &host, &sources, GIT).await?;
    let kustomize = load_one(config, &host, &sources, KUSTOMIZE).await?;
    let charts = if config.enable_helm { Some(reference(config, HELM)?) } else { None };
    let rules = Rules { remote_bases: !config.no_remote_bases, functions: config.allowed_functions.clone(), charts };
    let outside = Outside::new(host, sources, Some(git.clone()), config.mirrors.clone(), rules);
    Ok(Plugins { git, kustomize, outside })
}

/// Where a plugin is: as the operator says, or with weir.
fn reference(config: &Config, name: &str) -> Result<Reference> {
    let named = config.plugin_overrides.iter().find(|(overridden, _)| overridden == name);
    Ok(named.map_or(name, |(_, reference)| reference).parse()?)
}

async fn load_one(config: &Config, host: &PluginHost, sources: &Sources, name: &str) -> Result<Plugin> {
    let reference = reference(config, name)?;
    let fetched = sources.resolve(&reference).await.with_context(|| format!("cannot load plugin: {reference}"))?;
    let plugin = host.load(fetched.bytes, Some(&fetched.component.to_string())).await?;
    tracing::info!(plugin = name, version = plugin.version(), digest = %fetched.digest, "plugin loaded");
    Ok(plugin)
}
