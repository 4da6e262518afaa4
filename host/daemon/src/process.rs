//! What the kernel says about this process, under the names that every Prometheus client uses.
//!
//! Own code over `/proc`: it is four small files, and nothing else of the `procfs` crate would be used.

use std::{fmt, fs};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

/// Clock ticks of a second in `/proc`: fixed by the kernel's interface.
const TICKS_PER_SECOND: f64 = 100.0;
const KIB: f64 = 1024.0;

/// Read anew with every scrape.
#[derive(Debug)]
pub(crate) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Some(usage) = Usage::read() else { return Ok(()) };
        let cpu = ConstCounter::new(usage.cpu_seconds);
        let descriptor = encoder.encode_descriptor(
            "process_cpu",
            "User and system time",
            Some(&Unit::Seconds),
            cpu.metric_type(),
        )?;
        cpu.encode(descriptor)?;
        for (name, help, unit, value) in usage.gauges() {
            let gauge = ConstGauge::new(value);
            let descriptor = encoder.encode_descriptor(name, help, unit.as_ref(), gauge.metric_type())?;
            gauge.encode(descriptor)?;
        }
        Ok(())
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Usage {
    cpu_seconds: f64,
    /// Since 1970.
    start_seconds: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    threads: f64,
    open_fds: f64,
    max_fds: f64,
}

impl Usage {
    /// Nothing where there is no `/proc`.
    fn read() -> Option<Self> {
        let file = |path: &str| fs::read_to_string(path).ok();
        let parsed = parse(
            &file("/proc/self/stat")?,
            &file("/proc/self/status")?,
            &file("/proc/self/limits")?,
            &file("/proc/stat")?,
        );
        // The folder that is being read is open too.
        let open = fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
        Some(Self { open_fds: f64::from(u32::try_from(open).unwrap_or(u32::MAX)), ..parsed })
    }

    fn gauges(&self) -> [(&'static str, &'static str, Option<Unit>, f64); 6] {
        let (seconds, bytes) = (Some(Unit::Seconds), Some(Unit::Bytes));
        [
            ("process_start_time", "When the process started, since 1970", seconds, self.start_seconds),
            ("process_resident_memory", "Resident memory", bytes.clone(), self.resident_bytes),
            ("process_virtual_memory", "Virtual memory", bytes, self.virtual_bytes),
            ("process_threads", "Threads", None, self.threads),
            ("process_open_fds", "Open file descriptors", None, self.open_fds),
            ("process_max_fds", "File descriptors that may be open", None, self.max_fds),
        ]
    }
}

fn parse(stat: &str, status: &str, limits: &str, system: &str) -> Usage {
    // The second field is the program's name and may hold spaces; what follows its bracket does not.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let seconds = |index: usize| number(fields.get(index).copied()) / TICKS_PER_SECOND;
    let after = |text: &str, name: &str, word: usize| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        number(line.split_whitespace().nth(word))
    };
    Usage {
        cpu_seconds: seconds(11) + seconds(12),
        start_seconds: after(system, "btime", 0) + seconds(19),
        resident_bytes: after(status, "VmRSS:", 0) * KIB,
        virtual_bytes: after(status, "VmSize:", 0) * KIB,
        threads: after(status, "Threads:", 0),
        open_fds: 0.0,
        max_fds: after(limits, "Max open files", 0),
    }
}

/// What is not a number (`unlimited`) is as large as can be.
fn number(text: Option<&str>) -> f64 {
    text.map_or(0.0, |text| text.parse().unwrap_or(f64::INFINITY))
}

#[cfg(test)]
mod tests {
    use prometheus_client::{encoding::text::encode, registry::Registry};

    use super::*;

    #[test]
    fn the_files_of_the_kernel_are_read() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 10 0 0 0 150 50 0 0 20 0 8 0 500 1000 200";
        let status = "Name:\ta\nVmSize:\t    4096 kB\nVmRSS:\t    1024 kB\nThreads:\t9\n";
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n";
        let expected = Usage {
            cpu_seconds: 2.0,
            start_seconds: 1005.0,
            resident_bytes: 1024.0 * 1024.0,
            virtual_bytes: 4096.0 * 1024.0,
            threads: 9.0,
            open_fds: 0.0,
            max_fds: 1024.0,
        };
        assert_eq!(parse(stat, status, limits, "cpu 1 2\nbtime 1000\n"), expected);
    }

    #[test]
    fn names_are_those_of_dashboards() {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for name in [
            "process_cpu_seconds_total",
            "process_start_time_seconds",
            "process_resident_memory_bytes",
            "process_virtual_memory_bytes",
            "process_threads",
            "process_open_fds",
            "process_max_fds",
        ] {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            let value: f64 = line.unwrap_or_else(|| panic!("{name}: {text}")).parse().unwrap();
            assert!(value >= 0.0 && (value > 0.0 || name == "process_cpu_seconds_total"), "{name}: {value}");
        }
    }
}
