//! The template functions of Sprig 3.3 and Helm.
//!
//! [`FUNCTIONS`] is what a chart's templates can call besides Go's builtins, with Go's parameter types, result types and
//! error texts. `env` and `expandenv` are absent, as in Helm; `include`, `tpl`, `required` and `lookup` are Helm's engine.
//! What is random or reads the clock works through [`Effects`], which notes the function: such a render is not hermetic.
//!
//! On purpose unlike Go: `keys` and `values` are in the order of the keys (Go's order changes from call to call), the
//! local time zone is UTC, and what would exhaust memory or the stack ends in a limit.

mod args;
mod cast;
mod crypto;
mod data;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod effects;
mod encodings;
mod go;
mod lists;
mod merge;
mod numbers;
mod regexes;
mod strings;
mod table;
mod text;
mod urls;
mod versions;

pub use data::functions::to_yaml_text as to_yaml;
pub use effects::{Effects, MAX_CACHED_REGEXES, World};
pub use go::regexp::{MAX_REGEX_DEPTH, MAX_REGEX_SIZE};
pub use table::{FUNCTIONS, HELM_4_FUNCTIONS};
pub use versions::VersionObject;

/// Values nested deeper than this are neither printed nor read, merged nor copied.
pub const MAX_VALUE_DEPTH: usize = 500;
