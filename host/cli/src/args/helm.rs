//! `weir build helm`: the arguments and flags of `helm template`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Plugins;

/// A flag as Helm reads it: `--flag`, `--flag=true` and `--flag=false`.
macro_rules! switches {
    (hide = $hide:literal; $(#[$struct_doc:meta])* $visibility:vis struct $name:ident { $($(#[$doc:meta])* $field:ident,)* }) => {
        $(#[$struct_doc])*
        #[derive(Debug, Clone, Default, Args)]
        $visibility struct $name {
            $(
                $(#[$doc])*
                #[arg(
                    long,
                    hide = $hide,
                    num_args = 0..=1,
                    require_equals = true,
                    default_missing_value = "true",
                    default_value = "false",
                    hide_default_value = true,
                    hide_possible_values = true,
                    value_parser = switch,
                    value_name = "BOOL"
                )]
                pub(crate) $field: bool,
            )*
        }
    };
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Helm {
    /// The release's name, which may be left out, and the chart: a folder or an archive
    #[arg(required = true, num_args = 1.., value_name = "[NAME] CHART")]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) values: Values,
    /// Kubernetes version that the chart sees
    #[arg(long, value_name = "VERSION")]
    pub(crate) kube_version: Option<String>,
    /// API versions that the chart sees besides the usual ones; repeatable
    #[arg(short, long, value_delimiter = ',', value_name = "VERSION")]
    pub(crate) api_versions: Vec<String>,
    /// Only what comes from these files of the chart, as `templates/web.yaml` or `templates/*`; repeatable
    #[arg(short, long, value_name = "PATH")]
    pub(crate) show_only: Vec<String>,
    /// Write files into this folder instead of printing
    #[arg(long, value_name = "DIR", conflicts_with = "show_only")]
    pub(crate) output_dir: Option<PathBuf>,
    /// Template of the release's name
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) name_template: Option<String>,
    /// Let the release's name be made up; as in Helm, it is `release-name` then
    #[arg(short, long)]
    pub(crate) generate_name: bool,
    /// As which version of Helm the chart is rendered
    #[arg(long, value_enum, value_name = "VERSION", default_value_t = HelmVersion::V3)]
    pub(crate) helm_version: HelmVersion,
    #[command(flatten)]
    pub(crate) switches: Switches,
    #[command(flatten)]
    pub(crate) remote: Remote,
    #[command(flatten)]
    pub(crate) install: Install,
    #[command(flatten)]
    pub(crate) plugins: Plugins,
}

/// Where values come from. Whatever the order on the command line: files, then JSON, values, strings, files, literals.
#[derive(Debug, Clone, Args)]
pub(crate) struct Values {
    /// File with values, `-` for standard input; repeatable, later ones win
    #[arg(id = "values", short = 'f', long = "values", value_delimiter = ',', value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Values as `a.b=1,c[0]=x`; repeatable
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    pub(crate) set: Vec<String>,
    /// Values that are text whatever they look like; repeatable
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    pub(crate) set_string: Vec<String>,
    /// Values that are the content of files, as `a.b=path`; repeatable
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    pub(crate) set_file: Vec<String>,
    /// Values in JSON, as `a.b={"c":1}` or a whole object; repeatable
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    pub(crate) set_json: Vec<String>,
    /// One value that is taken as it is, as `a.b=x,y`; repeatable
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) set_literal: Vec<String>,
}

switches! {
    hide = false;

    /// What can be on or off.
    pub(crate) struct Switches {
        /// With the chart's `crds` folder
        include_crds,
        /// Without hooks that are tests
        skip_tests,
        /// Without hooks
        no_hooks,
        /// Render as an upgrade
        is_upgrade,
        /// Put files below a folder with the release's name
        release_name,
        /// Do not check values against the chart's schema
        skip_schema_validation,
        /// Let the chart look up the addresses of names
        enable_dns,
        /// Print what was rendered even if it is not valid YAML
        debug,
        /// Print the chart's notes instead of its manifests
        notes,
        /// With the notes of sub-charts
        render_subchart_notes,
        /// Let the clock stand still and give the chart the same random values every time
        hermetic,
    }
}

/// What needs a cluster, a network or another program.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Remote {
    #[arg(long, hide = true)]
    pub(crate) validate: bool,
    #[arg(long, hide = true)]
    pub(crate) dependency_update: bool,
    #[arg(long, hide = true)]
    pub(crate) verify: bool,
    #[arg(long, hide = true, value_name = "URL")]
    pub(crate) repo: Option<String>,
    #[arg(long, hide = true, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    #[arg(long, hide = true, value_name = "PROGRAM")]
    pub(crate) post_renderer: Option<String>,
    #[arg(long, hide = true, value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub(crate) post_renderer_args: Vec<String>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    pub(crate) dry_run: Option<String>,
}

switches! {
    hide = true;

    /// Flags of `helm install` that `helm template` takes without doing anything with them.
    pub(crate) struct InstallSwitches {
        create_namespace,
        force,
        replace,
        wait,
        wait_for_jobs,
        atomic,
        devel,
        disable_openapi_validation,
        skip_crds,
        hide_notes,
        take_ownership,
        insecure_skip_tls_verify,
        plain_http,
        pass_credentials,
    }
}

/// Flags of `helm install` that `helm template` takes without doing anything with them.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Install {
    #[command(flatten)]
    pub(crate) switches: InstallSwitches,
    #[arg(long, hide = true)]
    pub(crate) description: Option<String>,
    #[arg(short, long, hide = true)]
    pub(crate) labels: Vec<String>,
    #[arg(long, hide = true)]
    pub(crate) username: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) password: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) keyring: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) ca_file: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) cert_file: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) key_file: Option<String>,
}

/// The versions of Helm that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HelmVersion {
    /// Helm 3
    #[value(name = "3")]
    V3,
    /// Helm 4
    #[value(name = "4")]
    V4,
}

/// As Go's flags read booleans.
fn switch(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("expected `true` or `false`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        helm: Helm,
    }

    fn parse(line: &str) -> Helm {
        Line::try_parse_from(line.split(' ')).unwrap().helm
    }

    #[test]
    fn switches_take_a_value_as_go_does() {
        let helm = parse("helm --include-crds --skip-tests=false --no-hooks=1 web ./chart");
        let Switches { include_crds, skip_tests, no_hooks, .. } = helm.switches;
        assert_eq!((include_crds, skip_tests, no_hooks), (true, false, true));
        assert_eq!(helm.words, ["web", "./chart"]);
        assert!(Line::try_parse_from(["helm", "--no-hooks=maybe", "x"]).is_err());
    }

    #[test]
    fn lists_are_split_only_where_helm_splits_them() {
        let helm = parse("helm x -f a,b --values c -a v1,v2 --set a=1,b=2 --set-string -x=y -s a,b");
        assert_eq!(helm.values.files, ["a", "b", "c"]);
        assert_eq!(helm.api_versions, ["v1", "v2"]);
        assert_eq!(helm.values.set, ["a=1,b=2"]);
        assert_eq!(helm.values.set_string, ["-x=y"]);
        assert_eq!(helm.show_only, ["a,b"]);
    }

    #[test]
    fn flags_without_effect_are_taken() {
        parse("helm x --create-namespace --atomic --wait --description y --devel --dry-run --skip-crds");
    }
}
