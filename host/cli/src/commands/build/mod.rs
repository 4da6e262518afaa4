//! `weir build`: the engine's own plugins, over a folder.

mod helm;
mod kustomization;
mod kustomize;
mod root;
mod write;

use anyhow::Result;

use crate::args::{Build, Global};

pub(crate) async fn run(global: &Global, build: Build) -> Result<()> {
    match build {
        Build::Kustomize(args) => kustomize::run(global, *args).await,
        Build::Helm(args) => helm::run(global, &args).await,
        Build::Kustomization { name, path, kustomization_file, dry_run, reach } => {
            let file = kustomization_file.as_deref();
            kustomization::run(global, &kustomization::Request { name, path, file, dry_run, reach: *reach }).await
        }
    }
}
