//! Builtin transformers and generators that are configured by resources of their own.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::FieldSpecs;
use crate::error::{During, Error, Result};
use crate::functions::Function;
use crate::generators::{CHART_PLUGIN, ChartGenerator, GeneratorKind, IAM_POLICY_PLUGIN, IamPolicy};
use crate::kustomization::decoding::{Mode, decode};
use crate::kustomization::go_types::{CONFIG_MAP_GENERATOR, IAM_POLICY, SECRET_GENERATOR, Struct, TRANSFORMER};
use crate::kustomization::{
    GeneratorArgs, Image, Patch as PatchArgs, PatchOptions, ReplacementField, Replica, Selector,
};
use crate::loader::Loader;
use crate::path;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::transformers::{
    AddTarget, Affix, Annotations, Images, Labels, Namespace, Patch, PatchJson6902, PatchStrategicMerge, Replacements,
    Replicas, SubjectMode, Transformer, ValueAdd, add_hashes,
};

const API_VERSION: &str = "builtin";

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    metadata: Metadata,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    field_specs: FieldSpecs,
    image_tag: Image,
    unset_only: bool,
    set_role_binding_subjects: String,
    prefix: String,
    suffix: String,
    path: String,
    patch: String,
    json_op: String,
    target: Option<Selector>,
    options: Option<PatchOptions>,
    paths: Vec<String>,
    patches: String,
    replica: Replica,
    replacements: Vec<ReplacementField>,
    value: String,
    targets: Vec<ValueTarget>,
    target_file_path: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    name: String,
    namespace: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ValueTarget {
    selector: Option<Selector>,
    field_path: String,
    file_path_position: i64,
}

struct Hash;

impl Transformer for Hash {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        add_hashes(map)
    }
}

fn settings<T: DeserializeOwned>(value: Value, shape: &'static Struct, config: &Resource) -> Result<T> {
    decode(value, shape, Mode::Lenient)
        .map_err(|message| Error::refused(format!("error unmarshaling JSON: while decoding JSON: {message}")))
        .during(|| format!("plugin {} fails configuration", config.original_id()))
}

fn refuse_external(config: &Resource) -> Result<()> {
    if config.api_version() == API_VERSION {
        return Ok(());
    }
    let kind = config.original_id().gvk.kind;
    Err(Error::refused(format!("external plugins disabled; unable to load external plugin '{kind}'")))
}

/// What makes resources.
pub(crate) enum Generator<'a> {
    Builtin(GeneratorKind, Box<GeneratorArgs>),
    Chart(Box<ChartGenerator>),
    Function(Function<'a>),
    IamPolicy(Box<IamPolicy>),
}

impl Generator<'_> {
    pub(crate) fn generate(&self, loader: &Loader<'_>) -> Result<Vec<Resource>> {
        match self {
            Generator::Builtin(kind, args) => Ok(vec![kind.generate(loader, args)?]),
            Generator::Chart(chart) => chart.generate(loader),
            Generator::Function(function) => function.generate(),
            Generator::IamPolicy(policy) => policy.generate(),
        }
    }

    /// As messages call it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Generator::Builtin(_, args) => &args.name,
            Generator::Chart(chart) => chart.name(),
            Generator::Function(function) => function.name(),
            Generator::IamPolicy(_) => IAM_POLICY_PLUGIN,
        }
    }
}

/// The function that a resource configures; builtins are none.
fn function<'a>(loader: &Loader<'a>, config: &Resource) -> Result<Option<Function<'a>>> {
    if config.api_version() == API_VERSION { Ok(None) } else { Function::of(loader, config) }
}

/// The generator that a resource configures.
pub(crate) fn generator<'a>(loader: &Loader<'a>, config: &Resource) -> Result<Generator<'a>> {
    if let Some(function) = function(loader, config)? {
        return Ok(Generator::Function(function));
    }
    if config.api_version() == API_VERSION && config.kind() == CHART_PLUGIN {
        let chart = ChartGenerator::from_value(config.to_json()?, loader);
        let chart = chart.during(|| format!("plugin {} fails configuration", config.original_id()))?;
        return Ok(Generator::Chart(Box::new(chart)));
    }
    if config.api_version() == API_VERSION && config.kind() == IAM_POLICY_PLUGIN {
        return Ok(Generator::IamPolicy(Box::new(settings(config.to_json()?, &IAM_POLICY, config)?)));
    }
    let (kind, args) = builtin_generator(config)?;
    Ok(Generator::Builtin(kind, Box::new(args)))
}

fn builtin_generator(config: &Resource) -> Result<(GeneratorKind, GeneratorArgs)> {
    refuse_external(config)?;
    let kind = match config.kind() {
        "ConfigMapGenerator" => GeneratorKind::ConfigMap,
        "SecretGenerator" => GeneratorKind::Secret,
        kind if is_transformer(kind) => {
            return Err(Error::refused(format!("plugin {} not a generator", config.original_id())));
        }
        _ => return Err(Error::refused(format!("unable to load builtin {}", config.gvk()))),
    };
    let value = config.to_json()?;
    let shape = if kind == GeneratorKind::ConfigMap { &CONFIG_MAP_GENERATOR } else { &SECRET_GENERATOR };
    // `env`, the old spelling of `envs`, means nothing here.
    let mut args: GeneratorArgs = settings(value, shape, config)?;
    if args.name.is_empty() {
        config.name().clone_into(&mut args.name);
    }
    if args.namespace.is_empty() {
        config.namespace().clone_into(&mut args.namespace);
    }
    Ok((kind, args))
}

