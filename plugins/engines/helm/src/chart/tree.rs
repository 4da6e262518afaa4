//! A chart and its sub-charts while one release is rendered: enabled, renamed and with imported values.
//!
//! Helm does this in place, and copies some of its structs only in part. What that leads to shows in the paths of
//! templates, so the sharing is the same here: nodes and dependencies lie in tables and refer to each other by number.

use weir_gotmpl::Map;

use crate::Helm;
use crate::chart::{Chart, Dependency};
use crate::error::{Error, Result};
use crate::limits::MAX_CHARTS;
use crate::values::deep_copy;

/// A chart in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id(usize);

/// An entry of some chart's `dependencies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Requirement(usize);

#[derive(Clone)]
struct Node {
    chart: Chart,
    /// That of the chart, or the alias.
    name: String,
    parent: Option<Id>,
    children: Vec<Id>,
    requirements: Option<Vec<Requirement>>,
    /// Where they are not the chart's own.
    values: Option<Map>,
}

/// All charts of a release.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    requirements: Vec<Dependency>,
}

impl Tree {
    /// The tree before anything was disabled or renamed.
    pub(crate) fn new(chart: &Chart) -> Result<Tree> {
        let mut tree = Tree { nodes: Vec::new(), requirements: Vec::new() };
        tree.insert(chart, None)?;
        Ok(tree)
    }

    pub(crate) const ROOT: Id = Id(0);

    fn insert(&mut self, chart: &Chart, parent: Option<Id>) -> Result<Id> {
        let requirements = chart.metadata().dependencies.as_ref().map(|dependencies| {
            dependencies.iter().map(|dependency| self.add_requirement(dependency.clone())).collect()
        });
        let id = self.add(Node {
            name: chart.metadata().name.clone(),
            values: None,
            chart: chart.clone(),
            parent,
            children: Vec::new(),
            requirements,
        })?;
        let children = chart.dependencies().iter().map(|child| self.insert(child, Some(id)));
        let children = children.collect::<Result<Vec<Id>>>()?;
        self.nodes[id.0].children = children;
        Ok(id)
    }

    fn add(&mut self, node: Node) -> Result<Id> {
        if self.nodes.len() >= MAX_CHARTS {
            return Err(Error::limit(format!("more than {MAX_CHARTS} charts")));
        }
        self.nodes.push(node);
        Ok(Id(self.nodes.len() - 1))
    }

    fn add_requirement(&mut self, dependency: Dependency) -> Requirement {
        self.requirements.push(dependency);
        Requirement(self.requirements.len() - 1)
    }

    pub(crate) fn chart(&self, id: Id) -> &Chart {
        &self.nodes[id.0].chart
    }

    pub(crate) fn name(&self, id: Id) -> &str {
        &self.nodes[id.0].name
    }

    pub(crate) fn is_root(&self, id: Id) -> bool {
        self.nodes[id.0].parent.is_none()
    }

    pub(crate) fn children(&self, id: Id) -> &[Id] {
        &self.nodes[id.0].children
    }

    /// Makes charts the children of another.
    pub(crate) fn set_children(&mut self, id: Id, children: Vec<Id>) {
        for child in &children {
            self.nodes[child.0].parent = Some(id);
        }
        self.nodes[id.0].children = children;
    }

    /// The chart's `dependencies`, as far as they are enabled.
    pub(crate) fn requirements(&self, id: Id) -> Option<Vec<Requirement>> {
        self.nodes[id.0].requirements.clone()
    }

    pub(crate) fn set_requirements(&mut self, id: Id, requirements: Option<Vec<Requirement>>) {
        self.nodes[id.0].requirements = requirements;
    }

    pub(crate) fn requirement(&self, requirement: Requirement) -> &Dependency {
        &self.requirements[requirement.0]
    }

    pub(crate) fn requirement_mut(&mut self, requirement: Requirement) -> &mut Dependency {
        &mut self.requirements[requirement.0]
    }

    /// The chart's default values, with what it imports from its children, in a map that nobody else sees.
    pub(crate) fn copied_values(&self, id: Id) -> Map {
        match &self.nodes[id.0].values {
            Some(values) => deep_copy(values),
            None => self.chart(id).copied_values(),
        }
    }

    pub(crate) fn set_values(&mut self, id: Id, values: Map) {
        self.nodes[id.0].values = Some(values);
    }

    /// A copy of a chart under another name. In Helm 3 it shares its children and its entries of `dependencies` with the
    /// original; the children keep the parent they have.
    pub(crate) fn alias(&mut self, id: Id, name: &str, helm: Helm) -> Result<Id> {
        let mut node = self.nodes[id.0].clone();
        node.name = name.to_owned();
        if helm == Helm::V3 {
            return self.add(node);
        }
        let requirements = node.requirements.map(|requirements| {
            requirements.into_iter().map(|own| self.add_requirement(self.requirements[own.0].clone())).collect()
        });
        let originals = std::mem::take(&mut node.children);
        node.requirements = requirements;
        let copy = self.add(node)?;
        let children = originals.into_iter().map(|child| {
            let node = Node { parent: Some(copy), ..self.nodes[child.0].clone() };
            self.add(node)
        });
        let children = children.collect::<Result<Vec<Id>>>()?;
        self.nodes[copy.0].children = children;
        Ok(copy)
    }

    /// Where the chart's files lie seen from the root: `app/charts/redis`.
    pub(crate) fn path(&self, id: Id) -> String {
        match self.nodes[id.0].parent {
            Some(parent) => format!("{}/charts/{}", self.path(parent), self.name(id)),
            None => self.name(id).to_owned(),
        }
    }
}
