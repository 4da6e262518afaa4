//! Validators: transformers that may not change anything but their own label.

use super::Target;
use super::schemas::Schemas;
use crate::accumulator::Accumulator;
use crate::error::{During, Error, Result};
use crate::plugins;
use crate::resmap::ResMap;
use crate::resource::Resource;

const VALIDATED_BY: &str = "validated-by";

impl Target<'_> {
    /// Validators are transformers that may not change anything but their own label.
    pub(super) fn validate(&mut self, accumulator: &mut Accumulator, schema: &Schemas) -> Result<()> {
        let paths = self.kustomization.validators.clone();
        if paths.is_empty() {
            return Ok(());
        }
        for plugin in self.plugin_configs(&paths, schema)? {
            let transformer = plugins::transformer(&self.loader, &plugin)?;
            accumulator.map.contents_mut().iter_mut().for_each(|resource| resource.is_patched = false);
            let before = accumulator.map.resources().to_vec();
            transformer.transform(&mut accumulator.map, &schema.current())?;
            unmodified(&before, &mut accumulator.map).during(|| "validator shouldn't modify the resource map")?;
        }
        Ok(())
    }
}

/// What a validator leaves must be what was there, but for its mark.
fn unmodified(before: &[Resource], after: &mut ResMap) -> Result<()> {
    if before.len() != after.resources().len() {
        return Err(Error::refused("lists have different number of entries"));
    }
    for old in before {
        let id = old.id();
        let new = match after.with_current_id(&id)[..] {
            [] => return Err(Error::refused(format!("id in self missing from other; id: {id}"))),
            [position] => &after.resources()[position],
            ref many => return Err(Error::refused(format!("id in self matches {} in other; id: {id}", many.len()))),
        };
        let mut unmarked = new.clone();
        if unmarked.labels().any(|(key, _)| key == VALIDATED_BY) {
            let labels: Vec<(String, String)> = unmarked.labels().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            let kept = labels.iter().filter(|(key, _)| key != VALIDATED_BY);
            unmarked.set_map("labels", kept.map(|(key, value)| (key.as_str(), value.as_str())))?;
        }
        let (old, new) = (old.describe(), unmarked.describe());
        if old != new || unmarked.is_patched {
            return Err(Error::refused(format!("nodes unequal: \n -- {old},\n -- {new}\n")));
        }
    }
    Ok(())
}
