use std::collections::BTreeMap;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::id::{Gvk, ResId};
use crate::kustomization::Var;
use crate::resmap::ResMap;

/// What a kustomization and its bases add up to.
#[derive(Clone, Default)]
pub(crate) struct Accumulator {
    pub(crate) map: ResMap,
    pub(crate) config: Option<Config>,
    pub(crate) vars: BTreeMap<String, Var>,
}

impl Accumulator {
    pub(crate) fn merge_config(&mut self, config: &Config) -> Result<()> {
        match &mut self.config {
            Some(own) => own.merge(config),
            // Of fields that say the same, the first stays.
            none => {
                *none = Some(config.without_covered()?);
                Ok(())
            }
        }
    }

    /// Adds what a base adds up to.
    pub(crate) fn merge(&mut self, other: Accumulator) -> Result<()> {
        self.map.append_all(other.map.into_resources())?;
        if let Some(config) = &other.config {
            self.merge_config(config)?;
        }
        other.vars.into_values().try_for_each(|var| self.add_var(var))
    }

    fn add_var(&mut self, var: Var) -> Result<()> {
        if self.vars.contains_key(&var.name) {
            return Err(Error::refused(format!("var '{}' already encountered", var.name)));
        }
        self.vars.insert(var.name.clone(), var);
        Ok(())
    }

    /// Adds vars and remembers in each named resource that it is their source.
    pub(crate) fn merge_vars(&mut self, vars: &[Var]) -> Result<()> {
        for var in vars {
            let shown = describe(var);
            let mut var = var.clone();
            if var.fieldref.fieldpath.is_empty() {
                var.fieldref.fieldpath = "metadata.name".to_owned();
            }
            let matched = self.var_sources(&var);
            match matched[..] {
                [] => {}
                [position] => self.map.contents_mut()[position].vars.push(var.name.clone()),
                _ => {
                    return Err(Error::refused(format!(
                        "found {} resId matches for var {} (unable to disambiguate)",
                        matched.len(),
                        shown
                    )));
                }
            }
            self.add_var(var)?;
        }
        Ok(())
    }

    fn var_sources(&mut self, var: &Var) -> Vec<usize> {
        let gvk = var_gvk(var);
        let is_cluster_scoped = false;
        let id =
            ResId { gvk, name: var.objref.name.clone(), namespace: var.objref.namespace.clone(), is_cluster_scoped };
        if !id.namespace.is_empty() {
            return self.map.with_any_id(&id);
        }
        let matches = |other: &ResId| other.name == id.name && other.gvk == id.gvk;
        let found = self.map.resources().iter().enumerate().filter(|(_, resource)| {
            matches(&resource.id()) || resource.previous_ids().any(|previous| matches(&previous))
        });
        found.map(|(position, _)| position).collect()
    }
}

pub(crate) fn var_gvk(var: &Var) -> Gvk {
    let objref = &var.objref;
    if objref.api_version.is_empty() {
        return Gvk::of(objref.group.clone(), objref.version.clone(), objref.kind.clone());
    }
    Gvk::new(&objref.api_version, &objref.kind)
}

/// A var as kustomize's messages show it.
pub(crate) fn describe(var: &Var) -> String {
    let id = ResId {
        gvk: var_gvk(var),
        name: var.objref.name.clone(),
        namespace: var.objref.namespace.clone(),
        is_cluster_scoped: false,
    };
    format!("{{{} {} {{{}}}}}", var.name, id.gvk, var.fieldref.fieldpath)
}
