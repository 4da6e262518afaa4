//! `.Files` in templates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use weir_gotmpl::{Context, FuncError, Function, GoType, List, Map, Named, Param, Str, Value};

use crate::chart::File;
use crate::engine::glob::Glob;
use crate::go_path;

static FILES: Named = Named::of("engine.files", &GoType::Map(&GoType::BYTES), METHODS);

const METHODS: &[Function] = &[
    Function::fixed("AsConfig", &[], as_config),
    Function::fixed("AsSecrets", &[], as_secrets),
    Function::fixed("Get", &[Param::String], get),
    Function::fixed("GetBytes", &[Param::String], get_bytes),
    Function::fixed("Glob", &[Param::String], glob),
    Function::fixed("Lines", &[Param::String], lines),
];

/// A chart's files by their paths.
pub(super) fn files(files: &[File]) -> Map {
    let map = Map::of(GoType::Named(&FILES));
    for file in files {
        map.insert(&*file.path, List::bytes(file.data.clone()));
    }
    map
}

fn receiver(args: &[Value]) -> Result<&Map, FuncError> {
    args.first().and_then(Value::as_map).ok_or_else(|| "not files".into())
}

/// The file named by the first argument; empty if there is none.
fn file(args: &[Value]) -> Result<Str, FuncError> {
    let path = args.get(1).and_then(Value::as_str).ok_or("not a string")?;
    Ok(receiver(args)?.get_bytes(path).as_ref().and_then(content).unwrap_or_default())
}

fn content(value: &Value) -> Option<Str> {
    value.as_list().and_then(List::as_bytes)
}

fn get(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    file(args).map(Value::String)
}

fn get_bytes(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(List::bytes(file(args)?).into())
}

fn glob(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let pattern = args.get(1).and_then(Value::as_str).ok_or("not a string")?;
    let glob = Glob::new(&pattern.to_str_lossy());
    let found = Map::of(GoType::Named(&FILES));
    for (path, content) in receiver(args)?.entries() {
        if glob.matches(&path.to_str_lossy()) {
            found.insert(path, content);
        }
    }
    Ok(found.into())
}

fn as_config(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    by_name(receiver(args)?, |content| content)
}

fn as_secrets(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    by_name(receiver(args)?, |content| STANDARD.encode(&*content).into())
}

/// The contents by the last element of their paths, as YAML.
fn by_name(files: &Map, convert: impl Fn(Str) -> Str) -> Result<Value, FuncError> {
    let map = Map::of(GoType::Map(&GoType::String));
    for (path, content) in files.entries() {
        let content = self::content(&content).unwrap_or_default();
        map.insert(go_path::base(&path.to_str_lossy()), Value::String(convert(content)));
    }
    Ok(weir_sprig::to_yaml(&map.into()).map(Value::from).unwrap_or_else(|_| Value::from("")))
}

fn lines(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let content = file(args)?;
    if content.is_empty() {
        return Ok(List::strings(Vec::<Str>::new()).into());
    }
    let content = content.strip_suffix(b"\n").unwrap_or(&content);
    Ok(List::strings(content.split(|byte| *byte == b'\n')).into())
}
