//! Regular expressions.

use std::rc::Rc;

use weir_gotmpl::{Context, FuncError, GoType, List, Str, Value, quote};

use crate::args::{Outcome, int, text};
use crate::effects::effects;
use crate::go::regexp::{self, Regexp};

/// How a function says that an expression is wrong.
#[derive(Clone, Copy)]
enum Blame {
    /// It returns the error.
    Returned,
    /// It panics, and the panic names the expression.
    Panic,
}

fn compiled(context: &Context<'_>, args: &[Value], blame: Blame) -> Result<Rc<Regexp>, FuncError> {
    let expression = text(args, 0)?;
    effects(context)?.regex(expression).map_err(|error| match blame {
        Blame::Returned => FuncError::new(error),
        Blame::Panic => FuncError::new(format!("regexp: Compile({}): {error}", quoted(expression))),
    })
}

/// In backquotes where that is possible.
fn quoted(expression: &Str) -> String {
    let plain = |c: char| c != '\u{feff}' && c != '`' && c != '\u{7f}' && (c >= ' ' || c == '\t');
    match expression.as_str() {
        Some(text) if text.chars().all(plain) => format!("`{text}`"),
        _ => quote(expression),
    }
}

fn texts(found: Option<Vec<String>>) -> Value {
    found.map_or_else(|| List::nil(GoType::STRINGS), List::strings).into()
}

pub(crate) fn is_match(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    match compiled(context, args, Blame::Returned) {
        Ok(regexp) => Ok(regexp.is_match(text(args, 1)?).into()),
        Err(_) => Ok(false.into()),
    }
}

pub(crate) fn must_match(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(compiled(context, args, Blame::Returned)?.is_match(text(args, 1)?).into())
}

pub(crate) fn find(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(compiled(context, args, Blame::Panic)?.find(text(args, 1)?).into())
}

pub(crate) fn must_find(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(compiled(context, args, Blame::Returned)?.find(text(args, 1)?).into())
}

pub(crate) fn find_all(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(texts(compiled(context, args, Blame::Panic)?.find_all(text(args, 1)?, int(args, 2)?)))
}

pub(crate) fn must_find_all(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(texts(compiled(context, args, Blame::Returned)?.find_all(text(args, 1)?, int(args, 2)?)))
}

/// A replacement stands at most once for each byte of the text and once at its end.
fn charge(context: &Context<'_>, args: &[Value]) -> Result<(), FuncError> {
    let (text, replacement) = (text(args, 1)?, text(args, 2)?);
    // Groups in the replacement stand for parts of the text.
    let groups = memchr::memchr_iter(b'$', replacement).count();
    context.charge(text.len().saturating_mul(groups.saturating_add(1)).saturating_add(replacement.len()))
}

pub(crate) fn replace_all(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    replace(context, args, Blame::Panic, Regexp::replace_all)
}

pub(crate) fn must_replace_all(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    replace(context, args, Blame::Returned, Regexp::replace_all)
}

pub(crate) fn replace_all_literal(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    replace(context, args, Blame::Panic, Regexp::replace_all_literal)
}

pub(crate) fn must_replace_all_literal(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    replace(context, args, Blame::Returned, Regexp::replace_all_literal)
}

type Replace = fn(&Regexp, &[u8], &[u8]) -> Vec<u8>;

fn replace(context: &Context<'_>, args: &[Value], blame: Blame, replace: Replace) -> Outcome {
    let regexp = compiled(context, args, blame)?;
    charge(context, args)?;
    Ok(replace(&regexp, text(args, 1)?, text(args, 2)?).into())
}

pub(crate) fn split(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(texts(compiled(context, args, Blame::Panic)?.split(text(args, 1)?, int(args, 2)?)))
}

pub(crate) fn must_split(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(texts(compiled(context, args, Blame::Returned)?.split(text(args, 1)?, int(args, 2)?)))
}

pub(crate) fn quote_meta(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(regexp::quote_meta(text(args, 0)?).into())
}
