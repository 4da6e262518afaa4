//! X.509 certificates as Go's `x509.CreateCertificate` makes them.

use std::any::Any;
use std::rc::Rc;

use sha2::{Digest, Sha256};
use weir_gotmpl::{Context, FuncError, List, Named, Object, Str, Value, quote};

use super::address;
use super::der::{
    GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, PRINTABLE_STRING, Reader, SEQUENCE, SET, UTC_TIME, UTF8_STRING,
    bit_string, element, explicit, sequence, unsigned,
};
use super::keys::{CERTIFICATE_BITS, Key};
use super::pem;
use super::random::Random;
use crate::args::{Outcome, int, list, text};
use crate::effects::effects;
use crate::encodings::decode64;
use crate::go::text::lossy;
use crate::go::time::{SECOND, Time, seconds_of};

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
const TRUE: &[u8] = &[0x01, 0x01, 0xff];
const DAY: i64 = 86_400;

static CERTIFICATE: Named = Named::structure("sprig.certificate");

/// What the functions return: certificate and key as text.
struct Certificate {
    cert: Str,
    key: Str,
}

impl Object for Certificate {
    fn go_type(&self) -> &'static Named {
        &CERTIFICATE
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", self.cert.clone().into()), ("Key", self.key.clone().into())]
    }

    fn json(&self) -> Option<weir_gotmpl::Json> {
        let members = self.fields().into_iter().map(|(name, value)| (Str::from(name), value));
        Some(weir_gotmpl::Json::Members(members.collect()))
    }

    fn equal(&self, other: &dyn Object) -> bool {
        let other = other.as_any().downcast_ref::<Certificate>();
        other.is_some_and(|other| self.cert == other.cert && self.key == other.key)
    }
}

/// What is to be certified.
struct Template {
    name: Str,
    addresses: Vec<Vec<u8>>,
    dns_names: Vec<Str>,
    days: i64,
    is_ca: bool,
}

impl Template {
    fn new(args: &[Value], names: Option<(&List, &List)>, days: i64) -> Result<Template, FuncError> {
        let mut template =
            Template { name: text(args, 0)?.clone(), addresses: Vec::new(), dns_names: Vec::new(), days, is_ca: false };
        if let Some((addresses, dns_names)) = names {
            for value in addresses.items() {
                let text =
                    value.as_str().ok_or_else(|| format!("error parsing ip: {} is not a string", value.display()))?;
                let address = text.as_str().and_then(address::parse);
                template.addresses.push(address.ok_or_else(|| format!("error parsing ip: {text}"))?);
            }
            for value in dns_names.items() {
                let text = value.as_str().ok_or_else(|| {
                    format!("error processing alternate dns name: {} is not a string", value.display())
                })?;
                template.dns_names.push(text.clone());
            }
        }
        Ok(template)
    }
}

/// Who signs: name, key identifier and public key of its certificate, and its key.
struct Signer<'a> {
    subject: Vec<u8>,
    key_id: Vec<u8>,
    public_info: Vec<u8>,
    key: &'a Key,
}

/// Subject, key identifier and public key of a certificate.
type Contents = (Vec<u8>, Vec<u8>, Vec<u8>);

/// What a certificate says of itself; names and keys in it are not looked into.
///
/// # Errors
/// In the words of Go, which looks at things in this order.
fn read_certificate(bytes: &[u8]) -> Result<Contents, &'static str> {
    let mut whole = Reader::new(bytes);
    let mut certificate = whole.enter(SEQUENCE).ok_or("x509: malformed certificate")?;
    let mut fields = certificate.enter(SEQUENCE).ok_or("x509: malformed tbs certificate")?;
    if fields.peek() == Some(explicit(0)) {
        let version = fields.enter(explicit(0)).and_then(|mut version| version.unsigned());
        match version.ok_or("x509: malformed version")? {
            [] | [0..=2] => {}
            _ => return Err("x509: invalid version"),
        }
    }
    let serial = fields.take(INTEGER).filter(|serial| !serial.is_empty()).ok_or("x509: malformed serial number")?;
    if serial[0] >= 0x80 {
        return Err("x509: negative serial number");
    }
    let inner = fields.take(SEQUENCE).ok_or("x509: malformed signature algorithm identifier")?;
    let outer = certificate.take(SEQUENCE).ok_or("x509: malformed algorithm identifier")?;
    if inner != outer {
        return Err("x509: inner and outer signature algorithm identifiers don't match");
    }
    fields.take(SEQUENCE).ok_or("x509: malformed issuer")?;
    fields.take(SEQUENCE).ok_or("x509: malformed validity")?;
    let subject = fields.whole(SEQUENCE).ok_or("x509: malformed issuer")?;
    let public_info = fields.whole(SEQUENCE).ok_or("x509: malformed spki")?;
    let key_id = subject_key_id(fields).ok_or("x509: malformed extensions")?;
    certificate.take(super::keys::PUBLIC_KEY_BITS).ok_or("x509: malformed signature")?;
    if !whole.is_empty() {
        return Err("x509: trailing data");
    }
    Ok((subject.to_vec(), key_id, public_info.to_vec()))
}

