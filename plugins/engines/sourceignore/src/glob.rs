//! Matching of one path component, as Go's `filepath.Match` does it.

/// Whether `pattern` matches the whole of `name`. A malformed pattern matches nothing.
///
/// `*` is any run of characters, `?` is one, `[a-z]` is a class (`[^a-z]` negates; `!` does not,
/// unlike in a shell), and a backslash takes the next character literally.
pub(crate) fn matches(pattern: &[Token], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut next) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match pattern.get(at) {
            Some(Token::Star) => {
                star = Some((at, next));
                at += 1;
                continue;
            }
            Some(token) if next < name.len() && token.accepts(name[next]) => {
                at += 1;
                next += 1;
                continue;
            }
            None if next == name.len() => return true,
            _ => {}
        }
        match star {
            Some((token, from)) if from < name.len() => {
                star = Some((token, from + 1));
                at = token + 1;
                next = from + 1;
            }
            _ => return false,
        }
    }
}

/// One element of a compiled component.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Token {
    Star,
    Any,
    Literal(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Token {
    fn accepts(&self, c: char) -> bool {
        match self {
            Token::Star => false,
            Token::Any => true,
            Token::Literal(literal) => *literal == c,
            Token::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

/// Compiles one component; `None` when Go would call it malformed.
pub(crate) fn compile(pattern: &str) -> Option<Vec<Token>> {
    let mut chars = pattern.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' if tokens.last() == Some(&Token::Star) => continue,
            '*' => Token::Star,
            '?' => Token::Any,
            '[' => class(&mut chars)?,
            '\\' => Token::Literal(chars.next()?),
            literal => Token::Literal(literal),
        });
    }
    Some(tokens)
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn class(chars: &mut Chars<'_>) -> Option<Token> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    while ranges.is_empty() || chars.next_if_eq(&']').is_none() {
        let low = class_char(chars)?;
        let high = match chars.next_if_eq(&'-') {
            Some(_) => class_char(chars)?,
            None => low,
        };
        ranges.push((low, high));
    }
    Some(Token::Class { negated, ranges })
}

fn class_char(chars: &mut Chars<'_>) -> Option<char> {
    match chars.next()? {
        '-' | ']' => None,
        '\\' => chars.next(),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_patterns() {
        let check = |pattern: &str, name: &str, expected: bool| {
            let actual = compile(pattern).is_some_and(|tokens| matches(&tokens, name));
            assert_eq!(actual, expected, "{pattern:?} on {name:?}");
        };
        check("abc", "abc", true);
        check("*", "", true);
        check("*c", "abc", true);
        check("a*", "a", true);
        check("a*b*c*d*e*", "axbxcxdxexxx", true);
        check("a*b?c*x", "abxbbxdbxebxczzy", false);
        check("ab[c]", "abc", true);
        check("ab[b-d]", "abc", true);
        check("ab[^c]", "abc", false);
        check("ab[!c]", "ab!", true);
        check("ab[!c]", "abd", false);
        check("a\\*b", "a*b", true);
        check("a\\*b", "ab", false);
        check("a?b", "a☺b", true);
        check("[a-ζ]*", "α", true);
        check("[\\]a]", "]", true);
        check("[]a]", "]", false);
        check("[x-]", "x", false);
        check("[-x]", "x", false);
        check("a[", "a", false);
        check("[", "a", false);
        check("a\\", "a", false);
        check("**.go", "main.go", true);
    }
}
