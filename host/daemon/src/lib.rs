//! Wires the crates into the running engine.
