//! Plugins that only tests have, in a registry.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use weir_devenv::Registry;
use weir_package::{
    Credentials, Image, Reference, Sources,
    build::{Options, Output, compile},
};

/// Pushes the component `name` of `tests/guests`, tagged `1`; returns its reference, pinned by digest.
///
/// # Panics
/// When it cannot be built or pushed.
pub async fn push(registry: &Registry, name: &str) -> String {
    let component = fs::read(guest(name)).expect("a component is read");
    let repository = format!("oci://{}/functions/{name}", registry.host());
    let tag: Reference = format!("{repository}:1").parse().expect("a reference is well formed");
    let sources = Sources::new(weir_package::Registry::new(Credentials::default(), false));
    let digest = sources.push(&tag, Image::pack(component).expect("it is a plugin")).await.expect("it is pushed");
    format!("{repository}@{digest}")
}

/// From `$WEIR_GUESTS_DIR`, or built here.
fn guest(name: &str) -> PathBuf {
    let file = format!("guest_{name}.wasm");
    if let Some(folder) = std::env::var_os("WEIR_GUESTS_DIR") {
        return PathBuf::from(folder).join(file);
    }
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    let target = TARGET.get_or_init(|| weir_devenv::cache_dir().join("guests"));
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests").join(name);
    let options = Options { target_directory: Some(target.clone()), output: Output::Keep };
    compile(&sources, &options).expect("the guest is built")
}
