//! From a reference to bytes: registries, files, layouts, and the plugins that travel with the host.

use std::{
    fs, io,
    io::Read,
    path::{Path, PathBuf},
};

use thiserror::Error;
use weir_core::mirror::Mirrors;

use crate::{
    MAX_COMPONENT_BYTES,
    digest::Digest,
    image::Image,
    layout::{Layout, LayoutError},
    reference::{Location, Pin, Reference},
    registry::{Registry, RegistryError, Target},
};

/// Everything that a reference can lead to.
#[derive(Clone)]
pub struct Sources {
    registry: Registry,
    mirrors: Mirrors,
    bundled: Option<PathBuf>,
    first_party: Option<Reference>,
}

/// A plugin, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The component.
    pub bytes: Vec<u8>,
    /// Digest of the image manifest; of the component for a file. This is what a pin keeps.
    pub digest: Digest,
    /// Digest of the component: what caches of compiled code and of renders go by.
    pub component: Digest,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a plugin came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A registry, by the name that was really asked.
    Registry(String),
    /// A layout directory.
    Layout(PathBuf),
    /// A file.
    File(PathBuf),
}

/// Why a reference leads nowhere.
#[derive(Debug, Error)]
pub enum ResolveError {
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A file cannot be read.
    #[error("read plugin `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is too large.
    #[error("plugin `{}` is larger than {MAX_COMPONENT_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    /// Something else than what is pinned.
    #[error("plugin `{location}` is pinned to {expected}, found {found}")]
    PinMismatch {
        /// Where it was looked for.
        location: Location,
        /// The pinned digest.
        expected: Digest,
        /// What is there.
        found: Digest,
    },
    /// A bare name, and no plugins travel with this host.
    #[error("no bundled plugins to take `{0}` from\nhint: name it with `oci://`, `file:` or `layout:`")]
    NoBundle(String),
    /// A mirror leads to something that is no registry.
    #[error("a mirror leads from `{from}` to what is no repository: {to}")]
    Mirror {
        /// The declared place.
        from: String,
        /// Where the mirror leads.
        to: String,
    },
    /// A registry is wanted.
    #[error("not in a registry, want `oci://host/repository`: {0}")]
    NotARegistry(Reference),
    /// Plugins cannot be stored there.
    #[error("plugins can only be pushed to `oci://` and `layout:`, not to: {0}")]
    NotWritable(Reference),
    /// The task that reads files was cancelled.
    #[error("reading plugin `{0}` was cancelled")]
    Cancelled(Location),
}

impl Sources {
    /// Registries only.
    pub fn new(registry: Registry) -> Self {
        Self { registry, mirrors: Mirrors::default(), bundled: None, first_party: None }
    }

    /// Rewrites where registries are.
    #[must_use]
    pub fn with_mirrors(mut self, mirrors: Mirrors) -> Self {
        self.mirrors = mirrors;
        self
    }

    /// The layout with the plugins that travel with the host. A reference that pins what it holds needs no network.
    #[must_use]
    pub fn with_bundled(mut self, directory: impl Into<PathBuf>) -> Self {
        self.bundled = Some(directory.into());
        self
    }

    /// Where first-party plugins are taken from before the bundled ones: `oci://host/path:tag`, with a repository per
    /// plugin below it.
    ///
    /// # Errors
    /// When the reference names no registry.
    pub fn with_first_party(mut self, registry: Reference) -> Result<Self, ResolveError> {
        match registry.location {
            Location::Oci { .. } => self.first_party = Some(registry),
            _ => return Err(ResolveError::NotARegistry(registry)),
        }
        Ok(self)
    }

    /// Fetches a plugin.
    ///
    /// # Errors
    /// When it is not there, unusable, or not what the reference pins.
    pub async fn resolve(&self, reference: &Reference) -> Result<Fetched, ResolveError> {
        if let Some(fetched) = self.bundled_digest(reference).await? {
            return Ok(fetched);
        }
        let fetched = match &reference.location {
            Location::Oci { .. } => self.pull(reference).await?,
            Location::Bundled(name) => self.named(name, reference).await?,
            Location::File(path) => {
                let path = path.clone();
                blocking(reference, move || read_file(&path)).await?
            }
            Location::Layout { directory, name } => {
                let (directory, name) = (directory.clone(), name.clone());
                blocking(reference, move || read_layout(&directory, &name)).await?
            }
        };
        fetched.check(reference)
    }

    /// What a reference means now, without fetching more than is needed to know.
    ///
    /// # Errors
    /// As [`Sources::resolve`].
    pub async fn pin(&self, reference: &Reference) -> Result<Pin, ResolveError> {
        let digest = match (&reference.digest, &reference.location) {
            (Some(digest), _) => digest.clone(),
            (None, Location::Oci { .. }) => self.registry.digest(&self.target(reference)?).await?,
            (None, _) => self.resolve(reference).await?.digest,
        };
        Ok(Pin { reference: reference.clone(), digest })
    }

