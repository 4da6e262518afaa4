//! Values as JSON, YAML and TOML texts.

pub(crate) mod functions;
mod json_read;
mod json_write;
mod toml_read;
mod toml_write;
mod yaml;
