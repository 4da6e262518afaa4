//! `weir build kustomize`: the flags of `kustomize build`, as far as they make sense here.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Access;

#[derive(Debug, clap::Args)]
pub(crate) struct Kustomize {
    /// The folder, or the URL of a repository with a path in it
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Write to this file; into an existing folder, one file for each resource
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// Which files a kustomization may name
    #[arg(long, value_enum, default_value_t = LoadRestrictor::None, value_name = "RULE")]
    pub(crate) load_restrictor: LoadRestrictor,
    /// Order of the result where the kustomization has no `sortOptions`
    #[arg(long, value_enum, default_value_t = Reorder::Legacy, value_name = "ORDER")]
    pub(crate) reorder: Reorder,
    /// Add the label `app.kubernetes.io/managed-by`
    #[arg(long)]
    pub(crate) enable_managedby_label: bool,
    /// Let builds call every function that is pinned by digest, as `--allow-function 'oci://*'`
    #[arg(long)]
    pub(crate) enable_alpha_plugins: bool,
    #[command(flatten)]
    pub(crate) reach: Reach,
    #[command(flatten)]
    pub(crate) refused: Refused,
}

/// What a build may take from outside of its folder.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Reach {
    /// Let builds call this function (a plugin); repeatable, and `*` at its end stands for anything
    #[arg(long = "allow-function", value_name = "REFERENCE")]
    pub(crate) allowed_functions: Vec<String>,
    /// Refuse kustomizations that fetch files, bases or charts from elsewhere
    #[arg(long)]
    pub(crate) no_remote_bases: bool,
    /// Render the charts that kustomizations name (`helmCharts`); those that are not there are pulled
    #[arg(long)]
    pub(crate) enable_helm: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoadRestrictor {
    /// All files of the repository, as in a cluster
    #[value(name = "LoadRestrictionsNone")]
    None,
    /// Those in its own folder and below, as kustomize does unless told otherwise
    #[value(name = "LoadRestrictionsRootOnly")]
    RootOnly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reorder {
    /// By kind, then by name
    Legacy,
    /// As found
    None,
}

/// Flags of the original that mean nothing here; whoever uses one is told why.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Refused {
    #[arg(long, hide = true)]
    network: bool,
    #[arg(long, hide = true)]
    network_name: Option<String>,
    #[arg(long, hide = true)]
    mount: Vec<String>,
    #[arg(short, long, hide = true)]
    env: Vec<String>,
    #[arg(long, hide = true)]
    as_current_user: bool,
    #[arg(long, hide = true)]
    helm_command: Option<String>,
    #[arg(long, hide = true)]
    helm_debug: bool,
}

impl Refused {
    /// The first one that was given, and why it is not served.
    pub(crate) fn problem(&self) -> Option<String> {
        let sandboxed = "functions are plugins in a sandbox, which has no";
        let all = [
            (self.network, "--network", format!("{sandboxed} network")),
            (self.network_name.is_some(), "--network-name", format!("{sandboxed} network")),
            (!self.mount.is_empty(), "--mount", format!("{sandboxed} folders of this machine")),
            (!self.env.is_empty(), "--env", format!("{sandboxed} environment")),
            (self.as_current_user, "--as-current-user", format!("{sandboxed} user")),
            (self.helm_command.is_some(), "--helm-command", "no program is run: weir renders charts itself".to_owned()),
            (self.helm_debug, "--helm-debug", "no program is run: weir renders charts itself".to_owned()),
        ];
        let given = all.into_iter().find(|(is_given, _, _)| *is_given);
        given.map(|(_, flag, why)| format!("`{flag}` is not served: {why}"))
    }
}
