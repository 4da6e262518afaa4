//! What is random cannot be compared: the originals read what we made, and use it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
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
