//! Reading any Flux object: conditions, revision, and what `get` shows.

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use kube::core::DynamicObject;
use serde_json::Value;

use crate::kinds::{Column, Kind};

/// What an object without a Ready condition says, as Flux's own CLI.
const WAITING: &str = "waiting to be reconciled";

/// Digests are cut to so many digits in tables.
const SHORT_DIGEST: usize = 8;

/// The condition `Ready`: status and message.
pub(crate) fn ready(object: &DynamicObject) -> (String, String) {
    let found = condition(object, "Ready");
    let text = |field: &str| found.and_then(|c| c[field].as_str()).map(str::to_owned);
    match (text("status"), text("message")) {
        (Some(status), message) => (status, message.unwrap_or_default()),
        (None, _) => ("False".to_owned(), WAITING.to_owned()),
    }
}

/// The condition of this type.
pub(crate) fn condition<'a>(object: &'a DynamicObject, kind: &str) -> Option<&'a Value> {
    let conditions = object.data["status"]["conditions"].as_array()?;
    conditions.iter().find(|condition| condition["type"] == kind)
}

/// Whether the object's state is about its current spec and is good (kstatus: `Current`).
pub(crate) fn is_current(object: &DynamicObject) -> bool {
    let is_true = |kind: &str| condition(object, kind).is_some_and(|c| c["status"] == "True");
    is_observed(object) && is_true("Ready") && !is_true("Reconciling") && !is_true("Stalled")
}

/// Whether the controller has given up until the object changes (kstatus: `Failed`).
pub(crate) fn is_stalled(object: &DynamicObject) -> bool {
    is_observed(object) && condition(object, "Stalled").is_some_and(|c| c["status"] == "True")
}

fn is_observed(object: &DynamicObject) -> bool {
    object.data["status"]["observedGeneration"].as_i64() == object.metadata.generation
}

pub(crate) fn is_suspended(object: &DynamicObject) -> bool {
    object.data["spec"]["suspend"] == true
}

/// What the object last fetched or applied; empty when nothing yet.
pub(crate) fn revision(object: &DynamicObject) -> String {
    let status = &object.data["status"];
    let candidates = [
        &status["lastAppliedRevision"],
        &status["history"][0]["chartVersion"],
        &status["lastAttemptedRevision"],
        &status["artifact"]["revision"],
    ];
    let is_release = object.types.as_ref().is_some_and(|types| types.kind == "HelmRelease");
    let is_kustomization = object.types.as_ref().is_some_and(|types| types.kind == "Kustomization");
    let fitting = candidates.into_iter().enumerate().filter(|(index, _)| match index {
        1 | 2 => is_release,
        0 => is_kustomization,
        _ => true,
    });
    fitting.map(|(_, value)| value).find_map(Value::as_str).unwrap_or_default().to_owned()
}

/// The text of a column, as Flux's own CLI has it.
pub(crate) fn cell(kind: &Kind, object: &DynamicObject, column: Column) -> String {
    let status = |pointer: &str| {
        let found = object.data["status"].pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    let is_shortened = !matches!(kind.name, "HelmChart" | "Alert") && !kind.name.starts_with("Image");
    let shorten = |text: String| if is_shortened { shorten_digests(&text) } else { text };
    match column {
        Column::Revision => shorten(revision(object)),
        Column::Suspended => title(is_suspended(object)),
        Column::Ready => ready_of(kind, object).0,
        Column::Message => shorten(ready_of(kind, object).1),
        Column::LastScan => status("/lastScanResult/scanTime"),
        Column::LastRun => status("/lastAutomationRunTime"),
        Column::Image => status("/latestRef/name"),
        Column::Tag => status("/latestRef/tag"),
        Column::Source => source(object),
    }
}

/// Alerts and Providers have no status: they are always ready.
fn ready_of(kind: &Kind, object: &DynamicObject) -> (String, String) {
    match kind.name {
        "Alert" | "Provider" => ("True".to_owned(), format!("{} is Ready", kind.name)),
        _ => ready(object),
    }
}

fn source(object: &DynamicObject) -> String {
    let field = |name: &str| object.data["spec"]["sourceRef"][name].as_str().unwrap_or_default();
    let own = object.namespace().unwrap_or_default();
    let namespace = Some(field("namespace")).filter(|name| !name.is_empty()).unwrap_or(&own);
    format!("{}/{namespace}/{}", field("kind"), field("name"))
}

fn title(value: bool) -> String {
    if value { "True" } else { "False" }.to_owned()
}

/// Cuts digests (40 to 128 hexadecimal digits) to eight digits.
pub(crate) fn shorten_digests(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
        let digits = &rest[..word];
        short.push_str(if (40..=128).contains(&word) { &digits[..SHORT_DIGEST] } else { digits });
        let other = rest[word..].chars().next().map_or(0, char::len_utf8);
        short.push_str(&rest[word..word + other]);
        rest = &rest[word + other..];
    }
    short
}

/// How long ago, as kubectl writes it: `45s`, `12m`, `3h`, `5d`.
pub(crate) fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> DynamicObject {
        serde_json::from_value(value).unwrap()
    }

    fn kustomization(status: Value) -> DynamicObject {
        object(json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": "a", "generation": 2}, "spec": {}, "status": status,
        }))
    }

    #[test]
    fn digests_are_short_in_tables() {
        let sha1 = "0123456789abcdef0123456789abcdef01234567";
        let cases = [
            (format!("main@sha1:{sha1}"), "main@sha1:01234567"),
            (
                format!("stored artifact for revision 'main@sha1:{sha1}'"),
                "stored artifact for revision 'main@sha1:01234567'",
            ),
            ("deadbeef".to_owned(), "deadbeef"),
            ("größe fad".to_owned(), "größe fad"),
        ];
        for (text, short) in cases {
            assert_eq!(shorten_digests(&text), short);
        }
    }

    #[test]
    fn ages_as_kubectl() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (seconds, expected) in [(5, "5s"), (119, "119s"), (120, "2m"), (7_200, "2h"), (200_000, "2d")] {
            let now = Timestamp::from_second(start.as_second() + seconds).unwrap();
            assert_eq!(age(start, now), expected);
        }
    }

    #[test]
    fn an_object_is_current_only_for_its_generation() {
        let ready = |generation: i64, status: &str| {
            kustomization(
                json!({"observedGeneration": generation, "conditions": [{"type": "Ready", "status": status}]}),
            )
        };
        assert!(is_current(&ready(2, "True")));
        assert!(!is_current(&ready(1, "True")));
        assert!(!is_current(&ready(2, "False")));
        assert_eq!(super::ready(&kustomization(json!({}))), ("False".to_owned(), WAITING.to_owned()));
    }

    #[test]
    fn each_kind_has_its_revision() {
        let status = json!({"lastAppliedRevision": "main@sha1:1", "lastAttemptedRevision": "main@sha1:2"});
        assert_eq!(revision(&kustomization(status)), "main@sha1:1");
        let release =
            json!({"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "a"}});
        let mut release = object(release);
        release.data = json!({"status": {"history": [{"chartVersion": "1.2.3"}], "lastAttemptedRevision": "1.2.4"}});
        assert_eq!(revision(&release), "1.2.3");
        release.data = json!({"status": {"lastAttemptedRevision": "1.2.4"}});
        assert_eq!(revision(&release), "1.2.4");
    }
}
