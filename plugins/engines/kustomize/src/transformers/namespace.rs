use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap};
use weir_yaml::{Kind, Node};

use super::Transformer;
use crate::config::{FieldSpec, FieldSpecs, Segment};
use crate::edit::{set_field, set_scalar, wrong_kind};
use crate::error::{During, Error, Result};
use crate::field::{Create, Fields, visit};
use crate::generators::HELM_GENERATED;
use crate::id::Key;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;

static METADATA_NAMESPACE: FieldSpec = FieldSpec::everywhere(
    "metadata/namespace",
    const { &[Segment::built_in("metadata"), Segment::built_in("namespace")] },
);
const METADATA_NAME: &str = "metadata/name";
const SUBJECTS_NAMESPACE: &str = "subjects/namespace";

/// Which subjects of role bindings get the namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SubjectMode {
    /// The one called `default`.
    #[default]
    DefaultOnly,
    AllServiceAccounts,
    None,
}

impl SubjectMode {
    pub(crate) fn parse(text: &str) -> Result<SubjectMode> {
        match text {
            "" | "defaultOnly" => Ok(SubjectMode::DefaultOnly),
            "allServiceAccounts" => Ok(SubjectMode::AllServiceAccounts),
            "none" => Ok(SubjectMode::None),
            other => Err(Error::refused(format!(
                "invalid value {other:?} for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or \
                 \"allServiceAccounts\""
            ))),
        }
    }
}

/// Moves every namespaced resource to a namespace.
pub(crate) struct Namespace {
    pub(crate) namespace: String,
    pub(crate) fields: FieldSpecs,
    /// Leaves namespaces alone that are set already.
    pub(crate) unset_only: bool,
    pub(crate) subjects: SubjectMode,
}

impl Transformer for Namespace {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let mut fields = Fields::new(&self.fields);
        let mut ids = Ids::of(map.resources());
        let count = map.resources().len();
        let resources = map.resources_mut();
        for position in 0..count {
            let resource = &mut resources[position];
            if resource.node.is_empty() || resource.annotation(HELM_GENERATED) == Some("true") {
                continue;
            }
            resource.remember_id();
            let before = ids.hash(resource);
            self.apply(resource, &mut fields)?;
            let after = ids.hash(resource);
            if ids.replace(before, after) {
                check_conflict(resources, resources[position].key())?;
            }
        }
        Ok(())
    }
}

/// How often each id is there, by its hash.
struct Ids {
    counts: HashMap<u64, usize>,
    hasher: DefaultHashBuilder,
}

impl Ids {
    fn of(resources: &[Resource]) -> Ids {
        let mut ids = Ids { counts: HashMap::with_capacity(resources.len()), hasher: DefaultHashBuilder::default() };
        for resource in resources {
            let hash = ids.hash(resource);
            *ids.counts.entry(hash).or_default() += 1;
        }
        ids
    }

    fn hash(&self, resource: &Resource) -> u64 {
        self.hasher.hash_one(resource.key())
    }

    /// Whether others may have the new id then.
    fn replace(&mut self, old: u64, new: u64) -> bool {
        if let Some(count) = self.counts.get_mut(&old) {
            *count -= 1;
        }
        let count = self.counts.entry(new).or_default();
        *count += 1;
        *count > 1
    }
}

fn check_conflict(resources: &[Resource], key: Key<'_>) -> Result<()> {
    let same: Vec<&Resource> = resources.iter().filter(|resource| resource.key() == key).collect();
    if same.len() < 2 {
        return Ok(());
    }
    let shown: Vec<String> = same.into_iter().map(Resource::describe).collect();
    Err(Error::refused(format!("namespace transformation produces ID conflict: [{}]", shown.join(" "))))
}

impl Namespace {
    /// Sets the namespace of a single resource.
    pub(crate) fn apply(&self, resource: &mut Resource, fields: &mut Fields<'_>) -> Result<()> {
        let gvk = resource.gvk();
        let specs = fields.of(gvk);
        let is_binding = matches!(gvk.kind, "RoleBinding" | "ClusterRoleBinding");
        if !gvk.is_cluster_scoped() {
            visit(resource, &METADATA_NAMESPACE, Create::String, &mut |node| self.set(node))?;
        }
        if is_binding {
            self.set_subjects(resource).during(|| "setting namespace on (cluster)role binding subjects")?;
        }
        let is_core = resource.api_version() == "v1";
        for spec in specs.iter() {
            let is_subject = is_binding && &*spec.path == SUBJECTS_NAMESPACE && !spec.gvk.kind.is_empty();
            let is_done = spec.path == METADATA_NAMESPACE.path;
            if is_done || is_subject || (&*spec.path == METADATA_NAME && !is_core) {
                continue;
            }
            visit(resource, spec, Create::String, &mut |node| self.set(node)).map_err(|error| {
                let is_collection = matches!(error.cause(), Error::WrongKind { found, .. } if *found != "ScalarNode");
                error.during(if is_collection {
                    "namespace field specs must target scalar nodes"
                } else {
                    "namespace transformation failed"
                })
            })?;
        }
        Ok(())
    }

    fn set(&self, node: &mut Node) -> Result<()> {
        if self.unset_only && node.is_scalar() && !node.is_null() && !node.text().is_empty() {
            return Ok(());
        }
        set_scalar(node, Node::string(self.namespace.clone()))
    }

    fn set_subjects(&self, resource: &mut Resource) -> Result<()> {
        let (field, wanted) = match self.subjects {
            SubjectMode::None => return Ok(()),
            SubjectMode::DefaultOnly => ("name", "default"),
            SubjectMode::AllServiceAccounts => ("kind", "ServiceAccount"),
        };
        let Some(subjects) = resource.node.get_mut("subjects").filter(|subjects| !subjects.is_null()) else {
            return Ok(());
        };
        let Kind::Sequence(items) = &mut subjects.kind else { return Err(wrong_kind("SequenceNode", subjects)) };
        for subject in items.iter_mut() {
            if !subject.is_mapping() && !subject.is_null() {
                return Err(wrong_kind("MappingNode", subject))
                    .during(|| format!("looking up {field} on (cluster)role binding subject"));
            }
            if subject.get(field).is_some_and(|value| value.text() == wanted) {
                self.set_subject(subject)?;
            }
        }
        Ok(())
    }

    fn set_subject(&self, subject: &mut Node) -> Result<()> {
        match subject.get_mut("namespace") {
            Some(node) => self.set(node),
            None => set_field(subject, "namespace", Some(Node::string(self.namespace.clone()))),
        }
    }
}
