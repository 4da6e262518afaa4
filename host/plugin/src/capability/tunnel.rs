//! SSH tunnels. Not served yet: the failure says so, and what works instead.

use crate::Capability;
use crate::failure::{Class, FailureKind};
use crate::state::State;

/// Always a failure, after the check that a tunnel would need.
pub(crate) fn ssh_exec(state: &State, host: &str, port: u16) -> FailureKind {
    if let Err(denied) = state.check(Capability::Ssh, &format!("ssh://{host}:{port}")) {
        return denied;
    }
    FailureKind::Guest {
        class: Class::Unsupported,
        reason: "PluginUnsupported".to_owned(),
        message: format!(
            "ssh is not served yet: ssh://{host}:{port}\nhint: fetch it over http with `--mirror ssh://{host}=https://{host}`"
        ),
        retry_after: None,
        details: None,
    }
}
