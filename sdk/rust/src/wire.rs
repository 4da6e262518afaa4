//! From JSON text to typed parameters.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Error, Result};

/// The reason of a failure to read parameters.
pub(crate) const INVALID_CONFIG: &str = "InvalidConfig";

pub(crate) fn config<C: DeserializeOwned>(json: &str) -> Result<C> {
    serde_json::from_str(json)
        .map_err(|error| Error::terminal(INVALID_CONFIG, format!("cannot read parameters: {error}")))
}

pub(crate) fn capabilities(json: &str) -> Result<Value> {
    if json.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(json)
        .map_err(|error| Error::terminal(INVALID_CONFIG, format!("cannot read capabilities: {error}")))
}
