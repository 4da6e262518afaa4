//! Kubernetes objects of many kinds that refer to each other by name.

use super::dice::Dice;
use super::scalars;
use super::yaml::{Yaml, list, map, quoted, raw};

/// Few names, so that references and conflicts happen.
pub(super) const NAMES: &[&str] = &["app", "web", "db", "cache", "app-config"];
pub(super) const NAMESPACES: &[&str] = &["default", "prod", "dev", "kube-system"];
const IMAGES: &[&str] = &[
    "nginx",
    "nginx:1.25",
    "nginx:latest",
    "docker.io/library/nginx:1",
    "registry.local:5000/team/web:v1",
    "registry.local:5000/team/web",
    "nginx@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3",
    "redis:7@sha256:abc123",
    "my.app/my-image",
    "\"nginx:${TAG}\"",
    "\"nginx:\"",
    "\"\"",
];
const LABEL_KEYS: &[&str] = &["app", "tier", "app.kubernetes.io/name", "env", "version"];

/// An object with what selects it.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) yaml: Yaml,
}

type Maker = fn(&mut Dice) -> Vec<(String, Yaml)>;

/// Every kind with its body; kinds that matter more stand here more than once.
const KINDS: &[(&str, &str, Maker)] = &[
    ("v1", "ConfigMap", config_map),
    ("v1", "ConfigMap", config_map),
    ("v1", "Secret", secret),
    ("v1", "Service", service),
    ("v1", "Service", service),
    ("v1", "ServiceAccount", service_account),
    ("apps/v1", "Deployment", deployment),
    ("apps/v1", "Deployment", deployment),
    ("apps/v1", "Deployment", deployment),
    ("apps/v1", "StatefulSet", stateful_set),
    ("apps/v1", "DaemonSet", daemon_set),
    ("apps/v1", "ReplicaSet", deployment),
    ("extensions/v1beta1", "Deployment", deployment),
    ("v1", "ReplicationController", replication_controller),
    ("v1", "Pod", pod),
    ("batch/v1", "Job", job),
    ("batch/v1", "CronJob", cron_job),
    ("batch/v1beta1", "CronJob", cron_job),
    ("networking.k8s.io/v1", "Ingress", ingress),
    ("extensions/v1beta1", "Ingress", old_ingress),
    ("networking.k8s.io/v1", "NetworkPolicy", network_policy),
    ("policy/v1", "PodDisruptionBudget", budget),
    ("autoscaling/v2", "HorizontalPodAutoscaler", autoscaler),
    ("autoscaling/v1", "HorizontalPodAutoscaler", autoscaler),
    ("rbac.authorization.k8s.io/v1", "Role", role),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", role),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", binding),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", binding),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", webhooks),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", webhooks),
    ("apiregistration.k8s.io/v1", "APIService", api_service),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", definition),
    ("example.com/v1", "Widget", widget),
    ("example.com/v1", "Widget", widget),
    ("example.com/v1alpha1", "ClusterThing", widget),
    ("v1", "Namespace", nothing),
    ("v1", "PersistentVolume", volume),
    ("v1", "PersistentVolumeClaim", claim),
    ("storage.k8s.io/v1", "StorageClass", storage_class),
    ("scheduling.k8s.io/v1", "PriorityClass", priority_class),
    ("v1", "ResourceQuota", quota),
    ("v1", "LimitRange", nothing),
    ("v1", "Endpoints", nothing),
    ("networking.k8s.io/v1", "IngressClass", ingress_class),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", widget),
    ("cert-manager.io/v1", "Certificate", widget),
    ("monitoring.coreos.com/v1", "ServiceMonitor", monitor),
];

pub(super) fn object(dice: &mut Dice) -> Object {
    let (api_version, kind, body) = KINDS[dice.below(KINDS.len())];
    make(dice, api_version, kind, body)
}

/// A workload, which most features are about.
pub(super) fn workload(dice: &mut Dice) -> Object {
    make(dice, "apps/v1", "Deployment", deployment)
}

