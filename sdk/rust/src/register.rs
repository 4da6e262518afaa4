//! The one line that makes a component of a type.

/// Exports a plugin: `register!(source: MyType);`, `register!(renderer: MyType);` or `register!(function: MyType);`, once per
/// crate of type `cdylib`.
///
/// Natively it expands to nothing, so that the crate can be tested as any other.
#[macro_export]
macro_rules! register {
    (source: $plugin:ty) => {
        $crate::register!(@stamp $plugin, $crate::Source);

        #[cfg(target_family = "wasm")]
        const _: () = {
            use $crate::__private::{bindings::{metadata, source}, glue};

            struct Component;

            impl metadata::exports::weir::plugin::metadata::Guest for Component {
                fn describe() -> metadata::exports::weir::plugin::metadata::Info {
                    glue::source::describe::<$plugin>()
                }
            }

            impl source::exports::weir::plugin::source::Guest for Component {
                fn resolve(
                    request: source::exports::weir::plugin::source::Request,
                ) -> Result<source::exports::weir::plugin::source::Resolution, glue::PluginError> {
                    glue::source::resolve::<$plugin>(request)
                }

                fn fetch(
                    request: source::exports::weir::plugin::source::Request,
                    what: source::exports::weir::plugin::source::Resolution,
                ) -> Result<source::exports::weir::plugin::source::Report, glue::PluginError> {
                    glue::source::fetch::<$plugin>(request, what)
                }
            }

            metadata::export_metadata!(Component with_types_in metadata);
            source::export_source!(Component with_types_in source);
        };
    };
    (renderer: $plugin:ty) => {
        $crate::register!(@stamp $plugin, $crate::Renderer);

        #[cfg(target_family = "wasm")]
        const _: () = {
            use $crate::__private::{bindings::{metadata, renderer}, glue};

            struct Component;

            impl metadata::exports::weir::plugin::metadata::Guest for Component {
                fn describe() -> metadata::exports::weir::plugin::metadata::Info {
                    glue::renderer::describe::<$plugin>()
                }
            }

            impl renderer::exports::weir::plugin::renderer::Guest for Component {
                fn render(
                    request: renderer::exports::weir::plugin::renderer::Request,
                ) -> Result<renderer::exports::weir::plugin::renderer::Summary, glue::PluginError> {
                    glue::renderer::render::<$plugin>(request)
                }
            }

            metadata::export_metadata!(Component with_types_in metadata);
            renderer::export_renderer!(Component with_types_in renderer);
        };
    };
    (function: $plugin:ty) => {
        $crate::register!(renderer: $crate::function::Rendering<$plugin>);
    };
    (@stamp $plugin:ty, $kind:path) => {
        // The host reads the version before it links anything.
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code)]
        const _: () = {
            const LENGTH: usize = $crate::API_VERSION.len();
            #[used]
            #[unsafe(link_section = "weir:api-version")]
            static API_VERSION: [u8; LENGTH] = {
                let mut bytes = [0; LENGTH];
                bytes.copy_from_slice($crate::API_VERSION.as_bytes());
                bytes
            };
        };

        const _: fn() = || {
            fn implements<T: $kind>() {}
            implements::<$plugin>();
        };
    };
}
