//! What a render may see of the world: the clock, randomness, names. And what it took of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use weir_gotmpl::{Context, FuncError, Str};

use crate::go::regexp::Regexp;
use crate::go::time::{Time, Zone};

/// Expressions that are kept compiled.
pub const MAX_CACHED_REGEXES: usize = 256;

/// The world, as the host gives it. In tests every answer is fixed.
pub trait World {
    /// Seconds and nanoseconds since 1970.
    fn now(&self) -> (i64, u32);

    /// Fills the buffer with random bytes.
    fn random(&self, buffer: &mut [u8]);

    /// An address of a host; `None` where names may not be looked up. Helm gives an empty text then.
    fn lookup_host(&self, _name: &str) -> Option<String> {
        None
    }
}

/// The part of the [`State`](weir_gotmpl::State) that the functions of this crate use.
pub struct Effects {
    world: Box<dyn World>,
    used: RefCell<BTreeSet<&'static str>>,
    regexes: RefCell<BTreeMap<Str, Rc<Regexp>>>,
}

impl Effects {
    pub fn new(world: impl World + 'static) -> Effects {
        Effects { world: Box::new(world), used: RefCell::default(), regexes: RefCell::default() }
    }

    /// The functions that read the clock, took random bytes or looked up a name. A render is hermetic if there are none.
    pub fn not_hermetic(&self) -> Vec<&'static str> {
        self.used.borrow().iter().copied().collect()
    }

    /// The time, noted as read by `function`.
    pub(crate) fn now(&self, function: &'static str) -> Time {
        self.used.borrow_mut().insert(function);
        let (unix, nanos) = self.world.now();
        Time { unix, nanos, zone: Zone::Local }
    }

    /// Random bytes, noted as taken by `function`.
    pub(crate) fn random(&self, function: &'static str, buffer: &mut [u8]) {
        self.used.borrow_mut().insert(function);
        self.world.random(buffer);
    }

    /// A number below `bound`, each as likely.
    pub(crate) fn random_below(&self, function: &'static str, bound: u64) -> u64 {
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let mut bytes = [0; 8];
            self.random(function, &mut bytes);
            let number = u64::from_le_bytes(bytes);
            if number < limit {
                return number % bound;
            }
        }
    }

    pub(crate) fn lookup_host(&self, function: &'static str, name: &str) -> String {
        match self.world.lookup_host(name) {
            Some(address) => {
                self.used.borrow_mut().insert(function);
                address
            }
            None => String::new(),
        }
    }

    /// Compiles an expression, or finds it.
    pub(crate) fn regex(&self, expression: &Str) -> Result<Rc<Regexp>, String> {
        if let Some(found) = self.regexes.borrow().get(expression) {
            return Ok(found.clone());
        }
        let compiled = Rc::new(Regexp::compile(expression)?);
        let mut cache = self.regexes.borrow_mut();
        if cache.len() >= MAX_CACHED_REGEXES {
            cache.clear();
        }
        cache.insert(expression.clone(), compiled.clone());
        Ok(compiled)
    }
}

/// The part of the state; a set of templates that lacks it was built wrong.
pub(crate) fn effects<'a>(context: &Context<'a>) -> Result<&'a Effects, FuncError> {
    context.state::<Effects>().ok_or_else(|| FuncError::new("this render was given neither clock nor randomness"))
}
