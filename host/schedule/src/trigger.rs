//! Is there anything to do: what was seen of an object before and now.

use weir_core::Cause;

/// What decides whether an object is reconciled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// `metadata.uid`: another object under the same name is a new one.
    pub uid: String,
    /// `metadata.generation`: moves with the spec, not with status, labels or annotations.
    pub generation: i64,
    /// Whether `metadata.deletionTimestamp` is set.
    pub deleting: bool,
    /// The value of `reconcile.fluxcd.io/requestedAt`.
    pub requested_at: Option<String>,
}

/// Flux's rule: a new generation or a new value of `requestedAt`; also an object seen for the first time, and a deletion.
/// Everything else, the echo of our own status patch included, is ignored.
pub fn trigger(old: Option<&Seen>, new: &Seen) -> Option<Cause> {
    let Some(old) = old.filter(|old| old.uid == new.uid) else {
        return Some(Cause::Start);
    };
    if new.generation != old.generation || new.deleting != old.deleting {
        return Some(Cause::Spec);
    }
    (new.requested_at.is_some() && new.requested_at != old.requested_at).then_some(Cause::Requested)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(generation: i64, deleting: bool, requested_at: Option<&str>) -> Seen {
        Seen { uid: "u".into(), generation, deleting, requested_at: requested_at.map(Into::into) }
    }

    #[test]
    fn only_a_new_generation_request_or_deletion_triggers() {
        let check =
            |old: Option<Seen>, new: Seen, expected| assert_eq!(trigger(old.as_ref(), &new), expected, "{new:?}");
        check(None, seen(1, false, None), Some(Cause::Start));
        check(None, seen(1, true, Some("t")), Some(Cause::Start));
        check(Some(seen(1, false, None)), seen(1, false, None), None);
        check(Some(seen(1, false, Some("t"))), seen(1, false, Some("t")), None);
        check(Some(seen(1, false, None)), seen(2, false, None), Some(Cause::Spec));
        check(Some(seen(1, false, None)), seen(2, false, Some("t")), Some(Cause::Spec));
        check(Some(seen(1, false, None)), seen(1, false, Some("t")), Some(Cause::Requested));
        check(Some(seen(1, false, Some("t"))), seen(1, false, Some("u")), Some(Cause::Requested));
        check(Some(seen(1, false, Some("t"))), seen(1, false, None), None);
        check(Some(seen(1, false, None)), seen(1, true, None), Some(Cause::Spec));
        check(Some(Seen { uid: "other".into(), ..seen(1, false, None) }), seen(1, false, None), Some(Cause::Start));
    }
}
