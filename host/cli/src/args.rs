//! What can be typed. Types only; each verb's work is in a file of its name in `commands`.

mod helm;
pub(crate) mod kustomize;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use weir_api::meta::GoDuration;
use weir_core::mirror::Mirror;
use weir_package::Reference;

use crate::kinds::Target;
use kustomize::{Kustomize, Reach};

pub(crate) use helm::{Helm, HelmVersion, Values};

/// Where Flux's objects are unless told otherwise.
const DEFAULT_NAMESPACE: &str = "flux-system";
/// Another default, as Flux's own CLI has it.
const NAMESPACE_VARIABLE: &str = "FLUX_SYSTEM_NAMESPACE";

/// Keeps Kubernetes clusters equal to what Git says, behind Flux's own API.
#[derive(Debug, Parser)]
#[command(
    name = "weir",
    version,
    disable_help_subcommand = true,
    after_help = "Examples:
  weir dev up --fleet ./my-fleet     try a fleet on this machine, without a cluster
  weir get all -A                    what is ready and what is not
  weir reconcile ks apps --with-source
  weir build kustomize ./apps/base   what a folder renders to"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every verb understands.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Global {
    /// Kubeconfig file; otherwise `$KUBECONFIG`, `~/.kube/config` or the pod's service account
    #[arg(long, global = true, env = "KUBECONFIG", hide_env = true, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig
    #[arg(long, global = true)]
    pub(crate) context: Option<String>,
    /// Namespace of the objects; `flux-system` unless `$FLUX_SYSTEM_NAMESPACE` says otherwise
    #[arg(short, long, global = true)]
    pub(crate) namespace: Option<String>,
    /// How long to wait, for example `5m` or `1m30s`
    #[arg(long, global = true, default_value = "5m", value_name = "DURATION")]
    pub(crate) timeout: GoDuration,
}

impl Global {
    pub(crate) fn deadline(&self) -> Duration {
        self.timeout.0
    }

