//! What is rendered: kustomizations of any size, as teams write them.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Result;

/// Resources in one file.
const IN_A_FILE: usize = 10;
/// Resources that one application is made of.
const IN_AN_APPLICATION: usize = 5;
/// Of so many resources one is generated in the overlays.
const GENERATED: usize = 10;
/// Of so many resources one has a patch of its own in the overlays.
const PATCHED: usize = 20;

/// The two shapes that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One kustomization with namespace, prefix, labels and images.
    Flat,
    /// A base below three overlays with patches, name references, generators, images and replicas.
    Overlays,
}

impl Shape {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Shape::Flat => "flat",
            Shape::Overlays => "3 overlays",
        }
    }

    /// Writes `count` resources below `root` and gives the folder to build, relative to it.
    pub(crate) fn write(self, root: &Path, count: usize) -> Result<&'static str> {
        match self {
            Shape::Flat => {
                let settings = "namespace: bench\nnamePrefix: pre-\nlabels:\n  - pairs:\n      team: bench\nimages:\n  - name: example.com/app\n    newTag: 2.0.0\n";
                base(&root.join("app"), count, settings)?;
                Ok("app")
            }
            Shape::Overlays => {
                let generated = count / GENERATED;
                base(
                    &root.join("base"),
                    count - generated,
                    "labels:\n  - pairs:\n      app.kubernetes.io/part-of: bench\n    includeSelectors: true\n",
                )?;
                let applications = (count - generated).div_ceil(IN_AN_APPLICATION);
                first(&root.join("first"), generated, applications)?;
                second(&root.join("second"), count, applications)?;
                third(&root.join("third"))?;
                Ok("third")
            }
        }
    }
}

fn kustomization(folder: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    let head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    Ok(fs::write(folder.join("kustomization.yaml"), format!("{head}{text}"))?)
}

/// Resources in files, and more `settings` beside them.
fn base(folder: &Path, count: usize, settings: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut text = format!("{settings}resources:\n");
    for (file, first) in (0..count).step_by(IN_A_FILE).enumerate() {
        let documents: Vec<String> = (first..count.min(first + IN_A_FILE)).map(resource).collect();
        fs::write(folder.join(format!("file-{file}.yaml")), documents.join("---\n"))?;
        writeln!(text, "  - file-{file}.yaml")?;
    }
    kustomization(folder, &text)
}

/// Generators, and a strategic merge patch for some of the applications.
fn first(folder: &Path, generated: usize, applications: usize) -> Result<()> {
    let mut text = "resources:\n  - ../base\n".to_owned();
    for kind in ["configMapGenerator", "secretGenerator"] {
        let (first, step) = (usize::from(kind == "secretGenerator"), 2);
        let mut names = (first..generated).step_by(step).peekable();
        if names.peek().is_some() {
            writeln!(text, "{kind}:")?;
        }
        for index in names {
            write!(text, "  - name: generated-{index}\n    literals:\n      - LEVEL=info\n      - INDEX={index}\n")?;
        }
    }
    fs::create_dir_all(folder)?;
    text.push_str("patches:\n");
    for index in (0..applications).step_by(PATCHED / IN_AN_APPLICATION) {
        fs::write(folder.join(format!("patch-{index}.yaml")), strategic_patch(index))?;
        writeln!(text, "  - path: patch-{index}.yaml")?;
    }
    kustomization(folder, &text)
}

/// Namespace, images, replicas, annotations, and a JSON patch for every workload.
fn second(folder: &Path, count: usize, applications: usize) -> Result<()> {
    let replicas: String = (0..applications.min(count.div_ceil(100)))
        .map(|index| format!("  - name: app-{index}\n    count: 3\n"))
        .collect();
    let text = format!(
        "resources:\n  - ../first\nnamespace: bench\nnameSuffix: -second\nimages:\n  - name: example.com/app\n    newTag: 2.0.0\ncommonAnnotations:\n  owner: bench@example.com\nreplicas:\n{replicas}patches:\n  - target:\n      kind: Deployment\n    patch: |-\n      - op: add\n        path: /spec/template/spec/priorityClassName\n        value: bench\n"
    );
    kustomization(folder, &text)
}

/// A prefix, labels, and a strategic merge patch for every workload.
fn third(folder: &Path) -> Result<()> {
    kustomization(
        folder,
        "resources:\n  - ../second\nnamePrefix: third-\nlabels:\n  - pairs:\n      environment: production\n    includeTemplates: true\npatches:\n  - target:\n      kind: Deployment\n      labelSelector: app.kubernetes.io/part-of=bench\n    patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: any\n      spec:\n        template:\n          spec:\n            containers:\n              - name: app\n                env:\n                  - name: ENVIRONMENT\n                    value: production\n",
    )
}

fn strategic_patch(index: usize) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{index}\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          resources:\n            limits:\n              memory: 128Mi\n          env:\n            - name: LEVEL\n              value: debug\n"
    )
}

/// Resource number `index`: each application is a workload with what it refers to and what refers to it.
fn resource(index: usize) -> String {
    let app = index / IN_AN_APPLICATION;
    match index % IN_AN_APPLICATION {
        0 => deployment(app),
        1 => format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-{app}\ndata:\n  level: info\n  number: \"{app}\"\n  config.yaml: |\n    server:\n      port: 8080\n      hosts: [a.example.com, b.example.com]\n"
        ),
        2 => format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: app-{app}\nspec:\n  selector:\n    app: app-{app}\n  ports:\n    - name: http\n      port: 80\n      targetPort: http\n"
        ),
        3 => format!("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: app-{app}\n"),
        _ => format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: app-{app}\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: app-{app}\n  minReplicas: 1\n  maxReplicas: 5\n  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n        target:\n          type: Utilization\n          averageUtilization: 80\n"
        ),
    }
}

/// The workload refers to its settings and its account, and to what the overlays generate.
fn deployment(app: usize) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{app}\n  labels:\n    app: app-{app}\nspec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: app-{app}\n  template:\n    metadata:\n      labels:\n        app: app-{app}\n    spec:\n      serviceAccountName: app-{app}\n      containers:\n        - name: app\n          image: example.com/app:1.0.0\n          args:\n            - --verbose\n            - --listen=:8080\n          ports:\n            - name: http\n              containerPort: 8080\n          env:\n            - name: NUMBER\n              valueFrom:\n                configMapKeyRef:\n                  name: settings-{app}\n                  key: number\n          envFrom:\n            - configMapRef:\n                name: generated-{app}\n                optional: true\n            - secretRef:\n                name: generated-{app}\n                optional: true\n          resources:\n            requests:\n              cpu: 100m\n              memory: 64Mi\n          readinessProbe:\n            httpGet:\n              path: /healthz\n              port: http\n      volumes:\n        - name: settings\n          configMap:\n            name: settings-{app}\n"
    )
}
