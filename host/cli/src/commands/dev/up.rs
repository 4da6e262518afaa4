//! `weir dev up`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use kube::Client;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use weir_core::Mirrors;
use weir_core::mirror::Mirror;
use weir_daemon::Config;
use weir_devenv::{ControlPlane, GitRepo, GitServer, Options, Progress};

use super::fleet::{self, NAME};
use super::state::{self, State};
use super::{show, watch};
use crate::args::{Global, Up};
use crate::commands::install::{apply, apply_crds};
use crate::commands::{reconcile, run::stop_on_signal};
use crate::kinds::Kind;
use crate::{plugins, progress};

/// Between two looks at the folder and the repository.
const LOOK: Duration = Duration::from_millis(500);

/// Everything that must live as long as the environment.
struct Environment {
    client: Client,
    repo: GitRepo,
    state: State,
    entry: String,
    mirrors: Vec<Mirror>,
    _git: GitServer,
    _plane: ControlPlane,
}

pub(crate) async fn run(global: &Global, args: Up) -> Result<()> {
    let start = Instant::now();
    if let Some(state) = State::running() {
        bail!("it already runs, for: {}\nhint: `weir dev down`", state.fleet.display());
    }
    let plugins = plugins::layout_dir(args.plugins.plugins.as_deref())?;
    let stop = stop_on_signal()?;
    let environment = tokio::select! {
        environment = prepare(&args) => environment?,
        () = stop.cancelled() => return Ok(()),
    };
    environment.state.save()?;
    progress::done(&format!("kubeconfig: {}", environment.state.kubeconfig.display()));
    progress::done(&format!("git: {}", environment.state.git));
    let engine = tokio::spawn(weir_daemon::run(config(&environment, &plugins), stop.clone()));
    let followed = follow(global, &environment, &args, &stop, engine, start).await;
    // The other verbs take it as stopped once its state is gone, so that goes last.
    drop(environment);
    State::remove();
    followed
}

async fn prepare(args: &Up) -> Result<Environment> {
    let fleet = args.fleet.canonicalize().with_context(|| format!("failed to open: {}", args.fleet.display()))?;
    let entry = fleet::entry(&fleet, args.path.as_deref())?;
    let options = Options {
        dir: Some(state::dir().join("cluster")),
        progress: Progress::new(progress::action),
        ..Options::default()
    };
    let plane = ControlPlane::start(options).await?;
    forget_artifacts()?;
    let client = plane.client()?;
    let git = GitServer::start(None).await?;
    let repo = git.serve("fleet", &fleet)?;
    let mut mirrors = args.mirrors.clone();
    if let Some(own) = fleet::own_url(&fleet, &entry) {
        mirrors.push(format!("{own}={}", repo.url()).parse()?);
    }
    apply_crds(&client, NAME).await?;
    for object in fleet::bootstrap(repo.url(), &entry) {
        apply(&client, &object).await?;
    }
    let state = State {
        pid: i32::try_from(std::process::id())?,
        kubeconfig: plane.kubeconfig().to_owned(),
        fleet,
        git: repo.url().to_owned(),
    };
    Ok(Environment { client, repo, state, entry, mirrors, _git: git, _plane: plane })
}

/// What an earlier cluster fetched is of no use to this one.
fn forget_artifacts() -> Result<()> {
    let storage = storage_dir();
    if storage.exists() {
        std::fs::remove_dir_all(&storage).with_context(|| format!("failed to remove: {}", storage.display()))?;
    }
    Ok(())
}

fn storage_dir() -> PathBuf {
    state::dir().join("storage")
}

fn config(environment: &Environment, plugins: &Path) -> Config {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Config {
        kubeconfig: Some(environment.state.kubeconfig.clone()),
        storage_path: storage_dir(),
        storage_addr: loopback,
        metrics_addr: None,
        health_addr: None,
        cache_dir: plugins::compiled_dir(),
        plugins_dir: plugins.to_owned(),
        mirrors: Mirrors::new(environment.mirrors.clone()),
        ..Config::default()
    }
}

/// Tells what happens until it is over: the user stops it, the engine ends, or all is ready and that was all.
async fn follow(
    global: &Global,
    environment: &Environment,
    args: &Up,
    stop: &CancellationToken,
    mut engine: JoinHandle<Result<()>>,
    start: Instant,
) -> Result<()> {
    progress::waiting(&format!("reconciling {} of {}", environment.entry, environment.state.fleet.display()));
    let mut changes = watch::changes(&environment.client);
    let mut view = watch::View::default();
    let mut looks = tokio::time::interval(LOOK);
    let mut head = environment.repo.head()?;
    let (mut is_settled, mut is_first) = (false, true);
    let deadline = tokio::time::sleep(global.deadline());
    tokio::pin!(deadline);
    loop {
        tokio::select! {
            Some(change) = changes.next() => {
                // A watch that breaks is opened again.
                let Ok(change) = change else { continue };
                let Some((key, seen)) = view.take(change) else { continue };
                show::news(&key, seen.as_ref());
            }
            _ = looks.tick() => head = look(environment, head).await?,
            () = &mut deadline, if args.once => bail!("not everything is ready within {}", global.timeout),
            ended = &mut engine => return ended?,
        }
        // Told once each time that the fleet comes to rest.
        if std::mem::replace(&mut is_settled, view.is_settled()) || !is_settled {
            continue;
        }
        if std::mem::take(&mut is_first) {
            show::tree(&environment.client).await?;
            progress::done(&format!("all ready after {:.1} s", start.elapsed().as_secs_f64()));
            progress::waiting("edit the folder or push to the repository; ctrl-c stops");
        } else {
            progress::done("all ready");
        }
        if args.once {
            stop.cancel();
        }
    }
}

/// Commits what was saved in the folder, and makes weir fetch what is new. Returns the branch's head.
async fn look(environment: &Environment, head: String) -> Result<String> {
    let repo = environment.repo.clone();
    let look = tokio::task::spawn_blocking(move || -> weir_devenv::Result<_> {
        let committed = repo.commit_changes("change in the folder")?;
        Ok((committed.is_some(), repo.head()?))
    });
    let (is_own, now) = look.await??;
    if now != head {
        let how = if is_own { "saved" } else { "pushed" };
        progress::action(&format!("{how}: commit {}", &now[..8.min(now.len())]));
        let kind = Kind::named("GitRepository").expect("the table has it");
        reconcile::request(&environment.client, kind, NAME, NAME).await?;
    }
    Ok(now)
}
