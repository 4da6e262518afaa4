//! `weir logs`: the engine's lines, made readable.

use anyhow::{Result, bail};
use futures::{AsyncBufReadExt, TryStreamExt};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, LogParams};
use kube::{Api, ResourceExt};
use serde_json::Value;

use crate::args::{Global, Logs};
use crate::{cluster, output};

/// How `weir install` labels the pods of the engine.
const SELECTOR: &str = "app.kubernetes.io/component=weir";

pub(crate) async fn run(global: &Global, args: &Logs) -> Result<()> {
    let client = cluster::connect(global).await?;
    let api: Api<Pod> = Api::namespaced(client, &global.namespace());
    let pods = api.list(&ListParams::default().labels(SELECTOR)).await?;
    if pods.items.is_empty() {
        bail!("the engine does not run in namespace: {}\nhint: `weir check`", global.namespace());
    }
    let params = LogParams { follow: args.follow, tail_lines: args.tail, ..LogParams::default() };
    let streams = pods.items.iter().map(|pod| follow(&api, pod.name_any(), &params, args));
    futures::future::try_join_all(streams).await?;
    Ok(())
}

async fn follow(api: &Api<Pod>, pod: String, params: &LogParams, args: &Logs) -> Result<()> {
    let mut lines = api.log_stream(&pod, params).await?.lines();
    while let Some(line) = lines.try_next().await? {
        if let Some(text) = readable(&line, args) {
            output::line(&text)?;
        }
    }
    Ok(())
}

/// `<time> <level> <kind>/<name>.<namespace> - <message> <error>`; nothing for a line that was not asked for or is no record.
fn readable(line: &str, args: &Logs) -> Option<String> {
    let record: Value = serde_json::from_str(line).ok()?;
    let field = |name: &str| record[name].as_str().unwrap_or_default();
    let (kind, name) = (field("controllerKind"), field("name"));
    let fits = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(is));
    if !(fits(&args.level, field("level")) && fits(&args.kind, kind) && fits(&args.name, name)) {
        return None;
    }
    let object = if name.is_empty() { kind.to_owned() } else { format!("{kind}/{name}.{}", field("namespace")) };
    let parts = [field("ts"), field("level"), &object, "-", field("msg"), field("error")];
    Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filtered_and_made_readable() {
        let args = |level: Option<&str>, kind: Option<&str>| Logs {
            follow: false,
            level: level.map(str::to_owned),
            kind: kind.map(str::to_owned),
            name: None,
            tail: None,
        };
        let line = r#"{"ts":"2026-01-01T00:00:00Z","level":"info","controllerKind":"Kustomization","name":"apps","namespace":"b","msg":"done"}"#;
        let expected = "2026-01-01T00:00:00Z info Kustomization/apps.b - done";
        assert_eq!(readable(line, &args(None, None)).unwrap(), expected);
        assert_eq!(readable(line, &args(Some("info"), Some("kustomization"))).unwrap(), expected);
        assert_eq!(readable(line, &args(Some("error"), None)), None);
        assert_eq!(readable("plain text", &args(None, None)), None);
    }
}
