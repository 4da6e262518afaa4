//! Templates nest deeply before their own limit ends them: that takes more stack than components have by default.

// What cargo reads.
#![allow(clippy::print_stdout)]

/// Twice what the deepest templates were measured to take, in bytes.
const STACK_BYTES: usize = 4 << 20;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo:rustc-cdylib-link-arg=-zstack-size={STACK_BYTES}");
    }
}
