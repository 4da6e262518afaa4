use super::*;
use crate::go_type::IntType;
use crate::value::Map;

fn formatted(format: &str, args: &[Value]) -> String {
    sprintf(format.as_bytes(), args).to_string()
}

#[test]
fn values_print_as_in_go() {
    let map: Map = [("b", Value::int(1)), ("a", vec![Value::from("x"), Value::Nil].into())].into_iter().collect();
    let map = Value::from(map);
    for (format, value, expected) in [
        ("%v", map.clone(), "map[a:[x <nil>] b:1]"),
        ("%#v", map.clone(), r#"map[string]interface {}{"a":[]interface {}{"x", interface {}(nil)}, "b":1}"#),
        ("%d", map, "map[%!d(string=a):[%!d(string=x) <nil>] %!d(string=b):1]"),
        ("%v", List::bytes("ab").into(), "[97 98]"),
        ("%s", List::bytes("ab").into(), "ab"),
        ("%#v", List::bytes("ab").into(), "[]byte{0x61, 0x62}"),
        ("%T", List::ints([1]).into(), "[]int"),
        ("%x", "hi".into(), "6869"),
        ("% #X", "hi".into(), "0X68 0X69"),
        ("%-5s|", "ä".into(), "ä    |"),
        ("%05d", Value::int(-42), "-0042"),
        ("%+.3e", Value::float(1234.5), "+1.234e+03"),
        ("%08.3f", Value::float(-3.1516), "-003.152"),
        ("%#x", Value::int(255), "0xff"),
        ("%#o", Value::int(8), "010"),
        ("%O", Value::int(8), "0o10"),
        ("%c", Value::int(0x1f600), "\u{1f600}"),
        ("%U", Value::int(0x1f600), "U+1F600"),
        ("%#U", Value::int(65), "U+0041 'A'"),
        ("%q", Value::int(65), "'A'"),
        ("%t", true.into(), "true"),
        ("%d", "hi".into(), "%!d(string=hi)"),
        ("%5d", Value::Nil, "%!d(<nil>)"),
        ("%6.2f%%", Value::float(99.5), " 99.50%"),
        ("%v", Value::Float(FloatType::Float32, f64::from(0.1_f32)), "0.1"),
        ("%v", Value::Int(IntType::Int64, 1_000_000), "1000000"),
        ("%v", Value::float(1_000_000.0), "1e+06"),
        ("%#g", Value::float(1.0), "1.00000"),
        ("%w", Map::new().into(), "%!w(map[string]interface {}=map[])"),
        ("%w", List::bytes("a").into(), "[%!w(uint8=97)]"),
    ] {
        assert_eq!(formatted(format, &[value]), expected, "{format}");
    }
}

#[test]
fn what_is_wrong_with_a_format_is_said_in_it() {
    for (format, args, expected) in [
        ("%d %d", vec![Value::int(1)], "1 %!d(MISSING)"),
        ("%d", vec![Value::int(1), "x".into(), Value::Nil], "1%!(EXTRA string=x, <nil>)"),
        ("%", vec![], "%!(NOVERB)"),
        ("%[2]d %[1]d", vec![Value::int(1), Value::int(2)], "2 1"),
        ("%[3]d", vec![Value::int(1)], "%!d(BADINDEX)"),
        ("%[x]d", vec![Value::int(1)], "%!d(BADINDEX)"),
        ("%*d", vec![Value::int(4), Value::int(7)], "   7"),
        ("%-*d|", vec![Value::int(4), Value::int(7)], "7   |"),
        ("%*d", vec!["x".into(), Value::int(7)], "%!(BADWIDTH)7"),
        ("%.*f", vec![Value::int(1), Value::float(0.25)], "0.2"),
        ("%.*d", vec![Value::int(-1), Value::int(7)], "%!(BADPREC)7"),
        ("%!", vec![], "%!!(NOVERB)"),
        ("%z", vec![Value::int(1)], "%!z(int=1)"),
    ] {
        if format == "%!" {
            assert_eq!(formatted(format, &args), "%!!(MISSING)");
        } else {
            assert_eq!(formatted(format, &args), expected, "{format}");
        }
    }
}

#[test]
fn spaces_stand_between_what_is_no_string() {
    let args = [Value::int(1), Value::int(2), "x".into(), Value::int(3)];
    assert_eq!(sprint(&args).to_string(), "1 2x3");
    assert_eq!(sprintln(&args).to_string(), "1 2 x 3\n");
}

#[test]
fn a_map_that_contains_itself_is_cut() {
    let map = Map::new();
    map.insert("self", map.clone());
    let mut out = Vec::new();
    assert_eq!(print_value(&mut out, &map.clone().into(), u64::MAX), Cut::TooDeep);
    map.remove("self");
}

#[test]
fn what_is_small_until_it_is_printed_is_cut() {
    let mut value = Value::from("0123456789");
    for _ in 0..12 {
        value = vec![value; 10].into();
    }
    let mut out = Vec::new();
    assert_eq!(print_value(&mut out, &value, 1000), Cut::TooLong);
    assert!(out.len() < 2000, "{}", out.len());
    assert!(sprint(&[value]).len() < 2 * MAX_PRINTED);
}
