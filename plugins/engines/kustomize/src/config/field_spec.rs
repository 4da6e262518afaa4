use std::borrow::Cow;
use std::ops::Deref;

use serde::Deserialize;

use super::Shared;
use crate::edit::split_path;
use crate::error::{Error, Result};
use crate::id::Gvk;
use crate::order::sort_by_kind;

/// One step of a field path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) name: Cow<'static, str>,
    /// Written `name[]`: the field is a list, which is never created.
    pub(crate) is_list: bool,
    /// Finds items rather than fields, which a mapping has none of; lists need no such step.
    pub(crate) is_for_items: bool,
}

impl Segment {
    /// A step that is known to find fields.
    pub(crate) const fn built_in(part: &'static str) -> Segment {
        let (name, is_list) = match part.as_bytes() {
            [.., b'[', b']'] => (part.split_at(part.len() - "[]".len()).0, true),
            _ => (part, false),
        };
        Segment { name: Cow::Borrowed(name), is_list, is_for_items: false }
    }

    pub(super) fn new(part: String) -> Segment {
        let (name, is_list) = match part.strip_suffix("[]") {
            Some(name) => (name.to_owned(), true),
            None => (part, false),
        };
        // Nearly all names start with a letter.
        let may_be_for_items = !name.starts_with(|first: char| first.is_ascii_alphabetic());
        let is_for_items =
            may_be_for_items && (matches!(&*name, "-" | "*") || name.starts_with('[') || name.parse::<i64>().is_ok());
        Segment { name: Cow::Owned(name), is_list, is_for_items }
    }
}

/// A field of some kinds of resources.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "RawFieldSpec")]
pub(crate) struct FieldSpec {
    pub(crate) gvk: Cow<'static, Gvk>,
    pub(crate) path: Cow<'static, str>,
    pub(crate) create: bool,
    /// The path in parts.
    pub(super) segments: Cow<'static, [Segment]>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawFieldSpec {
    group: String,
    version: String,
    kind: String,
    path: String,
    create: bool,
}

impl From<RawFieldSpec> for FieldSpec {
    fn from(raw: RawFieldSpec) -> Self {
        FieldSpec::new(Gvk::of(raw.group, raw.version, raw.kind), raw.path, raw.create)
    }
}

impl FieldSpec {
    pub(crate) fn new(gvk: Gvk, path: impl Into<Cow<'static, str>>, create: bool) -> FieldSpec {
        let path = path.into();
        let segments = split_path(&path, '/').into_iter().map(Segment::new).collect();
        FieldSpec { gvk: Cow::Owned(gvk), path, create, segments: Cow::Owned(segments) }
    }

    /// A field of every kind, created where it is missing. The parts are those of the path.
    pub(crate) const fn everywhere(path: &'static str, parts: &'static [Segment]) -> FieldSpec {
        FieldSpec::built_in(&EVERY_KIND, path, true, parts)
    }

    pub(super) const fn built_in(
        gvk: &'static Gvk,
        path: &'static str,
        create: bool,
        parts: &'static [Segment],
    ) -> FieldSpec {
        FieldSpec { gvk: Cow::Borrowed(gvk), path: Cow::Borrowed(path), create, segments: Cow::Borrowed(parts) }
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

/// The labels of every resource.
pub(crate) static METADATA_LABELS: FieldSpec =
    FieldSpec::everywhere("metadata/labels", const { &[Segment::built_in("metadata"), Segment::built_in("labels")] });

static EVERY_KIND: Gvk = Gvk::built_in("", "", "");

/// A list of fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct FieldSpecs(pub(super) Shared<[FieldSpec]>);

impl From<Vec<FieldSpec>> for FieldSpecs {
    fn from(list: Vec<FieldSpec>) -> Self {
        FieldSpecs(Shared::made(list))
    }
}

impl Deref for FieldSpecs {
    type Target = [FieldSpec];

    fn deref(&self) -> &[FieldSpec] {
        &self.0
    }
}

impl FieldSpecs {
    /// Adds fields that are not there yet.
    pub(crate) fn merge(&mut self, fields: &FieldSpecs) -> Result<()> {
        // No default covers another.
        if self.is_empty() && fields.0.is_built_in() {
            *self = fields.clone();
            return Ok(());
        }
        fields.iter().try_for_each(|field| self.add(field))
    }

    /// Adds a field if it is not there yet.
    pub(crate) fn add(&mut self, field: &FieldSpec) -> Result<()> {
        let is_it = |known: &&FieldSpec| known.path == field.path && known.gvk.is_selected_by(&field.gvk);
        match self.iter().find(is_it) {
            Some(known) if known.create != field.create => Err(Error::refused("conflicting fieldspecs")),
            Some(_) => Ok(()),
            None => {
                self.0.edit().push(field.clone());
                Ok(())
            }
        }
    }

    pub(super) fn sort(&mut self) {
        // The defaults are sorted.
        if !self.0.is_built_in() {
            sort_by_kind(self.0.edit(), |field| &field.gvk);
        }
    }
}
