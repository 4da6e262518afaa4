//! Small builds, field by field. Each file is given as `path` and text; the kustomization is in the root.

use weir_kustomize::{BuildOptions, MemoryFs, build};

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: x}\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: nginx:1\n    \
                   envFrom:\n    - configMapRef: {name: m}\n";

fn output(files: &[(&str, &str)]) -> String {
    let fs: MemoryFs = files.iter().copied().collect();
    let built = build(&fs, "", &BuildOptions::default());
    let printed = built.and_then(|all| all.iter().map(|one| one.to_yaml()).collect::<Result<Vec<_>, _>>());
    printed.map_or_else(|error| format!("error: {}", error.chain()), |documents| documents.join("---\n"))
}

fn check(kustomization: &str, files: &[(&str, &str)], expected: &str) {
    let mut all = vec![("kustomization.yaml", kustomization), ("map.yaml", MAP), ("pod.yaml", POD)];
    all.extend(files);
    assert_eq!(output(&all), expected, "{kustomization}");
}

fn map(metadata: &str, data: &str) -> String {
    format!("apiVersion: v1\ndata:\n{data}kind: ConfigMap\nmetadata:\n{metadata}")
}

#[test]
fn names_and_references_follow() {
    check(
        "namePrefix: a-\nnameSuffix: -z\nnamespace: ns\nresources: [map.yaml, pod.yaml]\n",
        &[],
        &(map("  name: a-m-z\n  namespace: ns\n", "  a: x\n")
            + "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a-p-z\n  namespace: ns\nspec:\n  containers:\n  - envFrom:\n    \
               - configMapRef:\n        name: a-m-z\n    image: nginx:1\n    name: c\n"),
    );
}

#[test]
fn labels_and_annotations() {
    check(
        "commonLabels: {l: '1'}\ncommonAnnotations: {m: y.z}\nresources: [map.yaml]\n",
        &[],
        &map("  annotations:\n    m: y.z\n  labels:\n    l: \"1\"\n  name: m\n", "  a: x\n"),
    );
}

#[test]
fn patches_of_both_kinds() {
    check(
        "resources: [map.yaml]\npatches:\n- path: merge.yaml\n- target: {kind: Config.*, name: m}\n  patch: |-\n    \
         - {op: add, path: /metadata/annotations/k, value: v}\n    - {op: remove, path: /data/a}\n",
        &[("merge.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {b: 'yes'}\n")],
        &map("  annotations:\n    k: v\n  name: m\n", "  b: \"yes\"\n"),
    );
}

#[test]
fn generators_hash_their_names() {
    check(
        "configMapGenerator:\n- name: g\n  literals: [k=v]\n  files: [f.txt]\n- name: h\n  envs: [e]\n  options: {disableNameSuffixHash: true}\n",
        &[("f.txt", "two\nlines\n"), ("e", "A=1\n# no\n")],
        &(map("  name: g-mhd7bm444h\n", "  f.txt: |\n    two\n    lines\n  k: v\n")
            + "---\n"
            + &map("  name: h\n", "  A: \"1\"\n")),
    );
}

#[test]
fn generators_merge_into_bases() {
    check(
        "resources: [base]\nconfigMapGenerator:\n- name: g\n  behavior: merge\n  literals: [k=new]\n",
        &[(
            "base/kustomization.yaml",
            "configMapGenerator:\n- name: g\n  literals: [k=old, o=1]\ngeneratorOptions: {disableNameSuffixHash: true}\n",
        )],
        &map("  name: g\n", "  k: new\n  o: \"1\"\n"),
    );
}

#[test]
fn images_replicas_and_replacements() {
    check(
        "resources: [pod.yaml]\nimages: [{name: nginx, newName: web, digest: 'sha256:d'}]\nreplacements:\n- source: {kind: Pod, fieldPath: metadata.name}\n  \
         targets: [{select: {kind: Pod}, fieldPaths: ['spec.containers.[name=c].envFrom.0.configMapRef.name']}]\n",
        &[],
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - envFrom:\n    - configMapRef:\n        name: p\n    image: web@sha256:d\n    name: c\n",
    );
}

#[test]
fn vars() {
    check(
        "resources: [map.yaml]\nvars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: m}}]\ncommonAnnotations: {x: '$(V)!'}\nnamePrefix: p-\n",
        &[],
        &map("  annotations:\n    x: p-m!\n  name: p-m\n", "  a: x\n"),
    );
}

