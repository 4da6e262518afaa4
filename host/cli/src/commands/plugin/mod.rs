//! `weir plugin`.

mod build;
mod inspect;
mod transfer;

use anyhow::Result;

use crate::args::Plugin;

pub(crate) async fn run(plugin: Plugin) -> Result<()> {
    match plugin {
        Plugin::Build { dir, output, layout } => build::run(dir, output, layout).await,
        Plugin::Inspect { reference, output, access } => inspect::run(&reference, output, &access).await,
        Plugin::Push { from, to, access } => transfer::push(&from, &to, &access).await,
        Plugin::Pull { reference, output, access } => transfer::pull(&reference, &output, &access).await,
    }
}
