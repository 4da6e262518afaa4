use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::node::{Kind, Node, Style, Tag};
use crate::number::format_float;
use crate::plain::is_nothing;
use crate::resolve::{Resolved, Rules, old_bool, resolve};
use crate::scalar::{Allowed, Version, analyze};
use crate::{Error, go_syntax, parse_first, parse_first_as};

/// Floats from here on are not written as whole numbers by Go's JSON encoder.
const FIRST_JSON_EXPONENT: f64 = 1e21;

/// Reads a typed value from the first document, with the rules of `sigs.k8s.io/yaml`. An empty text reads as null.
///
/// # Errors
/// Text that is not YAML, or data of another shape.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let value = match parse_first_as(text, Rules::Yaml11).map_err(Error::with_old_line)? {
        Some(node) => to_json(&node, Rules::Yaml11)?,
        None => Value::Null,
    };
    serde_json::from_value(value).map_err(|error| Error::Shape(error.to_string()))
}

/// Converts a tree to JSON data.
///
/// With [`Rules::Yaml11`] keys of any scalar type become strings and the last of repeated keys wins. With
/// [`Rules::Yaml12`] both are errors, and the data is what is read after go-yaml v3 has printed the tree, as kustomize
/// does with every resource.
///
/// # Errors
/// Values without a JSON form, keys as above, values that contradict their tag.
pub fn to_json(node: &Node, rules: Rules) -> Result<Value, Error> {
    data(node, rules, rules == Rules::Yaml12)
}

/// Converts a tree to JSON data as go-yaml v3 decodes it where it stands: [`to_json`] without what printing changes.
///
/// # Errors
/// As [`to_json`].
pub fn decode(node: &Node) -> Result<Value, Error> {
    data(node, Rules::Yaml12, false)
}

fn data(node: &Node, rules: Rules, is_printed: bool) -> Result<Value, Error> {
    value(node, rules, is_printed.then_some(Place::Block)).map_err(|error| match error {
        // Those are found first, wherever they are.
        Error::KeyType(_) => repeated_key(node).map_or(error, |key| Error::DuplicateKey(key.to_owned())),
        error => error,
    })
}

/// A key that a mapping holds twice by its text, whatever its type.
fn repeated_key(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar(_) => None,
        Kind::Sequence(items) => items.iter().find_map(repeated_key),
        Kind::Mapping(fields) => {
            let mut seen = BTreeSet::new();
            let mut keys = fields.iter().map(|(key, _)| key).filter(|key| key.is_scalar()).map(Node::text);
            keys.find(|key| !seen.insert(*key)).or_else(|| fields.iter().find_map(|(_, value)| repeated_key(value)))
        }
    }
}

/// Where go-yaml v3 prints a node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Block,
    /// Inside of `[a]` or `{a: b}`.
    Flow,
}

impl Place {
    /// Where a node is printed that is in this place.
    pub(crate) fn of(self, node: &Node) -> Place {
        if node.style == Style::Flow { Place::Flow } else { self }
    }
}

/// The place is that where it is printed first, if it is.
fn value(node: &Node, rules: Rules, printed: Option<Place>) -> Result<Value, Error> {
    let printed = printed.map(|place| place.of(node));
    match &node.kind {
        Kind::Scalar(text) => {
            let meaning = match printed {
                Some(place) => printed_meaning(node, text, place),
                None => scalar(node, text, rules),
            };
            meaning.map(|other| other.unwrap_or_else(|| Value::String(text.clone())))
        }
        Kind::Sequence(items) => {
            items.iter().map(|item| value(item, rules, printed)).collect::<Result<_, _>>().map(Value::Array)
        }
        Kind::Mapping(fields) => {
            let mut map = Map::new();
            for (key, field) in fields {
                if key.tag == Tag::Merge {
                    merge(&mut map, field, rules)?;
                    continue;
                }
                if printed.is_none() && rules == Rules::Yaml12 && key.is_null() {
                    return Err(Error::KeyType(key.text().to_owned()));
                }
                let replaced = map.insert(key_text(key, field, rules)?.into_owned(), value(field, rules, printed)?);
                if replaced.is_some() && rules == Rules::Yaml12 && !follows_merge(fields) {
                    return Err(Error::DuplicateKey(key.text().to_owned()));
                }
            }
            Ok(Value::Object(map))
        }
    }
}

