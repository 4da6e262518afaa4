//! Server-side apply, prune and health: the only crate that writes user objects.
