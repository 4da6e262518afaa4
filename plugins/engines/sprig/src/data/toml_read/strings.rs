//! Texts, and what is escaped in them.

use super::scan::{Fault, Scan, Scanned, is_newline};

/// Hexadecimal digits after such a letter, and how many they are in words.
fn digits_after(letter: char) -> Option<(usize, &'static str)> {
    match letter {
        'x' => Some((2, "two")),
        'u' => Some((4, "four")),
        'U' => Some((8, "eight")),
        _ => None,
    }
}

/// Reads from behind the first quote on.
pub(super) fn quoted(scan: &mut Scan<'_>) -> Scanned<String> {
    let start = scan.position();
    let mut escapes = false;
    loop {
        match scan.peek()? {
            None => return Err(scan.wrong(None, "unexpected EOF; expected '\"'")),
            next @ Some('\n' | '\r') => return Err(scan.ends(next, "strings cannot contain newlines")),
            Some('"') => break,
            Some('\\') => {
                scan.next()?;
                escape(scan, start)?;
                escapes = true;
            }
            Some(_) => {
                scan.next()?;
            }
        }
    }
    let inner = scan.since(start);
    let text = if escapes { unescaped(scan, inner)? } else { inner.to_owned() };
    scan.next()?;
    Ok(text)
}

/// Reads from behind the first quote on.
pub(super) fn raw(scan: &mut Scan<'_>) -> Scanned<String> {
    let start = scan.position();
    loop {
        match scan.peek()? {
            None => return Err(scan.wrong(None, "unexpected EOF; expected \"'\"")),
            next @ Some('\n' | '\r') => return Err(scan.ends(next, "strings cannot contain newlines")),
            Some('\'') => break,
            Some(_) => {
                scan.next()?;
            }
        }
    }
    let text = scan.since(start).to_owned();
    scan.next()?;
    Ok(text)
}

/// Reads from behind the first three quotes on, which are `"` or `'`. Only between the former something is escaped.
pub(super) fn long(scan: &mut Scan<'_>, quote: char) -> Scanned<String> {
    let start = scan.position();
    let inner = loop {
        match scan.next()? {
            None if quote == '"' => return Err(scan.wrong(None, "unexpected EOF; expected '\"\"\"'")),
            None => return Err(scan.wrong(None, "unexpected EOF; expected \"'''\"")),
            Some('\\') if quote == '"' => {
                if scan.peek()?.is_some_and(is_newline) {
                    scan.next()?;
                } else {
                    escape(scan, start)?;
                }
            }
            Some(c) if c == quote => {
                if let Some(inner) = closed(scan, start, quote)? {
                    break inner;
                }
            }
            Some(_) => {}
        }
    };
    let inner = inner.strip_prefix('\n').or_else(|| inner.strip_prefix("\r\n")).unwrap_or(inner);
    if quote == '"' { unescaped(scan, &joined(inner)) } else { Ok(inner.to_owned()) }
}

/// What there was before three quotes, of which one was read. Two more may stand before the last three.
fn closed<'a>(scan: &mut Scan<'a>, start: usize, quote: char) -> Scanned<Option<&'a str>> {
    if !scan.take(quote)? {
        return Ok(None);
    }
    if !scan.take(quote)? {
        return Ok(None);
    }
    let text = scan.since(start);
    if scan.peek()? != Some(quote) {
        return Ok(Some(&text[..text.len() - 3]));
    }
    let too_many = if quote == '"' {
        text.ends_with("\"\"\"\"\"") && !text.ends_with("\\\"\"\"\"\"")
    } else {
        text.ends_with("'''''")
    };
    if too_many {
        let six = if quote == '"' { "'\"\"\"\"\"\"'" } else { "\"''''''\"" };
        return Err(scan.fault(format!("unexpected {six}")));
    }
    scan.back();
    scan.back();
    Ok(None)
}

/// Looks at what follows a backslash.
fn escape(scan: &mut Scan<'_>, start: usize) -> Scanned<()> {
    let next = scan.peek()?;
    let Some(letter) = next.filter(|c| "ebtnfr\" \t\\xuU".contains(*c)) else {
        let message = format!("invalid escape in string '\\{}'", next.unwrap_or('\0'));
        return Err(if next.is_none() { scan.ends(None, message) } else { scan.wrong(next, message) });
    };
    scan.next()?;
    let Some((digits, in_words)) = digits_after(letter) else { return Ok(()) };
    for _ in 0..digits {
        let next = scan.peek()?;
        if !next.is_some_and(|c| c.is_ascii_hexdigit()) {
            let mut shown = scan.since(start).to_owned();
            shown.extend(next);
            let shown = weir_gotmpl::quote(shown.as_bytes());
            let message = format!("expected {in_words} hexadecimal digits after '\\{letter}', but got {shown} instead");
            return Err(scan.wrong(next, message));
        }
        scan.next()?;
    }
    Ok(())
}

/// Without the ends of lines that a backslash escapes, and the space after them.
fn joined(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, after) = rest.split_at(at);
        let behind = after[1..].trim_start_matches([' ', '\t', '\r', '\n']);
        let space = &after[1..after.len() - behind.len()];
        out.push_str(before);
        if space.contains('\n') {
            rest = behind;
            continue;
        }
        // A backslash that is escaped escapes nothing.
        let kept = if after[1..].starts_with('\\') { 2 } else { 1 };
        out.push_str(&after[..kept]);
        rest = &after[kept..];
    }
    out + rest
}

/// What was looked at by [`escape`], replaced.
fn unescaped(scan: &Scan<'_>, text: &str) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let Some(letter) = rest[at + 1..].chars().next() else { break };
        rest = &rest[at + 1 + letter.len_utf8()..];
        if let Some((digits, _)) = digits_after(letter) {
            let (number, behind) = rest.split_at(digits);
            let c = u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
            let invalid = || scan.fault(format!("Escaped character '\\u{number}' is not valid UTF-8."));
            out.push(c.ok_or_else(invalid)?);
            rest = behind;
            continue;
        }
        out.push(match letter {
            'b' => '\x08',
            't' => '\t',
            'n' => '\n',
            'f' => '\x0c',
            'r' => '\r',
            'e' => '\x1b',
            '"' | '\\' => letter,
            other => return Err(scan.fault(format!("invalid escape: '\\{other}'"))),
        });
    }
    Ok(out + rest)
}
