//! What work in this process takes.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};

use crate::report::median;

/// What a number of runs took.
pub(crate) struct Taken {
    /// The middle of all runs but the first; of the first where there is no other.
    pub(crate) wall: Duration,
    /// The mean of the same runs, all threads together.
    pub(crate) cpu: Duration,
    /// Bytes resident at the highest point of the first run above what was resident before it.
    pub(crate) peak: u64,
}

/// Runs work `times` times; it gives its own time, so that what it checks afterwards does not count.
pub(crate) async fn take(times: usize, mut run: impl AsyncFnMut() -> Result<Duration>) -> Result<Taken> {
    let resident = reset_peak();
    let mut before = cpu();
    let first = run().await?;
    let peak = status("VmHWM:").saturating_sub(resident);
    if times < 2 {
        return Ok(Taken { wall: first, cpu: cpu() - before, peak });
    }
    before = cpu();
    let mut wall = Vec::with_capacity(times);
    for _ in 1..times {
        wall.push(run().await?);
    }
    let runs = u32::try_from(wall.len())?;
    Ok(Taken { wall: median(wall), cpu: (cpu() - before) / runs, peak })
}

/// As [`take`], for work that waits for nothing.
pub(crate) async fn take_sync(times: usize, mut work: impl FnMut() -> Result<()>) -> Result<Taken> {
    take(times, async || {
        let started = Instant::now();
        work()?;
        Ok(started.elapsed())
    })
    .await
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Makes the kernel forget the highest point of resident memory and gives what is resident now.
fn reset_peak() -> u64 {
    // Where the kernel does not let us, the peak is that of the whole process so far.
    let _ = fs::write("/proc/self/clear_refs", "5");
    status("VmRSS:")
}

/// A line of `/proc/self/status` in bytes; zero where there is none.
fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_peak_is_seen_after_it_is_gone() {
        const BYTES: usize = 64 << 20;
        let taken = take_sync(1, || {
            let block = vec![1_u8; BYTES];
            anyhow::ensure!(block[BYTES / 2] == 1);
            Ok(())
        });
        let taken = taken.await.unwrap();
        assert!(taken.peak >= BYTES as u64 / 2, "{}", taken.peak);
        assert!(taken.wall > Duration::ZERO);
    }
}
