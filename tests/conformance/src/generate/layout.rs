//! Which directories there are, and what is in them.

use super::dice::Dice;
use super::resources::{self, Object};
use super::yaml::{Style, Yaml, flow, list, map, print, raw};
use super::{fields, wide, yaml};
use crate::Case;

/// A case in the making.
pub(super) struct Layout {
    pub(super) dice: Dice,
    pub(super) case: Case,
    /// Everything made so far, for selectors and references.
    pub(super) objects: Vec<Object>,
    files: usize,
    /// Whether the fields of [`super::wide`] are used too.
    is_wide: bool,
}

impl Layout {
    pub(super) fn new(dice: Dice) -> Layout {
        Layout { dice, case: Case::default(), objects: Vec::new(), files: 0, is_wide: false }
    }

    pub(super) fn wide(dice: Dice) -> Layout {
        Layout { is_wide: true, ..Layout::new(dice) }
    }

    pub(super) fn generate(mut self) -> Case {
        self.case.dir = match self.dice.below(6) {
            0..=2 => {
                self.directory("app", &[], "Kustomization");
                "app"
            }
            3 => {
                self.directory("base", &[], "Kustomization");
                self.directory("overlay", &["../base"], "Kustomization");
                "overlay"
            }
            4 => {
                self.directory("base", &[], "Kustomization");
                self.directory("left", &["../base"], "Kustomization");
                self.directory("right", &["../base"], "Kustomization");
                self.directory("top", &["../left", "../right"], "Kustomization");
                "top"
            }
            _ => {
                self.directory("base", &[], "Kustomization");
                if self.is_wide && self.dice.coin() {
                    self.directory("inner", &[], "Component");
                }
                self.directory("component", &[], "Component");
                self.directory("top", &["../base"], "Kustomization");
                "top"
            }
        }
        .to_owned();
        self.case
    }

    fn directory(&mut self, dir: &str, bases: &[&str], kind: &str) {
        let mut file = map([]);
        let is_component = kind == "Component";
        if is_component || self.dice.rare(3) {
            let version = if is_component { "v1alpha1" } else { "v1beta1" };
            file.push("apiVersion", raw(format!("kustomize.config.k8s.io/{version}")));
            file.push("kind", raw(kind));
        }
        let mut resources: Vec<Yaml> = bases.iter().map(|base| raw(*base)).collect();
        let own =
            if bases.is_empty() && !is_component { self.dice.between(1, 3) } else { usize::from(self.dice.rare(3)) };
        for _ in 0..own {
            resources.push(raw(self.resource_file(dir)));
        }
        if !resources.is_empty() {
            let old = self.dice.rare(30) && !bases.is_empty();
            file.push(if old { "bases" } else { "resources" }, Yaml::List(resources));
        }
        if self.case.files.contains_key("component/kustomization.yaml") && !is_component {
            file.push("components", list([raw("../component")]));
        }
        if dir == "component" && self.case.files.contains_key("inner/kustomization.yaml") {
            file.push("components", list([raw("../inner")]));
        }
        let count = if self.dice.rare(4) { self.dice.between(3, 6) } else { self.dice.between(1, 2) };
        for _ in 0..count {
            if self.is_wide && self.dice.rare(2) {
                wide::add(self, dir, &mut file);
            } else {
                fields::add(self, dir, &mut file);
            }
        }
        let name = match self.dice.below(30) {
            0 => "Kustomization",
            1 => "kustomization.yml",
            _ => "kustomization.yaml",
        };
        let text = self.print(&file);
        self.case.insert(format!("{dir}/{name}"), text);
    }

    fn style(&mut self) -> Style {
        if self.dice.rare(3) { Style::plain() } else { Style::any(&mut self.dice) }
    }

    pub(super) fn print(&mut self, yaml: &Yaml) -> String {
        let style = self.style();
        print(yaml, &style, &mut self.dice)
    }

    /// A text for inside of another document.
    pub(super) fn print_inline(&mut self, yaml: &Yaml) -> Yaml {
        if self.dice.rare(8) {
            return raw(format!("{:?}", flow(yaml)));
        }
        yaml::text_block(&print(yaml, &Style::plain(), &mut self.dice))
    }

    /// Writes a file and gives its name in the directory.
    pub(super) fn file(&mut self, dir: &str, stem: &str, extension: &str, content: impl Into<Vec<u8>>) -> String {
        self.files += 1;
        let name = format!("{stem}{}.{extension}", self.files);
        let name = if self.dice.rare(12) { format!("sub/{name}") } else { name };
        self.case.insert(format!("{dir}/{name}"), content);
        name
    }

    pub(super) fn yaml_file(&mut self, dir: &str, stem: &str, yaml: &Yaml) -> String {
        let text = self.print(yaml);
        self.file(dir, stem, "yaml", text)
    }

    fn resource_file(&mut self, dir: &str) -> String {
        let count = if self.dice.coin() { 1 } else { self.dice.between(2, 4) };
        let mut objects: Vec<Object> = Vec::new();
        for _ in 0..count {
            let object =
                if self.dice.rare(4) { resources::workload(&mut self.dice) } else { resources::object(&mut self.dice) };
            let is_taken = self.objects.iter().chain(&objects).any(|other| {
                (&other.kind, &other.name, &other.namespace) == (&object.kind, &object.name, &object.namespace)
            });
            if !is_taken || self.dice.rare(40) {
                objects.push(object);
            }
        }
        let mut text = String::new();
        if self.dice.rare(12) && objects.len() > 1 {
            let items = objects.iter().map(|object| object.yaml.clone()).collect();
            let kind =
                if self.is_wide { self.dice.word(&["WidgetList", "ConfigMapList", "List"]) } else { "List".into() };
            text = self.print(&map([("apiVersion", raw("v1")), ("kind", raw(kind)), ("items", Yaml::List(items))]));
        } else {
            for (index, object) in objects.iter().enumerate() {
                if index > 0 || self.dice.rare(4) {
                    text.push_str(self.dice.pick(&[
                        "---\n",
                        "---\n",
                        "--- \n",
                        "---\n---\n",
                        "---\n# only a comment\n---\n",
                        "--- # next\n",
                    ]));
                }
                text.push_str(&self.print(&object.yaml));
            }
        }
        if self.dice.rare(40) {
            text = text.replace('\n', "\r\n");
        }
        if self.dice.rare(60) {
            text.insert(0, '\u{feff}');
        }
        self.objects.extend(objects);
        self.file(dir, "res", "yaml", text)
    }

    /// Something that exists, or nearly always so.
    pub(super) fn any_object(&mut self) -> Object {
        if self.objects.is_empty() || self.dice.rare(25) {
            return resources::object(&mut self.dice);
        }
        self.objects[self.dice.below(self.objects.len())].clone()
    }
}
