//! The schema of a build. The first kustomization that names one decides for all.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use weir_yaml::Rules;

use crate::error::{Error, Result};
use crate::loader::Loader;
use crate::resource::Resource;
use crate::schema::Schema;

const BUILT_IN_VERSION: &str = "v1.21.2";

pub(super) struct Schemas {
    built_in: Rc<Schema>,
    chosen: RefCell<Option<Rc<Schema>>>,
    /// Whether a resource came before the choice whose type is not built in.
    saw_other_types: Cell<bool>,
}

impl Schemas {
    pub(super) fn new() -> Schemas {
        let built_in = Schema::kubernetes();
        built_in.forget_use();
        Schemas { built_in, chosen: RefCell::default(), saw_other_types: Cell::new(false) }
    }

    pub(super) fn current(&self) -> Rc<Schema> {
        self.chosen.borrow().clone().unwrap_or_else(|| self.built_in.clone())
    }

    pub(super) fn see(&self, resources: &[Resource]) {
        let is_other = |r: &Resource| !r.is_cluster_scoped() && !self.built_in.knows(r.api_version(), r.kind());
        if !self.saw_other_types.get() && resources.iter().any(is_other) {
            self.saw_other_types.set(true);
        }
    }

    /// Takes the choice of a kustomization, given as its field `openapi`.
    ///
    /// # Errors
    /// Its file cannot be read, or it names a version that is not built in.
    pub(super) fn choose(&self, openapi: &BTreeMap<String, String>, loader: &Loader<'_>, is_root: bool) -> Result<()> {
        let file = openapi.get("path").map(|path| loader.load_text(path)).transpose()?;
        if self.chosen.borrow().is_some() && !is_root {
            return Ok(());
        }
        let chosen = match (file, openapi.get("version").map(String::as_str)) {
            (None, None) => return Ok(()),
            (Some(_), Some(_)) => {
                return Err(Error::refused("builtin version and custom schema provided, cannot use both"));
            }
            (Some(text), None) => {
                let document = weir_yaml::parse_first(&text)?;
                let document = document.map(|node| weir_yaml::to_json(&node, Rules::Yaml11)).transpose()?;
                Rc::new(self.complete(Schema::from_openapi(&document.unwrap_or_default())))
            }
            (None, Some(BUILT_IN_VERSION)) => self.built_in.clone(),
            (None, Some(_)) => return Err(Error::refused("the specified OpenAPI version is not built in")),
        };
        *self.chosen.borrow_mut() = Some(chosen);
        Ok(())
    }

    /// A user's schema takes the place of the built-in one, unless the original has read that by then (something was
    /// merged), or has made up its mind to (a resource came whose scope it could not tell otherwise).
    fn complete(&self, custom: Schema) -> Schema {
        match () {
            () if self.built_in.is_used() => self.built_in.with(&custom),
            () if self.saw_other_types.get() => custom.with(&self.built_in),
            () => custom,
        }
    }
}
