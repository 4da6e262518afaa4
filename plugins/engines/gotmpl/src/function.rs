//! Functions that templates can call.

use std::rc::Rc;

use crate::context::Context;
use crate::error::ExecError;
use crate::go_type::{FloatType, GoType, IntType};
use crate::string::compare;
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
/// puts them into no other order first. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Functions(Rc<Tables>);

#[derive(Debug, Clone, Default)]
struct Tables {
    tables: Vec<&'static Table>,
    removed: Vec<String>,
}

/// A table of functions.
#[derive(Debug)]
pub struct Table {
    functions: &'static [Function],
    /// By name, and no name twice.
    is_sorted: bool,
    fingerprint: u64,
}

/// Where a function is: the number of its table, and its own there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) u32);

/// Bits of an [`Id`] for the number within the table.
const ID_BITS: u32 = 16;

impl Default for Id {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

/// Stands for a function that is not there.
static NOTHING: Function = Function::variadic("", &[Param::Any], |_, _| Err("there is no such function".into()));

impl Table {
    /// For `static` tables: what is known of one is known when the program is built. A large one should be [`sorted`].
    pub const fn new(functions: &'static [Function]) -> Self {
        assert!(functions.len() < 1 << ID_BITS);
        let mut is_sorted = true;
        let mut fingerprint = FINGERPRINT;
        let mut at = 0;
        while at < functions.len() {
            is_sorted = is_sorted && (at == 0 || is_before(functions[at - 1].name, functions[at].name));
            fingerprint = mixed(fingerprint, functions[at].name);
            at += 1;
        }
        Self { functions, is_sorted, fingerprint }
    }

    /// The functions, in the order in which they were given.
    pub const fn functions(&self) -> &'static [Function] {
        self.functions
    }

    fn find(&self, name: &str) -> Option<usize> {
        if self.is_sorted {
            let order = |function: &Function| compare(function.name.as_bytes(), name.as_bytes());
            return self.functions.binary_search_by(order).ok();
        }
        self.functions.iter().rposition(|function| function.name == name)
    }
}

/// Where fingerprints begin, and what they are multiplied by (FNV-1a).
const FINGERPRINT: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x100_0000_01b3;

/// A fingerprint with a name added.
const fn mixed(mut fingerprint: u64, name: &str) -> u64 {
    let name = name.as_bytes();
    let mut at = 0;
    while at < name.len() {
        fingerprint = (fingerprint ^ name[at] as u64).wrapping_mul(PRIME);
        at += 1;
    }
    // No byte of a name.
    (fingerprint ^ 0xff).wrapping_mul(PRIME)
}

impl Functions {
    /// All functions of the tables; of those with the same name, the last. The first table is usually
    /// [`BUILTINS`](crate::BUILTINS).
    pub fn new(tables: &[&'static Table]) -> Self {
        Self(Rc::new(Tables { tables: tables.to_vec(), removed: Vec::new() }))
    }

    pub fn get(&self, name: &str) -> Option<&'static Function> {
        self.find(name).map(|id| self.at(id))
    }

    pub(crate) fn find(&self, name: &str) -> Option<Id> {
        if self.0.removed.iter().any(|removed| removed == name) {
            return None;
        }
        self.0.tables.iter().enumerate().rev().find_map(|(number, table)| {
            let at = table.find(name)?;
            u32::try_from(number << ID_BITS | at).ok().map(Id)
        })
    }

    pub(crate) fn at(&self, id: Id) -> &'static Function {
        let (number, at) = (id.0 >> ID_BITS, id.0 & ((1 << ID_BITS) - 1));
        let table = self.0.tables.get(number as usize);
        table.and_then(|table| table.functions.get(at as usize)).unwrap_or(&NOTHING)
    }

    /// The same for tables whose functions have the same names at the same places.
    pub(crate) fn fingerprint(&self) -> u64 {
        let tables = self.0.tables.iter().fold(FINGERPRINT, |all, table| (all ^ table.fingerprint).wrapping_mul(PRIME));
        self.0.removed.iter().fold(tables, |all, name| mixed(all, name))
    }

    /// Takes a function out, as if it had never been there.
    pub fn remove(&mut self, name: &str) {
        Rc::make_mut(&mut self.0).removed.push(name.to_owned());
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
        static TABLES: [Table; 2] = [Table::new(&SORTED), Table::new(&OTHERS)];
        let mut functions = Functions::new(&[&TABLES[0], &TABLES[1]]);
        let all = functions.clone();
        for name in ["", "a", "ab", "b", "z"] {
            assert_eq!(functions.get(name).unwrap().name, name);
        }
        assert_eq!(functions.get("c").unwrap().params, [Param::Bool], "the last one counts");
        assert!(functions.get("d").is_none() && functions.get("aa").is_none());
        functions.remove("c");
        assert!(functions.get("c").is_none() && functions.get("b").is_some());
        assert!(all.get("c").is_some(), "clones share nothing that changes");
        let others = Functions::new(&[&TABLES[1], &TABLES[0]]);
        assert!(functions.fingerprint() != all.fingerprint() && others.fingerprint() != all.fingerprint());
        assert!(all.at(Id::default()).name.is_empty() && all.at(Id(5)).name.is_empty());
    }
}
