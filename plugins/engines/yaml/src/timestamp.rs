//! The dates that go-yaml recognises, a subset of YAML's timestamp type.

/// Reads a timestamp and gives it in RFC 3339 with as many fractional digits as needed.
pub(crate) fn parse(word: &str) -> Option<String> {
    let bytes = word.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (date, rest) = match word.find(['T', 't', ' ']) {
        Some(at) => (&word[..at], Some((bytes[at], &word[at + 1..]))),
        None => (word, None),
    };
    let mut parts = date.split('-');
    let year: u32 = parts.next()?.parse().ok()?;
    let month = field(parts.next()?, 1, 12)?;
    let day = field(parts.next()?, 1, days_in(year, month))?;
    if parts.next().is_some() {
        return None;
    }
    let time = match rest {
        None => "00:00:00Z".to_owned(),
        Some((b' ', time)) => clock(time)? + "Z",
        Some((_, time)) => {
            let at = time.find(['Z', '+', '-'])?;
            clock(&time[..at])? + zone(&time[at..])?
        }
    };
    Some(format!("{year:04}-{month:02}-{day:02}T{time}"))
}

fn field(text: &str, least: u32, most: u32) -> Option<u32> {
    if text.is_empty() || text.len() > 2 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|value| (least..=most).contains(value))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn clock(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let hour = field(parts.next()?, 0, 23)?;
    let minute = field(parts.next()?, 0, 59)?;
    let second = field(parts.next()?, 0, 59)?;
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if text.ends_with('.') || fraction.len() > 9 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{hour:02}:{minute:02}:{second:02}{point}{fraction}"))
}

fn zone(text: &str) -> Option<&str> {
    if text == "Z" || text == "+00:00" || text == "-00:00" {
        return Some("Z");
    }
    let (hours, minutes) = text[1..].split_once(':')?;
    let valid =
        hours.len() == 2 && minutes.len() == 2 && field(hours, 0, 23).is_some() && field(minutes, 0, 59).is_some();
    valid.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for (word, expected) in [
            ("2001-1-2", Some("2001-01-02T00:00:00Z")),
            ("2001-12-14t21:59:43.10-05:00", Some("2001-12-14T21:59:43.1-05:00")),
            ("2001-12-14 21:59:43", Some("2001-12-14T21:59:43Z")),
            ("2001-02-29", None),
            ("2001-12-14T21:59", None),
            ("20011-1-2", None),
            ("1234-56789", None),
        ] {
            assert_eq!(parse(word).as_deref(), expected, "{word}");
        }
    }
}
