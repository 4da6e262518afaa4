//! Points in time, layouts and durations as Go's `time` has them.

mod civil;
mod duration;
mod layout;
mod parse;
mod zone;

pub(crate) use civil::{Civil, days_in_month, seconds_of};
pub(crate) use duration::{format_duration, parse_duration, round_to_second};
pub(crate) use parse::parse_in_utc;
pub(crate) use zone::Zone;

/// Nanoseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000_000;

/// The most that a date is moved by; Go's own arithmetic overflows beyond.
const MAX_YEARS: i64 = 1_000_000_000;

/// A point in time and the zone that it is shown in.
#[derive(Clone, Debug)]
pub(crate) struct Time {
    /// Seconds since 1970 in UTC.
    pub(crate) unix: i64,
    pub(crate) nanos: u32,
    pub(crate) zone: Zone,
}

impl Time {
    /// Go's zero time: the first second of the year 1.
    pub(crate) const ZERO: Time = Time { unix: -62_135_596_800, nanos: 0, zone: Zone::Utc };

    pub(crate) fn unix(unix: i64) -> Time {
        Time { unix, nanos: 0, zone: Zone::Local }
    }

    pub(crate) fn in_zone(&self, zone: Zone) -> Time {
        Time { zone, ..self.clone() }
    }

    /// Later by so many nanoseconds.
    pub(crate) fn add(&self, nanos: i64) -> Time {
        let total = i64::from(self.nanos) + nanos.rem_euclid(SECOND);
        let unix = self.unix.wrapping_add(nanos.div_euclid(SECOND)).wrapping_add(total / SECOND);
        Time { unix, nanos: (total % SECOND) as u32, zone: self.zone.clone() }
    }

    /// Nanoseconds since `earlier`, held at the ends of the range as Go holds them.
    pub(crate) fn since(&self, earlier: &Time) -> i64 {
        let seconds = i128::from(self.unix) - i128::from(earlier.unix);
        let nanos = seconds * i128::from(SECOND) + i128::from(self.nanos) - i128::from(earlier.nanos);
        nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// Later by so many years, months and days of the calendar; the clock shows the same.
    pub(crate) fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let civil = self.civil();
        let year = civil.year.saturating_add(years.clamp(-MAX_YEARS, MAX_YEARS));
        let month = i64::from(civil.month) + months.clamp(-MAX_YEARS, MAX_YEARS);
        let day = i64::from(civil.day) + days.clamp(-MAX_YEARS, MAX_YEARS);
        let (hour, minute, second) = (civil.hour.into(), civil.minute.into(), civil.second.into());
        let shown = seconds_of(year, month, day, hour, minute, second);
        // The offset of the guess is the right one but for the hours around a change.
        let guess = shown - i64::from(self.zone.offset(shown));
        Time { unix: shown - i64::from(self.zone.offset(guess)), nanos: self.nanos, zone: self.zone.clone() }
    }

    pub(crate) fn civil(&self) -> Civil {
        Civil::of(self.unix.saturating_add(i64::from(self.zone.offset(self.unix))))
    }

    pub(crate) fn is_zero(&self) -> bool {
        (self.unix, self.nanos) == (Time::ZERO.unix, 0)
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.format(b"2006-01-02 15:04:05.999999999 -0700 MST")))
    }
}
