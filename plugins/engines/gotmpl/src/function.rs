//! Functions that templates can call.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

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

/// Functions by name.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    by_name: HashMap<&'static str, &'static Function, BuildHasherDefault<NameHasher>>,
}

/// FNV-1a. Tables of functions are ours, so nobody chooses names that collide; a component makes one for every call, and
/// needs no random numbers for it.
#[derive(Debug, Clone)]
struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Functions {
    /// All functions of the tables; of those with the same name, the last. The first table is usually
    /// [`BUILTINS`](crate::BUILTINS).
    pub fn new(tables: &[&'static [Function]]) -> Self {
        let functions = tables.iter().flat_map(|table| table.iter());
        Self { by_name: functions.map(|function| (function.name, function)).collect() }
    }

    pub fn get(&self, name: &str) -> Option<&'static Function> {
        self.by_name.get(name).copied()
    }

    /// Takes a function out, as if it had never been there.
    pub fn remove(&mut self, name: &str) {
        self.by_name.remove(name);
    }
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
