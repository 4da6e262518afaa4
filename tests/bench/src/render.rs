//! The kustomize renderer in its sandbox beside `kustomize build`, over the same folders.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use serde_json::json;
use weir_package::Layout;
use weir_plugin::{CallContext, HostConfig, Limits, Plugin, PluginHost, RenderRequest};

use crate::{
    kustomize_cli,
    report::{Report, median, say, time},
    workload,
};

const SMALL: usize = 4;
const LARGE: usize = 1000;

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let layout = Layout::open(weir_e2e::plugins_dir())?;
    let entries = layout.entries()?;
    let (name, _) =
        entries.iter().find(|(name, _)| name.contains("kustomize")).context("no kustomize plugin in the layout")?;
    let component = layout.read(name)?.into_component();
    let cache = tempfile::tempdir()?;

    let (cold, _) = load(&component, cache.path()).await?;
    report.add("kustomize plugin, first load", time(cold), "", "compile and link, empty cache");
    let (warm, plugin) = load(&component, cache.path()).await?;
    report.add("kustomize plugin, load from the compiled cache", time(warm), "", "new runtime, same cache");

    let kustomize = kustomize_cli::program().map_err(|e| say(&format!("skipped: no `kustomize`: {e:#}"))).ok();
    for (what, count, times) in [("render 4 resources", SMALL, 20), ("render 1,000 resources", LARGE, 5)] {
        compare(report, &plugin, kustomize.as_deref(), (what, count, times)).await?;
    }
    Ok(())
}

/// A runtime of its own, so that nothing is in memory yet.
async fn load(component: &[u8], cache: &Path) -> Result<(Duration, Plugin)> {
    let started = Instant::now();
    let host = PluginHost::new(HostConfig { cache_dir: Some(cache.to_owned()), ..HostConfig::default() })?;
    let plugin = host.load(component.to_owned(), None).await?;
    Ok((started.elapsed(), plugin))
}

async fn compare(
    report: &mut Report,
    plugin: &Plugin,
    kustomize: Option<&Path>,
    (what, count, times): (&str, usize, usize),
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    workload::write(folder.path(), count)?;
    let first = render(plugin, folder.path(), count).await?;
    let mut ours = vec![];
    for _ in 0..times {
        ours.push(render(plugin, folder.path(), count).await?);
    }
    let ours = median(ours);
    let Some(kustomize) = kustomize else {
        report.add(what, time(ours), "", &format!("median of {times}, first {}", time(first)));
        return Ok(());
    };
    let theirs: Vec<_> = (0..times).map(|_| kustomize_cli::build(kustomize, folder.path())).collect::<Result<_>>()?;
    let cpu = median(theirs.iter().map(|(_, cpu)| *cpu).collect());
    let theirs = median(theirs.into_iter().map(|(wall, _)| wall).collect());
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64().max(f64::EPSILON);
    report.add(
        what,
        format!("{} ({ratio:.1}x as fast)", time(ours)),
        format!("{}, {} CPU", time(theirs), time(cpu)),
        &format!("median of {times} in a fresh instance each, first {}; `kustomize build` as a program", time(first)),
    );
    Ok(())
}

async fn render(plugin: &Plugin, folder: &Path, count: usize) -> Result<Duration> {
    let context = CallContext::new("bench", Limits::renderer());
    let request = RenderRequest { config: json!({}), ..RenderRequest::default() };
    let started = Instant::now();
    let rendered = plugin.render(&context, request, folder).await?;
    let took = started.elapsed();
    anyhow::ensure!(
        rendered.documents.len() == count,
        "rendered {} documents in place of {count}",
        rendered.documents.len()
    );
    Ok(took)
}
