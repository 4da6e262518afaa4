//! Values while they are evaluated.

use crate::value::Value;

/// A value, and whether it lies in an `interface {}`: an item of a `map[string]interface {}` does. Go's errors show it,
/// and nil in an interface is something else than no value.
#[derive(Clone, Default)]
pub(crate) struct Slot {
    pub(super) value: Value,
    pub(super) is_interface: bool,
}

impl Slot {
    pub(super) fn new(value: Value) -> Self {
        Self { value, is_interface: false }
    }

    /// Whether there is no value at all.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.value, Value::Nil) && !self.is_interface
    }

    /// The type that Go has declared for the place.
    pub(super) fn type_name(&self) -> String {
        if self.is_interface { "interface {}".to_owned() } else { self.value.type_name() }
    }
}
