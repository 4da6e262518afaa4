//! The tour of `./x demo`: a fleet comes up, a push arrives, a drift is corrected.
//!
//! Usage: `demo WEIR [--keep]`, with `WEIR` the program to show.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use serde_json::{Value, json};
use weir_api::Kustomization;
use weir_testkit::{repo_root, wait_for};

/// The first start on a machine builds the control plane.
const START: Duration = Duration::from_secs(30 * 60);
const LOOK: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let weir = PathBuf::from(args.next().expect("usage: demo WEIR [--keep]"));
    let keep = args.any(|arg| arg == "--keep");
    let _ = rustls::crypto::ring::default_provider().install_default();

    let scratch = tempfile::tempdir().unwrap();
    let mut demo = Demo::start(&weir, scratch.path());
    let status = demo.status().await;
    let client = client(&status).await;
    let kustomizations = Api::<Kustomization>::namespaced(client.clone(), "flux-system");
    wait_for(&kustomizations, "apps", |object: Option<&Kustomization>| object.is_some_and(is_ready)).await;

    say("1. a push: four replicas instead of two");
    let deployments = Api::<Deployment>::namespaced(client, "web");
    push(scratch.path(), &status);
    shown("the push is live", &deployments, |deployment| replicas(deployment) == Some(4)).await;

    say("2. a drift: somebody else scales the Deployment to one");
    let edit = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 1}});
    let params = PatchParams::apply("somebody-else").force();
    deployments.patch("web", &params, &Patch::Apply(edit)).await.unwrap();
    shown("the drift is corrected", &deployments, |deployment| replicas(deployment) == Some(4)).await;

    wait_for(&deployments, "web", |object: Option<&Deployment>| object.is_some_and(|d| available(d) == Some(4))).await;
    say("3. what runs now");
    run(demo.weir(&["tree", "ks", "flux-system"]).env("KUBECONFIG", status["kubeconfig"].as_str().unwrap()));
    if keep {
        say("it stays up: ctrl-c stops it");
        demo.child.wait().unwrap();
        return;
    }
    run(&mut demo.weir(&["dev", "down"]));
    demo.child.wait().unwrap();
}

/// `weir dev up`, in folders of its own.
struct Demo {
    weir: PathBuf,
    state: PathBuf,
    child: Child,
}

impl Demo {
    fn start(weir: &Path, scratch: &Path) -> Self {
        let fleet = scratch.join("fleet");
        run(Command::new("cp").arg("-r").arg(repo_root().join("tests/demo")).arg(&fleet));
        let state = scratch.join("state");
        let mut command = Command::new(weir);
        let child = command.args(["dev", "up", "--fleet"]).arg(&fleet).env("WEIR_DEV_DIR", &state).spawn().unwrap();
        Self { weir: weir.to_owned(), state, child }
    }

    fn weir(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.weir);
        command.args(args).env("WEIR_DEV_DIR", &self.state);
        command
    }

    /// Waits until it runs; returns what it says about itself.
    async fn status(&mut self) -> Value {
        let start = Instant::now();
        while start.elapsed() < START {
            let ended: Option<ExitStatus> = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "`weir dev up` ended with {}", ended.unwrap());
            let output = self.weir(&["dev", "status", "-o", "json"]).output().unwrap();
            if output.status.success() {
                return serde_json::from_slice(&output.stdout).unwrap();
            }
            tokio::time::sleep(LOOK).await;
        }
        panic!("`weir dev up` is not ready");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn client(status: &Value) -> Client {
    let file = Kubeconfig::read_from(status["kubeconfig"].as_str().unwrap()).unwrap();
    let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await.unwrap();
    Client::try_from(config).unwrap()
}

/// What a colleague does: clone, edit, commit, push.
fn push(scratch: &Path, status: &Value) {
    let clone = scratch.join("clone");
    run(Command::new("git").args(["clone", "--quiet", status["git"].as_str().unwrap()]).arg(&clone));
    let file = clone.join("apps/web/production/kustomization.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("count: 2", "count: 4")).unwrap();
    let identity = ["-c", "user.name=a colleague", "-c", "user.email=colleague@example.com"];
    run(Command::new("git").current_dir(&clone).args(identity).args(["commit", "--quiet", "-am", "four replicas"]));
    run(Command::new("git").current_dir(&clone).args(["push", "--quiet"]));
}

async fn shown(what: &str, deployments: &Api<Deployment>, holds: fn(&Deployment) -> bool) {
    let start = Instant::now();
    wait_for(deployments, "web", move |object: Option<&Deployment>| object.is_some_and(holds)).await;
    say(&format!("   {what} after {:.2} s", start.elapsed().as_secs_f64()));
}

fn is_ready(object: &Kustomization) -> bool {
    let status = serde_json::to_value(&object.status).unwrap();
    let conditions = status["conditions"].as_array().into_iter().flatten();
    conditions.clone().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

fn replicas(deployment: &Deployment) -> Option<i32> {
    deployment.spec.replicas
}

fn available(deployment: &Deployment) -> Option<i32> {
    deployment.status.as_ref()?.available_replicas
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

fn say(line: &str) {
    eprintln!("\n==> {line}");
}
