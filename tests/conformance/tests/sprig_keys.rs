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
