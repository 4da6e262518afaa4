//! What is random cannot be compared: the originals read what we made, and use it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use weir_conformance::gotmpl::{Case, Go, Typed};
use weir_conformance::sprig::{compile_oracle, render};
use weir_gotmpl::MissingKey;

/// What Go makes of a template over texts.
fn go(template: &str, texts: &[(&str, &str)]) -> Result<String> {
    let fields: BTreeMap<String, Typed> =
        texts.iter().map(|(name, text)| ((*name).to_owned(), Typed::String(text.as_bytes().to_vec()))).collect();
    let data = Typed::Map("any", Some(fields));
    let case = Case { template: template.to_owned(), data, missing_key: MissingKey::Default };
    let answer = Go::start(&compile_oracle()?)?.ask(&[case])?.remove(0);
    let answer = answer.map_err(|error| anyhow::anyhow!("{}", String::from_utf8_lossy(&error)))?;
    Ok(String::from_utf8(answer)?)
}

/// Go takes certificate and key apart, and signs with them: it checks that they belong together.
const USE: &str =
    "{{ $ca := buildCustomCert (b64enc .cert) (b64enc .key) }}{{ genSignedCertWithKey \"x\" nil nil 1 $ca .key }}";

/// A key of a chart on the curve P-384.
const P384: &str = "\
-----BEGIN EC PRIVATE KEY-----\n\
MIGkAgEBBDBPVFa/cO3jUIUfh2RFKae3Ua/rO7RUfZBcFzNnIvwuwBEezrLrvOJo\n\
Kwl0dTmwsV+gBwYFK4EEACKhZANiAATSrf0SwLnN1k7xyaHf0JcKHTu+Q8kYuD2p\n\
DRA7L36yxzPSlaAkzR5xzy0bCZjjdrBBI3F4u30fp1e5aIldcm+H6jNC1fnRA+Io\n\
6/zGDGEMAuShPE++xNl82WPNNp90q54=\n\
-----END EC PRIVATE KEY-----\n\
";
/// A key of a chart on the curve P-521.
const P521: &str = "\
-----BEGIN EC PRIVATE KEY-----\n\
MIHcAgEBBEIBR4gipMysJdZAgkOnMuS04/PcoZuaCyU4e0kloxzt3JWXKfKDwwpC\n\
sBmCgVOOB98HZkfpqUwe+v9AU2dNadYUOImgBwYFK4EEACOhgYkDgYYABAE+9ZLY\n\
fL20hWMUHXW1fm0TbhB0x8/avNCIHrUO005uXOtWCTpsw5GYb8zchZ0ZA+koZwA0\n\
TeeDBV6GdciNzEsulwCmqf1xrQEgv5WXDU6jllBe3U4hYPEFedEmHSbBv4flYPFk\n\
HI9Zk/wQaMb2QM7FynIBKEyF185NRGq9flV9qgLu4Q==\n\
-----END EC PRIVATE KEY-----\n\
";
/// The same as PKCS #8.
const P521_PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBR4gipMysJdZAgkOn\n\
MuS04/PcoZuaCyU4e0kloxzt3JWXKfKDwwpCsBmCgVOOB98HZkfpqUwe+v9AU2dN\n\
adYUOImhgYkDgYYABAE+9ZLYfL20hWMUHXW1fm0TbhB0x8/avNCIHrUO005uXOtW\n\
CTpsw5GYb8zchZ0ZA+koZwA0TeeDBV6GdciNzEsulwCmqf1xrQEgv5WXDU6jllBe\n\
3U4hYPEFedEmHSbBv4flYPFkHI9Zk/wQaMb2QM7FynIBKEyF185NRGq9flV9qgLu\n\
4Q==\n\
-----END PRIVATE KEY-----\n\
";

