use std::collections::BTreeMap;

use super::Transformer;
use super::labels::set_entries;
use crate::config::FieldSpecs;
use crate::error::Result;
use crate::field::Fields;
use crate::resmap::ResMap;
use crate::schema::Schema;

/// Sets annotations in every annotations field that the specifications name.
pub(crate) struct Annotations {
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) fields: FieldSpecs,
}

impl Transformer for Annotations {
    fn transform(&self, map: &mut ResMap, _: &Schema) -> Result<()> {
        let mut fields = Fields::new(&self.fields);
        map.contents_mut().iter_mut().try_for_each(|resource| set_entries(resource, &mut fields, &self.annotations))
    }
}
