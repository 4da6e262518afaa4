//! Reading a date by its layout.

use super::civil::is_leap;
use super::layout::{DAYS, Element, MONTHS, OffsetStyle, next, quote};
use super::{Time, Zone, days_in_month, seconds_of};

/// What a text says, as far as it was read.
#[derive(Default)]
struct Parts {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
    afternoon: Option<bool>,
    utc: bool,
    offset: Option<i32>,
    zone: Option<Vec<u8>>,
}

/// Why an element cannot be read.
enum Bad {
    Syntax,
    Range(&'static str),
}

/// Reads a time as `time.ParseInLocation` does when the location is UTC. The error is Go's text.
pub(crate) fn parse_in_utc(layout: &[u8], text: &[u8]) -> Result<Time, String> {
    let mut parts = Parts::default();
    let (mut layout_left, mut left) = (layout, text);
    let cannot = |value: &[u8], element: &[u8]| {
        let (text, layout) = (quote(text), quote(layout));
        format!("parsing time {text} as {layout}: cannot parse {} as {}", quote(value), quote(element))
    };
    loop {
        let (before, found) = next(layout_left);
        left = skip(left, before).map_err(|rest| cannot(rest, before))?;
        let Some((element, rest)) = found else { break };
        let element_text = &layout_left[before.len()..layout_left.len() - rest.len()];
        left = parts.read(element, left, rest).map_err(|bad| match bad {
            Bad::Syntax => cannot(left, element_text),
            Bad::Range(what) => format!("parsing time {}: {what} out of range", quote(text)),
        })?;
        layout_left = rest;
    }
    if !left.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quote(text), quote(left)));
    }
    parts.time().map_err(|what| format!("parsing time {}: {what}", quote(text)))
}

/// Takes the text between elements; spaces stand for any number of spaces.
fn skip<'a>(text: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    let mut text = text;
    while let Some(&first) = prefix.first() {
        if first == b' ' {
            if text.first().is_some_and(|b| *b != b' ') {
                return Err(text);
            }
            prefix = without_spaces(prefix);
            text = without_spaces(text);
            continue;
        }
        if text.first() != Some(&first) {
            return Err(text);
        }
        (prefix, text) = (&prefix[1..], &text[1..]);
    }
    Ok(text)
}

fn without_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|b| **b == b' ').count();
    &text[spaces..]
}

