//! How long parsing and executing take: `cargo run --release -p weir-gotmpl --example speed`.

use std::hint::black_box;
use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use weir_gotmpl::{
    BUILTINS, Context, FuncError, Function, Functions, Map, MissingKey, Param, Set, State, Table, Value,
};

static TABLE: &Table = &Table::new(&[
    Function::fixed("include", &[Param::String, Param::Any], |context, args| {
        Ok(context.execute(&args[0].display(), args[1].clone())?.into())
    }),
    Function::fixed("nindent", &[Param::Int, Param::String], nindent),
    Function::fixed("quote", &[Param::Any], |_, args| Ok(weir_gotmpl::quote(&args[0].display()).into())),
    Function::fixed("default", &[Param::Any, Param::Any], |_, args| {
        Ok(if args[1].truth() { args[1].clone() } else { args[0].clone() })
    }),
]);

fn nindent(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let (Value::Int(_, count), Value::String(text)) = (&args[0], &args[1]) else {
        return Err("no text".into());
    };
    let mut out = Vec::with_capacity(text.len() + 64);
    for line in text.split(|byte| *byte == b'\n') {
        out.push(b'\n');
        out.resize(out.len() + usize::try_from(*count).unwrap_or(0), b' ');
        out.extend_from_slice(line);
    }
    Ok(out.into())
}

const HELPERS: &str = r#"
{{- define "app.name" -}}
{{- .Values.nameOverride | default .Chart.name }}
{{- end }}
{{- define "app.labels" -}}
app.kubernetes.io/name: {{ include "app.name" . }}
app.kubernetes.io/instance: {{ .Release.name }}
app.kubernetes.io/version: {{ .Chart.version | quote }}
{{- end }}
"#;

const DEPLOYMENT: &str = r#"{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.name" . }}
  namespace: {{ .Release.namespace }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "app.labels" . | nindent 6 }}
  template:
    spec:
      containers:
        - name: {{ .Chart.name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.version }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args:
            {{- range .Values.args }}
            - {{ . | quote }}
            {{- end }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          {{- with .Values.resources }}
          resources:
            limits:
              cpu: {{ .cpu }}
              memory: {{ .memory }}
          {{- end }}
          ports:
            - containerPort: {{ .Values.port }}
              protocol: {{ if and .Values.tls (eq .Values.port 443) }}TLS{{ else }}TCP{{ end }}
{{- end }}
"#;

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    entries.into_iter().collect::<Map>().into()
}

fn data() -> Value {
    let env: Map = (0..12).map(|number| (format!("VARIABLE_{number:02}"), format!("value {number}"))).collect();
    let args: Vec<Value> = (0..8).map(|number| format!("--flag-{number}").into()).collect();
    let image =
        map([("repository", "ghcr.io/demo/app".into()), ("tag", "6.7.0".into()), ("pullPolicy", "Always".into())]);
    let values = map([
        ("enabled", true.into()),
        ("replicas", Value::int64(3)),
        ("image", image),
        ("args", args.into()),
        ("env", env.into()),
        ("resources", map([("cpu", "100m".into()), ("memory", "64Mi".into())])),
        ("port", Value::int64(8080)),
        ("tls", false.into()),
        ("autoscaling", map([("enabled", false.into())])),
    ]);
    let release = map([("name", "demo".into()), ("namespace", "default".into())]);
    let chart = map([("name", "app".into()), ("version", "1.2.3".into())]);
    map([("Values", values), ("Release", release), ("Chart", chart)])
}

/// The shortest time of some runs of `run`.
fn best(run: impl Fn()) -> Duration {
    let timed = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..300).map(timed).min().unwrap_or_default()
}

fn main() -> std::io::Result<()> {
    let functions = Functions::new(&[BUILTINS, TABLE]);
    let parsed = || {
        let mut set = Set::new("gotpl", functions.clone(), MissingKey::Default);
        for (name, text) in [("_helpers.tpl", HELPERS), ("deployment.yaml", DEPLOYMENT)] {
            set.parse(name, text).expect("a template");
        }
        set
    };
    let mut out = stdout();
    let mut report = |what: &str, took: Duration, bytes: usize| {
        let rate = bytes as f64 / took.as_secs_f64() / 1e6;
        writeln!(out, "{what:<36} {:>9.1} µs  {rate:>7.0} MB/s", took.as_secs_f64() * 1e6)
    };
    let parsing = best(|| {
        black_box(parsed());
    });
    report("parse a deployment and helpers", parsing, HELPERS.len() + DEPLOYMENT.len())?;

    let (set, data) = (parsed(), data());
    let execute = || {
        let mut out = Vec::new();
        set.execute("deployment.yaml", data.clone(), &State::default(), &mut out).expect("it executes");
        out
    };
    let length = execute().len();
    let executing = best(|| {
        black_box(execute());
    });
    report("execute the deployment", executing, length)?;

    let line = "    some: text that is a line of a manifest, as there are many of them in a chart\n";
    let heavy = format!("{}{{{{ .Values.port }}}}\n", line.repeat(50)).repeat(250);
    let functions = Functions::new(&[BUILTINS]);
    let parse_heavy = || {
        let mut set = Set::new("gotpl", functions.clone(), MissingKey::Default);
        set.parse("heavy", heavy.as_str()).expect("a template");
        set
    };
    let parsing = best(|| {
        black_box(parse_heavy());
    });
    report("parse text with few actions", parsing, heavy.len())?;
    let set = parse_heavy();
    let executing = best(|| {
        let mut out = Vec::new();
        set.execute("heavy", data.clone(), &State::default(), &mut out).expect("it executes");
        black_box(out);
    });
    report("execute text with few actions", executing, heavy.len())?;

    let dense = "{{ if .Values.enabled }}{{ .Values.image.repository }}{{ end }}{{ $x := index .Values.args 1 }}"
        .repeat(10_000);
    let parsing = best(|| {
        let mut set = Set::new("gotpl", functions.clone(), MissingKey::Default);
        set.parse("dense", dense.as_str()).expect("a template");
        black_box(set);
    });
    report("parse actions without text", parsing, dense.len())
}
