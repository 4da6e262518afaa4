//! Values: read, merged, laid over the defaults of charts, checked.

mod coalesce;
mod flags;
mod json;
mod literal;
mod read;
mod strvals;
mod tables;

pub use flags::{Set, ValuesFlags};
pub use read::read_values;

pub(crate) use coalesce::{coalesce_values, merge_values};
pub(crate) use read::from_node;
pub use strvals::{MAX_INDEX, MAX_NESTED_LISTS, MAX_NESTED_NAMES};
pub(crate) use tables::{Warnings, deep_copy, merge_tables, path_value, table};
