//! The fields of a kustomization file.

pub(crate) mod decoding;
pub(crate) mod go_types;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use weir_yaml::Rules;

use crate::config::FieldSpecs;
use crate::error::{During, Error, Result};
use crate::generators::{HelmChart, HelmGlobals, OldHelmChart};

/// The names that a kustomization file may have.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const KIND: &str = "Kustomization";
const API_VERSION: &str = "kustomize.config.k8s.io/v1beta1";
pub(crate) const COMPONENT_KIND: &str = "Component";
const COMPONENT_API_VERSION: &str = "kustomize.config.k8s.io/v1alpha1";

type Strings = BTreeMap<String, String>;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Kustomization {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    #[serde(rename = "metadata")]
    _metadata: Option<Value>,
    pub(crate) openapi: Strings,
    pub(crate) name_prefix: String,
    pub(crate) name_suffix: String,
    pub(crate) namespace: String,
    pub(crate) common_labels: Strings,
    pub(crate) labels: Vec<Label>,
    pub(crate) common_annotations: Strings,
    pub(crate) patches_strategic_merge: Vec<String>,
    #[serde(rename = "patchesJson6902")]
    pub(crate) patches_json6902: Vec<Patch>,
    pub(crate) patches: Vec<Patch>,
    pub(crate) images: Vec<Image>,
    image_tags: Vec<Image>,
    pub(crate) replacements: Vec<ReplacementField>,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) vars: Vec<Var>,
    pub(crate) sort_options: Option<SortOptions>,
    pub(crate) resources: Vec<String>,
    pub(crate) components: Vec<String>,
    pub(crate) crds: Vec<String>,
    bases: Vec<String>,
    pub(crate) config_map_generator: Vec<GeneratorArgs>,
    pub(crate) secret_generator: Vec<GeneratorArgs>,
    pub(crate) helm_globals: HelmGlobals,
    pub(crate) helm_charts: Vec<HelmChart>,
    helm_chart_inflation_generator: Vec<OldHelmChart>,
    pub(crate) generator_options: Option<GeneratorOptions>,
    pub(crate) configurations: Vec<String>,
    pub(crate) generators: Vec<String>,
    pub(crate) transformers: Vec<String>,
    pub(crate) validators: Vec<String>,
    pub(crate) build_metadata: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Label {
    pub(crate) pairs: Strings,
    pub(crate) include_selectors: bool,
    pub(crate) include_templates: bool,
    pub(crate) include_volume_claim_templates: bool,
    pub(crate) fields: FieldSpecs,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Patch {
    pub(crate) path: String,
    pub(crate) patch: String,
    pub(crate) target: Option<Selector>,
    pub(crate) options: Option<PatchOptions>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PatchOptions {
    pub(crate) allow_name_change: bool,
    pub(crate) allow_kind_change: bool,
}

/// Which resources are meant; name, namespace, group, version and kind are regular expressions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Selector {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) annotation_selector: String,
    pub(crate) label_selector: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) new_name: String,
    pub(crate) tag_suffix: String,
    pub(crate) new_tag: String,
    pub(crate) digest: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Replica {
    pub(crate) name: String,
    pub(crate) count: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ReplacementField {
    pub(crate) path: String,
    pub(crate) source: Option<Source>,
    pub(crate) targets: Option<Vec<Target>>,
    pub(crate) source_value: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Source {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) field_path: String,
    pub(crate) options: Option<FieldOptions>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Target {
    pub(crate) select: Option<Selector>,
    pub(crate) reject: Vec<Selector>,
    pub(crate) field_paths: Vec<String>,
    pub(crate) options: Option<FieldOptions>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FieldOptions {
    pub(crate) delimiter: String,
    pub(crate) index: i64,
    #[serde(rename = "encoding")]
    _encoding: String,
    pub(crate) create: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Var {
    pub(crate) name: String,
    pub(crate) objref: ObjRef,
    pub(crate) fieldref: FieldRef,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ObjRef {
    pub(crate) api_version: String,
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FieldRef {
    #[serde(rename = "fieldPath")]
    pub(crate) fieldpath: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SortOptions {
    pub(crate) order: String,
    pub(crate) legacy_sort_options: Option<LegacySortOptions>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct LegacySortOptions {
    pub(crate) order_first: Vec<String>,
    pub(crate) order_last: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct GeneratorOptions {
    pub(crate) labels: Strings,
    pub(crate) annotations: Strings,
    pub(crate) disable_name_suffix_hash: bool,
    pub(crate) immutable: bool,
}

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GeneratorArgs {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) behavior: String,
    pub(crate) literals: Vec<String>,
    pub(crate) files: Vec<String>,
    pub(crate) envs: Vec<String>,
    pub(crate) env: String,
    pub(crate) options: Option<GeneratorOptions>,
    /// Of Secrets only.
    #[serde(rename = "type")]
    pub(crate) secret_type: String,
}

/// The data of a file that the original reads with go-yaml v2, with the errors of that.
pub(crate) fn data(text: &str) -> Result<Value> {
    let said = |error: weir_yaml::Error| Error::refused(error.said_by(Rules::Yaml11));
    match weir_yaml::parse_first_as(text, Rules::Yaml11).map_err(said)? {
        Some(node) => weir_yaml::to_json(&node, Rules::Yaml11).map_err(said),
        None => Ok(Value::Null),
    }
}

impl Kustomization {
    /// Reads a kustomization file.
    pub(crate) fn parse(text: &str, directory: &str) -> Result<Kustomization> {
        let value = data(text).during(|| "invalid Kustomization")?;
        Kustomization::from_value(value, directory)
    }

    pub(crate) fn from_value(value: Value, directory: &str) -> Result<Kustomization> {
        let is_empty = is_empty(&value);
        let mut kustomization: Kustomization =
            decoding::decode(value, &go_types::KUSTOMIZATION, decoding::Mode::Strict)
                .map_err(|message| Error::refused(message).during("invalid Kustomization"))?;
        if is_empty {
            return Err(Error::refused("kustomization.yaml is empty"));
        }
        kustomization.fix();
        kustomization.enforce(directory)?;
        Ok(kustomization)
    }

    /// Replaces old spellings by new ones.
    fn fix(&mut self) {
        if self.kind.is_empty() {
            self.kind = KIND.to_owned();
        }
        if self.api_version.is_empty() {
            self.api_version = self.required_version().to_owned();
        }
        self.resources.append(&mut self.bases);
        self.images.append(&mut self.image_tags);
        for generator in self.config_map_generator.iter_mut().chain(&mut self.secret_generator) {
            if !generator.env.is_empty() {
                generator.envs.push(std::mem::take(&mut generator.env));
            }
        }
        let old = std::mem::take(&mut self.helm_chart_inflation_generator);
        self.helm_charts.extend(old.into_iter().map(|chart| chart.modern(&mut self.helm_globals)));
    }

    fn required_version(&self) -> &'static str {
        if self.kind == COMPONENT_KIND { COMPONENT_API_VERSION } else { API_VERSION }
    }

    fn enforce(&self, directory: &str) -> Result<()> {
        let mut problems = Vec::new();
        if self.kind != KIND && self.kind != COMPONENT_KIND {
            problems.push(format!("kind should be {KIND} or {COMPONENT_KIND}"));
        }
        let required = self.required_version();
        if self.api_version != required {
            problems.push(format!("apiVersion for {} should be {required}", self.kind));
        }
        if problems.is_empty() {
            return Ok(());
        }
        let problems = problems.join("\n");
        Err(Error::refused(format!("Failed to read kustomization file under {directory}:\n{problems}")))
    }
}

/// Whether nothing of a kustomization file has a meaning.
fn is_empty(value: &Value) -> bool {
    let meaningful = |(key, value): (&String, &Value)| {
        let is_moved = ["bases", "imageTags", "helmChartInflationGenerator"].contains(&key.as_str());
        let is_nothing = value.is_null() || value.as_str() == Some("");
        let is_meta = matches!(key.to_ascii_lowercase().as_str(), "kind" | "apiversion");
        let is_moved_nothing = is_moved && value.as_array().is_some_and(Vec::is_empty);
        !is_meta && !is_nothing && !is_moved_nothing
    };
    !value.as_object().is_some_and(|fields| fields.iter().any(meaningful))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Kustomization::parse(text, "dir").unwrap_err().chain()
    }

    #[test]
    fn old_spellings_are_read() {
        let text = "bases: [a]\nresources: [b]\nimageTags:\n- name: x\nconfigMapGenerator:\n- name: c\n  env: e\n";
        let kustomization = Kustomization::parse(text, "").unwrap();
        assert_eq!(kustomization.resources, ["b", "a"]);
        assert_eq!(kustomization.images[0].name, "x");
        assert_eq!(kustomization.config_map_generator[0].envs, ["e"]);
    }

    #[test]
    fn refusals() {
        assert_eq!(refusal(""), "kustomization.yaml is empty");
        assert_eq!(refusal("kind: Kustomization\n"), "kustomization.yaml is empty");
        assert_eq!(refusal("images:\n- newTagg: x\n"), "invalid Kustomization: json: unknown field \"newTagg\"");
        assert_eq!(
            refusal("namespace: yes\n"),
            "invalid Kustomization: json: cannot unmarshal bool into Go struct field Kustomization.namespace of type string"
        );
        assert!(refusal("apiVersion: v1\nresources: [a]\n").ends_with("should be kustomize.config.k8s.io/v1beta1"));
    }

    #[test]
    fn nulls_are_unset() {
        let kustomization = Kustomization::parse("resources:\nnamespace:\nnamePrefix: p\n", "").unwrap();
        assert!(kustomization.resources.is_empty());
    }
}
