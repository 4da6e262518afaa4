//! Follows renames: fields that hold the name of a resource get its new name.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use hashbrown::HashMap;
use weir_yaml::{Kind, Node, Resolved, Rules, scalar_of};

use crate::config::{FieldSpec, NameReference};
use crate::edit::{set_field, set_scalar};
use crate::error::{Error, Result};
use crate::field::{Create, visit};
use crate::id::{ByKind, Gvk, GvkView, NO_NAMESPACE, ResId};
use crate::resmap::ResMap;
use crate::resource::Resource;

const ROLE_REF: &str = "roleRef/name";

/// Updates every field that refers to a resource by one of its old names.
pub(crate) fn fix_references(map: &mut ResMap, references: &[NameReference]) -> Result<()> {
    map.resources().iter().try_for_each(Resource::check_ids)?;
    let candidates = Candidates::new(map.resources());
    let mut by_kind: ByKind<Rc<[(&FieldSpec, &Gvk)]>> = ByKind::default();
    for position in 0..candidates.all.len() {
        let resource = &mut map.contents_mut()[position];
        let kind = resource.original_key().gvk;
        let fields = by_kind.get(kind, || fields_of(kind, references));
        if fields.is_empty() {
            continue;
        }
        let scope = Scope::new(&candidates, position, resource)?;
        check_kind(resource)?;
        for (field, target) in fields.iter() {
            let search =
                Search { scope: &scope, target, role: role_of(field, resource), ambiguous: RefCell::default() };
            let Err(error) = visit(resource, field, Create::Nothing, &mut |node| search.set(node)) else { continue };
            let error = error.ending_with(&describe_ambiguous(map.resources(), position, &search.ambiguous.borrow()));
            let id = &candidates.all[position].id;
            return Err(error.during(format!("updating name reference in '{}' field of '{id}'", field.path)));
        }
    }
    Ok(())
}

/// A null in place of the kind is a text to one part of the original, and nothing to the other.
fn check_kind(resource: &Resource) -> Result<()> {
    for (name, field) in [("APIVersion", "apiVersion"), ("Kind", "kind")] {
        let found = resource.node.get(field).filter(|value| value.is_null() && !value.text().is_empty());
        if let Some(found) = found {
            return Err(Error::refused(format!("node-referrerOriginal '{name}' mismatch '' != '{}'", found.text())));
        }
    }
    Ok(())
}

/// The resources that a name may mean, behind the message that says so.
fn describe_ambiguous(resources: &[Resource], referrer: usize, positions: &[usize]) -> String {
    if positions.is_empty() {
        return String::new();
    }
    let yaml = |position: usize| resources[position].noted().to_yaml().unwrap_or_default();
    let mut text = format!("\n\n**** Too many possible referral targets to referrer:\n{}\n", yaml(referrer));
    for (number, position) in positions.iter().enumerate() {
        text += &format!("--- possible referral {number}:\n{}\n", yaml(*position));
    }
    text
}

fn fields_of<'a>(kind: GvkView<'_>, references: &'a [NameReference]) -> Rc<[(&'a FieldSpec, &'a Gvk)]> {
    let all = references.iter().flat_map(|reference| reference.fields.iter().map(|field| (field, &reference.target)));
    all.filter(|(field, _)| kind.is_selected_by(&field.gvk)).collect()
}

/// What a role binding says about the kind of its role.
fn role_of(field: &FieldSpec, resource: &Resource) -> Option<Gvk> {
    if !field.path.ends_with(ROLE_REF) {
        return None;
    }
    let part = |name| resource.node.lookup(&["roleRef", name]).map(|node| node.text().to_owned());
    Some(Gvk::of(part("apiGroup")?, "", part("kind")?))
}

