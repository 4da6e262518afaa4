//! `weir plugin build`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use tokio::runtime::Handle;
use weir_package::build::{Built, Options, build};
use weir_package::{Image, Layout};

use crate::{plugins, progress};

pub(crate) async fn run(dir: PathBuf, output: Option<PathBuf>, layout: Option<PathBuf>) -> Result<()> {
    progress::action(&format!("building {}", dir.display()));
    let host = plugins::host()?;
    let runtime = Handle::current();
    // The description comes out of the plugin itself; the packager does not run anything.
    let describe = move |component: &[u8]| runtime.block_on(host.describe(component.to_vec())).map_err(Into::into);
    let built = tokio::task::spawn_blocking(move || build(&dir, &Options::default(), describe)).await??;
    let name = name(&built)?;
    let place = match layout {
        Some(layout) => {
            let image = Image::pack(built.component)?;
            Layout::create(&layout)?.write(&name, &image)?;
            format!("layout:{}#{name}", layout.display())
        }
        None => {
            let file = output.unwrap_or_else(|| format!("{name}.wasm").into());
            write(&file, &built.component)?;
            format!("file:{}", file.display())
        }
    };
    progress::done(&format!("{name}, {} KiB: {place}", built.inspection.sizes.total / 1024));
    Ok(())
}

fn name(built: &Built) -> Result<String> {
    let name = built.inspection.info.as_ref().and_then(|info| info["name"].as_str());
    name.map(str::to_owned).ok_or_else(|| anyhow!("the plugin does not say its name\nhint: `describe` must return one"))
}

fn write(file: &Path, component: &[u8]) -> Result<()> {
    std::fs::write(file, component).with_context(|| format!("failed to write: {}", file.display()))
}
