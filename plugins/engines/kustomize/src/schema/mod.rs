//! What strategic merge needs to know of Kubernetes types: which lists are merged, and by which keys.
//!
//! `kubernetes.txt` holds it for the built-in types in a compact form (see its first lines); a file named by `openapi`
//! replaces it.

mod built_in;
mod openapi;

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use hashbrown::HashMap;

use crate::table::compare_joined;
use built_in::{IS, RESOURCES, TABLE, TYPES, number};

/// A field that leads to a merged list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Object(usize),
    Map(usize),
    List { keys: Cow<'static, [MergeKey]>, element: Option<usize> },
}

#[derive(Clone, Debug)]
struct NamedField {
    name: Cow<'static, str>,
    field: Field,
}

/// The fields of a type, sorted by name.
type Fields = Cow<'static, [NamedField]>;
/// A merge key: the field that tells the items of a list apart.
pub(crate) type MergeKey = Cow<'static, str>;

/// Types by number, and the numbers of resource types.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    types: Cow<'static, [Fields]>,
    resources: Resources,
    /// Whether anything was looked up.
    is_used: Cell<bool>,
}

/// The numbers of resource types.
#[derive(Debug)]
enum Resources {
    BuiltIn,
    Named(HashMap<String, usize>),
}

impl Default for Resources {
    fn default() -> Resources {
        Resources::Named(HashMap::new())
    }
}

impl Resources {
    /// They are named `GROUP/VERSION/KIND`.
    fn get(&self, api_version: &str, kind: &str) -> Option<usize> {
        match self {
            Resources::BuiltIn => {
                TABLE.get_among(RESOURCES, |name| compare_joined(name, &[api_version, kind])).map(number)
            }
            Resources::Named(resources) => resources.get(&format!("{api_version}/{kind}")).copied(),
        }
    }

    fn named(&self) -> Box<dyn Iterator<Item = (&str, usize)> + '_> {
        match self {
            Resources::BuiltIn => {
                let lines = TABLE.lines().take(RESOURCES).filter_map(|line| line.split_once(IS));
                Box::new(lines.map(|(name, id)| (name, number(id))))
            }
            Resources::Named(resources) => Box::new(resources.iter().map(|(name, id)| (name.as_str(), *id))),
        }
    }
}

/// Where in a schema a node is.
#[derive(Clone, Copy)]
pub(crate) struct Position<'a> {
    schema: &'a Schema,
    place: Place<'a>,
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Type(usize),
    Field(&'a Field),
}

impl Schema {
    /// The types built into kustomize.
    pub(crate) fn kubernetes() -> Rc<Schema> {
        thread_local!(static SCHEMA: OnceCell<Rc<Schema>> = const { OnceCell::new() });
        let built_in =
            || Schema { types: Cow::Borrowed(&TYPES), resources: Resources::BuiltIn, is_used: Cell::default() };
        SCHEMA.with(|cell| cell.get_or_init(|| Rc::new(built_in())).clone())
    }

    /// Whether a type was looked up since the last [`Schema::forget_use`].
    pub(crate) fn is_used(&self) -> bool {
        self.is_used.get()
    }

    pub(crate) fn forget_use(&self) {
        self.is_used.set(false);
    }

    /// Whether resources of this kind have a type here.
    pub(crate) fn knows(&self, api_version: &str, kind: &str) -> bool {
        self.resources.get(api_version, kind).is_some()
    }

    /// The type of a resource, when it is known.
    pub(crate) fn resource(&self, api_version: &str, kind: &str) -> Option<Position<'_>> {
        self.is_used.set(true);
        let id = self.resources.get(api_version, kind)?;
        Some(Position { schema: self, place: Place::Type(id) })
    }
}

