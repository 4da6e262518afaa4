//! Whether values are set, and what they are.

use weir_gotmpl::{Context, FuncError, Value};

use crate::args::{Outcome, any, boolean, text};
use crate::cast::{is_empty, kind_name};

pub(crate) fn default(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args.get(1) {
        Some(given) if !is_empty(given) => Ok(given.clone()),
        _ => any(args, 0).cloned(),
    }
}

pub(crate) fn empty(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(is_empty(any(args, 0)?).into())
}

pub(crate) fn coalesce(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(args.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
}

pub(crate) fn all(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok((!args.iter().any(is_empty)).into())
}

pub(crate) fn any_(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok((!args.iter().all(is_empty)).into())
}

pub(crate) fn ternary(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    any(args, usize::from(!boolean(args, 2)?)).cloned()
}

pub(crate) fn fail(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Err(FuncError::new(text(args, 0)?.to_string()))
}

pub(crate) fn type_of(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(any(args, 0)?.type_name().into())
}

pub(crate) fn type_is(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok((*text(args, 0)? == *any(args, 1)?.type_name().as_str()).into())
}

pub(crate) fn type_is_like(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (target, found) = (text(args, 0)?, any(args, 1)?.type_name());
    Ok((*target == *found.as_str() || found.strip_prefix('*').is_some_and(|found| *target == *found)).into())
}

pub(crate) fn kind_of(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(kind_name(any(args, 0)?).into())
}

pub(crate) fn kind_is(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok((*text(args, 0)? == *kind_name(any(args, 1)?)).into())
}

pub(crate) fn deep_equal(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(any(args, 0)?.deep_equal(any(args, 1)?).into())
}