#[test]
fn components_work_on_what_is_there() {
    check(
        "resources: [map.yaml]\ncomponents: [part]\n",
        &[(
            "part/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: c-\n",
        )],
        &map("  name: c-m\n", "  a: x\n"),
    );
}

#[test]
fn transformers_are_resources() {
    check(
        "resources: [map.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata: {name: t}\n  prefix: t-\n  fieldSpecs: [{path: metadata/name}]\n",
        &[],
        &map("  name: t-m\n", "  a: x\n"),
    );
}

#[test]
fn origins() {
    check(
        "resources: [base]\nbuildMetadata: [originAnnotations]\n",
        &[("base/kustomization.yaml", "resources: [m.yaml]\n"), ("base/m.yaml", MAP)],
        &map("  annotations:\n    config.kubernetes.io/origin: |\n      path: base/m.yaml\n  name: m\n", "  a: x\n"),
    );
}

#[test]
fn local_config_is_left_out_and_fifo_is_kept() {
    let local =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s, annotations: {config.kubernetes.io/local-config: 'true'}}\n";
    check(
        "resources: [pod.yaml, map.yaml, local.yaml]\nsortOptions: {order: fifo}\n",
        &[("local.yaml", local)],
        &("apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - envFrom:\n    - configMapRef:\n        \
           name: m\n    image: nginx:1\n    name: c\n---\n".to_owned()
            + &map("  name: m\n", "  a: x\n")),
    );
}

#[test]
fn refusals() {
    for (kustomization, expected) in [
        (
            "resources: [map.yaml, map.yaml]\n",
            "may not add resource with an already registered id: ConfigMap.v1.[noGrp]/m.[noNs]",
        ),
        ("resources: [../x.yaml]\n", "security; file '/../x.yaml' is not in or below '/'"),
        (
            "resources: [https://example.com/x.yaml]\n",
            "remote resources are not available: 'https://example.com/x.yaml'",
        ),
        ("resources: ['.']\n", "cycle detected"),
        ("helmCharts: [{name: x}]\n", "must specify --enable-helm"),
        ("nope: 1\n", "json: unknown field \"nope\""),
    ] {
        let message = output(&[("kustomization.yaml", kustomization), ("map.yaml", MAP)]);
        assert!(message.starts_with("error: ") && message.contains(expected), "{message}");
    }
}

#[test]
fn replicas_are_set_by_names_past_and_present_in_order() {
    let set = |name: &str| format!("apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: {name}}}\n");
    let base = "namePrefix: a-\nresources: [one.yaml, two.yaml]\n";
    let files = [("base/kustomization.yaml", base), ("base/one.yaml", &set("s")), ("base/two.yaml", &set("t"))];
    let shown = |name: &str, count: u8, notes: &str| {
        format!("apiVersion: apps/v1\nkind: ReplicaSet\nmetadata:\n{notes}  name: {name}\nspec:\n  replicas: {count}\n")
    };
    let replicas =
        "resources: [base]\nreplicas:\n- {name: a-s, count: 1}\n- {name: t, count: 2}\n- {name: s, count: 3}\n";
    check(replicas, &files, &(shown("a-s", 3, "") + "---\n" + &shown("a-t", 2, "")));
    let missing = format!("{replicas}- {{name: u, count: 4}}\n");
    let mut all = vec![("kustomization.yaml", missing.as_str())];
    all.extend(files);
    let refused = output(&all);
    assert!(refused.contains("resource with name u does not match a config with the following GVK ["), "{refused}");
    let noted = "  annotations:\n    alpha.config.kubernetes.io/transformations: |\n";
    let by = |kustomization: &str, name: &str| {
        format!(
            "      - configuredIn: {kustomization}\n        configuredBy:\n          apiVersion: builtin\n          kind: {name}\n"
        )
    };
    let count = by("kustomization.yaml", "ReplicaCountTransformer");
    let notes = noted.to_owned() + &by("base/kustomization.yaml", "PrefixTransformer") + &count.repeat(3);
    check(
        &format!("{replicas}buildMetadata: [transformerAnnotations]\n"),
        &files,
        &(shown("a-s", 3, &notes) + "---\n" + &shown("a-t", 2, &notes)),
    );
}