    /// The namespace of Flux's objects.
    pub(crate) fn namespace(&self) -> String {
        let set = self.namespace.clone().or_else(|| std::env::var(NAMESPACE_VARIABLE).ok());
        set.filter(|name| !name.is_empty()).unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the engine: reconcile until stopped
    Run(Box<Run>),
    /// Install weir into a cluster: CRDs, access rights and a Deployment
    #[command(after_help = "Examples:
  weir install
  weir install --export > weir.yaml     for a cluster that is managed by other means")]
    Install(Install),
    /// Check that the cluster can run weir, and that weir runs
    Check,
    /// Render what a cluster would get, with the same plugins as the engine
    #[command(subcommand)]
    Build(Build),
    /// List objects with their revision and state
    #[command(
        after_help = "Kinds: all, sources git|oci|bucket|helm|chart|external, kustomizations (ks), helmreleases (hr),
  alerts, alert-providers, receivers, images repository|policy|update

Examples:
  weir get all -A
  weir get sources git
  weir get ks apps -o yaml
  weir get kustomizations --status-selector ready=false"
    )]
    Get(Get),
    /// Reconcile an object now, and wait for the result
    #[command(after_help = "Examples:
  weir reconcile kustomization apps --with-source
  weir reconcile source git flux-system")]
    Reconcile(Reconcile),
    /// Stop reconciling objects
    #[command(after_help = "Examples:
  weir suspend ks apps
  weir suspend source git --all")]
    Suspend(Select),
    /// Go on reconciling suspended objects, and wait for the result
    Resume(Select),
    /// Show what a Kustomization has applied
    #[command(after_help = "Example:
  weir tree ks flux-system")]
    Tree(Tree),
    /// Show the events of Flux objects, newest last
    #[command(after_help = "Example:
  weir events --for Kustomization/apps")]
    Events(Events),
    /// Show the engine's log
    #[command(after_help = "Example:
  weir logs -f --kind Kustomization --name apps")]
    Logs(Logs),
    /// A cluster on this machine, kept equal to a folder
    #[command(subcommand)]
    Dev(Dev),
    /// Make and move plugins
    #[command(subcommand)]
    Plugin(Plugin),
    /// Print the completion script of a shell
    #[command(after_help = "Example:
  source <(weir completion bash)")]
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// Watch one namespace only; all when not given
    #[arg(long)]
    pub(crate) watch_namespace: Option<String>,
    /// Handle only objects with these labels, as `sharding.fluxcd.io/key=shard1`
    #[arg(long, value_name = "LABELS")]
    pub(crate) watch_label_selector: Option<String>,
    /// ConfigMaps and Secrets whose change wakes the objects that read them; all when empty
    #[arg(long, default_value = weir_daemon::WATCH_CONFIGS, value_name = "LABELS")]
    pub(crate) watch_configs_label_selector: String,
    /// Where artifacts are kept
    #[arg(long, default_value = "/data", value_name = "DIR")]
    pub(crate) storage_path: PathBuf,
    /// Where artifacts are served
    #[arg(long, default_value = "0.0.0.0:9090", value_name = "ADDRESS")]
    pub(crate) storage_addr: SocketAddr,
    /// Host that artifact URLs name, for example `source-controller.flux-system.svc.cluster.local.`
    #[arg(long, value_name = "HOST")]
    pub(crate) storage_adv_addr: Option<String>,
    /// Where metrics are served
    #[arg(long, default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    pub(crate) metrics_addr: SocketAddr,
    /// Where `/healthz` and `/readyz` are served
    #[arg(long, default_value = "0.0.0.0:9440", value_name = "ADDRESS")]
    pub(crate) health_addr: SocketAddr,
    /// Reconciles that run at the same time; a wait for health does not count
    #[arg(long, default_value_t = 8)]
    pub(crate) concurrent: usize,
    /// Where compiled plugins are kept
    #[arg(long, default_value = "/data/cache", value_name = "DIR")]
    pub(crate) cache_dir: PathBuf,
    /// OCI layout with the plugins that travel with weir
    #[arg(long, alias = "plugins", env = "WEIR_PLUGINS", value_name = "DIR")]
    pub(crate) plugins_dir: Option<PathBuf>,
    /// Take a plugin from elsewhere, as `git=oci://registry.example.com/git:1.2.0`; repeatable
    #[arg(long = "plugin", value_name = "NAME=REFERENCE", value_parser = pair)]
    pub(crate) plugin_overrides: Vec<(String, String)>,
    /// Fetch what is at FROM from TO, as `https://github.com/=http://mirror.local/`; repeatable
    #[arg(long = "mirror", value_name = "FROM=TO")]
    pub(crate) mirrors: Vec<Mirror>,
    /// Refuse kustomizations that fetch files, bases or charts from elsewhere
    #[arg(long)]
    pub(crate) no_remote_bases: bool,
    /// Let builds call this function (a plugin), as `oci://registry.example.com/functions/*`; repeatable, none when not given
    #[arg(long = "allow-function", value_name = "REFERENCE")]
    pub(crate) allowed_functions: Vec<String>,
    /// Render the charts that kustomizations name (`helmCharts`), which Flux refuses; those that are not there are pulled
    #[arg(long)]
    pub(crate) enable_helm: bool,
    /// Refuse references to sources in other namespaces
    #[arg(long)]
    pub(crate) no_cross_namespace_refs: bool,
    /// Service account that is impersonated when an object names none
    #[arg(long, value_name = "NAME")]
    pub(crate) default_service_account: Option<String>,
    /// Apply a fleet's own Flux like everything else
    #[arg(long)]
    pub(crate) apply_flux_components: bool,
    /// Take over the fields of this manager, besides kubectl's; repeatable
    #[arg(long = "override-manager", value_name = "NAME")]
    pub(crate) override_managers: Vec<String>,
    /// Kinds that are applied before the rest, as `example.com/Thing`; repeatable, or separated by commas
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) custom_apply_stage_kinds: Vec<String>,
    /// Requests at the same time for one apply
    #[arg(long, default_value_t = 4)]
    pub(crate) concurrent_ssa: usize,
    /// Superseded artifacts that are kept for an object, the current one included
    #[arg(long, default_value_t = 2)]
    pub(crate) artifact_retention_records: usize,
    /// How long superseded artifacts are kept
    #[arg(long, default_value = "1m", value_name = "DURATION")]
    pub(crate) artifact_retention_ttl: GoDuration,
    /// First delay of a retry after a failure; it doubles with every failure
    #[arg(long, default_value = "750ms", value_name = "DURATION")]
    pub(crate) min_retry_delay: GoDuration,
    /// Longest delay of a retry
    #[arg(long, default_value = "15m", value_name = "DURATION")]
    pub(crate) max_retry_delay: GoDuration,
    /// How far an interval varies, in percent
    #[arg(long, default_value_t = weir_core::interval::JITTER_PERCENT)]
    pub(crate) interval_jitter_percentage: u8,
    /// When an object that waits for another is looked at again
    #[arg(long, default_value = "30s", value_name = "DURATION")]
    pub(crate) requeue_dependency: GoDuration,
    /// What is logged: trace, debug, info or error
    #[arg(long, default_value = "info")]
    pub(crate) log_level: String,
    /// How logs are written
    #[arg(long, value_enum, default_value_t = LogEncoding::Json)]
    pub(crate) log_encoding: LogEncoding,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogEncoding {
    /// One JSON object a line
    Json,
    /// For people
    Console,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Install {
    /// Print the manifests instead of applying them
    #[arg(long)]
    pub(crate) export: bool,
    /// The engine's image
    #[arg(long, default_value = concat!("ghcr.io/weir-dev/weir:v", env!("CARGO_PKG_VERSION")))]
    pub(crate) image: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Build {
    /// Render a folder as `kustomize build` does
    #[command(after_help = "Examples:
  weir build kustomize ./apps/production
  weir build kustomize ./apps/production -o out.yaml --load-restrictor LoadRestrictionsRootOnly
  weir build kustomize https://github.com/org/repo//apps?ref=v1 --mirror https://github.com/=http://mirror.local/")]
    Kustomize(Box<Kustomize>),
    /// Render a chart as `helm template` does
    #[command(after_help = "Examples:
  weir build helm ./charts/web
  weir build helm web ./charts/web -n shop -f production.yaml --set image.tag=1.2.3
  weir build helm web web-1.2.3.tgz --include-crds --kube-version 1.33 -a monitoring.coreos.com/v1
  weir build helm web ./charts/web --show-only templates/deployment.yaml")]
    Helm(Box<Helm>),
    /// Render a folder as a Kustomization of the cluster would apply it
    #[command(
        visible_alias = "ks",
        after_help = "Examples:
  weir build kustomization apps --path ./apps/production
  weir build ks apps --path ./apps --kustomization-file ./clusters/prod/apps.yaml --dry-run"
    )]
    Kustomization {
        /// Its name
        name: String,
        /// The folder that it points to
        #[arg(long)]
        path: PathBuf,
        /// Read the Kustomization from a file instead of the cluster
        #[arg(long, value_name = "FILE")]
        kustomization_file: Option<PathBuf>,
        /// Do not talk to the cluster; needs --kustomization-file
        #[arg(long, requires = "kustomization_file")]
        dry_run: bool,
        #[command(flatten)]
        reach: Box<Reach>,
    },
}

