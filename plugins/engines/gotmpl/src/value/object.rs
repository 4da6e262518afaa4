//! Values with a Go type of their own.

use std::any::Any;

use crate::function::Function;
use crate::go_type::Named;
use crate::string::Str;
use crate::value::Value;

/// A struct or a pointer to one: `.Chart`, `.Capabilities`, a `semver.Version`, a `time.Time`.
///
/// A Go map or slice with methods, such as `.Files`, is no object but a [`Map`](crate::Map) or [`List`](crate::List) of
/// a [`Named`] type.
pub trait Object {
    fn go_type(&self) -> &'static Named;

    fn as_any(&self) -> &dyn Any;

    /// The exported field of that name. A field that is a pointer and nil is `Some(Value::Nil)`.
    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    /// The method of that name. It is called with this object as first argument, before those of its `params`.
    fn method(&self, _name: &str) -> Option<&'static Function> {
        None
    }

    /// What `String()` or `Error()` returns, if the type has one of them: how the value prints.
    fn display(&self) -> Option<Str> {
        None
    }

    /// The same for an action that prints the value where it lies: Go takes its address there, and finds the methods of
    /// the pointer.
    fn display_pointed(&self) -> Option<Str> {
        self.display()
    }

    /// All fields in order, for printing a struct that has no `display`.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// What `json.Marshal` sees.
    fn json(&self) -> Option<Json> {
        None
    }

    fn is_nil(&self) -> bool {
        false
    }

    /// Whether `==` holds between the two, which have the same type.
    fn equal(&self, _other: &dyn Object) -> bool {
        false
    }
}

/// What a value is as JSON.
pub enum Json {
    /// An object with its members in the order of the struct, without those that are omitted.
    Members(Vec<(Str, Value)>),
    /// Another value: the text of a time or a version.
    Value(Value),
}
