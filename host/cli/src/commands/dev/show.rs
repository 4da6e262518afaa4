//! What the user sees of it.

use anyhow::Result;
use kube::Client;

use super::fleet::NAME;
use super::watch::{Key, Seen};
use crate::{output, progress, tree};

pub(super) fn news(key: &Key, seen: Option<&Seen>) {
    let (kind, namespace, name) = key;
    let object = format!("{kind}/{namespace}/{name}");
    match seen {
        Some(seen) if seen.is_ready => progress::done(&format!("{object}: {}", seen.message)),
        Some(seen) if seen.is_waiting => progress::waiting(&format!("{object}: {}", seen.message)),
        Some(seen) => progress::failed(&format!("{object}: {}", seen.message)),
        None => progress::action(&format!("{object}: deleted")),
    }
}

pub(super) async fn tree(client: &Client) -> Result<()> {
    let root = tree::of(client, NAME, NAME, false).await?;
    output::write(&tree::render(&root))
}