    /// Stores a plugin in a registry or layout; returns the digest that names it.
    ///
    /// # Errors
    /// When the place cannot be written, or is neither.
    pub async fn push(&self, reference: &Reference, image: Image) -> Result<Digest, ResolveError> {
        match &reference.location {
            Location::Oci { .. } => Ok(self.registry.push(&self.target(reference)?, &image).await?),
            Location::Layout { directory, name } => {
                let (directory, name) = (directory.clone(), name.clone());
                blocking(reference, move || Ok(Layout::create(directory)?.write(&name, &image)?)).await
            }
            Location::File(_) | Location::Bundled(_) => Err(ResolveError::NotWritable(reference.clone())),
        }
    }

    /// First-party plugins: the registry that was set for them overrides the bundle. Only its plain "not there" leads
    /// back to the bundle; when it cannot be asked, another plugin than the wanted one might run.
    async fn named(&self, name: &str, reference: &Reference) -> Result<Fetched, ResolveError> {
        if let Some(mut registry) = self.first_party.clone() {
            if let Location::Oci { repository, .. } = &mut registry.location {
                *repository = format!("{repository}/{name}");
            }
            registry.digest.clone_from(&reference.digest);
            match self.pull(&registry).await {
                Err(ResolveError::Registry(RegistryError::NotFound(_))) => {}
                result => return result,
            }
        }
        let bundled = self.bundled.clone().ok_or_else(|| ResolveError::NoBundle(name.into()))?;
        let name = name.to_owned();
        blocking(reference, move || read_layout(&bundled, &name)).await
    }

    async fn bundled_digest(&self, reference: &Reference) -> Result<Option<Fetched>, ResolveError> {
        let (Some(digest), Some(bundled)) = (reference.digest.clone(), self.bundled.clone()) else {
            return Ok(None);
        };
        blocking(reference, move || {
            let image = Layout::open(&bundled)?.read_digest(&digest)?;
            Ok(image.map(|image| Fetched::new(image, Origin::Layout(bundled))))
        })
        .await
    }

    async fn pull(&self, reference: &Reference) -> Result<Fetched, ResolveError> {
        let target = self.target(reference)?;
        let image = self.registry.pull(&target).await?;
        Ok(Fetched::new(image, Origin::Registry(format!("{}/{}", target.host, target.repository))))
    }

    /// Where to really ask.
    fn target(&self, reference: &Reference) -> Result<Target, ResolveError> {
        let Location::Oci { host, repository, tag } = &reference.location else {
            return Err(ResolveError::NotARegistry(reference.clone()));
        };
        let declared = format!("oci://{host}/{repository}");
        let (plain_http, host, repository) = match self.mirrored(&declared) {
            None => (false, host.clone(), repository.clone()),
            Some(to) => split(&to).ok_or(ResolveError::Mirror { from: declared, to })?,
        };
        Ok(Target { host, repository, tag: tag.clone(), digest: reference.digest.clone(), plain_http })
    }

    /// A mirror may be declared for `oci://` or for `https://`, which is what a registry speaks.
    fn mirrored(&self, declared: &str) -> Option<String> {
        let as_https = declared.replacen("oci://", "https://", 1);
        [declared.to_owned(), as_https].into_iter().find_map(|url| {
            let to = self.mirrors.rewrite(&url);
            (to != url).then_some(to)
        })
    }
}

/// Whether it is plain HTTP, host, and repository of a mirror's URL.
fn split(url: &str) -> Option<(bool, String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let (host, repository) = rest.split_once('/')?;
    let known = matches!(scheme, "oci" | "http" | "https");
    let usable = known && !host.is_empty() && !repository.is_empty() && !host.contains('@');
    usable.then(|| (scheme == "http", host.into(), repository.trim_end_matches('/').into()))
}

impl Fetched {
    fn new(image: Image, origin: Origin) -> Self {
        let (digest, component) = (image.digest(), Digest::of(image.component()));
        Self { digest, component, bytes: image.into_component(), origin }
    }

    fn check(self, reference: &Reference) -> Result<Self, ResolveError> {
        match &reference.digest {
            Some(expected) if *expected != self.digest => Err(ResolveError::PinMismatch {
                location: reference.location.clone(),
                expected: expected.clone(),
                found: self.digest,
            }),
            _ => Ok(self),
        }
    }
}

fn read_file(path: &Path) -> Result<Fetched, ResolveError> {
    let mut bytes = Vec::new();
    let opened = fs::File::open(path).and_then(|file| file.take(MAX_COMPONENT_BYTES + 1).read_to_end(&mut bytes));
    opened.map_err(|source| ResolveError::File { path: path.into(), source })?;
    if bytes.len() as u64 > MAX_COMPONENT_BYTES {
        return Err(ResolveError::TooLarge(path.into()));
    }
    let digest = Digest::of(&bytes);
    Ok(Fetched { component: digest.clone(), digest, bytes, origin: Origin::File(path.into()) })
}

