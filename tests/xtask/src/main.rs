//! Project tasks behind `./x`. This crate stays light: it is compiled before anything else can be.

mod openapi;
mod steps;
mod tasks;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// weir's project tasks.
#[derive(Parser)]
#[command(name = "./x", disable_help_subcommand = true)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Bring up a cluster here, let weir keep it equal to a small fleet, and show a push and a repaired drift
    Demo {
        /// Go on running after the tour, until ctrl-c
        #[arg(long)]
        keep: bool,
    },
    /// Check and test everything; with arguments, only `cargo test ARGS`
    Test {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Measure against the original programs
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Build the plugins that travel with weir
    Plugins,
    /// Write the CRDs from the Rust types
    Crds,
    /// Write the tables of merge keys and of cluster-scoped kinds from the Kubernetes release that kustomize has built in;
    /// with a file (what an API server has at `/openapi/v2`), only tell how that server differs
    Openapi {
        file: Option<std::path::PathBuf>,
        /// Tell how an API server that is started here differs
        #[arg(long, conflicts_with = "file")]
        server: bool,
    },
    /// Format the code
    Fmt,
    /// Build `weir` and its plugins for release
    Build,
    /// Check the rules of the code base that the compiler does not know
    Tidy,
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Demo { keep } => tasks::demo(keep),
        Task::Test { args } if args.is_empty() => tasks::test(),
        Task::Test { args } => tasks::cargo_test(&args),
        Task::Bench { args } => tasks::bench(&args),
        Task::Plugins => tasks::plugins(),
        Task::Crds => tasks::crds(),
        Task::Openapi { server: true, .. } => openapi::compare_with_new_server(),
        Task::Openapi { file, .. } => openapi::run(file.as_deref()),
        Task::Fmt => tasks::fmt(),
        Task::Build => tasks::build(),
        Task::Tidy => tasks::tidy(),
    };
    done.map_or_else(
        |error| {
            steps::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}
