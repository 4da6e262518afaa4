//! The functions that see the templates or the cluster: `include`, `tpl`, `required`, `fail`, `lookup`.

use std::cell::RefCell;
use std::rc::Rc;

use weir_gotmpl::{Context, FuncError, Function, Map, Param, Str, Table, Value};

use crate::limits::MAX_INCLUDES;

/// What `lookup` asks.
pub trait Cluster {
    /// An object, or a list of objects when the name is empty, as YAML would be read. `None` if there is none.
    ///
    /// # Errors
    /// What the cluster says.
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Option<Map>, String>;
}

/// No cluster: nothing is ever found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Offline;

impl Cluster for Offline {
    fn lookup(&self, _: &str, _: &str, _: &str, _: &str) -> Result<Option<Map>, String> {
        Ok(None)
    }
}

/// What the functions keep during one rendering.
pub(super) struct Running {
    /// The templates that are being included right now, within each other.
    includes: RefCell<Vec<Str>>,
    cluster: Rc<dyn Cluster>,
}

impl Running {
    pub(super) fn new(cluster: Rc<dyn Cluster>) -> Running {
        Running { includes: RefCell::default(), cluster }
    }
}

pub(super) static FUNCTIONS: &Table = &Table::new(&[
    Function::fixed("include", &[Param::String, Param::Any], include),
    Function::fixed("tpl", &[Param::String, Param::Any], tpl),
    Function::fixed("required", &[Param::String, Param::Any], required),
    Function::fixed("fail", &[Param::String], fail),
    Function::fixed("lookup", &[Param::String, Param::String, Param::String, Param::String], lookup),
]);

/// Without leave to ask a name server, `getHostByName` gives nothing.
pub(super) static NO_DNS: &Table = &Table::new(&[Function::fixed("getHostByName", &[Param::String], no_host)]);

/// Marks the message of `fail` and `required` within an error, so that it can be shown alone.
pub(super) const WARN_START: &str = "HELM_ERR_START";
pub(super) const WARN_END: &str = "HELM_ERR_END";

/// The name that a text of `tpl` runs under.
pub(super) const ROOT: &str = "gotpl";

fn running<'a>(context: &Context<'a>) -> Result<&'a Running, FuncError> {
    context.state::<Running>().ok_or_else(|| "no rendering runs".into())
}

fn text(args: &[Value], index: usize) -> Result<&Str, FuncError> {
    args.get(index).and_then(Value::as_str).ok_or_else(|| "not a string".into())
}

fn include(context: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let (name, data) = (text(args, 0)?, args.get(1).cloned().unwrap_or_default());
    let running = running(context)?;
    if running.includes.borrow().iter().filter(|running| *running == name).count() > MAX_INCLUDES {
        return Err(
            format!("rendering template has a nested reference name: {name}: unable to execute template").into()
        );
    }
    running.includes.borrow_mut().push(name.clone());
    let result = context.execute(name, data);
    running.includes.borrow_mut().pop();
    Ok(Value::String(result?))
}

fn tpl(context: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let (template, data) = (text(args, 0)?, args.get(1).cloned().unwrap_or_default());
    let quoted = || weir_gotmpl::quote(template);
    match context.execute_text(ROOT, template, data) {
        Ok(out) => Ok(Value::String(without_no_value(out))),
        Err(weir_gotmpl::ExecError::Parse(error)) => Err(format!("cannot parse template {}: {error}", quoted()).into()),
        Err(weir_gotmpl::ExecError::Limit(message)) => Err(FuncError::Limit(message)),
        Err(error) => Err(format!("error during tpl function execution for {}: {error}", quoted()).into()),
    }
}

/// Takes out what text/template prints for a value that is not there.
pub(super) fn without_no_value(out: Str) -> Str {
    match remove_no_value(&out) {
        Some(out) => out.into(),
        None => out,
    }
}

/// The text without `<no value>`; `None` if it holds none.
pub(super) fn remove_no_value(text: &[u8]) -> Option<Vec<u8>> {
    const NO_VALUE: &[u8] = b"<no value>";
    let next = |from: usize| {
        let mut at = from;
        loop {
            at += memchr::memchr(b'<', text.get(at..)?)?;
            if text[at..].starts_with(NO_VALUE) {
                return Some(at);
            }
            at += 1;
        }
    };
    let mut found = next(0)?;
    let mut out = Vec::with_capacity(text.len());
    let mut start = 0;
    loop {
        out.extend_from_slice(&text[start..found]);
        start = found + NO_VALUE.len();
        match next(start) {
            Some(at) => found = at,
            None => break,
        }
    }
    out.extend_from_slice(&text[start..]);
    Some(out)
}

fn warning(message: &Str) -> FuncError {
    format!("{WARN_START}{message}{WARN_END}").into()
}

fn required(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    match args.get(1) {
        None | Some(Value::Nil) => Err(warning(text(args, 0)?)),
        Some(Value::String(value)) if value.is_empty() => Err(warning(text(args, 0)?)),
        Some(value) => Ok(value.clone()),
    }
}

fn fail(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Err(warning(text(args, 0)?))
}

fn lookup(context: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let word = |index: usize| text(args, index).map(Str::to_str_lossy);
    let found = running(context)?.cluster.lookup(&word(0)?, &word(1)?, &word(2)?, &word(3)?)?;
    Ok(found.unwrap_or_default().into())
}

fn no_host(_: &mut Context<'_>, _: &[Value]) -> Result<Value, FuncError> {
    Ok(Value::from(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_taken_out() {
        for (text, expected) in [
            ("a<no value>b<no value>", Some("ab")),
            ("<no <no value>value>", Some("<no value>")),
            ("a<b", None),
            ("", None),
        ] {
            assert_eq!(remove_no_value(text.as_bytes()).as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }
}
