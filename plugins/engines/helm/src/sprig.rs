//! Stands in for the crate of functions until it is there.

use weir_gotmpl::{Function, Value};

pub(crate) static FUNCTIONS: &[Function] = &[];
pub(crate) static HELM_4_FUNCTIONS: &[Function] = &[];

pub trait World {
    fn now(&self) -> (i64, u32);
    fn random(&self, buffer: &mut [u8]);
}

pub struct Effects(#[expect(dead_code)] Box<dyn World>);

impl Effects {
    pub fn new(world: impl World + 'static) -> Effects {
        Effects(Box::new(world))
    }

    pub fn not_hermetic(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

pub(crate) fn to_yaml(value: &Value) -> Result<String, String> {
    let json = value.to_json().ok_or("no JSON")?;
    Ok(weir_yaml::to_yaml(&json).trim_end_matches('\n').to_owned())
}
