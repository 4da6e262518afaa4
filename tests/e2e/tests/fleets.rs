//! Real fleets, unchanged, on a control plane of their own, fetched through mirrors.
//!
//! They hold kinds that weir does not serve yet. Where a fleet waits for one of those, the test first sees that weir tells
//! so, and then stands in for the missing controller; each place says what is pretended.

use serde_json::{Value, json};
use weir_daemon::Config;
use weir_e2e::{Cluster, Engine, Plane, Scope, View, config, corpora, mirrors, shared};

/// A condition as controllers write it.
fn ready(generation: &Value, message: &str) -> Value {
    json!({
        "observedGeneration": generation,
        "conditions": [{
            "type": "Ready", "status": "True", "reason": "Succeeded", "message": message,
            "observedGeneration": generation, "lastTransitionTime": "2024-01-01T00:00:00Z",
        }],
    })
}

/// Stands in for a controller that weir does not have yet: says that the object is ready.
async fn pretend_ready(cluster: &Cluster, kind: &str, name: &str) {
    let object = cluster.wait(kind, name, "there", |_| true).await;
    cluster.set_status(kind, name, ready(object.at("/metadata/generation"), "pretended by the test")).await;
}

/// Stands in for the source of a Kustomization that weir cannot fetch yet: suspends it, and says that it is ready.
async fn pretend_applied(cluster: &Cluster, name: &str) {
    cluster.failed("Kustomization", name, "ArtifactFailed").await;
    cluster.edit("Kustomization", name, "flux", json!({"spec": {"suspend": true}})).await;
    pretend_ready(cluster, "Kustomization", name).await;
}

/// A definition without a schema, as a chart of the fleet would bring it.
async fn define(cluster: &Cluster, group: &str, version: &str, kind: &str, plural: &str, scope: &str) {
    let name = format!("{plural}.{group}");
    cluster
        .apply(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": name},
            "spec": {
                "group": group, "scope": scope, "names": {"kind": kind, "plural": plural},
                "versions": [{
                    "name": version, "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
                }],
            },
        }))
        .await;
    let established = |o: &View| o.condition("Established").starts_with("True ");
    cluster.wait("CustomResourceDefinition", &name, "established", established).await;
}

async fn add_namespace(cluster: &Cluster, name: &str) {
    cluster.apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn podinfo() {
    let Some(folder) = corpora::fleet("stefanprodan_podinfo") else {
        return;
    };
    let (plane, _) = shared().await;
    let t = Scope::new(plane, "fleet-podinfo").await;
    let repo = plane.git.repo("podinfo", Some(&folder)).unwrap();
    t.source_with("podinfo", json!({"url": repo.url(), "ref": {"branch": "main"}})).await;
    let source = json!({"kind": "GitRepository", "name": "podinfo"});
    t.kustomization(
        "podinfo",
        json!({"sourceRef": source, "path": "./kustomize", "targetNamespace": "fleet-podinfo", "wait": true, "timeout": "3m"}),
    )
    .await;
    let object = t.ready("Kustomization", "podinfo").await;
    assert_eq!(
        object.inventory(),
        [
            "fleet-podinfo_podinfo__Service",
            "fleet-podinfo_podinfo_apps_Deployment",
            "fleet-podinfo_podinfo_autoscaling_HorizontalPodAutoscaler"
        ]
    );
    assert_eq!(t.get("Deployment", "podinfo").await.text("/spec/template/spec/containers/0/name"), "podinfod");
}

#[tokio::test(flavor = "multi_thread")]
async fn gitops_linkerd() {
    let Some(folder) = corpora::fleet("BuoyantIO_gitops-linkerd") else {
        return;
    };
    let faces = corpora::fleet("BuoyantIO_faces-demo").expect("the corpora are complete");
    let plane = Plane::start(true).await;
    let fleet = plane.git.repo("rparmer/gitops-linkerd", Some(&folder)).unwrap();
    plane.git.repo("BuoyantIO/faces-demo", Some(&faces)).unwrap();
    let engine = Engine::start(Config {
        mirrors: mirrors([mirror_of_github(&plane).as_str()]),
        ..config(plane.control.kubeconfig())
    })
    .await;
    let flux = Cluster::new(plane.client(), "flux-system");

    // What `flux bootstrap` does: the namespace, the deploy key, and the two objects of gotk-sync.yaml.
    add_namespace(&flux, "flux-system").await;
    flux.apply(json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "flux-system"},
        "stringData": {"identity": "unused", "identity.pub": "unused", "known_hosts": "unused"},
    }))
    .await;
    let sync = std::fs::read_to_string(folder.join("clusters/my-cluster/flux-system/gotk-sync.yaml")).unwrap();
    flux.apply_yaml(&sync).await;
    let source = flux.ready("GitRepository", "flux-system").await;
    assert_eq!(source.text("/spec/url"), "ssh://git@github.com/rparmer/gitops-linkerd");
    assert_eq!(source.text("/status/artifact/revision"), format!("main@sha1:{}", fleet.head().unwrap()));
    let root = flux.ready("Kustomization", "flux-system").await;
    assert_eq!(
        root.inventory()
            .iter()
            .filter(|id| id.ends_with("_Deployment") || id.ends_with("_CustomResourceDefinition"))
            .count(),
        0,
        "the fleet's own Flux is left out"
    );
    assert_eq!(
        flux.get("Kustomization", "flux-system").await.text("/metadata/labels/toolkit.fluxcd.io~1tenant"),
        "sre-team"
    );
    flux.event("flux-system", "that Flux is left out", |event| event.contains("FluxComponentsSkipped")).await;

    infrastructure(&flux, &fleet).await;
    apps(&flux).await;
    engine.stop().await;
}

