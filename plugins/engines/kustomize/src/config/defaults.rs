use std::cell::OnceCell;
use std::rc::Rc;

use super::{Config, FieldSpec, FieldSpecs, NameReference, TransformerConfig};
use crate::id::Gvk;
use crate::table::{self, Table, Words};

/// The fields that kustomize knows without configuration.
pub(crate) fn defaults() -> Config {
    thread_local!(static DEFAULTS: OnceCell<Config> = const { OnceCell::new() });
    DEFAULTS.with(|cell| cell.get_or_init(|| Config::of(parse())).clone())
}

const TEXT: &str = include_str!("defaults.txt");
static PATHS: Words<{ table::count(TEXT) }, { table::count_words(&TABLE) }> = Words::new(&TABLE);
static TABLE: Table<{ table::count(TEXT) }> = Table::new(TEXT, ": ");

/// Every build in a sandbox makes them anew, so nothing is searched for or copied.
fn parse() -> TransformerConfig {
    let mut config = TransformerConfig::default();
    let mut section = "";
    for (line, key) in TABLE.keys().enumerate() {
        if let Some(name) = key.strip_prefix('[').and_then(|key| key.strip_suffix(']')) {
            section = name;
            if let Some(target) = name.strip_prefix("nameReference ") {
                config.name_reference.push(NameReference { target: gvk(target), fields: FieldSpecs::default() });
            }
            continue;
        }
        let kind = Rc::new(gvk(key));
        let fields = PATHS.of(line).map(|path| {
            let (path, create) = path.strip_prefix('+').map_or((path, false), |path| (path, true));
            FieldSpec::new(kind.clone(), path, create)
        });
        section_of(&mut config, section).edit().extend(fields);
    }
    config
}

fn section_of<'a>(config: &'a mut TransformerConfig, name: &str) -> &'a mut FieldSpecs {
    match name {
        "namePrefix" => &mut config.name_prefix,
        "nameSuffix" => &mut config.name_suffix,
        "namespace" => &mut config.namespace,
        "commonLabels" => &mut config.common_labels,
        "templateLabels" => &mut config.template_labels,
        "volumeClaimTemplateLabels" => &mut config.volume_claim_template_labels,
        "commonAnnotations" => &mut config.common_annotations,
        "varReference" => &mut config.var_reference,
        "images" => &mut config.images,
        "replicas" => &mut config.replicas,
        _ => &mut config.name_reference.last_mut().expect("a section comes before its fields").fields,
    }
}

/// `GROUP/VERSION/KIND`, each `-` when any will do.
fn gvk(text: &'static str) -> Gvk {
    // Not at a `char`: in texts so short nothing is won by searching in words of memory.
    let mut parts = text.split(['/']).map(|part| if part == "-" { "" } else { part });
    let mut next = || parts.next().unwrap_or_default();
    Gvk::of(next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        let config = defaults();
        let mut sorted = config.get().clone();
        sorted.sort();
        assert_eq!(format!("{sorted:?}"), format!("{:?}", config.get()));
    }

    #[test]
    fn the_table_is_complete() {
        let config = defaults();
        let config = config.get();
        assert_eq!((config.name_prefix.len(), config.images.len(), config.replicas.len()), (1, 7, 4));
        let config_map = config.name_reference.iter().find(|reference| reference.target.kind == "ConfigMap").unwrap();
        assert!(config_map.fields.iter().any(|field| {
            &*field.path == "spec/template/spec/volumes/configMap/name" && field.gvk.kind == "Deployment"
        }));
        assert!(config.common_labels.iter().all(|field| !field.path.is_empty()));
    }
}
