//! Charts: loaded once, rendered often.

mod archive;
mod dependency;
mod enable;
mod file;
mod ignore;
mod import;
mod load;
mod metadata;
pub(crate) mod tree;

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;

use weir_gotmpl::{Map, Str};
use weir_semver::{Constraint, Version};

pub use dependency::Dependency;
pub(crate) use enable::enable;
pub use file::File;
pub use ignore::IgnoreRules;
pub(crate) use import::import;
pub use load::{Loaded, load_archive, load_folder};
pub use metadata::{Maintainer, Metadata};

use crate::engine::Compiled;

/// A chart with its sub-charts. Clones are the same chart; what was computed for one rendering serves the next.
#[derive(Clone)]
pub struct Chart(Rc<Inner>);

struct Inner {
    metadata: Metadata,
    templates: Vec<File>,
    files: Vec<File>,
    values: Map,
    schema: Option<Str>,
    dependencies: Vec<Chart>,
    files_map: OnceCell<Map>,
    compiled: RefCell<Option<Rc<Compiled>>>,
}

impl Chart {
    /// What `Chart.yaml` says.
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }

    /// The charts in `charts/`, in the order of their names there.
    pub fn dependencies(&self) -> &[Chart] {
        &self.0.dependencies
    }

    /// The files in `templates/`.
    pub fn templates(&self) -> &[File] {
        &self.0.templates
    }

    /// What `.Files` holds: the files that have no other purpose.
    pub fn files(&self) -> &[File] {
        &self.0.files
    }

    /// The default values. They are shared with every rendering, which copies them.
    pub fn values(&self) -> &Map {
        &self.0.values
    }

    /// `values.schema.json`.
    pub fn schema(&self) -> Option<&Str> {
        self.0.schema.as_ref()
    }

    pub(crate) fn files_map(&self, make: impl FnOnce(&[File]) -> Map) -> Map {
        self.0.files_map.get_or_init(|| make(&self.0.files)).clone()
    }

    pub(crate) fn compiled(&self) -> &RefCell<Option<Rc<Compiled>>> {
        &self.0.compiled
    }

    pub(crate) fn is_same(&self, other: &Chart) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chart({} {})", self.0.metadata.name, self.0.metadata.version)
    }
}

/// Whether a version satisfies a constraint; not if one of the two is none.
pub(crate) fn compatible(constraint: &str, version: &str) -> bool {
    let Ok(version) = Version::parse(version) else { return false };
    Constraint::parse(constraint).is_ok_and(|constraint| constraint.matches(&version))
}
