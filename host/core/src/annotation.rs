//! Annotations, labels, finalizers and field managers that users and Flux tools read: treat as API.

/// Any change of its value asks for a reconcile; echoed to `status.lastHandledReconcileAt`.
pub const REQUESTED_AT: &str = "reconcile.fluxcd.io/requestedAt";
/// The finalizer on every reconciled kind.
pub const FINALIZER: &str = "finalizers.fluxcd.io";
/// Objects with this label value [`PART_OF_FLUX`] in a bootstrapped fleet are Flux itself.
pub const PART_OF: &str = "app.kubernetes.io/part-of";
/// See [`PART_OF`].
pub const PART_OF_FLUX: &str = "flux";
/// Assigns an object to a shard.
pub const SHARD_KEY: &str = "sharding.fluxcd.io/key";
/// On a ConfigMap or Secret: a change wakes the objects that refer to it.
pub const WATCH: &str = "reconcile.fluxcd.io/watch";
/// Prefix of object annotations that are copied into event metadata.
pub const EVENT_PREFIX: &str = "event.toolkit.fluxcd.io/";

/// On a Kustomization that was never applied to its end: the inventory that its first apply was to have (weir only). It is
/// written with the finalizer, before the first object exists, and counts only while the status has no inventory.
pub const PLANNED_INVENTORY: &str = "weir.dev/planned-inventory";

/// The API group of Kustomization, and the prefix of its labels and annotations.
pub const KUSTOMIZE_GROUP: &str = "kustomize.toolkit.fluxcd.io";
/// The API group of the source kinds.
pub const SOURCE_GROUP: &str = "source.toolkit.fluxcd.io";
/// Owner label on every applied object: the Kustomization's name.
pub const OWNER_NAME: &str = "kustomize.toolkit.fluxcd.io/name";
/// Owner label on every applied object: the Kustomization's namespace.
pub const OWNER_NAMESPACE: &str = "kustomize.toolkit.fluxcd.io/namespace";
/// Apply policy of one object: `Override`, `Merge`, `IfNotPresent`, `Ignore`.
pub const SSA: &str = "kustomize.toolkit.fluxcd.io/ssa";
/// `enabled` recreates this object when an immutable field changes.
pub const FORCE: &str = "kustomize.toolkit.fluxcd.io/force";
/// `disabled` keeps this object from being deleted.
pub const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
/// `disabled` leaves this object alone.
pub const RECONCILE: &str = "kustomize.toolkit.fluxcd.io/reconcile";

/// Field manager of applied objects.
pub const KUSTOMIZE_MANAGER: &str = "kustomize-controller";
/// Field manager of Kustomization status.
pub const KUSTOMIZE_STATUS_MANAGER: &str = "gotk-kustomize-controller";
/// Field manager of source status.
pub const SOURCE_MANAGER: &str = "source-controller";
