//! A build of hostile files ends, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_kustomize::{BuildOptions, MemoryFs, build};

fuzz_target!(
    // The reader catches panics of the scanner below it; the usual hook would end the run before. One that nobody catches
    // still does.
    init: std::panic::set_hook(Box::new(|_| ())),
    |files: (String, String, String)| {
    let (kustomization, resource, patch) = files;
    let files = [("kustomization.yaml", kustomization), ("resource.yaml", resource), ("patch.yaml", patch)];
    let fs: MemoryFs = files.into_iter().collect();
    let _ended = build(&fs, "", &BuildOptions::default());
});
