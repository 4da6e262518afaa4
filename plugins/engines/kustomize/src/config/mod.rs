//! Which fields hold names, labels, images and so on: the defaults, and what `configurations` and `crds` add.

mod crds;
mod defaults;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;
use std::rc::Rc;

use serde::Deserialize;

use crate::edit::split_path;
use crate::error::{Error, Result};
use crate::id::Gvk;
use crate::order::sort_by_kind;

pub(crate) use crds::from_crds;
pub(crate) use defaults::defaults;

/// One step of a field path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) name: Cow<'static, str>,
    /// Written `name[]`: the field is a list, which is never created.
    pub(crate) is_list: bool,
    /// Finds items rather than fields, which a mapping has none of; lists need no such step.
    pub(crate) is_for_items: bool,
}

impl Segment {
    fn new(part: Cow<'static, str>) -> Segment {
        let (name, is_list) = match part.strip_suffix("[]") {
            Some(name) => (Cow::Owned(name.to_owned()), true),
            None => (part, false),
        };
        // Nearly all names start with a letter.
        let may_be_for_items = !name.starts_with(|first: char| first.is_ascii_alphabetic());
        let is_for_items =
            may_be_for_items && (matches!(&*name, "-" | "*") || name.starts_with('[') || name.parse::<i64>().is_ok());
        Segment { name, is_list, is_for_items }
    }
}

/// A field of some kinds of resources.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "RawFieldSpec")]
pub(crate) struct FieldSpec {
    pub(crate) gvk: Rc<Gvk>,
    pub(crate) path: Cow<'static, str>,
    pub(crate) create: bool,
    /// The path in parts, once something walks it: most fields concern no resource of a build.
    segments: OnceCell<Rc<[Segment]>>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawFieldSpec {
    group: String,
    version: String,
    kind: String,
    path: String,
    create: bool,
}

impl From<RawFieldSpec> for FieldSpec {
    fn from(raw: RawFieldSpec) -> Self {
        let gvk = Gvk::of(raw.group, raw.version, raw.kind);
        FieldSpec::new(Rc::new(gvk), raw.path, raw.create)
    }
}

impl FieldSpec {
    pub(crate) fn new(gvk: Rc<Gvk>, path: impl Into<Cow<'static, str>>, create: bool) -> FieldSpec {
        FieldSpec { gvk, path: path.into(), create, segments: OnceCell::new() }
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        self.segments.get_or_init(|| {
            match &self.path {
                // As the defaults are written.
                Cow::Borrowed(path) if !path.contains('\\') && !path.starts_with('/') => {
                    path.split(['/']).map(|part| Segment::new(Cow::Borrowed(part))).collect()
                }
                path => split_path(path, '/').into_iter().map(|part| Segment::new(Cow::Owned(part))).collect(),
            }
        })
    }

    /// A field of every kind, created where it is missing.
    pub(crate) fn everywhere(path: &'static str) -> FieldSpec {
        FieldSpec::new(Rc::default(), path, true)
    }
}

/// A list of fields, shared until somebody changes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<FieldSpec>")]
pub(crate) struct FieldSpecs {
    list: Rc<Vec<FieldSpec>>,
    /// Merging these into nothing leaves out none of them.
    is_distinct: bool,
}

impl From<Vec<FieldSpec>> for FieldSpecs {
    fn from(list: Vec<FieldSpec>) -> Self {
        FieldSpecs { list: Rc::new(list), is_distinct: false }
    }
}

impl Deref for FieldSpecs {
    type Target = [FieldSpec];

    fn deref(&self) -> &[FieldSpec] {
        &self.list
    }
}

impl FieldSpecs {
    fn edit(&mut self) -> &mut Vec<FieldSpec> {
        self.is_distinct = false;
        Rc::make_mut(&mut self.list)
    }

    /// Adds fields that are not there yet.
    pub(crate) fn merge(&mut self, fields: &FieldSpecs) -> Result<()> {
        if self.is_empty() && fields.is_distinct {
            *self = fields.clone();
            return Ok(());
        }
        fields.iter().try_for_each(|field| self.add(field))
    }

