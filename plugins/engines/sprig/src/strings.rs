//! Texts.

use weir_gotmpl::{Context, FuncError, GoType, List, Map, Str, Value, quote as go_quote};

use crate::args::{Outcome, any, int, text};
use crate::cast::{is_nil, to_text, to_texts};
use crate::effects::effects;
use crate::go::unicode::chars;
use crate::go::{strconv, text as go};
use crate::text::{cases, words, wrap};

pub(crate) fn hello(_: &mut Context<'_>, _: &[Value]) -> Outcome {
    Ok("Hello!".into())
}

pub(crate) fn trim(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(go::trim_space(text(args, 0)?).into())
}

pub(crate) fn trim_all(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(go::trim_set(text(args, 1)?, text(args, 0)?).into())
}

pub(crate) fn trim_prefix(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (prefix, value) = (text(args, 0)?, text(args, 1)?);
    Ok(value.strip_prefix(prefix.as_bytes()).map_or_else(|| value.clone().into(), Value::from))
}

pub(crate) fn trim_suffix(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (suffix, value) = (text(args, 0)?, text(args, 1)?);
    Ok(value.strip_suffix(suffix.as_bytes()).map_or_else(|| value.clone().into(), Value::from))
}

pub(crate) fn upper(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(go::upper(text(args, 0)?).into())
}

pub(crate) fn lower(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(go::lower(text(args, 0)?).into())
}

pub(crate) fn title(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(go::title(text(args, 0)?).into())
}

pub(crate) fn untitle(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(words::uncapitalize(text(args, 0)?).into())
}

pub(crate) fn swapcase(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(words::swap_case(text(args, 0)?).into())
}

pub(crate) fn snakecase(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(cases::joined_lower(text(args, 0)?, '_').into())
}

pub(crate) fn kebabcase(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(cases::joined_lower(text(args, 0)?, '-').into())
}

pub(crate) fn camelcase(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(cases::pascal(text(args, 0)?).into())
}

pub(crate) fn initials(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(words::initials(text(args, 0)?).into())
}

pub(crate) fn nospace(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(words::without_spaces(text(args, 0)?).into())
}

pub(crate) fn shuffle(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let effects = effects(context)?;
    let mut shuffled: Vec<char> = chars(text(args, 0)?).collect();
    for at in (1..shuffled.len()).rev() {
        shuffled.swap(at, effects.random_below("shuffle", at as u64 + 1) as usize);
    }
    Ok(shuffled.into_iter().collect::<String>().into())
}

pub(crate) fn abbrev(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (width, value) = (int(args, 0)?, text(args, 1)?);
    if width < 4 {
        return Ok(value.clone().into());
    }
    wrap::abbreviate(value, 0, width)
}

pub(crate) fn abbrevboth(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (left, right, value) = (int(args, 0)?, int(args, 1)?, text(args, 2)?);
    if right < 4 || (left > 0 && right < 7) {
        return Ok(value.clone().into());
    }
    wrap::abbreviate(value, left, right)
}

pub(crate) fn wrap_at(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    wrap::wrap(context, text(args, 1)?, int(args, 0)?, b"\n", false)
}

pub(crate) fn wrap_with(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let separator = text(args, 1)?;
    let separator = if separator.is_empty() { b"\n".as_slice() } else { separator.as_bytes() };
    wrap::wrap(context, text(args, 2)?, int(args, 0)?, separator, true)
}

pub(crate) fn trunc(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (count, value) = (int(args, 0)?, text(args, 1)?);
    let len = value.len() as i64;
    Ok(match count {
        count if count < 0 && len.saturating_add(count) > 0 => value[(len + count) as usize..].into(),
        count if count >= 0 && len > count => value[..count as usize].into(),
        _ => value.clone().into(),
    })
}

pub(crate) fn substr(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (start, end, value) = (int(args, 0)?, int(args, 1)?, text(args, 2)?);
    let len = value.len() as i64;
    let out_of_range = |range: String| FuncError::new(format!("runtime error: slice bounds out of range {range}"));
    if start < 0 {
        return match usize::try_from(end) {
            Ok(to) if end <= len => Ok(value[..to].into()),
            Ok(_) => Err(out_of_range(format!("[:{end}] with length {len}"))),
            Err(_) => Err(out_of_range(format!("[:{end}]"))),
        };
    }
    let to = if end < 0 || end > len { len } else { end };
    if start > to {
        let range = if to == end { format!("[{start}:{end}]") } else { format!("[{start}:{len}]") };
        return Err(out_of_range(range));
    }
    Ok(value[start as usize..to as usize].into())
}