fn mirror_of_github(plane: &Plane) -> String {
    let any = plane.git.url("any");
    format!("github.com={}", any.trim_end_matches("/any.git"))
}

/// No chart is installed: the HelmReleases are there, and the test says that they are ready.
async fn infrastructure(flux: &Cluster, fleet: &weir_devenv::GitRepo) {
    let dependent = flux.failed("Kustomization", "linkerd", "DependencyNotReady").await;
    assert_eq!(dependent.message(), "dependency 'flux-system/cert-manager' is not ready");
    let checking = |o: &View| o.condition("Reconciling").contains("Running health checks");
    flux.wait("Kustomization", "cert-manager", "waiting for its HelmRelease", checking).await;
    flux.wait("Kustomization", "weave-gitops", "waiting for its HelmRelease", checking).await;
    for (namespace, name) in [("cert-manager", "cert-manager"), ("flux-system", "weave-gitops")] {
        let there = flux.in_namespace(namespace);
        pretend_ready(&there, "HelmRelease", name).await;
        pretend_ready(&there, "HelmRepository", name).await;
        flux.ready("Kustomization", name).await;
    }

    // The fleet's trust anchor is made by its user and not in the repository: the build says so.
    let failed = flux.failed("Kustomization", "linkerd", "BuildFailed").await;
    assert!(failed.message().contains("ca.crt"), "{}", failed.message());
    for kind in ["Issuer", "Certificate"] {
        define(flux, "cert-manager.io", "v1", kind, &format!("{}s", kind.to_lowercase()), "Namespaced").await;
    }
    fleet.write("infrastructure/linkerd/ca.crt", "certificate of the test").unwrap();
    fleet.write("infrastructure/linkerd/ca.key", "key of the test").unwrap();
    fleet.commit("add the trust anchor").unwrap();
    request(flux, "GitRepository", "flux-system").await;
    for (namespace, name) in [
        ("linkerd", "linkerd-crds"),
        ("linkerd", "linkerd-control-plane"),
        ("linkerd-viz", "linkerd-viz"),
        ("linkerd-smi", "linkerd-smi"),
    ] {
        pretend_ready(&flux.in_namespace(namespace), "HelmRelease", name).await;
    }
    for (namespace, name) in [("linkerd", "linkerd"), ("linkerd-smi", "linkerd-smi")] {
        pretend_ready(&flux.in_namespace(namespace), "HelmRepository", name).await;
    }
    let linkerd = flux.ready("Kustomization", "linkerd").await;
    let anchor = linkerd
        .inventory()
        .into_iter()
        .find(|id| id.ends_with("__Secret"))
        .expect("the anchor is generated")
        .to_owned();
    let name = anchor.trim_start_matches("linkerd_").trim_end_matches("__Secret");
    let plane = flux.in_namespace("linkerd").get("HelmRelease", "linkerd-control-plane").await;
    assert_eq!(plane.text("/spec/valuesFrom/0/name"), name, "references follow the generated name");

    for name in ["ingress-nginx", "flagger"] {
        let there = flux.in_namespace(if name == "flagger" { "flagger-system" } else { name });
        pretend_ready(&there, "HelmRelease", name).await;
        pretend_ready(&there, "HelmRepository", name).await;
    }
    // Its Kustomization is fetched from an OCI registry, which is not served yet.
    let flagger = flux.in_namespace("flagger-system");
    pretend_applied(&flagger, "loadtester").await;
    pretend_ready(&flagger, "OCIRepository", "flagger-manifests").await;
    for name in ["ingress-nginx", "flagger"] {
        flux.ready("Kustomization", name).await;
    }
}

