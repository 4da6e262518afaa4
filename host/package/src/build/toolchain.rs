//! What compiles for `wasm32-wasip2`: the Rust that is there, with its target added if need be, else Debian's.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use thiserror::Error;

/// The target of all plugins.
pub const TARGET: &str = "wasm32-wasip2";

const DEBIAN_BIN: &str = "/usr/bin";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// What components are compiled for besides the target's own: searching text is several times as fast.
const TARGET_FEATURES: &str = "+simd128";
const DEBIAN_WASI_LIBC: &str = "/usr/lib/wasm32-wasi";
/// Debian's packages that can build the standard library for the target.
const DEBIAN_PACKAGES: &str = "rustc-web cargo-web rust-web-src rust-web-llvm lld-22 wasi-libc";

/// How to compile a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The target is installed.
    Installed,
    /// Debian's Rust compiles the standard library along with the plugin.
    Debian,
}

/// Nothing compiles for the target.
#[derive(Debug, Error)]
pub enum ToolchainError {
    /// There is no Rust at all.
    #[error("no Rust compiler found\nhint: install Rust from `https://rustup.rs`")]
    NoRust,
    /// The target cannot be had.
    #[error(
        "the target `{TARGET}` is not installed, and cannot be added\nhint: run `rustup target add {TARGET}`, or on Debian `apt-get install --no-install-recommends {DEBIAN_PACKAGES}`"
    )]
    NoTarget,
}

impl Toolchain {
    /// Finds out, with one attempt to have rustup add the target. `directory` is where the compiler will run: a
    /// `rust-toolchain.toml` there decides which Rust is meant.
    ///
    /// # Errors
    /// When nothing compiles for the target.
    pub fn find(directory: &Path) -> Result<Self, ToolchainError> {
        let sysroot = sysroot(directory);
        let is_installed = || sysroot.as_deref().is_some_and(has_target);
        if is_installed() || (add_target(directory) && is_installed()) {
            return Ok(Self::Installed);
        }
        let debian = [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_WASI_LIBC].iter().all(|path| Path::new(path).exists());
        match (debian, sysroot) {
            (true, _) => Ok(Self::Debian),
            (false, Some(_)) => Err(ToolchainError::NoTarget),
            (false, None) => Err(ToolchainError::NoRust),
        }
    }

    /// `cargo build` for the target, without profile and directory.
    pub fn command(self) -> Command {
        let mut command = match self {
            Self::Installed => Command::new("cargo"),
            Self::Debian => Command::new(DEBIAN_CARGO),
        };
        command.args(["build", "--lib", "--target", TARGET]);
        // Unlike `RUSTFLAGS` this adds to what the author's own configuration says.
        command.args(["--config", &format!("target.{TARGET}.rustflags=[\"-Ctarget-feature={TARGET_FEATURES}\"]")]);
        if self == Self::Debian {
            command.args(["-Z", "build-std=std,panic_abort"]);
            command.env("PATH", path_with(DEBIAN_BIN, env::var_os("PATH")));
            command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            command.env("RUSTFLAGS", format!("-L {DEBIAN_WASI_LIBC} -Ctarget-feature={TARGET_FEATURES}"));
            // Set by a cargo that runs us, for its own Rust.
            command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO_ENCODED_RUSTFLAGS");
        }
        command
    }
}

fn path_with(first: &str, path: Option<OsString>) -> OsString {
    let mut joined = OsString::from(first);
    if let Some(path) = path.filter(|path| !path.is_empty()) {
        joined.push(":");
        joined.push(path);
    }
    joined
}

fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir()
}

fn sysroot(directory: &Path) -> Option<PathBuf> {
    let done = Command::new("rustc").args(["--print", "sysroot"]).current_dir(directory).output().ok()?;
    let text = String::from_utf8(done.stdout).ok()?;
    (done.status.success() && !text.trim().is_empty()).then(|| text.trim().into())
}

/// Whether rustup says that it added the target. Without a network it fails soon.
fn add_target(directory: &Path) -> bool {
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]).current_dir(directory).stdin(Stdio::null());
    command.output().is_ok_and(|done| done.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn line(command: &Command) -> String {
        let words = [command.get_program()].into_iter().chain(command.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn command_lines_are_those_that_make_components() {
        let config = "--config target.wasm32-wasip2.rustflags=[\"-Ctarget-feature=+simd128\"]";
        let expected = format!("cargo build --lib --target wasm32-wasip2 {config}");
        assert_eq!(line(&Toolchain::Installed.command()), expected);
        let debian = Toolchain::Debian.command();
        assert_eq!(line(&debian), format!("/usr/bin/{expected} -Z build-std=std,panic_abort"));
        let variable = |name: &str| {
            let found = debian.get_envs().find(|(key, _)| *key == name);
            found.and_then(|(_, value)| Some(value?.to_string_lossy().into_owned()))
        };
        assert_eq!(variable("RUSTC_BOOTSTRAP").as_deref(), Some("1"));
        assert_eq!(variable("RUSTC").as_deref(), Some("/usr/bin/rustc"));
        assert_eq!(variable("RUSTFLAGS").as_deref(), Some("-L /usr/lib/wasm32-wasi -Ctarget-feature=+simd128"));
        assert!(variable("PATH").unwrap().starts_with("/usr/bin"));
        assert_eq!(path_with("/a", Some("/b:/c".into())), "/a:/b:/c");
        assert_eq!(path_with("/a", None), "/a");
    }

    #[test]
    fn a_target_is_installed_when_its_libraries_are_there() {
        let sysroot = tempfile::tempdir().unwrap();
        assert!(!has_target(sysroot.path()));
        fs::create_dir_all(sysroot.path().join("lib/rustlib/wasm32-wasip2/lib")).unwrap();
        assert!(has_target(sysroot.path()));
    }
}
