//! The artifact store: the only crate that touches the artifact disk.
