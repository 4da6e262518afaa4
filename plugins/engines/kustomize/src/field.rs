//! Finds the fields that a specification names in a resource, and creates them where it says so.

use std::rc::Rc;

use weir_yaml::{Kind, Node, Tag};

use crate::config::{FieldSpec, Segment};
use crate::error::{During, Error, Result};
use crate::id::{ByKind, GvkView};
use crate::resource::Resource;
use crate::transformers::lookup;

/// The path of all annotations.
pub(crate) const ANNOTATIONS: &str = "metadata/annotations";

/// What a missing field at the end of a path becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Create {
    Nothing,
    Mapping,
    /// A scalar; a null takes this tag.
    String,
    Int,
}

/// The fields that concern each kind, looked up once per kind.
pub(crate) struct Fields<'a> {
    specs: &'a [FieldSpec],
    by_kind: ByKind<Rc<[&'a FieldSpec]>>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(specs: &'a [FieldSpec]) -> Self {
        Fields { specs, by_kind: ByKind::default() }
    }

    pub(crate) fn of(&mut self, gvk: GvkView<'_>) -> Rc<[&'a FieldSpec]> {
        let specs = self.specs;
        self.by_kind.get(gvk, || specs.iter().filter(|spec| gvk.is_selected_by(&spec.gvk)).collect())
    }
}

/// Calls `set` on each node that the specification names in this resource, whose kind already matches. Entries that are
/// linked to what it changes change as well.
pub(crate) fn visit(
    resource: &mut Resource,
    spec: &FieldSpec,
    create: Create,
    set: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    if !resource.has_links_above(spec.segments()) {
        return visit_alone(resource, spec, create, set);
    }
    resource.edit_linked(|resource| visit_alone(resource, spec, create, set))
}

/// As [`visit`], without a thought of links.
pub(crate) fn visit_alone(
    resource: &mut Resource,
    spec: &FieldSpec,
    create: Create,
    set: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    let create = if spec.create { create } else { Create::Nothing };
    if spec.segments().len() == 2 && &*spec.path == ANNOTATIONS {
        resource.make_field_of_notes();
    }
    let mut walk = Walk { create, set };
    let Err(error) = walk.node(&mut resource.node, spec.segments()) else { return Ok(()) };
    let error = resource.show_notes(error, |noted| walk.node(noted, spec.segments()));
    Err(error.during(format!("considering field '{}' of object {}", spec.path, resource.id())))
}

struct Walk<'a> {
    create: Create,
    set: &'a mut dyn FnMut(&mut Node) -> Result<()>,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node, path: &[Segment]) -> Result<()> {
        if path.is_empty() {
            return (self.set)(node);
        }
        if node.is_null() {
            return Ok(());
        }
        match &mut node.kind {
            Kind::Sequence(items) => items.iter_mut().try_for_each(|item| self.node(item, path)).during(|| {
                let names: Vec<&str> = path.iter().map(|segment| &*segment.name).collect();
                format!("visit traversal on path: [{}]", names.join(" "))
            }),
            Kind::Mapping(_) => self.mapping(node, path),
            Kind::Scalar(_) => Err(Error::refused("expected sequence or mapping node")),
        }
    }

    fn mapping(&mut self, node: &mut Node, path: &[Segment]) -> Result<()> {
        let segment = &path[0];
        if segment.name.is_empty() {
            return Err(Error::refused("cannot set or create an empty field name"));
        }
        if segment.is_for_items {
            let name = [segment.name.clone().into_owned()];
            return lookup(node, &name).map(drop).during(|| format!("fieldName: {}", segment.name));
        }
        let is_last = path.len() == 1;
        let kind = match self.create {
            _ if segment.is_list => None,
            Create::Nothing => None,
            create if is_last => Some(create),
            _ => Some(Create::Mapping),
        };
        if node.get(&segment.name).is_none() {
            match kind {
                None => return Ok(()),
                Some(kind) => node.push(&*segment.name, new_node(kind)),
            }
        }
        let Some(field) = node.get_mut(&segment.name) else { return Ok(()) };
        if field.is_null() {
            fill_null(field, kind, segment.is_list);
        }
        self.node(field, &path[1..])
    }
}

fn new_node(kind: Create) -> Node {
    if kind == Create::Mapping { Node::mapping() } else { Node::scalar("") }
}

/// A null where a value belongs takes the shape of that value.
fn fill_null(field: &mut Node, kind: Option<Create>, is_list: bool) {
    match kind {
        _ if is_list => *field = Node { tag: Tag::Seq, ..Node::sequence() },
        Some(Create::Mapping) => *field = Node { tag: Tag::Map, ..Node::mapping() },
        Some(Create::String) => field.tag = Tag::Str,
        Some(Create::Int) => field.tag = Tag::Int,
        Some(Create::Nothing) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::set_scalar;
    use crate::id::Gvk;
    use crate::read::resources;

    fn check(path: &str, create: bool, text: &str, expected: &str) {
        let head = "apiVersion: v1\nkind: A\nmetadata:\n  name: n\n";
        let mut resource = resources(&format!("{head}{text}")).unwrap().remove(0);
        let spec = FieldSpec::new(Gvk::default(), path.to_owned(), create);
        let mut set = |node: &mut Node| set_scalar(node, Node::scalar("NEW"));
        let outcome = visit(&mut resource, &spec, Create::String, &mut set);
        let actual = match outcome {
            Ok(()) => weir_yaml::to_string(&resource.node).replacen(head, "", 1),
            Err(error) => error.chain(),
        };
        assert_eq!(actual, expected, "{path} in {text}");
    }

    #[test]
    fn paths() {
        check("a/b", false, "a:\n  b: x\n", "a:\n  b: NEW\n");
        check("a/b", false, "a:\n  c: x\n", "a:\n  c: x\n");
        check("a/b", true, "c: x\n", "c: x\na:\n  b: NEW\n");
        check("l/b", false, "l:\n- b: x\n- c: y\n", "l:\n- b: NEW\n- c: y\n");
        check("l[]/b", true, "l:\n- b: x\n", "l:\n- b: NEW\n");
        check("l[]/b", true, "c: x\n", "c: x\n");
        let refused = |path: &str, reason: &str| {
            format!("considering field '{path}' of object A.v1.[noGrp]/n.[noNs]: fieldName: {reason}")
        };
        check("a/*", false, "a: {}\n", &refused("a/*", "*: wildcard is not supported in PathGetter"));
        let kind = "0: wrong node kind: expected SequenceNode but got MappingNode: node contents:\nb: x\n";
        check("a/0", true, "a:\n  b: x\n", &refused("a/0", kind));
        check("a/-1", true, "a: {}\n", &refused("a/-1", "-1: array index -1 cannot be negative"));
        check(
            "a/b",
            false,
            "a: x\n",
            "considering field 'a/b' of object A.v1.[noGrp]/n.[noNs]: expected sequence or mapping node",
        );
    }
}
