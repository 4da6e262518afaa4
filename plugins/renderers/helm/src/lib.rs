//! The Helm renderer plugin: the engine over the host's tree.
//!
//! A render emits the CRDs of the chart's `crds` folders (if asked for), the manifests in install order, and the hooks, in
//! this order. The metadata of its summary says what they are:
//!
//! | key | value |
//! |---|---|
//! | `chart` | JSON: `name`, `version`, `appVersion` |
//! | `crds` | how many of the documents come from `crds` folders |
//! | `hooks` | JSON: what the last documents are, one entry for each |
//! | `notes` | the chart's notes |
//! | `functions` | the functions that made the render depend on more than its input; absent if there are none |
//! | `error` | why the documents are not valid; only if they were asked for all the same |

mod chart;
mod config;
mod emit;
mod failure;
mod values;
mod world;

use std::mem::ManuallyDrop;

use weir_helm::{Capabilities, Helm, Host, KubeVersion, Options, check_installable};
use weir_sdk::{Diagnostic, Info, RenderContext, RenderRequest, Renderer, Result, Severity, Summary};

pub use config::{
    Config, FileContent, HelmVersion, Kustomize, PostRenderStrategy, PostRenderer, Release, Setting, SettingKind,
};
use failure::Failing;
use world::World;

/// The code of what Helm would have logged.
const WARNING: &str = "HelmWarning";

/// The plugin.
pub struct HelmRenderer;

weir_sdk::register!(renderer: HelmRenderer);

impl Renderer for HelmRenderer {
    type Config = Config;

    fn info() -> Info {
        let dns = "a chart may look up the addresses of names (`getHostByName`)";
        let cache = "charts that were loaded and parsed are kept for the next release";
        let all = serde_json::json!({});
        weir_sdk::info!().named("helm").pure().can_use("dns", all.clone(), dns).can_use("cache", all, cache)
    }

    fn render(cx: &RenderContext, request: &RenderRequest<Config>) -> Result<Summary> {
        let failing = Failing::of(&request.config);
        let config = &request.config;
        let helm = config.helm_version.engine();
        // The instance ends with the call: to free what it holds until then is work for nothing.
        let host = ManuallyDrop::new(Host::new(World::new(cx, config.enable_dns)));
        let options = ManuallyDrop::new(options(config, request, &host).map_err(|error| failing.error(&error))?);
        let values = ManuallyDrop::new(values::merged(request, helm).map_err(|error| failing.error(&error))?);
        let loaded = ManuallyDrop::new(chart::load(cx, &request.path, helm, failing)?);
        let rendered = check_installable(&loaded.chart, helm, &host)
            .and_then(|()| weir_helm::render(&loaded.chart, &values, &options, &host));
        for warning in loaded.warnings.iter().chain(host.warnings.borrow().iter()) {
            cx.documents().diagnose(Diagnostic::new(Severity::Warning, WARNING, warning));
        }
        chart::keep(cx, &request.path, helm, &loaded);
        match rendered.map(ManuallyDrop::new) {
            Ok(rendered) => emit::all(cx, request, &loaded.chart, &rendered, failing),
            Err(error) if config.keep_invalid && !host.invalid.borrow().is_empty() => {
                emit::invalid(cx, &host.invalid.borrow(), &error)
            }
            Err(error) => Err(failing.error(&error)),
        }
    }
}

fn options(config: &Config, request: &RenderRequest<Config>, host: &Host) -> weir_helm::Result<Options> {
    let helm = config.helm_version.engine();
    let release = &config.release;
    let name = match release.name_template.as_deref() {
        None | Some("") => release.name.clone(),
        Some(template) => weir_helm::release_name(template, host)?,
    };
    let defaults = Options::new(
        helm,
        weir_helm::Release {
            name,
            namespace: release.namespace.clone(),
            revision: release.revision,
            is_upgrade: release.is_upgrade,
        },
    );
    let strategy = config.post_render_strategy.map(PostRenderStrategy::engine);
    Ok(Options {
        capabilities: capabilities(config, request, helm)?,
        skip_schema_validation: config.skip_schema_validation,
        enable_dns: config.enable_dns,
        sub_notes: config.subchart_notes,
        strict: config.strict,
        post_renderers: config
            .post_renderers
            .iter()
            .filter_map(|one| one.kustomize.as_ref())
            .map(Kustomize::engine)
            .collect(),
        post_render_strategy: strategy.unwrap_or(defaults.post_render_strategy),
        ..defaults
    })
}

/// What the cluster offers (`kubeVersion`, `apiVersions`), or what Helm assumes without one.
fn capabilities(config: &Config, request: &RenderRequest<Config>, helm: Helm) -> weir_helm::Result<Capabilities> {
    let mut all = Capabilities::default_of(helm);
    if let Some(version) = request.capabilities["kubeVersion"].as_str() {
        all.kube_version = KubeVersion::parse(version, helm)?;
    }
    if let Some(served) = request.capabilities["apiVersions"].as_array() {
        all.with_defaults = false;
        all.api_versions = served.iter().filter_map(|one| one.as_str()).map(str::to_owned).collect();
    }
    all.api_versions.extend(config.extra_api_versions.iter().cloned());
    Ok(all)
}
