//! `.Chart` in templates.

use std::any::Any;
use std::rc::Rc;

use weir_gotmpl::{GoType, Json, List, Map, Named, Object, Str, Value};

use crate::Helm;
use crate::chart::tree::{Id, Tree};
use crate::chart::{Dependency, Maintainer, Metadata};

static CHART: Named = Named::structure("struct { chart.Metadata; IsRoot bool }");
static METADATA: Named = Named::structure("chart.Metadata");
static MAINTAINER: Named = Named::pointer("*chart.Maintainer");
static DEPENDENCY: Named = Named::pointer("*chart.Dependency");
static MAINTAINER_TYPE: GoType = GoType::Named(&MAINTAINER);
static DEPENDENCY_TYPE: GoType = GoType::Named(&DEPENDENCY);
const STRING_MAP: GoType = GoType::Map(&GoType::String);

/// A field: its Go name, its JSON name, its value, and whether JSON leaves it out.
type Field = (&'static str, &'static str, Value, bool);

/// What a template sees as `.Chart`: a struct in Helm 3, a map in Helm 4.
pub(super) fn chart(tree: &Tree, id: Id, helm: Helm) -> Value {
    let dependencies = tree.requirements(id).map(|requirements| {
        requirements.into_iter().map(|requirement| tree.requirement(requirement).clone()).collect()
    });
    let metadata = Metadata { name: tree.name(id).to_owned(), dependencies, ..tree.chart(id).metadata().clone() };
    let is_root = tree.is_root(id);
    match helm {
        Helm::V3 => Value::Object(Rc::new(ChartObject { metadata: Rc::new(MetadataObject(metadata)), is_root })),
        Helm::V4 => {
            let map: Map =
                metadata_fields(&metadata).into_iter().map(|(name, _, value, _)| (name, as_map(value))).collect();
            map.insert("IsRoot", is_root);
            map.into()
        }
    }
}

/// Structs as maps and typed lists as plain ones, in the way Helm 4 makes a map of the metadata.
fn as_map(value: Value) -> Value {
    match value {
        Value::List(list) => {
            let item = |item: &Value| match item {
                Value::Object(object) => {
                    let fields = object.fields().into_iter();
                    fields.map(|(name, value)| (name, as_map(value))).collect::<Map>().into()
                }
                item => item.clone(),
            };
            Value::List(List::any(list.items().iter().map(item).collect()))
        }
        value => value,
    }
}

struct ChartObject {
    metadata: Rc<MetadataObject>,
    is_root: bool,
}

impl Object for ChartObject {
    fn go_type(&self) -> &'static Named {
        &CHART
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "IsRoot" => Some(Value::Bool(self.is_root)),
            "Metadata" => Some(Value::Object(self.metadata.clone())),
            name => self.metadata.field(name),
        }
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Metadata", Value::Object(self.metadata.clone())), ("IsRoot", Value::Bool(self.is_root))]
    }

    fn json(&self) -> Option<Json> {
        let mut members = members(metadata_fields(&self.metadata.0));
        members.push(("IsRoot".into(), Value::Bool(self.is_root)));
        Some(Json::Members(members))
    }
}

struct MetadataObject(Metadata);

impl Object for MetadataObject {
    fn go_type(&self) -> &'static Named {
        &METADATA
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        let metadata = &self.0;
        Some(match name {
            "Name" => Value::from(&metadata.name),
            "Version" => Value::from(&metadata.version),
            "AppVersion" => Value::from(&metadata.app_version),
            name => metadata_fields(metadata).into_iter().find(|(field, ..)| *field == name)?.2,
        })
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        metadata_fields(&self.0).into_iter().map(|(name, _, value, _)| (name, value)).collect()
    }

    fn json(&self) -> Option<Json> {
        Some(Json::Members(members(metadata_fields(&self.0))))
    }
}

fn members(fields: Vec<Field>) -> Vec<(Str, Value)> {
    fields.into_iter().filter(|(.., omitted)| !omitted).map(|(_, name, value, _)| (name.into(), value)).collect()
}

fn text(name: &'static str, json: &'static str, text: &str) -> Field {
    (name, json, Value::from(text), text.is_empty())
}

fn texts(name: &'static str, json: &'static str, texts: &[String]) -> Field {
    let list = match texts {
        [] => List::nil(GoType::STRINGS),
        texts => List::strings(texts),
    };
    (name, json, list.into(), texts.is_empty())
}

