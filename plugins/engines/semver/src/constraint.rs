//! Constraints: groups joined by `||`, clauses joined by spaces or commas.

use std::cmp::Ordering;

use crate::Version;

/// The longest text that is read as a constraint, in bytes.
pub const MAX_CONSTRAINT_LEN: usize = 512;

/// The most groups between `||`.
pub const MAX_CONSTRAINT_GROUPS: usize = 32;

/// Why a text is no constraint.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidConstraint {
    /// The group that cannot be read, with its ranges `A - B` as `>= A, <= B `, which is how the original shows them.
    #[error("improper constraint: {}", weir_goquote::quote(.0.as_bytes()))]
    Improper(String),
    /// A number or a prerelease in it is not valid.
    #[error("constraint parser error")]
    Version,
    /// See [`MAX_CONSTRAINT_LEN`].
    #[error("constraint string is too long (max {MAX_CONSTRAINT_LEN} bytes)")]
    TooLong,
    /// See [`MAX_CONSTRAINT_GROUPS`].
    #[error("too many constraint groups (max {MAX_CONSTRAINT_GROUPS})")]
    TooManyGroups,
}

/// A set of versions, e.g. `>=1.0 <2.0 || ~3.1`, `1.2.x`, `1.0 - 2.0`, `^0.3, !=0.3.5`.
#[derive(Clone, Debug)]
pub struct Constraint {
    groups: Vec<Vec<Clause>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// How many numbers a clause fixes: `*` none, `1` or `1.x` one, `1.2` two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fixed {
    Nothing,
    Major,
    Minor,
    All,
}

#[derive(Clone, Debug)]
struct Clause {
    operator: Operator,
    version: Version,
    fixed: Fixed,
}

impl Constraint {
    /// Reads a constraint.
    pub fn parse(text: &str) -> Result<Constraint, InvalidConstraint> {
        if text.len() > MAX_CONSTRAINT_LEN {
            return Err(InvalidConstraint::TooLong);
        }
        let groups: Vec<&str> = if text.contains('|') { text.split("||").collect() } else { vec![text] };
        if groups.len() > MAX_CONSTRAINT_GROUPS {
            return Err(InvalidConstraint::TooManyGroups);
        }
        let groups = groups
            .into_iter()
            .map(|text| Reader { text, rest: text, is_valid: true }.group())
            .collect::<Result<_, _>>()?;
        Ok(Constraint { groups })
    }

    /// Whether the version is in the set. A prerelease is in a group only if one of its clauses names a prerelease.
    pub fn matches(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            let prereleases = group.iter().any(|clause| !clause.version.pre.is_empty());
            (prereleases || version.pre.is_empty()) && group.iter().all(|clause| clause.matches(version))
        })
    }
}

impl Clause {
    fn matches(&self, version: &Version) -> bool {
        let order = version.precedence(&self.version);
        match self.operator {
            Operator::Less => order.is_lt(),
            Operator::GreaterEqual => order.is_ge(),
            Operator::Equal if self.fixed == Fixed::All => order.is_eq(),
            Operator::Equal | Operator::Tilde => self.tilde(version, order),
            Operator::NotEqual => self.not_equal(version, order),
            Operator::Greater => self.greater(version, order),
            Operator::LessEqual => self.less_equal(version, order),
            Operator::Caret => self.caret(version, order),
        }
    }

    fn tilde(&self, version: &Version, order: Ordering) -> bool {
        let own = &self.version;
        let zero = (own.major, own.minor, own.patch) == (0, 0, 0) && matches!(self.fixed, Fixed::All | Fixed::Nothing);
        let same = version.major == own.major && (self.fixed == Fixed::Major || version.minor == own.minor);
        order.is_ge() && (zero || same)
    }

    fn not_equal(&self, version: &Version, order: Ordering) -> bool {
        let own = &self.version;
        match self.fixed {
            Fixed::All => order.is_ne(),
            _ if version.major != own.major => true,
            Fixed::Major => false,
            _ if version.minor != own.minor => true,
            Fixed::Minor => version.pre != own.pre,
            Fixed::Nothing => version.patch != own.patch || order.is_ne(),
        }
    }

