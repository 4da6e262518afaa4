//! Charts from files.

use std::collections::BTreeMap;

use weir_gotmpl::{Map, Str, kept};

use crate::chart::file::{Budget, File, without_bom};
use crate::chart::ignore::IgnoreRules;
use crate::chart::metadata::{self, API_VERSION_V3, Metadata};
use crate::chart::parsed::ParsedTemplates;
use crate::chart::{Chart, Content, archive};
use crate::error::{Error, Result};
use crate::limits::{MAX_CHART_DEPTH, MAX_FILE_BYTES};
use crate::{Helm, go_path, values};

const CHART_FILE: &str = "Chart.yaml";
/// Helm 4 names the file's place on disk.
const NO_CHART_FOLDER: &str = "unable to detect chart at Chart.yaml: open Chart.yaml: no such file or directory";
const WARN_REQUIREMENTS: &str = "load.go:120: Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.";
const WARN_LOCK: &str = "load.go:138: Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to Chart.lock.";

/// A chart and what Helm would have logged while loading it.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub chart: Chart,
    pub warnings: Vec<String>,
}

kept!(Loaded { chart, warnings });

/// Loads a chart from the files of a folder: paths relative to it, separated by `/`, and their bytes. `.helmignore` among
/// them is heeded. The files of a `charts/NAME/` folder are a sub-chart, a `charts/NAME.tgz` is one in an archive.
///
/// # Errors
/// What Helm refuses, in its words, and the limits of this crate.
pub fn load_folder(files: impl IntoIterator<Item = (String, Str)>, helm: Helm) -> Result<Loaded> {
    let files: Vec<(String, Str)> = files.into_iter().collect();
    if helm == Helm::V4 && !files.iter().any(|(path, _)| path == CHART_FILE) {
        return Err(Error::chart(NO_CHART_FOLDER));
    }
    let rules = match files.iter().find(|(path, _)| path == ".helmignore") {
        Some((_, text)) => IgnoreRules::parse(&text.to_str_lossy())?,
        None => IgnoreRules::default(),
    };
    let mut loader = Loader::new(helm);
    let mut kept = Vec::new();
    for (path, data) in files.into_iter().filter(|(path, _)| !rules.ignores_file(path)) {
        if data.len() as u64 > MAX_FILE_BYTES {
            let name = weir_gotmpl::quote(go_path::base(&path).as_bytes());
            return Err(Error::limit(format!(
                "chart file {name} is larger than the maximum file size {MAX_FILE_BYTES}"
            )));
        }
        loader.budget.file(data.len() as u64)?;
        let data = match without_bom(&data) {
            stripped if stripped.len() < data.len() => Str::from(stripped),
            _ => data,
        };
        kept.push(File { path: path.into(), data });
    }
    kept.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
    loader.finish(kept)
}

/// Loads a chart from an archive (`.tgz`).
///
/// # Errors
/// As [`load_folder`].
pub fn load_archive(bytes: &[u8], helm: Helm) -> Result<Loaded> {
    let mut loader = Loader::new(helm);
    let files = match archive::unpack(bytes, &mut loader.budget) {
        Err(error) if helm == Helm::V4 => return Err(unpack_error_v4(error)),
        files => files?,
    };
    if helm == Helm::V4 && !files.iter().any(|file| file.path == CHART_FILE) {
        return Err(Error::chart("unable to detect chart version, no Chart.yaml found"));
    }
    loader.finish(files)
}

/// What Helm 4 says when Flux hands it something that it cannot unpack.
fn unpack_error_v4(error: Error) -> Error {
    match error.to_string() {
        text if text == archive::NO_GZIP => {
            Error::chart(format!("stream does not appear to be a valid chart file (details: {text})"))
        }
        _ => error.during("unable to load chart archive"),
    }
}

/// Helm 4 looks at the generation of the chart before it reads it.
///
/// # Errors
/// A generation that it does not know, and a file in which there is none to be found.
fn is_next_generation(metadata: &Metadata, text: &[u8], is_unreadable: bool) -> Result<bool> {
    let found = match is_unreadable {
        true => {
            metadata::api_version(text).map_err(|error| Error::chart(format!("cannot load Chart.yaml: {error}")))?
        }
        false => metadata.api_version.clone(),
    };
    match found.as_str() {
        "" | "v1" | "v2" => Ok(false),
        API_VERSION_V3 => Ok(true),
        _ => Err(Error::chart("unsupported chart version")),
    }
}

struct Loader {
    helm: Helm,
    budget: Budget,
    depth: usize,
    /// The chart is one that only Helm 4 knows, and so are those in it.
    next_generation: bool,
    warnings: Vec<String>,
}

/// The parts of a chart as they are found among its files.
#[derive(Default)]
struct Parts {
    metadata: Option<Metadata>,
    templates: Vec<File>,
    files: Vec<File>,
    values: Map,
    schema: Option<Str>,
    /// Files below `charts/`, by the name of the chart's folder or archive.
    charts: BTreeMap<String, Vec<File>>,
}

impl Loader {
    fn new(helm: Helm) -> Loader {
        Loader { helm, budget: Budget::default(), depth: 0, next_generation: false, warnings: Vec::new() }
    }

