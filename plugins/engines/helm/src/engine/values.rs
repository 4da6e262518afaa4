//! `.Values` and the other maps of Helm's own type.

use weir_gotmpl::{Context, FuncError, Function, GoType, Map, Named, Param, Value};

use crate::Helm;
use crate::values::{path_value, table};

static VALUES_3: Named = Named::of("chartutil.Values", &GoType::ANY_MAP, METHODS_3);
static VALUES_4: Named = Named::of("common.Values", &GoType::ANY_MAP, METHODS_4);

const METHODS_3: &[Function] = &[
    Function::fixed("AsMap", &[], as_map),
    Function::fixed("PathValue", &[Param::String], path_value_of),
    Function::fixed("Table", &[Param::String], table_3),
    Function::fixed("YAML", &[], yaml),
];

const METHODS_4: &[Function] = &[
    Function::fixed("AsMap", &[], as_map),
    Function::fixed("PathValue", &[Param::String], path_value_of),
    Function::fixed("Table", &[Param::String], table_4),
    Function::fixed("YAML", &[], yaml),
];

/// The same map as a value of Helm's type.
pub(super) fn values(map: &Map, helm: Helm) -> Map {
    map.view(go_type(helm))
}

/// Helm's type.
pub(super) fn go_type(helm: Helm) -> GoType {
    GoType::Named(match helm {
        Helm::V3 => &VALUES_3,
        Helm::V4 => &VALUES_4,
    })
}

fn receiver(args: &[Value]) -> Result<&Map, FuncError> {
    args.first().and_then(Value::as_map).ok_or_else(|| "not a map".into())
}

fn text(args: &[Value]) -> Result<String, FuncError> {
    let text = args.get(1).and_then(Value::as_str).ok_or("not a string")?;
    Ok(text.to_str_lossy().into_owned())
}

fn as_map(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(receiver(args)?.view(GoType::ANY_MAP).into())
}

fn path_value_of(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let path = text(args)?;
    if path.is_empty() {
        return Err("YAML path cannot be empty".into());
    }
    path_value(receiver(args)?, &path).ok_or_else(|| {
        let name = path.rsplit('.').next().unwrap_or_default();
        format!("{} is not a value", weir_gotmpl::quote(name.as_bytes())).into()
    })
}

fn table_3(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(values(&table(receiver(args)?, &text(args)?)?, Helm::V3).into())
}

fn table_4(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    Ok(values(&table(receiver(args)?, &text(args)?)?, Helm::V4).into())
}

fn yaml(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let map = receiver(args)?;
    // The file that it would be: the function of templates takes the last line break away.
    weir_sprig::to_yaml(&Value::Map(map.clone())).map(|text| Value::from(text + "\n"))
}
