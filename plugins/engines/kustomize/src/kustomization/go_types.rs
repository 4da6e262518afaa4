//! The structures that the original decodes into, by the names that its messages show.

/// A type of Go. Texts and numbers carry the name that Go shows for them.
pub(crate) enum Type {
    Text(&'static str),
    Bool,
    Int(&'static str),
    /// Texts by key.
    Texts,
    /// Anything by key.
    Tree,
    List(&'static Type, &'static str),
    Struct(&'static Struct),
}

pub(crate) struct Struct {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// Name, the embedded structures that it comes through, and type.
pub(crate) struct Field(pub(crate) &'static str, pub(crate) &'static str, pub(crate) Type);

use Type::{Bool, Int, List, Text, Texts, Tree};

const STRING: Type = Text("string");
const STRINGS: Type = List(&STRING, "[]string");
const FIELDS: Type = List(&Type::Struct(&FIELD_SPEC), "[]types.FieldSpec");
const FIELD_SLICE: Type = List(&Type::Struct(&FIELD_SPEC), "types.FsSlice");
const IMAGES: Type = List(&Type::Struct(&IMAGE), "[]types.Image");
const PATCHES: Type = List(&Type::Struct(&PATCH), "[]types.Patch");
const ANYTHING: Type = Tree;

const fn text(name: &'static str) -> Field {
    Field(name, "", STRING)
}

pub(crate) static KUSTOMIZATION: Struct = Struct {
    name: "Kustomization",
    fields: &[
        Field("apiVersion", "TypeMeta", STRING),
        Field("kind", "TypeMeta", STRING),
        Field("metadata", "", Type::Struct(&OBJECT_META)),
        Field("openapi", "", Texts),
        text("namePrefix"),
        text("nameSuffix"),
        text("namespace"),
        Field("commonLabels", "", Texts),
        Field("labels", "", List(&Type::Struct(&LABEL), "[]types.Label")),
        Field("commonAnnotations", "", Texts),
        Field("patchesStrategicMerge", "", List(&Text("types.PatchStrategicMerge"), "[]types.PatchStrategicMerge")),
        Field("patchesJson6902", "", PATCHES),
        Field("patches", "", PATCHES),
        Field("images", "", IMAGES),
        Field("imageTags", "", IMAGES),
        Field("replacements", "", List(&Type::Struct(&REPLACEMENT_FIELD), "[]types.ReplacementField")),
        Field("replicas", "", List(&Type::Struct(&REPLICA), "[]types.Replica")),
        Field("vars", "", List(&Type::Struct(&VAR), "[]types.Var")),
        Field("sortOptions", "", Type::Struct(&SORT_OPTIONS)),
        Field("resources", "", STRINGS),
        Field("components", "", STRINGS),
        Field("crds", "", STRINGS),
        Field("bases", "", STRINGS),
        Field("configMapGenerator", "", List(&Type::Struct(&CONFIG_MAP_ARGS), "[]types.ConfigMapArgs")),
        Field("secretGenerator", "", List(&Type::Struct(&SECRET_ARGS), "[]types.SecretArgs")),
        Field("helmGlobals", "", Type::Struct(&HELM_GLOBALS)),
        Field("helmCharts", "", List(&Type::Struct(&HELM_CHART), "[]types.HelmChart")),
        Field("helmChartInflationGenerator", "", List(&Type::Struct(&HELM_CHART_ARGS), "[]types.HelmChartArgs")),
        Field("generatorOptions", "", Type::Struct(&GENERATOR_OPTIONS)),
        Field("configurations", "", STRINGS),
        Field("generators", "", STRINGS),
        Field("transformers", "", STRINGS),
        Field("validators", "", STRINGS),
        Field("buildMetadata", "", STRINGS),
    ],
};

static OBJECT_META: Struct = Struct {
    name: "ObjectMeta",
    fields: &[text("name"), text("namespace"), Field("labels", "", Texts), Field("annotations", "", Texts)],
};

static FIELD_SPEC: Struct = Struct {
    name: "FieldSpec",
    fields: &[
        Field("group", "Gvk", STRING),
        Field("version", "Gvk", STRING),
        Field("kind", "Gvk", STRING),
        text("path"),
        Field("create", "", Bool),
    ],
};

static LABEL: Struct = Struct {
    name: "Label",
    fields: &[
        Field("pairs", "", Texts),
        Field("includeSelectors", "", Bool),
        Field("includeTemplates", "", Bool),
        Field("includeVolumeClaimTemplates", "", Bool),
        Field("fields", "", FIELDS),
    ],
};

static PATCH: Struct = Struct {
    name: "Patch",
    fields: &[
        text("path"),
        text("patch"),
        Field("target", "", Type::Struct(&SELECTOR)),
        Field("options", "", Type::Struct(&PATCH_ARGS)),
    ],
};

static PATCH_ARGS: Struct =
    Struct { name: "PatchArgs", fields: &[Field("allowNameChange", "", Bool), Field("allowKindChange", "", Bool)] };

static SELECTOR: Struct = Struct {
    name: "Selector",
    fields: &[
        Field("group", "ResId.Gvk", STRING),
        Field("version", "ResId.Gvk", STRING),
        Field("kind", "ResId.Gvk", STRING),
        Field("name", "ResId", STRING),
        Field("namespace", "ResId", STRING),
        text("annotationSelector"),
        text("labelSelector"),
    ],
};

static IMAGE: Struct = Struct {
    name: "Image",
    fields: &[text("name"), text("newName"), text("tagSuffix"), text("newTag"), text("digest")],
};

static REPLICA: Struct = Struct { name: "Replica", fields: &[text("name"), Field("count", "", Int("int64"))] };

static REPLACEMENT_FIELD: Struct = Struct {
    name: "ReplacementField",
    fields: &[
        Field("source", "Replacement", Type::Struct(&SOURCE_SELECTOR)),
        Field("targets", "Replacement", TARGETS),
        Field("sourceValue", "Replacement", STRING),
        text("path"),
    ],
};

/// An entry of a file of replacements.
pub(crate) static REPLACEMENT: Struct = Struct {
    name: "Replacement",
    fields: &[Field("source", "", Type::Struct(&SOURCE_SELECTOR)), Field("targets", "", TARGETS), text("sourceValue")],
};

const TARGETS: Type = List(&Type::Struct(&TARGET_SELECTOR), "[]*types.TargetSelector");

static SOURCE_SELECTOR: Struct = Struct {
    name: "SourceSelector",
    fields: &[
        Field("group", "ResId.Gvk", STRING),
        Field("version", "ResId.Gvk", STRING),
        Field("kind", "ResId.Gvk", STRING),
        Field("name", "ResId", STRING),
        Field("namespace", "ResId", STRING),
        text("fieldPath"),
        Field("options", "", Type::Struct(&FIELD_OPTIONS)),
    ],
};

static TARGET_SELECTOR: Struct = Struct {
    name: "TargetSelector",
    fields: &[
        Field("select", "", Type::Struct(&SELECTOR)),
        Field("reject", "", List(&Type::Struct(&SELECTOR), "[]*types.Selector")),
        Field("fieldPaths", "", STRINGS),
        Field("options", "", Type::Struct(&FIELD_OPTIONS)),
    ],
};

static FIELD_OPTIONS: Struct = Struct {
    name: "FieldOptions",
    fields: &[text("delimiter"), Field("index", "", Int("int")), text("encoding"), Field("create", "", Bool)],
};

static VAR: Struct = Struct {
    name: "Var",
    fields: &[
        text("name"),
        Field("objref", "", Type::Struct(&VAR_TARGET)),
        Field("fieldref", "", Type::Struct(&FIELD_SELECTOR)),
    ],
};

static VAR_TARGET: Struct = Struct {
    name: "Target",
    fields: &[
        text("apiVersion"),
        Field("group", "Gvk", STRING),
        Field("version", "Gvk", STRING),
        Field("kind", "Gvk", STRING),
        text("name"),
        text("namespace"),
    ],
};

static FIELD_SELECTOR: Struct = Struct { name: "FieldSelector", fields: &[text("fieldPath")] };

static SORT_OPTIONS: Struct = Struct {
    name: "SortOptions",
    fields: &[
        Field("order", "", Text("types.SortOrder")),
        Field("legacySortOptions", "", Type::Struct(&LEGACY_SORT_OPTIONS)),
    ],
};

static LEGACY_SORT_OPTIONS: Struct =
    Struct { name: "LegacySortOptions", fields: &[Field("orderFirst", "", STRINGS), Field("orderLast", "", STRINGS)] };

static GENERATOR_OPTIONS: Struct = Struct {
    name: "GeneratorOptions",
    fields: &[
        Field("labels", "", Texts),
        Field("annotations", "", Texts),
        Field("disableNameSuffixHash", "", Bool),
        Field("immutable", "", Bool),
    ],
};

macro_rules! generator_fields {
    ($prefix:literal $(, $more:expr)*) => {
        &[
            Field("namespace", concat!($prefix, "GeneratorArgs"), STRING),
            Field("name", concat!($prefix, "GeneratorArgs"), STRING),
            Field("behavior", concat!($prefix, "GeneratorArgs"), STRING),
            Field("literals", concat!($prefix, "GeneratorArgs.KvPairSources"), STRINGS),
            Field("files", concat!($prefix, "GeneratorArgs.KvPairSources"), STRINGS),
            Field("envs", concat!($prefix, "GeneratorArgs.KvPairSources"), STRINGS),
            Field("env", concat!($prefix, "GeneratorArgs.KvPairSources"), STRING),
            Field("options", concat!($prefix, "GeneratorArgs"), Type::Struct(&GENERATOR_OPTIONS)),
            $($more),*
        ]
    };
}

static CONFIG_MAP_ARGS: Struct = Struct { name: "ConfigMapArgs", fields: generator_fields!("") };

static SECRET_ARGS: Struct = Struct { name: "SecretArgs", fields: generator_fields!("", Field("type", "", STRING)) };

/// A ConfigMap generator with a configuration of its own.
pub(crate) static CONFIG_MAP_GENERATOR: Struct =
    Struct { name: "ConfigMapGeneratorPlugin", fields: generator_fields!("ConfigMapArgs.") };

/// A Secret generator with a configuration of its own.
pub(crate) static SECRET_GENERATOR: Struct = Struct {
    name: "SecretGeneratorPlugin",
    fields: generator_fields!("SecretArgs.", Field("type", "SecretArgs", STRING)),
};

pub(crate) static HELM_GLOBALS: Struct =
    Struct { name: "HelmGlobals", fields: &[text("chartHome"), text("configHome")] };

pub(crate) static HELM_CHART: Struct = Struct {
    name: "HelmChart",
    fields: &[
        text("name"),
        text("version"),
        text("repo"),
        text("releaseName"),
        text("namespace"),
        Field("additionalValuesFiles", "", STRINGS),
        text("valuesFile"),
        Field("valuesInline", "", ANYTHING),
        text("valuesMerge"),
        Field("includeCRDs", "", Bool),
        Field("skipHooks", "", Bool),
        Field("apiVersions", "", STRINGS),
        text("kubeVersion"),
        text("nameTemplate"),
        Field("skipTests", "", Bool),
        Field("debug", "", Bool),
        Field("devel", "", Bool),
    ],
};

static HELM_CHART_ARGS: Struct = Struct {
    name: "HelmChartArgs",
    fields: &[
        text("chartName"),
        text("chartVersion"),
        text("chartRepoUrl"),
        text("chartHome"),
        text("chartRepoName"),
        text("helmBin"),
        text("helmHome"),
        text("values"),
        Field("valuesLocal", "", ANYTHING),
        text("valuesMerge"),
        text("releaseName"),
        text("releaseNamespace"),
        Field("extraArgs", "", STRINGS),
    ],
};

/// A file of `configurations`.
pub(crate) static TRANSFORMER_CONFIG: Struct = Struct {
    name: "TransformerConfig",
    fields: &[
        Field("namePrefix", "", FIELD_SLICE),
        Field("nameSuffix", "", FIELD_SLICE),
        Field("namespace", "", FIELD_SLICE),
        Field("commonLabels", "", FIELD_SLICE),
        Field("labels", "", FIELD_SLICE),
        Field("templateLabels", "", FIELD_SLICE),
        Field("volumeClaimTemplateLabels", "", FIELD_SLICE),
        Field("commonAnnotations", "", FIELD_SLICE),
        Field("nameReference", "", List(&Type::Struct(&NAME_REFERENCE), "builtinconfig.nbrSlice")),
        Field("varReference", "", FIELD_SLICE),
        Field("images", "", FIELD_SLICE),
        Field("replicas", "", FIELD_SLICE),
    ],
};

static NAME_REFERENCE: Struct = Struct {
    name: "NameBackReferences",
    fields: &[
        Field("group", "Gvk", STRING),
        Field("version", "Gvk", STRING),
        Field("kind", "Gvk", STRING),
        Field("fieldSpecs", "", FIELD_SLICE),
    ],
};

/// What configures a builtin transformer. The original has a structure for each; one with all their fields does.
pub(crate) static TRANSFORMER: Struct = Struct {
    name: "TransformerPlugin",
    fields: &[
        Field("metadata", "", Type::Struct(&OBJECT_META)),
        Field("labels", "", Texts),
        Field("annotations", "", Texts),
        Field("fieldSpecs", "", FIELDS),
        Field("imageTag", "", Type::Struct(&IMAGE)),
        Field("unsetOnly", "", Bool),
        text("setRoleBindingSubjects"),
        text("prefix"),
        text("suffix"),
        text("path"),
        text("patch"),
        text("jsonOp"),
        Field("target", "", Type::Struct(&SELECTOR)),
        Field("options", "", Type::Struct(&PATCH_ARGS)),
        Field("paths", "", STRINGS),
        text("patches"),
        Field("replica", "", Type::Struct(&REPLICA)),
        Field("replacements", "", List(&Type::Struct(&REPLACEMENT_FIELD), "[]types.ReplacementField")),
        text("value"),
        Field("targets", "", List(&Type::Struct(&VALUE_TARGET), "[]types.Target")),
        text("targetFilePath"),
    ],
};

/// What configures the generator of service accounts of a cloud.
pub(crate) static IAM_POLICY: Struct = Struct {
    name: "IAMPolicyGeneratorPlugin",
    fields: &[
        Field("cloud", "IAMPolicyGeneratorArgs", Text("types.Cloud")),
        Field("kubernetesService", "IAMPolicyGeneratorArgs", Type::Struct(&KUBERNETES_SERVICE)),
        Field("serviceAccount", "IAMPolicyGeneratorArgs", Type::Struct(&CLOUD_ACCOUNT)),
    ],
};

static KUBERNETES_SERVICE: Struct = Struct { name: "KubernetesService", fields: &[text("name"), text("namespace")] };

static CLOUD_ACCOUNT: Struct = Struct { name: "ServiceAccount", fields: &[text("name"), text("projectId")] };

static VALUE_TARGET: Struct = Struct {
    name: "Target",
    fields: &[
        Field("selector", "", Type::Struct(&SELECTOR)),
        text("fieldPath"),
        Field("filePathPosition", "", Int("int")),
    ],
};
