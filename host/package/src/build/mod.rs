//! From the source of a plugin to a component that can be loaded and pushed.

mod toolchain;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use thiserror::Error;

pub use toolchain::{TARGET, Toolchain, ToolchainError};

use crate::{
    MAX_COMPONENT_BYTES,
    component::{ComponentError, Facts, embed_info},
    inspect::{Inspection, inspect},
};

/// Profile that plugins are built with. What the workspace says about it counts; the rest is as in `release`.
pub const PROFILE: &str = "component";

/// Lines of compiler output that an error keeps.
const KEPT_LINES: usize = 40;

/// Where the output of cargo goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// To our standard error, as it comes.
    #[default]
    Show,
    /// Into the error, if there is one.
    Keep,
}

/// How to build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where the output of cargo goes.
    pub output: Output,
    /// Where cargo keeps what it builds; its own choice when absent.
    pub target_directory: Option<PathBuf>,
}

/// A finished plugin.
#[derive(Clone, Debug)]
pub struct Built {
    /// The component, with its description in it.
    pub component: Vec<u8>,
    /// What cargo wrote, without the description.
    pub path: PathBuf,
    /// What is in it.
    pub inspection: Inspection,
}

/// Why a plugin cannot be built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Nothing can compile for the target.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// A program cannot be run.
    #[error("run `{program}`")]
    Run {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The compiler refused the source.
    #[error("cargo could not build the plugin in `{}`{}", directory.display(), output_suffix(output))]
    Cargo {
        /// The crate.
        directory: PathBuf,
        /// Its last lines, when they were kept.
        output: String,
    },
    /// The crate makes no component.
    #[error(
        "the crate in `{}` makes no component\nhint: add `crate-type = [\"cdylib\"]` below `[lib]` in its Cargo.toml",
        .0.display()
    )]
    NoComponent(PathBuf),
    /// The component cannot be read.
    #[error("read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The component is unusable.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// It imports what no host serves.
    #[error("the plugin imports what no host serves: {}\nhint: {}", .0.join(", "), import_hint(.0))]
    Imports(Vec<String>),
    /// It does not say for which version of the contract it was built.
    #[error("the plugin carries no API version\nhint: export it with `weir_sdk::export!`")]
    NoApiVersion,
    /// The plugin did not describe itself.
    #[error("describe the plugin")]
    Describe(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn output_suffix(output: &str) -> String {
    match output.is_empty() {
        true => String::new(),
        false => format!(":\n{output}"),
    }
}

fn import_hint(imports: &[String]) -> &'static str {
    match imports.iter().any(|import| import.starts_with("wasi:sockets/")) {
        true => "a dependency opens sockets by itself; use the HTTP client of the SDK instead",
        false => "a dependency needs an interface that is no part of `weir:plugin`",
    }
}

/// Compiles the crate in `directory` and makes a plugin of it: checks what it imports, and embeds its description.
///
/// `describe` runs the plugin's `describe` with nothing granted and returns JSON; running is no business of this crate.
///
/// # Errors
/// When no toolchain is there, the source does not compile, or the component cannot be loaded by any host.
pub fn build(
    directory: &Path,
    options: &Options,
    describe: impl FnOnce(&[u8]) -> Result<String, Box<dyn std::error::Error + Send + Sync>>,
) -> Result<Built, BuildError> {
    let path = compile(directory, options)?;
    let component = read(&path)?;
    let component = finish(&component, describe)?;
    Ok(Built { inspection: inspect(&component)?, component, path })
}

/// Makes a plugin of a compiled component, whatever language it was written in.
///
/// # Errors
/// When it imports what no host serves, or does not describe itself.
pub fn finish(
    component: &[u8],
    describe: impl FnOnce(&[u8]) -> Result<String, Box<dyn std::error::Error + Send + Sync>>,
) -> Result<Vec<u8>, BuildError> {
    let facts = Facts::read(component)?;
    let unserved: Vec<String> = facts.unserved().into_iter().map(Into::into).collect();
    if !unserved.is_empty() {
        return Err(BuildError::Imports(unserved));
    }
    if facts.api_version.is_none() {
        return Err(BuildError::NoApiVersion);
    }
    let info = describe(component).map_err(BuildError::Describe)?;
    Ok(embed_info(component, &info)?)
}