/// The applications wait for all of the infrastructure; then faces comes from a second repository.
async fn apps(flux: &Cluster) {
    let failed = flux.failed("Kustomization", "apps", "ReconciliationFailed").await;
    assert!(failed.message().contains("Canary"), "the chart that defines it is not installed: {}", failed.message());
    define(flux, "flagger.app", "v1beta1", "Canary", "canaries", "Namespaced").await;
    request(flux, "Kustomization", "apps").await;
    let there = flux.in_namespace("faces");
    let faces = there.wait("GitRepository", "faces", "fetched", |o| o.condition("Ready").starts_with("True ")).await;
    assert_eq!(faces.text("/spec/url"), "https://github.com/BuoyantIO/faces-demo");

    let failed = there.failed("Kustomization", "faces", "ReconciliationFailed").await;
    assert!(
        failed.message().contains("ServiceProfile"),
        "the chart that defines it is not installed: {}",
        failed.message()
    );
    define(flux, "linkerd.io", "v1alpha2", "ServiceProfile", "serviceprofiles", "Namespaced").await;
    request(&there, "Kustomization", "faces").await;
    let object = there.ready("Kustomization", "faces").await;
    assert!(object.inventory().iter().all(|id| !id.contains("Mapping")), "`spec.ignore` leaves the mappings out");
    let face = there.get("Deployment", "face").await;
    assert_eq!(face.at("/spec/template/spec/containers/0/env/1"), &json!({"name": "ERROR_FRACTION", "value": "0"}));
    let gui = there.get("Deployment", "faces-gui").await;
    assert_eq!(gui.at("/spec/template/spec/containers/0/env"), &json!([{"name": "ERROR_FRACTION", "value": "0"}]));
    flux.ready("Kustomization", "apps").await;
}

