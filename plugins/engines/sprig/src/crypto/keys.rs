//! Private keys: made, read, written, and used to sign.

use ed25519_dalek::{Signer as _, SigningKey as Ed25519};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, Pkcs1v15Sign, PrivateKey};
use sha2::{Digest, Sha256};
use weir_gotmpl::{Context, Value};

use super::der::{
    BIT_STRING, INTEGER, NULL, OCTET_STRING, OID, Reader, SEQUENCE, bit_string, element, sequence, unsigned,
};
use super::elliptic::Elliptic;
use super::forms::{Form, dotted};
use super::pem;
use super::random::Random;
use crate::args::{Outcome, text};

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// What precedes a SHA-256 digest in an RSA signature.
const SHA256_PREFIX: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// Bits of the keys for certificates.
pub(crate) const CERTIFICATE_BITS: usize = 2048;
/// Bits of the keys that `genPrivateKey` makes.
const KEY_BITS: usize = 4096;

pub(crate) enum Key {
    Rsa(Box<PrivateKey>),
    Elliptic(Elliptic),
    Ed25519(Box<Ed25519>),
    /// The parameters p, q and g, the public y and the private x.
    Dsa([Vec<u8>; 5]),
}

impl Key {
    pub(crate) fn generate_rsa(random: &mut Random<'_>, bits: usize) -> Result<Key, String> {
        PrivateKey::new(random, bits).map(|key| Key::Rsa(Box::new(key))).map_err(|error| error.to_string())
    }

    fn generate(random: &mut Random<'_>, kind: &[u8]) -> Option<Result<Key, String>> {
        Some(match kind {
            b"" | b"rsa" => Key::generate_rsa(random, KEY_BITS),
            b"dsa" => generate_dsa(random),
            b"ecdsa" => Ok(Key::Elliptic(Elliptic::generate(random))),
            b"ed25519" => {
                let seed = random_bytes(random);
                Ok(Key::Ed25519(Box::new(Ed25519::from_bytes(&seed))))
            }
            _ => return None,
        })
    }

    /// The key as text: PKCS #1, SEC 1, PKCS #8, or OpenSSL's form of DSA.
    pub(crate) fn to_pem(&self) -> String {
        match self {
            Key::Rsa(key) => pem::encode("RSA PRIVATE KEY", &rsa_der(key)),
            Key::Elliptic(key) => key.to_pem(),
            Key::Ed25519(key) => {
                let seed = element(OCTET_STRING, &element(OCTET_STRING, key.as_bytes()));
                let algorithm = sequence(&[&element(OID, ED25519)]);
                pem::encode("PRIVATE KEY", &sequence(&[&element(INTEGER, &[0]), &algorithm, &seed]))
            }
            Key::Dsa(numbers) => {
                let numbers = numbers.iter().map(|number| unsigned(number)).collect::<Vec<_>>().concat();
                pem::encode("DSA PRIVATE KEY", &sequence(&[&element(INTEGER, &[0]), &numbers]))
            }
        }
    }

    /// The bits of the public key, of which the key's identifier is made.
    pub(crate) fn public_bits(&self) -> Vec<u8> {
        match self {
            Key::Rsa(key) => sequence(&[&unsigned(&number(key.n().as_ref())), &unsigned(&number(key.e()))]),
            Key::Ed25519(key) => key.verifying_key().as_bytes().to_vec(),
            Key::Elliptic(key) => key.point(),
            Key::Dsa([_, _, _, y, _]) => unsigned(y),
        }
    }

    /// The public key with its algorithm, for a certificate.
    pub(crate) fn public_info(&self) -> Result<Vec<u8>, String> {
        let algorithm = match self {
            Key::Rsa(_) => sequence(&[&element(OID, RSA), NULL]),
            Key::Elliptic(key) => sequence(&[&element(OID, EC), &element(OID, key.curve())]),
            Key::Ed25519(_) => sequence(&[&element(OID, ED25519)]),
            Key::Dsa(_) => return Err("x509: unsupported public key type: *dsa.PublicKey".to_owned()),
        };
        Ok(sequence(&[&algorithm, &bit_string(&self.public_bits())]))
    }