/// What a scalar with this text stands for after go-yaml v3 has printed it; nothing when it is a string, namely this text.
pub(crate) fn printed_meaning(node: &Node, text: &str, place: Place) -> Result<Option<Value>, Error> {
    let is_block = node.style == Style::Literal || (node.style == Style::Plain && text.contains('\n'));
    match place {
        // Such a time gets quotes there, and so is read as a text. What is no time any more keeps the tag.
        Place::Flow if node.tag == Tag::Timestamp && text.contains(':') && is_time(text) => Ok(None),
        Place::Flow if is_nothing(node, text) => Ok(Some(Value::String(String::new()))),
        // Nor are there blocks, whose text it may change.
        Place::Flow if matches!(node.style, Style::Literal | Style::Folded) => Ok(None),
        _ if is_block && text.starts_with('\t') => {
            // It is printed in a form that go-yaml does not read itself.
            let message = "found a tab character where an indentation space is expected".to_owned();
            Err(Error::Syntax { line: 2, old_line: 2, column: 1, message })
        }
        _ if node.style == Style::Folded && text.contains('\n') => refolded(text).map(Some),
        _ => scalar(node, text, Rules::Yaml12),
    }
}

fn follows_merge(fields: &[(Node, Node)]) -> bool {
    fields.iter().any(|(key, _)| key.tag == Tag::Merge)
}

fn merge(map: &mut Map<String, Value>, node: &Node, rules: Rules) -> Result<(), Error> {
    match &node.kind {
        Kind::Mapping(_) => {
            if let Value::Object(other) = to_json(node, rules)? {
                map.extend(other);
            }
            Ok(())
        }
        // Earlier mappings win over later ones.
        Kind::Sequence(items) => items.iter().rev().try_for_each(|item| merge(map, item, rules)),
        Kind::Scalar(_) => Err(Error::Merge),
    }
}

/// The text that a mapping's key becomes as JSON; an error shows the value too.
///
/// # Errors
/// Keys that have none.
pub fn key_text<'k>(key: &'k Node, value: &Node, rules: Rules) -> Result<Cow<'k, str>, Error> {
    let Kind::Scalar(text) = &key.kind else {
        return Err(match rules {
            Rules::Yaml11 => invalid_key(key),
            Rules::Yaml12 => Error::KeyType("a collection".to_owned()),
        });
    };
    // go-yaml v3 prints a key that is nothing with quotes.
    let is_text = match rules {
        _ if matches!(key.tag, Tag::Custom(_)) => true,
        Rules::Yaml11 => false,
        Rules::Yaml12 => key.tag == Tag::Str || text.is_empty(),
    };
    if key.style.is_quoting() || is_text {
        return Ok(Cow::Borrowed(text));
    }
    let unsupported = |go_type| Error::Key { go_type, key: go_syntax::outer(key), value: go_syntax::outer(value) };
    match (resolve(text, rules), rules) {
        (Resolved::Str | Resolved::Timestamp(_) | Resolved::Merge, Rules::Yaml11) | (Resolved::Str, _) => {
            Ok(Cow::Borrowed(text))
        }
        (Resolved::Int(value), Rules::Yaml11) => Ok(Cow::Owned(value.to_string())),
        (Resolved::Float(value), Rules::Yaml11) => Ok(Cow::Owned(float_key(value))),
        (Resolved::Bool(value), Rules::Yaml11) => Ok(Cow::Owned(value.to_string())),
        (Resolved::Uint(_), Rules::Yaml11) => Err(unsupported("uint64")),
        (Resolved::Null, Rules::Yaml11) => Err(unsupported("%!s(<nil>)")),
        _ => Err(Error::KeyType(text.clone())),
    }
}

