use crate::error::{Error, Result};
use crate::id::{Gvk, ResId};
use crate::kustomization::SortOptions;
use crate::options::SortOrder;
use crate::order::{FIRST, LAST, or, ranks, text};
use crate::resmap::ResMap;

/// Orders the result as the kustomization file says, or else as the caller does.
pub(crate) fn sort(map: &mut ResMap, options: Option<&SortOptions>, default: SortOrder) -> Result<()> {
    let Some(options) = options else {
        if default == SortOrder::Legacy {
            legacy(map, &FIRST, &LAST);
        }
        return Ok(());
    };
    match (options.order.as_str(), &options.legacy_sort_options) {
        ("legacy", None) => legacy(map, &FIRST, &LAST),
        ("legacy", Some(order)) => {
            legacy(map, &order.order_first, &order.order_last);
        }
        ("fifo", None) => {}
        ("fifo", Some(_)) => {
            return Err(Error::refused(
                "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
            ));
        }
        _ => return Err(Error::refused("the field 'sortOptions.order' must be one of [fifo, legacy]")),
    }
    Ok(())
}

fn legacy<S: AsRef<str>>(map: &mut ResMap, first: &[S], last: &[S]) {
    let ranks = ranks(first, last);
    map.resources_mut().sort_by_cached_key(|resource| {
        let id = resource.id();
        (ranks.get(&*id.gvk.kind).copied().unwrap_or(0), gvk_key(&id.gvk), id_key(&id))
    });
}

fn gvk_key(gvk: &Gvk) -> String {
    // A foreign kind called Namespace comes after the real one.
    if gvk.kind == "Namespace" && gvk.group.is_empty() { String::new() } else { text(gvk) }
}

fn id_key(id: &ResId) -> String {
    [&id.gvk.to_string(), or(&id.namespace, "~X"), or(&id.name, "~N")].join("|")
}
