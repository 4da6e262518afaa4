//! Templates that can execute each other.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::context::State;
use crate::error::{ExecError, ParseError};
use crate::exec;
use crate::function::Functions;
use crate::parse::{ParsedText, Template};
use crate::string::Str;
use crate::value::Value;

/// What a key that a map does not have evaluates to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// No value: prints as `<no value>`.
    #[default]
    Default,
    /// The zero value of the map's element type.
    Zero,
    /// The execution fails.
    Error,
}

/// Templates that can execute each other, with the functions they call. Parse once, execute many times.
pub struct Set {
    name: String,
    pub(crate) functions: Functions,
    pub(crate) missing_key: MissingKey,
    templates: BTreeMap<Str, Rc<Template>>,
    pub(crate) texts: exec::Texts,
}

impl Set {
    /// An empty set; `name` is that of the template it would belong to in Go, which shows in errors.
    pub fn new(name: &str, functions: Functions, missing_key: MissingKey) -> Self {
        let texts = exec::Texts::default();
        Self { name: name.to_owned(), functions, missing_key, templates: BTreeMap::new(), texts }
    }

    /// Parses a text as the template `name`, and adds it and what it defines. What was there under the same name is
    /// replaced, unless the new template holds only space and comments.
    pub fn parse(&mut self, name: &str, text: impl Into<Str>) -> Result<(), ParseError> {
        self.add(&ParsedText::parse(name, text, &self.functions)?);
        Ok(())
    }

    /// Adds what was parsed with the functions of this set, as [`parse`](Self::parse) does.
    pub fn add(&mut self, parsed: &ParsedText) {
        for template in parsed.templates() {
            if !(template.is_empty() && self.templates.contains_key(template.name())) {
                self.templates.insert(template.name().clone(), Rc::clone(template));
            }
        }
    }

    /// The functions that its templates can call.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn contains(&self, name: &str) -> bool {
        self.templates.contains_key(name.as_bytes())
    }

    /// Names of all templates, in byte order.
    pub fn names(&self) -> impl Iterator<Item = &Str> {
        self.templates.keys()
    }

    pub(crate) fn get(&self, name: &Str) -> Option<&Rc<Template>> {
        self.templates.get(name)
    }

    /// Executes the template `name` over `data` and appends its output to `out`. After an error, `out` holds what was
    /// written before it.
    pub fn execute(
        &self,
        name: impl Into<Str>,
        data: Value,
        state: &State<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), ExecError> {
        exec::execute(self, &name.into(), data, state, out)
    }
}