/// A collection as a key. The keys inside of it are read before it is.
fn invalid_key(key: &Node) -> Error {
    let collection = |node: &&Node| !node.is_scalar();
    let first = match &key.kind {
        Kind::Mapping(fields) => fields.iter().map(|(key, _)| key).find(collection),
        _ => None,
    };
    first.map_or_else(|| Error::InvalidKey(go_syntax::inner(key)), invalid_key)
}

/// `sigs.k8s.io/yaml` prints a number that is a key with the digits that a `float32` has.
fn float_key(value: f64) -> String {
    let shortest = format!("{:e}", value as f32);
    format_float(shortest.parse().unwrap_or(value))
}

fn is_time(text: &str) -> bool {
    matches!(resolve(text, Rules::Yaml12), Resolved::Timestamp(_))
}

/// What a scalar with this text stands for; nothing when it is a string, namely this text.
fn scalar(node: &Node, text: &str, rules: Rules) -> Result<Option<Value>, Error> {
    if node.tag == Tag::Binary {
        return binary(text).map(Some);
    }
    Ok(Some(match resolved(text, &node.tag, node.style, rules)? {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => Value::Bool(value),
        Resolved::Int(value) => Value::Number(value.into()),
        Resolved::Uint(value) => Value::Number(value.into()),
        Resolved::Float(value) => finite(value)?,
        Resolved::Timestamp(time) => Value::String(time),
        Resolved::Str | Resolved::Merge => return Ok(None),
    }))
}

/// What a scalar means under a set of rules; [`Resolved::Str`] is its text. A `!!binary` one is a string here.
///
/// # Errors
/// Values that contradict their tag, numbers that are not finite, a collection.
pub fn scalar_of(node: &Node, rules: Rules) -> Result<Resolved, Error> {
    let Kind::Scalar(text) = &node.kind else {
        return Err(Error::Shape("yaml: cannot decode a collection as a scalar".to_owned()));
    };
    match resolved(text, &node.tag, node.style, rules)? {
        Resolved::Float(value) if !value.is_finite() => finite(value).map(|_| Resolved::Float(value)),
        resolved => Ok(resolved),
    }
}

fn resolved(text: &str, tag: &Tag, style: Style, rules: Rules) -> Result<Resolved, Error> {
    match tag {
        Tag::Str if style.is_quoting() || rules == Rules::Yaml12 => return Ok(Resolved::Str),
        Tag::Str => return Ok(old_bool(text).map_or(Resolved::Str, Resolved::Bool)),
        // A number in the place of a quoted text gets its quotes.
        Tag::None | Tag::Int | Tag::Float | Tag::Bool | Tag::Null | Tag::Timestamp if style.is_quoting() => {
            return Ok(Resolved::Str);
        }
        Tag::Binary | Tag::Custom(_) | Tag::Merge | Tag::Map | Tag::Seq => return Ok(Resolved::Str),
        _ => {}
    }
    let resolved = resolve(text, rules);
    let fits = match (tag, &resolved) {
        (Tag::None, _) => true,
        (Tag::Float, Resolved::Int(value)) => return Ok(Resolved::Float(*value as f64)),
        (tag, resolved) => *tag == resolved.tag(),
    };
    if !fits {
        // Nothing is a time where another tag is written.
        let found = if matches!(resolved, Resolved::Timestamp(_)) { Resolved::Str } else { resolved };
        return Err(Error::Tag { found: found.short(), wanted: tag.to_string(), value: text.to_owned() });
    }
    Ok(match resolved {
        // go-yaml v2 keeps a bare date as the string that it was.
        Resolved::Timestamp(_) if rules == Rules::Yaml11 => Resolved::Str,
        Resolved::Merge => Resolved::Str,
        resolved => resolved,
    })
}

/// A folded text as it is read after go-yaml v3 has printed it, which adds a line before some indented ones. kustomize
/// prints and reads every resource once.
fn refolded(text: &str) -> Result<Value, Error> {
    let node = Node { style: Style::Folded, ..Node::string(text) };
    let read = parse_first(&crate::to_string(&node))?;
    Ok(Value::String(read.map_or_else(String::new, |node| node.text().to_owned())))
}