fn make(dice: &mut Dice, api_version: &str, kind: &str, body: Maker) -> Object {
    let name = match kind {
        "APIService" => format!("v1.{}.example.com", name(dice)),
        "CustomResourceDefinition" => "widgets.example.com".to_owned(),
        "Namespace" => dice.word(NAMESPACES),
        _ => name(dice),
    };
    let namespace = if dice.rare(4) { dice.word(NAMESPACES) } else { String::new() };
    let mut metadata = map([("name", raw(&name))]);
    if !namespace.is_empty() {
        metadata.push("namespace", raw(&namespace));
    }
    if dice.rare(3) {
        metadata.push("labels", labels(dice));
    }
    if dice.rare(4) {
        metadata.push("annotations", annotations(dice));
    }
    if dice.rare(30) {
        metadata.push("creationTimestamp", raw("null"));
    }
    if dice.rare(30) {
        metadata.push("finalizers", list([raw("example.com/a"), raw("example.com/b")]));
    }
    let mut fields = vec![
        ("apiVersion".to_owned(), raw(api_version)),
        ("kind".to_owned(), raw(kind)),
        ("metadata".to_owned(), metadata),
    ];
    fields.extend(body(dice));
    if dice.rare(30) {
        fields.push(("status".to_owned(), map([])));
    }
    if dice.rare(15) {
        let at = dice.below(fields.len());
        fields.rotate_left(at);
    }
    Object { api_version: api_version.to_owned(), kind: kind.to_owned(), name, namespace, yaml: Yaml::Map(fields) }
}

pub(super) fn name(dice: &mut Dice) -> String {
    dice.word(NAMES)
}

fn name_raw(dice: &mut Dice) -> Yaml {
    raw(name(dice))
}

pub(super) fn labels(dice: &mut Dice) -> Yaml {
    let mut result = Yaml::Map(Vec::new());
    for _ in 0..dice.between(1, 2) {
        let value = label_value(dice);
        result.set(&dice.word(LABEL_KEYS), value);
    }
    result
}

fn label_value(dice: &mut Dice) -> Yaml {
    match dice.below(15) {
        0 => raw(dice.mostly(
            &["\"1\"", "\"true\"", "\"\"", "2020-01-01", "'1e3'"],
            4,
            &["1", "1.0", "true", "", "null", "1e3"],
        )),
        _ => name_raw(dice),
    }
}

fn annotations(dice: &mut Dice) -> Yaml {
    let mut result = Yaml::Map(Vec::new());
    for _ in 0..dice.between(1, 2) {
        let value = scalars::value(dice);
        let usual = ["note", "example.com/owner", "checksum/config", "alpha"];
        let unusual = [
            "config.kubernetes.io/local-config",
            "internal.config.kubernetes.io/index",
            "kustomize.config.k8s.io/behavior",
            "config.kubernetes.io/origin",
            "internal.config.kubernetes.io/prefixes",
        ];
        result.set(dice.mostly(&usual, 20, &unusual), value);
    }
    result
}

fn nothing(_: &mut Dice) -> Vec<(String, Yaml)> {
    Vec::new()
}

