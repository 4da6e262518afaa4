//! A function as a user would write it: labels every object, adds a ConfigMap with what it saw, and refuses what has no
//! owner.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use weir_sdk::function::ResourceList;
use weir_sdk::{Function, Info, Result, Severity};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[derive(Default)]
pub struct Config {
    /// Labels for every object.
    labels: BTreeMap<String, String>,
    /// Name of a ConfigMap to add, with the names of all objects.
    report: Option<String>,
    /// An annotation that every object has to have.
    required: Option<String>,
}

pub struct Guest;

impl Function for Guest {
    type Config = Config;

    fn info() -> Info {
        weir_sdk::info!().pure()
    }

    fn run(config: &Config, list: &mut ResourceList) -> Result<()> {
        let names: Vec<String> = list.items.iter().map(name).collect();
        for (key, value) in &config.labels {
            list.items.iter_mut().for_each(|item| item["metadata"]["labels"][key] = json!(value));
        }
        if let Some(required) = &config.required {
            let without: Vec<String> =
                list.items.iter().filter(|item| item["metadata"]["annotations"][required].is_null()).map(name).collect();
            for name in without {
                list.remark(Severity::Error, format!("{name} has no annotation {required}"));
            }
        }
        if let Some(report) = &config.report {
            let data = json!({"names": names.join(" ")});
            list.items.push(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": report}, "data": data}));
        }
        Ok(())
    }
}

fn name(item: &Value) -> String {
    item["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

weir_sdk::register!(function: Guest);