/// Where bundled plugins are.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Plugins {
    /// OCI layout with the plugins that travel with weir; found by itself when not given
    #[arg(long, env = "WEIR_PLUGINS", hide_env = true, value_name = "DIR")]
    pub(crate) plugins: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    /// Kind, and a name when only one is wanted
    #[arg(required = true, num_args = 1..=3, value_name = "KIND [NAME]")]
    pub(crate) target: Vec<String>,
    /// In all namespaces
    #[arg(short = 'A', long)]
    pub(crate) all_namespaces: bool,
    /// How the result is written
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
    /// Leave out the header
    #[arg(long)]
    pub(crate) no_header: bool,
    /// Only objects with these labels, as `app=web,tier!=db`
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub(crate) label_selector: Option<String>,
    /// Only objects with this condition, as `ready=false`
    #[arg(long, value_name = "CONDITION=STATUS")]
    pub(crate) status_selector: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people
    Table,
    /// More columns
    Wide,
    /// Whole objects
    Yaml,
    /// Whole objects
    Json,
    /// One `kind/name` a line
    Name,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Reconcile {
    /// Kind and name
    #[arg(required = true, num_args = 2..=3, value_name = "KIND NAME")]
    pub(crate) target: Vec<String>,
    /// Reconcile the object's source first
    #[arg(long)]
    pub(crate) with_source: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Select {
    /// Kind and names
    #[arg(required = true, num_args = 1.., value_name = "KIND NAME...")]
    pub(crate) target: Vec<String>,
    /// All objects of the kind in the namespace
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tree {
    /// Kind and name of a Kustomization
    #[arg(required = true, num_args = 2, value_name = "KIND NAME")]
    pub(crate) target: Vec<String>,
    /// Only objects that are reconciled themselves
    #[arg(long)]
    pub(crate) compact: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Events {
    /// Only of this object, as `Kustomization/apps`, or of this kind
    #[arg(long = "for", value_name = "KIND[/NAME]")]
    pub(crate) target: Option<String>,
    /// Only of these types
    #[arg(long, value_delimiter = ',', value_name = "Normal,Warning")]
    pub(crate) types: Vec<String>,
    /// In all namespaces
    #[arg(short = 'A', long)]
    pub(crate) all_namespaces: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Logs {
    /// Go on with what is logged from now on
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Only lines of this level: debug, info or error
    #[arg(long)]
    pub(crate) level: Option<String>,
    /// Only lines about objects of this kind
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Only lines about objects of this name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Start so many lines before the end
    #[arg(long, value_name = "LINES")]
    pub(crate) tail: Option<i64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Dev {
    /// Bring up a control plane, serve the folder as a Git repository, and run the engine on it
    #[command(after_help = "Examples:
  weir dev up --fleet ./my-fleet --path clusters/staging
  KUBECONFIG=$(weir dev status --kubeconfig-path) kubectl get pods -A

The folder is watched: what is saved in it is committed and reconciled. The repository also takes pushes.")]
    Up(Up),
    /// Stop it
    Down,
    /// Show whether it runs, and where
    Status {
        /// Print only the path of the kubeconfig
        #[arg(long)]
        kubeconfig_path: bool,
        /// How the result is written
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        output: Format,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Up {
    /// The folder with the fleet
    #[arg(long, value_name = "DIR")]
    pub(crate) fleet: PathBuf,
    /// Folder of the fleet that the cluster starts from; found by itself when there is only one below `clusters`
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Fetch what is at FROM from TO; repeatable
    #[arg(long = "mirror", value_name = "FROM=TO")]
    pub(crate) mirrors: Vec<Mirror>,
    /// Stop once everything is ready
    #[arg(long)]
    pub(crate) once: bool,
    #[command(flatten)]
    pub(crate) plugins: Plugins,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Plugin {
    /// Build the crate in a folder into a plugin
    #[command(after_help = "Examples:
  weir plugin build ./my-renderer                          writes my-renderer.wasm
  weir plugin build ./my-renderer --layout ./plugins       adds it to an OCI layout")]
    Build {
        /// The crate's folder
        dir: PathBuf,
        /// The file to write
        #[arg(short, long, value_name = "FILE", conflicts_with = "layout")]
        output: Option<PathBuf>,
        /// The OCI layout to add it to, under its own name
        #[arg(long, value_name = "DIR")]
        layout: Option<PathBuf>,
    },
    /// Show what a plugin is and wants, without running it
    #[command(after_help = "Examples:
  weir plugin inspect oci://registry.example.com/plugins/git:1.0.0
  weir plugin inspect file:my-renderer.wasm -o json
  weir plugin inspect kustomize                            one that travels with weir")]
    Inspect {
        /// Where it is
        reference: Reference,
        /// How the result is written
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        output: Format,
        #[command(flatten)]
        access: Access,
    },
    /// Store a plugin in a registry or layout
    #[command(after_help = "Example:
  weir plugin push file:my-renderer.wasm oci://registry.example.com/plugins/my-renderer:1.0.0")]
    Push {
        /// Where it is
        from: Reference,
        /// Where it goes
        to: Reference,
        #[command(flatten)]
        access: Access,
    },
    /// Fetch a plugin into a file
    #[command(after_help = "Example:
  weir plugin pull oci://registry.example.com/plugins/git:1.0.0 -o git.wasm")]
    Pull {
        /// Where it is
        reference: Reference,
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        #[command(flatten)]
        access: Access,
    },
}

/// How registries are talked to.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Access {
    /// Talk plain HTTP to the registry
    #[arg(long)]
    pub(crate) insecure_registry: bool,
    /// Fetch what is at FROM from TO; repeatable
    #[arg(long = "mirror", value_name = "FROM=TO")]
    pub(crate) mirrors: Vec<Mirror>,
    #[command(flatten)]
    pub(crate) plugins: Plugins,
}

/// The target of verbs that need exactly one kind.
pub(crate) fn target(words: &[String]) -> anyhow::Result<Target> {
    Ok(Target::parse(words)?)
}

fn pair(text: &str) -> Result<(String, String), String> {
    let split = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let (name, value) = split.ok_or("expected `NAME=REFERENCE`")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_the_help_shows_can_be_typed() {
        let help = every_help(&mut Args::command());
        let lines = help.lines().filter_map(|line| line.trim().strip_prefix("weir "));
        for line in lines {
            let command = line.split("   ").next().unwrap_or(line).split(" > ").next().unwrap_or(line);
            let words = std::iter::once("weir").chain(command.split_whitespace());
            let parsed = Args::try_parse_from(words);
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
    }

    fn every_help(command: &mut clap::Command) -> String {
        let own = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        command.get_subcommands_mut().fold(own, |all, sub| format!("{all}\n{}", every_help(sub)))
    }
}
