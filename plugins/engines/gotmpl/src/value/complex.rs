//! Complex numbers. No function computes with them, but a template can write one down.

use std::any::Any;
use std::rc::Rc;

use super::{Object, Value};
use crate::go_type::{Kind, Named};

static COMPLEX128: Named = Named { name: "complex128", kind: Kind::Complex, underlying: None, methods: &[] };

/// A Go `complex128`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Complex {
    pub(crate) real: f64,
    pub(crate) imaginary: f64,
}

impl Complex {
    pub(crate) fn is_zero(self) -> bool {
        self.real == 0.0 && self.imaginary == 0.0
    }

    /// The number that an object is.
    pub(crate) fn of(object: &dyn Object) -> Option<Complex> {
        object.as_any().downcast_ref().copied()
    }
}

impl From<Complex> for Value {
    fn from(number: Complex) -> Self {
        Self::Object(Rc::new(number))
    }
}

impl Object for Complex {
    fn go_type(&self) -> &'static Named {
        &COMPLEX128
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equal(&self, other: &dyn Object) -> bool {
        Complex::of(other).is_some_and(|other| other == *self)
    }
}
