//! Go's layouts: a date is written as the reference date would be.

use std::io::Write;

use super::{Civil, Time};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// How an offset is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct OffsetStyle {
    /// `Z` stands for UTC.
    pub(super) z: bool,
    pub(super) colon: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
}

/// An element of a layout.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Element {
    LongMonth,
    Month,
    /// Padded with a zero or not.
    NumMonth(bool),
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12(bool),
    Minute(bool),
    Second(bool),
    LongYear,
    Year,
    /// `PM` or `pm`.
    Noon(bool),
    Zone,
    Offset(OffsetStyle),
    /// Digits and the separator; trailing zeros are written if the flag says so.
    Fraction {
        digits: usize,
        separator: u8,
        zeros: bool,
    },
}

/// Cuts a layout at its first element: the text before, the element and what follows.
pub(super) fn next(layout: &[u8]) -> (&[u8], Option<(Element, &[u8])>) {
    for at in 0..layout.len() {
        let rest = &layout[at..];
        // `_2006` is an underscore and a year.
        if rest.starts_with(b"_2006") {
            return (&layout[..=at], Some((Element::LongYear, &rest[5..])));
        }
        if let Some((element, len)) = element(rest) {
            return (&layout[..at], Some((element, &rest[len..])));
        }
    }
    (layout, None)
}

fn element(rest: &[u8]) -> Option<(Element, usize)> {
    let fixed: &[(&[u8], Element)] = match rest[0] {
        b'J' => &[(b"January", Element::LongMonth), (b"Jan", Element::Month)],
        b'M' => &[(b"Monday", Element::LongWeekday), (b"Mon", Element::Weekday), (b"MST", Element::Zone)],
        b'0' => &[
            (b"01", Element::NumMonth(true)),
            (b"02", Element::ZeroDay),
            (b"03", Element::Hour12(true)),
            (b"04", Element::Minute(true)),
            (b"05", Element::Second(true)),
            (b"06", Element::Year),
            (b"002", Element::ZeroYearDay),
        ],
        b'1' => &[(b"15", Element::Hour), (b"1", Element::NumMonth(false))],
        b'2' => &[(b"2006", Element::LongYear), (b"2", Element::Day)],
        b'_' => &[(b"_2", Element::UnderDay), (b"__2", Element::UnderYearDay)],
        b'3' => &[(b"3", Element::Hour12(false))],
        b'4' => &[(b"4", Element::Minute(false))],
        b'5' => &[(b"5", Element::Second(false))],
        b'P' => &[(b"PM", Element::Noon(true))],
        b'p' => &[(b"pm", Element::Noon(false))],
        b'-' | b'Z' => return offset(rest),
        b'.' | b',' => return fraction(rest),
        _ => return None,
    };
    let (text, element) = fixed.iter().find(|(text, _)| rest.starts_with(text))?;
    let short_name = matches!(element, Element::Month | Element::Weekday);
    if short_name && rest.get(text.len()).is_some_and(u8::is_ascii_lowercase) {
        return None;
    }
    Some((*element, text.len()))
}

fn offset(rest: &[u8]) -> Option<(Element, usize)> {
    const STYLES: [(&[u8], bool, bool, bool); 5] = [
        (b"070000", false, true, true),
        (b"07:00:00", true, true, true),
        (b"0700", false, true, false),
        (b"07:00", true, true, false),
        (b"07", false, false, false),
    ];
    let (text, colon, minutes, seconds) = STYLES.into_iter().find(|(text, ..)| rest[1..].starts_with(text))?;
    Some((Element::Offset(OffsetStyle { z: rest[0] == b'Z', colon, minutes, seconds }), text.len() + 1))
}

