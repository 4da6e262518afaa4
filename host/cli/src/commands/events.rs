//! `weir events`.

use anyhow::{Result, bail};
use k8s_openapi::api::core::v1::Event;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::ListParams;

use crate::args::{Events, Global};
use crate::kinds::Kind;
use crate::{cluster, output, resource};

pub(crate) async fn run(global: &Global, args: &Events) -> Result<()> {
    let selector = args.target.as_deref().map(selector).transpose()?;
    let client = cluster::connect(global).await?;
    let api: Api<Event> =
        if args.all_namespaces { Api::all(client) } else { Api::namespaced(client, &global.namespace()) };
    let params = selector.map_or_else(ListParams::default, |fields| ListParams::default().fields(&fields));
    let mut events: Vec<Event> = api.list(&params).await?.items;
    events.retain(|event| is_shown(event, &args.types));
    if events.is_empty() {
        bail!("no events found\nhint: Kubernetes keeps events for an hour; `-A` looks in all namespaces");
    }
    events.sort_by_key(last_seen);
    let now = Timestamp::now();
    let rows: Vec<Vec<String>> = events.iter().map(|event| row(event, args.all_namespaces, now)).collect();
    let header: &[&str] = &["namespace", "last seen", "type", "reason", "object", "message"];
    output::write(&output::table(Some(&header[usize::from(!args.all_namespaces)..]), &rows))
}

/// As the API server selects: `Kustomization/apps` or `Kustomization`.
fn selector(target: &str) -> Result<String> {
    let (kind, name) = target.split_once('/').map_or((target, None), |(kind, name)| (kind, Some(name)));
    let Some(kind) = Kind::named(kind) else { bail!("not a kind of Flux: {kind}\nhint: `--for Kustomization/apps`") };
    let name = name.map(|name| format!(",involvedObject.name={name}")).unwrap_or_default();
    Ok(format!("involvedObject.kind={}{name}", kind.name))
}

fn is_shown(event: &Event, types: &[String]) -> bool {
    let is_ours = event.involved_object.kind.as_deref().is_some_and(|kind| Kind::named(kind).is_some());
    let fits = |wanted: &String| event.type_.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted));
    is_ours && (types.is_empty() || types.iter().any(fits))
}

/// Three fields tell when, depending on who wrote the event.
fn last_seen(event: &Event) -> Timestamp {
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref()).map(|time| time.0);
    let last = event.last_timestamp.as_ref().map(|time| time.0);
    series.or(last).or_else(|| event.event_time.as_ref().map(|time| time.0)).unwrap_or(Timestamp::MIN)
}

fn row(event: &Event, with_namespace: bool, now: Timestamp) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let object = &event.involved_object;
    let mut row = vec![
        resource::age(last_seen(event), now),
        text(&event.type_),
        text(&event.reason),
        format!("{}/{}", text(&object.kind), text(&object.name)),
        text(&event.message),
    ];
    if with_namespace {
        row.insert(0, text(&object.namespace));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_name_kinds_of_flux() {
        let fields = |target| selector(target).ok();
        assert_eq!(fields("kustomization/apps").unwrap(), "involvedObject.kind=Kustomization,involvedObject.name=apps");
        assert_eq!(fields("GitRepository").unwrap(), "involvedObject.kind=GitRepository");
        assert_eq!(fields("Pod/a"), None);
    }
}