async fn request(cluster: &Cluster, kind: &str, name: &str) {
    let annotations = json!({"reconcile.fluxcd.io/requestedAt": format!("{:?}", std::time::Instant::now())});
    cluster.edit(kind, name, "flux", json!({"metadata": {"annotations": annotations}})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flux2_multi_tenancy() {
    let Some(folder) = corpora::fleet("fluxcd_flux2-multi-tenancy") else {
        return;
    };
    let tenant = corpora::fleet("fluxcd_flux2-multi-tenancy_dev-team").expect("the corpora are complete");
    let plane = Plane::start(false).await;
    let repo = plane.git.repo("fluxcd/flux2-multi-tenancy", Some(&folder)).unwrap();
    let head = repo.head().unwrap();
    add_branch(&repo, &tenant, "dev-team");
    // The fleet's own patches set these two for its controllers.
    let engine = Engine::start(Config {
        mirrors: mirrors([mirror_of_github(&plane).as_str()]),
        no_cross_namespace_refs: true,
        default_service_account: Some("default".into()),
        ..config(plane.control.kubeconfig())
    })
    .await;
    let flux = Cluster::new(plane.client(), "flux-system");
    bootstrap(&flux).await;
    let source = flux.ready("GitRepository", "flux-system").await;
    assert_eq!(source.text("/status/artifact/revision"), format!("main@sha1:{head}"));
    flux.ready("Kustomization", "flux-system").await;

    let waiting = flux.failed("Kustomization", "tenants", "DependencyNotReady").await;
    // Seen before the other, it finds none; later one that is not ready.
    assert!(waiting.message().starts_with("dependency 'flux-system/kyverno-policies' "), "{}", waiting.message());
    // Kyverno comes from an OCI registry, which is not served yet.
    pretend_applied(&flux, "kyverno-controller").await;
    pretend_ready(&flux, "OCIRepository", "kyverno-controller").await;
    flux.ready("Kustomization", "kyverno").await;
    let failed = flux.failed("Kustomization", "kyverno-policies", "ReconciliationFailed").await;
    assert!(failed.message().contains("ClusterPolicy"), "{}", failed.message());
    define(&flux, "kyverno.io", "v1", "ClusterPolicy", "clusterpolicies", "Cluster").await;
    request(&flux, "Kustomization", "kyverno-policies").await;
    flux.ready("Kustomization", "tenants").await;

    let apps = flux.in_namespace("apps");
    let team = apps.ready("Kustomization", "dev-team").await;
    assert_eq!(team.text("/spec/path"), "./staging");
    assert!(team.text("/status/lastAppliedRevision").starts_with("dev-team@sha1:"), "{team:?}");
    assert_eq!(
        team.inventory(),
        ["apps_podinfo_helm.toolkit.fluxcd.io_HelmRelease", "apps_podinfo_source.toolkit.fluxcd.io_HelmRepository"]
    );
    let release = apps.get("HelmRelease.helm.toolkit.fluxcd.io/v2beta1", "podinfo").await;
    assert_eq!(release.text("/spec/chart/spec/version"), ">=1.0.0-alpha");
    assert_eq!(release.at("/spec/values/replicaCount"), &json!(1));
    assert_eq!(release.at("/status/conditions"), &Value::Null, "nothing is said about a kind that is not served");

    tenants_stay_in_their_namespace(&flux, &apps).await;
    engine.stop().await;
}

/// Makes `branch` of the files in `folder`, and leaves `main` as it was.
fn add_branch(repo: &weir_devenv::GitRepo, folder: &std::path::Path, branch: &str) {
    let work = folder.to_str().unwrap();
    repo.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]).unwrap();
    repo.git(&["--work-tree", work, "add", "--all"]).unwrap();
    repo.git(&["--work-tree", work, "commit", "--quiet", "--message", "the tenant's files"]).unwrap();
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/main"]).unwrap();
    repo.git(&["reset", "--quiet"]).unwrap();
}

/// What `flux bootstrap` does for this fleet: its gotk-sync.yaml is made by it and not in the repository.
async fn bootstrap(flux: &Cluster) {
    add_namespace(flux, "flux-system").await;
    flux.apply(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "kustomize-controller"}}))
        .await;
    flux.apply(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "cluster-reconciler"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "kustomize-controller", "namespace": "flux-system"}],
    }))
    .await;
    flux.apply(json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "flux-system"},
        "spec": {"interval": "1m", "ref": {"branch": "main"}, "url": "https://github.com/fluxcd/flux2-multi-tenancy"},
    }))
    .await;
    flux.apply(json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "flux-system"},
        "spec": {
            "interval": "10m", "path": "./clusters/staging", "prune": true, "serviceAccountName": "kustomize-controller",
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
        },
    }))
    .await;
}

async fn tenants_stay_in_their_namespace(flux: &Cluster, apps: &Cluster) {
    let mut object = flux.get("Kustomization", "tenants").await.0;
    object["spec"]["sourceRef"]["namespace"] = json!("flux-system");
    let spec = object["spec"].clone();
    apps.apply(json!({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "greedy"}, "spec": spec})).await;
    let denied = apps.failed("Kustomization", "greedy", "AccessDenied").await;
    assert_eq!(
        denied.message(),
        "can't access 'GitRepository/flux-system/flux-system', cross-namespace references have been blocked"
    );
}
