//! What a build asks the outside for when a kustomization names Helm charts.

use crate::outside::Unavailable;

/// Renders the charts that kustomizations name (`helmCharts`, `HelmChartInflationGenerator`).
pub trait ChartRenderer {
    /// What `helm template` prints for a chart in the build's tree.
    ///
    /// # Errors
    /// Why it fails, in Helm's words.
    fn render(&self, request: &ChartRequest) -> Result<String, Unavailable>;
}

/// One chart as a kustomization asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartRequest {
    /// Its directory in the tree.
    pub chart: String,
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
