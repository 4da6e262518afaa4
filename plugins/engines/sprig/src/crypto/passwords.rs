//! Hashes of passwords, and passwords from a master password.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use weir_gotmpl::{Context, FuncError, Value};

use crate::args::{Outcome, any, text};
use crate::effects::effects;

const BCRYPT_COST: u32 = 10;
/// What the algorithm reads of a password, in bytes.
const BCRYPT_MAX: usize = 72;

pub(crate) fn bcrypt(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(hash(context, "bcrypt", text(args, 0)?)?.into())
}

pub(crate) fn htpasswd(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (user, password) = (text(args, 0)?, text(args, 1)?);
    if user.contains(&b':') {
        return Ok([b"invalid username: ", user.as_bytes()].concat().into());
    }
    let hash = hash(context, "htpasswd", password)?;
    Ok([user.as_bytes(), b":", hash.as_bytes()].concat().into())
}

/// An error is the text.
fn hash(context: &Context<'_>, function: &'static str, password: &[u8]) -> Result<String, FuncError> {
    if password.len() > BCRYPT_MAX {
        return Ok("failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned());
    }
    let mut salt = [0; 16];
    effects(context)?.random(function, &mut salt);
    let parts = ::bcrypt::hash_with_salt(password, BCRYPT_COST, salt)
        .map_err(|error| format!("failed to encrypt string with bcrypt: {error}"))?;
    Ok(parts.format_for_version(::bcrypt::Version::TwoA))
}

const SEED: &[u8] = b"com.lyndir.masterpassword";

/// What a password of a type looks like: each letter stands for a set of characters.
fn templates(kind: &[u8]) -> Option<&'static [&'static [u8]]> {
    Some(match kind {
        b"maximum" => &[b"anoxxxxxxxxxxxxxxxxx", b"axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            b"CvcvnoCvcvCvcv",
            b"CvcvCvcvnoCvcv",
            b"CvcvCvcvCvcvno",
            b"CvccnoCvcvCvcv",
            b"CvccCvcvnoCvcv",
            b"CvccCvcvCvcvno",
            b"CvcvnoCvccCvcv",
            b"CvcvCvccnoCvcv",
            b"CvcvCvccCvcvno",
            b"CvcvnoCvcvCvcc",
            b"CvcvCvcvnoCvcc",
            b"CvcvCvcvCvccno",
            b"CvccnoCvccCvcv",
            b"CvccCvccnoCvcv",
            b"CvccCvccCvcvno",
            b"CvcvnoCvccCvcc",
            b"CvcvCvccnoCvcc",
            b"CvcvCvccCvccno",
            b"CvccnoCvcvCvcc",
            b"CvccCvcvnoCvcc",
            b"CvccCvcvCvccno",
        ],
        b"medium" => &[b"CvcnoCvc", b"CvcCvcno"],
        b"short" => &[b"Cvcn"],
        b"basic" => &[b"aaanaaan", b"aannaaan", b"aaannaaa"],
        b"pin" => &[b"nnnn"],
        _ => return None,
    })
}

fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The password of a site by the Master Password algorithm.
pub(crate) fn derive_password(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let counter = match any(args, 0)? {
        Value::Uint(_, counter) => *counter as u32,
        _ => 0,
    };
    let (kind, password, user, site) = (text(args, 1)?, text(args, 2)?, text(args, 3)?, text(args, 4)?);
    let Some(templates) = templates(kind) else {
        return Ok([b"cannot find password template ", kind.as_bytes()].concat().into());
    };
    let failed = || FuncError::new("failed to derive password");
    let len = |text: &[u8]| (text.len() as u32).to_be_bytes();
    let salt = [SEED, &len(user), user].concat();
    // N is 2^15.
    let params = scrypt::Params::new(15, 8, 2).map_err(|_| failed())?;
    let mut key = [0; 64];
    scrypt::scrypt(password, &salt, &params, &mut key).map_err(|_| failed())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| failed())?;
    mac.update(&[SEED, &len(site), site, &counter.to_be_bytes()].concat());
    let seed = mac.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    let chosen = template.iter().zip(&seed[1..]).map(|(class, byte)| {
        let characters = characters(*class);
        characters[usize::from(*byte) % characters.len()]
    });
    Ok(chosen.collect::<Vec<u8>>().into())
}
