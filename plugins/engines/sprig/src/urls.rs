//! URLs and paths.

use weir_gotmpl::{Context, FuncError, Kind, Map, Value, quote};

use crate::args::{NIL_POINTER, Outcome, map, text};
use crate::go::path;
use crate::go::url::{Url, parse_user};

pub(crate) fn url_parse(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let url = Url::parse(text(args, 0)?, quote).map_err(|error| format!("unable to parse url: {error}"))?;
    let hostname = url.hostname().to_vec();
    let user = url.user.as_ref().map(|user| user.to_bytes()).unwrap_or_default();
    let parts = [
        ("fragment", url.fragment),
        ("host", url.host),
        ("hostname", hostname),
        ("opaque", url.opaque),
        ("path", url.path),
        ("query", url.query),
        ("scheme", url.scheme),
        ("userinfo", user),
    ];
    Ok(parts.into_iter().collect::<Map>().into())
}

pub(crate) fn url_join(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let dict = map(args, 0)?;
    let mut url = Url {
        scheme: part(dict, "scheme")?,
        host: part(dict, "host")?,
        path: part(dict, "path")?,
        query: part(dict, "query")?,
        opaque: part(dict, "opaque")?,
        fragment: part(dict, "fragment")?,
        user: None,
    };
    let user = part(dict, "userinfo")?;
    if !user.is_empty() {
        url.user = parse_user(&user, quote).map_err(|error| format!("unable to parse userinfo in dict: {error}"))?;
    }
    Ok(url.to_bytes().into())
}

fn part(dict: &Map, key: &str) -> Result<Vec<u8>, FuncError> {
    match dict.get(key) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.as_bytes().to_vec()),
        Some(Value::Nil) => Err(NIL_POINTER.into()),
        Some(other) => {
            let found = Kind::name(other.kind());
            Err(format!("unable to parse {key} key, must be of type string, but {found} found").into())
        }
    }
}

pub(crate) fn base(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(path::base(text(args, 0)?).into())
}

pub(crate) fn dir(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(path::dir(text(args, 0)?).into())
}

pub(crate) fn clean(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(path::clean(text(args, 0)?).into())
}

pub(crate) fn ext(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(path::ext(text(args, 0)?).into())
}

pub(crate) fn is_abs(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(text(args, 0)?.starts_with(b"/").into())
}
