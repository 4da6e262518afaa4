//! Go's types, as far as templates can tell them apart.

use std::fmt;

use crate::function::Function;

/// The signed integer types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntType {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
}

/// The unsigned integer types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UintType {
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
}

/// The floating-point types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatType {
    Float32,
    Float64,
}

/// What `reflect.Kind` tells of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No value at all: untyped nil.
    Invalid,
    Bool,
    Int(IntType),
    Uint(UintType),
    Float(FloatType),
    Complex,
    String,
    Slice,
    Map,
    Struct,
    Pointer,
    Func,
    Interface,
}

impl Kind {
    /// The kind as `reflect.Kind.String` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Bool => "bool",
            Self::Int(int) => int.name(),
            Self::Uint(uint) => uint.name(),
            Self::Float(float) => float.name(),
            Self::Complex => "complex128",
            Self::String => "string",
            Self::Slice => "slice",
            Self::Map => "map",
            Self::Struct => "struct",
            Self::Pointer => "ptr",
            Self::Func => "func",
            Self::Interface => "interface",
        }
    }
}

impl IntType {
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
        }
    }
}

impl UintType {
    pub fn name(self) -> &'static str {
        match self {
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Uintptr => "uintptr",
        }
    }
}

impl FloatType {
    pub fn name(self) -> &'static str {
        match self {
            Self::Float32 => "float32",
            Self::Float64 => "float64",
        }
    }
}

/// A Go type. Types are few and known when a program is built, so that composed ones refer to statics:
/// `GoType::Slice(&GoType::String)` is `[]string`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GoType {
    /// `interface {}`
    Interface,
    Bool,
    Int(IntType),
    Uint(UintType),
    Float(FloatType),
    String,
    /// `[]T`
    Slice(&'static GoType),
    /// `map[string]T`
    Map(&'static GoType),
    /// A declared type of a package.
    Named(&'static Named),
}

impl GoType {
    pub const ANY_SLICE: Self = Self::Slice(&Self::Interface);
    pub const STRINGS: Self = Self::Slice(&Self::String);
    pub const BYTES: Self = Self::Slice(&Self::Uint(UintType::Uint8));
    pub const ANY_MAP: Self = Self::Map(&Self::Interface);

    pub fn kind(self) -> Kind {
        match self {
            Self::Interface => Kind::Interface,
            Self::Bool => Kind::Bool,
            Self::Int(int) => Kind::Int(int),
            Self::Uint(uint) => Kind::Uint(uint),
            Self::Float(float) => Kind::Float(float),
            Self::String => Kind::String,
            Self::Slice(_) => Kind::Slice,
            Self::Map(_) => Kind::Map,
            Self::Named(named) => named.kind,
        }
    }

    /// The element type of a slice or map.
    pub fn elem(self) -> Option<Self> {
        match self {
            Self::Slice(elem) | Self::Map(elem) => Some(*elem),
            Self::Named(named) => named.underlying.and_then(|underlying| underlying.elem()),
            _ => None,
        }
    }

    /// The methods of a declared slice or map type. Objects tell theirs themselves.
    pub fn method(self, name: &str) -> Option<&'static Function> {
        match self {
            Self::Named(named) => named.methods.iter().find(|method| method.name == name),
            _ => None,
        }
    }

    /// Whether a value of this type may be given where `target` is declared: the same type, an empty interface, or the
    /// same underlying type when one of the two is not a declared one.
    pub fn is_assignable_to(self, target: Self) -> bool {
        if target == Self::Interface || self == target {
            return true;
        }
        match (self, target) {
            (Self::Named(_), Self::Named(_)) => false,
            (Self::Named(named), other) | (other, Self::Named(named)) => named.underlying == Some(&other),
            _ => false,
        }
    }

    /// Whether nil is a value of this type.
    pub fn can_be_nil(self) -> bool {
        matches!(self.kind(), Kind::Slice | Kind::Map | Kind::Pointer | Kind::Func | Kind::Interface)
    }
}

impl fmt::Display for GoType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface => f.write_str("interface {}"),
            Self::Slice(elem) => write!(f, "[]{elem}"),
            Self::Map(elem) => write!(f, "map[string]{elem}"),
            Self::Named(named) => f.write_str(named.name),
            scalar => f.write_str(scalar.kind().name()),
        }
    }
}

/// A declared Go type, such as `chartutil.Values` or `*chart.Metadata`.
#[derive(Debug)]
pub struct Named {
    /// As `%T` prints it.
    pub name: &'static str,
    pub kind: Kind,
    /// What a slice or map type is made of; `None` for structs and pointers.
    pub underlying: Option<&'static GoType>,
    /// Methods of a slice or map type. Each is called with the receiver as first argument, before those of its `params`.
    pub methods: &'static [Function],
}

impl Named {
    /// A struct type, such as `semver.Version`. Fields and methods are told by the [`Object`](crate::Object).
    pub const fn structure(name: &'static str) -> Self {
        Self { name, kind: Kind::Struct, underlying: None, methods: &[] }
    }

    /// A pointer to a struct; the name begins with `*`.
    pub const fn pointer(name: &'static str) -> Self {
        Self { name, kind: Kind::Pointer, underlying: None, methods: &[] }
    }

    /// A slice or map type with methods.
    pub const fn of(name: &'static str, underlying: &'static GoType, methods: &'static [Function]) -> Self {
        let kind = match underlying {
            GoType::Slice(_) => Kind::Slice,
            _ => Kind::Map,
        };
        Self { name, kind, underlying: Some(underlying), methods }
    }
}

/// Declared types are the same when their names are: a name contains the package.
impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static VALUES: Named = Named::of("chartutil.Values", &GoType::ANY_MAP, &[]);
    static OTHER: Named = Named::of("other.Values", &GoType::ANY_MAP, &[]);

    #[test]
    fn types_print_as_in_go() {
        for (go_type, expected) in [
            (GoType::ANY_MAP, "map[string]interface {}"),
            (GoType::BYTES, "[]uint8"),
            (GoType::Slice(&GoType::ANY_MAP), "[]map[string]interface {}"),
            (GoType::Named(&VALUES), "chartutil.Values"),
            (GoType::Float(FloatType::Float32), "float32"),
        ] {
            assert_eq!(go_type.to_string(), expected);
        }
    }

    #[test]
    fn a_declared_type_is_assignable_to_what_it_is_made_of() {
        let (values, other) = (GoType::Named(&VALUES), GoType::Named(&OTHER));
        assert!(values.is_assignable_to(GoType::ANY_MAP));
        assert!(GoType::ANY_MAP.is_assignable_to(values));
        assert!(values.is_assignable_to(GoType::Interface));
        assert!(!values.is_assignable_to(other));
        assert!(!GoType::STRINGS.is_assignable_to(GoType::ANY_SLICE));
    }
}
