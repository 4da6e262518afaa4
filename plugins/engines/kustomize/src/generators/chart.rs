//! Resources from a Helm chart, in the tree or pulled.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::charts::ChartRequest;
use crate::error::{During, Error, Result};
use crate::generators::pull::{Pulled, Wanted, pull};
use crate::kustomization::decoding::{Mode, decode};
use crate::kustomization::go_types::{HELM_CHART, HELM_GLOBALS};
use crate::loader::Loader;
use crate::merge::merge;
use crate::path;
use crate::read;
use crate::resource::Resource;
use crate::schema::Schema;

pub(crate) const PLUGIN_NAME: &str = "HelmChartInflationGenerator";
/// Says that a resource comes from a chart: the namespace transformer leaves it alone.
pub(crate) const HELM_GENERATED: &str = "internal.config.kubernetes.io/helm-generated";
const DEFAULT_HOME: &str = "charts";
const VALUES_FILE: &str = "values.yaml";
const MERGE: &str = "merge";
const OVERRIDE: &str = "override";
const REPLACE: &str = "replace";

/// Where charts are, for all of one kustomization.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HelmGlobals {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) chart_home: String,
    /// Helm's own configuration: there is none here.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) config_home: String,
}

/// One entry of `helmCharts`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HelmChart {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    repo: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    release_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    additional_values_files: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    values_file: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    values_inline: Map<String, Value>,
    #[serde(skip_serializing_if = "String::is_empty")]
    values_merge: String,
    #[serde(rename = "includeCRDs", skip_serializing_if = "is_false")]
    include_crds: bool,
    #[serde(skip_serializing_if = "is_false")]
    skip_hooks: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    api_versions: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    kube_version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name_template: String,
    #[serde(skip_serializing_if = "is_false")]
    skip_tests: bool,
    #[serde(skip_serializing_if = "is_false")]
    debug: bool,
    #[serde(skip_serializing_if = "is_false")]
    devel: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// One entry of `helmChartInflationGenerator`, the old spelling.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct OldHelmChart {
    chart_name: String,
    chart_version: String,
    chart_repo_url: String,
    chart_home: String,
    #[serde(rename = "chartRepoName")]
    _chart_repo_name: String,
    #[serde(rename = "helmBin")]
    _helm_bin: String,
    helm_home: String,
    values: String,
    values_local: Map<String, Value>,
    values_merge: String,
    release_name: String,
    #[serde(rename = "releaseNamespace")]
    _release_namespace: String,
    #[serde(rename = "extraArgs")]
    _extra_args: Vec<String>,
}

impl OldHelmChart {
    /// The new spelling; where charts are goes to all of them, as the original has it.
    pub(crate) fn modern(self, globals: &mut HelmGlobals) -> HelmChart {
        for (old, new) in [(self.chart_home, &mut globals.chart_home), (self.helm_home, &mut globals.config_home)] {
            if !old.is_empty() {
                *new = old;
            }
        }
        HelmChart {
            name: self.chart_name,
            version: self.chart_version,
            repo: self.chart_repo_url,
            values_file: self.values,
            values_inline: self.values_local,
            values_merge: self.values_merge,
            release_name: self.release_name,
            ..HelmChart::default()
        }
    }
}

/// A chart that is ready to be rendered.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct ChartGenerator {
    #[serde(flatten)]
    globals: HelmGlobals,
    #[serde(flatten)]
    chart: HelmChart,
}

impl ChartGenerator {
    /// From a kustomization. `namespace` is that of the kustomization or of the nearest one above it that has one.
    pub(crate) fn of(globals: &HelmGlobals, chart: &HelmChart, namespace: &str, loader: &Loader<'_>) -> Result<Self> {
        let mut generator = ChartGenerator { globals: globals.clone(), chart: chart.clone() };
        if generator.chart.namespace.is_empty() {
            generator.chart.namespace = namespace.to_owned();
        }
        let shown = serde_json::to_value(&generator).map(|value| weir_yaml::to_yaml(&value)).unwrap_or_default();
        generator
            .check(loader)
            .during(|| format!("trouble configuring builtin {PLUGIN_NAME} with config: `\n{shown}`"))?;
        Ok(generator)
    }

    /// From a resource that configures it; fields that it does not know are left alone.
    pub(crate) fn from_value(value: Value, loader: &Loader<'_>) -> Result<Self> {
        let unreadable = |message| Error::refused(format!("error unmarshaling JSON: while decoding JSON: {message}"));
        let globals = decode(value.clone(), &HELM_GLOBALS, Mode::Lenient).map_err(unreadable)?;
        let chart = decode(value, &HELM_CHART, Mode::Lenient).map_err(unreadable)?;
        let generator = ChartGenerator { globals, chart };
        generator.check(loader)?;
        Ok(generator)
    }