/// Compiles the crate in `directory`; returns the path of the component.
///
/// # Errors
/// When no toolchain is there, the source does not compile, or makes no component.
pub fn compile(directory: &Path, options: &Options) -> Result<PathBuf, BuildError> {
    let toolchain = Toolchain::find(directory)?;
    let mut command = toolchain.command();
    command.args(profile_arguments()).arg("--message-format=json-render-diagnostics");
    command.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(match options.output {
        Output::Show => Stdio::inherit(),
        Output::Keep => Stdio::piped(),
    });
    if let Some(target_directory) = &options.target_directory {
        command.arg("--target-dir").arg(target_directory);
    }
    let done = run(&mut command)?;
    if !done.status.success() {
        return Err(BuildError::Cargo { directory: directory.into(), output: last_lines(&done.stderr) });
    }
    let manifest = fs::canonicalize(directory.join("Cargo.toml")).unwrap_or_else(|_| directory.join("Cargo.toml"));
    component_path(&done.stdout, &manifest).ok_or_else(|| BuildError::NoComponent(directory.into()))
}

/// Builds with the workspace's own profile when it has one, and with `release` otherwise; both without debug
/// information, and without unwinding, which components cannot do.
fn profile_arguments() -> Vec<String> {
    let setting = |key: &str, value: &str| ["--config".into(), format!("profile.{PROFILE}.{key}=\"{value}\"")];
    let settings = [setting("inherits", "release"), setting("strip", "debuginfo"), setting("panic", "abort")];
    settings.into_iter().flatten().chain(["--profile".into(), PROFILE.into()]).collect()
}

/// The `.wasm` file among the messages of cargo, of this crate and not of a dependency.
fn component_path(messages: &[u8], manifest: &Path) -> Option<PathBuf> {
    let messages = String::from_utf8_lossy(messages);
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    artifacts
        .filter(|m| m["reason"] == "compiler-artifact" && m["manifest_path"].as_str().map(Path::new) == Some(manifest))
        .flat_map(|m| m["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    let failed = |source| BuildError::Read { path: path.into(), source };
    let size = fs::metadata(path).map_err(failed)?.len();
    match size > MAX_COMPONENT_BYTES {
        true => Err(ComponentError::TooLarge(size).into()),
        false => fs::read(path).map_err(failed),
    }
}

fn last_lines(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(KEPT_LINES)..].join("\n")
}

fn run(command: &mut Command) -> Result<std::process::Output, BuildError> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.output().map_err(|source| BuildError::Run { program, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{API_VERSION_SECTION, tests::with_imports};
    use wasm_encoder::{ComponentSection, CustomSection};

    fn guest(imports: &[&str]) -> Vec<u8> {
        let mut component = with_imports(imports);
        let section = CustomSection { name: API_VERSION_SECTION.into(), data: b"0.1.0"[..].into() };
        section.append_to_component(&mut component);
        component
    }

    #[test]
    fn a_component_becomes_a_plugin() {
        let info = r#"{"name":"p","version":"1.0.0"}"#;
        let component = finish(&guest(&["weir:plugin/log@0.1.0"]), |_| Ok(info.into())).unwrap();
        let inspection = inspect(&component).unwrap();
        assert_eq!(inspection.api_version.as_deref(), Some("0.1.0"));
        assert_eq!(inspection.info.unwrap()["name"], "p");
    }

    #[test]
    fn components_that_no_host_can_load_are_refused() {
        let refuse = |component: &[u8]| finish(component, |_| panic!("nothing must be run")).unwrap_err();
        let error = refuse(&guest(&["wasi:sockets/tcp@0.2.12", "wasi:io/poll@0.2.12"])).to_string();
        assert!(error.contains("wasi:sockets/tcp@0.2.12") && !error.contains("poll"), "{error}");
        assert!(matches!(refuse(&with_imports(&[])), BuildError::NoApiVersion));
        assert!(matches!(refuse(b"\0asm\x01\0\0\0"), BuildError::Component(ComponentError::NotAComponent)));
        let silent = finish(&guest(&[]), |_| Err("it trapped".into())).unwrap_err();
        assert!(matches!(silent, BuildError::Describe(_)));
    }

    #[test]
    fn the_component_of_the_crate_is_found_among_messages() {
        let message = |manifest: &str, file: &str| {
            format!(r#"{{"reason":"compiler-artifact","manifest_path":"{manifest}","filenames":["/t/{file}"]}}"#)
        };
        let messages = [
            message("/dep/Cargo.toml", "dep.wasm"),
            message("/p/Cargo.toml", "libp.rlib"),
            "not json".into(),
            message("/p/Cargo.toml", "p.wasm"),
        ];
        let found = component_path(messages.join("\n").as_bytes(), Path::new("/p/Cargo.toml"));
        assert_eq!(found, Some("/t/p.wasm".into()));
        assert_eq!(component_path(messages[1].as_bytes(), Path::new("/p/Cargo.toml")), None);
    }
}
