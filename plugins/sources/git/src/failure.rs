//! Failures as the object's conditions show them: Flux's reasons and messages.

use weir_sdk::{Class, Error};

/// Credentials are missing or were refused.
pub(crate) const AUTHENTICATION_FAILED: &str = "AuthenticationFailed";
/// Anything else that goes wrong between us and the repository.
pub(crate) const GIT_OPERATION_FAILED: &str = "GitOperationFailed";
/// There is no commit in the repository.
pub(crate) const EMPTY_REPOSITORY: &str = "EmptyGitRepository";
/// The provider and the secret do not fit.
pub(crate) const INVALID_PROVIDER: &str = "InvalidProviderConfiguration";
/// Flux's reason for an address that cannot be used.
pub(crate) const URL_INVALID: &str = "URLInvalid";
/// A field that this plugin does not serve.
pub(crate) const UNSUPPORTED: &str = "PluginUnsupported";

/// A failure of the repository, worth trying again.
pub(crate) fn git(message: impl Into<String>) -> Error {
    Error::transient(GIT_OPERATION_FAILED, message)
}

/// What is wrong with a field that nobody can serve here.
pub(crate) fn unsupported(message: impl Into<String>) -> Error {
    Error::unsupported(UNSUPPORTED, message)
}

/// There is nothing in the repository.
pub(crate) fn empty() -> Error {
    Error::transient(EMPTY_REPOSITORY, "git repository is empty")
}

/// A failure between us and the server, in Flux's words.
pub(crate) fn cloning(url: &str) -> impl Fn(Error) -> Error + '_ {
    move |error| match error.class() {
        Class::Terminal | Class::Unsupported => error,
        _ => error.context(format!("unable to clone '{url}'")),
    }
}

/// Flux's words before every failure of a checkout, and its reasons. What waits for a change of the object stays as it is.
pub(crate) fn checking_out(error: Error) -> Error {
    let (class, reason) = match error.class() {
        Class::Terminal | Class::Unsupported => return error,
        _ if error.reason() == EMPTY_REPOSITORY => return error,
        Class::Unauthorized => (Class::Unauthorized, AUTHENTICATION_FAILED),
        Class::Transient | Class::NotFound => (Class::Transient, GIT_OPERATION_FAILED),
    };
    let message = format!("failed to checkout and determine revision: {error}");
    match error.retry() {
        Some(after) => Error::new(class, reason, message).retry_after(after),
        None => Error::new(class, reason, message),
    }
}
