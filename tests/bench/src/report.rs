//! The table at the end, and a line for each figure as soon as it is known.

use std::{io::Write, time::Duration};

use comfy_table::{ContentArrangement, Table};

/// Figures in the order they were taken.
#[derive(Default)]
pub(crate) struct Report(Vec<Figure>);

struct Figure {
    what: String,
    weir: String,
    original: String,
    how: String,
}

impl Report {
    /// Adds a figure: what it is, weir's, the original's (or empty), and how it was taken.
    pub(crate) fn add(&mut self, what: &str, weir: impl Into<String>, original: impl Into<String>, how: &str) {
        let figure = Figure { what: what.into(), weir: weir.into(), original: original.into(), how: how.into() };
        say(&format!("{}: {} (original: {})", figure.what, figure.weir, figure.original));
        self.0.push(figure);
    }

    pub(crate) fn print(&self) {
        let mut table = Table::new();
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(160);
        table.set_header(["figure", "weir", "original", "how weir's was taken"]);
        for figure in &self.0 {
            table.add_row([&figure.what, &figure.weir, &figure.original, &figure.how]);
        }
        say(&table.to_string());
    }
}

/// A line for people; a closed pipe is not worth an error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Milliseconds with one decimal; seconds from ten of them on.
pub(crate) fn time(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} ms", time.as_secs_f64() * 1000.0),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// MiB.
pub(crate) fn memory(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1024 * 1024))
}

/// The middle value; zero of none.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!(time(Duration::from_micros(1250)), "1.2 ms");
        assert_eq!(time(Duration::from_secs(61)), "61.0 s");
        assert_eq!(memory(80 * 1024 * 1024 - 1), "80 MiB");
        assert_eq!(median([3, 1, 2].map(Duration::from_secs).to_vec()), Duration::from_secs(2));
        assert_eq!(median(vec![]), Duration::ZERO);
    }
}