/// What is known of a resource that something may refer to.
struct Candidate {
    id: ResId,
    previous: Vec<ResId>,
    original_namespace: String,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

struct Candidates {
    all: Vec<Candidate>,
    by_old_name: HashMap<String, Vec<usize>>,
    by_original_namespace: HashMap<String, Vec<usize>>,
}

impl Candidates {
    fn new(resources: &[Resource]) -> Candidates {
        let mut candidates = Candidates {
            all: Vec::with_capacity(resources.len()),
            by_old_name: HashMap::new(),
            by_original_namespace: HashMap::new(),
        };
        for (position, resource) in resources.iter().enumerate() {
            let candidate = Candidate {
                id: resource.id(),
                previous: resource.previous_ids().collect(),
                original_namespace: resource.original_id().effective_namespace().to_owned(),
                prefixes: resource.prefixes.clone(),
                suffixes: resource.suffixes.clone(),
            };
            let old_names: BTreeSet<&str> = candidate.previous.iter().map(|id| id.name.as_str()).collect();
            for name in old_names {
                candidates.by_old_name.entry(name.to_owned()).or_default().push(position);
            }
            candidates.by_original_namespace.entry(candidate.original_namespace.clone()).or_default().push(position);
            candidates.all.push(candidate);
        }
        candidates
    }
}

/// What one resource can refer to.
struct Scope<'a> {
    candidates: &'a Candidates,
    referrer: &'a Candidate,
    /// Namespaces of the service accounts that a role binding names.
    extra_namespaces: BTreeSet<String>,
}

impl<'a> Scope<'a> {
    fn new(candidates: &'a Candidates, position: usize, resource: &Resource) -> Result<Scope<'a>> {
        let extra_namespaces = account_namespaces(resource)?;
        Ok(Scope { candidates, referrer: &candidates.all[position], extra_namespaces })
    }

    fn includes(&self, candidate: &Candidate) -> bool {
        self.referrer.id.is_cluster_scoped
            || candidate.id.is_cluster_scoped
            || candidate.id.is_same_namespace(&self.referrer.id)
            || self.extra_namespaces.contains(&candidate.id.namespace)
    }
}

fn account_namespaces(resource: &Resource) -> Result<BTreeSet<String>> {
    let mut namespaces = BTreeSet::new();
    if resource.kind() != "RoleBinding" {
        return Ok(namespaces);
    }
    for subject in resource.node.get("subjects").map_or(&[][..], Node::items) {
        if !subject.is_mapping() {
            return Err(Error::refused("a subject of a role binding is not a mapping"));
        }
        let (Some(kind), Some(namespace)) = (subject.get("kind"), subject.get("namespace")) else { continue };
        let Some(kind) = text(kind) else {
            let found = go_type(kind);
            return Err(Error::refused(format!("interface conversion: interface {{}} is {found}, not string")));
        };
        if kind != "ServiceAccount" {
            continue;
        }
        let Some(namespace) = text(namespace) else {
            let id = resource.id();
            return Err(Error::refused(format!("Invalid Input: namespace is blank for resource \"{id}\"\n")));
        };
        namespaces.insert(namespace.to_owned());
    }
    Ok(namespaces)
}

/// What Go decodes a value into that is no text.
fn go_type(node: &Node) -> &'static str {
    match (&node.kind, scalar_of(node, Rules::Yaml12)) {
        (Kind::Mapping(_), _) => "map[string]interface {}",
        (Kind::Sequence(_), _) => "[]interface {}",
        (_, Ok(Resolved::Bool(_))) => "bool",
        (_, Ok(Resolved::Int(_) | Resolved::Uint(_))) => "int",
        (_, Ok(Resolved::Float(_))) => "float64",
        _ => "nil",
    }
}

/// The text of a value that is one, and no number or the like.
fn text(node: &Node) -> Option<&str> {
    let is_text = matches!(scalar_of(node, Rules::Yaml12), Ok(Resolved::Str));
    is_text.then(|| node.text())
}

struct Search<'a> {
    scope: &'a Scope<'a>,
    target: &'a Gvk,
    role: Option<Gvk>,
    /// The positions of resources that one name may mean, when that is why it was refused.
    ambiguous: RefCell<Vec<usize>>,
}

