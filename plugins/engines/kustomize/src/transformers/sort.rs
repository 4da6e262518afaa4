use std::cmp::Reverse;

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
        let rank = ranks.get(&*id.gvk.kind).copied().unwrap_or(0);
        (rank, gvk_key(&id.gvk, rank), id_key(&id))
    });
}

/// Namespaces with a place of their own are in the opposite order, which puts foreign kinds of that name last.
fn gvk_key(gvk: &Gvk, rank: i64) -> (Reverse<String>, String) {
    let text = text(gvk);
    if rank != 0 && gvk.kind == "Namespace" && gvk.group.is_empty() {
        (Reverse(text), String::new())
    } else {
        (Reverse(String::new()), text)
    }
}

fn id_key(id: &ResId) -> String {
    [&id.gvk.to_string(), or(&id.namespace, "~X"), or(&id.name, "~N")].join("|")
}
