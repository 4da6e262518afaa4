//! Arguments, converted to what the parameters declare.

use super::{At, Exec, Executed, Slot};
use crate::function::Param;
use crate::go_type::{FloatType, IntType, Kind, UintType};
use crate::parse::{Expr, Run};
use crate::value::Value;

impl Exec<'_, '_> {
    /// An argument for a parameter.
    pub(super) fn argument(&mut self, dot: &Slot, param: Param, expr: Expr) -> Executed<Value> {
        self.at = At::Expr(expr);
        match expr {
            Expr::Dot { .. } => return self.checked(dot.clone(), param),
            Expr::Nil { .. } => {
                if param.can_be_nil() {
                    return Ok(zero(param));
                }
                return self.fail_type(param, "cannot assign nil to ");
            }
            Expr::Field { .. } | Expr::Variable { .. } | Expr::Pipe(_) | Expr::Function { .. } | Expr::Chain { .. } => {
                let slot = self.operand(dot, expr)?;
                return self.checked(slot, param);
            }
            Expr::Bool { .. } | Expr::Number { .. } | Expr::String { .. } => {}
        }
        match param {
            Param::Any | Param::Reflect => self.literal(expr),
            param => self.typed_literal(param, expr),
        }
    }

    /// The value of an operand that is no literal.
    pub(super) fn operand(&mut self, dot: &Slot, expr: Expr) -> Executed<Slot> {
        self.at = At::Expr(expr);
        match expr {
            Expr::Dot { .. } => Ok(dot.clone()),
            Expr::Field { .. } => self.field(dot, expr, Run::default(), None),
            Expr::Variable { .. } => self.variable_chain(dot, expr, Run::default(), None),
            Expr::Pipe(pipe) => self.pipeline(dot, pipe),
            Expr::Function { function, .. } => {
                let function = self.template.unit.function(function);
                self.call(dot, function, None, At::Expr(expr), Run::default(), None)
            }
            Expr::Chain { .. } => self.chain(dot, expr, Run::default(), None),
            Expr::Nil { .. } => self.fail("nil is not a command"),
            literal => self.literal(literal).map(Slot::new),
        }
    }

    /// A value for a parameter, if its type is right.
    pub(super) fn checked(&self, slot: Slot, param: Param) -> Executed<Value> {
        if matches!(param, Param::Any | Param::Reflect) {
            return Ok(slot.value);
        }
        if slot.is_missing() {
            if param.can_be_nil() {
                return Ok(zero(param));
            }
            return self.fail_type(param, "invalid value; expected ");
        }
        let is_right = match (&slot.value, param) {
            (Value::Nil, _) => false,
            (Value::Object(object), Param::Object(name)) => {
                let own = object.go_type().name;
                // A pointer is dereferenced once.
                own == name || own.strip_prefix('*') == Some(name)
            }
            (value, param) => match (value.go_type(), param.go_type()) {
                (Some(own), Some(declared)) => own.is_assignable_to(declared),
                _ => false,
            },
        };
        if is_right {
            return Ok(slot.value);
        }
        self.fail_got(param, &slot)
    }

    #[cold]
    #[inline(never)]
    fn fail_got<T>(&self, param: Param, slot: &Slot) -> Executed<T> {
        let got = if matches!(slot.value, Value::Nil) { slot.type_name() } else { slot.value.type_name() };
        self.fail(format!("wrong type for value; expected {}; got {got}", param.name()))
    }

    #[cold]
    #[inline(never)]
    fn fail_type<T>(&self, param: Param, message: &str) -> Executed<T> {
        self.fail(format!("{message}{}", param.name()))
    }

    /// A literal as a value of the declared type.
    #[inline(never)]
    fn typed_literal(&self, param: Param, expr: Expr) -> Executed<Value> {
        let kind = param.go_type().map_or(Kind::Invalid, |go_type| go_type.kind());
        let unit = &self.template.unit;
        let number = match expr {
            Expr::Number { number, .. } => unit.number(number),
            _ => Default::default(),
        };
        let expected = match (kind, expr) {
            (Kind::Bool, Expr::Bool { value, .. }) => return Ok(Value::Bool(value)),
            (Kind::String, Expr::String { string, .. }) => return Ok(Value::String(unit.string(string))),
            (Kind::Int(int), _) => match number.int {
                Some(number) => return Ok(Value::Int(int, truncated_int(int, number))),
                None => "integer",
            },
            (Kind::Uint(uint), _) => match number.uint {
                Some(number) => return Ok(Value::Uint(uint, truncated_uint(uint, number))),
                None => "unsigned integer",
            },
            (Kind::Float(float), _) => match number.float {
                Some(number) => return Ok(Value::Float(float, rounded(float, number))),
                None => "float",
            },
            (Kind::Bool, _) => "bool",
            (Kind::String, _) => "string",
            _ => "",
        };
        let mut text = Vec::new();
        unit.write_expr(&mut text, expr);
        let text = String::from_utf8_lossy(&text);
        if expected.is_empty() {
            return self.fail(format!("can't handle {text} for arg of type {}", param.name()));
        }
        self.fail(format!("expected {expected}; found {text}"))
    }
}

/// Nil as a value of the declared type.
fn zero(param: Param) -> Value {
    param.go_type().map_or(Value::Nil, Value::zero)
}

/// As `reflect.Value.SetInt` stores a number: the bits that fit.
#[allow(clippy::cast_possible_truncation, reason = "Go truncates so")]
fn truncated_int(int: IntType, number: i64) -> i64 {
    match int {
        IntType::Int | IntType::Int64 => number,
        IntType::Int32 => i64::from(number as i32),
        IntType::Int16 => i64::from(number as i16),
        IntType::Int8 => i64::from(number as i8),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "Go truncates so")]
fn truncated_uint(uint: UintType, number: u64) -> u64 {
    match uint {
        UintType::Uint | UintType::Uint64 | UintType::Uintptr => number,
        UintType::Uint32 => u64::from(number as u32),
        UintType::Uint16 => u64::from(number as u16),
        UintType::Uint8 => u64::from(number as u8),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "Go rounds so")]
fn rounded(float: FloatType, number: f64) -> f64 {
    match float {
        FloatType::Float64 => number,
        FloatType::Float32 => f64::from(number as f32),
    }
}