fn fraction(rest: &[u8]) -> Option<(Element, usize)> {
    let digit = *rest.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = rest[1..].iter().take_while(|b| **b == digit).count();
    if rest.get(1 + digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some((Element::Fraction { digits, separator: rest[0], zeros: digit == b'0' }, 1 + digits))
}

impl Time {
    /// Writes the time as the layout says.
    pub(crate) fn format(&self, layout: &[u8]) -> Vec<u8> {
        let civil = self.civil();
        let mut out = Vec::with_capacity(layout.len() + 10);
        let mut layout = layout;
        loop {
            let (before, found) = next(layout);
            out.extend_from_slice(before);
            let Some((element, rest)) = found else { return out };
            self.write(element, &civil, &mut out).expect("a vector takes every byte");
            layout = rest;
        }
    }

    fn write(&self, element: Element, civil: &Civil, out: &mut Vec<u8>) -> std::io::Result<()> {
        let hour12 = if civil.hour.is_multiple_of(12) { 12 } else { civil.hour % 12 };
        let month = MONTHS[usize::from(civil.month - 1)];
        let weekday = DAYS[usize::from(civil.weekday)];
        match element {
            Element::LongMonth => write!(out, "{month}"),
            Element::Month => write!(out, "{}", &month[..3]),
            Element::NumMonth(padded) => number(out, civil.month, padded),
            Element::LongWeekday => write!(out, "{weekday}"),
            Element::Weekday => write!(out, "{}", &weekday[..3]),
            Element::Day => number(out, civil.day, false),
            Element::UnderDay => write!(out, "{:2}", civil.day),
            Element::ZeroDay => number(out, civil.day, true),
            Element::UnderYearDay => write!(out, "{:3}", civil.year_day),
            Element::ZeroYearDay => write!(out, "{:03}", civil.year_day),
            Element::Hour => number(out, civil.hour, true),
            Element::Hour12(padded) => number(out, hour12, padded),
            Element::Minute(padded) => number(out, civil.minute, padded),
            Element::Second(padded) => number(out, civil.second, padded),
            Element::LongYear if civil.year < 0 => write!(out, "-{:04}", -civil.year),
            Element::LongYear => write!(out, "{:04}", civil.year),
            Element::Year => write!(out, "{:02}", civil.year.abs() % 100),
            Element::Noon(upper) => write!(out, "{}", noon(upper, civil.hour >= 12)),
            Element::Zone => self.write_zone(out),
            Element::Offset(style) => write_offset(out, style, self.zone.offset(self.unix)),
            Element::Fraction { digits, separator, zeros } => {
                write_fraction(out, self.nanos, digits, separator, zeros);
                Ok(())
            }
        }
    }

    fn write_zone(&self, out: &mut Vec<u8>) -> std::io::Result<()> {
        let name = self.zone.abbreviation(self.unix);
        if !name.is_empty() {
            return write!(out, "{name}");
        }
        let style = OffsetStyle { z: false, colon: false, minutes: true, seconds: false };
        write_offset(out, style, self.zone.offset(self.unix))
    }
}

fn noon(upper: bool, afternoon: bool) -> &'static str {
    match (upper, afternoon) {
        (true, true) => "PM",
        (true, false) => "AM",
        (false, true) => "pm",
        (false, false) => "am",
    }
}

fn number(out: &mut Vec<u8>, value: u8, padded: bool) -> std::io::Result<()> {
    if padded { write!(out, "{value:02}") } else { write!(out, "{value}") }
}

fn write_offset(out: &mut Vec<u8>, style: OffsetStyle, offset: i32) -> std::io::Result<()> {
    if offset == 0 && style.z {
        return write!(out, "Z");
    }
    // The sign is that of the whole minutes.
    let sign = if offset / 60 < 0 { '-' } else { '+' };
    let minutes = (offset / 60).abs();
    let seconds = if offset / 60 < 0 { -offset } else { offset } % 60;
    let colon = if style.colon { ":" } else { "" };
    write!(out, "{sign}{:02}", minutes / 60)?;
    if style.minutes {
        write!(out, "{colon}{:02}", minutes % 60)?;
    }
    if style.seconds {
        write!(out, "{colon}{seconds:02}")?;
    }
    Ok(())
}

fn write_fraction(out: &mut Vec<u8>, nanos: u32, digits: usize, separator: u8, zeros: bool) {
    let text = format!("{nanos:09}");
    let mut shown = &text[..digits.min(9)];
    if !zeros {
        shown = shown.trim_end_matches('0');
        if shown.is_empty() {
            return;
        }
    }
    out.push(separator);
    out.extend_from_slice(shown.as_bytes());
}

/// How the `time` package quotes a text: bytes beyond ASCII in hex.
pub(super) fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in text {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b' '..=b'\x7f' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}