#[test]
fn keys_on_other_curves_sign_and_are_written_as_the_original_does() -> Result<()> {
    for key in [P384, P521, P521_PKCS8] {
        let make = format!("{{{{ $c := genCAWithKey \"ca\" 365 `{key}` }}}}");
        let made = render(&format!("{make}{{{{ $c.Cert }}}}|{{{{ $c.Key }}}}"))?;
        let (cert, written) = made.split_once('|').context("certificate and key")?;
        assert_eq!(written, go(&format!("{make}{{{{ $c.Key }}}}"), &[])?);
        let result = go(USE, &[("cert", cert), ("key", written)])?;
        assert!(result.contains("BEGIN CERTIFICATE"), "{result}");
    }
    Ok(())
}

#[test]
fn certificates_are_read_by_the_original() -> Result<()> {
    for make in [
        "genCA \"my ca\" 365",
        "genCAWithKey \"ä\" 365 (genPrivateKey \"ecdsa\")",
        "genCAWithKey \"ca\" 36500 (genPrivateKey \"ed25519\")",
        "genSelfSignedCert \"\" (list \"10.0.0.1\" \"::1\") (list \"a.b\") 1",
        "genSignedCert \"leaf\" nil (list \"x.y\") 10 (genCA \"ca\" 10)",
    ] {
        let made = render(&format!("{{{{ $c := {make} }}}}{{{{ $c.Cert }}}}|{{{{ $c.Key }}}}"))?;
        let (cert, key) = made.split_once('|').context("certificate and key")?;
        let result = go(USE, &[("cert", cert), ("key", key)]).context(make)?;
        assert!(result.contains("BEGIN CERTIFICATE"), "{make}: {result}");
    }
    Ok(())
}

#[test]
fn what_is_encrypted_is_decrypted_by_the_original() -> Result<()> {
    let encrypted = render("{{ encryptAES \"password\" \"a secret of some length\" }}")?;
    assert_eq!(go("{{ decryptAES \"password\" .x }}", &[("x", &encrypted)])?, "a secret of some length");
    Ok(())
}

#[test]
fn derived_passwords_are_those_of_the_original() -> Result<()> {
    for kind in ["maximum", "long", "medium", "short", "basic", "pin", "other"] {
        let template = format!("{{{{ derivePassword 1 {kind:?} \"password\" \"user\" \"example.com\" }}}}");
        assert_eq!(render(&template)?, go(&template, &[])?);
    }
    Ok(())
}

/// The bytes in a text between marks.
fn bytes(pem: &str) -> Vec<u8> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(lines).expect("base 64 between the marks")
}

fn pem(kind: &str, bytes: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(bytes))
}

/// What both make of templates, or say of them.
fn outcomes(templates: &[String]) -> Result<Vec<(String, String)>> {
    let case = |template: &String| Case {
        template: template.clone(),
        data: Typed::Map("any", Some(BTreeMap::new())),
        missing_key: MissingKey::Default,
    };
    let theirs = Go::start(&compile_oracle()?)?.ask(&templates.iter().map(case).collect::<Vec<_>>())?;
    let both = templates.iter().zip(theirs).map(|(template, theirs)| {
        let ours = render(template).unwrap_or_else(|error| error.to_string());
        (ours, String::from_utf8_lossy(&theirs.unwrap_or_else(|error| error)).into_owned())
    });
    Ok(both.collect())
}

/// Uses a certificate and a key.
fn custom(cert: &str, key: &str) -> String {
    let (cert, key) = (STANDARD.encode(cert), STANDARD.encode(key));
    format!("{{{{ $_ := buildCustomCert \"{cert}\" \"{key}\" }}}}right")
}

