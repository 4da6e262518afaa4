//! `reflect.DeepEqual`.

use std::collections::HashSet;
use std::rc::Rc;

use crate::value::Value;

/// Whether two values have the same types and contents all the way down. Maps that contain themselves are compared once.
pub(super) fn deep_equal(left: &Value, right: &Value) -> bool {
    let mut seen = HashSet::new();
    let mut pairs = vec![(left.clone(), right.clone())];
    while let Some(pair) = pairs.pop() {
        let is_equal = match &pair {
            (Value::List(left), Value::List(right)) => {
                let is_same = left.go_type() == right.go_type() && left.is_nil() == right.is_nil();
                let is_same = is_same && left.len() == right.len();
                if is_same && !left.ptr_eq(right) && seen.insert((left.address(), right.address())) {
                    pairs.extend(left.items().iter().cloned().zip(right.items().iter().cloned()));
                }
                is_same
            }
            (Value::Map(left), Value::Map(right)) => {
                let is_same = left.go_type() == right.go_type() && left.is_nil() == right.is_nil();
                let is_new = is_same && !left.ptr_eq(right) && seen.insert((left.address(), right.address()));
                is_same && (!is_new || push_entries(&mut pairs, left, right))
            }
            (Value::Object(left), Value::Object(right)) => {
                Rc::ptr_eq(left, right) || (left.go_type() == right.go_type() && left.equal(right.as_ref()))
            }
            (left, right) => scalar_equal(left, right),
        };
        if !is_equal {
            return false;
        }
    }
    true
}

/// Pairs the values of equal keys; false when the keys differ.
fn push_entries(pairs: &mut Vec<(Value, Value)>, left: &super::Map, right: &super::Map) -> bool {
    if left.len() != right.len() {
        return false;
    }
    left.entries().into_iter().zip(right.entries()).all(|((left_key, left), (right_key, right))| {
        pairs.push((left, right));
        left_key == right_key
    })
}

#[allow(clippy::float_cmp, reason = "Go compares with ==")]
fn scalar_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Int(left_type, left), Value::Int(right_type, right)) => left_type == right_type && left == right,
        (Value::Uint(left_type, left), Value::Uint(right_type, right)) => left_type == right_type && left == right,
        (Value::Float(left_type, left), Value::Float(right_type, right)) => left_type == right_type && left == right,
        (Value::String(left), Value::String(right)) => left == right,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::{GoType, IntType, List, Map, Value};

    #[test]
    fn types_and_contents_are_compared() {
        let map = |value: Value| Value::from([("a", value)].into_iter().collect::<Map>());
        for (left, right, expected) in [
            (map(vec![Value::int(1)].into()), map(vec![Value::int(1)].into()), true),
            (map(Value::int(1)), map(Value::int64(1)), false),
            (map(Value::int(1)), Value::from(Map::new()), false),
            (List::ints([1]).into(), vec![Value::int(1)].into(), false),
            (List::nil(GoType::STRINGS).into(), List::strings::<&str>([]).into(), false),
            (Value::Nil, Value::Nil, true),
            (Value::float(f64::NAN), Value::float(f64::NAN), false),
            (Value::Int(IntType::Int8, 1), Value::Int(IntType::Int8, 1), true),
        ] {
            assert_eq!(left.deep_equal(&right), expected, "{left:?} {right:?}");
        }
    }

    #[test]
    fn what_holds_the_same_many_times_is_compared_once() {
        let nested = || (0..60).fold(Value::from("a"), |value, _| vec![value.clone(), value].into());
        assert!(nested().deep_equal(&nested()));
    }

    #[test]
    fn maps_that_contain_themselves_are_compared_once() {
        let cycle = || {
            let map = Map::new();
            map.insert("self", map.clone());
            map
        };
        let (left, right) = (cycle(), cycle());
        assert!(Value::from(left.clone()).deep_equal(&right.clone().into()));
        left.remove("self");
        right.remove("self");
    }
}
