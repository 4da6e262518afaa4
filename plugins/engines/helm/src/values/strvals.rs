//! `--set` and its relatives: `a.b[0].c=value,d={1,2}`.

use weir_gotmpl::{GoType, IntType, List, Map, Str, Value};

use crate::Helm;

/// The largest index of a list.
pub const MAX_INDEX: i64 = 65536;

/// How many dots a name may have.
pub const MAX_NESTED_NAMES: usize = 30;

/// How many lists may lie in each other in one name: `a[0][0]...`.
pub const MAX_NESTED_LISTS: usize = 1000;

/// How the text after `=` is read.
pub(super) enum Reading<'a> {
    /// `--set`: integers, booleans, null, strings.
    Typed,
    /// `--set-string`
    Text,
    /// `--set-file`: the text is a path.
    File(&'a dyn Fn(&str) -> Result<Str, String>),
    /// `--set-json`
    Json,
}

/// Sets what the text says in the values.
///
/// # Errors
/// In Helm's words.
pub(super) fn parse(text: &str, values: &Map, reading: &Reading<'_>, helm: Helm) -> Result<(), String> {
    let mut parser = Parser { rest: text, reading, helm };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Error(message)) => return Err(message),
        }
    }
}

/// Why reading does not go on.
pub(super) enum Stop {
    /// The text is at its end.
    End,
    Error(String),
}

impl Stop {
    pub(super) fn error<T>(message: impl Into<String>) -> Result<T, Stop> {
        Err(Stop::Error(message.into()))
    }

    /// The text ends within the brackets of an index. Helm 4 takes that for the end of all that is to be set.
    pub(super) fn within_index(helm: Helm) -> Stop {
        match helm {
            Helm::V3 => Stop::Error("error parsing index: EOF".to_owned()),
            Helm::V4 => Stop::End,
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    reading: &'a Reading<'a>,
    helm: Helm,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    /// The text up to one of some characters, which is taken as well; a backslash quotes. At the end of the text there is
    /// no such character.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                c if stops.contains(&c) => return (text, Some(c)),
                '\\' => match self.next() {
                    Some(quoted) => text.push(quoted),
                    None => return (text, None),
                },
                c => text.push(c),
            }
        }
        (text, None)
    }

    fn key(&mut self, values: &Map, level: usize) -> Result<(), Stop> {
        let (key, stop) = self.until(&['=', '[', ',', '.']);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Stop::error(format!("key {} has no value", quoted(&key))),
            Some('[') => self.list(values, key, level),
            Some('=') => self.value_of_key(values, key),
            Some('.') => {
                let level = deeper(level)?;
                let inner = table_at(values, &key)?;
                let result = self.key(&inner, level);
                if result.is_ok() && inner.is_empty() {
                    return Stop::error(format!("key map {} has no value", quoted(&key)));
                }
                if !inner.is_empty() {
                    set(values, key, Value::Map(inner));
                }
                result
            }
            _ => {
                let name = quoted(&key);
                set(values, key, Value::from(""));
                Stop::error(format!("key {name} has no value (cannot end with ,)"))
            }
        }
    }

    fn list(&mut self, values: &Map, key: String, level: usize) -> Result<(), Stop> {
        let index = self.index()?;
        let mut list = list_at(values, &key)?;
        let result = self.item(&mut list, index, level, 0);
        set(values, key, Value::from(list));
        result
    }

    fn index(&mut self) -> Result<i64, Stop> {
        match self.until(&[']']) {
            (_, None) => Err(Stop::within_index(self.helm)),
            (digits, Some(_)) => index(&digits),
        }
    }

    fn value_of_key(&mut self, values: &Map, key: String) -> Result<(), Stop> {
        if matches!(self.reading, Reading::Json) {
            let value = self.json()?;
            set(values, key, value);
            return Ok(());
        }
        if self.rest.is_empty() {
            set(values, key, Value::from(""));
            return Err(Stop::End);
        }
        let value = match self.braces()? {
            Some(list) => list,
            None => {
                let (text, _) = self.until(&[',']);
                self.read(&text)?
            }
        };
        set(values, key, value);
        Ok(())
    }

    /// What follows `]` in a name.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, level: usize, depth: usize) -> Result<(), Stop> {
        let at = usize::try_from(index).or_else(|_| Stop::error(format!("negative {index} index not allowed")))?;
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            let text = quoted_runes(&text);
            return Stop::error(format!("unexpected data at end of array index: {text}"));
        }
        match stop {
            None => Err(Stop::End),
            Some('=') => {
                let value = self.value_of_item()?;
                set_index(list, index, value)
            }
            Some('[') => {
                if depth >= MAX_NESTED_LISTS {
                    return Stop::error(format!("lists are nested deeper than {MAX_NESTED_LISTS} levels"));
                }
                let next = self.index()?;
                let mut inner = inner_list(list, at)?;
                let before = inner.len();
                let result = self.item(&mut inner, next, level, depth + 1);
                if result.is_err() {
                    // What was changed in place stays changed.
                    keep_changes(list, at, inner, before);
                    return result;
                }
                set_index(list, index, Value::from(inner))
            }
            Some(_) => {
                let inner = inner_table(list, at);
                self.key(&inner, level)?;
                set_index(list, index, Value::Map(inner))
            }
        }
    }

    fn value_of_item(&mut self) -> Result<Value, Stop> {
        if matches!(self.reading, Reading::Json) {
            return self.json();
        }
        if self.rest.is_empty() {
            return Ok(Value::from(""));
        }
        match self.braces()? {
            Some(list) => Ok(list),
            None => {
                let (text, _) = self.until(&[',']);
                self.read(&text)
            }
        }
    }

    /// A list in braces, if there is one.
    fn braces(&mut self) -> Result<Option<Value>, Stop> {
        let Some(rest) = self.rest.strip_prefix('{') else { return Ok(None) };
        self.rest = rest;
        let mut list = Vec::new();
        loop {
            match self.until(&[',', '}']) {
                (_, None) => return Stop::error("list must terminate with '}'"),
                (text, Some(stop)) => {
                    if stop == '}' {
                        self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                    }
                    list.push(self.read(&text)?);
                    if stop == '}' {
                        return Ok(Some(Value::from(list)));
                    }
                }
            }
        }
    }

    fn read(&self, text: &str) -> Result<Value, Stop> {
        match self.reading {
            Reading::File(read) => read(text).map(Value::String).map_err(Stop::Error),
            Reading::Text | Reading::Json => Ok(Value::from(text)),
            Reading::Typed => Ok(typed(text)),
        }
    }

    /// One JSON value, and the comma after it. Nothing is null.
    fn json(&mut self) -> Result<Value, Stop> {
        if self.skip_to_comma() {
            return Ok(Value::Nil);
        }
        let (value, len) = super::json::prefix(self.rest).map_err(Stop::Error)?;
        self.rest = &self.rest[len..];
        self.skip_to_comma();
        Ok(value)
    }

    /// Takes space and one comma; whether there is nothing else.
    fn skip_to_comma(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix(',') {
            self.rest = rest;
            return true;
        }
        self.rest.is_empty()
    }
}