fn binary(text: &str) -> Result<Value, Error> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(compact)
        .map_err(|_| Error::Shape("yaml: !!binary value contains invalid base64 data".to_owned()))?;
    Ok(Value::String(String::from_utf8_lossy(&bytes).into_owned()))
}

/// A float as it comes out of Go's JSON encoder and is read again: whole numbers lose their point.
pub(crate) fn finite(value: f64) -> Result<Value, Error> {
    if !value.is_finite() {
        return Err(Error::NotFinite(
            format_float(value).replace(".inf", "+Inf").replace("-+", "-").replace(".nan", "NaN"),
        ));
    }
    let is_negative_zero = value == 0.0 && value.is_sign_negative();
    if value.fract() == 0.0 && value.abs() < FIRST_JSON_EXPONENT && !is_negative_zero {
        // The shortest digits that give the same float, filled up with zeros, as Go prints it.
        let digits = value.to_string();
        if let Ok(whole) = digits.parse::<i64>() {
            return Ok(Value::Number(whole.into()));
        }
        if let Ok(whole) = digits.parse::<u64>() {
            return Ok(Value::Number(whole.into()));
        }
    }
    Ok(Value::Number(Number::from_f64(value).expect("only finite numbers come here")))
}

/// Builds the tree that go-yaml v3 builds from JSON data: keys sorted, strings quoted where they would read as
/// something else.
pub fn from_json(value: Value) -> Node {
    match value {
        Value::Null => Node::null(),
        Value::Bool(value) => Node { tag: Tag::Bool, ..Node::scalar(if value { "true" } else { "false" }) },
        Value::Number(number) => number_node(&number),
        Value::String(text) => string_node(text),
        Value::Array(items) => Node {
            kind: Kind::Sequence(items.into_iter().map(from_json).collect()),
            tag: Tag::Seq,
            style: Style::Plain,
        },
        Value::Object(map) => {
            let mut fields: Vec<_> = map.into_iter().map(|(key, value)| (string_node(key), from_json(value))).collect();
            crate::through_json::sort_fields(&mut fields);
            Node { kind: Kind::Mapping(fields), tag: Tag::Map, style: Style::Plain }
        }
    }
}

fn number_node(number: &Number) -> Node {
    if number.is_i64() || number.is_u64() {
        return Node { tag: Tag::Int, ..Node::scalar(number.to_string()) };
    }
    let value = number.as_f64().unwrap_or_default();
    Node { tag: Tag::Float, ..Node::scalar(format_float(value)) }
}

/// How a text that reads as one is printed, and so read again.
fn unambiguous_style(text: &str) -> Style {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.');
    if text.bytes().all(is_word) && !text.starts_with('.') {
        return Style::Plain;
    }
    match analyze(text, Version::V3) {
        Allowed { block_plain: true, .. } => Style::Plain,
        Allowed { single_quoted: true, .. } => Style::SingleQuoted,
        _ => Style::DoubleQuoted,
    }
}

fn string_node(text: String) -> Node {
    Node { style: string_style(&text), ..Node::string(text) }
}

/// How go-yaml v3 writes a string that came from JSON.
pub(crate) fn string_style(text: &str) -> Style {
    if text.contains('\n') {
        return Style::Literal;
    }
    let is_plain =
        resolve(text, Rules::Yaml12) == Resolved::Str && old_bool(text).is_none() && !crate::resolve::is_base60(text);
    if is_plain { unambiguous_style(text) } else { Style::DoubleQuoted }
}

