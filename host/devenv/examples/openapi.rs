//! Writes the OpenAPI v2 document of a real API server to a file: `openapi FILE`. `./x openapi --server` runs it.

use std::error::Error;

use weir_devenv::{ControlPlane, Options};

#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("usage: openapi FILE")?;
    let plane = ControlPlane::start(Options { pods: false, ..Options::default() }).await?;
    let document: serde_json::Value =
        plane.client()?.request(http::Request::get("/openapi/v2").body(Vec::new())?).await?;
    std::fs::write(&file, document.to_string())?;
    Ok(())
}
