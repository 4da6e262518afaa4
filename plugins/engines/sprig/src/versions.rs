//! Versions by the rules of `Masterminds/semver`.

use std::any::Any;
use std::rc::Rc;

use weir_gotmpl::{Context, FuncError, Function, Json, Named, Object, Param, Str, UintType, Value};
use weir_semver::{Constraint, Version};

use crate::args::{Outcome, text};
use crate::go::text::lossy;

static VERSION: Named = Named::pointer("*semver.Version");
const VERSION_PARAM: Param = Param::Object("*semver.Version");

/// A `*semver.Version`.
pub struct VersionObject {
    version: Version,
    original: Str,
}

impl VersionObject {
    /// Reads a version loosely, as `semver.NewVersion`.
    ///
    /// # Errors
    /// The text of the original's error.
    pub fn parse(text: &Str) -> Result<VersionObject, FuncError> {
        let version = Version::parse(&lossy(text)).map_err(|error| FuncError::new(error.to_string()))?;
        Ok(VersionObject { version, original: text.clone() })
    }

    fn text(&self) -> String {
        let Version { major, minor, patch, pre, build } = &self.version;
        let part = |mark: &str, text: &str| if text.is_empty() { String::new() } else { format!("{mark}{text}") };
        format!("{major}.{minor}.{patch}{}{}", part("-", pre), part("+", build))
    }

    /// The next version; the original keeps its `v`.
    fn next(&self, version: Version) -> Value {
        let next = VersionObject { version, original: Str::default() };
        let v = if self.original.starts_with(b"v") { "v" } else { "" };
        let original = format!("{v}{}", next.text()).into();
        object(VersionObject { original, ..next })
    }
}

impl Object for VersionObject {
    fn go_type(&self) -> &'static Named {
        &VERSION
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        METHODS.iter().find(|method| method.name == name)
    }

    fn display(&self) -> Option<Str> {
        Some(self.text().into())
    }

    fn json(&self) -> Option<Json> {
        Some(Json::Value(self.text().into()))
    }

    fn equal(&self, other: &dyn Object) -> bool {
        let other = other.as_any().downcast_ref::<VersionObject>();
        other.is_some_and(|other| self.version == other.version && self.original == other.original)
    }
}

fn object(version: VersionObject) -> Value {
    let object: Rc<dyn Object> = Rc::new(version);
    Value::Object(object)
}

/// The version without anything.
pub(crate) fn zero() -> Value {
    object(VersionObject { version: Version::default(), original: Str::default() })
}

fn version(args: &[Value], at: usize) -> Result<&VersionObject, FuncError> {
    let found = args.get(at).and_then(Value::downcast::<VersionObject>);
    found.ok_or_else(|| FuncError::new(crate::args::NIL_POINTER))
}

fn compare(args: &[Value]) -> Result<i64, FuncError> {
    Ok(version(args, 0)?.version.precedence(&version(args, 1)?.version) as i64)
}

fn uint64(number: u64) -> Value {
    Value::Uint(UintType::Uint64, number)
}

static METHODS: &[Function] = &[
    Function::fixed("Major", &[], |_, args| Ok(uint64(version(args, 0)?.version.major))),
    Function::fixed("Minor", &[], |_, args| Ok(uint64(version(args, 0)?.version.minor))),
    Function::fixed("Patch", &[], |_, args| Ok(uint64(version(args, 0)?.version.patch))),
    Function::fixed("Prerelease", &[], |_, args| Ok(version(args, 0)?.version.pre.as_str().into())),
    Function::fixed("Metadata", &[], |_, args| Ok(version(args, 0)?.version.build.as_str().into())),
    Function::fixed("Original", &[], |_, args| Ok(version(args, 0)?.original.clone().into())),
    Function::fixed("String", &[], |_, args| Ok(version(args, 0)?.text().into())),
    Function::fixed("Compare", &[VERSION_PARAM], |_, args| Ok(Value::int(compare(args)?))),
    Function::fixed("Equal", &[VERSION_PARAM], |_, args| Ok((compare(args)? == 0).into())),
    Function::fixed("LessThan", &[VERSION_PARAM], |_, args| Ok((compare(args)? < 0).into())),
    Function::fixed("LessThanEqual", &[VERSION_PARAM], |_, args| Ok((compare(args)? <= 0).into())),
    Function::fixed("GreaterThan", &[VERSION_PARAM], |_, args| Ok((compare(args)? > 0).into())),
    Function::fixed("GreaterThanEqual", &[VERSION_PARAM], |_, args| Ok((compare(args)? >= 0).into())),
    Function::fixed("IncMajor", &[], |_, args| {
        let this = version(args, 0)?;
        Ok(this.next(Version { major: this.version.major.wrapping_add(1), ..Version::default() }))
    }),
    Function::fixed("IncMinor", &[], |_, args| {
        let this = version(args, 0)?;
        let (major, minor) = (this.version.major, this.version.minor.wrapping_add(1));
        Ok(this.next(Version { major, minor, ..Version::default() }))
    }),
    Function::fixed("IncPatch", &[], |_, args| {
        let this = version(args, 0)?;
        let Version { major, minor, patch, pre, .. } = &this.version;
        // A prerelease is before its own patch.
        let patch = if pre.is_empty() { patch.wrapping_add(1) } else { *patch };
        Ok(this.next(Version { major: *major, minor: *minor, patch, ..Version::default() }))
    }),
];

pub(crate) fn semver(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    VersionObject::parse(text(args, 0)?).map(object)
}

pub(crate) fn semver_compare(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let constraint = Constraint::parse(&lossy(text(args, 0)?)).map_err(|error| error.to_string())?;
    let version = VersionObject::parse(text(args, 1)?)?;
    Ok(constraint.matches(&version.version).into())
}
