//! What: one folder per API group; each reconcile reads as its table of contents.
