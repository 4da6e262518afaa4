use std::collections::HashMap;

use weir_yaml::{Kind, Node};

use super::Transformer;
use crate::config::FieldSpec;
use crate::edit::{set_field, set_scalar, wrong_kind};
use crate::error::{During, Error, Result};
use crate::field::{Create, Fields, visit};
use crate::generators::HELM_GENERATED;
use crate::id::Key;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;

const METADATA_NAMESPACE: &str = "metadata/namespace";
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
    pub(crate) fields: Vec<FieldSpec>,
    /// Leaves namespaces alone that are set already.
    pub(crate) unset_only: bool,
    pub(crate) subjects: SubjectMode,
}

impl Transformer for Namespace {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let relevant: Vec<FieldSpec> =
            self.fields.iter().filter(|spec| &*spec.path != METADATA_NAMESPACE).cloned().collect();
        let mut fields = Fields::new(&relevant);
        let mut ids = Ids::of(map.resources());
        let count = map.resources().len();
        let resources = map.resources_mut();
        for position in 0..count {
            let resource = &mut resources[position];
            if resource.node.is_empty() || resource.annotation(HELM_GENERATED) == Some("true") {
                continue;
            }
            resource.remember_id();
            let before = resource.id().key();
            self.apply(resource, &mut fields)?;
            if ids.replace(&before, resource.id().key()) > 1 {
                return Err(conflict(resources, &resources[position].id().key()));
            }
        }
        Ok(())
    }
}

/// How often each id is there.
struct Ids(HashMap<Key, usize>);

impl Ids {
    fn of(resources: &[Resource]) -> Ids {
        let mut ids = HashMap::with_capacity(resources.len());
        for resource in resources {
            *ids.entry(resource.id().key()).or_default() += 1;
        }
        Ids(ids)
    }

    /// How often the new id is there then.
    fn replace(&mut self, old: &Key, new: Key) -> usize {
        if let Some(count) = self.0.get_mut(old) {
            *count -= 1;
        }
        let count = self.0.entry(new).or_default();
        *count += 1;
        *count
    }
}

fn conflict(resources: &[Resource], key: &Key) -> Error {
    let same = resources.iter().filter(|resource| resource.id().key() == *key);
    let shown: Vec<String> = same.map(Resource::describe).collect();
    Error::refused(format!("namespace transformation produces ID conflict: [{}]", shown.join(" ")))
}

impl Namespace {
    /// Sets the namespace of a single resource.
    pub(crate) fn apply(&self, resource: &mut Resource, fields: &mut Fields<'_>) -> Result<()> {
        let gvk = resource.gvk();
        if !gvk.is_cluster_scoped() {
            visit(resource, &FieldSpec::everywhere(METADATA_NAMESPACE), Create::String, &mut |node| self.set(node))?;
        }
        let is_binding = matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
        if is_binding {
            self.set_subjects(resource).during(|| "setting namespace on (cluster)role binding subjects")?;
        }
        let is_core = resource.api_version() == "v1";
        for spec in fields.of(&gvk).iter() {
            let is_subject = is_binding && &*spec.path == SUBJECTS_NAMESPACE && !spec.gvk.kind.is_empty();
            if is_subject || (&*spec.path == METADATA_NAME && !is_core) {
                continue;
            }
            visit(resource, spec, Create::String, &mut |node| self.set(node))
                .during(|| "namespace transformation failed")?;
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