fn read_layout(directory: &Path, name: &str) -> Result<Fetched, ResolveError> {
    let image = Layout::open(directory)?.read(name)?;
    Ok(Fetched::new(image, Origin::Layout(directory.into())))
}

/// Disks may be slow; the scheduler must not wait for them.
async fn blocking<T: Send + 'static>(
    reference: &Reference,
    work: impl FnOnce() -> Result<T, ResolveError> + Send + 'static,
) -> Result<T, ResolveError> {
    let cancelled = |_| ResolveError::Cancelled(reference.location.clone());
    tokio::task::spawn_blocking(work).await.map_err(cancelled)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{component::tests::plugin, credentials::Credentials};

    fn sources() -> Sources {
        Sources::new(Registry::new(Credentials::default(), false))
    }

    fn parse(text: &str) -> Reference {
        text.parse().unwrap()
    }

    #[test]
    fn mirrors_change_host_path_and_scheme() {
        let check = |mirror: &str, reference: &str, expected: Option<(bool, &str, &str)>| {
            let sources = sources().with_mirrors(Mirrors::new(vec![mirror.parse().unwrap()]));
            let target = sources.target(&parse(reference)).ok();
            let target = target.as_ref().map(|t| (t.plain_http, t.host.as_str(), t.repository.as_str()));
            assert_eq!(target, expected, "{mirror}");
        };
        let reference = "oci://ghcr.io/org/p:1";
        check("quay.io=http://m", reference, Some((false, "ghcr.io", "org/p")));
        check("ghcr.io=http://m:5000", reference, Some((true, "m:5000", "org/p")));
        check("oci://ghcr.io/org=oci://m/x", reference, Some((false, "m", "x/p")));
        check("https://ghcr.io=https://m/ghcr", reference, Some((false, "m", "ghcr/org/p")));
        check("ghcr.io=ftp://m", reference, None);
        check("ghcr.io/org/p=http://m", reference, None);
    }

    #[tokio::test]
    async fn files_and_layouts_are_read_and_checked_against_the_pin() {
        let dir = tempfile::tempdir().unwrap();
        let (file, layout) = (dir.path().join("p.wasm"), dir.path().join("layout"));
        fs::write(&file, plugin("p")).unwrap();
        let image = Image::pack(plugin("p")).unwrap();
        Layout::create(&layout).unwrap().write("p", &image).unwrap();
        let sources = sources().with_bundled(&layout);
        let other = Digest::of(b"other");
        for (place, digest) in [
            (format!("file:{}", file.display()), Digest::of(&plugin("p"))),
            (format!("layout:{}#p", layout.display()), image.digest()),
            ("p".into(), image.digest()),
        ] {
            let fetched = sources.resolve(&parse(&place)).await.unwrap();
            assert_eq!((&fetched.digest, &fetched.bytes), (&digest, &plugin("p")));
            assert_eq!(fetched.component, Digest::of(&plugin("p")));
            let pin = sources.pin(&parse(&place)).await.unwrap();
            assert_eq!(sources.resolve(&pin.apply(&parse(&place))).await.unwrap().digest, digest);
            let error = sources.resolve(&parse(&format!("{place}@{other}"))).await.unwrap_err().to_string();
            assert!(error.contains(other.as_str()) && error.contains(digest.as_str()), "{error}");
        }
        let missing = sources.resolve(&parse("q")).await.unwrap_err();
        assert!(missing.to_string().contains("no plugin `q`"));
    }

    #[tokio::test]
    async fn a_pin_that_the_bundle_holds_needs_no_network() {
        let dir = tempfile::tempdir().unwrap();
        let image = Image::pack(plugin("p")).unwrap();
        Layout::create(dir.path()).unwrap().write("p", &image).unwrap();
        let reference = parse(&format!("oci://registry.invalid/p:1@{}", image.digest()));
        let fetched = sources().with_bundled(dir.path()).resolve(&reference).await.unwrap();
        assert_eq!(fetched.origin, Origin::Layout(dir.path().into()));
    }

    #[tokio::test]
    async fn a_file_over_the_limit_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big.wasm");
        fs::File::create(&path).unwrap().set_len(MAX_COMPONENT_BYTES + 1).unwrap();
        let error = sources().resolve(&parse(&format!("file:{}", path.display()))).await.unwrap_err();
        assert!(matches!(error, ResolveError::TooLarge(_)));
    }

    #[tokio::test]
    async fn a_bare_name_needs_a_bundle() {
        assert!(matches!(sources().resolve(&parse("p")).await, Err(ResolveError::NoBundle(_))));
    }
}
