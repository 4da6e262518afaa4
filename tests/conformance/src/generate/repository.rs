//! What real repositories look like: an app with everything that refers to its names, components nested in overlays, and
//! the features that people combine there.

use super::dice::Dice;
use crate::Case;

const WORKLOAD: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: &labels
    app: web # the one label
    tier: front
spec:
  replicas: 2
  selector:
    matchLabels: *labels
  template:
    metadata:
      labels: *labels
    spec:
      serviceAccountName: web
      # runs before the others
      initContainers:
      - name: migrate
        image: registry.local:5000/team/migrate:v1
        command: [migrate, --to, latest]
      containers:
      - name: web
        image: nginx:1.25
        args: [\"--db=$(DB_HOST)\", --port=8080]
        env:
        - name: DB_HOST
          value: db.default.svc.cluster.local:5432
        - name: TOKEN
          valueFrom:
            secretKeyRef: {name: web-secret, key: token}
        - {name: MODE, valueFrom: {configMapKeyRef: {name: web-config, key: mode}}}
        envFrom:
        - configMapRef:
            name: web-config
        - secretRef:
            name: web-secret
            optional: true
        ports:
        - containerPort: 8080
          name: http
        - containerPort: 8080
          name: http-udp
          protocol: UDP
        volumeMounts:
        - mountPath: /config
          name: config
      - name: sidecar
        image: team/sidecar@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3
      imagePullSecrets:
      - name: web-secret
      volumes:
      - name: config
        projected:
          sources:
          - configMap: {name: web-config}
          - secret:
              name: web-secret
      - name: files
        configMap:
          name: web-files
      - name: data
        persistentVolumeClaim:
          claimName: web-data
";

const COMPANIONS: &[&str] = &[
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: web\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n",
    "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\nsecrets:\n- name: web-secret\nimagePullSecrets:\n- name: web-secret\n",
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: web-data\nspec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests: {storage: 1Gi}\n",
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  annotations:\n    nginx.ingress.kubernetes.io/auth-secret: web-secret\n    ingress.kubernetes.io/auth-secret: web-secret\nspec:\n  ingressClassName: nginx\n  defaultBackend:\n    service: {name: web, port: {number: 80}}\n  tls:\n  - hosts: [web.example.com]\n    secretName: web-secret\n  rules:\n  - host: web.example.com\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend:\n          service:\n            name: web\n            port:\n              name: http\n",
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n  minReplicas: 1\n  maxReplicas: 5\n",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: web\nrules:\n- apiGroups: ['']\n  resources: [configmaps]\n  resourceNames: [web-config, other]\n  verbs: [get]\n- apiGroups: [\"\"]\n  resources: [secrets]\n  resourceNames: [web-secret]\n  verbs: ['*']\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: web\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: web\nsubjects:\n- kind: ServiceAccount\n  name: web\n  namespace: default\n- kind: ServiceAccount\n  name: default\n  namespace: other\n- kind: User\n  name: web\n",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: web\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: web\nsubjects:\n- kind: ServiceAccount\n  name: web\n  namespace: system\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: web\naggregationRule:\n  clusterRoleSelectors:\n  - matchLabels: {app: web}\nrules: []\n",
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata:\n  name: web\n  annotations:\n    cert-manager.io/inject-ca-from: system/web-cert\nwebhooks:\n- name: check.example.com\n  admissionReviewVersions: [v1]\n  sideEffects: None\n  clientConfig:\n    service: {name: web, namespace: system, path: /check}\n  matchConditions:\n  - {name: a, expression: 'true'}\n- name: other.example.com\n  clientConfig:\n    service:\n      name: other\n      namespace: default\n",
    "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n  minAvailable: 50%\n  selector:\n    matchLabels:\n      app: web\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: web\nspec:\n  podSelector:\n    matchLabels: {app: web}\n  ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          tier: front\n    - namespaceSelector:\n        matchExpressions:\n        - {key: team, operator: In, values: [a, b]}\n",
    "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: web-report\nspec:\n  schedule: '*/5 * * * *'\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n          - name: report\n            image: nginx\n            envFrom:\n            - configMapRef: {name: web-config}\n",
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: db\nspec:\n  serviceName: db\n  replicas: 1\n  selector:\n    matchLabels: {app: db}\n  template:\n    metadata:\n      labels: {app: db}\n    spec:\n      containers:\n      - name: db\n        image: postgres:16\n        envFrom:\n        - secretRef: {name: web-secret}\n  volumeClaimTemplates:\n  - metadata:\n      name: data\n    spec:\n      accessModes: [ReadWriteOnce]\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: db\nspec:\n  clusterIP: None\n  selector: {app: db}\n",
    "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: web\nspec:\n  image: nginx:1.0\n  configRef:\n    name: web-config\n  secretName: web-secret\n  size: 1\n  parts:\n  - name: one\n    image: nginx\n  - name: two\n    value: x\n",
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: system\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: system\ndata:\n  app.yaml: |\n    server:\n      host: web.example.com\n      ports: [80, 443]\n    db:\n    - name: main\n      url: postgres://db/main\n  app.json: |-\n    {\"server\": {\"host\": \"web.example.com\", \"on\": true}}\n  line: a,b,c\n",
];

const GENERATORS: &str = "\
configMapGenerator:
- name: web-config
  literals:
  - mode=production
  - \"text=two\\nlines\"
  files:
  - app.properties
- name: web-files
  files:
  - named.txt=app.properties
  envs: [web.env]
secretGenerator:
- name: web-secret
  type: Opaque
  literals: [token=abc]
";

/// Fields that nearly every kustomization has some of.
const COMMON: &[&str] = &[
    "namespace: prod\n",
    "namespace: system\n",
    "namePrefix: my-\n",
    "nameSuffix: -v2\n",
    "namePrefix: my-\nnameSuffix: -blue\n",
    "commonLabels:\n  team: core\n  app: web\n",
    "commonAnnotations:\n  note: \"12\"\n  owner: a team\n",
    "labels:\n- pairs: {team: core}\n- pairs: {version: \"1\"}\n  includeSelectors: true\n",
    "labels:\n- pairs: {team: core}\n  includeTemplates: true\n  fields:\n  - path: spec/volumeClaimTemplates[]/metadata/labels\n    create: true\n    kind: StatefulSet\n",
    "labels:\n- pairs: {team: core}\n  includeSelectors: false\n  includeVolumeClaimTemplates: true\n",
    "images:\n- name: nginx\n  newName: registry.local/nginx\n  newTag: \"2.0\"\n- name: registry.local:5000/team/migrate\n  newTag: v9\n",
    "images:\n- name: nginx\n  digest: sha256:0123456789abcdef\n- name: team/sidecar\n  newName: other/sidecar\n- name: postgres\n  newName: db/postgres\n  tagSuffix: -alpine\n",
    "replicas:\n- name: web\n  count: 5\n- name: db\n  count: 3\n",
    "replicas:\n- name: web\n  count: 0\n",
    "buildMetadata: [originAnnotations, managedByLabel]\n",
    "buildMetadata: [transformerAnnotations, originAnnotations]\n",
    "sortOptions:\n  order: legacy\n",
    "sortOptions:\n  order: legacy\n  legacySortOptions:\n    orderFirst: [Namespace, Service]\n    orderLast: [Deployment, Ingress]\n",
    "sortOptions: {order: fifo}\n",
    "generatorOptions:\n  disableNameSuffixHash: true\n  labels: {made: by-generator}\n",
    "generatorOptions:\n  immutable: true\n  annotations: {note: made}\n",
    "configurations:\n- widget-config.yaml\n",
    "crds:\n- widget-crd.yaml\n",
    "openapi:\n  path: widget-schema.yaml\n",
    "vars:\n- name: DB_HOST\n  objref: {kind: Service, name: db, apiVersion: v1}\n",
];

const GENERATED_AGAIN: &[&str] = &[
    "configMapGenerator:\n- name: web-config\n  behavior: merge\n  literals:\n  - mode=testing\n  - extra=1\n",
    "configMapGenerator:\n- name: web-config\n  behavior: replace\n  literals: [mode=other]\nsecretGenerator:\n- name: web-secret\n  behavior: merge\n  envs: [web.env]\n",
    "secretGenerator:\n- name: web-secret\n  behavior: replace\n  type: kubernetes.io/basic-auth\n  literals: [username=a, password=b]\n  options:\n    disableNameSuffixHash: true\n",
    "configMapGenerator:\n- name: extra\n  namespace: system\n  literals: [a=b]\n  options:\n    labels: {x: \"y\"}\n    immutable: true\n",
    "generators:\n- |-\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n  metadata:\n    name: from-plugin\n  literals: [a=b]\n  envs: [web.env]\n",
];

const PATCHES: &[&str] = &[
    "- path: many.yaml\n",
    "- target:\n    kind: Deployment|StatefulSet\n    name: web.*\n  patch: |\n    - op: replace\n      path: /spec/replicas\n      value: 7\n    - op: add\n      path: /spec/template/spec/containers/0/env/-\n      value: {name: ADDED, value: \"true\"}\n",
    "- target:\n    labelSelector: app in (web),tier!=back\n  patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: any\n      annotations:\n        patched: by-label\n    spec:\n      template:\n        spec:\n          nodeSelector: {disk: ssd}\n",
    "- target:\n    annotationSelector: nginx.ingress.kubernetes.io/auth-secret\n  patch: |\n    - op: remove\n      path: /metadata/annotations/ingress.kubernetes.io~1auth-secret\n    - {op: test, path: /spec/rules/0/host, value: web.example.com}\n    - op: move\n      from: /spec/defaultBackend\n      path: /spec/other\n",
    "- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: web\n    spec:\n      template:\n        spec:\n          initContainers:\n          - name: migrate\n            $patch: delete\n          containers:\n          - name: sidecar\n            $patch: delete\n          - name: web\n            ports:\n            - containerPort: 8080\n              protocol: UDP\n              name: renamed\n            env:\n            - name: DB_HOST\n              value: null\n            - name: MODE\n              $patch: replace\n              value: set\n          - name: added\n            image: nginx:1.2\n          volumes:\n          - $patch: replace\n          - name: config\n            emptyDir: {}\n",
    "- patch: |-\n    apiVersion: v1\n    kind: Service\n    metadata:\n      name: db\n    $patch: delete\n",
    "- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: web\n    spec:\n      strategy:\n        $retainKeys: [type]\n        type: Recreate\n      template:\n        spec:\n          $setElementOrder/containers:\n          - name: sidecar\n          - name: web\n          containers:\n          - name: web\n            $setElementOrder/env:\n            - name: TOKEN\n            - name: DB_HOST\n            args: null\n            resources:\n              limits: {cpu: 1, memory: 1Gi}\n",
    "- target: {kind: Service, name: web}\n  options: {allowNameChange: true}\n  patch: |\n    apiVersion: v1\n    kind: Service\n    metadata:\n      name: front\n",
    "- target: {kind: Widget}\n  options:\n    allowKindChange: true\n  patch: |-\n    - op: replace\n      path: /kind\n      value: Gadget\n",
    "- target: {group: networking.k8s.io, version: v1}\n  patch: |\n    [{\"op\": \"add\", \"path\": \"/metadata/labels\", \"value\": {\"by\": \"json\"}}]\n",
    "- target: {namespace: system}\n  patch: |\n    apiVersion: v1\n    kind: Any\n    metadata:\n      name: any\n      labels: {in: system}\n",
    "- patch: |\n    apiVersion: example.com/v1\n    kind: Widget\n    metadata: {name: web}\n    spec:\n      parts:\n      - name: two\n        value: \"y\"\n      - name: three\n",
    "- patch: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata:\n      name: web-config\n    data:\n      patched: \"yes\"\n      mode: null\n",
];

const REPLACEMENTS: &[&str] = &[
    "- source: {kind: Service, name: web, fieldPath: metadata.name}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths:\n    - spec.template.spec.containers.[name=web].env.[name=DB_HOST].value\n    options: {delimiter: '.', index: 0}\n",
    "- source:\n    kind: Deployment\n    name: web\n    fieldPath: spec.template.spec.containers.0.image\n    options: {delimiter: ':', index: 1}\n  targets:\n  - select: {kind: Widget}\n    fieldPaths: [spec.version, spec.parts.*.version]\n    options: {create: true}\n",
    "- source: {kind: ConfigMap, name: settings, fieldPath: data.line, options: {delimiter: \",\", index: 2}}\n  targets:\n  - select: {kind: Ingress}\n    reject:\n    - {name: other}\n    fieldPaths: [spec.rules.0.host, 'metadata.annotations.[example.com/host]']\n    options: {delimiter: ., index: 1, create: true}\n",
    "- sourceValue: new.example.com\n  targets:\n  - select: {kind: ConfigMap, name: settings}\n    fieldPaths:\n    - data.app\\.yaml.server.host\n    - data.app\\.json.server.host\n",
    "- source: {kind: Service, name: web}\n  targets:\n  - select: {kind: ValidatingWebhookConfiguration}\n    fieldPaths: [webhooks.*.clientConfig.service.name]\n  - select: {labelSelector: app=web}\n    fieldPaths: [metadata.annotations.service]\n    options: {create: true}\n",
    "- source: {kind: Deployment, name: web, fieldPath: spec.template.metadata.labels}\n  targets:\n  - select: {kind: Service}\n    fieldPaths: [spec.selector]\n  - select: {kind: Widget}\n    fieldPaths: [spec.labels]\n    options: {create: true}\n",
    "- path: replacement.yaml\n",
    "- source: {kind: Secret, name: web-secret}\n  targets:\n  - select: {kind: Widget}\n    fieldPaths: [spec.secretName]\n",
];

const TRANSFORMERS: &[&str] = &[
    "- |-\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata:\n    name: inline\n  prefix: in-\n  fieldSpecs:\n  - path: metadata/name\n",
    "- |\n  apiVersion: builtin\n  kind: NamespaceTransformer\n  metadata:\n    name: inline\n    namespace: moved\n  unsetOnly: true\n  setRoleBindingSubjects: allServiceAccounts\n  fieldSpecs:\n  - path: metadata/namespace\n    create: true\n",
    "- |\n  apiVersion: builtin\n  kind: LabelTransformer\n  metadata: {name: inline}\n  labels: {inline: \"1\"}\n  fieldSpecs:\n  - path: metadata/labels\n    create: true\n  - path: spec/template/metadata/labels\n    kind: Deployment\n",
    "- |\n  apiVersion: builtin\n  kind: ReplacementTransformer\n  metadata: {name: inline}\n  replacements:\n  - source: {kind: Service, name: web}\n    targets:\n    - select: {kind: Widget}\n      fieldPaths: [spec.service]\n      options: {create: true}\n",
    "- plugin.yaml\n",
];

const VALIDATORS: &str = "\
validators:
- |
  apiVersion: builtin
  kind: LabelTransformer
  metadata: {name: check}
  labels: {a: b}
  fieldSpecs:
  - path: spec/nothing/here
";

/// Files that the fields above name.
const FILES: &[(&str, &str)] = &[
    ("app.properties", "mode=file\n# a comment\nname = value\n"),
    ("web.env", "FROM_ENV=1\n# comment\nOTHER=a=b\n"),
    (
        "many.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: nginx:9 # changed\n        volumeMounts:\n        - {mountPath: /data, name: data}\n---\n# the second\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: NodePort\n  ports:\n  - port: 80\n    nodePort: 30080\n  - port: 443\n    name: https\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\nimagePullSecrets:\n- name: more\n",
    ),
    (
        "replacement.yaml",
        "- source:\n    kind: StatefulSet\n    name: db\n    fieldPath: spec.serviceName\n  targets:\n  - select:\n      kind: Deployment\n      name: web\n    fieldPaths:\n    - spec.template.spec.containers.[name=web].env.[name=DB_HOST].value\n    options:\n      delimiter: '.'\n",
    ),
    (
        "plugin.yaml",
        "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata:\n  name: plugin\nimageTag:\n  name: nginx\n  newTag: plugged\nfieldSpecs:\n- path: spec/image\n- path: spec/parts[]/image\n- path: spec/template/spec/containers[]/image\n",
    ),
    (
        "widget-config.yaml",
        "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs:\n  - path: spec/configRef/name\n    kind: Widget\n- kind: Secret\n  fieldSpecs:\n  - path: spec/secretName\n    kind: Widget\nimages:\n- path: spec/image\n  kind: Widget\n- path: spec/parts/image\n  kind: Widget\nreplicas:\n- path: spec/size\n  kind: Widget\ncommonAnnotations:\n- path: spec/annotations\n  create: true\n  kind: Widget\nvarReference:\n- path: spec/parts/value\n  kind: Widget\n",
    ),
    (
        "widget-crd.yaml",
        "example.com/v1.Widget:\n  Schema:\n    properties:\n      apiVersion: {type: string}\n      kind: {type: string}\n      metadata: {type: object}\n      spec:\n        $ref: example.com/v1.WidgetSpec\nexample.com/v1.WidgetSpec:\n  Schema:\n    properties:\n      configRef:\n        x-kubernetes-object-ref-api-version: v1\n        x-kubernetes-object-ref-kind: ConfigMap\n        x-kubernetes-object-ref-name-key: name\n        properties:\n          name: {type: string}\n",
    ),
    (
        "widget-schema.yaml",
        "definitions:\n  v1.Widget:\n    type: object\n    properties:\n      spec:\n        type: object\n        properties:\n          parts:\n            type: array\n            items:\n              $ref: '#/definitions/Part'\n            x-kubernetes-patch-merge-key: name\n            x-kubernetes-patch-strategy: merge\n    x-kubernetes-group-version-kind:\n    - {group: example.com, kind: Widget, version: v1}\n  Part:\n    type: object\n    properties:\n      name: {type: string}\n      value: {type: string}\n",
    ),
];

/// A repository with several layers.
pub(super) fn repository(mut dice: Dice) -> Case {
    let mut case = Case::new("overlay");
    let components = dice.below(3);
    base(&mut dice, &mut case);
    if dice.coin() {
        layer(
            &mut dice,
            &mut case,
            "component",
            &Layer { kind: "Component", bases: &[], components: nested(components) },
        );
        layer(&mut dice, &mut case, "component/inner", &Layer { kind: "Component", ..Layer::default() });
        let components = &["../component"];
        layer(&mut dice, &mut case, "middle", &Layer { bases: &["../base"], components, ..Layer::default() });
    } else {
        layer(&mut dice, &mut case, "middle", &Layer { bases: &["../base"], ..Layer::default() });
    }
    layer(&mut dice, &mut case, "overlay", &Layer { bases: &["../middle"], ..Layer::default() });
    case
}

fn nested(components: usize) -> &'static [&'static str] {
    if components > 0 { &["inner"] } else { &[] }
}

