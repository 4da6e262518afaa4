//! What changes resources, one file per transformer. The configuration is checked when a transformer is made, before
//! any of them runs.

mod annotations;
mod hash;
mod images;
mod labels;
mod name_reference;
mod namespace;
mod patch;
mod patch_json;
mod patch_strategic_merge;
mod path_match;
mod prefix_suffix;
mod replacements;
mod replicas;
mod sort;
mod structured;
mod value_add;
mod vars;

use crate::error::Result;
use crate::resmap::ResMap;
use crate::schema::Schema;

pub(crate) use annotations::Annotations;
pub(crate) use hash::add_hashes;
pub(crate) use images::Images;
pub(crate) use labels::Labels;
pub(crate) use name_reference::fix_references;
pub(crate) use namespace::{Namespace, SubjectMode};
pub(crate) use patch::{Patch, describe as describe_patch};
pub(crate) use patch_json::PatchJson6902;
pub(crate) use patch_strategic_merge::PatchStrategicMerge;
pub(crate) use path_match::lookup;
pub(crate) use prefix_suffix::Affix;
pub(crate) use replacements::Replacements;
pub(crate) use replicas::Replicas;
pub(crate) use sort::sort;
pub(crate) use value_add::{AddTarget, ValueAdd};
pub(crate) use vars::resolve_vars;

/// A configured transformer.
pub(crate) trait Transformer {
    fn transform(&self, map: &mut ResMap, schema: &Schema) -> Result<()>;
}