pub(crate) fn repeat(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (count, value) = (int(args, 0)?, text(args, 1)?);
    let count = usize::try_from(count).map_err(|_| FuncError::new("strings: negative Repeat count"))?;
    context.charge(value.len().saturating_mul(count))?;
    Ok(value.repeat(count).into())
}

pub(crate) fn contains(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(go::contains(text(args, 1)?, text(args, 0)?).into())
}

pub(crate) fn has_prefix(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(text(args, 1)?.starts_with(text(args, 0)?).into())
}

pub(crate) fn has_suffix(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(text(args, 1)?.ends_with(text(args, 0)?).into())
}

pub(crate) fn quote(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    if let [Value::String(text)] = args {
        return Ok(go_quote(text).into());
    }
    let quoted: Vec<String> =
        args.iter().filter(|value| !is_nil(value)).map(|value| go_quote(&to_text(value))).collect();
    Ok(quoted.join(" ").into())
}

pub(crate) fn squote(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let mut out = Vec::new();
    for value in args.iter().filter(|value| !is_nil(value)) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.push(b'\'');
        out.extend_from_slice(&value.display());
        out.push(b'\'');
    }
    Ok(out.into())
}

pub(crate) fn cat(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let parts: Vec<Str> = args.iter().filter(|value| !is_nil(value)).map(Value::display).collect();
    Ok(parts.join(&b' ').into())
}

pub(crate) fn indent(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    indented(context, args, b"")
}

pub(crate) fn nindent(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    indented(context, args, b"\n")
}

fn indented(context: &mut Context<'_>, args: &[Value], before: &[u8]) -> Outcome {
    let (spaces, value) = (int(args, 0)?, text(args, 1)?);
    let spaces = usize::try_from(spaces).map_err(|_| FuncError::new("strings: negative Repeat count"))?;
    let lines = memchr::memchr_iter(b'\n', value).count() + 1;
    context.charge(value.len().saturating_add(lines.saturating_mul(spaces)))?;
    let mut out = before.to_vec();
    go::indent(&mut out, value, spaces);
    Ok(out.into())
}

pub(crate) fn replace(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (old, new, value) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let times = if old.is_empty() { value.len() + 1 } else { value.len() / old.len() };
    context.charge(times.saturating_mul(new.len()).min(value.len().saturating_mul(new.len().max(1))))?;
    Ok(go::replace(value, old, new).into())
}

pub(crate) fn plural(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let one = int(args, 2)? == 1;
    Ok(text(args, usize::from(!one))?.clone().into())
}

pub(crate) fn to_string(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(to_text(any(args, 0)?).into())
}

pub(crate) fn to_strings(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(to_texts(any(args, 0)?).into())
}

pub(crate) fn join(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (separator, texts) = (text(args, 0)?, to_texts(any(args, 1)?));
    let parts: Vec<&[u8]> = texts.items().iter().filter_map(Value::as_str).map(Str::as_bytes).collect();
    Ok(parts.join(separator.as_bytes()).into())
}

pub(crate) fn split_list(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(List::strings(go::split(text(args, 1)?, text(args, 0)?, None)).into())
}

pub(crate) fn split(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(numbered(&go::split(text(args, 1)?, text(args, 0)?, None)))
}

pub(crate) fn splitn(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let limit = usize::try_from(int(args, 1)?).ok();
    Ok(numbered(&go::split(text(args, 2)?, text(args, 0)?, limit)))
}

fn numbered(parts: &[&[u8]]) -> Value {
    let map = Map::of(GoType::Map(&GoType::String));
    for (at, part) in parts.iter().enumerate() {
        map.insert(format!("_{at}"), *part);
    }
    map.into()
}

pub(crate) fn atoi(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(Value::int(strconv::parse_int_or_nearest(text(args, 0)?)))
}
