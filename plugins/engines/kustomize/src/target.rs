//! The order of a build: resources and bases, generators, components, transformers, validators; then, once for the
//! whole, hashes, references, vars and order.

mod configure;
mod schemas;
mod validate;

use schemas::Schemas;
use weir_yaml::Node;

use crate::accumulator::Accumulator;
use crate::config::{Config, METADATA_LABELS, TransformerConfig, defaults, from_crds};
use crate::edit::set_field;
use crate::error::{During, Error, Result, quoted};
use crate::field::{Create, visit};
use crate::fs::FileSystem;
use crate::generators::{CHART_PLUGIN, ChartGenerator, GeneratorKind, merged_options};
use crate::key_comments;
use crate::kustomization::decoding::{Mode, decode};
use crate::kustomization::go_types::TRANSFORMER_CONFIG;
use crate::kustomization::{COMPONENT_KIND, FILE_NAMES, Kustomization};
use crate::loader::{Loader, Tree, is_http};
use crate::options::BuildOptions;
use crate::origin::Origin;
use crate::path;
use crate::plugins::{self, Generator};
use crate::read;
use crate::repo::RepoSpec;
use crate::resmap::ResMap;
use crate::resource::Resource;
use crate::transformers::{Transformer, add_hashes, fix_references, resolve_vars, sort};

const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const MANAGED_BY_VALUE: &str = "kustomize-v5.8.2";

/// Builds the kustomization in a directory of the tree.
///
/// # Errors
/// Everything that kustomize refuses; [`Error::chain`] gives its message.
pub fn build(fs: &dyn FileSystem, dir: &str, options: &BuildOptions<'_>) -> Result<Vec<Resource>> {
    let tree = Tree::new(fs, options);
    let Some(dir) = path::join("", dir).and_then(|dir| fs.resolve(&dir)) else {
        return Err(Error::refused(format!("security; directory '{dir}' is outside of the tree")));
    };
    let loader = Loader::new(&tree, &dir);
    let mut target = Target::load(loader, options.kustomization.clone())?;
    let schema = Schemas::new();
    schema.choose(&target.kustomization.openapi, &target.loader, true)?;
    if !target.kustomization.build_metadata.is_empty() {
        target.origin = Some(Origin::default());
    }
    let mut accumulator = target.accumulate(&schema)?;
    add_hashes(&mut accumulator.map)?;
    if let Some(config) = accumulator.config.clone() {
        fix_references(&mut accumulator.map, &config.get().name_reference)?;
    }
    resolve_vars(&mut accumulator)?;
    let mut map = accumulator.map;
    drop_local(&mut map)?;
    sort(&mut map, target.kustomization.sort_options.as_ref(), options.sort)?;
    target.finish(map)
}

/// Drops resources that are only configuration for other tools.
fn drop_local(map: &mut ResMap) -> Result<()> {
    map.drop_empty();
    for resource in map.resources() {
        if read::validate(&resource.node).is_err() {
            read::validate(&resource.noted().node)?;
        }
    }
    map.resources_mut().retain(|resource| resource.annotation(LOCAL_CONFIG).is_none_or(|value| value == "false"));
    // Replacements and patches may have made two of one.
    let resources = std::mem::take(map).into_resources();
    map.append_all(resources)
}

/// One kustomization of a build.
struct Target<'a> {
    loader: Loader<'a>,
    kustomization: Kustomization,
    file_name: &'static str,
    origin: Option<Origin>,
    /// Of the nearest kustomization above that has one.
    outer_namespace: String,
}

