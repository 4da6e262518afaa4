//! Kubernetes label selectors: `a=b,c!=d,e in (f,g),h,!i`.

mod lexer;
mod names;

use std::collections::BTreeSet;

use lexer::{Token, tokens};
use names::{check_key, check_value};

use crate::error::{During, Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operator {
    Exists,
    Absent,
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
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
        let mut parser = Parser { tokens: tokens(text), position: 0 };
        Ok(LabelSelector { requirements: parser.requirements()? })
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
            Operator::In(values) => value.is_some_and(|value| values.contains(value)),
            Operator::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Operator::Greater(limit) => number().is_some_and(|value| value > *limit),
            Operator::Less(limit) => number().is_some_and(|value| value < *limit),
        }
    }
}

struct Parser {
    /// The last one is the end, and stays.
    tokens: Vec<Token>,
    position: usize,
}

fn unexpected(found: &Token, expected: &str) -> Error {
    Error::refused(format!("found '{}', expected: {expected}", found.text()))
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.position.min(self.tokens.len() - 1)]
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.position += 1;
        token
    }

    fn requirements(&mut self) -> Result<Vec<(String, Operator)>> {
        let mut requirements = Vec::new();
        loop {
            match self.peek() {
                Token::End => return Ok(requirements),
                token if token.is_word() || *token == Token::Not => {}
                other => return Err(unexpected(other, "!, identifier, or 'end of string'")),
            }
            requirements.push(self.requirement().during(|| "unable to parse requirement")?);
            match self.take() {
                Token::End => return Ok(requirements),
                Token::Comma => {
                    let next = self.peek();
                    if !next.is_word() && *next != Token::Not {
                        return Err(unexpected(next, "identifier after ','"));
                    }
                }
                other => return Err(unexpected(&other, "',' or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Result<(String, Operator)> {
        let mut token = self.take();
        let is_absent = token == Token::Not;
        if is_absent {
            token = self.take();
        }
        if !token.is_word() {
            return Err(unexpected(&token, "identifier"));
        }
        let key = token.text().to_owned();
        check_key(&key)?;
        if is_absent {
            return Ok((key, Operator::Absent));
        }
        if matches!(self.peek(), Token::End | Token::Comma) {
            return Ok((key, Operator::Exists));
        }
        let operator = self.take();
        let operator = match operator {
            Token::In => Operator::In(self.values(&key)?),
            Token::NotIn => Operator::NotIn(self.values(&key)?),
            Token::Equal => Operator::In(BTreeSet::from([self.value(&key)?])),
            Token::NotEqual => Operator::NotIn(BTreeSet::from([self.value(&key)?])),
            Token::Greater => Operator::Greater(self.number(&key)?),
            Token::Less => Operator::Less(self.number(&key)?),
            other => return Err(unexpected(&other, "'=', '!=', '==', 'in', notin'")),
        };
        Ok((key, operator))
    }

    fn number(&mut self, key: &str) -> Result<i64> {
        let value = self.value(key)?;
        value.parse().map_err(|_| Error::refused("for 'Gt', 'Lt' operators, the value must be an integer"))
    }

    fn value(&mut self, key: &str) -> Result<String> {
        if matches!(self.peek(), Token::End | Token::Comma) {
            return Ok(String::new());
        }
        let token = self.take();
        if !token.is_word() {
            return Err(unexpected(&token, "identifier"));
        }
        check_value(key, token.text())?;
        Ok(token.text().to_owned())
    }

    /// A list in parentheses.
    fn values(&mut self, key: &str) -> Result<BTreeSet<String>> {
        let open = self.take();
        if open != Token::Open {
            return Err(unexpected(&open, "'('"));
        }
        let values = match self.peek() {
            token if token.is_word() || *token == Token::Comma => self.list()?,
            Token::Close => BTreeSet::new(),
            other => return Err(unexpected(other, "',', ')' or identifier")),
        };
        let close = self.take();
        if close != Token::Close {
            return Err(unexpected(&close, "')'"));
        }
        if values.is_empty() {
            return Err(Error::refused("for 'in', 'notin' operators, values set can't be empty"));
        }
        values.iter().try_for_each(|value| check_value(key, value))?;
        Ok(values)
    }

    /// Words between commas; where one is missing, it is empty.
    fn list(&mut self) -> Result<BTreeSet<String>> {
        let mut values = BTreeSet::new();
        loop {
            let token = self.take();
            if token.is_word() {
                values.insert(token.text().to_owned());
                match self.peek() {
                    Token::Comma => {}
                    Token::Close => return Ok(values),
                    other => return Err(unexpected(other, "',' or ')'")),
                }
                continue;
            }
            if token != Token::Comma {
                return Err(unexpected(&token, "',', or identifier"));
            }
            if values.is_empty() {
                values.insert(String::new());
            }
            match self.peek() {
                Token::Close => {
                    values.insert(String::new());
                    return Ok(values);
                }
                Token::Comma => {
                    self.take();
                    values.insert(String::new());
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements() {
        let labels = [("app", "web"), ("n", "5"), ("in", "x")];
        for (selector, expected) in [
            ("", true),
            ("app=web", true),
            ("app == web , n", true),
            ("app!=web", false),
            ("tier!=x", true),
            ("app in (web, api),n notin (6)", true),
            ("app in(web)", true),
            ("app notin (web)", false),
            ("tier notin (,)", true),
            ("in=x", true),
            ("!app", false),
            ("!tier", true),
            ("n>4", true),
            ("n<4", false),
            ("tier=", false),
        ] {
            let selector_ = LabelSelector::parse(selector).unwrap();
            assert_eq!(selector_.matches(labels.into_iter()), expected, "{selector}");
        }
    }

    #[test]
    fn refusals() {
        for (selector, expected) in [
            ("a b", "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'"),
            ("a=1,,b", "found ',', expected: identifier after ','"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("=a", "found '=', expected: !, identifier, or 'end of string'"),
            ("a in b", "unable to parse requirement: found 'b', expected: '('"),
            ("a in ()", "unable to parse requirement: for 'in', 'notin' operators, values set can't be empty"),
            ("a>b", "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer"),
            ("!!a", "unable to parse requirement: found '!', expected: identifier"),
        ] {
            assert_eq!(LabelSelector::parse(selector).unwrap_err().chain(), expected, "{selector}");
        }
        assert!(LabelSelector::parse("a/b/c=d").unwrap_err().chain().contains("invalid label key \"a/b/c\""));
        assert!(LabelSelector::parse("a=-").unwrap_err().chain().contains("invalid label value: \"-\": at key: \"a\""));
    }
}
