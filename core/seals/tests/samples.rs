//! Files of others, read where they are at hand: they are not part of this project.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and says what it skipped")]

mod kit;

use std::fs;
use std::io::{Cursor, Read};
use std::path::PathBuf;

use kit::{Files, SIGN, VALUE, examined, finding, findings, not_held};
use piaoxia_seals::{Check, Examined, Finding, Form, Outcome, Reason, Trust};
use zip::ZipArchive;

/// The folder beside the checkout, or further up where the checkout is a work tree; none with a word where it is absent.
fn samples() -> Option<PathBuf> {
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = home.ancestors().map(|folder| folder.join("shared/samples/ofdrw")).find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: no samples beside {}", home.display());
    }
    found
}

fn unpack(folder: &std::path::Path, name: &str) -> Files {
    let mut package = ZipArchive::new(Cursor::new(fs::read(folder.join(name)).unwrap())).unwrap();
    let mut files = Files::new();
    for index in 0..package.len() {
        let mut entry = package.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(entry.name().unwrap().into_owned(), bytes);
    }
    files
}

/// One letter a check, in their order: digests, data hash, signature, maker, signer, validity, certificate, chain, coverage.
fn letters(signature: &Examined) -> String {
    let letter = |finding: &Finding| match finding.outcome {
        Outcome::Pass => 'P',
        Outcome::Fail => 'F',
        Outcome::NotChecked => '-',
    };
    signature.findings(&Trust::default()).iter().map(letter).collect()
}

#[test]
fn published_documents_come_to_what_was_measured() {
    let Some(folder) = samples() else { return };
    for (name, signatures) in [
        ("999.ofd", &["PPPPPPP-P"][..]),
        ("v4signed.ofd", &["PPPPPPP-P"]),
        // Its templates are not signed.
        ("draw_param_ref.ofd", &["PPPPPPP--"]),
        ("allprotected.ofd", &["PPPPPPP-P"]),
        ("V4RideRight.ofd", &["PPPPPPP-P"]),
        // Signed in 2026 with a seal and a certificate of 2020 to 2022.
        ("SESV4SignDoc.ofd", &["PPPPPFF-P"]),
        // The second signature changed the list that the first covers.
        ("h.ofd", &["PPPPPPP-P", "PPPPPPP-P"]),
        // Digests of an unknown method; `Signature.xml` is newer than its signature, the list holds no certificate, and
        // the certificate is one for signing certificates.
        ("n.ofd", &["-FFPFPF-P"]),
        // Digests, signature, coverage: there is no certificate.
        ("DigitalSign.ofd", &["P-P"]),
        // Digests, data hash, signature, certificate, chain, coverage: the list has no digests and no time.
        ("hello-integrity.ofd", &["-PP--P"]),
        // Names a list of signatures that is not there.
        ("fptpl.ofd", &["F"]),
        ("keyword2.ofd", &[]),
        ("AddAttachment.ofd", &[]),
        ("helloworld.ofd", &[]),
        ("chineseDir.ofd", &[]),
        ("namespace_no_std.ofd", &[]),
        ("path_unstd.ofd", &[]),
        ("no_page_container.ofd", &[]),
    ] {
        let examination = examined(&unpack(&folder, name));
        let found: Vec<String> = examination.signatures.iter().map(letters).collect();
        assert_eq!(found, signatures, "{name}: {examination:#?}");
    }
}

#[test]
fn reasons_of_published_documents() {
    let Some(folder) = samples() else { return };
    let reason = |name: &str, number: usize, check: Check| {
        let examination = examined(&unpack(&folder, name));
        finding(&examination.signatures[number].findings(&Trust::default()), check).1.clone()
    };
    assert_eq!(reason("999.ofd", 0, Check::Digests), Reason::DigestsFit { parts: 20 });
    assert_eq!(reason("999.ofd", 0, Check::Chain), Reason::NoTrust { issuer: "税务测试CA2(SM2)".to_owned() });
    assert_eq!(reason("999.ofd", 0, Check::Coverage), Reason::CoversAllButHead);
    assert_eq!(reason("v4signed.ofd", 0, Check::Coverage), Reason::CoversAll);
    let templates = ["Doc_0/TPLS/TPL_0/Content.xml", "Doc_0/TPLS/TPL_1/Content.xml"].map(str::to_owned);
    assert_eq!(reason("draw_param_ref.ofd", 0, Check::Coverage), Reason::Uncovered { paths: templates.into(), more: 0 });
    assert_eq!(reason("h.ofd", 0, Check::Digests), Reason::SignedLater { later: 1, parts: 9 });
    assert_eq!(reason("h.ofd", 1, Check::Digests), Reason::DigestsFit { parts: 11 });
    assert_eq!(reason("n.ofd", 0, Check::Digests), Reason::DigestMethodUnknown { method: "1.2.156.10197.1.401.2".to_owned() });
    assert_eq!(reason("hello-integrity.ofd", 0, Check::Digests), Reason::NamesOnly { parts: 5 });
}

#[test]
fn published_documents_are_broken_by_any_change() {
    let Some(folder) = samples() else { return };
    let whole = unpack(&folder, "999.ofd");
    for (path, check) in [
        ("Doc_0/Pages/Page_3/Content.xml", Check::Digests),
        ("Doc_0/Attachs/original_invoice.xml", Check::Digests),
        ("Doc_0/Signs/Sign_0/Signature.xml", Check::DataHash),
    ] {
        let mut files = whole.clone();
        files.get_mut(path).unwrap().push(b'\n');
        assert_eq!(not_held(&findings(&files, &Trust::default())), [(check, Outcome::Fail), (Check::Chain, Outcome::NotChecked)]);
    }
    // The value of another invoice.
    let mut files = whole.clone();
    files.insert(VALUE.to_owned(), unpack(&folder, "v4signed.ofd")[VALUE].clone());
    assert_eq!(finding(&findings(&files, &Trust::default()), Check::DataHash).0, Outcome::Fail);
    // Every seventh byte of the value; the seal's picture is most of them.
    let value = &whole[VALUE];
    for at in (0..value.len()).step_by(7) {
        let mut files = whole.clone();
        files.get_mut(VALUE).unwrap()[at] ^= 0x01;
        assert!(not_held(&findings(&files, &Trust::default())).iter().any(|(check, _)| *check != Check::Chain), "byte {at}");
    }
}

#[test]
fn published_values_hold_without_their_document() {
    let Some(folder) = samples() else { return };
    for (name, version, expected) in [("SignedValueV4.dat", 4, "PFPPPPP--"), ("SignedValueV5.dat", 5, "PFPFPPF--")] {
        let mut files = kit::sealed(&kit::Cast::new(), &kit::Order::default());
        files.remove(&format!("{SIGN}Seal.esl"));
        files.insert(VALUE.to_owned(), fs::read(folder.join("seals").join(name)).unwrap());
        let examination = examined(&files);
        let signature = &examination.signatures[0];
        assert_eq!(signature.facts.form, Form::Seal { version });
        assert_eq!(letters(signature).replace('-', ""), expected.replace('-', "") + "P", "{name} {:#?}", signature);
    }
}
