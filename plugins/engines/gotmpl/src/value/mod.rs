//! What templates compute with: Go's values.

mod complex;
mod convert;
mod drop;
mod entries;
mod equal;
mod list;
mod map;
mod object;
mod stored;

use std::rc::Rc;

pub(crate) use complex::Complex;
pub use list::List;
pub use map::Map;
pub use object::{Json, Object};

use crate::go_type::{FloatType, GoType, IntType, Kind, UintType};
use crate::string::Str;

/// A Go value.
#[derive(Clone, Default)]
pub enum Value {
    /// Untyped nil: a missing value or an empty interface.
    #[default]
    Nil,
    Bool(bool),
    Int(IntType, i64),
    Uint(UintType, u64),
    /// A `float32` holds a number that is one.
    Float(FloatType, f64),
    String(Str),
    List(List),
    Map(Map),
    Object(Rc<dyn Object>),
}

impl Value {
    /// A Go `int`.
    pub const fn int(number: i64) -> Self {
        Self::Int(IntType::Int, number)
    }

    /// A Go `int64`.
    pub const fn int64(number: i64) -> Self {
        Self::Int(IntType::Int64, number)
    }

    /// A Go `float64`.
    pub const fn float(number: f64) -> Self {
        Self::Float(FloatType::Float64, number)
    }

    pub fn string(text: impl Into<Str>) -> Self {
        Self::String(text.into())
    }

    /// The type, unless the value is untyped nil.
    pub fn go_type(&self) -> Option<GoType> {
        Some(match self {
            Self::Nil => return None,
            Self::Bool(_) => GoType::Bool,
            Self::Int(int, _) => GoType::Int(*int),
            Self::Uint(uint, _) => GoType::Uint(*uint),
            Self::Float(float, _) => GoType::Float(*float),
            Self::String(_) => GoType::String,
            Self::List(list) => list.go_type(),
            Self::Map(map) => map.go_type(),
            Self::Object(object) => GoType::Named(object.go_type()),
        })
    }

    /// The type as `%T` prints it: `<nil>` for untyped nil.
    pub fn type_name(&self) -> String {
        self.go_type().map_or_else(|| "<nil>".to_owned(), |go_type| go_type.to_string())
    }

    pub fn kind(&self) -> Kind {
        self.go_type().map_or(Kind::Invalid, GoType::kind)
    }

    /// The truth of `if`: whether the value is not the zero value of its type, and not empty.
    pub fn truth(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(_, number) => *number != 0,
            Self::Uint(_, number) => *number != 0,
            Self::Float(_, number) => *number != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Object(object) => match Complex::of(object.as_ref()) {
                Some(number) => !number.is_zero(),
                None => object.go_type().kind == Kind::Struct || !object.is_nil(),
            },
        }
    }

    /// Whether the value is untyped nil, a nil slice, map or pointer.
    pub fn is_nil(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::List(list) => list.is_nil(),
            Self::Map(map) => map.is_nil(),
            Self::Object(object) => object.is_nil(),
            _ => false,
        }
    }

    /// `reflect.DeepEqual`.
    pub fn deep_equal(&self, other: &Self) -> bool {
        equal::deep_equal(self, other)
    }

    /// As `fmt.Sprint` prints the one value (`%v`); untyped nil is `<nil>`. Cut after
    /// [`MAX_PRINTED`](crate::MAX_PRINTED) bytes.
    pub fn display(&self) -> Str {
        let mut out = Vec::new();
        crate::print::print_value(&mut out, self, u64::MAX);
        out.into()
    }

    /// The zero value of a type: `0`, `""`, a nil slice or map.
    pub fn zero(go_type: GoType) -> Self {
        match go_type.kind() {
            Kind::Bool => Self::Bool(false),
            Kind::Int(int) => Self::Int(int, 0),
            Kind::Uint(uint) => Self::Uint(uint, 0),
            Kind::Float(float) => Self::Float(float, 0.0),
            Kind::Complex => Complex { real: 0.0, imaginary: 0.0 }.into(),
            Kind::String => Self::String(Str::default()),
            Kind::Slice => Self::List(List::nil(go_type)),
            Kind::Map => Self::Map(Map::nil(go_type)),
            Kind::Invalid | Kind::Struct | Kind::Pointer | Kind::Func | Kind::Interface => Self::Nil,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&Str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The object as the Rust type behind it.
    pub fn downcast<T: Object + 'static>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }
}

/// For tests and panics: type and contents in Go's syntax.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}({})", self.type_name(), self.display())
    }
}