impl Parts {
    /// Reads one element and gives what is left of the text.
    fn read<'a>(&mut self, element: Element, text: &'a [u8], layout: &[u8]) -> Result<&'a [u8], Bad> {
        match element {
            Element::Year => {
                let year = signed_number(text.get(..2).ok_or(Bad::Syntax)?)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
                Ok(&text[2..])
            }
            Element::LongYear => {
                let digits = text.get(..4).filter(|digits| digits[0].is_ascii_digit()).ok_or(Bad::Syntax)?;
                self.year = signed_number(digits)?;
                Ok(&text[4..])
            }
            Element::Month => name(text, MONTHS.iter().map(|month| &month[..3]), &mut self.month),
            Element::LongMonth => name(text, MONTHS.into_iter(), &mut self.month),
            Element::NumMonth(padded) => {
                let (month, rest) = two_digits(text, padded)?;
                self.month = Some(in_range(month, 1..=12, "month")?);
                Ok(rest)
            }
            Element::Weekday => name(text, DAYS.iter().map(|day| &day[..3]), &mut None),
            Element::LongWeekday => name(text, DAYS.into_iter(), &mut None),
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                let text = if element == Element::UnderDay { text.strip_prefix(b" ").unwrap_or(text) } else { text };
                let (day, rest) = two_digits(text, element == Element::ZeroDay)?;
                self.day = Some(day);
                Ok(rest)
            }
            Element::UnderYearDay | Element::ZeroYearDay => self.year_day(element, text),
            Element::Hour => {
                let (hour, rest) = two_digits(text, false)?;
                self.hour = in_range(hour, 0..=23, "hour")?;
                Ok(rest)
            }
            Element::Hour12(padded) => {
                let (hour, rest) = two_digits(text, padded)?;
                self.hour = in_range(hour, 0..=12, "hour")?;
                Ok(rest)
            }
            Element::Minute(padded) => {
                let (minute, rest) = two_digits(text, padded)?;
                self.minute = in_range(minute, 0..=59, "minute")?;
                Ok(rest)
            }
            Element::Second(padded) => {
                let (second, rest) = two_digits(text, padded)?;
                self.second = in_range(second, 0..=59, "second")?;
                self.fraction_without_layout(rest, layout)
            }
            Element::Noon(upper) => {
                let (am, pm): (&[u8], &[u8]) = if upper { (b"AM", b"PM") } else { (b"am", b"pm") };
                let word = text.get(..2).filter(|word| *word == am || *word == pm).ok_or(Bad::Syntax)?;
                // A text may say both; afternoon is stronger.
                self.afternoon = Some(word == pm || self.afternoon == Some(true));
                Ok(&text[2..])
            }
            Element::Offset(style) => self.offset(style, text),
            Element::Zone => self.zone(text),
            Element::Fraction { digits, zeros: true, .. } => {
                let part = text.get(..=digits).ok_or(Bad::Syntax)?;
                self.nanos = nanoseconds(part)?;
                Ok(&text[part.len()..])
            }
            Element::Fraction { .. } => self.free_fraction(text),
        }
    }

    fn year_day<'a>(&mut self, element: Element, text: &'a [u8]) -> Result<&'a [u8], Bad> {
        let mut text = text;
        for _ in 0..2 {
            if element == Element::UnderYearDay {
                text = text.strip_prefix(b" ").unwrap_or(text);
            }
        }
        let len = text.iter().take(3).take_while(|b| b.is_ascii_digit()).count();
        if len == 0 || (element == Element::ZeroYearDay && len != 3) {
            return Err(Bad::Syntax);
        }
        self.year_day = Some(signed_number(&text[..len])?);
        Ok(&text[len..])
    }

    /// After seconds a fraction may follow, whether the layout has one or not.
    fn fraction_without_layout<'a>(&mut self, text: &'a [u8], layout: &[u8]) -> Result<&'a [u8], Bad> {
        match next(layout).1 {
            Some((Element::Fraction { .. }, _)) => Ok(text),
            _ => self.free_fraction(text),
        }
    }

    fn free_fraction<'a>(&mut self, text: &'a [u8]) -> Result<&'a [u8], Bad> {
        if !matches!(text, [b'.' | b',', b'0'..=b'9', ..]) {
            return Ok(text);
        }
        let len = 1 + text[1..].iter().take_while(|b| b.is_ascii_digit()).count();
        self.nanos = nanoseconds(&text[..len])?;
        Ok(&text[len..])
    }

    fn offset<'a>(&mut self, style: OffsetStyle, text: &'a [u8]) -> Result<&'a [u8], Bad> {
        if style.z && text.first() == Some(&b'Z') {
            self.utc = true;
            return Ok(&text[1..]);
        }
        let colon = usize::from(style.colon);
        let mut fields = vec![1];
        if style.minutes {
            fields.push(3 + colon);
        }
        if style.seconds {
            fields.push(5 + 2 * colon);
        }
        let len = fields[fields.len() - 1] + 2;
        let text_of = text.get(..len).ok_or(Bad::Syntax)?;
        if style.colon && fields[1..].iter().any(|at| text_of[at - 1] != b':') {
            return Err(Bad::Syntax);
        }
        let mut numbers = [0i64; 3];
        let mut syntax = false;
        for (number, at) in numbers.iter_mut().zip(&fields) {
            match two_digits(&text_of[*at..at + 2], true) {
                Ok((value, _)) => *number = value,
                Err(_) => {
                    syntax = true;
                    break;
                }
            }
        }
        let limits = [(24, "time zone offset hour"), (60, "time zone offset minute"), (60, "time zone offset second")];
        for (number, (limit, what)) in numbers.iter().zip(limits).rev() {
            if *number > limit {
                return Err(Bad::Range(what));
            }
        }
        let seconds = ((numbers[0] * 60 + numbers[1]) * 60 + numbers[2]) as i32;
        match text_of[0] {
            _ if syntax => return Err(Bad::Syntax),
            b'+' => self.offset = Some(seconds),
            b'-' => self.offset = Some(-seconds),
            _ => return Err(Bad::Syntax),
        }
        Ok(&text[len..])
    }

    fn zone<'a>(&mut self, text: &'a [u8]) -> Result<&'a [u8], Bad> {
        if let Some(rest) = text.strip_prefix(b"UTC") {
            self.utc = true;
            return Ok(rest);
        }
        let len = zone_len(text).ok_or(Bad::Syntax)?;
        self.zone = Some(text[..len].to_vec());
        Ok(&text[len..])
    }

    fn time(self) -> Result<Time, String> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let (month, day) = self.date()?;
        if day < 1 || day > i64::from(days_in_month(self.year, month as u8)) {
            return Err("day out of range".to_owned());
        }
        let unix = seconds_of(self.year, month, day, hour, self.minute, self.second);
        let (unix, zone) = self.placed(unix);
        Ok(Time { unix, nanos: self.nanos as u32, zone })
    }

    fn date(&self) -> Result<(i64, i64), String> {
        let Some(year_day) = self.year_day else {
            return Ok((self.month.unwrap_or(1), self.day.unwrap_or(1)));
        };
        let last = if is_leap(self.year) { 366 } else { 365 };
        if !(1..=last).contains(&year_day) {
            return Err("day-of-year out of range".to_owned());
        }
        let (mut month, mut day) = (1u8, year_day);
        while day > i64::from(days_in_month(self.year, month)) {
            day -= i64::from(days_in_month(self.year, month));
            month += 1;
        }
        if self.month.is_some_and(|given| given != i64::from(month)) {
            return Err("day-of-year does not match month".to_owned());
        }
        if self.day.is_some_and(|given| given != day) {
            return Err("day-of-year does not match day".to_owned());
        }
        Ok((i64::from(month), day))
    }

    /// The instant and the zone of a clock reading.
    fn placed(&self, unix: i64) -> (i64, Zone) {
        let name = self.zone.as_ref().map(|zone| String::from_utf8_lossy(zone).into_owned());
        match (self.utc, self.offset, name) {
            (true, ..) => (unix, Zone::Utc),
            (_, Some(0), None) => (unix, Zone::Local),
            (_, Some(offset), name) => (unix - i64::from(offset), Zone::Fixed(name.unwrap_or_default(), offset)),
            (_, None, Some(name)) => {
                let hours = name.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok()).unwrap_or(0);
                (unix, Zone::Fixed(name, hours * 3600))
            }
            (_, None, None) => (unix, Zone::Local),
        }
    }
}

