//! `weir plugin push` and `weir plugin pull`.

use std::path::Path;

use anyhow::{Context, Result};
use weir_package::{Image, Reference};

use crate::args::Access;
use crate::{output, plugins, progress};

pub(crate) async fn push(from: &Reference, to: &Reference, access: &Access) -> Result<()> {
    let sources = plugins::sources(access)?;
    let fetched = sources.resolve(from).await?;
    progress::action(&format!("pushing {from}"));
    let digest = sources.push(to, Image::pack(fetched.bytes)?).await?;
    progress::done(&format!("pushed: {to}"));
    output::line(&format!("{to}@{digest}"))
}

pub(crate) async fn pull(reference: &Reference, file: &Path, access: &Access) -> Result<()> {
    let fetched = plugins::sources(access)?.resolve(reference).await?;
    std::fs::write(file, &fetched.bytes).with_context(|| format!("failed to write: {}", file.display()))?;
    progress::done(&format!("pulled {}: {}", fetched.digest, file.display()));
    Ok(())
}
