//! Which fields hold names, labels, images and so on: the defaults, and what `configurations` and `crds` add.

mod crds;
mod defaults;
mod field_spec;
mod shared;

use serde::Deserialize;

use crate::error::Result;
use crate::id::Gvk;
use crate::order::sort_by_kind;

pub(crate) use crds::from_crds;
pub(crate) use defaults::defaults;
pub(crate) use field_spec::{FieldSpec, FieldSpecs, METADATA_LABELS, Segment};
use shared::Shared;

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
    pub(crate) name_reference: Shared<[NameReference]>,
    pub(crate) var_reference: FieldSpecs,
    pub(crate) images: FieldSpecs,
    pub(crate) replicas: FieldSpecs,
}

fn merge_references(into: &mut Shared<[NameReference]>, references: &[NameReference]) -> Result<()> {
    if references.is_empty() {
        return Ok(());
    }
    let into = into.edit();
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
        lists.into_iter().for_each(FieldSpecs::sort);
        if !self.name_reference.is_built_in() {
            sort_by_kind(self.name_reference.edit(), |reference| &reference.target);
        }
    }
}

/// The configuration of an accumulation: shared until something differs from the defaults.
#[derive(Clone)]
pub(crate) struct Config(Shared<TransformerConfig>);

impl Config {
    pub(crate) fn get(&self) -> &TransformerConfig {
        &self.0
    }

    pub(crate) fn of(config: TransformerConfig) -> Config {
        Config(Shared::made(config))
    }

    /// This one merged into nothing, which leaves out fields that others before them cover. The defaults have none.
    pub(crate) fn without_covered(&self) -> Result<Config> {
        if self.0.is_built_in() {
            return Ok(self.clone());
        }
        let mut merged = TransformerConfig::default();
        merged.merge(&self.0)?;
        Ok(Config::of(merged))
    }

    /// Adds another configuration; merging the same one again changes nothing.
    pub(crate) fn merge(&mut self, other: &Config) -> Result<()> {
        if self.0.is_same(&other.0) {
            return Ok(());
        }
        self.0.edit().merge(&other.0)
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
    fn unknown_sections_are_refused() {
        assert!(weir_yaml::from_str::<TransformerConfig>("namoPrefix: []\n").is_err());
    }
}
