//! From the engine's errors to what a HelmRelease's condition says.

use weir_helm::ErrorKind;
use weir_sdk::Error;

use crate::Config;

/// Flux's reason for a chart that cannot be used.
pub(crate) const ARTIFACT_FAILED: &str = "ArtifactFailed";
/// Flux's reason for values that cannot be used.
const VALUES_ERROR: &str = "ValuesError";
/// Flux's reasons for a release that cannot be made.
const INSTALL_FAILED: &str = "InstallFailed";
const UPGRADE_FAILED: &str = "UpgradeFailed";
/// The host's reason for what needs more than it may have.
const EXHAUSTED: &str = "PluginResourceExhausted";

/// What a failure is called in this render.
#[derive(Clone, Copy)]
pub(crate) struct Failing {
    is_upgrade: bool,
}

impl Failing {
    pub(crate) fn of(config: &Config) -> Failing {
        Failing { is_upgrade: config.release.is_upgrade }
    }

    /// The same chart and values fail again: whoever wants another result changes one of them.
    pub(crate) fn error(self, error: &weir_helm::Error) -> Error {
        match error.kind() {
            ErrorKind::Chart => Error::terminal(ARTIFACT_FAILED, error.to_string()),
            ErrorKind::Values => Error::terminal(VALUES_ERROR, error.to_string()),
            ErrorKind::Limit => Error::terminal(EXHAUSTED, format!("plugin `helm` gives up on the chart: {error}")),
            _ => self.release(error.to_string()),
        }
    }

    pub(crate) fn release(self, message: impl Into<String>) -> Error {
        Error::terminal(if self.is_upgrade { UPGRADE_FAILED } else { INSTALL_FAILED }, message)
    }
}
