//! `.Capabilities` in templates.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;

use weir_gotmpl::{Context, FuncError, Function, GoType, Json, List, Named, Object, Param, Str, Value};

use crate::Helm;
use crate::capabilities::{Capabilities, DEFAULT_API_VERSIONS, KubeVersion};

const GO_VERSION: &str = "go1.26.8";

static CAPABILITIES_3: Named = Named::pointer("*chartutil.Capabilities");
static CAPABILITIES_4: Named = Named::pointer("*common.Capabilities");
static KUBE_VERSION_3: Named = Named::structure("chartutil.KubeVersion");
static KUBE_VERSION_4: Named = Named::structure("common.KubeVersion");
static VERSION_SET_3: Named = Named::of("chartutil.VersionSet", &GoType::STRINGS, VERSION_SET_METHODS);
static VERSION_SET_4: Named = Named::of("common.VersionSet", &GoType::STRINGS, VERSION_SET_METHODS);
static BUILD_INFO: Named = Named::structure("version.BuildInfo");

const VERSION_SET_METHODS: &[Function] = &[Function::fixed("Has", &[Param::String], has)];

static COPY: Function = Function::fixed("Copy", &[], copy);
static STRING: Function = Function::fixed("String", &[], normalized);
static GIT_VERSION: Function = Function::fixed("GitVersion", &[], git_version);

/// The object that templates see.
pub(super) struct CapabilitiesObject {
    capabilities: Capabilities,
    helm: Helm,
    api_versions: OnceCell<List>,
    kube_version: OnceCell<Value>,
}

impl CapabilitiesObject {
    pub(super) fn value(capabilities: &Capabilities, helm: Helm) -> Value {
        let capabilities = capabilities.clone();
        let (api_versions, kube_version) = (OnceCell::new(), OnceCell::new());
        Value::Object(Rc::new(CapabilitiesObject { capabilities, helm, api_versions, kube_version }))
    }

    fn api_versions(&self) -> List {
        let make = || {
            let defaults = if self.capabilities.with_defaults { DEFAULT_API_VERSIONS } else { &[] };
            let more = self.capabilities.api_versions.iter().map(String::as_str);
            let items = defaults.iter().copied().chain(more).map(Value::from).collect();
            let named = if self.helm == Helm::V3 { &VERSION_SET_3 } else { &VERSION_SET_4 };
            List::of(GoType::Named(named), items)
        };
        self.api_versions.get_or_init(make).clone()
    }

    fn kube_version(&self) -> Value {
        let make = || {
            let version = self.capabilities.kube_version.clone();
            Value::Object(Rc::new(KubeVersionObject { version, helm: self.helm }))
        };
        self.kube_version.get_or_init(make).clone()
    }
}

impl Object for CapabilitiesObject {
    fn go_type(&self) -> &'static Named {
        if self.helm == Helm::V3 { &CAPABILITIES_3 } else { &CAPABILITIES_4 }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "KubeVersion" => self.kube_version(),
            "APIVersions" => self.api_versions().into(),
            "HelmVersion" => Value::Object(Rc::new(BuildInfo(self.helm))),
            _ => return None,
        })
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        (name == "Copy").then_some(&COPY)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        ["KubeVersion", "APIVersions", "HelmVersion"]
            .into_iter()
            .filter_map(|name| Some((name, self.field(name)?)))
            .collect()
    }

    fn json(&self) -> Option<Json> {
        Some(Json::Members(self.fields().into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }
}

struct KubeVersionObject {
    version: KubeVersion,
    helm: Helm,
}

impl Object for KubeVersionObject {
    fn go_type(&self) -> &'static Named {
        if self.helm == Helm::V3 { &KUBE_VERSION_3 } else { &KUBE_VERSION_4 }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(Value::from(match name {
            "Version" => &self.version.version,
            "Major" => &self.version.major,
            "Minor" => &self.version.minor,
            _ => return None,
        }))
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        match name {
            "String" => Some(&STRING),
            "GitVersion" => Some(&GIT_VERSION),
            _ => None,
        }
    }

    fn display_pointed(&self) -> Option<Str> {
        Some(Str::from(shown(self)))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        ["Version", "Major", "Minor"].into_iter().filter_map(|name| Some((name, self.field(name)?))).collect()
    }

    fn json(&self) -> Option<Json> {
        Some(Json::Members(self.fields().into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<KubeVersionObject>().is_some_and(|other| other.version == self.version)
    }
}

fn shown(object: &KubeVersionObject) -> &str {
    match object.helm {
        Helm::V3 => &object.version.version,
        Helm::V4 => &object.version.normalized,
    }
}

struct BuildInfo(Helm);

impl BuildInfo {
    /// Helm 3 speaks as its binary does (but for the commit), Helm 4 as it does within helm-controller.
    fn texts(&self) -> [(&'static str, &'static str, &'static str); 4] {
        let [version, commit, state] = match self.0 {
            Helm::V3 => ["v3.22.0", "", "clean"],
            Helm::V4 => ["v4.2", "", ""],
        };
        [
            ("Version", "version", version),
            ("GitCommit", "git_commit", commit),
            ("GitTreeState", "git_tree_state", state),
            ("GoVersion", "go_version", GO_VERSION),
        ]
    }
}

impl Object for BuildInfo {
    fn go_type(&self) -> &'static Named {
        &BUILD_INFO
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.texts().iter().find(|(field, ..)| *field == name).map(|(.., text)| Value::from(*text))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        self.texts().into_iter().map(|(name, _, text)| (name, Value::from(text))).collect()
    }

    fn json(&self) -> Option<Json> {
        let texts = self.texts().into_iter().filter(|(.., text)| !text.is_empty());
        Some(Json::Members(texts.map(|(_, name, text)| (name.into(), Value::from(text))).collect()))
    }
}

fn has(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    let [Value::List(versions), Value::String(wanted)] = args else {
        return Err("not a version set and a string".into());
    };
    Ok(Value::Bool(versions.items().iter().any(|version| version.as_str() == Some(wanted))))
}

fn copy(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    args.first().cloned().ok_or_else(|| "no receiver".into())
}

fn kube_version(args: &[Value]) -> Result<&KubeVersionObject, FuncError> {
    args.first().and_then(Value::downcast).ok_or_else(|| "not a kube version".into())
}

fn normalized(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    kube_version(args).map(|object| Value::from(shown(object)))
}

fn git_version(_: &mut Context<'_>, args: &[Value]) -> Result<Value, FuncError> {
    kube_version(args).map(|object| Value::from(&object.version.version))
}
