//! Between the generated types and ours; called by what `register!` expands to.

use std::rc::Rc;

use super::GuestHost;
use super::bindings::imports::weir::plugin::types;
use super::bindings::metadata::exports::weir::plugin::metadata;
use crate::{Capability, Class, Error, Info, ObjectRef};

pub use super::bindings::imports::weir::plugin::types::PluginError;

impl From<Error> for PluginError {
    fn from(error: Error) -> Self {
        Self {
            class: match error.class() {
                Class::Transient => types::ErrorClass::Transient,
                Class::Terminal => types::ErrorClass::Terminal,
                Class::Unauthorized => types::ErrorClass::Unauthorized,
                Class::NotFound => types::ErrorClass::NotFound,
                Class::Unsupported => types::ErrorClass::Unsupported,
            },
            reason: error.reason().to_owned(),
            message: error.message().to_owned(),
            retry_after_ms: error.retry().map(|after| after.as_millis().try_into().unwrap_or(u64::MAX)),
            details: error.log_details().map(str::to_owned),
        }
    }
}

impl From<PluginError> for Error {
    fn from(error: PluginError) -> Self {
        let class = match error.class {
            types::ErrorClass::Transient => Class::Transient,
            types::ErrorClass::Terminal => Class::Terminal,
            types::ErrorClass::Unauthorized => Class::Unauthorized,
            types::ErrorClass::NotFound => Class::NotFound,
            types::ErrorClass::Unsupported => Class::Unsupported,
        };
        let ours = Self::new(class, error.reason, error.message);
        let ours = match error.retry_after_ms {
            Some(ms) => ours.retry_after(std::time::Duration::from_millis(ms)),
            None => ours,
        };
        match error.details {
            Some(json) => ours.details(json),
            None => ours,
        }
    }
}

fn object(object: types::ObjectRef) -> ObjectRef {
    ObjectRef {
        api_version: object.api_version,
        kind: object.kind,
        namespace: object.namespace,
        name: object.name,
        uid: object.uid,
        generation: object.generation,
    }
}

fn describe<C: schemars::JsonSchema>(kind: &str, info: Info) -> metadata::Info {
    metadata::Info {
        kinds: vec![metadata::KindInfo {
            kind: kind.to_owned(),
            name: info.name.clone(),
            config_schema: schemars::schema_for!(C).as_value().to_string(),
        }],
        name: info.name,
        version: info.version,
        description: info.description,
        license: info.license,
        homepage: info.homepage,
        capabilities: info.capabilities.into_iter().map(capability).collect(),
        limits: info.limits.to_string(),
    }
}

fn capability(asked: Capability) -> metadata::CapabilityRequest {
    metadata::CapabilityRequest {
        name: asked.name,
        scope: asked.scope.to_string(),
        why: asked.why,
        optional: asked.optional,
    }
}

pub mod source {
    use super::super::bindings::source::exports::weir::plugin::source as wire;
    use super::*;
    use crate::{Previous, Resolution, Source, SourceContext, SourceRequest};

    pub fn describe<T: Source>() -> metadata::Info {
        super::describe::<T::Config>("source", T::info())
    }

    pub fn resolve<T: Source>(request: wire::Request) -> Result<wire::Resolution, PluginError> {
        let found = T::resolve(&context(), &typed(request)?)?;
        Ok(wire::Resolution { revision: found.revision, state: found.state, unchanged: found.unchanged })
    }

    pub fn fetch<T: Source>(request: wire::Request, what: wire::Resolution) -> Result<wire::Report, PluginError> {
        let what = Resolution { revision: what.revision, state: what.state, unchanged: what.unchanged };
        let report = T::fetch(&context(), &typed(request)?, &what)?;
        Ok(wire::Report { metadata: report.metadata, verified: report.verified, bytes_in: report.bytes_in })
    }

    fn context() -> SourceContext {
        SourceContext::new(Rc::new(GuestHost))
    }

    fn typed<C: serde::de::DeserializeOwned>(request: wire::Request) -> Result<SourceRequest<C>, Error> {
        Ok(SourceRequest {
            object: object(request.object),
            config: crate::wire::config(&request.config)?,
            previous: request.previous.map(|last| Previous { revision: last.revision, state: last.state }),
        })
    }
}

pub mod renderer {
    use super::super::bindings::renderer::exports::weir::plugin::renderer as wire;
    use super::*;
    use crate::{Format, RenderContext, RenderRequest, Renderer};

    pub fn describe<T: Renderer>() -> metadata::Info {
        super::describe::<T::Config>("renderer", T::info())
    }

    pub fn render<T: Renderer>(request: wire::Request) -> Result<wire::Summary, PluginError> {
        crate::grow_heap();
        let cx = RenderContext::new(Rc::new(GuestHost));
        let summary = T::render(&cx, &typed(request)?)?;
        Ok(wire::Summary { documents: summary.documents, metadata: summary.metadata })
    }

    fn typed<C: serde::de::DeserializeOwned>(request: wire::Request) -> Result<RenderRequest<C>, Error> {
        Ok(RenderRequest {
            object: object(request.object),
            config: crate::wire::config(&request.config)?,
            path: request.path,
            format: match request.format {
                wire::DocumentFormat::Yaml => Format::Yaml,
                wire::DocumentFormat::Json => Format::Json,
            },
            values: request.values,
            capabilities: crate::wire::capabilities(&request.capabilities_json)?,
        })
    }
}
