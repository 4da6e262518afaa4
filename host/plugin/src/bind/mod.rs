//! One adapter per version of the contract: conversions only.

mod since_v0_1_0;

use wasmtime::component::Linker;

/// What a plugin of any served version is called through. With a second version these will choose.
pub(crate) use since_v0_1_0::{describe, fetch, render, resolve};

use crate::state::State;

/// Everything that a guest can import, WASI included.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    since_v0_1_0::add_to_linker(&mut linker)?;
    Ok(linker)
}
