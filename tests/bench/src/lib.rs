//! Benchmarks against the original programs.