    /// The algorithm of the signatures of this key.
    pub(crate) fn signature_algorithm(&self) -> Result<Vec<u8>, String> {
        Ok(match self {
            Key::Rsa(_) => sequence(&[&element(OID, SHA256_WITH_RSA), NULL]),
            Key::Elliptic(key) => sequence(&[&element(OID, key.signature_algorithm())]),
            Key::Ed25519(_) => sequence(&[&element(OID, ED25519)]),
            Key::Dsa(_) => return Err("x509: certificate private key does not implement crypto.Signer".to_owned()),
        })
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Key::Rsa(key) => {
                let digest = [SHA256_PREFIX, &Sha256::digest(message)].concat();
                key.sign(Pkcs1v15Sign::new_unprefixed(), &digest).map_err(|error| error.to_string())
            }
            Key::Elliptic(key) => Ok(key.sign(message)),
            Key::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            Key::Dsa(_) => Err("x509: certificate private key does not implement crypto.Signer".to_owned()),
        }
    }

    /// Reads a private key in any of the forms that [`Key::to_pem`] writes, or PKCS #8.
    pub(crate) fn parse(text: &[u8]) -> Result<Key, String> {
        let block = pem::decode(text).ok_or("no PEM data in input")?;
        let bytes = block.bytes.as_slice();
        let within = |what: &'static str| move |error: String| format!("parsing {what} private key from PEM: {error}");
        match block.kind.strip_suffix("PRIVATE KEY") {
            Some("") => pkcs8(bytes).map_err(|error| format!("decoding PEM as PKCS#8: {error}")),
            Some("RSA ") => rsa_key(bytes).map_err(within("RSA")),
            Some("EC ") => elliptic_key(bytes, None).map_err(within("EC")),
            Some("DSA ") => dsa_key(bytes).map_err(within("DSA")),
            Some(other) if other.ends_with(' ') => Err(format!("invalid private key type {}", block.kind)),
            _ => Err(format!("no private key data in PEM block of type {}", block.kind)),
        }
    }
}

fn number(number: &BoxedUint) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

fn random_bytes<const N: usize>(random: &mut Random<'_>) -> [u8; N] {
    let mut bytes = [0; N];
    rand_core::Rng::fill_bytes(random, &mut bytes);
    bytes
}

fn generate_dsa(random: &mut Random<'_>) -> Result<Key, String> {
    let failed = |_| "failed to generate dsa params".to_owned();
    let size = dsa::KeySize::DSA_2048_256;
    let components = dsa::Components::try_generate_from_rng_with_key_size(random, size).map_err(failed)?;
    let key = dsa::SigningKey::try_generate_from_rng_with_components(random, components)
        .map_err(|_| "failed to generate a key".to_owned())?;
    let public = key.verifying_key();
    let parameters = public.components();
    Ok(Key::Dsa([parameters.p().as_ref(), parameters.q(), parameters.g(), public.y(), key.x()].map(number)))
}

fn rsa_der(key: &PrivateKey) -> Vec<u8> {
    let (p, q) = (&key.primes()[0], &key.primes()[1]);
    let coefficient = key.crt_coefficient();
    let numbers = [
        number(key.n().as_ref()),
        number(key.e()),
        number(key.d()),
        number(p),
        number(q),
        key.dp().map(number).unwrap_or_default(),
        key.dq().map(number).unwrap_or_default(),
        coefficient.as_ref().map(number).unwrap_or_default(),
    ];
    let numbers = numbers.iter().map(|number| unsigned(number)).collect::<Vec<_>>().concat();
    sequence(&[&element(INTEGER, &[0]), &numbers])
}

const NOT_POSITIVE: &str = "x509: private key contains zero or negative value";

