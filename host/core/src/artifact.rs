//! The artifact of a source, as its status shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `status.artifact` of a source kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Artifact {
    /// Digest of the stored file, with its algorithm: `sha256:<hex>`.
    pub digest: String,
    /// `<kind lowercase>/<namespace>/<name>/<file>` below the storage root.
    pub path: String,
    /// Where the file is served.
    pub url: String,
    /// For example `main@sha1:<hex>`.
    pub revision: String,
    /// RFC 3339, seconds.
    pub last_update_time: String,
    /// Bytes of the stored file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Annotations of an OCI manifest.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}
