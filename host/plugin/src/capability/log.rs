//! A guest's log lines become ours.

use crate::limits::LOG_LINE_BYTES;

/// How serious a line is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// Names the plugin and the tenant in every line, and counts lines.
pub(crate) struct CallLog {
    plugin: String,
    tenant: String,
    left: u32,
    dropped: u64,
}

impl CallLog {
    pub(crate) fn new(plugin: &str, tenant: &str, lines: u32) -> Self {
        Self { plugin: plugin.to_owned(), tenant: tenant.to_owned(), left: lines, dropped: 0 }
    }

    pub(crate) fn line(&mut self, level: Level, message: &str, fields: &[(String, String)]) {
        if self.left == 0 {
            self.dropped += 1;
            return;
        }
        self.left -= 1;
        let text = text(message, fields);
        let (plugin, tenant) = (&*self.plugin, &*self.tenant);
        match level {
            Level::Trace => tracing::trace!(plugin, tenant, "{text}"),
            Level::Debug => tracing::debug!(plugin, tenant, "{text}"),
            Level::Info => tracing::info!(plugin, tenant, "{text}"),
            Level::Warn => tracing::warn!(plugin, tenant, "{text}"),
            Level::Error => tracing::error!(plugin, tenant, "{text}"),
        }
    }

    pub(crate) fn progress(&mut self, done: u64, total: Option<u64>, note: &str) {
        let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
        self.line(Level::Debug, &format!("{note}: {done}{total}"), &[]);
    }
}

impl Drop for CallLog {
    fn drop(&mut self) {
        if self.dropped > 0 {
            tracing::warn!(
                plugin = self.plugin,
                tenant = self.tenant,
                lines = self.dropped,
                "plugin logs too much, lines dropped"
            );
        }
    }
}

/// One line without control characters, so that a guest cannot forge lines of ours.
fn text(message: &str, fields: &[(String, String)]) -> String {
    let mut text = message.to_owned();
    for (key, value) in fields {
        text.push_str(&format!(" {key}={value}"));
    }
    text.truncate(text.floor_char_boundary(LOG_LINE_BYTES));
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_harmless_and_bounded() {
        assert_eq!(text("a\nb\u{1b}[31m", &[("k".to_owned(), "v".to_owned())]), "a b [31m k=v");
        assert!(text(&"x".repeat(LOG_LINE_BYTES * 2), &[]).len() <= LOG_LINE_BYTES);
    }

    #[test]
    fn lines_are_counted() {
        let mut log = CallLog::new("p", "t", 2);
        for _ in 0..5 {
            log.line(Level::Info, "x", &[]);
        }
        assert_eq!((log.left, log.dropped), (0, 3));
    }
}
