//! The values that a chart is rendered with, besides its own.

use weir_gotmpl::{Map, Str};
use weir_helm::{Helm, Set, ValuesFlags};
use weir_sdk::RenderRequest;

use crate::{Config, Setting, SettingKind};

pub(crate) fn merged(request: &RenderRequest<Config>, helm: Helm) -> weir_helm::Result<Map> {
    let Config { set, files, .. } = &request.config;
    let flags = ValuesFlags {
        files: request.values.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect(),
        sets: set.iter().map(setting).collect(),
    };
    let read = |path: &str| match files.get(path) {
        Some(content) => Ok(Str::from(content.bytes().to_vec())),
        None => Err(format!("open {path}: no such file or directory")),
    };
    flags.merge(helm, &read)
}

fn setting(setting: &Setting) -> Set {
    let expression = setting.expression.clone();
    match setting.kind {
        SettingKind::Value => Set::Typed(expression),
        SettingKind::String => Set::Text(expression),
        SettingKind::File => Set::File(expression),
        SettingKind::Json => Set::Json(expression),
        SettingKind::Literal => Set::Literal(expression),
    }
}
