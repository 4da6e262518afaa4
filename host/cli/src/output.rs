//! What goes to standard output.

use std::io::Write;

use anyhow::Result;
use comfy_table::{CellAlignment, ContentArrangement, presets};
use serde_json::Value;

use crate::args::Format;

/// Spaces between columns, as kubectl.
const GAP: u16 = 3;

/// Writes one text, with a line end.
pub(crate) fn line(text: &str) -> Result<()> {
    write(&format!("{text}\n"))
}

/// Writes a text as it is. A reader that has seen enough (`| head`) is not an error.
pub(crate) fn write(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Columns without lines, left aligned; no column is wider than its content.
pub(crate) fn table(header: Option<&[&str]>, rows: &[Vec<String>]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if let Some(header) = header {
        table.set_header(header.iter().map(|name| name.to_uppercase()));
    }
    for row in rows {
        // A line break in a message would tear the columns apart.
        table.add_row(row.iter().map(|text| text.replace('\n', " ")));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP)).set_cell_alignment(CellAlignment::Left);
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Objects as documents. `None` for formats that show columns.
pub(crate) fn documents(format: Format, objects: &[Value]) -> Option<String> {
    let list = || match objects {
        [one] => one.clone(),
        many => serde_json::json!({"apiVersion": "v1", "kind": "List", "items": many}),
    };
    match format {
        Format::Yaml => Some(yaml_stream(objects)),
        Format::Json => Some(format!("{:#}\n", list())),
        Format::Name => Some(objects.iter().map(name).collect()),
        Format::Table | Format::Wide => None,
    }
}

/// Documents, each after `---`.
pub(crate) fn yaml_stream(objects: &[Value]) -> String {
    objects.iter().map(|object| format!("---\n{}", weir_yaml::to_yaml(object))).collect()
}

fn name(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap_or_default().to_lowercase();
    format!("{kind}/{}\n", object["metadata"]["name"].as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_needed() {
        let rows = [vec!["a".to_owned(), "True".to_owned()], vec!["longer".to_owned(), "two\nlines".to_owned()]];
        let expected = "NAME     READY\na        True\nlonger   two lines\n";
        assert_eq!(table(Some(&["name", "ready"]), &rows), expected);
        assert_eq!(table(None, &rows[..1]), "a   True\n");
    }

    #[test]
    fn formats_of_whole_objects() {
        let object = json!({"kind": "Kustomization", "metadata": {"name": "apps"}});
        let one = std::slice::from_ref(&object);
        assert_eq!(documents(Format::Name, one).unwrap(), "kustomization/apps\n");
        assert_eq!(documents(Format::Yaml, one).unwrap(), "---\nkind: Kustomization\nmetadata:\n  name: apps\n");
        let two = documents(Format::Json, &[object.clone(), object.clone()]).unwrap();
        assert!(two.contains("\"kind\": \"List\""));
        assert_eq!(documents(Format::Table, one), None);
    }
}
