//! Plugins that only tests have, in a registry.

use std::fs;

use weir_devenv::Registry;
use weir_package::{Credentials, Image, Reference, Sources};
use weir_testkit::guest;

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
