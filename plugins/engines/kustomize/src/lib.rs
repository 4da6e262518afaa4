//! `kustomize build` (5.8) as a library without I/O: a tree of files in, resources out, byte for byte as the original
//! prints them. Where kustomize refuses, this refuses, in its words.
//!
//! ```
//! use weir_kustomize::{BuildOptions, MemoryFs, build};
//!
//! let fs: MemoryFs = [
//!     ("app/kustomization.yaml", "namePrefix: my-\nresources: [map.yaml]\n"),
//!     ("app/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
//! ]
//! .into_iter()
//! .collect();
//! let resources = build(&fs, "app", &BuildOptions::default()).unwrap();
//! assert_eq!(resources[0].to_yaml().unwrap(), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: my-a\n");
//! ```

mod accumulator;
mod charts;
mod config;
mod edit;
mod error;
mod field;
pub mod flux;
mod fs;
mod functions;
mod generators;
mod go_json;
mod id;
mod jsonpatch;
mod key_comments;
mod kustomization;
mod limits;
mod loader;
mod merge;
mod options;
mod order;
mod origin;
mod outside;
mod path;
mod plugins;
mod read;
mod repo;
mod resmap;
mod resource;
mod schema;
mod selector;
mod table;
mod target;
mod transformers;

pub use charts::{ChartArchive, ChartRenderer, ChartRequest};
pub use error::{Error, Result};
pub use fs::{FileSystem, MAX_LINKS, MemoryFs, resolve_links};
pub use kustomization::FILE_NAMES;
pub use limits::{MAX_BASE_DEPTH, MAX_FILE_BYTES, MAX_TOTAL_BYTES};
pub use options::{BuildOptions, LoadRestrictions, SortOrder};
pub use outside::{FunctionOutput, FunctionResult, Outside, Unavailable};
pub use repo::RepoSpec;
pub use resource::Resource;
pub use target::build;
