//! The table at the end, and a line for each figure as soon as it is known.

use std::{io::Write, time::Duration};

use comfy_table::{ContentArrangement, Table};

/// Figures in the order they were taken.
#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    comparisons: Vec<Comparison>,
}

/// Wall-clock time, CPU time and peak of memory in bytes.
type Cost = (Duration, Duration, u64);

/// The same work done by the original, by our engine natively and by the plugin in its sandbox.
#[derive(Clone, Default)]
pub(crate) struct Comparison {
    pub(crate) what: String,
    pub(crate) original: Option<Cost>,
    /// Bytes that the original allocates.
    pub(crate) allocated: Option<u64>,
    pub(crate) native: Option<Cost>,
    pub(crate) sandboxed: Cost,
    /// What the sandbox is to take at most.
    pub(crate) aim: Option<Duration>,
}

impl Comparison {
    const HEADER: [&str; 8] = [
        "in process",
        "original: wall, CPU, peak, allocated",
        "native engine: wall, CPU, peak",
        "sandbox: wall, CPU, peak",
        "aim",
        "faster (wall)",
        "faster (CPU)",
        "peak",
    ];

    fn row(&self) -> [String; 8] {
        let cost = |(wall, cpu, peak): Cost| format!("{}, {}, {}", time(wall), time(cpu), memory(peak));
        let (wall, cpu, peak) = self.sandboxed;
        let ratio = |theirs: f64, ours: f64| format!("{:.1}x", theirs / ours.max(f64::EPSILON));
        let times = |pick: fn(Cost) -> Duration, ours: Duration| {
            let theirs = self.original.map(pick).unwrap_or_default();
            if theirs.is_zero() { String::new() } else { ratio(theirs.as_secs_f64(), ours.as_secs_f64()) }
        };
        let original = self.original.map(cost).unwrap_or_default();
        let allocated = self.allocated.map(|bytes| format!(", {}", memory(bytes))).unwrap_or_default();
        let share = self.original.map(|(_, _, theirs)| format!("{:.0}%", peak as f64 * 100.0 / theirs.max(1) as f64));
        [
            self.what.clone(),
            format!("{original}{allocated}"),
            self.native.map(cost).unwrap_or_default(),
            cost(self.sandboxed),
            self.aim.map(time).unwrap_or_default(),
            times(|(wall, ..)| wall, wall),
            times(|(_, cpu, _)| cpu, cpu),
            share.unwrap_or_default(),
        ]
    }
}

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
        self.figures.push(figure);
    }

    /// Adds a row to the table of comparisons.
    pub(crate) fn compare(&mut self, comparison: Comparison) {
        say(&comparison.row().join(" | "));
        self.comparisons.push(comparison);
    }

    pub(crate) fn print(&self) {
        self.print_figures();
        if self.comparisons.is_empty() {
            return;
        }
        let mut table = Table::new();
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(160);
        table.set_header(Comparison::HEADER);
        table.add_rows(self.comparisons.iter().map(Comparison::row));
        say(&table.to_string());
    }

    fn print_figures(&self) {
        let mut table = Table::new();
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(160);
        table.set_header(["figure", "weir", "original", "how weir's was taken"]);
        for figure in &self.figures {
            table.add_row([&figure.what, &figure.weir, &figure.original, &figure.how]);
        }
        say(&table.to_string());
    }
}

/// A line for people; a closed pipe is not worth an error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Milliseconds with one decimal, two below ten; seconds from ten of them on.
pub(crate) fn time(time: Duration) -> String {
    match time.as_secs() {
        0 if time < Duration::from_millis(10) => format!("{:.2} ms", time.as_secs_f64() * 1000.0),
        0..10 => format!("{:.1} ms", time.as_secs_f64() * 1000.0),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// MiB; with one decimal below ten of them.
pub(crate) fn memory(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes < 10 * MIB {
        format!("{:.1} MiB", bytes as f64 / MIB as f64)
    } else {
        format!("{} MiB", bytes.div_ceil(MIB))
    }
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
        assert_eq!(time(Duration::from_micros(1250)), "1.25 ms");
        assert_eq!(time(Duration::from_millis(1250)), "1250.0 ms");
        assert_eq!(time(Duration::from_secs(61)), "61.0 s");
        assert_eq!(memory(80 * 1024 * 1024 - 1), "80 MiB");
        assert_eq!(memory(512 * 1024), "0.5 MiB");
        assert_eq!(median([3, 1, 2].map(Duration::from_secs).to_vec()), Duration::from_secs(2));
        assert_eq!(median(vec![]), Duration::ZERO);
    }
}
