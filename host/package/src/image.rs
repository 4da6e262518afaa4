//! A plugin as an OCI image in the CNCF Wasm layout: one manifest, one config, exactly one layer.

use std::collections::BTreeMap;

use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciDescriptor, OciImageManifest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::{
    MAX_COMPONENT_BYTES,
    component::{ComponentError, Facts},
    digest::{Digest, InvalidDigest},
};

/// Media type of the config.
pub const CONFIG_MEDIA_TYPE: &str = "application/vnd.wasm.config.v0+json";
/// Media type of the layer.
pub const LAYER_MEDIA_TYPE: &str = "application/wasm";
/// What older tools wrote for the layer; accepted when reading.
pub const OLD_LAYER_MEDIA_TYPE: &str = "application/vnd.wasm.content.layer.v1+wasm";
/// Bytes of a manifest.
pub const MAX_MANIFEST_BYTES: usize = 1 << 20;
/// Bytes of a config.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// The layout knows one value for all components, whatever they import.
const CONFIG_OS: &str = "wasip2";
const CONFIG_ARCHITECTURE: &str = "wasm";
/// The same component makes the same image on every machine and day.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// A whole image; [`Image::digest`] names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    manifest: Vec<u8>,
    config: Vec<u8>,
    component: Vec<u8>,
}

/// Why an image is no plugin.
#[derive(Debug, Error)]
pub enum ImageError {
    /// The component is unusable.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// The manifest is no manifest of one image.
    #[error("malformed image manifest: {0}")]
    Manifest(String),
    /// Not one layer.
    #[error("a plugin image has exactly one layer, this one has {0}")]
    Layers(usize),
    /// A layer of another kind.
    #[error("unknown layer type `{found}`, want `{LAYER_MEDIA_TYPE}`\nhint: the image is something else than a plugin")]
    LayerType {
        /// What was found.
        found: String,
    },
    /// A digest of the manifest is malformed.
    #[error("manifest")]
    Digest(#[from] InvalidDigest),
    /// A blob is not what the manifest says.
    #[error("the {what} does not match the manifest, want {expected}, found {found}")]
    Mismatch {
        /// Which blob.
        what: &'static str,
        /// What the manifest says.
        expected: String,
        /// What was found.
        found: String,
    },
    /// Over a limit.
    #[error("the {what} of {size} bytes is larger than {limit}")]
    TooLarge {
        /// Which blob.
        what: &'static str,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
}

/// Where the parts of an image are, and how long they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The config.
    pub config: Part,
    /// The component.
    pub component: Part,
}

/// One blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called in messages.
    pub what: &'static str,
    /// Its digest.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// The config of the CNCF Wasm layout.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    created: String,
    architecture: String,
    os: String,
    layer_digests: Vec<Digest>,
    component: ConfigComponent,
}

#[derive(Serialize, Deserialize)]
struct ConfigComponent {
    exports: Vec<String>,
    imports: Vec<String>,
}

impl Image {
    /// Packs a component. Annotations come from its description.
    ///
    /// # Errors
    /// When the component is unusable.
    pub fn pack(component: Vec<u8>) -> Result<Self, ImageError> {
        let facts = Facts::read(&component)?;
        let config = to_json(&Config {
            created: CREATED.into(),
            architecture: CONFIG_ARCHITECTURE.into(),
            os: CONFIG_OS.into(),
            layer_digests: vec![Digest::of(&component)],
            component: ConfigComponent { exports: facts.exports, imports: facts.imports },
        });
        let manifest = to_json(&OciImageManifest {
            media_type: Some(OCI_IMAGE_MEDIA_TYPE.into()),
            config: descriptor(CONFIG_MEDIA_TYPE, &config),
            layers: vec![descriptor(LAYER_MEDIA_TYPE, &component)],
            annotations: facts.info.map(|info| annotations(&info)).filter(|a| !a.is_empty()),
            ..OciImageManifest::default()
        });
        Ok(Self { manifest, config, component })
    }

