//! TOML as `BurntSushi/toml` reads it. What is wrong is said in the words of another parser.

use toml::value::{Datetime, Offset, Time as Clock};
use weir_gotmpl::{GoType, List, Map, Value, quote};

use crate::dates::time_value;
use crate::go::time::{Time, Zone, seconds_of};

/// `[]map[string]interface {}`, the type of an array of tables.
const TABLES: GoType = GoType::Slice(&GoType::ANY_MAP);

const LAST_SECOND: u8 = 59;

/// The names of the zones of times that have none, by which they are written as they were read.
pub(super) const LOCAL_DATE_TIME: &str = "datetime-local";
pub(super) const LOCAL_DATE: &str = "date-local";
pub(super) const LOCAL_TIME: &str = "time-local";

pub(crate) fn read(text: &str) -> Result<Value, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        format!("toml: line {line}: {}", error.message())
    })?;
    Ok(table_value(table)?.into())
}

fn table_value(table: toml::Table) -> Result<Map, String> {
    table.into_iter().map(|(name, member)| Ok((name, value(member)?))).collect()
}

fn value(member: toml::Value) -> Result<Value, String> {
    Ok(match member {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => Value::int64(number),
        toml::Value::Float(number) => Value::float(number),
        toml::Value::Boolean(value) => value.into(),
        toml::Value::Datetime(date) if date.time.is_some_and(|clock| clock.second > LAST_SECOND) => {
            // Go knows no leap seconds.
            return Err(format!("toml: invalid datetime: {}", quote(date.to_string().as_bytes())));
        }
        toml::Value::Datetime(date) => time_value(time(date)),
        toml::Value::Array(items) if !items.is_empty() && items.iter().all(toml::Value::is_table) => {
            List::of(TABLES, items.into_iter().map(value).collect::<Result<_, _>>()?).into()
        }
        toml::Value::Array(items) => items.into_iter().map(value).collect::<Result<Vec<_>, _>>()?.into(),
        toml::Value::Table(table) => table_value(table)?.into(),
    })
}

/// Dates without an offset are in a zone that says what there was, times without a date on the first day of the year 0.
fn time(date: Datetime) -> Time {
    let (year, month, day) = date.date.map_or((0, 1, 1), |date| (date.year.into(), date.month.into(), date.day.into()));
    let clock = date.time.unwrap_or(Clock { hour: 0, minute: 0, second: 0, nanosecond: 0 });
    let shown = seconds_of(year, month, day, clock.hour.into(), clock.minute.into(), clock.second.into());
    let (unix, zone) = match date.offset {
        Some(Offset::Z) => (shown, Zone::Utc),
        Some(Offset::Custom { minutes: 0 }) => (shown, Zone::Local),
        None => {
            let name = match (date.date, date.time) {
                (Some(_), Some(_)) => LOCAL_DATE_TIME,
                (Some(_), None) => LOCAL_DATE,
                (None, _) => LOCAL_TIME,
            };
            (shown, Zone::Fixed(name.to_owned(), 0))
        }
        Some(Offset::Custom { minutes }) => {
            (shown - 60 * i64::from(minutes), Zone::Fixed(String::new(), 60 * i32::from(minutes)))
        }
    };
    Time { unix, nanos: clock.nanosecond, zone }
}