struct Layer {
    kind: &'static str,
    bases: &'static [&'static str],
    components: &'static [&'static str],
}

impl Default for Layer {
    fn default() -> Layer {
        Layer { kind: "Kustomization", bases: &[], components: &[] }
    }
}

fn base(dice: &mut Dice, case: &mut Case) {
    case.insert("base/web.yaml", WORKLOAD);
    let mut resources = vec!["web.yaml".to_owned()];
    for (index, text) in COMPANIONS.iter().enumerate() {
        if !dice.rare(8) {
            let name = format!("part{index}.yaml");
            case.insert(format!("base/{name}"), *text);
            resources.push(name);
        }
    }
    let mut text = list("resources", &resources);
    if !dice.rare(12) {
        text += GENERATORS;
    }
    text += &some(dice, COMMON, 1, &["generator", "configMapGenerator"]);
    finish(dice, case, "base", text);
}

fn layer(dice: &mut Dice, case: &mut Case, dir: &str, layer: &Layer) {
    let mut text = match layer.kind {
        "Component" => "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n".to_owned(),
        _ => String::new(),
    };
    if !layer.bases.is_empty() {
        text += &list("resources", layer.bases);
    }
    if !layer.components.is_empty() {
        text += &list("components", layer.components);
    }
    let count = dice.between(0, 3);
    text += &some(dice, COMMON, count, &[]);
    if dice.rare(3) {
        text += &some(dice, GENERATED_AGAIN, 1, &[]);
    }
    for (field, entries) in [("patches", PATCHES), ("replacements", REPLACEMENTS), ("transformers", TRANSFORMERS)] {
        let count = [0, 0, 1, 2][dice.below(4)];
        if count > 0 && !(field == "transformers" && dice.coin()) {
            text += &format!("{field}:\n{}", some(dice, entries, count, &[]));
        }
    }
    if dice.rare(20) {
        text += VALIDATORS;
    }
    finish(dice, case, dir, text);
}

