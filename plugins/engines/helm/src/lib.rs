//! Helm as a library without I/O: charts and values in, manifests out, byte for byte as the original prints them. Where
//! Helm refuses, this refuses, in its words.
//!
//! A chart is loaded once from the files of a folder ([`load_folder`]) or an archive ([`load_archive`]) and rendered as
//! often as one likes ([`render`]). [`ValuesFlags`] lays values files and `--set` flags over each other. [`Helm`] says
//! whose behaviour counts where Helm 3 and Helm 4 differ.
//!
//! What a chart may cost is limited ([`MAX_CHART_BYTES`] and its neighbours, and [`weir_gotmpl::Limits`] for the
//! templates); all limits are errors.

mod capabilities;
mod chart;
mod decode;
mod engine;
mod error;
mod go_path;
mod limits;
mod options;
mod postrender;
mod release;
mod render;
mod rules;
mod schema;
mod values;

pub use capabilities::{Capabilities, DEFAULT_API_VERSIONS, KubeVersion};
pub use chart::{Chart, Dependency, File, IgnoreRules, Loaded, Maintainer, Metadata, load_archive, load_folder};
pub use engine::{Cluster, Offline, release_name};
pub use error::{Error, ErrorKind, Result};
pub use limits::{
    MAX_CHART_BYTES, MAX_CHART_DEPTH, MAX_CHARTS, MAX_FILE_BYTES, MAX_FILES, MAX_INCLUDES, MAX_PATH_BYTES,
    MAX_TOTAL_BYTES,
};
pub use options::{Host, Options, Release};
pub use postrender::{PostRenderStrategy, PostRenderer};
pub use release::{Hook, HookEvent, Manifest};
pub use render::{Crd, Printing, Rendered, check_installable, render};
pub use rules::Helm;
pub use values::{MAX_INDEX, MAX_NESTED_LISTS, MAX_NESTED_NAMES, Set, ValuesFlags, read_values};
pub use weir_sprig::{Effects, World};
