//! Executes the templates.

use std::collections::BTreeMap;

use weir_gotmpl::{ExecError, Map, State, Str, Value};

use crate::chart::tree::{Id, Tree};
use crate::engine::capabilities::CapabilitiesObject;
use crate::engine::compile::{Mode, compile};
use crate::engine::functions::{Running, remove_no_value};
use crate::engine::{chart, errors, files, values};
use crate::error::Result;
use crate::options::{Host, Options};
use crate::values::table;
use crate::{Helm, go_path};

/// What a template printed.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) content: Vec<u8>,
}

/// Renders all templates but partials; the files come in the order of their paths.
///
/// # Errors
/// The first template that is none or fails.
pub(crate) fn render(tree: &Tree, values: &Map, options: &Options, host: &Host) -> Result<Vec<File>> {
    let mode = Mode { helm: options.helm, strict: options.strict, dns: options.enable_dns };
    let compiled = compile(tree, mode)?;
    let scopes = scopes(tree, values, options);
    let running = Running::new(host.cluster.clone());
    let state = State::new(host.limits).with(&running).with(&host.effects);
    let (mut rendered, mut out) = (Vec::new(), Vec::new());
    for entry in compiled.entries() {
        if go_path::base(&entry.name).starts_with('_') {
            continue;
        }
        let (scope, name) = (&scopes[&entry.chart], Str::from(&entry.name));
        scope.values.insert(TEMPLATE, scope.template(name.clone(), options.helm));
        out.clear();
        compiled
            .set
            .execute(name, scope.data.clone().into(), &state, &mut out)
            .map_err(|error| failed(&entry.name, error, options.helm))?;
        let content = remove_no_value(&out).unwrap_or_else(|| out.clone());
        rendered.push(File { path: entry.name.clone(), content });
    }
    // They come in nearly the other order.
    rendered.reverse();
    rendered.sort_by(|a: &File, b| a.path.cmp(&b.path));
    host.leave((compiled, scopes));
    Ok(rendered)
}

fn failed(name: &str, error: ExecError, helm: Helm) -> crate::Error {
    match error {
        ExecError::Limit(message) => crate::Error::limit(format!("template {name}: {message}")),
        error => errors::exec_error(name, &error.to_string(), helm),
    }
}

/// What the templates of one chart see.
struct Scope {
    values: Map,
    /// The same as a value of Helm's type.
    data: Map,
    base_path: Str,
}

impl Scope {
    fn template(&self, name: Str, helm: Helm) -> Value {
        let entries = vec![(BASE_PATH, Value::String(self.base_path.clone())), (NAME, Value::String(name))];
        Map::with_entries(values::go_type(helm), entries).into()
    }
}

const BASE_PATH: Str = Str::from_static(b"BasePath");
const CAPABILITIES: Str = Str::from_static(b"Capabilities");
const CHART: Str = Str::from_static(b"Chart");
const FILES: Str = Str::from_static(b"Files");
const NAME: Str = Str::from_static(b"Name");
const RELEASE: Str = Str::from_static(b"Release");
const SUB_CHARTS: Str = Str::from_static(b"Subcharts");
const TEMPLATE: Str = Str::from_static(b"Template");
const VALUES: Str = Str::from_static(b"Values");

fn scopes(tree: &Tree, vals: &Map, options: &Options) -> BTreeMap<Id, Scope> {
    let top = Map::new();
    top.insert(VALUES, values::values(vals, options.helm));
    top.insert(RELEASE, options.release.value());
    top.insert(CAPABILITIES, CapabilitiesObject::value(&options.capabilities, options.helm));
    let mut scopes = BTreeMap::new();
    add_scope(tree, Tree::ROOT, &top, options.helm, &mut scopes);
    scopes
}

fn add_scope(tree: &Tree, id: Id, parent: &Map, helm: Helm, scopes: &mut BTreeMap<Id, Scope>) -> Map {
    let own_values = match parent.get("Values") {
        Some(values) if tree.is_root(id) => values,
        Some(Value::Map(all)) => match table(&all, tree.name(id)) {
            Ok(own) => values::values(&own, helm).into(),
            Err(_) => values::values(&Map::new(), helm).into(),
        },
        _ => Value::Nil,
    };
    let sub_charts = Map::new();
    let scope = Map::new();
    scope.insert(CHART, chart::chart(tree, id, helm));
    scope.insert(FILES, tree.chart(id).files_map(files::files));
    for shared in [RELEASE, CAPABILITIES] {
        let value = parent.get_bytes(&shared).unwrap_or_default();
        scope.insert(shared, value);
    }
    scope.insert(VALUES, own_values);
    scope.insert(SUB_CHARTS, sub_charts.clone());
    for child in tree.children(id) {
        let child_scope = add_scope(tree, *child, &scope, helm, scopes);
        sub_charts.insert(tree.name(*child), child_scope);
    }
    let base_path = Str::from(go_path::clean(format!("{}/templates", tree.path(id))));
    scopes.insert(id, Scope { values: scope.clone(), data: values::values(&scope, helm), base_path });
    scope
}