/// The key identifier among the extensions; empty if there is none.
fn subject_key_id(mut fields: Reader<'_>) -> Option<Vec<u8>> {
    let mut key_id = Vec::new();
    while !fields.is_empty() {
        let (_, contents) = fields.any()?;
        if let Some(mut extensions) = Reader::new(contents).enter(SEQUENCE) {
            while !extensions.is_empty() {
                let mut extension = extensions.enter(SEQUENCE)?;
                if extension.take(OID)? == SUBJECT_KEY_ID {
                    key_id = Reader::new(extension.take(OCTET_STRING)?).take(OCTET_STRING)?.to_vec();
                }
            }
        }
    }
    Some(key_id)
}

fn subject(name: &[u8]) -> Vec<u8> {
    if name.is_empty() {
        return sequence(&[]);
    }
    let printable = |b: &u8| b.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(b);
    let tag = if name.iter().all(printable) { PRINTABLE_STRING } else { UTF8_STRING };
    let attribute = sequence(&[&element(OID, COMMON_NAME), &element(tag, name)]);
    sequence(&[&element(SET, &attribute)])
}

/// UTCTime for the years 1950 to 2049.
fn time(unix: i64) -> Vec<u8> {
    let time = Time::unix(unix);
    if (1950..2050).contains(&time.civil().year) {
        element(UTC_TIME, &time.format(b"060102150405Z"))
    } else {
        element(GENERALIZED_TIME, &time.format(b"20060102150405Z"))
    }
}

fn extension(oid: &[u8], critical: bool, contents: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { TRUE } else { &[] };
    sequence(&[&element(OID, oid), critical, &element(OCTET_STRING, contents)])
}

fn extensions(template: &Template, key: &Key, authority: &[u8]) -> Result<Vec<u8>, String> {
    // Digital signature and key encipherment; a CA signs certificates as well.
    let usage: &[u8] = if template.is_ca { &[2, 0xa4] } else { &[5, 0xa0] };
    let mut all = vec![
        extension(KEY_USAGE, true, &element(super::keys::PUBLIC_KEY_BITS, usage)),
        extension(EXTENDED_KEY_USAGE, false, &sequence(&[&element(OID, SERVER_AUTH), &element(OID, CLIENT_AUTH)])),
        extension(BASIC_CONSTRAINTS, true, &sequence(&[if template.is_ca { TRUE } else { &[] }])),
    ];
    if template.is_ca {
        all.push(extension(SUBJECT_KEY_ID, false, &element(OCTET_STRING, &key_id(key))));
    }
    if !authority.is_empty() {
        all.push(extension(AUTHORITY_KEY_ID, false, &sequence(&[&element(0x80, authority)])));
    }
    if !template.dns_names.is_empty() || !template.addresses.is_empty() {
        let mut names = Vec::new();
        for name in &template.dns_names {
            if !name.is_ascii() {
                return Err(format!("x509: {} cannot be encoded as an IA5String", quote(name)));
            }
            names.extend(element(0x82, name));
        }
        template.addresses.iter().for_each(|address| names.extend(element(0x87, address)));
        all.push(extension(ALTERNATIVE_NAMES, template.name.is_empty(), &element(SEQUENCE, &names)));
    }
    Ok(element(explicit(3), &element(SEQUENCE, &all.concat())))
}

/// The first 160 bits of the SHA-256 of the public key.
fn key_id(key: &Key) -> Vec<u8> {
    Sha256::digest(key.public_bits())[..20].to_vec()
}

