#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_gotmpl::{
    BUILTINS, Context, FuncError, Function, Functions, Limits, List, Map, MissingKey, Param, Set, State, Table, Value,
};

static TABLE: &Table = &Table::new(&[
    Function::fixed("include", &[Param::String, Param::Any], include),
    Function::fixed("tpl", &[Param::String, Param::Any], tpl),
    Function::variadic("list", &[Param::Any], |_, args| Ok(args.to_vec().into())),
    Function::fixed("set", &[Param::Map, Param::String, Param::Any], set),
]);

fn include(context: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(context.execute(&args[0].display(), args[1].clone())?.into())
}

fn tpl(context: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    match &args[0] {
        Value::String(text) => Ok(context.execute_text("gotpl", text, args[1].clone())?.into()),
        _ => Err("no text".into()),
    }
}

/// Maps change in place, and can be put into themselves.
fn set(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    if let (Value::Map(map), Value::String(key)) = (&args[0], &args[1])
        && !map.is_nil()
    {
        map.insert(key.clone(), args[2].clone());
    }
    Ok(args[0].clone())
}

fn data() -> Map {
    let list = vec![Value::from("a"), Value::int(1), Value::Nil];
    [
        ("a", Value::from("text")),
        ("i", Value::int(3)),
        ("f", Value::float(2.5)),
        ("l", list.into()),
        ("b", List::bytes("bytes").into()),
        ("m", [("x", 1.0)].into_iter().collect::<Map>().into()),
    ]
    .into_iter()
    .collect()
}

// No text may bring down the parser or the executor, and none may cost more than the limits say.
fuzz_target!(|text: &[u8]| {
    let mut set = Set::new("gotpl", Functions::new(&[BUILTINS, TABLE]), MissingKey::Default);
    if set.parse("t", text).is_err() {
        return;
    }
    let limits = Limits { steps: 20_000, bytes: 1 << 20, depth: 100, frames: 1000, ..Limits::default() };
    let data = data();
    let mut out = Vec::new();
    let _ = set.execute("t", data.clone().into(), &State::new(limits), &mut out);
    assert!(out.len() <= 2 << 20, "{} bytes of output", out.len());
    // What contains itself would never be freed.
    data.keys().iter().for_each(|key| drop(data.remove(&key.to_str_lossy())));
});