fn is_transformer(kind: &str) -> bool {
    kind.ends_with("Transformer")
}

/// Several that are configured as one.
struct Several(Vec<Box<dyn Transformer>>);

impl Transformer for Several {
    fn transform(&self, map: &mut ResMap, schema: &Schema) -> Result<()> {
        self.0.iter().try_for_each(|transformer| transformer.transform(map, schema))
    }
}

/// The transformer that a resource configures.
pub(crate) fn transformer<'a>(loader: &Loader<'a>, config: &Resource) -> Result<Box<dyn Transformer + 'a>> {
    if let Some(function) = function(loader, config)? {
        return Ok(Box::new(function));
    }
    builtin_transformer(loader, config)
}

fn builtin_transformer(loader: &Loader<'_>, config: &Resource) -> Result<Box<dyn Transformer>> {
    refuse_external(config)?;
    let fails = || format!("plugin {} fails configuration", config.original_id());
    let read = || settings::<Settings>(config.to_json()?, &TRANSFORMER, config);
    match config.kind() {
        "AnnotationsTransformer" => {
            let Settings { annotations, field_specs: fields, .. } = read()?;
            Ok(Box::new(Annotations { annotations, fields }))
        }
        "HashTransformer" => Ok(Box::new(Hash)),
        "ImageTagTransformer" => {
            let settings = read()?;
            Ok(Box::new(Images::new(settings.image_tag, settings.field_specs)))
        }
        "LabelTransformer" => {
            let Settings { labels, field_specs: fields, .. } = read()?;
            Ok(Box::new(Labels { labels, fields }))
        }
        "NamespaceTransformer" => namespace(read()?).during(fails),
        "PatchJson6902Transformer" => Ok(Box::new(patch_json(loader, read()?).during(fails)?)),
        "PatchStrategicMergeTransformer" => {
            let settings = read()?;
            let patch = PatchStrategicMerge::new(loader, &settings.paths, &settings.patches).during(fails)?;
            Ok(Box::new(patch))
        }
        "PatchTransformer" => {
            let Settings { path, patch, target, options, .. } = read()?;
            Ok(Box::new(Patch::new(loader, &PatchArgs { path, patch, target, options }).during(fails)?))
        }
        "PrefixSuffixTransformer" => {
            let settings = read()?;
            let fields = settings.field_specs.clone();
            Ok(Box::new(Several(vec![
                Box::new(Affix::Prefix { text: settings.prefix, fields }),
                Box::new(Affix::Suffix { text: settings.suffix, fields: settings.field_specs }),
            ])))
        }
        "PrefixTransformer" => {
            let settings = read()?;
            Ok(Box::new(Affix::Prefix { text: settings.prefix, fields: settings.field_specs }))
        }
        "SuffixTransformer" => {
            let settings = read()?;
            Ok(Box::new(Affix::Suffix { text: settings.suffix, fields: settings.field_specs }))
        }
        "ReplacementTransformer" => Ok(Box::new(Replacements::new(loader, &read()?.replacements).during(fails)?)),
        "ReplicaCountTransformer" => {
            let Settings { replica, field_specs: fields, .. } = read()?;
            Ok(Box::new(Replicas { replicas: vec![replica], fields }))
        }
        "ValueAddTransformer" => Ok(Box::new(value_add(loader, read()?).during(fails)?)),
        "ConfigMapGenerator" | "SecretGenerator" | IAM_POLICY_PLUGIN => {
            Err(Error::refused(format!("plugin {} not a transformer", config.original_id())))
        }
        _ => Err(Error::refused(format!("unable to load builtin {}", config.gvk()))),
    }
}

fn namespace(settings: Settings) -> Result<Box<dyn Transformer>> {
    let subjects = SubjectMode::parse(&settings.set_role_binding_subjects)?;
    if settings.metadata.namespace.is_empty() {
        return Ok(Box::new(Several(Vec::new())));
    }
    Ok(Box::new(Namespace {
        namespace: settings.metadata.namespace,
        fields: settings.field_specs,
        unset_only: settings.unset_only,
        subjects,
    }))
}

fn patch_json(loader: &Loader<'_>, settings: Settings) -> Result<PatchJson6902> {
    let Settings { path, json_op: patch, target, .. } = settings;
    PatchJson6902::new(loader, &PatchArgs { path, patch, target, options: None })
}

fn value_add(loader: &Loader<'_>, settings: Settings) -> Result<ValueAdd> {
    let mut targets = settings.targets;
    if !settings.target_file_path.is_empty() {
        let file: Settings = weir_yaml::from_str(&loader.load_text(&settings.target_file_path)?)?;
        targets.extend(file.targets);
    }
    if targets.is_empty() {
        return Err(Error::refused("must specify at least one target"));
    }
    let value = match settings.value.trim() {
        "" => path::base(&loader.display()).to_owned(),
        value => value.to_owned(),
    };
    let targets = targets.into_iter().map(add_target).collect::<Result<_>>()?;
    Ok(ValueAdd { value, targets })
}

fn add_target(target: ValueTarget) -> Result<AddTarget> {
    if target.field_path.is_empty() {
        return Err(Error::refused("fieldPath cannot be empty"));
    }
    let position = usize::try_from(target.file_path_position).map_err(|_| {
        Error::refused(format!("value of FilePathPosition ({}) cannot be negative", target.file_path_position))
    })?;
    Ok(AddTarget { selector: target.selector, field_path: target.field_path, position })
}
