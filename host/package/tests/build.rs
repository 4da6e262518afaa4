//! Compiles a crate to a component with the toolchain of this machine.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use weir_package::build::{BuildError, Options, Output, build};

const MANIFEST: &str = r#"
[package]
name = "tiny"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[workspace]
"#;
const STAMP: &str = r#"
#[used]
#[unsafe(link_section = "weir:api-version")]
static API_VERSION: [u8; 5] = *b"0.1.0";
"#;
const INFO: &str = r#"{"name":"tiny","version":"0.1.0"}"#;

fn plugin(manifest: &str, source: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("src")).unwrap();
    fs::write(directory.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(directory.path().join("src/lib.rs"), source).unwrap();
    directory
}

fn run(directory: &Path) -> Result<weir_package::build::Built, BuildError> {
    let options = Options { output: Output::Keep, target_directory: Some(directory.join("target")) };
    build(directory, &options, |_| Ok(INFO.into()))
}

#[test]
fn a_crate_becomes_a_plugin() {
    let directory = plugin(MANIFEST, &format!("{STAMP}\n#[unsafe(no_mangle)]\npub extern \"C\" fn nothing() {{}}"));
    let built = run(directory.path()).unwrap();
    assert_eq!(built.inspection.api_version.as_deref(), Some("0.1.0"));
    assert_eq!(built.inspection.info.unwrap()["name"], "tiny");
    assert_eq!(built.inspection.sizes.total, built.component.len() as u64);
    assert!(built.path.ends_with("wasm32-wasip2/component/tiny.wasm"), "{}", built.path.display());
}

#[test]
fn a_crate_that_opens_sockets_is_refused() {
    let source = format!(
        "{STAMP}\n#[unsafe(no_mangle)]\npub extern \"C\" fn connect() -> bool {{ std::net::TcpStream::connect((\"127.0.0.1\", 1)).is_ok() }}"
    );
    let error = run(plugin(MANIFEST, &source).path()).unwrap_err();
    assert!(
        matches!(&error, BuildError::Imports(all) if all.iter().all(|i| i.starts_with("wasi:sockets/"))),
        "{error:?}"
    );
    assert!(error.to_string().contains("hint: a dependency opens sockets"), "{error}");
}

#[test]
fn what_makes_no_component_is_explained() {
    let no_component = run(plugin(&MANIFEST.replace("cdylib", "rlib"), "").path()).unwrap_err();
    assert!(matches!(no_component, BuildError::NoComponent(_)), "{no_component:?}");
    let broken = run(plugin(MANIFEST, "fn broken( {").path()).unwrap_err();
    assert!(matches!(&broken, BuildError::Cargo { output, .. } if output.contains("error")), "{broken:?}");
}