/// Signs the template; without a signer, the certificate signs itself.
fn create(
    context: &Context<'_>,
    function: &'static str,
    template: &Template,
    key: &Key,
    signer: Option<&Signer<'_>>,
) -> Result<Value, FuncError> {
    let failed = |error: String| FuncError::new(format!("error creating certificate: {error}"));
    let now = effects(context)?.now(function).unix;
    let mut serial = [0; 16];
    effects(context)?.random(function, &mut serial);
    let signing = signer.map_or(key, |signer| signer.key);
    let algorithm = signing.signature_algorithm().map_err(failed)?;
    let public_info = key.public_info().map_err(failed)?;
    let subject = subject(&template.name);
    let issuer = signer.map_or(&subject, |signer| &signer.subject);
    let authority: &[u8] = signer.filter(|signer| signer.subject != subject).map_or(&[], |signer| &signer.key_id);
    if let Some(signer) = signer
        && signer.public_info != signing.public_info().map_err(failed)?
    {
        return Err(failed("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned()));
    }
    // Go counts in nanoseconds, which overflow after 292 years.
    let lifetime = template.days.wrapping_mul(DAY * SECOND).div_euclid(SECOND);
    let until = now.saturating_add(lifetime);
    let latest = seconds_of(10_000, 1, 1, 0, 0, 0);
    if until >= latest {
        return Err(failed("asn1: cannot represent time as GeneralizedTime".to_owned()));
    }
    let body = sequence(&[
        &element(explicit(0), &element(INTEGER, &[2])),
        &unsigned(&serial),
        &algorithm,
        issuer,
        &sequence(&[&time(now), &time(until)]),
        &subject,
        &public_info,
        &extensions(template, key, authority).map_err(failed)?,
    ]);
    let signature = signing.sign(&body).map_err(failed)?;
    let certificate = sequence(&[&body, &algorithm, &bit_string(&signature)]);
    Ok(certificate_value(pem::encode("CERTIFICATE", &certificate).into(), key.to_pem().into()))
}

fn certificate_value(cert: Str, key: Str) -> Value {
    let object: Rc<dyn Object> = Rc::new(Certificate { cert, key });
    Value::Object(object)
}

/// A new key, or the one given as the last argument.
fn key_for(context: &Context<'_>, function: &'static str, given: Option<&Str>) -> Result<Key, FuncError> {
    match given {
        Some(text) => Key::parse(text).map_err(|error| format!("parsing private key: {error}").into()),
        None => Key::generate_rsa(&mut Random::new(context, function)?, CERTIFICATE_BITS)
            .map_err(|error| format!("error generating rsa key: {error}").into()),
    }
}

fn authority(context: &Context<'_>, args: &[Value], function: &'static str, given: Option<&Str>) -> Outcome {
    let key = key_for(context, function, given)?;
    let template = Template { is_ca: true, ..Template::new(args, None, int(args, 1)?)? };
    create(context, function, &template, &key, None)
}

pub(crate) fn gen_ca(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    authority(context, args, "genCA", None)
}

pub(crate) fn gen_ca_with_key(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    authority(context, args, "genCAWithKey", Some(text(args, 2)?))
}

fn self_signed(context: &Context<'_>, args: &[Value], function: &'static str, given: Option<&Str>) -> Outcome {
    let key = key_for(context, function, given)?;
    let template = Template::new(args, Some((list(args, 1)?, list(args, 2)?)), int(args, 3)?)?;
    create(context, function, &template, &key, None)
}

pub(crate) fn gen_self_signed_cert(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    self_signed(context, args, "genSelfSignedCert", None)
}

pub(crate) fn gen_self_signed_cert_with_key(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    self_signed(context, args, "genSelfSignedCertWithKey", Some(text(args, 4)?))
}

fn signed(context: &Context<'_>, args: &[Value], function: &'static str, given: Option<&Str>) -> Outcome {
    let key = key_for(context, function, given)?;
    let ca = args.get(4).and_then(Value::downcast::<Certificate>).ok_or("unable to decode certificate")?;
    let block = pem::decode(&ca.cert).ok_or("unable to decode certificate")?;
    let (subject, key_id, public_info) = read_certificate(&block.bytes)
        .map_err(|error| format!("error parsing certificate: decodedSignerCert.Bytes: {error}"))?;
    let signing_key = Key::parse(&ca.key).map_err(|error| format!("error parsing private key: {error}"))?;
    let template = Template::new(args, Some((list(args, 1)?, list(args, 2)?)), int(args, 3)?)?;
    let signer = Signer { subject, key_id, public_info, key: &signing_key };
    create(context, function, &template, &key, Some(&signer))
}

pub(crate) fn gen_signed_cert(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    signed(context, args, "genSignedCert", None)
}

pub(crate) fn gen_signed_cert_with_key(context: &mut Context<'_>, args: &[Value]) -> Outcome {
    signed(context, args, "genSignedCertWithKey", Some(text(args, 5)?))
}

/// Checks certificate and key, both in base 64, and gives them as they are.
pub(crate) fn build_custom_cert(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let cert = decode64(text(args, 0)?).map_err(|_| "unable to decode base64 certificate")?;
    let key = decode64(text(args, 1)?).map_err(|_| "unable to decode base64 private key")?;
    let block = pem::decode(&cert).ok_or("unable to decode certificate")?;
    read_certificate(&block.bytes).map_err(|error| format!("error parsing certificate: decodedCert.Bytes: {error}"))?;
    Key::parse(&key).map_err(|error| format!("error parsing private key: {error}"))?;
    let text = |bytes: &[u8]| Str::from(lossy(bytes));
    Ok(certificate_value(text(&cert), text(&key)))
}