fn objects<T>(
    name: &'static str,
    json: &'static str,
    go_type: &'static GoType,
    items: &[T],
    object: fn(&T) -> Value,
) -> Field {
    let list = match items {
        [] => List::nil(GoType::Slice(go_type)),
        items => List::of(GoType::Slice(go_type), items.iter().map(object).collect()),
    };
    (name, json, list.into(), items.is_empty())
}

fn metadata_fields(metadata: &Metadata) -> Vec<Field> {
    let annotations = match metadata.annotations.as_slice() {
        [] => Map::nil(STRING_MAP),
        annotations => {
            let map = Map::of(STRING_MAP);
            for (key, value) in annotations {
                map.insert(key, value);
            }
            map
        }
    };
    let maintainer: fn(&Maintainer) -> Value =
        |maintainer| Value::Object(Rc::new(MaintainerObject(maintainer.clone())));
    let dependency: fn(&Dependency) -> Value =
        |dependency| Value::Object(Rc::new(DependencyObject(dependency.clone())));
    let dependencies = metadata.dependencies.as_deref().unwrap_or_default();
    vec![
        text("Name", "name", &metadata.name),
        text("Home", "home", &metadata.home),
        texts("Sources", "sources", &metadata.sources),
        text("Version", "version", &metadata.version),
        text("Description", "description", &metadata.description),
        texts("Keywords", "keywords", &metadata.keywords),
        objects("Maintainers", "maintainers", &MAINTAINER_TYPE, &metadata.maintainers, maintainer),
        text("Icon", "icon", &metadata.icon),
        text("APIVersion", "apiVersion", &metadata.api_version),
        text("Condition", "condition", &metadata.condition),
        text("Tags", "tags", &metadata.tags),
        text("AppVersion", "appVersion", &metadata.app_version),
        ("Deprecated", "deprecated", Value::Bool(metadata.deprecated), !metadata.deprecated),
        ("Annotations", "annotations", annotations.into(), metadata.annotations.is_empty()),
        text("KubeVersion", "kubeVersion", &metadata.kube_version),
        objects("Dependencies", "dependencies", &DEPENDENCY_TYPE, dependencies, dependency),
        text("Type", "type", &metadata.kind),
    ]
}

struct MaintainerObject(Maintainer);

impl MaintainerObject {
    fn all(&self) -> Vec<Field> {
        let Maintainer { name, email, url } = &self.0;
        vec![text("Name", "name", name), text("Email", "email", email), text("URL", "url", url)]
    }
}

impl Object for MaintainerObject {
    fn go_type(&self) -> &'static Named {
        &MAINTAINER
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.all().into_iter().find(|(field, ..)| *field == name).map(|(_, _, value, _)| value)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        self.all().into_iter().map(|(name, _, value, _)| (name, value)).collect()
    }

    fn json(&self) -> Option<Json> {
        Some(Json::Members(members(self.all())))
    }
}

struct DependencyObject(Dependency);

impl DependencyObject {
    fn all(&self) -> Vec<Field> {
        let own = &self.0;
        let imports = match own.import_values.as_slice() {
            [] => List::nil(GoType::ANY_SLICE),
            imports => List::any(imports.to_vec()),
        };
        let (name, _, value, _) = text("Name", "name", &own.name);
        let (repository, _, url, _) = text("Repository", "repository", &own.repository);
        vec![
            (name, "name", value, false),
            text("Version", "version", &own.version),
            (repository, "repository", url, false),
            text("Condition", "condition", &own.condition),
            texts("Tags", "tags", &own.tags),
            ("Enabled", "enabled", Value::Bool(own.enabled), !own.enabled),
            ("ImportValues", "import-values", imports.into(), own.import_values.is_empty()),
            text("Alias", "alias", &own.alias),
        ]
    }
}

impl Object for DependencyObject {
    fn go_type(&self) -> &'static Named {
        &DEPENDENCY
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.all().into_iter().find(|(field, ..)| *field == name).map(|(_, _, value, _)| value)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        self.all().into_iter().map(|(name, _, value, _)| (name, value)).collect()
    }

    fn json(&self) -> Option<Json> {
        Some(Json::Members(members(self.all())))
    }
}
