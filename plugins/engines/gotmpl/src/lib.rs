//! Go's `text/template`, as Helm uses it: the values, the language, the builtin functions, `fmt`'s printing, and the
//! texts of the errors.
//!
//! Our own, because a template is only equal to Go's if its values are: Go's maps change in place, its strings are bytes,
//! its slices and integers have types that `%T`, comparisons and argument checks show, and its structs have methods. The
//! `gotmpl` crate has none of these, and its functions do not see the executor, which `include` and `tpl` need.
//!
//! ```
//! use weir_gotmpl::{BUILTINS, Functions, Map, MissingKey, Set, State};
//!
//! let mut set = Set::new("gotpl", Functions::new(&[BUILTINS]), MissingKey::Default);
//! set.parse("hello", "hello {{ .name | printf \"%q\" }}").unwrap();
//! let data: Map = [("name", "world")].into_iter().collect();
//! let mut out = Vec::new();
//! set.execute("hello", data.into(), &State::default(), &mut out).unwrap();
//! assert_eq!(out, b"hello \"world\"");
//! ```
//!
//! # How to write a function
//!
//! A [`Function`] is a name, Go's declared parameter types and a Rust function. The executor counts and converts the
//! arguments as Go does, so the function matches on what it declared. Its error is the text that the Go function
//! returns; the executor adds where.
//!
//! ```
//! use weir_gotmpl::{Context, FuncError, Function, Functions, Param, Table, Value};
//!
//! static TABLE: &Table = &Table::new(&[Function::fixed("trunc", &[Param::Int, Param::String], trunc)]);
//!
//! fn trunc(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
//!     let [Value::Int(_, length), Value::String(text)] = args else {
//!         return Err("unreachable: the executor checks".into());
//!     };
//!     let length = usize::try_from(*length).unwrap_or(0).min(text.len());
//!     Ok(text[..length].into())
//! }
//!
//! let functions = Functions::new(&[weir_gotmpl::BUILTINS, TABLE]);
//! assert!(functions.get("trunc").is_some());
//! ```
//!
//! What a function needs besides its arguments comes from the [`Context`]: parts of the [`State`] by their type, other
//! templates, and the limits. A function that makes much of little calls [`Context::charge`] first.

mod builtins;
mod context;
mod error;
mod exec;
mod function;
mod go_type;
mod kept;
mod limits;
mod parse;
mod print;
mod set;
mod string;
mod value;

pub use builtins::BUILTINS;
pub use context::{Context, State};
pub use error::{ExecError, ParseError};
pub use function::{Call, FuncError, Function, Functions, Param, Table, sorted};
pub use go_type::{FloatType, GoType, IntType, Kind, Named, UintType};
pub use kept::{Kept, Reader, Writer};
pub use limits::{
    Limits, MAX_BYTES, MAX_CACHED_BYTES, MAX_DEPTH, MAX_FRAMES, MAX_NESTING, MAX_PRINT_DEPTH, MAX_PRINTED, MAX_STEPS,
};
pub use parse::ParsedText;
pub use print::{format_float, sprint, sprintf, sprintln};
pub use set::{MissingKey, Set};
pub use string::Str;
pub use value::{Json, List, Map, Object, Value};
pub use weir_goquote::{is_print, quote, quote_to_ascii, unquote};
