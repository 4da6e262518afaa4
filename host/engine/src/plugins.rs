//! Between our objects and the plugin runtime: what a call is told, may use, and how its failure reads.

use std::time::Duration;

use kube::ResourceExt;
use weir_core::{Failure, condition::reasons, failure::Retry};
use weir_plugin::{CallContext, Class, Limits, ObjectRef, Origin, PluginFailure, SecretData, Tls};

use crate::{secrets, secrets::Data, status::Owned};

/// The binding of `spec.secretRef`.
const SECRET_REF: &str = "secretRef";

/// On whose behalf a plugin is called.
pub(crate) fn object_ref<K: Owned>(object: &K) -> ObjectRef {
    ObjectRef {
        api_version: K::api_version(&()).into_owned(),
        kind: K::kind(&()).into_owned(),
        namespace: object.namespace().unwrap_or_default(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
        generation: object.meta().generation.and_then(|g| u64::try_from(g).ok()).unwrap_or_default(),
    }
}

/// A source may reach the origin it is fetched from, and nothing else.
pub(crate) fn source_context<K: Owned>(object: &K, url: &str, secret: Option<Data>, timeout: Duration) -> CallContext {
    // Unpacking a large repository is honest work: it may use all the time that the object gives it.
    let limits = Limits { cpu: Some(timeout), ..Limits::source().with_wall(timeout) };
    let mut context = CallContext::new(object.namespace().unwrap_or_default(), limits);
    context.allowed.extend(Origin::of(url));
    match secret {
        Some(data) => {
            let ca_pem = secrets::custom_ca(&data).cloned();
            let identity_pem = secrets::client_identity(&data);
            context.tls = Tls { ca_pem, identity_pem };
            context.secret(SECRET_REF, SecretData::new(data))
        }
        None => context,
    }
}

/// A renderer reaches nothing.
pub(crate) fn renderer_context<K: Owned>(object: &K, timeout: Duration) -> CallContext {
    let limits = Limits::renderer();
    let wall = limits.wall.min(timeout);
    CallContext::new(object.namespace().unwrap_or_default(), limits.with_wall(wall))
}

/// A plugin's failure as ours. A guest that gives no usable reason gets `default_reason`.
///
/// Where the class says that only a change helps, Flux's built-in kinds still try again at their interval: the input of a
/// source or a build changes on its own.
pub(crate) fn failure(failure: &PluginFailure, default_reason: &str) -> Failure {
    let reason = match failure.reason() {
        reasons::PLUGIN_ERROR => default_reason,
        reason => reason,
    };
    let retry = match (failure.class(), failure.retry_after()) {
        (_, Some(time)) => Retry::After(time),
        (Class::Transient, None) => Retry::Backoff,
        (Class::Unsupported, None) => Retry::Never,
        (Class::Unauthorized | Class::NotFound | Class::Terminal, None) => Retry::Interval,
    };
    Failure::new(reason, failure.to_string(), retry)
}

/// The disk blocks; the runtime must not.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_plugin::FailureKind;

    #[test]
    fn failures_say_when_to_try_again() {
        let guest = |class, retry_after| PluginFailure {
            plugin: "git".into(),
            kind: FailureKind::Guest {
                class,
                reason: "GitOperationFailed".into(),
                message: "no".into(),
                retry_after,
                details: None,
            },
        };
        for (class, after, retry) in [
            (Class::Transient, None, Retry::Backoff),
            (Class::Transient, Some(Duration::from_secs(9)), Retry::After(Duration::from_secs(9))),
            (Class::Unauthorized, None, Retry::Interval),
            (Class::Unsupported, None, Retry::Never),
        ] {
            assert_eq!(failure(&guest(class, after), "x"), Failure::new("GitOperationFailed", "no", retry));
        }
        let trapped = PluginFailure { plugin: "git".into(), kind: FailureKind::Trap { message: "boom".into() } };
        assert_eq!(failure(&trapped, "x").reason, "PluginTrapped");
    }
}