/// Reads every string as YAML reads it in JSON, which is what `sigs.k8s.io/yaml` prints from: a NEL is a line break there,
/// and folded, and some characters are not allowed.
///
/// # Errors
/// A string with such a character.
pub fn reread_strings(value: &mut Value) -> Result<(), Error> {
    match value {
        Value::String(text) => {
            if let Some(read) = reread(text)? {
                *text = read;
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(reread_strings),
        Value::Object(map) => map.values_mut().try_for_each(reread_strings),
        _ => Ok(()),
    }
}

fn reread(text: &str) -> Result<Option<String>, Error> {
    let is_odd = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if text.bytes().all(|byte| byte < 0x7f) || !text.chars().any(is_odd) {
        return Ok(None);
    }
    Ok(parse_first(&go_json(&Value::String(text.to_owned())))?.map(|node| node.text().to_owned()))
}

/// Prints JSON as Go's `encoding/json` does: no spaces, keys sorted by bytes, `<`, `>` and `&` escaped.
pub fn go_json(value: &Value) -> String {
    let mut out = String::new();
    write_json(value, &mut out);
    out
}

fn write_json(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write_json(value, out);
            }
            out.push('}');
        }
    }
}

fn write_number(number: &Number, out: &mut String) {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(value) if value.abs() < FIRST_JSON_EXPONENT && value.abs() >= 1e-6 => out.push_str(&value.to_string()),
        Some(value) => {
            let text = format_float(value);
            // Go writes a one-digit negative exponent without the leading zero.
            out.push_str(&text.replace("e-0", "e-"));
        }
        None => out.push_str(&number.to_string()),
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str, rules: Rules) -> Result<Value, Error> {
        to_json(&parse_first(text).unwrap().unwrap(), rules)
    }

    #[test]
    fn both_rules() {
        let text = "a: yes\nb: 1e3\nc: 2001-01-02\nd: !!str 5\ne: '7'\n";
        let v3 = json!({"a": "yes", "b": 1000, "c": "2001-01-02T00:00:00Z", "d": "5", "e": "7"});
        let v2 = json!({"a": true, "b": 1000, "c": "2001-01-02", "d": "5", "e": "7"});
        assert_eq!(read(text, Rules::Yaml12).unwrap(), v3);
        assert_eq!(read(text, Rules::Yaml11).unwrap(), v2);
    }

    #[test]
    fn keys() {
        assert_eq!(read("1: a\non: b\n", Rules::Yaml11).unwrap(), json!({"1": "a", "true": "b"}));
        assert!(matches!(read("a: {1: a}\n", Rules::Yaml12), Err(Error::KeyType(_))));
        assert_eq!(read("a: 1\na: 2\n", Rules::Yaml12), Err(Error::DuplicateKey("a".into())));
        assert_eq!(read("? \n: a\n", Rules::Yaml12).unwrap(), json!({"": "a"}));
        let later = "a: {1: a}\nb: {2: a, '2': b}\n";
        assert_eq!(read(later, Rules::Yaml12), Err(Error::DuplicateKey("2".into())));
        assert_eq!(read("a: 1\na: 2\n", Rules::Yaml11).unwrap(), json!({"a": 2}));
        // A tag of one's own makes a text of whatever it is.
        for rules in [Rules::Yaml11, Rules::Yaml12] {
            assert_eq!(read("!t 1: a\n!t ~: b\n!t : c\n", rules).unwrap(), json!({"1": "a", "~": "b", "": "c"}));
        }
    }

    #[test]
    fn nothing_in_flow_style_is_a_text_to_go_yaml_v3() {
        let text = "a:\nb: {c: , d: ~, e}\n";
        assert_eq!(read(text, Rules::Yaml12).unwrap(), json!({"a": null, "b": {"c": "", "d": null, "e": ""}}));
        assert_eq!(read(text, Rules::Yaml11).unwrap(), json!({"a": null, "b": {"c": null, "d": null, "e": null}}));
    }

    #[test]
    fn nothing_that_was_made_is_one_in_flow_style_alone() {
        for (text, expected) in
            [("a: {}\n", json!({"a": {"b": ""}})), ("a:\n  c: x\n", json!({"a": {"b": null, "c": "x"}}))]
        {
            let mut node = parse_first(text).unwrap().unwrap();
            node.mapping_at("a").unwrap().push("b", Node::scalar(""));
            assert_eq!(to_json(&node, Rules::Yaml12).unwrap(), expected);
            let printed = crate::plain::node_to_yaml(&node).unwrap();
            assert_eq!(printed, crate::to_yaml(&expected));
        }
    }

    #[test]
    fn times_in_flow_style_are_texts_unless_they_became_another_text() {
        let mut node = parse_first("a: {b: 2001-01-02T03:04:05Z}\n").unwrap().unwrap();
        assert_eq!(to_json(&node, Rules::Yaml12).unwrap(), json!({"a": {"b": "2001-01-02T03:04:05Z"}}));
        node.get_mut("a").unwrap().get_mut("b").unwrap().set_text("x: y");
        assert!(matches!(to_json(&node, Rules::Yaml12), Err(Error::Tag { found: "!!str", .. })));
    }

    #[test]
    fn merge_keys_are_merged() {
        let text = "base: &b {x: 1, z: 2}\nmore:\n  <<: *b\n  z: 3\n";
        let expected = json!({"base": {"x": 1, "z": 2}, "more": {"x": 1, "z": 3}});
        assert_eq!(read(text, Rules::Yaml11).unwrap(), expected);
        assert_eq!(read("a: {<<: 1}", Rules::Yaml11), Err(Error::Merge));
    }

    #[test]
    fn folded_text_gains_the_line_that_go_adds() {
        assert_eq!(read("a: >-\n  [\n    x\n  ]\n", Rules::Yaml12).unwrap(), json!({"a": "[\n\n  x\n]"}));
        assert_eq!(read("a: >-\n  [\n    x\n  ]\n", Rules::Yaml11).unwrap(), json!({"a": "[\n  x\n]"}));
    }

    #[test]
    fn decoded_trees_are_as_they_stand() {
        let decoded = |text: &str| decode(&parse_first(text).unwrap().unwrap());
        assert_eq!(decoded("a: >-\n  [\n    x\n  ]\nb: {c: }\n").unwrap(), json!({"a": "[\n  x\n]", "b": {"c": null}}));
        assert_eq!(decoded("? \n: a\n"), Err(Error::KeyType(String::new())));
        assert_eq!(decoded("a: 1\na: 2\n"), Err(Error::DuplicateKey("a".into())));
    }

    #[test]
    fn contradicting_tags_are_refused() {
        assert!(matches!(read("a: !!int x", Rules::Yaml12), Err(Error::Tag { .. })));
        let found = |text| match read(text, Rules::Yaml12) {
            Err(Error::Tag { found, .. }) => found.to_owned(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(found("a: !!bool 2001-01-01"), "!!str");
        assert_eq!(read("a: .inf", Rules::Yaml12), Err(Error::NotFinite("+Inf".into())));
    }

    #[test]
    fn json_round_trips_through_nodes() {
        let value = json!({"s": "1", "n": 1, "f": 1.5, "l": [true, null], "t": "a\nb"});
        assert_eq!(to_json(&from_json(value.clone()), Rules::Yaml12).unwrap(), value);
    }

    #[test]
    fn json_prints_as_in_go() {
        let value = json!({"b": "<a&b>\n", "a": [1, 1.5, 1e21, 1e-7]});
        assert_eq!(go_json(&value), r#"{"a":[1,1.5,1e+21,1e-7],"b":"\u003ca\u0026b\u003e\n"}"#);
    }

    #[test]
    fn whole_floats_lose_their_point() {
        let text = "[1.0, -3e2, 9.223372036854776e+18, 18446744073709551616, -0.0]";
        let value = read(text, Rules::Yaml12).unwrap();
        assert_eq!(go_json(&value), "[1,-300,9223372036854776000,18446744073709552000,-0]");
    }

    #[test]
    fn typed_values() {
        #[derive(serde::Deserialize)]
        struct Config {
            name: String,
        }
        assert_eq!(from_str::<Config>("name: x\n").unwrap().name, "x");
        assert!(matches!(from_str::<Config>("name: [1]\n"), Err(Error::Shape(_))));
    }
}
