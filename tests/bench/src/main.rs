//! Figures of weir beside those of the originals, taken in one run on this machine where the original can be had.
//!
//! `./x bench [kustomize] [helm] [one] [latency] [many]` measures all, or only what is named.

mod charts;
mod helm;
mod kustomizations;
mod kustomize;
mod latency;
mod many;
mod one;
mod originals;
mod report;
mod sandbox;
mod side_by_side;
mod usage;

use anyhow::{Result, bail};
use clap::Parser;
use report::Report;

/// What can be measured, in the order it is.
const PARTS: [&str; 5] = ["kustomize", "helm", "one", "latency", "many"];

#[derive(Parser)]
struct Arguments {
    /// What to measure: `kustomize`, `helm`, `one`, `latency`, `many`; everything when nothing is named.
    parts: Vec<String>,
    /// Kustomizations of the largest fleet.
    #[arg(long, default_value_t = 500)]
    fleet: usize,
    /// Resources of the largest kustomization.
    #[arg(long, default_value_t = 5000)]
    resources: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(unknown) = arguments.parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        bail!("unknown part: {unknown}\nhint: one of `{}`", PARTS.join("`, `"));
    }
    let mut report = Report::default();
    for part in PARTS.into_iter().filter(|part| arguments.parts.is_empty() || arguments.parts.iter().any(|p| p == part))
    {
        measure(part, &arguments, &mut report).await?;
    }
    report.print();
    Ok(())
}

async fn measure(part: &str, arguments: &Arguments, report: &mut Report) -> Result<()> {
    match part {
        "kustomize" => kustomize::measure(report, arguments.resources).await,
        "helm" => helm::measure(report).await,
        "one" => one::measure(report).await,
        "latency" => latency::measure(report).await,
        _ => many::measure(report, arguments.fleet).await,
    }
}