fn list(field: &str, entries: &[impl AsRef<str>]) -> String {
    let entries: String = entries.iter().map(|entry| format!("- {}\n", entry.as_ref())).collect();
    format!("{field}:\n{entries}")
}

/// Some of the texts in any order; no two fields of the same name.
fn some(dice: &mut Dice, from: &[&str], count: usize, without: &[&str]) -> String {
    let mut chosen: Vec<&str> = Vec::new();
    let names = |text: &str| -> Vec<String> {
        let fields = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
        fields.filter_map(|line| line.split(':').next().map(str::to_owned)).collect()
    };
    for _ in 0..count {
        let text = dice.pick(from);
        let is_taken = chosen.iter().any(|other| names(other).iter().any(|name| names(text).contains(name)));
        let is_same = chosen.contains(&text);
        if !is_taken && !is_same && !without.iter().any(|start| text.starts_with(start)) {
            chosen.push(text);
        }
    }
    chosen.concat()
}

/// Writes the kustomization with the files that it names.
fn finish(dice: &mut Dice, case: &mut Case, dir: &str, text: String) {
    for (name, content) in FILES {
        if text.contains(name) {
            case.insert(format!("{dir}/{name}"), *content);
        }
    }
    let text = if dice.rare(4) { text.replace('\n', " \n").replace("| \n", "|\n") } else { text };
    case.insert(format!("{dir}/kustomization.yaml"), text);
}
