//! Dates and durations.

use std::any::Any;

use weir_gotmpl::{Context, FuncError, Function, IntType, Json, Kind, Named, Object, Param, Str, Value};

use crate::args::{Outcome, any, int, text};
use crate::cast::int64;
use crate::effects::effects;
use crate::go::strconv::parse_int_or_nearest;
use crate::go::time::{SECOND, Time, Zone, format_duration, parse_duration, parse_in_utc, round_to_second};

const DATE: &[u8] = b"2006-01-02";
/// As `encoding/json` writes a time.
const RFC3339_NANO: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";
const YEAR: u64 = 365 * DAY;
const MONTH: u64 = 30 * DAY;
const DAY: u64 = 24 * HOUR;
const HOUR: u64 = 60 * MINUTE;
const MINUTE: u64 = 60 * SECOND as u64;

pub(crate) static TIME: Named = Named::structure("time.Time");

/// A Go `time.Time`.
impl Object for Time {
    fn go_type(&self) -> &'static Named {
        &TIME
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        TIME_METHODS.iter().find(|method| method.name == name)
    }

    fn display(&self) -> Option<Str> {
        Some(self.to_string().into())
    }

    fn json(&self) -> Option<Json> {
        Some(Json::Value(self.format(RFC3339_NANO).into()))
    }

    fn equal(&self, other: &dyn Object) -> bool {
        let other = other.as_any().downcast_ref::<Time>();
        other.is_some_and(|other| (self.unix, self.nanos) == (other.unix, other.nanos))
    }
}

pub(crate) fn time_value(time: Time) -> Value {
    let object: std::rc::Rc<dyn Object> = std::rc::Rc::new(time);
    Value::Object(object)
}

/// A `time.Month`, `time.Weekday` or `time.Duration`: a number with a name.
pub(crate) struct NamedInt {
    go_type: &'static Named,
    number: i64,
}

static MONTHS: Named = named_int("time.Month", Kind::Int(IntType::Int));
static WEEKDAYS: Named = named_int("time.Weekday", Kind::Int(IntType::Int));
pub(crate) static DURATIONS: Named = named_int("time.Duration", Kind::Int(IntType::Int64));

const fn named_int(name: &'static str, kind: Kind) -> Named {
    Named { name, kind, underlying: None, methods: &[] }
}

impl NamedInt {
    /// What a cast to a number gives: months and weekdays have one, durations do not.
    pub(crate) fn cast(&self) -> Option<i64> {
        (self.go_type != &DURATIONS).then_some(self.number)
    }
}

impl Object for NamedInt {
    fn go_type(&self) -> &'static Named {
        self.go_type
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        let methods = if self.go_type == &DURATIONS { DURATION_METHODS } else { &DURATION_METHODS[..1] };
        methods.iter().find(|method| method.name == name)
    }

    fn display(&self) -> Option<Str> {
        let layout: &[u8] = if self.go_type == &MONTHS { b"January" } else { b"Monday" };
        Some(match self.go_type.name {
            "time.Duration" => format_duration(self.number).into(),
            // Any date with that month or weekday: 1970 began with a Thursday.
            "time.Month" => Time::unix((self.number - 1) * 31 * 86_400).format(layout).into(),
            _ => Time::unix((self.number + 3) * 86_400).format(layout).into(),
        })
    }

    fn is_nil(&self) -> bool {
        false
    }

    fn json(&self) -> Option<Json> {
        Some(Json::Value(Value::int(self.number)))
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<NamedInt>().is_some_and(|other| self.number == other.number)
    }
}

fn named(go_type: &'static Named, number: i64) -> Value {
    let object: std::rc::Rc<dyn Object> = std::rc::Rc::new(NamedInt { go_type, number });
    Value::Object(object)
}

