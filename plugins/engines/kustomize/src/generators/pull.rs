//! Charts that are not in the tree: found in their repository and fetched, as `helm pull` does it.

use weir_helmrepo::{Index, check_digest, choose_tag, file_in, index_url, is_exact, join, tag_of, wanted_version};

use crate::charts::ChartArchive;
use crate::error::{During, Error, Result};
use crate::loader::Loader;
use crate::path;
use crate::read;

const REGISTRY: &str = "oci://";

/// What a kustomization says of a chart that has to be pulled.
pub(super) struct Wanted<'c> {
    pub(super) repo: &'c str,
    pub(super) name: &'c str,
    /// A version or a constraint; any release where there is none.
    pub(super) version: &'c str,
    /// Any prerelease as well, where there is no version.
    pub(super) devel: bool,
}

/// A chart that was fetched.
pub(super) struct Pulled {
    pub(super) archive: ChartArchive,
    content: Vec<u8>,
}

/// Pulls a chart.
///
/// # Errors
/// Why it is not to be had, with its name, version and repository.
pub(super) fn pull(wanted: &Wanted<'_>, loader: &Loader<'_>) -> Result<Pulled> {
    let Wanted { repo, name, .. } = wanted;
    let version = wanted_version(wanted.version, wanted.devel);
    let pulled = match repo.strip_prefix(REGISTRY) {
        Some(_) => from_registry(&format!("{}/{name}", repo.trim_end_matches('/')), version, loader),
        None => from_repository(repo, name, version, loader),
    };
    pulled.during(|| match version {
        "" => format!("cannot pull chart '{name}' from '{repo}'"),
        version => format!("cannot pull chart '{name}' with version '{version}' from '{repo}'"),
    })
}

fn from_repository(repo: &str, name: &str, version: &str, loader: &Loader<'_>) -> Result<Pulled> {
    let index = loader.fetch(|outside| outside.file(&index_url(repo))).during(|| "cannot get the index")?;
    let release = Index::parse(&read::text(index)?).and_then(|index| index.find(name, version)).map_err(refused)?;
    let url = join(repo, &release.url);
    let (archive, content) = if url.starts_with(REGISTRY) {
        fetch_from_registry(&url, loader)?
    } else {
        let content = loader.fetch(|outside| outside.file(&url));
        (ChartArchive::File(url.clone()), content.during(|| format!("cannot get the archive '{url}'"))?)
    };
    check_digest(&content, &release.digest).map_err(refused)?;
    Ok(Pulled { archive, content })
}

fn from_registry(repository: &str, version: &str, loader: &Loader<'_>) -> Result<Pulled> {
    let tag = if is_exact(version) {
        tag_of(version)
    } else {
        let tags = loader.fetch(|outside| outside.tags(repository)).during(|| "cannot get the tags")?;
        choose_tag(&tags, version).map_err(refused)?.to_owned()
    };
    let (archive, content) = fetch_from_registry(&format!("{repository}:{tag}"), loader)?;
    Ok(Pulled { archive, content })
}

fn fetch_from_registry(reference: &str, loader: &Loader<'_>) -> Result<(ChartArchive, Vec<u8>)> {
    let content = loader.fetch(|outside| outside.chart(reference));
    Ok((ChartArchive::Registry(reference.to_owned()), content.during(|| format!("cannot get '{reference}'"))?))
}

fn refused(error: weir_helmrepo::Error) -> Error {
    Error::refused(error.to_string())
}

impl Pulled {
    /// The file that a kustomization names, where `location` is the place that the chart would have been unpacked to.
    pub(super) fn load(&self, location: &str, file: &str, loader: &Loader<'_>) -> Result<Vec<u8>> {
        let [chart, wanted] = [location, file].map(|path| path::clean(&loader.dir, path));
        let inner = wanted.strip_prefix(&chart).and_then(|rest| rest.strip_prefix('/'));
        let Some(inner) = inner else { return loader.load(file) };
        if !loader.may_load(&wanted) {
            return Err(loader.forbidden(file));
        }
        let content = file_in(&self.content, inner).map_err(refused)?;
        content.ok_or_else(|| Error::refused(format!("the chart has no file '{inner}'")))
    }
}
