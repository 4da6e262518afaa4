//! For which version of the contract a component was built; checked before anything is linked.

use crate::failure::LoadError;

/// What this host serves.
pub const SUPPORTED: &str = "0.1.x";

/// Refuses a component that was built for a version that this host does not serve, or for none.
pub(crate) fn check(version: Option<&str>) -> Result<(), LoadError> {
    let version = version.ok_or(LoadError::NoApiVersion)?;
    match version.split('.').collect::<Vec<_>>()[..] {
        ["0", "1", _] => Ok(()),
        _ => Err(LoadError::UnsupportedApiVersion { version: version.into(), supported: SUPPORTED }),
    }
}
