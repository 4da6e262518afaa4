//! `weir get`.

use anyhow::{Result, bail};
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use kube::api::{DynamicObject, ListParams};
use serde_json::Value;

use crate::args::{self, Format, Get, Global};
use crate::kinds::{Column, Kind};
use crate::{cluster, output, resource};

pub(crate) async fn run(global: &Global, get: &Get) -> Result<()> {
    let target = args::target(&get.target)?;
    let client = cluster::connect(global).await?;
    let namespace = (!get.all_namespaces).then_some(global.namespace());
    let many = target.kinds.len() > 1;
    let mut found: Vec<(&Kind, Vec<DynamicObject>)> = Vec::new();
    for kind in target.kinds {
        let objects = match target.names.first() {
            Some(name) => vec![cluster::get(&client, kind, &global.namespace(), name).await?],
            None => cluster::list(&client, kind, namespace.as_deref(), &params(get)).await?,
        };
        let kept: Vec<_> = objects.into_iter().filter(|object| is_selected(object, get)).collect();
        if !kept.is_empty() {
            found.push((kind, kept));
        }
    }
    if found.is_empty() && !many {
        let place = namespace.map_or_else(|| "any namespace".to_owned(), |name| format!("namespace: {name}"));
        bail!("nothing found in {place}\nhint: `-A` looks in all namespaces");
    }
    show(get, &found, many)
}

fn params(get: &Get) -> ListParams {
    get.label_selector.as_deref().map_or_else(ListParams::default, |labels| ListParams::default().labels(labels))
}

/// `ready=false` and `ready!=true`, as Flux's own CLI reads them.
fn is_selected(object: &DynamicObject, get: &Get) -> bool {
    let Some(selector) = get.status_selector.as_deref() else { return true };
    let (negated, split) = match selector.split_once("!=") {
        Some(split) => (true, Some(split)),
        None => (false, selector.split_once('=')),
    };
    let Some((name, wanted)) = split else { return false };
    let conditions = object.data["status"]["conditions"].as_array().into_iter().flatten();
    let named = conditions.filter_map(|c| Some((c["type"].as_str()?, c["status"].as_str()?)));
    let status = named.filter(|(kind, _)| kind.eq_ignore_ascii_case(name)).map(|(_, status)| status).next();
    status.unwrap_or("False").eq_ignore_ascii_case(wanted) != negated
}

fn show(get: &Get, found: &[(&Kind, Vec<DynamicObject>)], many: bool) -> Result<()> {
    let objects: Vec<Value> =
        found.iter().flat_map(|(_, objects)| objects).filter_map(|o| serde_json::to_value(o).ok()).collect();
    if let Some(text) = output::documents(get.output, &objects) {
        return output::write(&text);
    }
    for (index, (kind, objects)) in found.iter().enumerate() {
        if index > 0 {
            output::line("")?;
        }
        output::write(&table(get, kind, objects, many))?;
    }
    Ok(())
}

fn table(get: &Get, kind: &Kind, objects: &[DynamicObject], many: bool) -> String {
    let now = Timestamp::now();
    let columns = kind.columns;
    let mut header = Vec::new();
    if get.all_namespaces {
        header.push("namespace");
    }
    header.push("name");
    header.extend(columns.iter().map(|column| title(*column)));
    if get.output == Format::Wide {
        header.push("age");
    }
    let rows: Vec<Vec<String>> = objects.iter().map(|object| row(get, kind, object, many, now)).collect();
    output::table((!get.no_header).then_some(&header), &rows)
}

fn row(get: &Get, kind: &Kind, object: &DynamicObject, many: bool, now: Timestamp) -> Vec<String> {
    let mut row = Vec::new();
    if get.all_namespaces {
        row.push(object.namespace().unwrap_or_default());
    }
    // Several kinds in one listing: the name tells which, as in Flux's own CLI.
    row.push(if many { format!("{}/{}", kind.lower(), object.name_any()) } else { object.name_any() });
    row.extend(kind.columns.iter().map(|column| resource::cell(kind, object, *column)));
    if get.output == Format::Wide {
        let since = object.creation_timestamp().map(|time| resource::age(time.0, now));
        row.push(since.unwrap_or_default());
    }
    row
}

const fn title(column: Column) -> &'static str {
    match column {
        Column::Revision => "revision",
        Column::Suspended => "suspended",
        Column::Ready => "ready",
        Column::Message => "message",
        Column::LastScan => "last scan",
        Column::LastRun => "last run",
        Column::Image => "image",
        Column::Tag => "tag",
        Column::Source => "source",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::json;

    fn typed(line: &str) -> Get {
        match crate::args::Args::parse_from(line.split(' ')).command {
            crate::args::Command::Get(get) => get,
            other => panic!("not a get: {other:?}"),
        }
    }

    fn kustomization() -> DynamicObject {
        serde_json::from_value(json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": "apps", "namespace": "flux-system", "generation": 1},
            "spec": {"suspend": true},
            "status": {
                "lastAppliedRevision": "main@sha1:0123456789abcdef0123456789abcdef01234567",
                "conditions": [{"type": "Ready", "status": "True", "message": "Applied revision"}],
            },
        }))
        .unwrap()
    }

    #[test]
    fn columns_as_flux_prints_them() {
        let kind = Kind::named("Kustomization").unwrap();
        let check = |line: &str, many: bool, expected: &str| {
            assert_eq!(table(&typed(line), kind, &[kustomization()], many), expected, "{line}");
        };
        check(
            "weir get ks",
            false,
            "NAME   REVISION             SUSPENDED   READY   MESSAGE\napps   main@sha1:01234567   True        True    Applied revision\n",
        );
        check(
            "weir get all -A --no-header",
            true,
            "flux-system   kustomization/apps   main@sha1:01234567   True   True   Applied revision\n",
        );
    }

    #[test]
    fn status_selectors() {
        for (selector, kept) in [
            ("ready=true", true),
            ("Ready=false", false),
            ("ready!=false", true),
            ("stalled=false", true),
            ("x", false),
        ] {
            let get = typed(&format!("weir get ks --status-selector {selector}"));
            assert_eq!(is_selected(&kustomization(), &get), kept, "{selector}");
        }
    }
}
