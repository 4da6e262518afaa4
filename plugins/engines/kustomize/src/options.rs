use serde_json::Value;

use crate::charts::ChartRenderer;
use crate::outside::Outside;

/// The order of the result where the kustomization file does not say (`sortOptions`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// As `kustomize build` prints: by kind, then by name.
    #[default]
    Legacy,
    /// As they were found.
    Fifo,
}

/// Which files a kustomization may name. Directories may be anywhere in the tree, and remote bases may only name files of
/// their own directory, whatever is set here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadRestrictions {
    /// Those in its own directory and below.
    #[default]
    RootOnly,
    /// All of the tree.
    None,
}

/// How to build.
#[derive(Default)]
pub struct BuildOptions<'a> {
    /// What stands before paths in messages: the root's place on the user's disk, without a trailing `/`.
    pub display_root: String,
    /// Taken in place of the kustomization file of the built directory.
    pub kustomization: Option<Value>,
    pub sort: SortOrder,
    pub restrictions: LoadRestrictions,
    /// Adds `app.kubernetes.io/managed-by`, as `managedByLabel` of `buildMetadata` does.
    pub managed_by_label: bool,
    /// Without one, remote files and bases and functions are refused.
    pub outside: Option<&'a dyn Outside>,
    /// Renders charts, as `--enable-helm` does for the original; without one they are refused.
    pub charts: Option<&'a dyn ChartRenderer>,
}
