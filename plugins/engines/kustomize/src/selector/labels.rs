//! Kubernetes label selectors: `a=b,c!=d,e in (f,g),h,!i`.

use crate::error::{Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operator {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    Greater(i64),
    Less(i64),
}

/// Every requirement must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LabelSelector {
    requirements: Vec<(String, Operator)>,
}

impl LabelSelector {
    pub(crate) fn parse(text: &str) -> Result<LabelSelector> {
        let mut requirements = Vec::new();
        for part in split(text) {
            requirements.push(requirement(part.trim())?);
        }
        Ok(LabelSelector { requirements })
    }

    pub(crate) fn matches<'a>(&self, labels: impl Iterator<Item = (&'a str, &'a str)>) -> bool {
        if self.requirements.is_empty() {
            return true;
        }
        let labels: Vec<(&str, &str)> = labels.collect();
        self.requirements.iter().all(|(key, operator)| {
            let value = labels.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
            operator.matches(value)
        })
    }
}

impl Operator {
    fn matches(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match self {
            Operator::Exists => value.is_some(),
            Operator::Absent => value.is_none(),
            Operator::In(values) => value.is_some_and(|value| values.iter().any(|wanted| wanted == value)),
            Operator::NotIn(values) => value.is_none_or(|value| values.iter().all(|wanted| wanted != value)),
            Operator::Greater(limit) => number().is_some_and(|value| value > *limit),
            Operator::Less(limit) => number().is_some_and(|value| value < *limit),
        }
    }
}

/// Splits at the commas outside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    if parts.iter().all(|part| part.trim().is_empty()) { Vec::new() } else { parts }
}

fn invalid(text: &str) -> Error {
    Error::refused(format!("unable to parse requirement: {text}"))
}

fn requirement(text: &str) -> Result<(String, Operator)> {
    if let Some(key) = text.strip_prefix('!') {
        return Ok((word(key, text)?, Operator::Absent));
    }
    if let Some((key, values)) = set(text, " notin ").or_else(|| set(text, " notin(")) {
        return Ok((word(key, text)?, Operator::NotIn(values)));
    }
    if let Some((key, values)) = set(text, " in ").or_else(|| set(text, " in(")) {
        return Ok((word(key, text)?, Operator::In(values)));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok((word(key, text)?, Operator::NotIn(vec![value.trim().to_owned()])));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok((word(key, text)?, Operator::In(vec![value.trim().to_owned()])));
    }
    let number = |value: &str| value.trim().parse::<i64>().map_err(|_| invalid(text));
    if let Some((key, value)) = text.split_once('>') {
        return Ok((word(key, text)?, Operator::Greater(number(value)?)));
    }
    if let Some((key, value)) = text.split_once('<') {
        return Ok((word(key, text)?, Operator::Less(number(value)?)));
    }
    Ok((word(text, text)?, Operator::Exists))
}

fn word(key: &str, whole: &str) -> Result<String> {
    let key = key.trim();
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if key.is_empty() || !key.chars().all(valid) {
        return Err(invalid(whole));
    }
    Ok(key.to_owned())
}

fn set<'a>(text: &'a str, operator: &str) -> Option<(&'a str, Vec<String>)> {
    let (key, rest) = text.split_once(operator)?;
    let list = rest.trim().trim_start_matches('(').strip_suffix(')')?;
    Some((key, list.split(',').map(|value| value.trim().to_owned()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements() {
        let labels = [("app", "web"), ("n", "5")];
        for (selector, expected) in [
            ("", true),
            ("app=web", true),
            ("app == web , n", true),
            ("app!=web", false),
            ("tier!=x", true),
            ("app in (web, api),n notin (6)", true),
            ("app notin (web)", false),
            ("!app", false),
            ("!tier", true),
            ("n>4", true),
            ("n<4", false),
        ] {
            let selector_ = LabelSelector::parse(selector).unwrap();
            assert_eq!(selector_.matches(labels.into_iter()), expected, "{selector}");
        }
        assert!(LabelSelector::parse("a b").is_err());
        assert!(LabelSelector::parse("a=1,,b").is_err());
    }
}