impl<'a> Position<'a> {
    /// The position of a field, when something below it is merged in a special way.
    pub(crate) fn field(&self, name: &str) -> Option<Position<'a>> {
        let id = match self.place {
            Place::Type(id) => id,
            Place::Field(Field::Object(id)) => *id,
            Place::Field(Field::Map(id)) => return Some(Position { place: Place::Type(*id), ..*self }),
            Place::Field(Field::List { .. }) => return None,
        };
        let fields = self.schema.types.get(id)?;
        let at = fields.binary_search_by(|field| (*field.name).cmp(name)).ok()?;
        Some(Position { schema: self.schema, place: Place::Field(&fields[at].field) })
    }

    /// The merge keys of this list: `None` when the list is replaced, none when its items are merged as values.
    pub(crate) fn merge_keys(&self) -> Option<&'a [MergeKey]> {
        match self.place {
            Place::Field(Field::List { keys, .. }) => Some(keys),
            _ => None,
        }
    }

    /// The position of the items of this list.
    pub(crate) fn element(&self) -> Option<Position<'a>> {
        match self.place {
            Place::Field(Field::List { element: Some(id), .. }) => {
                Some(Position { schema: self.schema, place: Place::Type(*id) })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(schema: &Schema, api_version: &str, kind: &str, path: &str) -> Option<Vec<String>> {
        let mut position = schema.resource(api_version, kind)?;
        for part in path.split('.') {
            position = if part == "[]" { position.element()? } else { position.field(part)? };
        }
        position.merge_keys().map(|keys| keys.iter().map(|key| key.to_string()).collect())
    }

    /// The table is as its generator writes it: kinds by name, each once, then all types in order with their fields sorted.
    #[test]
    fn the_table_is_in_its_generators_form() {
        let table = include_str!("kubernetes.txt");
        let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
        let (kinds, types): (Vec<&str>, Vec<&str>) = lines.iter().partition(|line| line.contains(" = "));
        assert_eq!([&kinds[..], &types].concat(), lines, "kinds come first");
        let names: Vec<&str> = kinds.iter().map(|line| line.split_once(IS).unwrap().0).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "kinds are sorted, none is there twice");
        for (at, line) in types.iter().enumerate() {
            let (id, fields) = line.split_once(':').unwrap();
            assert_eq!(number(id), at, "{line}");
            let fields: Vec<&str> = fields.split(' ').skip(1).map(|field| field.split_once('=').unwrap().0).collect();
            assert!(fields.windows(2).all(|pair| pair[0] < pair[1]), "{line}");
        }
        let schema = Schema::kubernetes();
        let known = |id: usize| assert!(id < schema.types.len(), "there is no type {id}");
        schema.resources.named().for_each(|(_, id)| known(id));
        let is_found = |name: &&str| name.rsplit_once('/').is_some_and(|(of, kind)| schema.knows(of, kind));
        assert!(names.iter().all(is_found));
        let read: usize = schema.types.iter().map(|fields| fields.len()).sum();
        assert_eq!(read, types.iter().map(|line| line.matches('=').count()).sum::<usize>());
        for NamedField { field, .. } in schema.types.iter().flat_map(|fields| fields.iter()) {
            match field {
                Field::Object(id) | Field::Map(id) | Field::List { element: Some(id), .. } => known(*id),
                Field::List { element: None, .. } => {}
            }
        }
    }

    #[test]
    fn built_in_types() {
        let schema = Schema::kubernetes();
        for (kind, path, expected) in [
            ("Deployment", "spec.template.spec.containers", Some(vec!["name"])),
            ("Deployment", "spec.template.spec.containers.[].ports", Some(vec!["containerPort", "protocol"])),
            ("Deployment", "spec.template.spec.containers.[].env", Some(vec!["name"])),
            ("Deployment", "spec.template.spec.containers.[].args", None),
            ("StatefulSet", "spec.template.spec.volumes", Some(vec!["name"])),
            ("Deployment", "metadata.finalizers", Some(vec![])),
        ] {
            let expected = expected.map(|keys| keys.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(keys(&schema, "apps/v1", kind, path), expected, "{kind} {path}");
        }
        assert!(schema.resource("example.com/v1", "Deployment").is_none());
    }
}
