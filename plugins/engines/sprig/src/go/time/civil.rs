//! Days and clocks of the proleptic Gregorian calendar.

const DAY: i64 = 86_400;

/// A point in time as a calendar and a clock show it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: u8,
    pub(crate) day: u8,
    /// From 1.
    pub(crate) year_day: u16,
    /// Sunday is 0.
    pub(crate) weekday: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

impl Civil {
    /// What the clock shows so many seconds after the start of 1970.
    pub(crate) fn of(seconds: i64) -> Civil {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, day) = date(days);
        Civil {
            year,
            month,
            day,
            year_day: (days - days_since_epoch(year, 1, 1) + 1) as u16,
            weekday: (days + 4).rem_euclid(7) as u8,
            hour: (rest / 3600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
        }
    }
}

/// Seconds between 1970 and a date; months and days beyond their range carry over as in Go's `time.Date`.
pub(crate) fn seconds_of(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    let months = year * 12 + (month - 1);
    let days = days_since_epoch(months.div_euclid(12), months.rem_euclid(12) + 1, 1) + day - 1;
    days.wrapping_mul(DAY).wrapping_add(hour * 3600 + minute * 60 + second)
}

/// The calendar counts from March on, so that the leap day ends a year; 400 years have 146097 days.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month as u8, day as u8)
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for days in (-800_000..800_000).step_by(37) {
            let (year, month, day) = date(days);
            assert_eq!(days_since_epoch(year, i64::from(month), i64::from(day)), days);
        }
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
    }

    #[test]
    fn months_carry_over() {
        assert_eq!(seconds_of(2023, 14, 31, 0, 0, 0), seconds_of(2024, 3, 2, 0, 0, 0));
    }
}
