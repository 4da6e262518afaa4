//! Interval, jitter and backoff: pure arithmetic over given numbers.

use std::time::Duration;

/// Flux's `--min-retry-delay`.
pub const MIN_RETRY_DELAY: Duration = Duration::from_millis(750);
/// Flux's `--max-retry-delay`.
pub const MAX_RETRY_DELAY: Duration = Duration::from_secs(15 * 60);
/// Flux's `--interval-jitter-percentage`.
pub const JITTER_PERCENT: u8 = 5;
/// Flux's `--requeue-dependency`.
pub const REQUEUE_DEPENDENCY: Duration = Duration::from_secs(30);

/// Spreads an interval by ± `percent`; `random` is in `[0, 1)`.
pub fn jitter(interval: Duration, percent: u8, random: f64) -> Duration {
    let spread = f64::from(percent.min(100)) / 100.0;
    interval.mul_f64(1.0 - spread + 2.0 * spread * random.clamp(0.0, 1.0))
}

/// Exponential backoff: `min * 2^failures`, at most `max`.
pub fn backoff(failures: u32, min: Duration, max: Duration) -> Duration {
    min.saturating_mul(1u32.checked_shl(failures).unwrap_or(u32::MAX)).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_within_its_percentage() {
        let minute = Duration::from_secs(60);
        assert_eq!(jitter(minute, 5, 0.0), Duration::from_secs(57));
        assert_eq!(jitter(minute, 5, 0.5), minute);
        assert_eq!(jitter(minute, 0, 0.9), minute);
        assert!(jitter(minute, 5, 0.999) <= Duration::from_secs(63));
    }

    #[test]
    fn backoff_doubles_up_to_its_maximum() {
        assert_eq!(backoff(0, MIN_RETRY_DELAY, MAX_RETRY_DELAY), MIN_RETRY_DELAY);
        assert_eq!(backoff(3, MIN_RETRY_DELAY, MAX_RETRY_DELAY), Duration::from_secs(6));
        assert_eq!(backoff(40, MIN_RETRY_DELAY, MAX_RETRY_DELAY), MAX_RETRY_DELAY);
    }
}
