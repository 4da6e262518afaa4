//! The CRDs as files beside the crate.

use std::{collections::BTreeMap, fs, path::PathBuf};

fn dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("crds")
}

/// File names and contents, as they should be.
pub(crate) fn expected() -> BTreeMap<String, String> {
    let file =
        |crd| (weir_api::crds::file_name(&crd), weir_yaml::to_yaml(&serde_json::to_value(crd).expect("crds are JSON")));
    weir_api::crds().into_iter().map(file).collect()
}

/// Names of files that are missing, differ, or belong to no CRD.
pub(crate) fn stale() -> Vec<String> {
    let expected = expected();
    let found: Vec<String> = fs::read_dir(dir())
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let differs = |(name, text): (&String, &String)| {
        let same = fs::read_to_string(dir().join(name)).is_ok_and(|on_disk| on_disk == *text);
        (!same).then(|| name.clone())
    };
    let extra = found.into_iter().filter(|name| !expected.contains_key(name));
    expected.iter().filter_map(differs).chain(extra).collect()
}

/// Writes all files.
#[allow(dead_code)]
pub(crate) fn write() {
    fs::create_dir_all(dir()).expect("the directory of the crate is writable");
    for name in stale() {
        let path = dir().join(&name);
        match expected().get(&name) {
            Some(text) => fs::write(path, text).expect("the directory of the crate is writable"),
            None => fs::remove_file(path).expect("the directory of the crate is writable"),
        }
    }
}
