//! Documents and what is said about them.

use serde::Serialize;
use weir_helm::{Chart, Hook, HookEvent, Printing, Rendered};
use weir_sdk::{Error, Format, RenderContext, RenderRequest, Result, Summary};
use weir_yaml::Rules;

use crate::Config;
use crate::failure::Failing;

pub(crate) fn all(
    cx: &RenderContext,
    request: &RenderRequest<Config>,
    chart: &Chart,
    rendered: &Rendered,
    failing: Failing,
) -> Result<Summary> {
    let config = &request.config;
    let mut metadata = vec![("chart".to_owned(), json(&describe(chart)))];
    if !rendered.notes.is_empty() {
        metadata.push(("notes".to_owned(), rendered.notes.clone()));
    }
    if !rendered.not_hermetic.is_empty() {
        metadata.push(("functions".to_owned(), rendered.not_hermetic.join(", ")));
    }
    let sink = Sink { batch: cx.documents().batch(), format: request.format, failing };
    if !config.show_only.is_empty() {
        let printed = rendered.print(&printing(config), config.helm_version.engine());
        let printed = printed.map_err(|error| failing.error(&error))?;
        printed.split_terminator("\n---\n").try_for_each(|part| {
            let text = part.strip_prefix("---\n").unwrap_or(part);
            sink.emit(text.trim_end_matches('\n'), None)
        })?;
        return Ok(Summary { documents: sink.batch.finish()?, metadata });
    }
    let mut count = 0;
    if config.include_crds {
        for crd in &rendered.crds {
            count += sink.emit_file(&crd.content, &crd.path)?;
        }
    }
    metadata.push(("crds".to_owned(), count.to_string()));
    for manifest in &rendered.manifests {
        sink.emit(&manifest.content, Some(&manifest.path))?;
        count += 1;
    }
    let hooks: Vec<&Hook> = rendered.hooks.iter().filter(|hook| is_wanted(hook, config)).collect();
    for hook in &hooks {
        sink.emit(&hook.manifest, Some(&hook.path))?;
    }
    let described: Vec<HookDescription<'_>> =
        hooks.iter().enumerate().map(|(index, hook)| describe_hook(hook, count + index)).collect();
    metadata.push(("hooks".to_owned(), json(&described)));
    Ok(Summary { documents: sink.batch.finish()?, metadata })
}

/// What is no YAML, as it is, and why.
pub(crate) fn invalid(cx: &RenderContext, texts: &[(String, String)], error: &weir_helm::Error) -> Result<Summary> {
    let batch = cx.documents().batch();
    texts.iter().try_for_each(|(path, text)| batch.emit(text.as_str(), Some(path), 0))?;
    Ok(Summary { documents: batch.finish()?, metadata: vec![("error".to_owned(), error.to_string())] })
}

fn printing(config: &Config) -> Printing {
    Printing {
        include_crds: config.include_crds,
        no_hooks: config.disable_hooks,
        skip_tests: config.skip_tests,
        show_only: config.show_only.clone(),
    }
}

fn is_wanted(hook: &Hook, config: &Config) -> bool {
    !(config.disable_hooks || config.skip_tests && hook.events.contains(&HookEvent::Test))
}

/// What the metadata say of the chart, in the order of the names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChartDescription<'a> {
    app_version: &'a str,
    name: &'a str,
    version: &'a str,
}

/// What the metadata say of a hook, in the order of the names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HookDescription<'a> {
    delete_policies: &'a [String],
    document: usize,
    events: Vec<&'static str>,
    kind: &'a str,
    name: &'a str,
    output_log_policies: &'a [String],
    path: &'a str,
    weight: i64,
}

fn describe(chart: &Chart) -> ChartDescription<'_> {
    let metadata = chart.metadata();
    ChartDescription { app_version: &metadata.app_version, name: &metadata.name, version: &metadata.version }
}

fn describe_hook(hook: &Hook, document: usize) -> HookDescription<'_> {
    HookDescription {
        delete_policies: &hook.delete_policies,
        document,
        events: hook.events.iter().map(|event| event.as_str()).collect(),
        kind: &hook.kind,
        name: &hook.name,
        output_log_policies: &hook.output_log_policies,
        path: &hook.path,
        weight: hook.weight,
    }
}

fn json(thing: &impl Serialize) -> String {
    serde_json::to_string(thing).expect("structures of texts and numbers have a form in JSON")
}

/// Hands documents over as they were asked for.
struct Sink<'a> {
    batch: weir_sdk::Batch<'a>,
    format: Format,
    failing: Failing,
}

impl Sink<'_> {
    fn emit(&self, text: &str, path: Option<&str>) -> Result<()> {
        match self.format {
            Format::Yaml => self.batch.emit(text, path, 0),
            Format::Json => self.emit_file(text, path.unwrap_or_default()).map(|_| ()),
        }
    }

    /// A file of many documents: as it is, or each document for itself. Returns how many came of it.
    fn emit_file(&self, text: &str, path: &str) -> Result<usize> {
        if self.format == Format::Yaml {
            return self.batch.emit(text, Some(path), 0).map(|()| 1);
        }
        let unreadable = |error: weir_yaml::Error| self.unreadable(path, &error);
        let mut count = 0;
        for node in weir_yaml::parse_documents(text).map_err(unreadable)? {
            let value = weir_yaml::to_json(&node, Rules::Yaml11).map_err(unreadable)?;
            if !value.is_null() {
                self.batch.emit(value.to_string(), Some(path), count)?;
                count += 1;
            }
        }
        Ok(count as usize)
    }

    fn unreadable(&self, path: &str, error: &weir_yaml::Error) -> Error {
        self.failing.release(format!("unable to build kubernetes objects from release manifest: {path}: {error}"))
    }
}
