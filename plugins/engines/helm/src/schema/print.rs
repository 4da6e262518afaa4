//! Prints what does not fit a schema as Helm's validator does.

use boon::{ErrorKind, ValidationError};
use serde_json::{Number, Value};

use super::Source;

/// What does not fit, one line each, without the line that names the schema.
pub(super) fn causes(error: &ValidationError<'_, '_>, source: &Source) -> String {
    let mut out = String::new();
    for cause in &error.causes {
        print(&mut out, cause, source, 1);
    }
    out.trim_start_matches('\n').to_owned()
}

/// All of the error.
pub(super) fn whole(error: &ValidationError<'_, '_>, source: &Source) -> String {
    let mut out = String::new();
    print(&mut out, error, source, 0);
    out
}

fn print(out: &mut String, error: &ValidationError<'_, '_>, source: &Source, indent: usize) {
    let is_transparent = error.causes.len() == 1 && matches!(error.kind, ErrorKind::Reference { .. });
    let mut inner = indent;
    if !is_transparent {
        if indent > 0 {
            out.push('\n');
            out.push_str(&"  ".repeat(indent - 1));
            out.push_str("- ");
        }
        inner += 1;
        if !matches!(error.kind, ErrorKind::Schema { .. }) {
            out.push_str(&format!("at {}: ", quote(&place(error))));
        }
        match (&error.kind, source.pattern(error.schema_url)) {
            (ErrorKind::Pattern { got, .. }, Some(pattern)) => {
                out.push_str(&format!("{} does not match pattern {}", quote(got), quote(pattern)));
            }
            (kind, _) => out.push_str(&reason(kind)),
        }
    }
    for cause in &error.causes {
        print(out, cause, source, inner);
    }
}

/// Where in the values it is. The validator forgets that of an object whose names do not fit; where the place in the
/// schema says it, it is taken from there.
fn place(error: &ValidationError<'_, '_>) -> String {
    let known = error.instance_location.to_string();
    if !known.is_empty() || !matches!(error.kind, ErrorKind::PropertyName { .. }) {
        return known;
    }
    let mut steps = error.schema_url.split('#').nth(1).unwrap_or_default().split('/').skip(1);
    let mut place = String::new();
    while let Some(step) = steps.next() {
        match (step, steps.next()) {
            ("properties", Some(name)) => place.push_str(&format!("/{name}")),
            ("allOf" | "anyOf" | "oneOf", Some(_)) => {}
            _ => return known,
        }
    }
    place
}

fn reason(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Group | ErrorKind::Reference { .. } => "validation failed".to_owned(),
        ErrorKind::Schema { url } => format!("jsonschema validation failed with {}", quote(&super::fragment(url))),
        ErrorKind::ContentSchema => "'contentSchema' failed".to_owned(),
        ErrorKind::PropertyName { prop } => format!("invalid propertyName {}", quote(prop)),
        ErrorKind::RefCycle { url, kw_loc1, kw_loc2 } => {
            let url = weir_gotmpl::quote(url.as_bytes());
            format!("both {kw_loc1} and {kw_loc2} resolve to {url} causing reference cycle")
        }
        ErrorKind::FalseSchema => "false schema".to_owned(),
        ErrorKind::Type { got, want } => {
            let want: Vec<String> = want.iter().map(|want| want.to_string()).collect();
            format!("got {got}, want {}", want.join(" or "))
        }
        ErrorKind::Enum { want } => one_of(want),
        ErrorKind::Const { want } if is_primitive(want) => format!("value must be {}", display(want)),
        ErrorKind::Const { .. } => "'const' failed".to_owned(),
        ErrorKind::Format { got, want, err } => format!("{} is not valid {want}: {err}", display(got)),
        ErrorKind::Not => "'not' failed".to_owned(),
        ErrorKind::AllOf => "'allOf' failed".to_owned(),
        ErrorKind::AnyOf => "'anyOf' failed".to_owned(),
        ErrorKind::OneOf(None) => "'oneOf' failed, none matched".to_owned(),
        ErrorKind::OneOf(Some((a, b))) => format!("'oneOf' failed, subschemas {a}, {b} matched"),
        kind => {
            of_objects(kind).or_else(|| of_lists(kind)).or_else(|| of_texts(kind)).unwrap_or_else(|| of_numbers(kind))
        }
    }
}

fn of_objects(kind: &ErrorKind<'_, '_>) -> Option<String> {
    Some(match kind {
        ErrorKind::MinProperties { got, want } => counts("minProperties", *got, *want),
        ErrorKind::MaxProperties { got, want } => counts("maxProperties", *got, *want),
        ErrorKind::AdditionalProperties { got } => {
            format!("additional properties {} not allowed", quotes(got.iter().map(AsRef::as_ref)))
        }
        ErrorKind::Required { want } => match want.as_slice() {
            [one] => format!("missing property {}", quote(one)),
            more => format!("missing properties {}", quotes(more.iter().copied())),
        },
        ErrorKind::Dependency { prop, missing } | ErrorKind::DependentRequired { prop, missing } => {
            format!("properties {} required, if {} exists", quotes(missing.iter().copied()), quote(prop))
        }
        _ => return None,
    })
}

