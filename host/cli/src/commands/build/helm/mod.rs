//! `weir build helm`: what `helm template` prints, from the renderer that the engine uses.

mod print;
mod release;
mod values;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use weir_plugin::{CallContext, Capability, Format, Grants, Limits, PluginFailure, RenderRequest, Rendered};

use print::Output;

use super::root;
use crate::args::{Global, Helm, HelmVersion};
use crate::{cluster, output, plugins, progress};

/// The plugin that renders charts.
const PLUGIN: &str = "helm";
/// Whose budgets are used where there is no namespace.
const TENANT: &str = "local";
/// A terminal shows longer messages than a condition.
const MESSAGE_BYTES: usize = 1 << 20;
/// How Helm begins to say that a template printed something that is no YAML.
const NOT_YAML: &str = "YAML parse error on ";
/// The namespace of a release, if nothing says otherwise; as in Helm.
const DEFAULT_NAMESPACE: &str = "default";
/// How Helm is told a namespace.
const NAMESPACE_VARIABLE: &str = "HELM_NAMESPACE";

pub(crate) async fn run(global: &Global, args: &Helm) -> Result<()> {
    refuse(args)?;
    let (name, chart) = release::name_and_chart(args)?;
    let input = root::of_chart(&locate(&chart, args)?)?;
    let request = RenderRequest {
        config: config(global, args, &name)?,
        path: input.path,
        format: Format::Yaml,
        values: values::documents(&args.values.files)?,
        capabilities: args.kube_version.as_ref().map_or(Value::Null, |version| json!({"kubeVersion": version})),
        ..RenderRequest::default()
    };
    let plugin = plugins::bundled(PLUGIN, args.plugins.plugins.as_deref()).await?;
    let rendered = plugin.render(&context(global, args), request, &input.root).await.map_err(explain)?;
    for diagnostic in &rendered.diagnostics {
        progress::failed(&diagnostic.message);
    }
    show(rendered, args, &name)
}

fn show(rendered: Rendered, args: &Helm, name: &str) -> Result<()> {
    let hermetic = rendered.hermetic;
    let rendered = Output::read(rendered)?;
    if !hermetic {
        let functions = rendered.functions.as_deref().unwrap_or("the time or randomness");
        progress::waiting(&format!("the result is not the same every time, the chart uses: {functions}"));
    }
    if args.switches.notes {
        return output::write(&rendered.notes);
    }
    output::write(&match &args.output_dir {
        // Helm prints what it did not write into files, which is nothing, and ends the line.
        Some(dir) => rendered.write_files(dir, args.switches.release_name.then_some(name))? + "\n",
        None if !args.show_only.is_empty() => rendered.shown(),
        None => rendered.text(),
    })?;
    // What is not valid was asked for with `--debug`, and is an error all the same.
    rendered.error.map_or(Ok(()), |error| bail!(error))
}

/// What was rendered cannot be seen in the message.
fn explain(failure: PluginFailure) -> anyhow::Error {
    let is_yaml = failure.to_string().starts_with(NOT_YAML);
    let error = anyhow::Error::new(failure);
    if is_yaml { anyhow::anyhow!("{error}\nhint: `--debug` prints what was rendered all the same") } else { error }
}

/// Everything that needs more than this machine's files.
fn refuse(args: &Helm) -> Result<()> {
    let remote = &args.remote;
    if remote.validate || remote.dry_run.as_deref() == Some("server") {
        bail!(
            "charts are rendered without a cluster here\nhint: `--kube-version` and `--api-versions` say what the chart sees of one"
        );
    }
    if remote.dependency_update {
        bail!("dependencies are not fetched\nhint: put them into the chart's `charts` folder first");
    }
    if remote.verify {
        bail!("provenance of charts is not verified here\nhint: leave out `--verify`");
    }
    if remote.post_renderer.is_some() || !remote.post_renderer_args.is_empty() {
        bail!(
            "a post-renderer would be a program outside of the sandbox\nhint: `spec.postRenderers` of a HelmRelease patches what a chart renders, with kustomize"
        );
    }
    Ok(())
}

/// The chart on this machine; others are not fetched.
fn locate(chart: &str, args: &Helm) -> Result<PathBuf> {
    let chart = chart.trim();
    let path = Path::new(chart);
    if path.exists() {
        if args.remote.repo.is_some() {
            progress::failed("the chart is on this machine, `--repo` is not used");
        }
        return Ok(path.to_owned());
    }
    if path.is_absolute() || chart.starts_with('.') {
        bail!("path {chart:?} not found");
    }
    if !chart.contains('/') && args.remote.repo.is_none() {
        bail!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {chart}");
    }
    bail!(
        "chart is not on this machine: {chart}\nhint: charts are not fetched from repositories here; fetch it, then name its folder or archive"
    )
}

/// The renderer's parameters.
fn config(global: &Global, args: &Helm, name: &str) -> Result<Value> {
    let switches = &args.switches;
    Ok(json!({
        "release": {
            "name": name,
            "nameTemplate": args.name_template,
            "namespace": namespace(global),
            "isUpgrade": switches.is_upgrade,
        },
        "set": values::expressions(&args.values),
        "files": values::files(&args.values.set_file)?,
        "extraApiVersions": args.api_versions,
        "showOnly": args.show_only,
        "includeCrds": switches.include_crds,
        "skipTests": switches.skip_tests,
        "disableHooks": switches.no_hooks,
        "skipSchemaValidation": switches.skip_schema_validation,
        "enableDns": switches.enable_dns,
        "subchartNotes": switches.render_subchart_notes,
        "keepInvalid": switches.debug,
        "helmVersion": match args.helm_version {
            HelmVersion::V3 => "3",
            HelmVersion::V4 => "4",
        },
    }))
}

/// The flag, Helm's variable, the kubeconfig's context, or `default`.
fn namespace(global: &Global) -> String {
    let variable = || std::env::var(NAMESPACE_VARIABLE).ok();
    let set = |name: &String| !name.is_empty();
    let given = global.namespace.clone().filter(set).or_else(|| variable().filter(set));
    given.or_else(|| cluster::namespace(global)).unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned())
}

/// Charts may ask for the time and for random values, as in Helm; the render says so then.
fn context(global: &Global, args: &Helm) -> CallContext {
    let limits = Limits { message_bytes: MESSAGE_BYTES, ..Limits::renderer() };
    let context = CallContext::new(TENANT, limits.with_wall(global.deadline()));
    let grants = Grants::default();
    let grants = if args.switches.enable_dns { grants.with(Capability::Dns) } else { grants };
    let context = CallContext { grants, ..context };
    if args.switches.hermetic { context } else { context.with_time_and_randomness() }
}
