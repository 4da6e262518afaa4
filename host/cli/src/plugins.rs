//! Where plugins are, and running them here.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Result, bail};
use weir_core::Mirrors;
use weir_devenv::cache_dir;
use weir_package::{Credentials, Reference, Registry, Sources};
use weir_plugin::{HostConfig, Plugin, PluginHost};

use crate::args::Access;

/// The layout with the plugins that travel with weir: what was asked for, or beside the program, in the system, in the cache.
pub(crate) fn layout_dir(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        return if is_layout(given) { Ok(given.to_owned()) } else { bail!("not an OCI layout: {}", given.display()) };
    }
    match default_dirs().into_iter().find(|dir| is_layout(dir)) {
        Some(found) => Ok(found),
        None => bail!(
            "the plugins that travel with weir are not installed\nhint: `./x plugins` builds them; `--plugins` and `$WEIR_PLUGINS` name another place"
        ),
    }
}

fn default_dirs() -> Vec<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("plugins")));
    let system = PathBuf::from("/usr/share/weir/plugins");
    beside.into_iter().chain([system, cache_dir().join("plugins")]).collect()
}

fn is_layout(dir: &Path) -> bool {
    dir.join("index.json").is_file()
}

/// Everywhere that plugins can come from.
pub(crate) fn sources(access: &Access) -> Result<Sources> {
    let registry = Registry::new(Credentials::from_environment()?, access.insecure_registry);
    let sources = Sources::new(registry).with_mirrors(Mirrors::new(access.mirrors.clone()));
    Ok(match layout_dir(access.plugins.plugins.as_deref()) {
        Ok(bundled) => sources.with_bundled(bundled),
        // Only references to bundled plugins need it, and those say so.
        Err(_) => sources,
    })
}

/// The runtime of this process; it keeps compiled code in the user's cache.
pub(crate) fn host() -> Result<PluginHost> {
    static HOST: OnceLock<PluginHost> = OnceLock::new();
    if let Some(host) = HOST.get() {
        return Ok(host.clone());
    }
    let config = HostConfig { cache_dir: Some(compiled_dir()), ..HostConfig::default() };
    let host = PluginHost::new(config)?;
    Ok(HOST.get_or_init(|| host).clone())
}

/// Where compiled code is kept on a user's machine.
pub(crate) fn compiled_dir() -> PathBuf {
    cache_dir().join("compiled")
}

/// A plugin that travels with weir, ready to run.
pub(crate) async fn bundled(name: &str, layout: Option<&Path>) -> Result<Plugin> {
    let dir = layout_dir(layout)?;
    let registry = Registry::new(Credentials::default(), false);
    let reference: Reference = name.parse()?;
    let fetched = Sources::new(registry).with_bundled(dir).resolve(&reference).await?;
    Ok(host()?.load(fetched.bytes, Some(fetched.component.as_str())).await?)
}