impl<'a> Target<'a> {
    fn load(loader: Loader<'a>, given: Option<serde_json::Value>) -> Result<Target<'a>> {
        let directory = loader.display();
        let (file_name, kustomization) = match given {
            Some(value) => (FILE_NAMES[0], Kustomization::from_value(value, &directory)?),
            None => {
                let (file_name, text) = kustomization_file(&loader)?;
                (file_name, Kustomization::parse(&text, &directory)?)
            }
        };
        Ok(Target { loader, kustomization, file_name, origin: None, outer_namespace: String::new() })
    }

    fn finish(&self, map: ResMap) -> Result<Vec<Resource>> {
        let wants = |name: &str| self.kustomization.build_metadata.iter().any(|option| option == name);
        let (origins, transformations) = (wants("originAnnotations"), wants("transformerAnnotations"));
        let managed_by = wants("managedByLabel") || self.loader.tree.options.managed_by_label;
        let mut resources = map.into_resources();
        for resource in &mut resources {
            if managed_by {
                visit(resource, &METADATA_LABELS, Create::Mapping, &mut |labels| {
                    set_field(labels, MANAGED_BY, Some(Node::string(MANAGED_BY_VALUE)))
                })?;
            }
            resource.finish(origins, transformations)?;
            key_comments::check(resource)?;
        }
        Ok(resources)
    }

    fn accumulate(&mut self, schema: &Schemas) -> Result<Accumulator> {
        self.accumulate_into(Accumulator::default(), schema)
    }

    /// Components work on what their parent has so far; everything else starts from nothing.
    fn accumulate_into(&mut self, mut accumulator: Accumulator, schema: &Schemas) -> Result<Accumulator> {
        let resources = self.kustomization.resources.clone();
        self.add_resources(&mut accumulator, &resources, schema).during(|| "accumulating resources")?;
        accumulator.merge_config(&self.transformer_config()?)?;
        if let Some(config) =
            self.crd_config().during(|| format!("loading CRDs [{}]", self.kustomization.crds.join(" ")))?
        {
            accumulator.merge_config(&config)?;
        }
        self.generate(&mut accumulator, schema)?;
        for component in self.kustomization.components.clone() {
            accumulator = self.add_component(accumulator, &component, schema).during(|| "accumulating components")?;
        }
        self.transform(&mut accumulator, schema)?;
        self.validate(&mut accumulator, schema)?;
        accumulator.merge_vars(&self.kustomization.vars).during(|| "merging vars")?;
        Ok(accumulator)
    }

    fn transformer_config(&self) -> Result<Config> {
        let mut all: Option<TransformerConfig> = None;
        for path in &self.kustomization.configurations {
            let text = self.loader.load_text(path)?;
            refuse_repeated_keys(&text)?;
            let mut extra: TransformerConfig =
                decode(weir_yaml::from_str(&text)?, &TRANSFORMER_CONFIG, Mode::StrictTexts).map_err(|message| {
                    Error::refused(format!("error unmarshaling JSON: while decoding JSON: {message}"))
                })?;
            extra.sort();
            all.get_or_insert_default().merge(&extra)?;
        }
        let mut config = defaults();
        all.map_or(Ok(()), |all| config.merge(&Config::of(all)))?;
        Ok(config)
    }

    fn crd_config(&self) -> Result<Option<Config>> {
        let mut all: Option<TransformerConfig> = None;
        for path in &self.kustomization.crds {
            let definitions: serde_json::Value =
                weir_yaml::from_str(&self.loader.load_text(path)?).map_err(|error| {
                    Error::Data(error).during(format!("unable to parse open API definition from '{path}'"))
                })?;
            all.get_or_insert_default().merge(&from_crds(&definitions)?)?;
        }
        Ok(all.map(Config::of))
    }

    fn add_resources(&mut self, accumulator: &mut Accumulator, paths: &[String], schema: &Schemas) -> Result<()> {
        let mut waiting = None;
        for path in paths {
            let Err(error) = self.add_resource(accumulator, path, schema) else { continue };
            if self.loader.tree.waits() == 0 {
                return Err(error);
            }
            // Whatever else is missing is found in the same build.
            waiting.get_or_insert(error);
        }
        waiting.map_or(Ok(()), Err)
    }

    fn add_resource(&mut self, accumulator: &mut Accumulator, path: &str, schema: &Schemas) -> Result<()> {
        // It is read as a file first. That a directory is none matters to messages only.
        let mut file_error = None;
        if !self.loader.is_directory(path) {
            let waits = self.loader.tree.waits();
            let Err(error) = self.add_file(accumulator, path, schema) else { return Ok(()) };
            if self.loader.tree.waits() > waits || is_only_a_file(path) {
                return Err(error);
            }
            file_error = Some(error);
        }
        let directory = match self.loader.descend(path) {
            Err(error) => match file_error {
                Some(file_error) if file_error.is_malformed() => return Err(file_error),
                file_error => return Err(self.after_file(error, file_error, path)),
            },
            Ok(directory) => directory,
        };
        self.base(directory, path, None, schema)
            .and_then(|(base, shown)| {
                accumulator.merge(base).during(|| format!("recursed merging from path '{shown}'"))
            })
            .map_err(|error| self.after_file(error, file_error, path))
    }

    /// Says what reading a resource as a file had led to.
    fn after_file(&self, error: Error, file_error: Option<Error>, path: &str) -> Error {
        let file_error = file_error.or_else(|| self.read_file(path).err());
        let shown = file_error.map(|error| error.chain()).unwrap_or_default();
        error.during(format!("accumulation err='{shown}'"))
    }

    fn add_component(&mut self, accumulator: Accumulator, path: &str, schema: &Schemas) -> Result<Accumulator> {
        let directory = self
            .loader
            .descend(path)
            .map_err(|error| Error::refused(format!("loader.New {}", quoted(&error.chain()))))?;
        let added = self.base(directory, path, Some(accumulator), schema).and_then(|(result, shown)| {
            // Everything is added again to nothing, which finds what has become the same.
            let mut again = Accumulator::default();
            again.merge(result).during(|| format!("recursed merging from path '{shown}'"))?;
            Ok(again)
        });
        added.map_err(|error| Error::refused(format!("accumulateDirectory: {}", quoted(&error.chain()))))
    }

    /// Builds another directory: a component when it is given something to work on.
    fn base(
        &mut self,
        loader: Loader<'a>,
        path: &str,
        component_of: Option<Accumulator>,
        schema: &Schemas,
    ) -> Result<(Accumulator, String)> {
        let shown = loader.display();
        let mut target = Target::load(loader, None).during(|| format!("couldn't make target for path '{shown}'"))?;
        target.origin = self.origin.as_ref().map(|origin| origin.append(path));
        target.outer_namespace = self.namespace_for_charts();
        schema.choose(&target.kustomization.openapi, &target.loader, false)?;
        let kind = &target.kustomization.kind;
        match (&component_of, kind == COMPONENT_KIND) {
            (Some(_), false) => {
                return Err(Error::refused(format!(
                    "expected kind '{COMPONENT_KIND}' for path '{shown}' but got '{kind}'"
                )));
            }
            (None, true) => {
                return Err(Error::refused(format!("expected kind != '{COMPONENT_KIND}' for path '{shown}'")));
            }
            _ => {}
        }
        let accumulated = target
            .accumulate_into(component_of.unwrap_or_default(), schema)
            .during(|| format!("recursed accumulation of path '{shown}'"))?;
        Ok((accumulated, shown))
    }

    fn add_file(&self, accumulator: &mut Accumulator, path: &str, schema: &Schemas) -> Result<()> {
        let mut resources = self.read_file(path)?;
        schema.see(&resources);
        if let Some(origin) = &self.origin {
            let origin = origin.append(path);
            resources.iter_mut().try_for_each(|resource| origin.annotate(resource))?;
        }
        // A file is added as a whole or not at all.
        let map = ResMap::new(resources).during(|| format!("accumulating resources from '{path}'"))?;
        accumulator.map.append_all(map.into_resources()).during(|| format!("merging resources from '{path}'"))
    }

    fn read_file(&self, path: &str) -> Result<Vec<Resource>> {
        let resources =
            self.loader.load_text(path).and_then(|text| read::resources(&text).map_err(|error| error.in_file(path)));
        resources.during(|| format!("accumulating resources from '{path}'"))
    }

    fn generate(&mut self, accumulator: &mut Accumulator, schema: &Schemas) -> Result<()> {
        let global = self.kustomization.generator_options.clone();
        let lists = [
            (GeneratorKind::ConfigMap, self.kustomization.config_map_generator.clone()),
            (GeneratorKind::Secret, self.kustomization.secret_generator.clone()),
        ];
        let mut generators: Vec<(Generator<'_>, Option<Origin>)> = Vec::new();
        for (kind, list) in lists {
            let origin = self.origin.as_ref().map(|origin| origin.builtin(self.file_name, kind.plugin_name()));
            for mut args in list {
                args.options = merged_options(args.options.as_ref(), global.as_ref());
                generators.push((Generator::Builtin(kind, Box::new(args)), origin.clone()));
            }
        }
        for chart in &self.kustomization.helm_charts {
            let globals = &self.kustomization.helm_globals;
            let generator = ChartGenerator::of(globals, chart, &self.namespace_for_charts(), &self.loader)?;
            let origin = self.origin.as_ref().map(|origin| origin.builtin(self.file_name, CHART_PLUGIN));
            generators.push((Generator::Chart(Box::new(generator)), origin));
        }
        let paths = self.kustomization.generators.clone();
        for config in self.plugin_configs(&paths, schema).during(|| "loading generator plugins")? {
            let generator = plugins::generator(&self.loader, &config).during(|| "failed to load generator")?;
            generators.push((generator, Origin::of_config(&config)));
        }
        // What has to wait does not keep the others from asking.
        let mut waiting = None;
        for (generator, origin) in generators {
            let waits = self.loader.tree.waits();
            let made = match generator.generate(&self.loader) {
                Err(error) if self.loader.tree.waits() > waits => {
                    waiting.get_or_insert(error);
                    continue;
                }
                made => made?,
            };
            for mut resource in made {
                if let Some(origin) = &origin {
                    origin.annotate_new(&mut resource)?;
                }
                accumulator.map.absorb(resource).during(|| format!("merging from generator {}", generator.name()))?;
            }
        }
        waiting.map_or(Ok(()), Err)
    }

    /// The namespace of releases that name none.
    fn namespace_for_charts(&self) -> String {
        let own = &self.kustomization.namespace;
        if own.is_empty() { self.outer_namespace.clone() } else { own.clone() }
    }

    /// Resources that configure generators or transformers, each written inline or named by path.
    fn plugin_configs(&mut self, entries: &[String], schema: &Schemas) -> Result<Vec<Resource>> {
        let mut accumulator = Accumulator::default();
        let mut paths = Vec::new();
        for entry in entries {
            let Ok(mut inline) = read::resources(entry) else {
                paths.push(entry.clone());
                continue;
            };
            if let Some(origin) = &self.origin {
                let origin = origin.append(self.file_name);
                inline.iter_mut().try_for_each(|resource| origin.annotate(resource))?;
            }
            accumulator.map.append_all(inline)?;
        }
        self.add_resources(&mut accumulator, &paths, schema)?;
        Ok(accumulator.map.into_resources())
    }

    fn transform(&mut self, accumulator: &mut Accumulator, schema: &Schemas) -> Result<()> {
        let config = accumulator.config.clone().unwrap_or_else(defaults);
        let mut transformers: Vec<(Box<dyn Transformer + 'a>, Option<Origin>)> =
            configure::builtin_transformers(self, config.get())?;
        let paths = self.kustomization.transformers.clone();
        for plugin in self.plugin_configs(&paths, schema)? {
            let origin = Origin::of_config(&plugin);
            transformers.push((plugins::transformer(&self.loader, &plugin)?, origin));
        }
        let schema = schema.current();
        for (transformer, origin) in transformers {
            transformer.transform(&mut accumulator.map, &schema)?;
            if let Some(origin) = origin {
                let resources = accumulator.map.contents_mut().iter_mut();
                resources
                    .filter(|r| !r.node.is_empty())
                    .try_for_each(|resource| origin.annotate_transformed(resource))?;
            }
            accumulator.map.drop_empty();
        }
        Ok(())
    }
}

/// Files of `configurations` are the only ones that are read strictly.
fn refuse_repeated_keys(text: &str) -> Result<()> {
    let repeated = weir_yaml::repeated_keys(text)?;
    if repeated.is_empty() {
        return Ok(());
    }
    let lines: String =
        repeated.iter().map(|(line, key)| format!("\n  line {line}: key {} already set in map", quoted(key))).collect();
    Err(Error::refused(format!("error converting YAML to JSON: yaml: unmarshal errors:{lines}")))
}

/// A URL that names no repository is not a directory either.
fn is_only_a_file(path: &str) -> bool {
    is_http(path) && RepoSpec::parse(path).is_none()
}

/// The name and text of the one kustomization file of a directory.
fn kustomization_file(loader: &Loader<'_>) -> Result<(&'static str, String)> {
    let mut found = None;
    for name in FILE_NAMES {
        let Some(Ok(content)) = loader.find(name) else { continue };
        if found.is_some() {
            let directory = loader.display();
            return Err(Error::refused(format!("Found multiple kustomization files under: {directory}\n")));
        }
        found = Some((name, read::text(content)?));
    }
    found.ok_or_else(|| {
        Error::refused(format!(
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{}'",
            loader.display()
        ))
    })
}
