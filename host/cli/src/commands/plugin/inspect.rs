//! `weir plugin inspect`.

use anyhow::Result;
use serde_json::Value;
use weir_package::{Inspection, Reference};

use crate::args::{Access, Format};
use crate::{output, plugins};

pub(crate) async fn run(reference: &Reference, format: Format, access: &Access) -> Result<()> {
    let inspection = plugins::sources(access)?.resolve(reference).await?.inspect()?;
    let value = serde_json::to_value(&inspection)?;
    match format {
        Format::Json => output::write(&format!("{value:#}\n")),
        Format::Yaml => output::write(&weir_yaml::to_yaml(&value)),
        Format::Name => output::line(inspection.digest.as_str()),
        Format::Table | Format::Wide => output::write(&output::table(None, &rows(&inspection))),
    }
}

fn rows(inspection: &Inspection) -> Vec<Vec<String>> {
    let info = |field: &str| text(inspection.info.as_ref().map_or(&Value::Null, |info| &info[field]));
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = vec![
        row("name", info("name")),
        row("version", info("version")),
        row("kinds", info("kinds")),
        row("capabilities", inspection.capabilities().join(", ")),
        row("contract", inspection.api_version.clone().unwrap_or_default()),
        row("size", format!("{} KiB", inspection.sizes.total / 1024)),
        row("digest", inspection.digest.to_string()),
        row("not served by any host", inspection.unserved.join(", ")),
    ];
    rows.into_iter().filter(|row| !row[1].is_empty()).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(map) => map.get("kind").map(text).unwrap_or_default(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
