//! Conditions, tags and aliases: which sub-charts take part, and under which names.

use weir_gotmpl::{Map, Value};

use crate::Helm;
use crate::chart::compatible;
use crate::chart::tree::{Id, Requirement, Tree};
use crate::error::Result;
use crate::values::{Warnings, coalesce_values, path_value, table};

/// Leaves the enabled charts in the tree.
///
/// # Errors
/// A value for a sub-chart that is no table, and too many charts.
pub(crate) fn enable(
    tree: &mut Tree,
    chart: Id,
    values: &Map,
    path: &str,
    helm: Helm,
    warnings: &mut Warnings,
) -> Result<()> {
    let Some(requirements) = tree.requirements(chart) else { return Ok(()) };
    let charts = named(tree, chart, &requirements, helm)?;
    tree.set_children(chart, charts);
    for requirement in &requirements {
        tree.requirement_mut(*requirement).enabled = true;
    }
    let values = coalesce_values(tree, chart, values, helm, warnings)?;
    by_tags(tree, &requirements, &values, warnings);
    by_conditions(tree, &requirements, &values, path, warnings);
    let disabled: Vec<String> = requirements
        .iter()
        .map(|requirement| tree.requirement(*requirement))
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.clone())
        .collect();
    let is_enabled = |name: &str| !disabled.iter().any(|disabled| disabled == name);
    let charts: Vec<Id> = tree.children(chart).iter().copied().filter(|id| is_enabled(tree.name(*id))).collect();
    let kept: Vec<Requirement> =
        requirements.into_iter().filter(|requirement| is_enabled(&tree.requirement(*requirement).name)).collect();
    for child in &charts {
        let path = format!("{path}{}.", tree.name(*child));
        enable(tree, *child, &values, &path, helm, warnings)?;
    }
    tree.set_requirements(chart, (!kept.is_empty()).then_some(kept));
    tree.set_children(chart, charts);
    Ok(())
}

/// The charts that nobody requires, and a copy of a chart for each that is required, under its alias.
fn named(tree: &mut Tree, chart: Id, requirements: &[Requirement], helm: Helm) -> Result<Vec<Id>> {
    let found = tree.children(chart).to_vec();
    let is_required = |tree: &Tree, id: Id| {
        requirements.iter().map(|requirement| tree.requirement(*requirement)).any(|dependency| {
            tree.name(id) == dependency.name && compatible(&dependency.version, &tree.chart(id).metadata().version)
        })
    };
    let mut charts: Vec<Id> = found.iter().copied().filter(|id| !is_required(tree, *id)).collect();
    for requirement in requirements {
        let dependency = tree.requirement(*requirement).clone();
        let fits = |id: &&Id| {
            tree.name(**id) == dependency.name && compatible(&dependency.version, &tree.chart(**id).metadata().version)
        };
        if let Some(id) = found.iter().find(fits) {
            let name = dependency.name_in_parent().to_owned();
            charts.push(tree.alias(*id, &name, helm)?);
        }
        if !dependency.alias.is_empty() {
            tree.requirement_mut(*requirement).name = dependency.alias;
        }
    }
    Ok(charts)
}

fn by_tags(tree: &mut Tree, requirements: &[Requirement], values: &Map, warnings: &mut Warnings) {
    let Ok(tags) = table(values, "tags") else { return };
    for requirement in requirements {
        let dependency = tree.requirement_mut(*requirement);
        let (mut some_true, mut some_false) = (false, false);
        for tag in &dependency.tags {
            match tags.get(tag) {
                Some(Value::Bool(true)) => some_true = true,
                Some(Value::Bool(false)) => some_false = true,
                Some(_) => {
                    let name = &dependency.name;
                    warnings.push(format!(
                        "dependencies.go:95: Warning: Tag '{tag}' for chart {name} returned non-bool value"
                    ));
                }
                None => {}
            }
        }
        dependency.enabled = some_true || !some_false;
    }
}

fn by_conditions(tree: &mut Tree, requirements: &[Requirement], values: &Map, path: &str, warnings: &mut Warnings) {
    for requirement in requirements {
        let dependency = tree.requirement_mut(*requirement);
        for condition in dependency.condition.trim().split(',').filter(|condition| !condition.is_empty()) {
            match path_value(values, &format!("{path}{condition}")) {
                Some(Value::Bool(enabled)) => {
                    dependency.enabled = enabled;
                    break;
                }
                Some(_) => {
                    let name = &dependency.name;
                    warnings.push(format!(
                        "dependencies.go:64: Warning: Condition path '{condition}' for chart {name} returned non-bool value"
                    ));
                }
                None => {}
            }
        }
    }
}
