//! What strategic merge needs to know of Kubernetes types: which lists are merged, and by which keys.
//!
//! `kubernetes.txt` holds it for the built-in types in a compact form (see its first lines); a file named by `openapi`
//! replaces it.

mod openapi;

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use hashbrown::HashMap;

use crate::table::{self, Table, compare_joined};

/// A field that leads to a merged list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Object(usize),
    Map(usize),
    List { keys: Vec<String>, element: Option<usize> },
}

/// The fields of a type by name.
type Fields = HashMap<String, Field>;

const KUBERNETES: &str = include_str!("kubernetes.txt");
/// Between the name of a resource and the number of its type.
const IS: &str = " = ";
static TABLE: Table<{ table::count(KUBERNETES) }> = Table::new(KUBERNETES, IS);

/// Types by number, and the numbers of resource types.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    types: Types,
    resources: Resources,
    /// Whether anything was looked up.
    is_used: Cell<bool>,
}

/// The numbers of resource types.
#[derive(Debug)]
enum Resources {
    /// So many lines at the start of the table.
    BuiltIn(usize),
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
            Resources::BuiltIn(count) => {
                TABLE.get_among(*count, |name| compare_joined(name, &[api_version, kind])).map(number)
            }
            Resources::Named(resources) => resources.get(&format!("{api_version}/{kind}")).copied(),
        }
    }

    fn named(&self) -> Box<dyn Iterator<Item = (&str, usize)> + '_> {
        match self {
            Resources::BuiltIn(count) => {
                let lines = TABLE.lines().take(*count).filter_map(|line| line.split_once(IS));
                Box::new(lines.map(|(name, id)| (name, number(id))))
            }
            Resources::Named(resources) => Box::new(resources.iter().map(|(name, id)| (name.as_str(), *id))),
        }
    }
}

/// Types by number.
#[derive(Debug)]
enum Types {
    /// Those of the table, whose lines start here: each is read from its line when something is merged with it.
    BuiltIn {
        first: usize,
        fields: Vec<OnceCell<Box<Fields>>>,
    },
    Named(Vec<Fields>),
}

impl Default for Types {
    fn default() -> Types {
        Types::Named(Vec::new())
    }
}

impl Types {
    fn fields(&self, id: usize) -> Option<&Fields> {
        match self {
            Types::BuiltIn { first, fields } => {
                let parse = || {
                    let fields = TABLE.line(first + id).split([' ']).filter_map(|field| field.split_once(['=']));
                    Box::new(fields.map(parse_field).collect())
                };
                Some(fields.get(id)?.get_or_init(parse))
            }
            Types::Named(fields) => fields.get(id),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Fields> {
        (0..self.len()).filter_map(|id| self.fields(id))
    }

    fn len(&self) -> usize {
        match self {
            Types::BuiltIn { fields, .. } => fields.len(),
            Types::Named(fields) => fields.len(),
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
        let field = self.schema.types.fields(id)?.get(name)?;
        Some(Position { schema: self.schema, place: Place::Field(field) })
    }

    /// The merge keys of this list: `None` when the list is replaced, none when its items are merged as values.
    pub(crate) fn merge_keys(&self) -> Option<&'a [String]> {
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

/// Types start with their number and come after the resources.
fn built_in() -> Schema {
    let resources = TABLE.partition_point(|line| !line.starts_with(|first: char| first.is_ascii_digit()));
    let fields = (resources..TABLE.len()).map(|_| OnceCell::new()).collect();
    let types = Types::BuiltIn { first: resources, fields };
    Schema { types, resources: Resources::BuiltIn(resources), ..Schema::default() }
}

fn number(text: &str) -> usize {
    text.parse().expect("the table refers to types by number")
}

fn parse_field((name, kind): (&str, &str)) -> (String, Field) {
    let field = if let Some(rest) = kind.strip_prefix('[') {
        let (keys, element) = rest.split_once(']').expect("a list closes its bracket");
        let keys = keys.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        Field::List { keys, element: (!element.is_empty()).then(|| number(element)) }
    } else if let Some(rest) = kind.strip_prefix('{') {
        Field::Map(number(rest.trim_end_matches('}')))
    } else {
        Field::Object(number(kind))
    };
    (name.to_owned(), field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(schema: &Schema, api_version: &str, kind: &str, path: &str) -> Option<Vec<String>> {
        let mut position = schema.resource(api_version, kind)?;
        for part in path.split('.') {
            position = if part == "[]" { position.element()? } else { position.field(part)? };
        }
        position.merge_keys().map(<[String]>::to_vec)
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
        for field in schema.types.all().flat_map(HashMap::values) {
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
