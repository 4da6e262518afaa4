//! From a chart and values to manifests.

use weir_gotmpl::Map;

use crate::Helm;
use crate::chart::tree::{Id, Tree};
use crate::chart::{API_VERSION_V3, Chart, compatible, enable, import};
use crate::error::{Error, Result};
use crate::options::{Host, Options};
use crate::release::{self, Hook, Manifest};
use crate::values::{Warnings, coalesce_values};
use crate::{engine, postrender, schema};

const NOTES: &str = "NOTES.txt";

const MISSING_V3: &str = "An error occurred while checking for chart dependencies. \
                          You may need to run `helm dependency build` to fetch missing dependencies";
const MISSING_V4: &str = "an error occurred while checking for chart dependencies. \
                          You may need to run 'helm dependency build' to fetch missing dependencies";

/// A custom resource definition of the chart or a sub-chart, as it lies in `crds/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crd {
    /// With the chart in front: `app/crds/things.yaml`.
    pub path: String,
    pub content: String,
}

/// A rendered chart.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// In install order.
    pub manifests: Vec<Manifest>,
    /// In install order of their kinds; [`Hook::weight`] says how they are run.
    pub hooks: Vec<Hook>,
    /// In the order of the charts.
    pub crds: Vec<Crd>,
    /// What `NOTES.txt` says.
    pub notes: String,
    /// Functions that read the clock, took randomness or asked the network. With none, the same input gives the same output.
    pub not_hermetic: Vec<&'static str>,
}

/// What is printed of a rendered chart.
#[derive(Debug, Clone, Default)]
pub struct Printing {
    pub include_crds: bool,
    pub no_hooks: bool,
    pub skip_tests: bool,
    /// Patterns of templates, relative to the chart. All are shown if there are none.
    pub show_only: Vec<String>,
}

/// Checks that a chart can be installed: that it is no library, that what it depends on is there, and that it is of a version
/// that Helm installs.
///
/// # Errors
/// In Helm's words.
pub fn check_installable(chart: &Chart, helm: Helm, host: &Host) -> Result<()> {
    let metadata = chart.metadata();
    if !["", "application"].contains(&metadata.kind.as_str()) {
        return Err(Error::chart(format!("{} charts are not installable", metadata.kind)));
    }
    if metadata.deprecated {
        host.warnings.borrow_mut().push("WARNING: This chart is deprecated".to_owned());
    }
    let next_generation = helm == Helm::V4 && metadata.api_version == API_VERSION_V3;
    let entries = metadata.dependencies.as_ref().map_or(0, Vec::len);
    if next_generation && entries < chart.dependencies().len() {
        // It counts the charts and looks for as many entries.
        return Err(Error::chart(format!("{MISSING_V4}: unsupported chart dependency type")));
    }
    let is_there = |name: &str| chart.dependencies().iter().any(|child| child.metadata().name == name);
    let missing: Vec<&str> = metadata
        .dependencies
        .iter()
        .flatten()
        .map(|dependency| dependency.name.as_str())
        .filter(|name| !is_there(name))
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        let what = match helm {
            Helm::V3 => MISSING_V3,
            Helm::V4 => MISSING_V4,
        };
        return Err(Error::chart(format!("{what}: found in Chart.yaml, but missing in charts/ directory: {missing}")));
    }
    match next_generation {
        // Helm 4 loads such charts, and cannot install them yet.
        true => Err(Error::chart("invalid chart apiVersion")),
        false => Ok(()),
    }
}

