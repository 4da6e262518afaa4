//! `html`, `js` and `urlquery`.

use super::Returned;
use crate::context::Context;
use crate::function::FuncError;
use crate::print::{Job, print_pointed};
use crate::string::Str;
use crate::value::{Object, Value};
use weir_goquote::{first_char, is_print};

/// The arguments as one text: a pointer as what it points to, nil as a missing value.
fn text_of(context: &Context<'_>, args: &[Value]) -> Result<Str, FuncError> {
    if let [Value::String(text)] = args {
        return Ok(text.clone());
    }
    let printable = |arg: &Value| match arg {
        Value::Nil => Value::from("<no value>"),
        Value::Object(object) if object.display().is_none() => Value::Object(std::rc::Rc::new(Pointed::new(arg))),
        other => other.clone(),
    };
    let args: Vec<Value> = args.iter().map(printable).collect();
    super::text_of(context, &Job::Print(&args))
}

/// What a pointer points to, as text.
struct Pointed(Str);

impl Pointed {
    fn new(value: &Value) -> Self {
        let mut out = Vec::new();
        print_pointed(&mut out, value, u64::MAX);
        Self(out.into())
    }
}

impl Object for Pointed {
    fn go_type(&self) -> &'static crate::go_type::Named {
        static NAMED: crate::go_type::Named = crate::go_type::Named::structure("struct");
        &NAMED
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn display(&self) -> Option<Str> {
        Some(self.0.clone())
    }
}

pub(super) fn html(context: &mut Context<'_>, args: &[Value]) -> Returned {
    let text = text_of(context, args)?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text.iter() {
        let escaped: &[u8] = match byte {
            0 => "\u{fffd}".as_bytes(),
            b'"' => b"&#34;",
            b'\'' => b"&#39;",
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            byte => std::slice::from_ref(byte),
        };
        out.extend_from_slice(escaped);
    }
    Ok(out.into())
}

pub(super) fn js(context: &mut Context<'_>, args: &[Value]) -> Returned {
    let text = text_of(context, args)?;
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(byte) = rest.first() {
        let mut length = 1;
        match byte {
            b'\\' => out.extend(br"\\"),
            b'\'' => out.extend(br"\'"),
            b'"' => out.extend(b"\\\""),
            b'<' | b'>' | b'&' | b'=' | 0..b' ' => out.extend(format!("\\u{byte:04X}").bytes()),
            byte if byte.is_ascii() => out.push(*byte),
            _ => {
                let (c, size) = first_char(rest);
                length = size;
                match c {
                    Some(c) if !is_print(c) => out.extend(format!("\\u{:04X}", u32::from(c)).bytes()),
                    _ => out.extend_from_slice(&rest[..size]),
                }
            }
        }
        rest = &rest[length..];
    }
    Ok(out.into())
}

pub(super) fn urlquery(context: &mut Context<'_>, args: &[Value]) -> Returned {
    let text = text_of(context, args)?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text.iter() {
        match byte {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            byte if byte.is_ascii_alphanumeric() => out.push(*byte),
            byte => out.extend(format!("%{byte:02X}").bytes()),
        }
    }
    Ok(out.into())
}