    fn check(&self, loader: &Loader<'_>) -> Result<()> {
        let HelmChart { name, release_name, values_merge, .. } = &self.chart;
        if loader.tree.options.charts.is_none() {
            return Err(Error::refused("must specify --enable-helm"));
        }
        if name.is_empty() {
            return Err(Error::refused("chart name cannot be empty"));
        }
        if release_name.starts_with('-') {
            return Err(Error::refused(format!("releaseName must not start with '-', got {release_name:?}")));
        }
        if name.starts_with('-') {
            return Err(Error::refused(format!("chart name must not start with '-', got {name:?}")));
        }
        for file in &self.chart.additional_values_files {
            loader.load(file).during(|| "could not load additionalValuesFile")?;
        }
        if !matches!(values_merge.as_str(), "" | MERGE | OVERRIDE | REPLACE) {
            return Err(Error::refused(format!("valuesMerge must be one of [{MERGE} {OVERRIDE} {REPLACE}]")));
        }
        Ok(())
    }

    pub(crate) fn name(&self) -> &str {
        &self.chart.name
    }

    pub(crate) fn generate(&self, loader: &Loader<'_>) -> Result<Vec<Resource>> {
        let charts = loader.tree.options.charts.ok_or_else(|| Error::refused("must specify --enable-helm"))?;
        let text = charts.render(&self.request(loader)?).map_err(|none| {
            loader.tree.note(&none);
            Error::refused(none.message())
        })?;
        let mut resources = read::resources(&text)?;
        resources.iter_mut().try_for_each(|resource| resource.set_annotation(HELM_GENERATED, "true"))?;
        Ok(resources)
    }

    fn request(&self, loader: &Loader<'_>) -> Result<ChartRequest> {
        let HelmChart { additional_values_files, .. } = &self.chart;
        let (chart, pulled) = self.find(loader)?;
        let mut values = vec![self.values(loader, pulled.as_ref())?];
        for file in additional_values_files {
            values.push((file.clone(), loader.load(file)?));
        }
        Ok(ChartRequest {
            chart,
            archive: pulled.map(|pulled| pulled.archive),
            values,
            release_name: self.chart.release_name.clone(),
            name_template: self.chart.name_template.clone(),
            namespace: self.chart.namespace.clone(),
            api_versions: self.chart.api_versions.clone(),
            kube_version: self.chart.kube_version.clone(),
            include_crds: self.chart.include_crds,
            skip_tests: self.chart.skip_tests,
            skip_hooks: self.chart.skip_hooks,
        })
    }

    /// The chart's directory, relative to the kustomization. A chart with repository and version lies in a directory of
    /// its own.
    fn location(&self) -> String {
        let HelmChart { name, version, repo, .. } = &self.chart;
        let home = if self.globals.chart_home.is_empty() { DEFAULT_HOME } else { &self.globals.chart_home };
        if version.is_empty() || repo.is_empty() {
            format!("{home}/{name}")
        } else {
            format!("{home}/{name}-{version}/{name}")
        }
    }

    /// The chart's directory, or its name and what was pulled.
    fn find(&self, loader: &Loader<'_>) -> Result<(String, Option<Pulled>)> {
        let HelmChart { name, repo, version, devel, .. } = &self.chart;
        let location = self.location();
        let found = path::join(&loader.dir, &location).and_then(|path| loader.tree.fs.resolve(&path));
        if let Some(directory) = found.filter(|directory| loader.tree.fs.is_dir(directory)) {
            return Ok((directory, None));
        }
        if repo.is_empty() {
            return Err(Error::refused(format!("no repo specified for pull, no chart found at '{location}'")));
        }
        let pulled = pull(&Wanted { repo, name, version, devel: *devel }, loader)?;
        Ok((name.clone(), Some(pulled)))
    }

    /// The chart's own values or the file that stands in for them, with what is written inline.
    fn values(&self, loader: &Loader<'_>, pulled: Option<&Pulled>) -> Result<(String, Vec<u8>)> {
        let HelmChart { values_file, values_inline, values_merge, .. } = &self.chart;
        let location = self.location();
        let file = if values_file.is_empty() { format!("{location}/{VALUES_FILE}") } else { values_file.clone() };
        let load = || match pulled {
            Some(pulled) => pulled.load(&location, &file, loader),
            None => loader.load(&file),
        };
        if values_inline.is_empty() {
            let content = load()?;
            return Ok((file, content));
        }
        let inline = Value::Object(values_inline.clone());
        let values = match values_merge.as_str() {
            REPLACE => inline,
            order => merged(read::text(load()?)?, inline, order == MERGE)?,
        };
        Ok((file, weir_yaml::to_yaml(&values).into_bytes()))
    }
}

/// Values inline over those of the file, or the other way round.
fn merged(file: String, inline: Value, file_wins: bool) -> Result<Value> {
    let file =
        weir_yaml::parse_first(&file).map_err(Error::from).during(|| "could not parse values file into rnode")?;
    let file = file.unwrap_or_else(weir_yaml::Node::mapping);
    let inline = weir_yaml::from_json(inline);
    let (under, over) = if file_wins { (inline, file) } else { (file, inline) };
    let schema = Schema::kubernetes();
    let merged = merge(&schema, under, over).during(|| "could not merge values")?;
    let merged = merged.unwrap_or_else(weir_yaml::Node::mapping);
    Ok(weir_yaml::to_json(&merged, weir_yaml::Rules::Yaml12)?)
}
