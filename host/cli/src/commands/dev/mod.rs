//! `weir dev`: a cluster on this machine, kept equal to a folder.

mod fleet;
mod show;
mod state;
mod up;
mod watch;

use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::json;

use crate::args::{Dev, Format, Global};
use crate::{output, progress};
use state::State;

/// Between two looks at a process that was told to stop.
const STOP_POLL: Duration = Duration::from_millis(100);

pub(crate) async fn run(global: &Global, dev: Dev) -> Result<()> {
    match dev {
        Dev::Up(args) => up::run(global, args).await,
        Dev::Down => down(global).await,
        Dev::Status { kubeconfig_path, output } => status(kubeconfig_path, output),
    }
}

async fn down(global: &Global) -> Result<()> {
    let Some(state) = State::running() else {
        progress::done("nothing runs");
        return Ok(());
    };
    state.terminate();
    let stopped = async {
        while State::running().as_ref() == Some(&state) {
            tokio::time::sleep(STOP_POLL).await;
        }
    };
    if tokio::time::timeout(global.deadline(), stopped).await.is_err() {
        bail!("it does not stop: process {}", state.pid);
    }
    progress::done("stopped");
    Ok(())
}

fn status(kubeconfig_path: bool, format: Format) -> Result<()> {
    let Some(state) = State::running() else { bail!("nothing runs\nhint: `weir dev up --fleet DIR`") };
    if kubeconfig_path {
        return output::line(&state.kubeconfig.display().to_string());
    }
    let kubeconfig = state.kubeconfig.display().to_string();
    let fleet = state.fleet.display().to_string();
    let value = json!({"pid": state.pid, "kubeconfig": kubeconfig, "fleet": fleet, "git": state.git});
    match format {
        Format::Json => output::write(&format!("{value:#}\n")),
        Format::Yaml => output::write(&weir_yaml::to_yaml(&value)),
        Format::Name => output::line(&state.git),
        Format::Table | Format::Wide => {
            let row = |name: &str, value: &str| vec![name.to_owned(), value.to_owned()];
            let pid = state.pid.to_string();
            let rows =
                [row("fleet", &fleet), row("git", &state.git), row("kubeconfig", &kubeconfig), row("process", &pid)];
            output::write(&output::table(None, &rows))
        }
    }
}