impl Search<'_> {
    fn set(&self, node: &mut Node) -> Result<()> {
        if node.is_null() {
            return Ok(());
        }
        if node.is_scalar() {
            return self.set_name(node);
        }
        if node.is_mapping() {
            return self.set_name_and_namespace(node);
        }
        node.items_mut().into_iter().flatten().try_for_each(|item| match () {
            () if item.is_null() => Ok(()),
            () if item.is_scalar() => self.set_name(item),
            () if item.is_mapping() => self.set_name_and_namespace(item),
            () => Err(Error::refused("node is expected to be either a string or a map of string")),
        })
    }

    fn set_name(&self, node: &mut Node) -> Result<()> {
        let Some(found) = self.find(node.text(), |_| true, |a, b| a.name == b.name)? else { return Ok(()) };
        if found.id.name == node.text() {
            return Ok(());
        }
        set_scalar(node, Node::scalar(found.id.name.clone()))
    }

    fn set_name_and_namespace(&self, node: &mut Node) -> Result<()> {
        let Some(name) = node.get("name") else {
            return Err(Error::refused("path config error; no 'name' field in node"));
        };
        let old_name = name.text().to_owned();
        let namespace = node.get("namespace").map(|namespace| namespace.text().to_owned());
        let by_original = namespace.as_ref().is_some_and(|namespace| self.is_original_namespace(namespace));
        let in_namespace = |candidate: &Candidate| match &namespace {
            None => true,
            Some(namespace) if namespace == NO_NAMESPACE => false,
            Some(namespace) if by_original => candidate.original_namespace == *namespace,
            Some(namespace) => candidate.id.effective_namespace() == namespace,
        };
        let same = |a: &ResId, b: &ResId| a.name == b.name && a.namespace == b.namespace;
        let Some(found) = self.find(&old_name, in_namespace, same)? else { return Ok(()) };
        if found.id.name != old_name || !found.id.namespace.is_empty() {
            set_field(node, "name", Some(Node::scalar(found.id.name.clone())))?;
            if !found.id.namespace.is_empty() {
                set_field(node, "namespace", Some(Node::scalar(found.id.namespace.clone())))?;
            }
        }
        Ok(())
    }

    /// Whether anything in reach was in this namespace at first; then present namespaces do not count.
    fn is_original_namespace(&self, namespace: &str) -> bool {
        let candidates = self.scope.candidates;
        let positions = candidates.by_original_namespace.get(namespace).map_or(&[][..], Vec::as_slice);
        namespace != NO_NAMESPACE && positions.iter().any(|position| self.scope.includes(&candidates.all[*position]))
    }

    /// The resource that an old name means, narrowed down until one is left.
    fn find(
        &self,
        old_name: &str,
        in_namespace: impl Fn(&Candidate) -> bool,
        same: impl Fn(&ResId, &ResId) -> bool,
    ) -> Result<Option<&Candidate>> {
        let candidates = self.scope.candidates;
        let positions = candidates.by_old_name.get(old_name).map_or(&[][..], Vec::as_slice);
        let all = positions.iter().map(|position| (*position, &candidates.all[*position]));
        let fits = |(_, candidate): &(usize, &Candidate)| {
            self.scope.includes(candidate)
                && in_namespace(candidate)
                && self.is_of_kind(candidate)
                && self.is_near(candidate)
        };
        let mut found: Vec<(usize, &Candidate)> = all.filter(fits).collect();
        if found.len() != 1 {
            found.retain(|(_, candidate)| self.has_same_affixes(candidate, true));
        }
        if found.len() > 1 {
            found.retain(|(_, candidate)| self.has_same_affixes(candidate, false));
        }
        match found[..] {
            [] => Ok(None),
            [(_, first), ref others @ ..] if others.iter().all(|(_, other)| same(&first.id, &other.id)) => {
                Ok(Some(first))
            }
            _ => {
                let ids: Vec<String> = found.iter().map(|(_, candidate)| candidate.id.to_string()).collect();
                self.ambiguous.replace(found.iter().map(|(position, _)| *position).collect());
                Err(Error::refused(format!("found multiple possible referrals: {}", ids.join(", "))))
            }
        }
    }

    fn is_of_kind(&self, candidate: &Candidate) -> bool {
        let was = |gvk: &Gvk| candidate.previous.iter().any(|id| id.gvk.is_selected_by(gvk));
        was(self.target) && self.role.as_ref().is_none_or(was)
    }

    /// Namespaced resources refer to their own namespace, except to service accounts.
    fn is_near(&self, candidate: &Candidate) -> bool {
        let referrer = &self.scope.referrer.id;
        referrer.is_cluster_scoped
            || candidate.id.is_cluster_scoped
            || candidate.id.gvk.kind == "ServiceAccount"
            || referrer.is_same_namespace(&candidate.id)
    }

    fn has_same_affixes(&self, candidate: &Candidate, allow_none: bool) -> bool {
        let same = |a: &[String], b: &[String]| (allow_none && (a.is_empty() || b.is_empty())) || same_ending(a, b);
        let referrer = self.scope.referrer;
        same(&candidate.prefixes, &referrer.prefixes) && same(&candidate.suffixes, &referrer.suffixes)
    }
}

/// Whether the shorter list ends the longer one; an empty list only ends an empty one.
fn same_ending(a: &[String], b: &[String]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() { long.is_empty() } else { long.ends_with(short) }
}