/// Renders a chart with values, which are laid over its defaults.
///
/// # Errors
/// In Helm's words, and the limits of this crate and of the template engine.
pub fn render(chart: &Chart, values: &Map, options: &Options, host: &Host) -> Result<Rendered> {
    options.release.validate()?;
    let warnings: &mut Warnings = &mut host.warnings.borrow_mut();
    let mut tree = Tree::new(chart)?;
    enable(&mut tree, Tree::ROOT, values, "", options.helm, warnings)?;
    import(&mut tree, Tree::ROOT, options.helm, warnings)?;
    let values = coalesce_values(&tree, Tree::ROOT, values, options.helm, warnings)?;
    if !options.skip_schema_validation {
        schema::validate(&tree, &values, warnings)?;
    }
    check_kube_version(chart, options)?;
    let mut files = engine::render(&tree, &values, options, host)?;
    let notes = take_notes(&mut files, tree.name(Tree::ROOT), options.sub_notes);
    if !options.post_renderers.is_empty() {
        files = post_rendered(files, options)?;
    }
    let sorted = release::sort(files.iter().map(|file| (file.path.as_str(), file.content.as_slice())), options.helm)
        .inspect_err(|_| host.invalid.borrow_mut().extend(printed(&files)))?;
    warnings.extend(sorted.warnings);
    let mut crds = Vec::new();
    collect_crds(&tree, Tree::ROOT, &mut crds);
    host.leave((tree, values, files));
    Ok(Rendered {
        manifests: sorted.manifests,
        hooks: sorted.hooks,
        crds,
        notes,
        not_hermetic: host.effects.not_hermetic(),
    })
}

fn post_rendered(files: Vec<engine::File>, options: &Options) -> Result<Vec<engine::File>> {
    let text = |file: engine::File| match String::from_utf8(file.content) {
        Ok(text) => Ok((file.path, text)),
        Err(_) => Err(Error::manifest(format!("parsing {}: yaml: invalid leading UTF-8 octet", file.path))),
    };
    let files = files.into_iter().map(text).collect::<Result<Vec<_>>>()?;
    let strategy = options.post_render_strategy;
    let files = postrender::apply(files, &options.post_renderers, strategy, options.helm)?;
    Ok(files.into_iter().map(|(path, text)| engine::File { path, content: text.into_bytes() }).collect())
}

fn check_kube_version(chart: &Chart, options: &Options) -> Result<()> {
    let (wanted, version) = (&chart.metadata().kube_version, &options.capabilities.kube_version);
    if wanted.is_empty() || compatible(wanted, &version.normalized) {
        return Ok(());
    }
    Err(Error::manifest(format!(
        "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {}",
        version.version
    )))
}

/// What the templates printed, without those that printed nothing.
fn printed(files: &[engine::File]) -> impl Iterator<Item = (String, String)> {
    let texts = files.iter().map(|file| (file.path.clone(), String::from_utf8_lossy(&file.content).into_owned()));
    texts.filter(|(_, text)| !text.trim().is_empty())
}

/// Takes the notes out of the files.
fn take_notes(files: &mut Vec<engine::File>, chart: &str, of_all: bool) -> String {
    let own = format!("{chart}/templates/{NOTES}");
    let mut notes = String::new();
    files.retain(|file| {
        if !file.path.ends_with(NOTES) {
            return true;
        }
        if of_all || file.path == own {
            if !notes.is_empty() {
                notes.push('\n');
            }
            notes.push_str(&String::from_utf8_lossy(&file.content));
        }
        false
    });
    notes
}

fn collect_crds(tree: &Tree, id: Id, crds: &mut Vec<Crd>) {
    let is_manifest = |path: &str| {
        let extension = crate::go_path::extension(path).to_ascii_lowercase();
        path.starts_with("crds/") && [".yaml", ".yml", ".json"].contains(&extension.as_str())
    };
    for file in tree.chart(id).files().iter().filter(|file| is_manifest(&file.path)) {
        let path = crate::go_path::clean(format!("{}/{}", tree.path(id), file.path));
        crds.push(Crd { path, content: file.data.to_str_lossy().into_owned() });
    }
    for child in tree.children(id) {
        collect_crds(tree, *child, crds);
    }
}

impl Rendered {
    /// What `helm template` prints.
    ///
    /// # Errors
    /// A template to show that is not there.
    pub fn print(&self, printing: &Printing, helm: Helm) -> Result<String> {
        let crds = if printing.include_crds { self.crds.as_slice() } else { &[] };
        let is_shown = |hook: &&Hook| {
            let is_test = || hook.events.contains(&release::HookEvent::Test);
            !(printing.no_hooks || printing.skip_tests && is_test())
        };
        let text = release::print(crds, &self.manifests, self.hooks.iter().filter(is_shown));
        match printing.show_only.as_slice() {
            [] => Ok(text),
            patterns => release::show_only(&text, patterns, helm),
        }
    }
}
