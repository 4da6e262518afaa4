//! The functions that every template has.

pub(crate) mod access;
mod compare;
mod escape;
#[cfg(test)]
mod tests;

use crate::context::Context;
use crate::function::{FuncError, Function, Param, Table};
use crate::print::{Cut, Job, print_limited};
use crate::string::Str;
use crate::value::Value;

type Returned = Result<Value, FuncError>;

/// What the executor does itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    And,
    Or,
    Len,
    Call,
    Slice,
}

/// The first five are those of [`Special`].
static TABLE: [Function; 19] = [
    Function::variadic("and", &[Param::Reflect, Param::Reflect], unreachable),
    Function::variadic("or", &[Param::Reflect, Param::Reflect], unreachable),
    Function::fixed("len", &[Param::Reflect], access::len),
    Function::variadic("call", &[Param::Reflect, Param::Reflect], unreachable),
    Function::variadic("slice", &[Param::Reflect, Param::Reflect], access::slice),
    Function::variadic("html", &[Param::Any], escape::html),
    Function::variadic("index", &[Param::Reflect, Param::Reflect], access::index),
    Function::variadic("js", &[Param::Any], escape::js),
    Function::fixed("not", &[Param::Reflect], not),
    Function::variadic("print", &[Param::Any], print),
    Function::variadic("printf", &[Param::String, Param::Any], printf),
    Function::variadic("println", &[Param::Any], println),
    Function::variadic("urlquery", &[Param::Any], escape::urlquery),
    Function::variadic("eq", &[Param::Reflect, Param::Reflect], compare::eq),
    Function::fixed("ge", &[Param::Reflect, Param::Reflect], compare::ge),
    Function::fixed("gt", &[Param::Reflect, Param::Reflect], compare::gt),
    Function::fixed("le", &[Param::Reflect, Param::Reflect], compare::le),
    Function::fixed("lt", &[Param::Reflect, Param::Reflect], compare::lt),
    Function::fixed("ne", &[Param::Reflect, Param::Reflect], compare::ne),
];

/// The functions that every template has: `and`, `or`, `not`, `len`, `index`, `slice`, comparisons, `print`, `printf`,
/// `println`, `html`, `js`, `urlquery`, `call`.
pub static BUILTINS: &Table = &Table::new(&TABLE);

/// Whether the executor calls a function itself: one with such a name that is not ours is called like any other.
pub(crate) fn special(function: &'static Function) -> Option<Special> {
    const SPECIAL: [Special; 5] = [Special::And, Special::Or, Special::Len, Special::Call, Special::Slice];
    TABLE.iter().zip(SPECIAL).find(|(own, _)| std::ptr::eq(*own, function)).map(|(_, special)| special)
}

fn unreachable(_: &mut Context<'_>, _: &[Value]) -> Returned {
    Err("is called by the executor only".into())
}

fn not(_: &mut Context<'_>, args: &[Value]) -> Returned {
    Ok(Value::Bool(!args.first().is_some_and(Value::truth)))
}

fn print(context: &mut Context<'_>, args: &[Value]) -> Returned {
    printed(context, &Job::Print(args))
}

fn println(context: &mut Context<'_>, args: &[Value]) -> Returned {
    printed(context, &Job::Line(args))
}

fn printf(context: &mut Context<'_>, args: &[Value]) -> Returned {
    match args.split_first() {
        Some((Value::String(format), args)) => printed(context, &Job::Format(format, args)),
        _ => Err("no format".into()),
    }
}

fn printed(context: &Context<'_>, job: &Job<'_>) -> Returned {
    text_of(context, job).map(Value::String)
}

/// What is printed, if it is no longer than what may still be produced.
fn text_of(context: &Context<'_>, job: &Job<'_>) -> Result<Str, FuncError> {
    let (text, cut) = print_limited(job, context.state.budget.bytes_left());
    if cut == Cut::TooLong {
        context.charge(text.len())?;
    }
    cut.message().map_or(Ok(text), |message| Err(FuncError::limit(message)))
}