fn body<const N: usize>(fields: [(&str, Yaml); N]) -> Vec<(String, Yaml)> {
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn data(dice: &mut Dice) -> Yaml {
    let mut result = Yaml::Map(Vec::new());
    for _ in 0..dice.between(0, 4) {
        let (key, value) = (scalars::key(dice), scalars::value(dice));
        // A key twice is refused nearly everywhere.
        if dice.rare(60) { result.push(&key, value) } else { result.set(&key, value) }
    }
    result
}

fn config_map(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut fields = body([("data", data(dice))]);
    if dice.rare(10) {
        fields.extend(body([("binaryData", map([("bin", raw("aGVsbG8="))]))]));
    }
    if dice.rare(10) {
        fields.extend(body([("immutable", raw("true"))]));
    }
    fields
}

fn secret(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut fields =
        body([("type", raw("Opaque")), ("data", map([("password", raw("aGVsbG8=")), ("alpha", quoted("d29ybGQ="))]))]);
    if dice.rare(3) {
        fields.extend(body([("stringData", data(dice))]));
    }
    fields
}

fn selector(dice: &mut Dice) -> Yaml {
    map([("app", name_raw(dice))])
}

fn service(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut ports = Vec::new();
    for index in 0..dice.between(1, 3) {
        let mut port = map([("port", raw(dice.pick(&["80", "443", "8080"])))]);
        if dice.coin() {
            port.push("name", raw(["http", "https", "metrics"][index]));
        }
        if dice.rare(3) {
            port.push("protocol", raw(dice.pick(&["TCP", "UDP"])));
        }
        if dice.rare(3) {
            port.push("targetPort", raw(dice.pick(&["http", "8080", "\"9090\""])));
        }
        ports.push(port);
    }
    let mut spec = map([("ports", Yaml::List(ports))]);
    if !dice.rare(5) {
        spec.push("selector", selector(dice));
    }
    if dice.rare(4) {
        spec.push("type", raw(dice.pick(&["ClusterIP", "LoadBalancer", "ExternalName"])));
    }
    if dice.rare(8) {
        spec.push("externalIPs", list([raw("10.0.0.1"), raw("10.0.0.2")]));
    }
    body([("spec", spec)])
}

fn service_account(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut fields = Vec::new();
    if dice.coin() {
        fields.extend(body([("imagePullSecrets", list([map([("name", name_raw(dice))])]))]));
    }
    if dice.rare(3) {
        fields.extend(body([("secrets", list([map([("name", name_raw(dice))]), map([("name", name_raw(dice))])]))]));
    }
    fields
}

fn environment(dice: &mut Dice) -> Yaml {
    let mut entries = Vec::new();
    for index in 0..dice.between(1, 3) {
        let mut entry = map([("name", raw(["LEVEL", "TOKEN", "HOST"][index]))]);
        match dice.below(5) {
            0 => entry
                .push("valueFrom", map([("configMapKeyRef", map([("name", name_raw(dice)), ("key", raw("alpha"))]))])),
            1 => entry
                .push("valueFrom", map([("secretKeyRef", map([("name", name_raw(dice)), ("key", raw("password"))]))])),
            2 => entry.push("valueFrom", map([("fieldRef", map([("fieldPath", raw("metadata.name"))]))])),
            _ => entry.push("value", scalars::value(dice)),
        }
        entries.push(entry);
    }
    Yaml::List(entries)
}

fn container(dice: &mut Dice, name: &str) -> Yaml {
    let mut container = map([("name", raw(name))]);
    if !dice.rare(20) {
        container.push("image", raw(dice.pick(IMAGES)));
    }
    if dice.coin() {
        container.push("env", environment(dice));
    }
    if dice.rare(5) {
        let source = if dice.coin() { "configMapRef" } else { "secretRef" };
        container.push("envFrom", list([map([(source, map([("name", name_raw(dice))]))])]));
    }
    if dice.rare(3) {
        let mut ports = vec![map([("containerPort", raw("80"))])];
        if dice.coin() {
            ports.push(map([("containerPort", raw("80")), ("protocol", raw("UDP"))]));
        }
        if dice.coin() {
            ports.push(map([("containerPort", raw("8080")), ("name", raw("http")), ("protocol", raw("TCP"))]));
        }
        container.push("ports", Yaml::List(ports));
    }
    if dice.rare(4) {
        container.push("args", list([raw("--verbose"), scalars::value(dice), raw("\"--name=$(NAME)\"")]));
    }
    if dice.rare(5) {
        container.push("command", list([raw("run"), raw("\"$(NAME)\"")]));
    }
    if dice.rare(4) {
        container.push(
            "volumeMounts",
            list([
                map([("name", raw("config")), ("mountPath", raw("/etc/config"))]),
                map([("name", raw("data")), ("mountPath", raw("/data")), ("subPath", raw("$(NAME)"))]),
            ]),
        );
    }
    if dice.rare(6) {
        container.push(
            "resources",
            map([(
                "limits",
                map([("cpu", raw(dice.pick(&["1", "500m", "0.5", "\"2\"", "1e3"]))), ("memory", raw("64Mi"))]),
            )]),
        );
    }
    if dice.rare(8) {
        container.push("livenessProbe", map([("httpGet", map([("path", raw("/health")), ("port", raw("http"))]))]));
    }
    container
}

pub(super) fn pod_spec(dice: &mut Dice) -> Yaml {
    let mut containers = vec![container(dice, "main")];
    if dice.rare(3) {
        containers.push(container(dice, "sidecar"));
    }
    let mut spec = map([("containers", Yaml::List(containers))]);
    if dice.rare(5) {
        spec.push("initContainers", list([container(dice, "init")]));
    }
    if dice.rare(3) {
        let first = match dice.below(4) {
            0 => map([("name", raw("config")), ("secret", map([("secretName", name_raw(dice))]))]),
            1 => map([
                ("name", raw("config")),
                (
                    "projected",
                    map([(
                        "sources",
                        list([
                            map([("configMap", map([("name", name_raw(dice))]))]),
                            map([("secret", map([("name", name_raw(dice))]))]),
                        ]),
                    )]),
                ),
            ]),
            _ => map([("name", raw("config")), ("configMap", map([("name", name_raw(dice))]))]),
        };
        let second = if dice.coin() {
            map([("name", raw("data")), ("emptyDir", map([]))])
        } else {
            map([("name", raw("data")), ("persistentVolumeClaim", map([("claimName", name_raw(dice))]))])
        };
        spec.push("volumes", list([first, second]));
    }
    if dice.rare(4) {
        spec.push("serviceAccountName", name_raw(dice));
    }
    if dice.rare(8) {
        spec.push("imagePullSecrets", list([map([("name", name_raw(dice))])]));
    }
    if dice.rare(8) {
        spec.push(
            "tolerations",
            list([
                map([("key", raw("a")), ("operator", raw("Exists"))]),
                map([("key", raw("b")), ("effect", raw("NoSchedule"))]),
            ]),
        );
    }
    if dice.rare(8) {
        let term = map([("labelSelector", map([("matchLabels", selector(dice))])), ("topologyKey", raw("zone"))]);
        spec.push(
            "affinity",
            map([("podAntiAffinity", map([("requiredDuringSchedulingIgnoredDuringExecution", list([term]))]))]),
        );
    }
    if dice.rare(10) {
        spec.push(
            "topologySpreadConstraints",
            list([map([
                ("maxSkew", raw("1")),
                ("topologyKey", raw("zone")),
                ("whenUnsatisfiable", raw("DoNotSchedule")),
                ("labelSelector", map([("matchLabels", selector(dice))])),
            ])]),
        );
    }
    if dice.rare(10) {
        spec.push("priorityClassName", name_raw(dice));
    }
    if dice.rare(10) {
        spec.push("nodeSelector", map([("disk", raw("ssd"))]));
    }
    if dice.rare(10) {
        spec.push(
            "hostAliases",
            list([map([
                ("ip", quoted("10.0.0.1")),
                ("hostnames", list([raw("a.example.com"), raw("b.example.com")])),
            ])]),
        );
    }
    spec
}

fn template(dice: &mut Dice) -> Yaml {
    let mut template = map([]);
    if !dice.rare(8) {
        template.push("metadata", map([("labels", selector(dice))]));
        if dice.rare(5) {
            let annotations = annotations(dice);
            template.get_mut("metadata").expect("just made").push("annotations", annotations);
        }
    }
    template.push("spec", pod_spec(dice));
    template
}

fn deployment(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut spec = map([]);
    if dice.coin() {
        spec.push("replicas", raw(dice.mostly(&["1", "3"], 10, &["\"2\"", "0"])));
    }
    if !dice.rare(6) {
        spec.push("selector", map([("matchLabels", selector(dice))]));
    }
    if dice.rare(6) {
        let strategy = match dice.below(2) {
            0 => map([("type", raw("Recreate"))]),
            _ => map([
                ("type", raw("RollingUpdate")),
                ("rollingUpdate", map([("maxSurge", raw("25%")), ("maxUnavailable", raw("1"))])),
            ]),
        };
        spec.push("strategy", strategy);
    }
    spec.push("template", template(dice));
    body([("spec", spec)])
}

fn stateful_set(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut fields = deployment(dice);
    let spec = &mut fields[0].1;
    spec.push("serviceName", name_raw(dice));
    if dice.coin() {
        let claim = map([
            ("metadata", map([("name", raw("data"))])),
            ("spec", map([("accessModes", list([raw("ReadWriteOnce")])), ("storageClassName", name_raw(dice))])),
        ]);
        spec.push("volumeClaimTemplates", list([claim]));
    }
    fields
}

fn daemon_set(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([("spec", map([("selector", map([("matchLabels", selector(dice))])), ("template", template(dice))]))])
}

fn replication_controller(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([("spec", map([("replicas", raw("2")), ("selector", selector(dice)), ("template", template(dice))]))])
}

fn pod(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([("spec", pod_spec(dice))])
}

fn job(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([("spec", map([("template", template(dice))]))])
}

fn cron_job(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([(
        "spec",
        map([
            ("schedule", quoted("*/5 * * * *")),
            ("jobTemplate", map([("spec", map([("template", template(dice))]))])),
        ]),
    )])
}

fn ingress(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let backend = map([("service", map([("name", name_raw(dice)), ("port", map([("number", raw("80"))]))]))]);
    let paths = list([map([("path", raw("/")), ("pathType", raw("Prefix")), ("backend", backend)])]);
    let mut spec = map([("rules", list([map([("host", raw("example.com")), ("http", map([("paths", paths)]))])]))]);
    if dice.rare(3) {
        spec.push("tls", list([map([("secretName", name_raw(dice)), ("hosts", list([raw("example.com")]))])]));
    }
    if dice.rare(3) {
        spec.push("ingressClassName", name_raw(dice));
    }
    if dice.rare(3) {
        spec.push("defaultBackend", map([("service", map([("name", name_raw(dice))]))]));
    }
    body([("spec", spec)])
}

fn old_ingress(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let backend = |dice: &mut Dice| map([("serviceName", name_raw(dice)), ("servicePort", raw("80"))]);
    let paths = list([map([("path", raw("/")), ("backend", backend(dice))])]);
    body([("spec", map([("backend", backend(dice)), ("rules", list([map([("http", map([("paths", paths)]))])]))]))])
}

fn network_policy(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let from =
        list([map([("podSelector", map([("matchLabels", selector(dice))]))]), map([("namespaceSelector", map([]))])]);
    let mut spec =
        map([("podSelector", map([("matchLabels", selector(dice))])), ("ingress", list([map([("from", from)])]))]);
    if dice.coin() {
        spec.push(
            "egress",
            list([map([("to", list([map([("podSelector", map([("matchLabels", selector(dice))]))])]))])]),
        );
    }
    body([("spec", spec)])
}

fn budget(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([(
        "spec",
        map([("minAvailable", raw(dice.pick(&["1", "50%"]))), ("selector", map([("matchLabels", selector(dice))]))]),
    )])
}

fn autoscaler(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let target = map([
        ("apiVersion", raw("apps/v1")),
        ("kind", raw(dice.pick(&["Deployment", "StatefulSet", "Widget"]))),
        ("name", name_raw(dice)),
    ]);
    body([("spec", map([("minReplicas", raw("1")), ("maxReplicas", raw("5")), ("scaleTargetRef", target)]))])
}

fn role(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut rule = map([
        ("apiGroups", list([quoted("")])),
        ("resources", list([raw("configmaps"), raw("secrets")])),
        ("verbs", list([raw("get"), quoted("*")])),
    ]);
    if dice.coin() {
        rule.push("resourceNames", list([name_raw(dice), name_raw(dice)]));
    }
    body([("rules", list([rule]))])
}

fn binding(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let reference = map([
        ("apiGroup", raw("rbac.authorization.k8s.io")),
        ("kind", raw(dice.pick(&["Role", "ClusterRole"]))),
        ("name", name_raw(dice)),
    ]);
    let mut subjects = Vec::new();
    for _ in 0..dice.between(1, 3) {
        let kind = dice.word(&["ServiceAccount", "ServiceAccount", "User", "Group"]);
        let mut subject = map([("kind", raw(kind)), ("name", raw(dice.pick(&["default", "app", "web", "db"])))]);
        if !dice.rare(4) {
            subject.push("namespace", raw(dice.pick(NAMESPACES)));
        }
        subjects.push(subject);
    }
    body([("roleRef", reference), ("subjects", Yaml::List(subjects))])
}

fn webhooks(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut hooks = Vec::new();
    for hook in 0..dice.between(1, 2) {
        let service =
            map([("name", name_raw(dice)), ("namespace", raw(dice.pick(NAMESPACES))), ("path", raw("/validate"))]);
        hooks.push(map([
            ("name", raw(format!("hook{hook}.example.com"))),
            ("clientConfig", map([("service", service)])),
            ("sideEffects", raw("None")),
        ]));
    }
    body([("webhooks", Yaml::List(hooks))])
}

fn api_service(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([(
        "spec",
        map([
            ("group", raw("example.com")),
            ("version", raw("v1")),
            ("service", map([("name", name_raw(dice)), ("namespace", raw(dice.pick(NAMESPACES)))])),
        ]),
    )])
}

fn definition(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let names = map([("kind", raw("Widget")), ("plural", raw("widgets"))]);
    let version = map([
        ("name", raw("v1")),
        ("served", raw("true")),
        ("storage", raw("true")),
        ("schema", map([("openAPIV3Schema", map([("type", raw("object"))]))])),
    ]);
    let mut spec = map([
        ("group", raw("example.com")),
        ("scope", raw(dice.pick(&["Namespaced", "Cluster"]))),
        ("names", names),
        ("versions", list([version])),
    ]);
    if dice.coin() {
        spec.push(
            "conversion",
            map([
                ("strategy", raw("Webhook")),
                (
                    "webhook",
                    map([(
                        "clientConfig",
                        map([("service", map([("name", name_raw(dice)), ("namespace", raw("default"))]))]),
                    )]),
                ),
            ]),
        );
    }
    body([("spec", spec)])
}

/// Any tree, as custom resources have.
pub(super) fn tree(dice: &mut Dice, depth: usize) -> Yaml {
    match dice.below(if depth == 0 { 4 } else { 8 }) {
        0..=3 => scalars::value(dice),
        4 | 5 => {
            let mut result = Yaml::Map(Vec::new());
            for _ in 0..dice.between(0, 3) {
                let (key, value) = (scalars::key(dice), tree(dice, depth - 1));
                result.set(&key, value);
            }
            result
        }
        6 => Yaml::List((0..dice.between(0, 3)).map(|_| tree(dice, depth - 1)).collect()),
        _ => Yaml::List(
            (0..dice.between(1, 3))
                .map(|index| map([("name", raw(["a", "b", "c"][index])), ("value", scalars::value(dice))]))
                .collect(),
        ),
    }
}

fn widget(dice: &mut Dice) -> Vec<(String, Yaml)> {
    let mut spec =
        map([("ref", map([("kind", raw("ConfigMap")), ("name", name_raw(dice))])), ("image", raw(dice.pick(IMAGES)))]);
    if dice.coin() {
        spec.push("tree", tree(dice, 3));
    }
    if dice.coin() {
        spec.push(
            "items",
            list([map([("name", raw("a")), ("value", scalars::value(dice))]), map([("name", raw("b"))])]),
        );
    }
    if dice.rare(3) {
        spec.push("template", template(dice));
    }
    if dice.rare(6) {
        spec.push(
            "shared",
            Yaml::Anchored("shared".to_owned(), Box::new(map([("alpha", scalars::value(dice)), ("beta", raw("2"))]))),
        );
        match dice.below(3) {
            0 => spec.push("again", raw("*shared")),
            1 => spec.push("more", map([("<<", raw("*shared")), ("beta", raw("3")), ("gamma", raw("4"))])),
            _ => spec.push("more", map([("beta", raw("3")), ("<<", raw("*shared"))])),
        }
    }
    body([("spec", spec)])
}

fn volume(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([(
        "spec",
        map([
            ("capacity", map([("storage", raw("1Gi"))])),
            ("storageClassName", name_raw(dice)),
            ("claimRef", map([("name", name_raw(dice)), ("namespace", raw("default"))])),
        ]),
    )])
}

fn claim(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([(
        "spec",
        map([
            ("accessModes", list([raw("ReadWriteOnce")])),
            ("storageClassName", name_raw(dice)),
            ("volumeName", name_raw(dice)),
        ]),
    )])
}

fn storage_class(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([
        ("provisioner", raw("example.com/disk")),
        ("parameters", map([("csi.storage.k8s.io/provisioner-secret-name", name_raw(dice))])),
    ])
}

fn priority_class(_: &mut Dice) -> Vec<(String, Yaml)> {
    body([("value", raw("1000000"))])
}

fn quota(_: &mut Dice) -> Vec<(String, Yaml)> {
    body([("spec", map([("hard", map([("pods", quoted("10")), ("requests.cpu", raw("4"))]))]))])
}

fn ingress_class(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([(
        "spec",
        map([
            ("controller", raw("example.com/ingress")),
            ("parameters", map([("kind", raw("ConfigMap")), ("name", name_raw(dice))])),
        ]),
    )])
}

fn monitor(dice: &mut Dice) -> Vec<(String, Yaml)> {
    body([(
        "spec",
        map([
            ("selector", map([("matchLabels", selector(dice))])),
            ("endpoints", list([map([("port", raw("http"))])])),
        ]),
    )])
}