    /// Puts an image together from its parts.
    ///
    /// # Errors
    /// When a part is not what the manifest says.
    pub fn assemble(manifest: Vec<u8>, config: Vec<u8>, component: Vec<u8>) -> Result<Self, ImageError> {
        let parts = parts(&manifest)?;
        parts.config.check(&config)?;
        parts.component.check(&component)?;
        Ok(Self { manifest, config, component })
    }

    /// Digest of the manifest: what a reference pins.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    /// The manifest, byte for byte.
    pub fn manifest(&self) -> &[u8] {
        &self.manifest
    }

    /// The config, byte for byte.
    pub fn config(&self) -> &[u8] {
        &self.config
    }

    /// The component.
    pub fn component(&self) -> &[u8] {
        &self.component
    }

    /// The component itself.
    pub fn into_component(self) -> Vec<u8> {
        self.component
    }
}

/// Reads a manifest: where the parts of the image are.
///
/// # Errors
/// When the image is no plugin, or larger than the limits.
pub fn parts(manifest: &[u8]) -> Result<Parts, ImageError> {
    if manifest.len() > MAX_MANIFEST_BYTES {
        return Err(too_large("manifest", manifest.len() as u64, MAX_MANIFEST_BYTES as u64));
    }
    let manifest: OciImageManifest =
        serde_json::from_slice(manifest).map_err(|error| ImageError::Manifest(error.to_string()))?;
    let [layer] = manifest.layers.as_slice() else {
        return Err(ImageError::Layers(manifest.layers.len()));
    };
    if ![LAYER_MEDIA_TYPE, OLD_LAYER_MEDIA_TYPE].contains(&layer.media_type.as_str()) {
        return Err(ImageError::LayerType { found: layer.media_type.clone() });
    }
    Ok(Parts {
        config: part("config", &manifest.config, MAX_CONFIG_BYTES)?,
        component: part("component", layer, MAX_COMPONENT_BYTES)?,
    })
}

fn part(what: &'static str, descriptor: &OciDescriptor, limit: u64) -> Result<Part, ImageError> {
    let size = u64::try_from(descriptor.size)
        .map_err(|_| ImageError::Manifest(format!("the size of the {what} is negative")))?;
    if size > limit {
        return Err(too_large(what, size, limit));
    }
    Ok(Part { what, digest: descriptor.digest.parse()?, size })
}

fn too_large(what: &'static str, size: u64, limit: u64) -> ImageError {
    ImageError::TooLarge { what, size, limit }
}

impl Part {
    /// Whether these bytes are the part.
    ///
    /// # Errors
    /// When length or digest differ.
    pub fn check(&self, bytes: &[u8]) -> Result<(), ImageError> {
        self.check_hash(bytes.len() as u64, &Digest::of(bytes))
    }

    /// Whether bytes of this length and digest are the part.
    pub(crate) fn check_hash(&self, size: u64, digest: &Digest) -> Result<(), ImageError> {
        let mismatch = |expected, found| ImageError::Mismatch { what: self.what, expected, found };
        if size != self.size {
            return Err(mismatch(format!("{} bytes", self.size), format!("{size} bytes")));
        }
        match *digest == self.digest {
            true => Ok(()),
            false => Err(mismatch(self.digest.to_string(), digest.to_string())),
        }
    }
}

fn descriptor(media_type: &str, bytes: &[u8]) -> OciDescriptor {
    OciDescriptor {
        media_type: media_type.into(),
        digest: Digest::of(bytes).into(),
        // A component has at most `MAX_COMPONENT_BYTES`.
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        ..OciDescriptor::default()
    }
}

