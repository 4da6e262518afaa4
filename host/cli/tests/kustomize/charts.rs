//! Charts in kustomizations, rendered by the plugin that renders charts.

use weir_devenv::GitServer;

use crate::kit::Folder;

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const TEMPLATE: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-{{ .Values.kind }}
  namespace: {{ .Release.Namespace }}
data:
  kube: {{ .Capabilities.KubeVersion.Version }}
  more: {{ .Values.more | default \"none\" }}
  has: {{ .Capabilities.APIVersions.Has \"example.com/v1\" | quote }}
";
const HOOK: &str = "apiVersion: v1
kind: Secret
metadata:
  annotations:
    helm.sh/hook: pre-install
  name: hook
";
const CRD: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: webs.example.com
";

fn folder(kustomization: &str) -> Folder {
    Folder::new(&[
        ("kustomization.yaml", kustomization),
        ("more.yaml", "more: file\n"),
        ("charts/web/Chart.yaml", CHART),
        ("charts/web/values.yaml", "kind: own\n"),
        ("charts/web/templates/map.yaml", TEMPLATE),
        ("charts/web/templates/hook.yaml", HOOK),
        ("charts/web/crds/web.yaml", CRD),
    ])
}

fn map(name: &str, namespace: &str, kube: &str, more: &str, has: bool) -> String {
    format!(
        "apiVersion: v1\ndata:\n  has: \"{has}\"\n  kube: {kube}\n  more: {more}\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: {namespace}\n"
    )
}

#[test]
fn a_chart_is_rendered_with_what_the_kustomization_says() {
    let folder = folder(
        "namePrefix: my-
helmCharts:
- name: web
  releaseName: shop
  namespace: apps
  valuesInline: {kind: inline}
  additionalValuesFiles: [more.yaml]
  apiVersions: [example.com/v1]
  kubeVersion: v1.30.1
  includeCRDs: true
  skipHooks: true
",
    );
    let map = map("my-shop-inline", "apps", "v1.30.1", "file", true);
    assert_eq!(folder.build(&["--enable-helm"]), Ok(format!("{CRD}---\n{map}")));
    let refused = folder.build(&[]).unwrap_err();
    assert!(refused.contains("must specify --enable-helm"), "{refused}");
}

#[test]
fn what_is_not_said_is_as_in_helm() {
    let folder = folder("helmCharts: [{name: web, kubeVersion: v1.31.0}]\n");
    let map = map("release-name-own", "default", "v1.31.0", "none", false);
    assert_eq!(folder.build(&["--enable-helm"]), Ok(format!("{map}---\n{HOOK}")));
}

#[test]
fn a_chart_that_fails_says_why() {
    let folder = folder("helmCharts: [{name: web, valuesInline: {kind: null}, valuesMerge: replace}]\n");
    std::fs::write(
        folder.path().join("charts/web/templates/bad.yaml"),
        "{{ required \"say which kind\" .Values.kind }}",
    )
    .unwrap();
    let error = folder.build(&["--enable-helm"]).unwrap_err();
    assert!(error.contains("say which kind") && error.contains("web/templates/bad.yaml:1:3"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_base_may_have_charts_of_its_own() {
    let server = GitServer::start(None).await.unwrap();
    let repository = server.repo("org/base", None).unwrap();
    repository.write("app/kustomization.yaml", "helmCharts: [{name: web, kubeVersion: v1.31.0}]\n").unwrap();
    repository.write("app/charts/web/Chart.yaml", CHART).unwrap();
    repository.write("app/charts/web/values.yaml", "kind: far\n").unwrap();
    repository.write("app/charts/web/templates/map.yaml", TEMPLATE).unwrap();
    repository.commit("one").unwrap();
    let mirror = format!("https://github.com/={}", server.url("x").replace("x.git", ""));
    let folder = Folder::new(&[("kustomization.yaml", "resources: ['github.com/org/base.git//app?ref=main']\n")]);
    let built = folder.build(&["--enable-helm", "--mirror", &mirror]);
    assert_eq!(built, Ok(map("release-name-far", "default", "v1.31.0", "none", false)));
}
