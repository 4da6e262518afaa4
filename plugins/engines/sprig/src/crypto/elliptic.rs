//! Keys on the curves of NIST that Go knows; P-224 is missing, which nothing asks for.

use p256::ecdsa::signature::Signer as _;
use p256::elliptic_curve::sec1::ToSec1Point as _;

use super::der::{
    INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, bit_string, element, explicit, sequence, without_zeros,
};
use super::pem;
use super::random::Random;

const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const ECDSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const ECDSA_WITH_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];

const NOT_SEC1: &str = "x509: failed to parse EC private key: asn1: syntax error";
const NO_SCALAR: &str = "x509: invalid elliptic curve private key value";

pub(crate) enum Elliptic {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
}

/// The same for each curve, whose types have nothing in common.
macro_rules! each {
    ($of:expr, $key:ident => $then:expr) => {
        match $of {
            Elliptic::P256($key) => $then,
            Elliptic::P384($key) => $then,
            Elliptic::P521($key) => $then,
        }
    };
}

/// Signs with the digest that belongs to the curve.
macro_rules! sign {
    ($curve:ident, $key:expr, $message:expr) => {{
        let signature: $curve::ecdsa::Signature = $curve::ecdsa::SigningKey::from($key).sign($message);
        signature.to_der().as_bytes().to_vec()
    }};
}

impl Elliptic {
    /// A key on the curve that Sprig takes.
    pub(crate) fn generate(random: &mut Random<'_>) -> Elliptic {
        loop {
            let mut bytes = [0; 32];
            rand_core::Rng::fill_bytes(random, &mut bytes);
            // Nearly all texts of this length are a number below the order of the curve.
            if let Ok(key) = p256::SecretKey::from_slice(&bytes) {
                return Elliptic::P256(key);
            }
        }
    }

    /// Reads SEC 1; the curve may be given from outside.
    ///
    /// # Errors
    /// In Go's words.
    pub(crate) fn parse(mut reader: Reader<'_>, curve: Option<&[u8]>) -> Result<Elliptic, String> {
        let mut fields = reader.enter(SEQUENCE).ok_or(NOT_SEC1)?;
        let version = fields.unsigned().ok_or(NOT_SEC1)?;
        if version != [1] {
            let version = version.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
            return Err(format!("x509: unknown EC private key version {version}"));
        }
        let secret = fields.take(OCTET_STRING).ok_or(NOT_SEC1)?;
        let own = fields.enter(explicit(0)).and_then(|mut inner| inner.take(OID));
        let key = match curve.or(own) {
            Some(P256) => p256::SecretKey::from_slice(&padded::<32>(secret)?).map(Elliptic::P256),
            Some(P384) => p384::SecretKey::from_slice(&padded::<48>(secret)?).map(Elliptic::P384),
            Some(P521) => p521::SecretKey::from_slice(&padded::<66>(secret)?).map(Elliptic::P521),
            _ => return Err("x509: unknown elliptic curve".to_owned()),
        };
        key.map_err(|_| NO_SCALAR.to_owned())
    }

    /// The object identifier of the curve.
    pub(crate) fn curve(&self) -> &'static [u8] {
        match self {
            Elliptic::P256(_) => P256,
            Elliptic::P384(_) => P384,
            Elliptic::P521(_) => P521,
        }
    }

    /// The public key as an uncompressed point.
    pub(crate) fn point(&self) -> Vec<u8> {
        each!(self, key => key.public_key().to_sec1_point(false).as_bytes().to_vec())
    }

    /// SEC 1.
    pub(crate) fn to_pem(&self) -> String {
        let secret = each!(self, key => key.to_bytes().to_vec());
        let parts = [
            &element(INTEGER, &[1])[..],
            &element(OCTET_STRING, &secret),
            &element(explicit(0), &element(OID, self.curve())),
            &element(explicit(1), &bit_string(&self.point())),
        ];
        pem::encode("EC PRIVATE KEY", &sequence(&parts))
    }

    /// The object identifier of the signatures.
    pub(crate) fn signature_algorithm(&self) -> &'static [u8] {
        match self {
            Elliptic::P256(_) => ECDSA_WITH_SHA256,
            Elliptic::P384(_) => ECDSA_WITH_SHA384,
            Elliptic::P521(_) => ECDSA_WITH_SHA512,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Elliptic::P256(key) => sign!(p256, key, message),
            Elliptic::P384(key) => sign!(p384, key, message),
            Elliptic::P521(key) => sign!(p521, key, message),
        }
    }
}

/// Without zeros in front, then with as many as the curve has.
fn padded<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    let bytes = without_zeros(bytes);
    let start = N.checked_sub(bytes.len()).ok_or("x509: invalid private key length")?;
    let mut out = [0; N];
    out[start..].copy_from_slice(bytes);
    Ok(out)
}
