//! The transformers that the fields of a kustomization file stand for, in the order in which they run.

use super::Target;
use crate::config::{FieldSpecs, METADATA_LABELS, TransformerConfig};
use crate::error::{During, Result};
use crate::kustomization::Label;
use crate::origin::Origin;
use crate::transformers::{
    Affix, Annotations, Images, Labels, Namespace, Patch, PatchJson6902, PatchStrategicMerge, Replacements, Replicas,
    SubjectMode, Transformer, describe_patch,
};

type Configured = (Box<dyn Transformer>, Option<Origin>);

/// Makes all of them, which checks their configuration.
pub(super) fn builtin_transformers(target: &Target<'_>, config: &TransformerConfig) -> Result<Vec<Configured>> {
    let mut list = List { target, transformers: Vec::new() };
    list.patches()?;
    list.names(config);
    list.metadata(config)?;
    list.json_patches()?;
    list.values(config)?;
    Ok(list.transformers)
}

struct List<'a> {
    target: &'a Target<'a>,
    transformers: Vec<Configured>,
}

impl List<'_> {
    fn push(&mut self, name: &str, transformer: impl Transformer + 'static) {
        let origin = self.target.origin.as_ref().map(|origin| origin.builtin(self.target.file_name, name));
        self.transformers.push((Box::new(transformer), origin));
    }

    fn patches(&mut self) -> Result<()> {
        let (target, kustomization) = (self.target, &self.target.kustomization);
        if !kustomization.patches_strategic_merge.is_empty() {
            let name = "PatchStrategicMergeTransformer";
            let patch = PatchStrategicMerge::new(&target.loader, &kustomization.patches_strategic_merge, "")
                .during(|| format!("trouble configuring builtin {name}"))?;
            self.push(name, patch);
        }
        for patch in &kustomization.patches {
            let name = "PatchTransformer";
            let configured = Patch::new(&target.loader, patch)
                .during(|| format!("trouble configuring builtin {name} with config: `\n{}`", describe_patch(patch)))?;
            self.push(name, configured);
        }
        Ok(())
    }

    fn names(&mut self, config: &TransformerConfig) {
        let kustomization = &self.target.kustomization;
        if !kustomization.namespace.is_empty() {
            let namespace = Namespace {
                namespace: kustomization.namespace.clone(),
                fields: config.namespace.clone(),
                unset_only: false,
                subjects: SubjectMode::DefaultOnly,
            };
            self.push("NamespaceTransformer", namespace);
        }
        if !kustomization.name_prefix.is_empty() {
            let (text, fields) = (kustomization.name_prefix.clone(), config.name_prefix.clone());
            self.push("PrefixTransformer", Affix::Prefix { text, fields });
        }
        if !kustomization.name_suffix.is_empty() {
            let (text, fields) = (kustomization.name_suffix.clone(), config.name_suffix.clone());
            self.push("SuffixTransformer", Affix::Suffix { text, fields });
        }
    }

    fn metadata(&mut self, config: &TransformerConfig) -> Result<()> {
        let kustomization = &self.target.kustomization;
        for label in &kustomization.labels {
            let fields = label_fields(label, config).during(|| "failed to merge labels")?;
            self.push("LabelTransformer", Labels { labels: label.pairs.clone(), fields });
        }
        if !kustomization.labels.is_empty() || !kustomization.common_labels.is_empty() {
            let labels = kustomization.common_labels.clone();
            self.push("LabelTransformer", Labels { labels, fields: config.common_labels.clone() });
        }
        if !kustomization.common_annotations.is_empty() {
            let annotations = kustomization.common_annotations.clone();
            let fields = config.common_annotations.clone();
            self.push("AnnotationsTransformer", Annotations { annotations, fields });
        }
        Ok(())
    }

    fn json_patches(&mut self) -> Result<()> {
        let target = self.target;
        for patch in &target.kustomization.patches_json6902 {
            let name = "PatchJson6902Transformer";
            let configured = PatchJson6902::new(&target.loader, patch)
                .during(|| format!("trouble configuring builtin {name} with config: `\n{}`", describe_patch(patch)))?;
            self.push(name, configured);
        }
        Ok(())
    }

    fn values(&mut self, config: &TransformerConfig) -> Result<()> {
        let (target, kustomization) = (self.target, &self.target.kustomization);
        // What is noted of a transformation is noted for each entry.
        let at_once = if target.origin.is_some() { 1 } else { kustomization.replicas.len().max(1) };
        for replicas in kustomization.replicas.chunks(at_once) {
            let (replicas, fields) = (replicas.to_vec(), config.replicas.clone());
            self.push("ReplicaCountTransformer", Replicas { replicas, fields });
        }
        for image in &kustomization.images {
            self.push("ImageTagTransformer", Images::new(image.clone(), config.images.clone()));
        }
        if !kustomization.replacements.is_empty() {
            let replacements = Replacements::new(&target.loader, &kustomization.replacements)?;
            self.push("ReplacementTransformer", replacements);
        }
        Ok(())
    }
}

fn label_fields(label: &Label, config: &TransformerConfig) -> Result<FieldSpecs> {
    let mut fields = label.fields.clone();
    fields.merge(&config.labels)?;
    if label.include_selectors {
        fields.merge(&config.common_labels)?;
        return Ok(fields);
    }
    if label.include_templates {
        fields.merge(&config.template_labels).during(|| "failed to merge template fieldSpec")?;
    }
    if label.include_volume_claim_templates {
        fields
            .merge(&config.volume_claim_template_labels)
            .during(|| "failed to merge volumeClaimTemplate fieldSpec")?;
    }
    fields.add(&METADATA_LABELS)?;
    Ok(fields)
}