fn rsa_key(bytes: &[u8]) -> Result<Key, String> {
    if !Form::Pkcs1.check_or_hint(bytes)?.is_empty() {
        return Err("asn1: syntax error: trailing data".to_owned());
    }
    let [n, e, d, p, q] = numbers(bytes).ok_or(NOT_POSITIVE)?;
    if [&n, &d, &p, &q].iter().any(|number| number.is_empty()) {
        return Err(NOT_POSITIVE.to_owned());
    }
    let uint = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    let key = PrivateKey::from_components(uint(&n), uint(&e), uint(&d), vec![uint(&p), uint(&q)]);
    key.map(|key| Key::Rsa(Box::new(key))).map_err(|error| format!("crypto/rsa: {error}"))
}

fn elliptic_key(bytes: &[u8], curve: Option<&[u8]>) -> Result<Key, String> {
    Form::Sec1.check_or_hint(bytes).map_err(|error| match error.strip_prefix("asn1: ") {
        Some(_) => format!("x509: failed to parse EC private key: {error}"),
        None => error,
    })?;
    Elliptic::parse(Reader::new(bytes), curve).map(Key::Elliptic)
}

fn dsa_key(bytes: &[u8]) -> Result<Key, String> {
    Form::Dsa.check(bytes)?;
    numbers(bytes).map(Key::Dsa).ok_or_else(|| "asn1: syntax error".to_owned())
}

fn pkcs8(bytes: &[u8]) -> Result<Key, String> {
    const MALFORMED: &str = "asn1: structure error: malformed private key";
    Form::Pkcs8.check_or_hint(bytes)?;
    let mut fields = Reader::new(bytes).enter(SEQUENCE).ok_or(MALFORMED)?;
    fields.take(INTEGER).ok_or(MALFORMED)?;
    let mut algorithm = fields.enter(SEQUENCE).ok_or(MALFORMED)?;
    let kind = algorithm.take(OID).ok_or(MALFORMED)?;
    let key = fields.take(OCTET_STRING).ok_or(MALFORMED)?;
    let embedded = |what: &'static str| {
        move |error: String| format!("x509: failed to parse {what} private key embedded in PKCS#8: {error}")
    };
    match kind {
        RSA => rsa_key(key).map_err(embedded("RSA")),
        EC => elliptic_key(key, algorithm.take(OID)).map_err(embedded("EC")),
        ED25519 => {
            let seed = Reader::new(key).take(OCTET_STRING).ok_or("x509: invalid Ed25519 private key")?;
            let length = seed.len();
            let seed = <[u8; 32]>::try_from(seed);
            let seed = seed.map_err(|_| format!("x509: invalid Ed25519 private key length: {length}"))?;
            Ok(Key::Ed25519(Box::new(Ed25519::from_bytes(&seed))))
        }
        other => {
            let other = dotted(other);
            Err(format!("x509: PKCS#8 wrapping contained private key with unknown algorithm: {other}"))
        }
    }
}

/// The five numbers behind the version of a key; none is negative.
fn numbers(bytes: &[u8]) -> Option<[Vec<u8>; 5]> {
    let mut fields = Reader::new(bytes).enter(SEQUENCE)?;
    fields.take(INTEGER)?;
    let mut next = || fields.unsigned().map(<[u8]>::to_vec);
    Some([next()?, next()?, next()?, next()?, next()?])
}

/// The tag is written in full here, so that a reader of certificates finds it.
pub(crate) const PUBLIC_KEY_BITS: u8 = BIT_STRING;

pub(crate) fn gen_private_key(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    let kind = text(args, 0)?;
    let mut random = Random::new(context, "genPrivateKey")?;
    match Key::generate(&mut random, kind) {
        None => Ok([b"Unknown type ", kind.as_bytes()].concat().into()),
        Some(Err(error)) => Ok(format!("failed to generate private key: {error}").into()),
        Some(Ok(key)) => Ok(key.to_pem().into()),
    }
}
