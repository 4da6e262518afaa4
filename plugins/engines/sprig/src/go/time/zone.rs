//! Time zones by name, from a database that is part of the program.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Where the clock hangs.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    Utc,
    /// The zone of the process. Renders do not depend on the machine: it is UTC, as in the controllers' containers.
    Local,
    /// An offset in seconds that a text named, with its abbreviation or none.
    Fixed(String, i32),
    Named(TimeZone),
}

impl Zone {
    /// Finds a zone as Go's `time.LoadLocation` does; names count by case.
    pub(crate) fn load(name: &str) -> Option<Zone> {
        match name {
            "" | "UTC" => return Some(Zone::Utc),
            "Local" => return Some(Zone::Local),
            _ => {}
        }
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        (zone.iana_name() == Some(name)).then_some(Zone::Named(zone))
    }

    /// Seconds east of UTC at a point in time.
    pub(crate) fn offset(&self, unix: i64) -> i32 {
        match self {
            Zone::Utc | Zone::Local => 0,
            Zone::Fixed(_, offset) => *offset,
            Zone::Named(zone) => zone.to_offset(timestamp(unix)).seconds(),
        }
    }

    /// What the zone is called at a point in time; empty if it has no name.
    pub(crate) fn abbreviation(&self, unix: i64) -> String {
        match self {
            Zone::Utc | Zone::Local => "UTC".to_owned(),
            Zone::Fixed(name, _) => name.clone(),
            Zone::Named(zone) => zone.to_offset_info(timestamp(unix)).abbreviation().to_owned(),
        }
    }
}

/// The database knows the years -9999 to 9999; the rules at its ends hold beyond.
fn timestamp(unix: i64) -> Timestamp {
    let held = unix.clamp(Timestamp::MIN.as_second() + 1, Timestamp::MAX.as_second() - 1);
    Timestamp::from_second(held).expect("held within the range")
}
