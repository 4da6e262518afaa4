//! Generated from `wit/since-0.1.0`: all imports once, then the exports of each world on top of them.
#![allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]

pub mod imports {
    wit_bindgen::generate!({
        path: "../../wit/since-0.1.0",
        world: "imports",
        generate_all,
        runtime_path: "::weir_sdk::__private::wit_bindgen::rt",
    });
}

/// Apart from the kinds: each world would export it under the same macro name.
pub mod metadata {
    wit_bindgen::generate!({
        path: "../../wit/since-0.1.0",
        inline: "package weir:sdk; world metadata-export { export weir:plugin/metadata@0.1.0; }",
        world: "weir:sdk/metadata-export",
        pub_export_macro: true,
        export_macro_name: "export_metadata",
        default_bindings_module: "weir_sdk::__private::bindings::metadata",
        runtime_path: "::weir_sdk::__private::wit_bindgen::rt",
    });
}

pub mod source {
    wit_bindgen::generate!({
        path: "../../wit/since-0.1.0",
        inline: "package weir:sdk; world source-export { export weir:plugin/source@0.1.0; }",
        world: "weir:sdk/source-export",
        pub_export_macro: true,
        export_macro_name: "export_source",
        default_bindings_module: "weir_sdk::__private::bindings::source",
        runtime_path: "::weir_sdk::__private::wit_bindgen::rt",
        with: {
            "weir:plugin/types@0.1.0": weir_sdk::__private::bindings::imports::weir::plugin::types,
        },
    });
}

pub mod renderer {
    wit_bindgen::generate!({
        path: "../../wit/since-0.1.0",
        inline: "package weir:sdk; world renderer-export { export weir:plugin/renderer@0.1.0; }",
        world: "weir:sdk/renderer-export",
        pub_export_macro: true,
        export_macro_name: "export_renderer",
        default_bindings_module: "weir_sdk::__private::bindings::renderer",
        runtime_path: "::weir_sdk::__private::wit_bindgen::rt",
        with: {
            "weir:plugin/types@0.1.0": weir_sdk::__private::bindings::imports::weir::plugin::types,
        },
    });
}
