//! Metrics under the names that Flux's dashboards read, as far as they mean the same here.

use std::time::Duration;

use parking_lot::Mutex;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use weir_core::{Cause, ObjectKey, Outcome};
use weir_schedule::Observer;

use crate::{process::Process, requests::Requests};

/// All metrics of the process.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    duration: Family<ObjectLabels, Histogram>,
    reconciles: Family<ResultLabels, Counter>,
    requests: Requests,
    queued: Gauge,
    running: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ObjectLabels {
    kind: String,
    name: String,
    namespace: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ResultLabels {
    controller: String,
    result: String,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let duration = Family::<ObjectLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.01, 2.0, 16))
        });
        let (reconciles, queued, running) = (Family::default(), Gauge::default(), Gauge::default());
        let mut registry = Registry::default();
        registry.register("gotk_reconcile_duration_seconds", "Time of a reconcile", duration.clone());
        registry.register("controller_runtime_reconcile", "Reconciles by result", Family::clone(&reconciles));
        registry.register("workqueue_depth", "Keys that wait", Gauge::clone(&queued));
        registry.register("controller_runtime_active_workers", "Keys that run", Gauge::clone(&running));
        let requests = Requests::default();
        registry.register("rest_client_requests", "Requests to the API server", requests.clone());
        registry.register_collector(Box::new(Process));
        Self { registry: Mutex::new(registry), duration, reconciles, requests, queued, running }
    }

    /// Where requests to the API server are counted.
    pub(crate) fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// The text format of Prometheus.
    pub(crate) fn encode(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock();
        match encode(&mut text, &registry) {
            Ok(()) => text,
            Err(error) => format!("# cannot encode metrics: {error}\n"),
        }
    }
}

impl Observer for Metrics {
    fn queued(&self, count: usize) {
        self.queued.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    fn running(&self, count: usize) {
        self.running.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    fn reconciled(&self, key: &ObjectKey, _: Cause, took: Duration, outcome: &Outcome) {
        self.duration.get_or_create(&labels(key)).observe(took.as_secs_f64());
        let result = if outcome.ready { "success" } else { "error" };
        let labels = ResultLabels { controller: key.kind.to_lowercase(), result: result.into() };
        self.reconciles.get_or_create(&labels).inc();
    }

    /// As Flux does: what is gone is not measured for ever.
    fn forgotten(&self, key: &ObjectKey) {
        self.duration.remove(&labels(key));
    }
}

fn labels(key: &ObjectKey) -> ObjectLabels {
    ObjectLabels { kind: key.kind.clone(), name: key.name.clone(), namespace: key.namespace.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reconcile_shows_in_the_text_format() {
        let metrics = Metrics::new();
        let key = ObjectKey::new("Kustomization", "ns", "apps");
        metrics.reconciled(
            &key,
            Cause::Spec,
            Duration::from_millis(20),
            &Outcome { ready: true, ..Outcome::default() },
        );
        metrics.queued(3);
        let text = metrics.encode();
        assert!(
            text.contains(
                r#"gotk_reconcile_duration_seconds_count{kind="Kustomization",name="apps",namespace="ns"} 1"#
            ),
            "{text}"
        );
        assert!(text.contains(r#"controller_runtime_reconcile_total{controller="kustomization",result="success"} 1"#));
        assert!(text.contains("workqueue_depth 3"));
        metrics.forgotten(&key);
        assert!(!metrics.encode().contains(r#"name="apps""#));
    }
}