fn of_lists(kind: &ErrorKind<'_, '_>) -> Option<String> {
    Some(match kind {
        ErrorKind::MinItems { got, want } => counts("minItems", *got, *want),
        ErrorKind::MaxItems { got, want } => counts("maxItems", *got, *want),
        ErrorKind::Contains => "no items match contains schema".to_owned(),
        ErrorKind::MinContains { got, want } if got.is_empty() => {
            format!("min {} items required to match contains schema, but none matched", grouped(*want))
        }
        ErrorKind::MinContains { got, want } => contains("min", got, *want),
        ErrorKind::MaxContains { got, want } => contains("max", got, *want),
        ErrorKind::UniqueItems { got: [a, b] } => format!("items at {} and {} are equal", grouped(*a), grouped(*b)),
        ErrorKind::AdditionalItems { got } => format!("last {} additionalItem(s) not allowed", grouped(*got)),
        _ => return None,
    })
}

fn of_texts(kind: &ErrorKind<'_, '_>) -> Option<String> {
    Some(match kind {
        ErrorKind::MinLength { got, want } => counts("minLength", *got, *want),
        ErrorKind::MaxLength { got, want } => counts("maxLength", *got, *want),
        ErrorKind::Pattern { got, want } => format!("{} does not match pattern {}", quote(got), quote(want)),
        ErrorKind::ContentEncoding { want, err } => format!("value is not {} encoded: {err}", quote(want)),
        ErrorKind::ContentMediaType { want, err, .. } => {
            format!("value is not of mediatype {}: {err}", quote(want))
        }
        _ => return None,
    })
}

fn of_numbers(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Minimum { got, want } => numbers("minimum", got, want),
        ErrorKind::Maximum { got, want } => numbers("maximum", got, want),
        ErrorKind::ExclusiveMinimum { got, want } => numbers("exclusiveMinimum", got, want),
        ErrorKind::ExclusiveMaximum { got, want } => numbers("exclusiveMaximum", got, want),
        ErrorKind::MultipleOf { got, want } => numbers("multipleOf", got, want),
        other => other.to_string(),
    }
}

fn one_of(want: &[Value]) -> String {
    if !want.iter().all(is_primitive) {
        return "'enum' failed".to_owned();
    }
    match want {
        [one] => format!("value must be {}", display(one)),
        more => format!("value must be one of {}", more.iter().map(display).collect::<Vec<_>>().join(", ")),
    }
}

fn contains(bound: &str, got: &[usize], want: usize) -> String {
    let places: Vec<String> = got.iter().map(usize::to_string).collect();
    let (want, matched, places) = (grouped(want), grouped(got.len()), places.join(" "));
    format!("{bound} {want} items required to match contains schema, but matched {matched} items at {places}")
}

fn counts(keyword: &str, got: usize, want: usize) -> String {
    format!("{keyword}: got {}, want {}", grouped(got), grouped(want))
}

fn numbers(keyword: &str, got: &Number, want: &Number) -> String {
    let number = |number: &Number| float(number.as_f64().unwrap_or_default());
    format!("{keyword}: got {}, want {}", number(got), number(want))
}

/// A count with commas between thousands, as the validator prints for English readers.
fn grouped(count: usize) -> String {
    group(&count.to_string())
}

fn group(digits: &str) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number as the validator prints it for English readers: commas between thousands, powers of ten from a million on.
fn float(number: f64) -> String {
    let text = weir_yaml::format_float(number.abs());
    let sign = if number < 0.0 { "-" } else { "" };
    if let Some((mantissa, exponent)) = text.split_once('e') {
        let raised: String = exponent.chars().map(superscript).collect();
        return format!("{sign}{mantissa}×10{}", raised.trim_start_matches('⁺'));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", group(whole))
}

fn superscript(c: char) -> char {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match c {
        '-' => '⁻',
        '+' => '⁺',
        digit => digit.to_digit(10).map_or(digit, |digit| DIGITS[digit as usize]),
    }
}

fn is_primitive(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

fn display(value: &Value) -> String {
    match value {
        Value::String(text) => quote(text),
        Value::Array(_) | Value::Object(_) => "value".to_owned(),
        Value::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}

fn quotes<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.map(quote).collect::<Vec<_>>().join(", ")
}

fn quote(text: &str) -> String {
    let quoted = weir_gotmpl::quote(text.as_bytes());
    let inner = &quoted[1..quoted.len() - 1];
    format!("'{}'", inner.replace("\\\"", "\"").replace('\'', "\\'"))
}
