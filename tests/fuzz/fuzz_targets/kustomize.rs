//! A build of hostile files ends, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_kustomize::{BuildOptions, MemoryFs, build};

fuzz_target!(|files: (String, String, String)| {
    let (kustomization, resource, patch) = files;
    let files = [("kustomization.yaml", kustomization), ("resource.yaml", resource), ("patch.yaml", patch)];
    let fs: MemoryFs = files.into_iter().collect();
    let _ended = build(&fs, "", &BuildOptions::default());
});
