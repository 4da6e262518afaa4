//! Post-build substitution: `${var}` and its bash-like forms, as Flux's kustomize-controller expands them.
//!
//! Only `${…}` is expanded; bare `$var` stays, `$$` becomes `$`. A malformed expression fails the whole build. Every default
//! operator treats an empty value as unset, and a variable that is unset and has no default is an error (Flux's strict mode).

use std::collections::BTreeMap;

use thiserror::Error;

/// Nested defaults (`${a:=${b:=${c}}}`) deeper than this are refused.
const MAX_DEPTH: usize = 32;

/// Why a text cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum SubstituteError {
    #[error("missing closing brace")]
    MissingBrace,
    #[error("unable to parse variable name")]
    Name,
    #[error("variable not set (strict mode): \"{0}\"")]
    NotSet(String),
    #[error("unable to parse substitution within: {0}")]
    Function(String),
    #[error("defaults are nested deeper than {MAX_DEPTH}")]
    Depth,
}

/// Variables by name.
pub(crate) type Variables = BTreeMap<String, String>;

/// Expands every `${…}` in `text`.
pub(crate) fn expand(text: &str, variables: &Variables) -> Result<String, SubstituteError> {
    expand_at(text, variables, 0)
}

/// Whether a variable may be called this: `^[_[:alpha:]][_[:alpha:][:digit:]]*$`.
pub(crate) fn is_valid_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic()) && name.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn expand_at(text: &str, variables: &Variables, depth: usize) -> Result<String, SubstituteError> {
    if depth > MAX_DEPTH {
        return Err(SubstituteError::Depth);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = if let Some(body) = after.strip_prefix('{') {
            let end = closing_brace(body).ok_or(SubstituteError::MissingBrace)?;
            out.push_str(&evaluate(&body[..end], variables, depth)?);
            &body[end + 1..]
        } else {
            out.push('$');
            after.strip_prefix('$').unwrap_or(after)
        };
    }
    out.push_str(rest);
    Ok(out)
}

/// The index of the `}` that closes an expression, over nested `${…}`.
fn closing_brace(body: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    let mut open = 1usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                open += 1;
                at += 1;
            }
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn evaluate(body: &str, variables: &Variables, depth: usize) -> Result<String, SubstituteError> {
    if let Some(name) = body.strip_prefix('#') {
        return match is_valid_name(name) {
            true => Ok(value(name, variables)?.chars().count().to_string()),
            false => Err(SubstituteError::Name),
        };
    }
    let end = body.bytes().position(|b| !is_name_byte(b)).unwrap_or(body.len());
    let (name, operation) = body.split_at(end);
    if name.is_empty() {
        return Err(SubstituteError::Name);
    }
    apply(name, operation, variables, depth)
}

fn apply(name: &str, operation: &str, variables: &Variables, depth: usize) -> Result<String, SubstituteError> {
    if operation.is_empty() {
        return Ok(value(name, variables)?.to_owned());
    }
    // `:+` and `:?` parse, but act as a default too.
    let default = [":-", ":=", ":+", ":?", "="].iter().find_map(|operator| operation.strip_prefix(operator));
    if let Some(default) = default {
        return match variables.get(name).filter(|v| !v.is_empty()) {
            Some(value) => Ok(value.clone()),
            None => expand_at(default, variables, depth + 1),
        };
    }
    let unparsable = || SubstituteError::Function(format!("${{{name}{operation}}}"));
    let argument = |text: &str| expand_at(text, variables, depth + 1);
    let first = operation.chars().next();
    match first {
        Some(':') => slice(value(name, variables)?, &operation[1..]).ok_or_else(unparsable),
        Some('^' | ',') => change_case(value(name, variables)?, operation).ok_or_else(unparsable),
        Some('#') => Ok(trim_prefix(value(name, variables)?, &argument(&operation[1..])?)),
        Some('%') => Ok(trim_suffix(value(name, variables)?, &argument(&operation[1..])?)),
        Some('/') => {
            let (pattern, new) = operation[1..].rsplit_once('/').ok_or_else(unparsable)?;
            Ok(replace(value(name, variables)?, pattern, &argument(new)?))
        }
        _ => Err(SubstituteError::Name),
    }
}

fn value<'a>(name: &str, variables: &'a Variables) -> Result<&'a str, SubstituteError> {
    variables.get(name).map(String::as_str).ok_or_else(|| SubstituteError::NotSet(name.into()))
}

/// `n` or `n:len`, in characters; beyond the end is the end.
fn slice(value: &str, arguments: &str) -> Option<String> {
    let (from, length) = match arguments.split_once(':') {
        Some((from, length)) => (from.trim().parse::<usize>().ok()?, Some(length.trim().parse::<usize>().ok()?)),
        None => (arguments.trim().parse::<usize>().ok()?, None),
    };
    Some(value.chars().skip(from).take(length.unwrap_or(usize::MAX)).collect())
}

