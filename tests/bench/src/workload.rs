//! What is rendered.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Result;
use weir_e2e::fleet::{config_map, deployment};

/// Resources in one file of the large kustomization.
const IN_A_FILE: usize = 10;

/// A kustomization of `count` resources, half Deployments and half ConfigMaps, with the fields that people use: namespace,
/// prefix, labels and images.
pub(crate) fn write(folder: &Path, count: usize) -> Result<()> {
    let files = count.div_ceil(IN_A_FILE);
    let mut text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: bench\nnamePrefix: pre-\nlabels:\n  - pairs:\n      team: bench\nimages:\n  - name: example.com/app\n    newTag: 2.0.0\nresources:\n".to_owned();
    for file in 0..files {
        let first = file * IN_A_FILE;
        let documents: Vec<String> = (first..count.min(first + IN_A_FILE)).map(document).collect();
        fs::write(folder.join(format!("file-{file}.yaml")), documents.join("---\n"))?;
        writeln!(text, "  - file-{file}.yaml")?;
    }
    Ok(fs::write(folder.join("kustomization.yaml"), text)?)
}

fn document(index: usize) -> String {
    match index % 2 {
        0 => deployment(&format!("app-{index}")),
        _ => config_map(&format!("map-{index}"), "x"),
    }
}