#[test]
fn keys_in_the_wrong_form_are_refused_in_the_same_words() -> Result<()> {
    let made = render("{{ $c := genCA \"ca\" 365 }}{{ $c.Cert }}|{{ $c.Key }}|{{ genPrivateKey \"ed25519\" }}")?;
    let [cert, rsa, ed25519] = made.split('|').collect::<Vec<_>>()[..] else { anyhow::bail!("three parts") };
    let odd: [&[u8]; 9] = [
        b"",
        b"hello",
        b"\x30",
        b"\x30\x00",
        b"\x30\x80",
        b"\x3f\x81\x01\x00",
        b"\x30\x84\x01",
        b"\x30\x03\x02\x01\x07",
        b"\x30\x06\x02\x01\x02\x04\x01\x01",
    ];
    let mut keys: Vec<Vec<u8>> = odd.iter().map(|bytes| bytes.to_vec()).collect();
    for key in [rsa, P384, P521_PKCS8, ed25519, cert].map(bytes) {
        keys.extend([key.clone(), key[..key.len() - 7].to_vec(), [key.as_slice(), b"x"].concat()]);
    }
    let kinds = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "CERTIFICATE"];
    let mut texts = vec![String::new(), "hello".to_owned()];
    texts.extend(keys.iter().flat_map(|key| kinds.map(|kind| pem(kind, key))));
    texts.extend(odd[..5].iter().map(|key| pem("DSA PRIVATE KEY", key)));
    let templates: Vec<String> = texts.iter().map(|key| custom(cert, key)).collect();
    for ((ours, theirs), key) in outcomes(&templates)?.iter().zip(&texts) {
        assert_eq!(ours, theirs, "{key}");
    }
    Ok(())
}

#[test]
fn what_is_no_certificate_is_refused_in_the_same_words() -> Result<()> {
    let made = render("{{ $c := genCA \"ca\" 365 }}{{ $c.Cert }}|{{ $c.Key }}")?;
    let (cert, key) = made.split_once('|').context("certificate and key")?;
    let whole = bytes(cert);
    // The algorithm behind what is signed is another one.
    let mut other = whole.clone();
    let rsa = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
    other[whole.windows(rsa.len()).rposition(|part| part == rsa).context("an RSA signature")? + 8] = 12;
    let certs: [Vec<u8>; 12] = [
        b"hello".to_vec(),
        Vec::new(),
        b"\x30\x00".to_vec(),
        b"\x30\x02\x30\x00".to_vec(),
        b"\x30\x05\x30\x03\x02\x01\xff".to_vec(),
        b"\x30\x07\x30\x05\xa0\x03\x02\x01\x09".to_vec(),
        whole[..whole.len() - 9].to_vec(),
        [whole.as_slice(), b"x"].concat(),
        bytes(key),
        bytes(P384),
        bytes(P521_PKCS8),
        other,
    ];
    let begin = "-----BEGIN CERTIFICATE-----\n";
    let mut texts =
        vec!["hello".to_owned(), format!("{begin}!!\n-----END CERTIFICATE-----\n"), format!("{begin}AAAA\n")];
    texts.extend(certs.iter().map(|bytes| pem("CERTIFICATE", bytes)));
    texts.extend([cert.repeat(2), pem("X509 CRL", &whole)]);
    let mut templates: Vec<String> = texts.iter().map(|cert| custom(cert, key)).collect();
    templates.extend(
        [
            "{{ buildCustomCert \"!\" \"!\" }}",
            "{{ genSignedCert \"x\" (list \"1.2.3\") nil 1 (genCA \"a\" 1) }}",
            "{{ genSignedCert \"x\" (list 1) nil 1 (genCA \"a\" 1) }}",
            "{{ genSignedCert \"x\" nil (list 1) 1 (genCA \"a\" 1) }}",
            "{{ genSignedCert \"x\" nil (list \"ä\") 1 (genCA \"a\" 1) }}",
            "{{ genSignedCert \"x\" nil nil 1 \"y\" }}",
            // Go's durations overflow.
            "{{ $_ := genCAWithKey \"x\" 9000000 (genPrivateKey \"ecdsa\") }}right",
            "{{ genSelfSignedCertWithKey \"x\" nil nil 1 \"y\" }}",
        ]
        .map(str::to_owned),
    );
    for ((ours, theirs), template) in outcomes(&templates)?.iter().zip(&templates) {
        assert_eq!(ours, theirs, "{template}");
    }
    Ok(())
}
