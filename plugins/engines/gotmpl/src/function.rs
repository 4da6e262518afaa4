//! Functions that templates can call.

use crate::context::Context;
use crate::error::ExecError;
use crate::go_type::{FloatType, GoType, IntType};
use crate::value::Value;

/// The declared type of a parameter. It decides how a literal is read and what is refused, as in Go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Param {
    /// `interface {}`: anything.
    Any,
    /// `reflect.Value`: anything, and a missing value stays distinguishable to Go; here it is [`Value::Nil`].
    Reflect,
    Bool,
    String,
    Int,
    Int64,
    Float64,
    /// `[]interface {}`
    List,
    /// `[]string`
    Strings,
    /// `map[string]interface {}`
    Map,
    /// An object whose Go type has this name: `*semver.Version`. Nil is accepted when it begins with `*`.
    Object(&'static str),
    /// Any other type.
    Type(GoType),
}

impl Param {
    /// The Go type, but for the two that have none here: `reflect.Value` and objects.
    pub(crate) fn go_type(self) -> Option<GoType> {
        Some(match self {
            Self::Any => GoType::Interface,
            Self::Reflect | Self::Object(_) => return None,
            Self::Bool => GoType::Bool,
            Self::String => GoType::String,
            Self::Int => GoType::Int(IntType::Int),
            Self::Int64 => GoType::Int(IntType::Int64),
            Self::Float64 => GoType::Float(FloatType::Float64),
            Self::List => GoType::ANY_SLICE,
            Self::Strings => GoType::STRINGS,
            Self::Map => GoType::ANY_MAP,
            Self::Type(go_type) => go_type,
        })
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Reflect => "reflect.Value".to_owned(),
            Self::Object(name) => name.to_owned(),
            other => other.go_type().map(|go_type| go_type.to_string()).unwrap_or_default(),
        }
    }

    pub(crate) fn can_be_nil(self) -> bool {
        match self {
            Self::Reflect => true,
            Self::Object(name) => name.starts_with('*'),
            other => other.go_type().is_some_and(GoType::can_be_nil),
        }
    }
}

/// What a function does. The arguments arrive checked and converted to the declared types: nil for a slice or map
/// parameter is a nil [`List`](crate::List) or [`Map`](crate::Map), nil for the others that accept it [`Value::Nil`].
pub type Call = fn(&mut Context<'_>, &[Value]) -> Result<Value, FuncError>;

/// A function or method with its Go signature.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    pub params: &'static [Param],
    /// The last parameter takes any number of arguments.
    pub variadic: bool,
    pub call: Call,
}

impl Function {
    /// A function of a fixed number of arguments.
    pub const fn fixed(name: &'static str, params: &'static [Param], call: Call) -> Self {
        Self { name, params, variadic: false, call }
    }

    /// A function whose last parameter takes any number of arguments.
    pub const fn variadic(name: &'static str, params: &'static [Param], call: Call) -> Self {
        Self { name, params, variadic: true, call }
    }
}

/// Functions by name: tables, which are searched where they are. A component looks for few functions in every call, so it
/// puts them into no other order first.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    tables: Vec<Table>,
    removed: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
struct Table {
    functions: &'static [Function],
    /// By name, and no name twice.
    is_sorted: bool,
}

impl Table {
    fn new(functions: &'static [Function]) -> Self {
        Self { functions, is_sorted: functions.is_sorted_by(|a, b| a.name < b.name) }
    }

    fn get(&self, name: &str) -> Option<&'static Function> {
        if self.is_sorted {
            return self
                .functions
                .binary_search_by(|function| function.name.cmp(name))
                .ok()
                .map(|at| &self.functions[at]);
        }
        self.functions.iter().rfind(|function| function.name == name)
    }
}

impl Functions {
    /// All functions of the tables; of those with the same name, the last. The first table is usually
    /// [`BUILTINS`](crate::BUILTINS); a large one should be [`sorted`].
    pub fn new(tables: &[&'static [Function]]) -> Self {
        Self { tables: tables.iter().map(|table| Table::new(table)).collect(), removed: Vec::new() }
    }

    pub fn get(&self, name: &str) -> Option<&'static Function> {
        if self.removed.iter().any(|removed| removed == name) {
            return None;
        }
        self.tables.iter().rev().find_map(|table| table.get(name))
    }

    /// Takes a function out, as if it had never been there.
    pub fn remove(&mut self, name: &str) {
        self.removed.push(name.to_owned());
    }
}

/// A table in the order of its names, in which functions are found quickly. For `static` tables, at compile time.
pub const fn sorted<const N: usize>(mut functions: [Function; N]) -> [Function; N] {
    let mut end = 1;
    while end < N {
        let mut at = end;
        while at > 0 && is_before(functions[at].name, functions[at - 1].name) {
            let moved = functions[at];
            functions[at] = functions[at - 1];
            functions[at - 1] = moved;
            at -= 1;
        }
        end += 1;
    }
    functions
}

const fn is_before(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    a.len() < b.len()
}

/// Why a call failed. A message becomes `error calling NAME: MESSAGE` in the error of the template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FuncError {
    /// The error that the Go function returns.
    #[error("{0}")]
    Message(String),
    /// A limit is reached. Nothing that a template does can hide it.
    #[error("{0}")]
    Limit(String),
    /// A limit is reached in a template that the function executed; the message says where.
    #[error("{0}")]
    InnerLimit(String),
}

impl FuncError {
    pub fn new(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }

    pub fn limit(message: impl Into<String>) -> Self {
        Self::Limit(message.into())
    }
}

impl From<String> for FuncError {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<&str> for FuncError {
    fn from(message: &str) -> Self {
        Self::Message(message.to_owned())
    }
}

/// A function that executes a template fails as that template does.
impl From<ExecError> for FuncError {
    fn from(error: ExecError) -> Self {
        match error {
            ExecError::Limit(message) => Self::InnerLimit(message),
            other => Self::Message(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn named(name: &'static str, params: &'static [Param]) -> Function {
        Function::fixed(name, params, |_, _| Ok(Value::Nil))
    }

    static SORTED: [Function; 5] =
        sorted([named("b", &[]), named("ab", &[]), named("c", &[]), named("a", &[]), named("", &[])]);
    static OTHERS: [Function; 3] = [named("z", &[]), named("c", &[Param::Int]), named("c", &[Param::Bool])];

    #[test]
    fn functions_are_found_in_tables_of_any_order() {
        assert_eq!(SORTED.each_ref().map(|function| function.name), ["", "a", "ab", "b", "c"]);
        let mut functions = Functions::new(&[&SORTED, &OTHERS]);
        for name in ["", "a", "ab", "b", "z"] {
            assert_eq!(functions.get(name).unwrap().name, name);
        }
        assert_eq!(functions.get("c").unwrap().params, [Param::Bool], "the last one counts");
        assert!(functions.get("d").is_none() && functions.get("aa").is_none());
        functions.remove("c");
        assert!(functions.get("c").is_none() && functions.get("b").is_some());
    }
}