/// Fields of the description that OCI has names for.
fn annotations(info: &str) -> BTreeMap<String, String> {
    let info: Value = serde_json::from_str(info).unwrap_or_default();
    [
        ("title", "name"),
        ("version", "version"),
        ("description", "description"),
        ("licenses", "license"),
        ("url", "homepage"),
    ]
    .into_iter()
    .filter_map(|(annotation, field)| {
        let text = info[field].as_str().filter(|text| !text.is_empty())?;
        Some((format!("org.opencontainers.image.{annotation}"), text.into()))
    })
    .collect()
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data with text keys is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::tests::plugin;
    use serde_json::json;

    #[test]
    fn images_follow_the_wasm_layout_and_are_reproducible() {
        let image = Image::pack(plugin("p")).unwrap();
        let manifest: Value = serde_json::from_slice(image.manifest()).unwrap();
        assert_eq!(manifest["config"]["mediaType"], CONFIG_MEDIA_TYPE);
        assert_eq!(manifest["layers"][0]["mediaType"], LAYER_MEDIA_TYPE);
        assert_eq!(manifest["annotations"]["org.opencontainers.image.title"], "p");
        let config: Value = serde_json::from_slice(image.config()).unwrap();
        assert_eq!((&config["os"], &config["architecture"]), (&json!("wasip2"), &json!("wasm")));
        assert_eq!(config["layerDigests"], json!([Digest::of(&plugin("p"))]));
        assert_eq!(config["component"]["imports"], json!(["weir:plugin/log@0.1.0"]));
        assert_eq!(Image::pack(plugin("p")).unwrap().digest(), image.digest());
    }

    #[test]
    fn parts_that_differ_are_refused() {
        let (a, b) = (Image::pack(plugin("a")).unwrap(), Image::pack(plugin("b")).unwrap());
        let assemble = |m: &Image, c: &Image, l: &Image| {
            Image::assemble(m.manifest.clone(), c.config.clone(), l.component.clone()).map_err(|e| e.to_string())
        };
        assert_eq!(assemble(&a, &a, &a).unwrap(), a);
        assert!(assemble(&a, &b, &a).unwrap_err().contains("the config does not match"));
        let error = assemble(&a, &a, &b).unwrap_err();
        assert!(error.contains(&Digest::of(&a.component).to_string()), "{error}");
        assert!(error.contains(&Digest::of(&b.component).to_string()), "{error}");
    }

    #[test]
    fn other_images_are_refused() {
        let layer =
            |media_type: &str, size: i64| json!({"mediaType": media_type, "digest": Digest::of(b""), "size": size});
        let check = |layers: Value, config_size: i64, expected: &str| {
            let manifest =
                json!({"schemaVersion": 2, "config": layer(CONFIG_MEDIA_TYPE, config_size), "layers": layers});
            let error = parts(manifest.to_string().as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        let component_limit = i64::try_from(MAX_COMPONENT_BYTES).unwrap();
        check(json!([]), 2, "has 0");
        check(json!([layer(LAYER_MEDIA_TYPE, 1), layer(LAYER_MEDIA_TYPE, 1)]), 2, "has 2");
        check(json!([layer("application/gzip", 1)]), 2, "application/gzip");
        check(json!([layer(LAYER_MEDIA_TYPE, -1)]), 2, "negative");
        check(json!([layer(LAYER_MEDIA_TYPE, component_limit + 1)]), 2, "larger than");
        check(json!([layer(LAYER_MEDIA_TYPE, 1)]), (1 << 20) + 1, "larger than");
        assert!(matches!(parts(&vec![b' '; MAX_MANIFEST_BYTES + 1]), Err(ImageError::TooLarge { .. })));
        assert!(parts(b"[]").is_err());
    }

    #[test]
    fn the_old_layer_type_is_read() {
        let image = Image::pack(plugin("p")).unwrap();
        let text = String::from_utf8(image.manifest.clone()).unwrap().replace(LAYER_MEDIA_TYPE, OLD_LAYER_MEDIA_TYPE);
        assert!(Image::assemble(text.into_bytes(), image.config.clone(), image.component.clone()).is_ok());
    }
}
