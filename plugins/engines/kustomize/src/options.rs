use serde_json::Value;

/// The order of the result where the kustomization file does not say (`sortOptions`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// As `kustomize build` prints: by kind, then by name.
    #[default]
    Legacy,
    /// As they were found.
    Fifo,
}

/// Brings what lies outside of the tree into it.
pub trait RemoteLoader {
    /// The content behind an HTTP URL.
    ///
    /// # Errors
    /// Why there is none.
    fn file(&self, url: &str) -> std::result::Result<Vec<u8>, String>;

    /// The directory in the build's tree that holds this remote base.
    ///
    /// # Errors
    /// Why there is none.
    fn base(&self, url: &str) -> std::result::Result<String, String>;
}

/// How to build.
#[derive(Default)]
pub struct BuildOptions<'a> {
    /// What stands before paths in messages: the root's place on the user's disk, without a trailing `/`.
    pub display_root: String,
    /// Taken in place of the kustomization file of the built directory.
    pub kustomization: Option<Value>,
    pub sort: SortOrder,
    /// Without one, remote resources and bases are refused.
    pub remote: Option<&'a dyn RemoteLoader>,
}