fn in_range(value: i64, range: std::ops::RangeInclusive<i64>, what: &'static str) -> Result<i64, Bad> {
    if range.contains(&value) { Ok(value) } else { Err(Bad::Range(what)) }
}

/// A month or day by its name, in any case.
fn name<'a>(
    text: &'a [u8],
    mut names: impl Iterator<Item = &'static str>,
    found: &mut Option<i64>,
) -> Result<&'a [u8], Bad> {
    let mut len = 0;
    let at = names.position(|name| {
        len = name.len();
        text.get(..len).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    });
    *found = Some(at.ok_or(Bad::Syntax)? as i64 + 1);
    Ok(&text[len..])
}

fn two_digits(text: &[u8], padded: bool) -> Result<(i64, &[u8]), Bad> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => Ok((i64::from(a - b'0') * 10 + i64::from(b - b'0'), rest)),
        [a @ b'0'..=b'9', rest @ ..] if !padded => Ok((i64::from(a - b'0'), rest)),
        _ => Err(Bad::Syntax),
    }
}

/// Digits with an optional sign, nothing else.
fn signed_number(text: &[u8]) -> Result<i64, Bad> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Bad::Syntax);
    }
    let value = digits.iter().fold(0i64, |value, digit| value * 10 + i64::from(digit - b'0'));
    Ok(if text.first() == Some(&b'-') { -value } else { value })
}

/// `.123` as nanoseconds; more than nine digits are cut.
fn nanoseconds(text: &[u8]) -> Result<i64, Bad> {
    if !matches!(text.first(), Some(b'.' | b',')) {
        return Err(Bad::Syntax);
    }
    let digits = &text[1..text.len().min(10)];
    let value = signed_number(digits)?;
    if value < 0 {
        return Err(Bad::Range("fractional second"));
    }
    Ok(value * 10i64.pow(9 - digits.len() as u32))
}

/// How long the abbreviation of a zone at the start of the text is.
fn zone_len(text: &[u8]) -> Option<usize> {
    let start = text.get(..3)?;
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if start == b"GMT" {
        return Some(3 + signed_offset_len(&text[3..]));
    }
    if matches!(text[0], b'+' | b'-') {
        return Some(signed_offset_len(text)).filter(|len| *len > 0);
    }
    let letters = text.iter().take(6).take_while(|b| b.is_ascii_uppercase()).count();
    match letters {
        3 => Some(3),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        5 if text[4] == b'T' => Some(5),
        _ => None,
    }
}

fn signed_offset_len(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'+' | b'-')) {
        return 0;
    }
    let len = text[1..].iter().take_while(|b| b.is_ascii_digit()).count();
    let hours =
        text[1..=len].iter().fold(0u64, |n, digit| n.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    if len == 0 || hours > 23 { 0 } else { 1 + len }
}