/// What a text means with `--set`.
fn typed(text: &str) -> Value {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("false") {
        return Value::Bool(is("true"));
    }
    if is("null") {
        return Value::Nil;
    }
    if text == "0" {
        return Value::int64(0);
    }
    match text.parse() {
        Ok(number) if !text.starts_with('0') => Value::int64(number),
        _ => Value::from(text),
    }
}

pub(super) fn deeper(level: usize) -> Result<usize, Stop> {
    if level >= MAX_NESTED_NAMES {
        return Stop::error(format!(
            "value name nested level is greater than maximum supported nested level of {MAX_NESTED_NAMES}"
        ));
    }
    Ok(level + 1)
}

pub(super) fn index(digits: &str) -> Result<i64, Stop> {
    let invalid = || {
        let what = if is_integer(digits) { "value out of range" } else { "invalid syntax" };
        let digits = quoted(digits);
        Stop::error(format!("error parsing index: strconv.Atoi: parsing {digits}: {what}"))
    };
    digits.parse().or_else(|_| invalid())
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn set(values: &Map, key: String, value: Value) {
    if !key.is_empty() {
        values.insert(key, value);
    }
}

pub(super) fn set_index(list: &mut Vec<Value>, index: i64, value: Value) -> Result<(), Stop> {
    if index > MAX_INDEX {
        return Stop::error(format!("index of {index} is greater than maximum supported index of {MAX_INDEX}"));
    }
    let at = usize::try_from(index).or_else(|_| Stop::error(format!("negative {index} index not allowed")))?;
    if list.len() <= at {
        list.resize(at + 1, Value::Nil);
    }
    list[at] = value;
    Ok(())
}

/// The table under a key, or a new one.
pub(super) fn table_at(values: &Map, key: &str) -> Result<Map, Stop> {
    match values.get(key) {
        None => Ok(Map::new()),
        Some(Value::Map(table)) => Ok(table),
        Some(other) => wrong_type(&other, "map[string]interface {}"),
    }
}

/// The list under a key, or a new one.
pub(super) fn list_at(values: &Map, key: &str) -> Result<Vec<Value>, Stop> {
    match values.get(key) {
        None => Ok(Vec::new()),
        Some(Value::List(list)) => Ok(list.items().to_vec()),
        Some(other) => wrong_type(&other, "[]interface {}"),
    }
}

pub(super) fn inner_list(list: &[Value], at: usize) -> Result<Vec<Value>, Stop> {
    match list.get(at) {
        None | Some(Value::Nil) => Ok(Vec::new()),
        Some(Value::List(list)) => Ok(List::items(list).to_vec()),
        Some(other) => wrong_type(other, "[]interface {}"),
    }
}

/// The table at a place of a list. Something else there gives way to a new table at once, whatever comes after it.
pub(super) fn inner_table(list: &mut [Value], at: usize) -> Map {
    match list.get_mut(at) {
        None => Map::new(),
        Some(Value::Map(table)) => table.clone(),
        Some(other) => {
            let table = Map::new();
            *other = Value::Map(table.clone());
            table
        }
    }
}

/// Puts an inner list back whose items were changed, but not its length.
pub(super) fn keep_changes(list: &mut [Value], at: usize, inner: Vec<Value>, before: usize) {
    if let Some(place) = list.get_mut(at).filter(|_| inner.len() == before && before > 0) {
        *place = Value::from(inner);
    }
}

/// What Go says when it panics over a value of another type, and Helm catches that.
fn wrong_type<T>(value: &Value, wanted: &str) -> Result<T, Stop> {
    let found = match value {
        Value::Nil => "nil".to_owned(),
        value => value.type_name(),
    };
    Stop::error(format!("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}"))
}

pub(super) fn quoted(text: &str) -> String {
    weir_gotmpl::quote(text.as_bytes())
}

/// How Go prints a slice of characters with the verb for quoted strings.
pub(super) fn quoted_runes(text: &str) -> String {
    let items = text.chars().map(|c| Value::Int(IntType::Int32, i64::from(u32::from(c)))).collect();
    let runes = Value::List(List::of(GoType::Slice(&GoType::Int(IntType::Int32)), items));
    weir_gotmpl::sprintf(b"%q", &[runes]).to_string()
}