    fn finish(mut self, files: Vec<File>) -> Result<Loaded> {
        let chart = self.chart(files)?;
        Ok(Loaded { chart, warnings: self.warnings })
    }

    fn chart(&mut self, files: Vec<File>) -> Result<Chart> {
        if self.depth > MAX_CHART_DEPTH {
            return Err(Error::limit(format!("charts are nested deeper than {MAX_CHART_DEPTH} levels")));
        }
        let mut parts = Parts::default();
        for file in files.iter().filter(|file| file.path == CHART_FILE) {
            let metadata = parts.metadata.get_or_insert_default();
            let read = metadata.read(&file.data, self.helm);
            if self.helm == Helm::V4 && self.depth == 0 {
                self.next_generation = is_next_generation(metadata, &file.data, read.is_err())?;
            }
            read.map_err(|error| Error::chart(format!("cannot load Chart.yaml: {error}")))?;
            if metadata.api_version.is_empty() {
                metadata.api_version = "v1".to_owned();
            }
        }
        for file in files.into_iter().filter(|file| file.path != CHART_FILE) {
            self.sort_in(&mut parts, file)?;
        }
        let mut metadata = parts.metadata.ok_or_else(|| Error::chart("Chart.yaml file is missing"))?;
        metadata.validate()?;
        let mut dependencies = Vec::new();
        for (name, files) in parts.charts {
            if name.starts_with(['_', '.']) {
                continue;
            }
            let chart = self.sub_chart(&metadata.name, &name, files)?;
            dependencies.push(chart);
        }
        let content = Content {
            metadata,
            templates: parts.templates,
            files: parts.files,
            values: parts.values.into(),
            schema: parts.schema,
            dependencies,
        };
        Ok(Chart::new(content, ParsedTemplates::default()))
    }

    fn sort_in(&mut self, parts: &mut Parts, file: File) -> Result<()> {
        match &*file.path {
            "Chart.lock" => check_lock(&file),
            "values.yaml" => {
                let values = values::read_values(&file.data, self.helm);
                parts.values = values.map_err(|error| Error::chart(format!("cannot load values.yaml: {error}")))?;
                Ok(())
            }
            "values.schema.json" => {
                parts.schema = Some(file.data);
                Ok(())
            }
            // Charts of the next generation have no such files.
            "requirements.yaml" | "requirements.lock" if self.next_generation => {
                parts.files.push(file);
                Ok(())
            }
            "requirements.yaml" => {
                let metadata = parts.metadata.get_or_insert_default();
                let warn = metadata.api_version != "v1";
                let read = metadata.read(&file.data, self.helm);
                read.map_err(|error| Error::chart(format!("cannot load requirements.yaml: {error}")))?;
                self.old_file(parts, file, warn.then_some(WARN_REQUIREMENTS));
                Ok(())
            }
            "requirements.lock" => {
                check_lock(&file)?;
                let warn = parts.metadata.get_or_insert_default().api_version != "v1";
                self.old_file(parts, file, warn.then_some(WARN_LOCK));
                Ok(())
            }
            path if path.starts_with("templates/") => {
                parts.templates.push(file);
                Ok(())
            }
            path if path.starts_with("charts/") && go_path::extension(path) != ".prov" => {
                let path = path["charts/".len()..].to_owned();
                let name = path.split('/').next().unwrap_or_default().to_owned();
                parts.charts.entry(name).or_default().push(File { path: path.into(), data: file.data });
                Ok(())
            }
            _ => {
                parts.files.push(file);
                Ok(())
            }
        }
    }

    /// Files of old charts stay files of theirs.
    fn old_file(&mut self, parts: &mut Parts, file: File, warning: Option<&str>) {
        self.warnings.extend(warning.map(str::to_owned));
        if parts.metadata.as_ref().is_some_and(|metadata| metadata.api_version == "v1") {
            parts.files.push(file);
        }
    }

    fn sub_chart(&mut self, parent: &str, name: &str, files: Vec<File>) -> Result<Chart> {
        self.depth += 1;
        let chart = match go_path::extension(name) {
            ".tgz" => self.archived(parent, name, &files),
            _ => {
                let inner = |file: File| {
                    let (_, path) = file.path.split_once('/')?;
                    Some(File { path: path.to_owned().into(), data: file.data })
                };
                self.chart(files.into_iter().filter_map(inner).collect())
            }
        };
        self.depth -= 1;
        chart.map_err(|error| error.during(format!("error unpacking subchart {name} in {parent}")))
    }

    fn archived(&mut self, parent: &str, name: &str, files: &[File]) -> Result<Chart> {
        let Some(file) = files.first().filter(|file| file.path == name) else {
            let found = files.first().map_or("", |file| &file.path);
            return Err(Error::chart(format!(
                "error unpacking subchart tar in {parent}: expected {name}, got {found}"
            )));
        };
        let files = archive::unpack(&file.data, &mut self.budget)?;
        self.chart(files)
    }
}

/// A lock has to be YAML of the right shape; nothing of it is needed to render.
fn check_lock(file: &File) -> Result<()> {
    let checked = match crate::decode::parse(&file.data) {
        Ok(Some(node)) => crate::decode::check(&node),
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    checked.map_err(|error| Error::chart(format!("cannot load {}: {error}", file.path)))
}
