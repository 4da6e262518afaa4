//! `weir tree`.

use anyhow::{Result, bail};

use crate::args::{self, Global, Tree};
use crate::{cluster, output, tree};

pub(crate) async fn run(global: &Global, args: &Tree) -> Result<()> {
    let target = args::target(&args.target)?;
    let is_kustomization = target.kinds.first().is_some_and(|kind| kind.name == "Kustomization");
    let [name] = target.names.as_slice() else { bail!("one name is needed\nhint: `weir tree ks flux-system`") };
    if !is_kustomization || target.kinds.len() != 1 {
        bail!("only a Kustomization has a tree\nhint: `weir tree ks {name}`");
    }
    let client = cluster::connect(global).await?;
    let root = tree::of(&client, &global.namespace(), name, args.compact).await?;
    output::write(&tree::render(&root))
}
