//! `values.schema.json`.

mod print;

use std::cell::RefCell;
use std::error::Error as StdError;
use std::rc::Rc;

use boon::{CompileError, Compiler, Draft, Schemas, UrlLoader};
use weir_gotmpl::{Map, Value};

use crate::chart::tree::{Id, Tree};
use crate::error::{Error, ErrorKind, Result};
use crate::values::Warnings;

/// The name under which a schema is known to itself.
const URL: &str = "file:///values.schema.json";

/// Checks the values of a chart and those of its sub-charts against their schemas.
///
/// # Errors
/// Every value that does not fit, with its path, and schemas that are none.
pub(crate) fn validate(tree: &Tree, values: &Map, warnings: &mut Warnings) -> Result<()> {
    let found = findings(tree, Tree::ROOT, values, warnings);
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Schema,
        format!("values don't meet the specifications of the schema(s) in the following chart(s):\n{found}"),
    ))
}

fn findings(tree: &Tree, id: Id, values: &Map, warnings: &mut Warnings) -> String {
    let mut found = String::new();
    if let Some(schema) = tree.chart(id).schema()
        && let Err(error) = validate_one(values, schema, warnings)
    {
        found = format!("{}:\n{error}", tree.name(id));
    }
    for child in tree.children(id) {
        match values.get(tree.name(*child)) {
            None | Some(Value::Nil) => {}
            Some(Value::Map(values)) => found.push_str(&findings(tree, *child, &values, warnings)),
            Some(other) => {
                let (name, go_type) = (tree.name(*child), other.type_name());
                found.push_str(&format!("{name}:\ninvalid type for values: expected object (map), got {go_type}\n"));
            }
        }
    }
    found
}

fn validate_one(values: &Map, schema: &[u8], warnings: &mut Warnings) -> std::result::Result<(), String> {
    let text = schema;
    let schema = serde_json::from_slice(text).map_err(|error| not_json(&error))?;
    let unresolved = Rc::new(RefCell::new(Vec::new()));
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.use_loader(Box::new(Loader { unresolved: unresolved.clone() }));
    compiler.add_resource(URL, schema).map_err(|error| compile_error(&error))?;
    let mut schemas = Schemas::new();
    let compiled = compiler.compile(URL, &mut schemas);
    warnings.extend(unresolved.take());
    let compiled = compiled.map_err(|error| compile_error(&error))?;
    let json = to_json(&Value::Map(values.clone()));
    schemas.validate(&json, compiled).map_err(|error| {
        let schema = serde_json::from_slice(text).unwrap_or_default();
        print::causes(&error, &Source { url: URL, schema }) + "\n"
    })
}

/// The text of a schema, to look up what was written.
#[derive(Default)]
struct Source {
    url: &'static str,
    schema: serde_json::Value,
}

impl Source {
    /// The pattern at a place, as written. The validator keeps it translated.
    fn pattern(&self, place: &str) -> Option<&str> {
        let pointer = place.strip_prefix(self.url)?.strip_prefix('#')?;
        self.schema.pointer(pointer)?.get("pattern")?.as_str()
    }
}

/// Go's words for the end of the text; the parser's own for everything else.
fn not_json(error: &serde_json::Error) -> String {
    if error.is_eof() { "unexpected EOF".to_owned() } else { error.to_string() }
}

/// Values as JSON. Whole numbers are integers, whichever of Go's types they have.
fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Float(_, number) if number.fract() == 0.0 && number.abs() < 9e15 => (*number as i64).into(),
        Value::Float(_, number) => (*number).into(),
        Value::List(list) => list.items().iter().map(to_json).collect::<Vec<_>>().into(),
        Value::Map(map) => {
            let members = map.entries().into_iter();
            members
                .map(|(name, value)| (name.to_str_lossy().into_owned(), to_json(&value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        other => other.to_json().unwrap_or_default(),
    }
}

/// Answers what a schema refers to outside of itself. A render reads no network and no files, so that is refused; an
/// unknown URN is taken as a schema that everything fits, as Helm does.
struct Loader {
    unresolved: Rc<RefCell<Vec<String>>>,
}

impl UrlLoader for Loader {
    fn load(&self, url: &str) -> std::result::Result<serde_json::Value, Box<dyn StdError>> {
        if url.starts_with("urn:") {
            let warning =
                format!("jsonschema.go:192: WARNING: unresolved URN reference ignored; using permissive schema: {url}");
            self.unresolved.borrow_mut().push(warning);
            return Ok(serde_json::Value::Bool(true));
        }
        let what = if url.starts_with("file:") { "files" } else { "the network" };
        Err(format!("a schema may not refer to {what}").into())
    }
}

/// A schema that is none, in the words of Helm's validator.
fn compile_error(error: &CompileError) -> String {
    let quoted = |text: &str| weir_gotmpl::quote(text.as_bytes());
    match error {
        CompileError::ParseUrlError { url, src } => format!("error in parsing {}: {src}", quoted(url)),
        CompileError::LoadUrlError { url, src } => format!("failing loading {}: {src}", quoted(url)),
        CompileError::UnsupportedUrlScheme { url } => format!("no URLLoader registered for {}", quoted(url)),
        CompileError::InvalidMetaSchemaUrl { url, src } => format!("invalid $schema in {}: {src}", quoted(url)),
        CompileError::UnsupportedDraft { url } => format!("draft {} is not supported", quoted(url)),
        CompileError::MetaSchemaCycle { url } => format!("cycle in resolving $schema in {}", quoted(url)),
        CompileError::ValidationError { url, src } => {
            format!(
                "{} is not valid against metaschema: {}",
                quoted(&fragment(url)),
                print::whole(src, &Source::default())
            )
        }
        CompileError::ParseIdError { loc } => format!("error in parsing id at {}", quoted(loc)),
        CompileError::ParseAnchorError { loc } => format!("error in parsing anchor at {}", quoted(loc)),
        CompileError::DuplicateId { url, id, ptr1, ptr2 } => {
            format!("duplicate id {} in {} at {} and {}", quoted(id), quoted(url), quoted(ptr1), quoted(ptr2))
        }
        CompileError::DuplicateAnchor { anchor, url, ptr1, ptr2 } => {
            format!("duplicate anchor {} in {} at {} and {}", quoted(anchor), quoted(url), quoted(ptr1), quoted(ptr2))
        }
        CompileError::InvalidJsonPointer(url) => format!("invalid json-pointer {}", quoted(url)),
        CompileError::JsonPointerNotFound(url) => format!("json-pointer in {} not found", quoted(url)),
        CompileError::AnchorNotFound { url, reference } => {
            format!("anchor in {} not found in schema {}", quoted(reference), quoted(url))
        }
        CompileError::UnsupportedVocabulary { url, vocabulary } => {
            format!("unsupported vocabulary {} in {}", quoted(vocabulary), quoted(url))
        }
        CompileError::InvalidRegex { url, regex, src } => {
            format!("invalid regex {} at {}: {src}", quoted(regex), quoted(url))
        }
        CompileError::Bug(error) => error.to_string(),
    }
}

fn fragment(url: &str) -> String {
    if url.contains('#') { url.to_owned() } else { format!("{url}#") }
}
