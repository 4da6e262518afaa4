//! Logs as JSON lines with the keys that Flux's controllers use, so that `flux logs` and existing log pipelines read them.

use std::{fmt, io};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::{JsonFields, Writer},
    },
    registry::{LookupSpan, Scope},
};

/// Flux's `--log-encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One JSON object a line.
    Json,
    /// For people.
    Console,
}

/// Starts logging to standard error. `level` is `trace`, `debug`, `info` or `error`; `RUST_LOG` overrides it.
///
/// Called once by a binary; a second call is ignored, so that tests may call it freely.
pub fn init(level: &str, encoding: Encoding) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new(format!("{level},kube=warn,hyper=warn,tower=warn,wasmtime=warn,h2=warn")));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let _already_set = match encoding {
        Encoding::Json => builder.event_format(FluxJson).fmt_fields(JsonFields::new()).try_init(),
        Encoding::Console => builder.compact().try_init(),
    };
}

/// Formats events as Flux's controllers do.
struct FluxJson;

impl<S, N> FormatEvent<S, N> for FluxJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields(Map::new());
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            // The fields of a span are written as JSON when it begins; see `init`.
            let extensions = span.extensions();
            let written = extensions.get::<FormattedFields<N>>().map(|fields| fields.as_str());
            fields.0.extend(
                written.and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok()).unwrap_or_default(),
            );
        }
        event.record(&mut fields);
        let line = line(*event.metadata().level(), Timestamp::now(), fields.0);
        writeln!(writer, "{}", Value::Object(line))
    }
}

fn line(level: Level, now: Timestamp, mut fields: Map<String, Value>) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("level".into(), level_name(level).into());
    line.insert("ts".into(), format!("{now:.3}").into());
    line.insert("msg".into(), fields.remove("message").unwrap_or_default());
    if let Some(object) = fields.remove("object") {
        name_object(&mut line, object.as_str().unwrap_or_default());
    }
    line.extend(fields);
    line
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        // Flux's loggers have no warning level.
        Level::WARN | Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// `Kind/namespace/name` becomes the keys that controller-runtime writes for its object.
fn name_object(line: &mut Map<String, Value>, object: &str) {
    let mut parts = object.splitn(3, '/');
    let (Some(kind), Some(namespace), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
        line.insert("object".into(), object.into());
        return;
    };
    let group = if kind == "Kustomization" { "kustomize.toolkit.fluxcd.io" } else { "source.toolkit.fluxcd.io" };
    line.insert("controller".into(), kind.to_lowercase().into());
    line.insert("controllerGroup".into(), group.into());
    line.insert("controllerKind".into(), kind.into());
    line.insert(kind.into(), json!({"name": name, "namespace": namespace}));
    line.insert("namespace".into(), namespace.into());
    line.insert("name".into(), name.into());
}

struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().into(), value.into());
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    #[test]
    fn a_line_has_the_keys_of_flux() {
        let fields =
            json!({"message": "applied", "object": "Kustomization/flux-system/apps", "revision": "main@sha1:ab"});
        let Value::Object(fields) = fields else { unreachable!() };
        let now: Timestamp = "2024-05-01T10:00:00.123Z".parse().unwrap();
        assert_eq!(
            Value::Object(line(Level::INFO, now, fields)),
            json!({
                "level": "info", "ts": "2024-05-01T10:00:00.123Z", "msg": "applied", "controller": "kustomization",
                "controllerGroup": "kustomize.toolkit.fluxcd.io", "controllerKind": "Kustomization",
                "Kustomization": {"name": "apps", "namespace": "flux-system"}, "namespace": "flux-system", "name": "apps",
                "revision": "main@sha1:ab",
            })
        );
    }

    #[test]
    fn the_fields_of_a_span_are_in_every_line() {
        #[derive(Clone, Default)]
        struct Lines(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let lines = Lines::default();
        let writer = lines.clone();
        let builder = tracing_subscriber::fmt().with_writer(move || writer.clone());
        let subscriber = builder.event_format(FluxJson).fmt_fields(JsonFields::new()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("reconcile", reconcileID = "1-2");
            span.in_scope(|| tracing::info!(object = "Kustomization/ns/apps", "inside"));
            tracing::info!("outside");
        });
        let text = String::from_utf8(lines.0.lock().clone()).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&lines[0]["reconcileID"], &lines[0]["name"]), (&json!("1-2"), &json!("apps")));
        assert_eq!((&lines[1]["msg"], &lines[1]["reconcileID"]), (&json!("outside"), &Value::Null));
    }
}