    fn greater(&self, version: &Version, order: Ordering) -> bool {
        match self.fixed {
            Fixed::All => order.is_gt(),
            _ if version.major != self.version.major => version.major > self.version.major,
            Fixed::Major => false,
            Fixed::Minor => version.minor > self.version.minor,
            Fixed::Nothing => order.is_gt(),
        }
    }

    fn less_equal(&self, version: &Version, order: Ordering) -> bool {
        let own = &self.version;
        match self.fixed {
            Fixed::All => order.is_le(),
            Fixed::Major => version.major <= own.major,
            Fixed::Minor | Fixed::Nothing => (version.major, version.minor) <= (own.major, own.minor),
        }
    }

    fn caret(&self, version: &Version, order: Ordering) -> bool {
        let own = &self.version;
        if order.is_lt() || version.major != own.major {
            return false;
        }
        if own.major > 0 || self.fixed == Fixed::Major {
            return true;
        }
        version.minor == own.minor && (own.minor > 0 || self.fixed == Fixed::Minor || version.patch == own.patch)
    }
}

/// A version as a clause has it: one to three numbers or wildcards, and what follows them.
struct Written<'a> {
    parts: Vec<&'a str>,
    pre: &'a str,
    build: &'a str,
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    /// Whether all versions so far are some: that the text has the right form is looked at first.
    is_valid: bool,
}

impl<'a> Reader<'a> {
    fn group(mut self) -> Result<Vec<Clause>, InvalidConstraint> {
        let mut clauses = Vec::new();
        let mut separated = Separator::Start;
        self.spaces();
        while !self.rest.is_empty() || clauses.is_empty() {
            if separated == Separator::Missing {
                return Err(self.improper());
            }
            let operator = self.operator();
            self.spaces();
            let first = self.clause(operator.unwrap_or(Operator::Equal))?;
            let range = operator.is_none() && self.range_follows();
            clauses.push(first);
            if range {
                separated = self.range(&mut clauses, separated)?;
            } else {
                separated = self.separator();
            }
        }
        match separated {
            // A comma promises another clause.
            Separator::Comma => Err(self.improper()),
            _ if !self.is_valid => Err(InvalidConstraint::Version),
            _ => Ok(clauses),
        }
    }

    /// `A - B` is `>= A, <= B`. Between a clause and a range there must be a comma: that is how the original reads it.
    fn range(&mut self, clauses: &mut Vec<Clause>, before: Separator) -> Result<Separator, InvalidConstraint> {
        if before == Separator::Space {
            return Err(self.improper());
        }
        if let Some(lower) = clauses.last_mut() {
            lower.operator = Operator::GreaterEqual;
        }
        self.spaces();
        self.take(1);
        self.spaces();
        clauses.push(self.clause(Operator::LessEqual)?);
        Ok(match self.separator() {
            Separator::Missing => Separator::Space,
            other => other,
        })
    }

    fn range_follows(&self) -> bool {
        let after = self.rest.trim_start_matches(is_space);
        let second = after.strip_prefix('-').filter(|_| after.len() < self.rest.len());
        second.is_some_and(|second| second.starts_with(is_space))
    }

    fn operator(&mut self) -> Option<Operator> {
        const OPERATORS: &[(&str, Operator)] = &[
            ("!=", Operator::NotEqual),
            (">=", Operator::GreaterEqual),
            ("=>", Operator::GreaterEqual),
            ("<=", Operator::LessEqual),
            ("=<", Operator::LessEqual),
            ("~>", Operator::Tilde),
            ("=", Operator::Equal),
            (">", Operator::Greater),
            ("<", Operator::Less),
            ("~", Operator::Tilde),
            ("^", Operator::Caret),
        ];
        let (text, operator) = OPERATORS.iter().find(|(text, _)| self.rest.starts_with(text))?;
        self.take(text.len());
        Some(*operator)
    }

