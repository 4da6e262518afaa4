//! One verb a file.

mod build;
mod check;
mod completion;
mod dev;
mod events;
mod get;
mod install;
mod logs;
mod plugin;
mod reconcile;
mod run;
mod suspend;
mod tree;

use anyhow::Result;

use crate::args::{Args, Command};

pub(crate) async fn run(args: Args) -> Result<()> {
    let global = &args.global;
    match args.command {
        Command::Run(run) => run::run(global, *run).await,
        Command::Install(install) => install::run(global, &install).await,
        Command::Check => check::run(global).await,
        Command::Build(build) => build::run(global, build).await,
        Command::Get(get) => get::run(global, &get).await,
        Command::Reconcile(reconcile) => reconcile::run(global, &reconcile).await,
        Command::Suspend(select) => suspend::suspend(global, &select).await,
        Command::Resume(select) => suspend::resume(global, &select).await,
        Command::Tree(tree) => tree::run(global, &tree).await,
        Command::Events(events) => events::run(global, &events).await,
        Command::Logs(logs) => logs::run(global, &logs).await,
        Command::Dev(dev) => dev::run(global, dev).await,
        Command::Plugin(plugin) => plugin::run(plugin).await,
        Command::Completion { shell } => completion::run(shell),
    }
}
