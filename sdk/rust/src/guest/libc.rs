//! What the C library of the target has and stable `std` does not offer.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_int};
use std::io;
use std::path::Path;

use crate::{Error, Result};

mod c {
    use super::{c_char, c_int};

    unsafe extern "C" {
        pub(super) fn symlink(target: *const c_char, link: *const c_char) -> c_int;
    }
}

pub(super) fn symlink(target: &str, link: &Path) -> Result<()> {
    let text =
        |bytes: &[u8]| CString::new(bytes).map_err(|_| Error::from(io::Error::from(io::ErrorKind::InvalidInput)));
    let (target, link) = (text(target.as_bytes())?, text(link.as_os_str().as_encoded_bytes())?);
    // SAFETY: both are strings that end in a zero byte and live across the call, which keeps neither.
    let made = unsafe { c::symlink(target.as_ptr(), link.as_ptr()) };
    if made == 0 { Ok(()) } else { Err(io::Error::last_os_error().into()) }
}