    fn clause(&mut self, operator: Operator) -> Result<Clause, InvalidConstraint> {
        let Written { parts, pre, build } = self.written().ok_or_else(|| self.improper())?;
        let fixed = parts.iter().position(|part| is_wildcard(part)).unwrap_or(parts.len());
        let fixed = [Fixed::Nothing, Fixed::Major, Fixed::Minor, Fixed::All][fixed];
        let version = version(fixed, &parts, pre, build);
        self.is_valid &= version.is_some();
        Ok(Clause { operator, version: version.unwrap_or_default(), fixed })
    }

    fn written(&mut self) -> Option<Written<'a>> {
        if self.rest.starts_with('v') {
            self.take(1);
        }
        let mut parts = vec![self.part()?];
        while parts.len() < 3
            && let Some(after) = self.rest.strip_prefix('.')
            && after.starts_with(is_part)
        {
            self.take(1);
            parts.extend(self.part());
        }
        let pre = self.suffix('-').unwrap_or_default();
        let build = self.suffix('+').unwrap_or_default();
        Some(Written { parts, pre, build })
    }

    fn part(&mut self) -> Option<&'a str> {
        let len = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        (len > 0).then(|| self.take(len))
    }

    /// Identifiers after `mark`; nothing is taken unless there is one.
    fn suffix(&mut self, mark: char) -> Option<&'a str> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let after = self.rest.strip_prefix(mark)?;
        let mut len = after.find(|c| !word(c)).unwrap_or(after.len());
        if len == 0 {
            return None;
        }
        while let Some(next) = after[len..].strip_prefix('.')
            && next.starts_with(word)
        {
            len += 1 + next.find(|c| !word(c)).unwrap_or(next.len());
        }
        self.take(1);
        Some(self.take(len))
    }

    fn separator(&mut self) -> Separator {
        let before = self.rest.len();
        self.spaces();
        let spaces = self.rest.len() < before;
        if self.rest.starts_with(',') {
            self.take(1);
            self.spaces();
            return Separator::Comma;
        }
        if spaces { Separator::Space } else { Separator::Missing }
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    fn take(&mut self, len: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken
    }

    fn improper(&self) -> InvalidConstraint {
        InvalidConstraint::Improper(rewritten(self.text))
    }

    /// A version as it stands.
    fn shown_version(&mut self) -> Option<&'a str> {
        let before = self.rest;
        self.written()?;
        Some(&before[..before.len() - self.rest.len()])
    }

    /// The two versions of a range, with the space around it taken.
    fn shown_range(&mut self) -> Option<(&'a str, &'a str)> {
        self.spaces();
        let lower = self.shown_version()?;
        if !self.range_follows() {
            return None;
        }
        self.spaces();
        self.take(1);
        self.spaces();
        let upper = self.shown_version()?;
        self.spaces();
        Some((lower, upper))
    }
}

/// The text with its ranges as two comparisons.
fn rewritten(text: &str) -> String {
    let mut out = text.to_owned();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut reader = Reader { text: rest, rest, is_valid: true };
        let Some((lower, upper)) = reader.shown_range() else {
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let range = &rest[..rest.len() - reader.rest.len()];
        out = out.replacen(range, &format!(">= {lower}, <= {upper} "), 1);
        rest = reader.rest;
    }
    out
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Separator {
    Start,
    Missing,
    Space,
    Comma,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn is_part(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*' | '|')
}

fn is_wildcard(part: &str) -> bool {
    matches!(part, "x" | "X" | "*")
}

fn version(fixed: Fixed, parts: &[&str], pre: &str, build: &str) -> Option<Version> {
    let (numbers, build) = match fixed {
        Fixed::Nothing => ("0.0.0".to_owned(), ""),
        Fixed::Major => (format!("{}.0.0", parts[0]), ""),
        Fixed::Minor => (format!("{}.{}.0", parts[0], parts[1]), ""),
        Fixed::All => (parts.join("."), build),
    };
    let part = |mark: char, text: &str| {
        if text.is_empty() { String::new() } else { format!("{mark}{text}") }
    };
    Version::parse(&format!("{numbers}{}{}", part('-', pre), part('+', build))).ok()
}
