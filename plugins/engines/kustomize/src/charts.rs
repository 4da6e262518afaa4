//! What a build asks the outside for when a kustomization names Helm charts.

use crate::outside::Unavailable;

/// Renders the charts that kustomizations name (`helmCharts`, `HelmChartInflationGenerator`).
pub trait ChartRenderer {
    /// What `helm template` prints for a chart in the build's tree, or for one that was pulled.
    ///
    /// # Errors
    /// Why it fails, in Helm's words.
    fn render(&self, request: &ChartRequest) -> Result<String, Unavailable>;
}

/// An archive that a build has got from [`crate::Outside`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartArchive {
    /// Behind a URL, as [`crate::Outside::file`] gave it.
    File(String),
    /// In a registry, as [`crate::Outside::chart`] gave it.
    Registry(String),
}

/// One chart as a kustomization asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartRequest {
    /// Its directory in the tree, or its name if it was pulled.
    pub chart: String,
    /// What it was pulled from; it is not in the tree then.
    pub archive: Option<ChartArchive>,
    /// Made up by Helm when empty.
    pub release_name: String,
    /// Not used when empty.
    pub name_template: String,
    /// Helm's own default when empty.
    pub namespace: String,
    /// Name and content of each values file, later ones win.
    pub values: Vec<(String, Vec<u8>)>,
    /// Besides those that Helm knows.
    pub api_versions: Vec<String>,
    /// Helm's own default when empty.
    pub kube_version: String,
    /// With the chart's `crds` folder.
    pub include_crds: bool,
    /// Without hooks that are tests.
    pub skip_tests: bool,
    /// Without hooks.
    pub skip_hooks: bool,
}
