//! Checksums, passwords, keys and certificates.

mod address;
mod certificates;
mod der;
mod elliptic;
mod forms;
mod keys;
mod passwords;
mod pem;
mod random;

use aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use sha2::Digest;
use weir_gotmpl::{Context, FuncError, Value};

use crate::args::{Outcome, text};
use crate::effects::effects;
use crate::encodings::decode64;

pub(crate) use certificates::{
    build_custom_cert, gen_ca, gen_ca_with_key, gen_self_signed_cert, gen_self_signed_cert_with_key, gen_signed_cert,
    gen_signed_cert_with_key,
};
pub(crate) use keys::gen_private_key;
pub(crate) use passwords::{bcrypt, derive_password, htpasswd};
pub(crate) use random::{rand_alpha, rand_alpha_num, rand_ascii, rand_bytes, rand_numeric, uuid};

/// The block size of AES, and the length of what precedes an encrypted text.
const BLOCK: usize = 16;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn sha1sum(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(hex(&sha1::Sha1::digest(text(args, 0)?)).into())
}

pub(crate) fn sha256sum(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(hex(&sha2::Sha256::digest(text(args, 0)?)).into())
}

pub(crate) fn sha512sum(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(hex(&sha2::Sha512::digest(text(args, 0)?)).into())
}

pub(crate) fn adler32sum(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    const MODULUS: u32 = 65_521;
    let (mut a, mut b) = (1u32, 0u32);
    for byte in text(args, 0)?.iter() {
        a = (a + u32::from(*byte)) % MODULUS;
        b = (b + a) % MODULUS;
    }
    Ok((b << 16 | a).to_string().into())
}

/// The password filled up with zeros, or cut.
fn aes_key(password: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let len = password.len().min(32);
    key[..len].copy_from_slice(&password[..len]);
    key
}

pub(crate) fn encrypt_aes(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (password, plain) = (text(args, 0)?, text(args, 1)?);
    if plain.is_empty() {
        return Ok("".into());
    }
    let mut out = vec![0; BLOCK];
    effects(context)?.random("encryptAES", &mut out);
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&aes_key(password), &out)
        .map_err(|_| FuncError::new("crypto/aes: invalid key size"))?;
    out.extend(cipher.encrypt_padded_vec::<Pkcs7>(plain));
    Ok(STANDARD.encode(out).into())
}

pub(crate) fn decrypt_aes(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (password, encrypted) = (text(args, 0)?, text(args, 1)?);
    if encrypted.is_empty() {
        return Ok("".into());
    }
    let bytes = decode64(encrypted)?;
    if bytes.len() < BLOCK {
        // Go first takes what it reserved for the bytes, then what there is.
        let capacity = encrypted.len() / 4 * 3;
        let range = if capacity < BLOCK {
            format!("[:{BLOCK}] with capacity {capacity}")
        } else {
            format!("[{BLOCK}:{}]", bytes.len())
        };
        return Err(format!("runtime error: slice bounds out of range {range}").into());
    }
    let (vector, bytes) = bytes.split_at(BLOCK);
    if bytes.len() % BLOCK != 0 {
        return Err("crypto/cipher: input not full blocks".into());
    }
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&aes_key(password), vector)
        .map_err(|_| FuncError::new("crypto/aes: invalid key size"))?;
    let plain = cipher.decrypt_padded_vec::<NoPadding>(bytes).map_err(|_| "crypto/cipher: input not full blocks")?;
    let padding = *plain.last().ok_or("runtime error: index out of range [-1]")?;
    let len = plain.len() as i64 - i64::from(padding);
    let kept = usize::try_from(len).map_err(|_| format!("runtime error: slice bounds out of range [:{len}]"))?;
    Ok(plain[..kept].into())
}

pub(crate) fn get_host_by_name(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let name = text(args, 0)?.to_str_lossy();
    Ok(effects(context)?.lookup_host("getHostByName", &name).into())
}