static DURATION_METHODS: &[Function] = &[
    Function::fixed("String", &[], |_, args| Ok(any(args, 0)?.display().into())),
    Function::fixed("Hours", &[], |_, args| Ok(Value::float(nanos(args) as f64 / (HOUR as f64)))),
    Function::fixed("Minutes", &[], |_, args| Ok(Value::float(nanos(args) as f64 / (MINUTE as f64)))),
    Function::fixed("Seconds", &[], |_, args| Ok(Value::float(nanos(args) as f64 / (SECOND as f64)))),
    Function::fixed("Milliseconds", &[], |_, args| Ok(int64(nanos(args) / 1_000_000))),
    Function::fixed("Microseconds", &[], |_, args| Ok(int64(nanos(args) / 1_000))),
    Function::fixed("Nanoseconds", &[], |_, args| Ok(int64(nanos(args)))),
];

fn nanos(args: &[Value]) -> i64 {
    args.first().and_then(Value::downcast::<NamedInt>).map_or(0, |named| named.number)
}

fn time(args: &[Value], at: usize) -> Result<&Time, FuncError> {
    args.get(at).and_then(Value::downcast::<Time>).ok_or_else(|| FuncError::new("not a time"))
}

const TIME_PARAM: Param = Param::Object("time.Time");
const DURATION_PARAM: Param = Param::Object("time.Duration");

/// The methods of a time that a template can call with what it has.
static TIME_METHODS: &[Function] = &[
    Function::fixed("Format", &[Param::String], |_, args| Ok(time(args, 0)?.format(text(args, 1)?).into())),
    Function::fixed("String", &[], |_, args| Ok(time(args, 0)?.to_string().into())),
    Function::fixed("Unix", &[], |_, args| Ok(int64(time(args, 0)?.unix))),
    Function::fixed("UnixMilli", &[], |_, args| Ok(int64(scaled(time(args, 0)?, 1_000)))),
    Function::fixed("UnixMicro", &[], |_, args| Ok(int64(scaled(time(args, 0)?, 1_000_000)))),
    Function::fixed("UnixNano", &[], |_, args| Ok(int64(scaled(time(args, 0)?, SECOND)))),
    Function::fixed("Year", &[], |_, args| Ok(Value::int(time(args, 0)?.civil().year))),
    Function::fixed("Month", &[], |_, args| Ok(named(&MONTHS, time(args, 0)?.civil().month.into()))),
    Function::fixed("Day", &[], |_, args| Ok(Value::int(time(args, 0)?.civil().day.into()))),
    Function::fixed("YearDay", &[], |_, args| Ok(Value::int(time(args, 0)?.civil().year_day.into()))),
    Function::fixed("Weekday", &[], |_, args| Ok(named(&WEEKDAYS, time(args, 0)?.civil().weekday.into()))),
    Function::fixed("Hour", &[], |_, args| Ok(Value::int(time(args, 0)?.civil().hour.into()))),
    Function::fixed("Minute", &[], |_, args| Ok(Value::int(time(args, 0)?.civil().minute.into()))),
    Function::fixed("Second", &[], |_, args| Ok(Value::int(time(args, 0)?.civil().second.into()))),
    Function::fixed("Nanosecond", &[], |_, args| Ok(Value::int(time(args, 0)?.nanos.into()))),
    Function::fixed("IsZero", &[], |_, args| Ok(time(args, 0)?.is_zero().into())),
    Function::fixed("UTC", &[], |_, args| Ok(time_value(time(args, 0)?.in_zone(Zone::Utc)))),
    Function::fixed("Local", &[], |_, args| Ok(time_value(time(args, 0)?.in_zone(Zone::Local)))),
    Function::fixed("Before", &[TIME_PARAM], |_, args| Ok((instant(args, 0)? < instant(args, 1)?).into())),
    Function::fixed("After", &[TIME_PARAM], |_, args| Ok((instant(args, 0)? > instant(args, 1)?).into())),
    Function::fixed("Equal", &[TIME_PARAM], |_, args| Ok((instant(args, 0)? == instant(args, 1)?).into())),
    Function::fixed("Sub", &[TIME_PARAM], |_, args| Ok(named(&DURATIONS, time(args, 0)?.since(time(args, 1)?)))),
    Function::fixed("Add", &[DURATION_PARAM], |_, args| Ok(time_value(time(args, 0)?.add(nanos(&args[1..]))))),
    Function::fixed("AddDate", &[Param::Int, Param::Int, Param::Int], |_, args| {
        let later = time(args, 0)?.add_date(int(args, 1)?, int(args, 2)?, int(args, 3)?);
        Ok(time_value(later))
    }),
];

