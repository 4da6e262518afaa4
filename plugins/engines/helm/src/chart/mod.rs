//! Charts: loaded once, rendered often.

mod archive;
mod defaults;
mod dependency;
mod enable;
mod file;
mod ignore;
mod import;
mod load;
mod metadata;
mod parsed;
mod stored;
pub(crate) mod tree;

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use weir_gotmpl::{Functions, Map, ParseError, ParsedText, Str, kept};
use weir_semver::{Constraint, Version};

use defaults::Defaults;
pub use dependency::Dependency;
pub(crate) use enable::enable;
pub use file::File;
pub use ignore::IgnoreRules;
pub(crate) use import::import;
pub use load::{Loaded, load_archive, load_folder};
pub(crate) use metadata::API_VERSION_V3;
pub use metadata::{Maintainer, Metadata};

use crate::engine::{Compiled, Mode};
use parsed::ParsedTemplates;

/// A chart with its sub-charts. Clones are the same chart; what was computed for one rendering serves the next.
#[derive(Clone)]
pub struct Chart(Rc<Inner>);

struct Inner {
    content: Content,
    files_map: OnceCell<Map>,
    parsed: ParsedTemplates,
    compiled: RefCell<Option<Rc<Compiled>>>,
}

/// What a chart is made of.
struct Content {
    metadata: Metadata,
    templates: Vec<File>,
    files: Vec<File>,
    values: Defaults,
    schema: Option<Str>,
    dependencies: Vec<Chart>,
}

kept!(Content { metadata, templates, files, values, schema, dependencies });

impl Chart {
    fn new(content: Content, parsed: ParsedTemplates) -> Chart {
        Chart(Rc::new(Inner { content, files_map: OnceCell::new(), parsed, compiled: RefCell::new(None) }))
    }

    /// What `Chart.yaml` says.
    pub fn metadata(&self) -> &Metadata {
        &self.0.content.metadata
    }

    /// The charts in `charts/`, in the order of their names there.
    pub fn dependencies(&self) -> &[Chart] {
        &self.0.content.dependencies
    }

    /// The files in `templates/`.
    pub fn templates(&self) -> &[File] {
        &self.0.content.templates
    }

    /// What `.Files` holds: the files that have no other purpose.
    pub fn files(&self) -> &[File] {
        &self.0.content.files
    }

    /// The default values. They are shared with every rendering, which copies them.
    pub fn values(&self) -> &Map {
        self.0.content.values.shared()
    }

    /// The default values in a map that nobody else sees.
    pub(crate) fn copied_values(&self) -> Map {
        self.0.content.values.copy()
    }

    /// `values.schema.json`.
    pub fn schema(&self) -> Option<&Str> {
        self.0.content.schema.as_ref()
    }

    pub(crate) fn files_map(&self, make: impl FnOnce(&[File]) -> Map) -> Map {
        self.0.files_map.get_or_init(|| make(&self.0.content.files)).clone()
    }

    /// The parsed template of a file of `templates()`, under a name.
    pub(crate) fn parsed(
        &self,
        file: usize,
        name: &str,
        mode: Mode,
        functions: &Functions,
    ) -> Result<ParsedText, ParseError> {
        self.0.parsed.get((mode, file, name), &self.templates()[file].data, functions)
    }

    pub(crate) fn compiled(&self) -> &RefCell<Option<Rc<Compiled>>> {
        &self.0.compiled
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity(Rc::downgrade(&self.0))
    }
}

/// Which chart something belongs to, without keeping the chart: what a chart holds must not hold the chart.
pub(crate) struct Identity(Weak<Inner>);

#[cfg(test)]
impl Identity {
    /// Whether nobody holds the chart any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Identity) -> bool {
        Weak::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chart({} {})", self.metadata().name, self.metadata().version)
    }
}

/// Whether a version satisfies a constraint; not if one of the two is none.
pub(crate) fn compatible(constraint: &str, version: &str) -> bool {
    let Ok(version) = Version::parse(version) else { return false };
    Constraint::parse(constraint).is_ok_and(|constraint| constraint.matches(&version))
}