fn change_case(value: &str, operation: &str) -> Option<String> {
    let first = |change: fn(char) -> String| {
        let mut chars = value.chars();
        chars.next().map(|c| change(c) + chars.as_str()).unwrap_or_default()
    };
    match operation {
        "^^" => Some(value.to_uppercase()),
        "^" => Some(first(|c| c.to_uppercase().collect())),
        ",," => Some(value.to_lowercase()),
        "," => Some(first(|c| c.to_lowercase().collect())),
        _ => None,
    }
}

/// `#pat` removes the shortest matching prefix, `##pat` the longest; `*` and `?` are wildcards.
fn trim_prefix(value: &str, pattern: &str) -> String {
    let (longest, pattern) = split_doubled(pattern, '#');
    let mut ends: Vec<usize> = boundaries(value);
    if longest {
        ends.reverse();
    }
    let end = ends.into_iter().find(|&end| glob(pattern, &value[..end]));
    value[end.unwrap_or(0)..].to_owned()
}

/// `%pat` and `%%pat`: as [`trim_prefix`], at the end.
fn trim_suffix(value: &str, pattern: &str) -> String {
    let (longest, pattern) = split_doubled(pattern, '%');
    let mut starts: Vec<usize> = boundaries(value);
    if !longest {
        starts.reverse();
    }
    let start = starts.into_iter().find(|&start| glob(pattern, &value[start..]));
    value[..start.unwrap_or(value.len())].to_owned()
}

fn split_doubled(pattern: &str, mark: char) -> (bool, &str) {
    pattern.strip_prefix(mark).map_or((false, pattern), |rest| (true, rest))
}

fn boundaries(value: &str) -> Vec<usize> {
    value.char_indices().map(|(at, _)| at).chain([value.len()]).collect()
}

/// `/a/b` first, `//a/b` all, `/#a/b` at the start, `/%a/b` at the end; literal text.
fn replace(value: &str, pattern: &str, new: &str) -> String {
    if let Some(all) = pattern.strip_prefix('/') {
        value.replace(all, new)
    } else if let Some(start) = pattern.strip_prefix('#') {
        value.strip_prefix(start).map_or_else(|| value.into(), |rest| format!("{new}{rest}"))
    } else if let Some(end) = pattern.strip_prefix('%') {
        value.strip_suffix(end).map_or_else(|| value.into(), |rest| format!("{rest}{new}"))
    } else {
        value.replacen(pattern, new, 1)
    }
}

/// Shell globs with `*` and `?`, by the two-pointer walk: linear for one star, never exponential.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star_p, star_t)) = star else { return false };
                star = Some((star_p, star_t + 1));
                p = star_p + 1;
                t = star_t + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        [("v", "staging"), ("empty", ""), ("path", "a/b/c.tar.gz"), ("up", "ABC")]
            .into_iter()
            .map(|(k, v)| (k.into(), v.into()))
            .collect()
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(expand(text, &variables()).as_deref(), Ok(expected), "{text}");
    }

    #[test]
    fn expressions_are_expanded() {
        for (text, expected) in [
            ("a ${v} b", "a staging b"),
            ("$v $(cmd) $", "$v $(cmd) $"),
            ("$${v}", "${v}"),
            ("$$v", "$v"),
            ("${x:=d}${x:-e}${x=f}", "def"),
            ("${empty:=d}", "d"),
            ("${v:=d}", "staging"),
            ("${x:=${y:=z}}", "z"),
            ("${a:-2}", "2"),
            ("${#v}", "7"),
            ("${v:1}", "taging"),
            ("${v:1:2}", "ta"),
            ("${v:99}", ""),
            ("${v^}${v^^}", "StagingSTAGING"),
            ("${up,}${up,,}", "aBCabc"),
            ("${path#*/}", "b/c.tar.gz"),
            ("${path##*/}", "c.tar.gz"),
            ("${path%.*}", "a/b/c.tar"),
            ("${path%%.*}", "a/b/c"),
            ("${v/g/G}", "staGing"),
            ("${v//g/G}", "staGinG"),
            ("${v/#stag/x}", "xing"),
            ("${v/%ing/y}", "stagy"),
            ("${x:=}", ""),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn malformed_expressions_fail() {
        for (text, error) in [
            ("${v", SubstituteError::MissingBrace),
            ("${}", SubstituteError::Name),
            ("${ v }", SubstituteError::Name),
            ("${a.b}", SubstituteError::Name),
            ("${a[0]}", SubstituteError::Name),
            ("${a-d}", SubstituteError::Name),
            ("${a+d}", SubstituteError::Name),
            ("${missing}", SubstituteError::NotSet("missing".into())),
        ] {
            assert_eq!(expand(text, &variables()), Err(error), "{text}");
        }
        let nested = "${x:=".repeat(MAX_DEPTH + 2) + &"}".repeat(MAX_DEPTH + 2);
        assert_eq!(expand(&nested, &variables()), Err(SubstituteError::Depth));
    }

    #[test]
    fn names_are_those_of_a_shell() {
        assert!(is_valid_name("_a1") && !is_valid_name("1a") && !is_valid_name("a-b") && !is_valid_name(""));
    }
}