    /// Adds a field if it is not there yet.
    pub(crate) fn add(&mut self, field: &FieldSpec) -> Result<()> {
        let is_it = |known: &&FieldSpec| known.path == field.path && known.gvk.is_selected_by(&field.gvk);
        match self.iter().find(is_it) {
            Some(known) if known.create != field.create => Err(Error::refused("conflicting fieldspecs")),
            Some(_) => Ok(()),
            None => {
                self.edit().push(field.clone());
                Ok(())
            }
        }
    }
}

/// Fields that hold the name of a resource of one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "RawNameReference")]
pub(crate) struct NameReference {
    pub(crate) target: Gvk,
    pub(crate) fields: FieldSpecs,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct RawNameReference {
    group: String,
    version: String,
    kind: String,
    field_specs: FieldSpecs,
}

impl From<RawNameReference> for NameReference {
    fn from(raw: RawNameReference) -> Self {
        let target = Gvk::of(raw.group, raw.version, raw.kind);
        NameReference { target, fields: raw.field_specs }
    }
}

/// The fields that transformers work on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct TransformerConfig {
    pub(crate) name_prefix: FieldSpecs,
    pub(crate) name_suffix: FieldSpecs,
    pub(crate) namespace: FieldSpecs,
    pub(crate) common_labels: FieldSpecs,
    pub(crate) labels: FieldSpecs,
    pub(crate) template_labels: FieldSpecs,
    pub(crate) volume_claim_template_labels: FieldSpecs,
    pub(crate) common_annotations: FieldSpecs,
    pub(crate) name_reference: Vec<NameReference>,
    pub(crate) var_reference: FieldSpecs,
    pub(crate) images: FieldSpecs,
    pub(crate) replicas: FieldSpecs,
}

fn merge_references(into: &mut Vec<NameReference>, references: &[NameReference]) -> Result<()> {
    for reference in references {
        match into.iter_mut().find(|existing| existing.target == reference.target) {
            Some(existing) => existing.fields.merge(&reference.fields)?,
            None => into.push(reference.clone()),
        }
    }
    Ok(())
}

impl TransformerConfig {
    /// Adds another configuration.
    pub(crate) fn merge(&mut self, other: &TransformerConfig) -> Result<()> {
        let parts = [
            ("NamePrefix", &mut self.name_prefix, &other.name_prefix),
            ("NameSuffix", &mut self.name_suffix, &other.name_suffix),
            ("NameSpace", &mut self.namespace, &other.namespace),
            ("CommonAnnotations", &mut self.common_annotations, &other.common_annotations),
            ("CommonLabels", &mut self.common_labels, &other.common_labels),
            ("Labels", &mut self.labels, &other.labels),
            ("TemplateLabels", &mut self.template_labels, &other.template_labels),
            ("VolumeClaimTemplateLabels", &mut self.volume_claim_template_labels, &other.volume_claim_template_labels),
            ("VarReference", &mut self.var_reference, &other.var_reference),
            ("Images", &mut self.images, &other.images),
            ("Replicas", &mut self.replicas, &other.replicas),
        ];
        for (name, into, fields) in parts {
            into.merge(fields).map_err(|error| error.during(format!("failed to merge {name} fieldSpec")))?;
        }
        merge_references(&mut self.name_reference, &other.name_reference)
            .map_err(|error| error.during("failed to merge NameReference fieldSpec"))?;
        self.sort();
        Ok(())
    }

    pub(crate) fn sort(&mut self) {
        let lists = [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.volume_claim_template_labels,
            &mut self.common_annotations,
            &mut self.var_reference,
            &mut self.images,
            &mut self.replicas,
        ];
        for list in lists {
            if !list.is_empty() {
                sort_by_kind(list.edit(), |field| &field.gvk);
            }
        }
        sort_by_kind(&mut self.name_reference, |reference| &reference.target);
    }
}

/// The configuration of an accumulation: shared until something differs from the defaults.
#[derive(Clone)]
pub(crate) struct Config(Rc<TransformerConfig>);

impl Config {
    pub(crate) fn get(&self) -> &TransformerConfig {
        &self.0
    }

    pub(crate) fn of(config: TransformerConfig) -> Config {
        Config(Rc::new(config))
    }

    pub(crate) fn is_same(&self, other: &Config) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// This one merged into nothing, which leaves out fields that others before them cover. The defaults have none.
    pub(crate) fn without_covered(&self) -> Result<Config> {
        if self.is_same(&defaults()) {
            return Ok(self.clone());
        }
        let mut merged = TransformerConfig::default();
        merged.merge(&self.0)?;
        Ok(Config::of(merged))
    }

    /// Adds another configuration; merging the same one again changes nothing.
    pub(crate) fn merge(&mut self, other: &Config) -> Result<()> {
        if self.is_same(other) {
            return Ok(());
        }
        Rc::make_mut(&mut self.0).merge(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_adds_what_is_new_and_refuses_contradictions() {
        let base = defaults();
        let extra: TransformerConfig =
            weir_yaml::from_str("namePrefix:\n- {path: metadata/name}\n- {path: spec/name, kind: Foo}\n").unwrap();
        let mut merged = base.get().clone();
        merged.merge(&extra).unwrap();
        assert_eq!(merged.name_prefix.len(), 2);
        let contradiction: TransformerConfig =
            weir_yaml::from_str("namePrefix:\n- {path: metadata/name, create: true}\n").unwrap();
        assert_eq!(
            merged.merge(&contradiction).unwrap_err().chain(),
            "failed to merge NamePrefix fieldSpec: conflicting fieldspecs"
        );
    }

    #[test]
    fn no_default_covers_another() {
        let mut merged = TransformerConfig::default();
        merged.merge(defaults().get()).unwrap();
        assert_eq!(format!("{merged:?}"), format!("{:?}", defaults().get()));
    }

    #[test]
    fn unknown_sections_are_refused() {
        assert!(weir_yaml::from_str::<TransformerConfig>("namoPrefix: []\n").is_err());
    }
}