fn scaled(time: &Time, per_second: i64) -> i64 {
    time.unix.wrapping_mul(per_second).wrapping_add(i64::from(time.nanos) * per_second / SECOND)
}

fn instant(args: &[Value], at: usize) -> Result<(i64, u32), FuncError> {
    time(args, at).map(|time| (time.unix, time.nanos))
}

pub(crate) fn now(context: &mut Context<'_>, _: &[Value]) -> Outcome {
    Ok(time_value(effects(context)?.now("now")))
}

/// A time, or seconds since 1970 in one of `kinds`; anything else is now.
fn time_of(context: &Context<'_>, value: &Value, kinds: &[IntType], function: &'static str) -> Result<Time, FuncError> {
    match value {
        Value::Int(kind, seconds) if kinds.contains(kind) => Ok(Time::unix(*seconds)),
        value => match value.downcast::<Time>() {
            Some(time) => Ok(time.clone()),
            None => Ok(effects(context)?.now(function)),
        },
    }
}

fn formatted(context: &Context<'_>, layout: &[u8], value: &Value, zone: &[u8], function: &'static str) -> Outcome {
    let time = time_of(context, value, &[IntType::Int, IntType::Int32, IntType::Int64], function)?;
    let zone = std::str::from_utf8(zone).ok().and_then(Zone::load).unwrap_or(Zone::Utc);
    Ok(time.in_zone(zone).format(layout).into())
}

pub(crate) fn date(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    formatted(context, text(args, 0)?, any(args, 1)?, b"Local", "date")
}

pub(crate) fn date_in_zone(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    formatted(context, text(args, 0)?, any(args, 1)?, text(args, 2)?, "dateInZone")
}

pub(crate) fn html_date(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    formatted(context, DATE, any(args, 0)?, b"Local", "htmlDate")
}

pub(crate) fn html_date_in_zone(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    formatted(context, DATE, any(args, 0)?, text(args, 1)?, "htmlDateInZone")
}

pub(crate) fn date_modify(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let time = time(args, 1)?;
    Ok(time_value(parse_duration(text(args, 0)?).map_or_else(|_| time.clone(), |nanos| time.add(nanos))))
}

pub(crate) fn must_date_modify(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(time_value(time(args, 1)?.add(parse_duration(text(args, 0)?)?)))
}

pub(crate) fn ago(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let now = effects(context)?.now("ago");
    let then = match any(args, 0)? {
        Value::Int(IntType::Int | IntType::Int64, seconds) => Time::unix(*seconds),
        value => value.downcast::<Time>().cloned().unwrap_or_else(|| now.clone()),
    };
    Ok(format_duration(round_to_second(now.since(&then))).into())
}

/// A number of seconds as a duration; a plain `int` is none.
pub(crate) fn duration(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let seconds = match any(args, 0)? {
        Value::String(text) => parse_int_or_nearest(text),
        Value::Int(IntType::Int64, seconds) => *seconds,
        _ => 0,
    };
    Ok(format_duration(seconds.wrapping_mul(SECOND)).into())
}

/// The largest unit of a duration alone.
pub(crate) fn duration_round(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let nanos = match any(args, 0)? {
        Value::String(text) => parse_duration(text).unwrap_or(0),
        Value::Int(IntType::Int64, nanos) => *nanos,
        value => match value.downcast::<Time>() {
            Some(time) => effects(context)?.now("durationRound").since(time),
            None => 0,
        },
    };
    let size = nanos.unsigned_abs();
    let units = [(YEAR, "y"), (MONTH, "mo"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND as u64, "s")];
    let found = units.into_iter().find(|(unit, _)| size > *unit);
    Ok(found.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", size / unit)).into())
}

pub(crate) fn to_date(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(time_value(parse_in_utc(text(args, 0)?, text(args, 1)?).unwrap_or(Time::ZERO)))
}

pub(crate) fn must_to_date(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(time_value(parse_in_utc(text(args, 0)?, text(args, 1)?)?))
}

pub(crate) fn unix_epoch(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(time(args, 0)?.unix.to_string().into())
}
