//! Charts as teams write them: an application with helpers, and an umbrella over many of them.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Result;

const HELPERS: &str = r#"{{- define "NAME.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- define "NAME.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "NAME.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "NAME.selector" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- range $key, $value := .Values.global.labels }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- end -}}
"#;

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      {{- include "NAME.selector" . | nindent 6 }}
  template:
    metadata:
      annotations:
        checksum/config: {{ include (print $.Template.BasePath "/settings.yaml") . | sha256sum }}
      labels:
        {{- include "NAME.selector" . | nindent 8 }}
    spec:
      serviceAccountName: {{ include "NAME.fullname" . }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          {{- if .Values.env }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name | upper }}
              value: {{ tpl $value $ | quote }}
            {{- end }}
          {{- end }}
          ports:
            {{- range .Values.service.ports }}
            - name: {{ .name }}
              containerPort: {{ .port }}
            {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
"#;

const SERVICE: &str = r#"apiVersion: v1
kind: Service
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    {{- range .Values.service.ports }}
    - name: {{ .name }}
      port: {{ .port }}
      targetPort: {{ .name }}
      protocol: TCP
    {{- end }}
  selector:
    {{- include "NAME.selector" . | nindent 4 }}
"#;

const SETTINGS: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
data:
  settings.yaml: |
    {{- .Values.settings | toYaml | nindent 4 }}
"#;

const ACCOUNT: &str = r#"{{- if .Values.account.create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "NAME.fullname" . }}
  labels:
    {{- include "NAME.labels" . | nindent 4 }}
{{- end }}
"#;

const SCALER: &str = r#"{{- if .Values.scaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "NAME.fullname" . }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "NAME.fullname" . }}
  minReplicas: {{ .Values.scaling.min }}
  maxReplicas: {{ mul .Values.scaling.min 3 }}
{{- end }}
"#;

const VALUES: &str = "replicas: 2
global:
  labels:
    team: bench
image:
  repository: example.com/app
  pullPolicy: IfNotPresent
env:
  level: info
  release: '{{ .Release.Name }}'
service:
  type: ClusterIP
  ports:
    - {name: http, port: 8080}
    - {name: metrics, port: 9090}
resources:
  requests: {cpu: 100m, memory: 64Mi}
  limits: {memory: 128Mi}
tolerations:
  - {key: dedicated, operator: Exists}
settings:
  server: {port: 8080, hosts: [a.example.com, b.example.com]}
  features: {fast: true, small: true}
account: {create: true}
scaling: {enabled: true, min: 2}
";

/// Writes a chart of five objects.
pub(crate) fn write_application(folder: &Path, name: &str) -> Result<()> {
    let templates = folder.join("templates");
    fs::create_dir_all(&templates)?;
    fs::write(folder.join("Chart.yaml"), metadata(name))?;
    fs::write(folder.join("values.yaml"), VALUES)?;
    for (file, text) in [
        ("_helpers.tpl", HELPERS),
        ("deployment.yaml", DEPLOYMENT),
        ("service.yaml", SERVICE),
        ("settings.yaml", SETTINGS),
        ("account.yaml", ACCOUNT),
        ("scaler.yaml", SCALER),
    ] {
        fs::write(templates.join(file), text.replace("NAME", name))?;
    }
    Ok(())
}

/// Writes a chart of `count` such charts, each with a condition and values of its own.
pub(crate) fn write_umbrella(folder: &Path, count: usize) -> Result<()> {
    let mut chart = format!("{}dependencies:\n", metadata("umbrella"));
    let mut values = "global:\n  labels:\n    umbrella: \"yes\"\n".to_owned();
    for index in 0..count {
        let name = format!("part-{index}");
        write_application(&folder.join("charts").join(&name), &name)?;
        write!(chart, "  - name: {name}\n    version: 1.2.3\n    condition: {name}.enabled\n")?;
        write!(values, "{name}:\n  enabled: true\n  replicas: {}\n  env:\n    part: '{index}'\n", index + 1)?;
    }
    fs::write(folder.join("Chart.yaml"), chart)?;
    Ok(fs::write(folder.join("values.yaml"), values)?)
}

fn metadata(name: &str) -> String {
    format!("apiVersion: v2\nname: {name}\nversion: 1.2.3\nappVersion: 4.5.6\n")
}
