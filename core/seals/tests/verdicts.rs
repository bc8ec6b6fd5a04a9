//! Every check, held and broken, on documents sealed for the purpose.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod kit;

use std::borrow::Cow;

use kit::*;
use piaoxia_seals::{Check, Form, Listing, Malformed, Outcome, PartFault, Parts, Reason, Trust, examine};

const FAIL: Outcome = Outcome::Fail;
const OPEN: Outcome = Outcome::NotChecked;

#[test]
fn every_check_holds_on_a_good_seal_of_every_version() {
    let cast = Cast::new();
    for version in [1, 4, 5] {
        for digests in [false, true] {
            if version == 1 && digests {
                continue;
            }
            let files = sealed(&cast, &Order { version, digests, ..Order::default() });
            let found = findings(&files, &cast.trust());
            let checks: Vec<Check> = found.iter().map(|finding| finding.check).collect();
            let all = [
                Check::Digests,
                Check::DataHash,
                Check::Signature,
                Check::Maker,
                Check::SignerListed,
                Check::Validity,
                Check::Certificate,
                Check::Chain,
                Check::Coverage,
            ];
            assert_eq!((checks, not_held(&found)), (all.to_vec(), Vec::new()), "version {version}");
            let by = if digests { Listing::Digests } else { Listing::Certificates };
            assert_eq!(finding(&found, Check::SignerListed).1, &Reason::SignerListed { by });
            assert_eq!(finding(&found, Check::Coverage).1, &Reason::CoversAllButHead);
            assert_eq!(examined(&files).outcome(&cast.trust()), Some(Outcome::Pass));
        }
    }
}

#[test]
fn the_facts_are_those_of_the_seal() {
    let cast = Cast::new();
    let examination = examined(&sealed(&cast, &Order::default()));
    let facts = &examination.signatures[0].facts;
    assert_eq!((facts.form, facts.id.as_str(), facts.provider.as_str()), (Form::Seal { version: 4 }, "1", "kit"));
    assert_eq!((facts.algorithm.as_str(), facts.signed_at.unwrap().to_string().as_str()), (SM2_SM3, "2026-05-19T01:47:14Z"));
    let (seal, signer) = (facts.seal.as_ref().unwrap(), facts.signer.as_ref().unwrap());
    assert_eq!((seal.name.as_str(), seal.id.as_str(), seal.vendor.as_str()), ("测试印章", "31000000000001", "KIT"));
    assert_eq!((seal.maker.as_str(), seal.picture.as_str(), seal.width, seal.height), ("制章人", "png", 30, 20));
    assert_eq!((signer.subject.as_str(), signer.issuer.as_str(), signer.subject_full.as_str()), ("签章人", "测试根", "CN=签章人, C=CN"));
}

#[test]
fn without_a_signature_there_is_nothing_to_say() {
    let mut files = plain();
    files.insert("OFD.xml".to_owned(), b"<OFD/>".to_vec());
    let examination = examined(&files);
    assert!(examination.is_empty());
    assert_eq!(examination.outcome(&Trust::default()), None);
    let missing = examined(&plain());
    let found = missing.signatures[0].findings(&Trust::default());
    assert_eq!(found[0].reason, Reason::ListUnreadable { path: "/Doc_0/Signs/Signatures.xml".to_owned() });
    assert_eq!(missing.outcome(&Trust::default()), Some(FAIL));
}

#[test]
fn a_changed_part_and_a_changed_attachment_are_found() {
    let cast = Cast::new();
    for path in ["Doc_0/Pages/Page_0/Content.xml", "Doc_0/Attachs/original_invoice.xml"] {
        let mut files = sealed(&cast, &Order::default());
        files.get_mut(path).unwrap().push(b' ');
        let found = findings(&files, &cast.trust());
        assert_eq!(not_held(&found), [(Check::Digests, FAIL)]);
        assert_eq!(finding(&found, Check::Digests).1, &Reason::PartsChanged { first: path.to_owned(), changed: 1, parts: 3 });
        files.remove(path);
        let found = findings(&files, &cast.trust());
        assert_eq!(finding(&found, Check::Digests).1, &Reason::PartsMissing { first: format!("/{path}"), missing: 1, parts: 3 });
    }
}

/// A package one of whose parts cannot be unpacked.
struct Damaged(Files, &'static str);

impl Parts for Damaged {
    fn paths(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn bytes(&mut self, path: &str) -> Result<Cow<'_, [u8]>, PartFault> {
        if path == self.1 { Err(PartFault::Unreadable) } else { self.0.bytes(path) }
    }
}

#[test]
fn a_part_that_cannot_be_unpacked_is_not_checked() {
    let cast = Cast::new();
    let page = "Doc_0/Pages/Page_0/Content.xml";
    let mut files = sealed(&cast, &Order::default());
    let findings = |files: &Files| examine(&mut Damaged(files.clone(), page)).signatures[0].findings(&cast.trust());
    let unreadable = Reason::PartsUnreadable { first: page.to_owned(), unreadable: 1, parts: 3 };
    assert_eq!(finding(&findings(&files), Check::Digests), (OPEN, &unreadable));
    files.get_mut("Doc_0/Document.xml").unwrap().push(b' ');
    assert_eq!(finding(&findings(&files), Check::Digests).0, FAIL);
}

#[test]
fn a_part_that_nobody_signed_is_named() {
    let cast = Cast::new();
    let mut files = sealed(&cast, &Order::default());
    for number in 0..7 {
        files.insert(format!("Doc_0/Pages/Page_9/{number}.xml"), Vec::new());
    }
    let found = findings(&files, &cast.trust());
    assert_eq!(not_held(&found), [(Check::Coverage, OPEN)]);
    assert_eq!(examined(&files).outcome(&cast.trust()), Some(OPEN));
    let paths = (0..5).map(|number| format!("Doc_0/Pages/Page_9/{number}.xml")).collect();
    assert_eq!(finding(&found, Check::Coverage).1, &Reason::Uncovered { paths, more: 2 });
}

#[test]
fn a_changed_digest_breaks_the_data_hash() {
    let cast = Cast::new();
    let mut files = sealed(&cast, &Order::default());
    let page = "Doc_0/Pages/Page_0/Content.xml";
    files.insert(page.to_owned(), b"<other/>".to_vec());
    let parts = ["Doc_0/Document.xml", page, "Doc_0/Attachs/original_invoice.xml"];
    files.insert(format!("{SIGN}Signature.xml"), manifest(&files, &parts, SIGN, SM3));
    assert_eq!(not_held(&findings(&files, &cast.trust())), [(Check::DataHash, FAIL)]);
}

#[test]
fn a_changed_picture_breaks_the_seal() {
    let cast = Cast::new();
    let mut files = sealed(&cast, &Order::default());
    let inside = with(&files[VALUE], b"\x89PNG", b"\x89PNF");
    let whole = files.clone();
    files.insert(VALUE.to_owned(), inside);
    let found = findings(&files, &cast.trust());
    assert_eq!(not_held(&found), [(Check::Signature, FAIL), (Check::Maker, FAIL)]);
    assert_eq!(finding(&found, Check::Maker).1, &Reason::SealFileDiffers { path: format!("{SIGN}Seal.esl") });
    files.remove(&format!("{SIGN}Seal.esl"));
    let found = findings(&files, &cast.trust());
    assert_eq!(finding(&found, Check::Maker).1, &Reason::MakerWrong { maker: "制章人".to_owned() });

    // The seal's own file alone: nobody signed it, but it is not the seal that was used.
    let mut files = whole;
    files.insert(format!("{SIGN}Seal.esl"), with(&files[&format!("{SIGN}Seal.esl")], b"\x89PNG", b"\x89PNF"));
    assert_eq!(not_held(&findings(&files, &cast.trust())), [(Check::Maker, FAIL)]);
}

#[test]
fn a_seal_that_another_key_made_is_not_the_makers() {
    let mut cast = Cast::new();
    cast.maker = Person { certificate: cast.maker.certificate.clone(), ..cast.signer.clone() };
    for version in [1, 4, 5] {
        let found = findings(&sealed(&cast, &Order { version, ..Order::default() }), &cast.trust());
        assert_eq!(not_held(&found), [(Check::Maker, FAIL)]);
        assert_eq!(finding(&found, Check::Maker).1, &Reason::MakerWrong { maker: "制章人".to_owned() });
    }
}

#[test]
fn a_value_of_another_document_does_not_fit() {
    let cast = Cast::new();
    let mut files = sealed(&cast, &Order::default());
    let mut other = plain();
    other.insert("Doc_0/Document.xml".to_owned(), b"<another/>".to_vec());
    let value = Order::default().value(&cast, &manifest(&other, &["Doc_0/Document.xml"], SIGN, SM3));
    files.insert(VALUE.to_owned(), value);
    let found = findings(&files, &cast.trust());
    assert_eq!(not_held(&found), [(Check::DataHash, FAIL)]);
    assert_eq!(finding(&found, Check::DataHash).1, &Reason::DataHashDiffers);
}

#[test]
fn a_seal_holds_for_its_time_alone() {
    let cast = Cast::new();
    for (from, to) in [("20200101000000Z", "20260519014713Z"), ("20260519014715Z", "20301231235959Z")] {
        let files = sealed(&cast, &Order { valid_from: from, valid_to: to, ..Order::default() });
        let found = findings(&files, &cast.trust());
        assert_eq!(not_held(&found), [(Check::Validity, FAIL)]);
        match finding(&found, Check::Validity).1 {
            Reason::SealExpired(period) => assert!(period.at > period.to && to < "2027"),
            Reason::SealTooEarly(period) => assert!(period.at < period.from && to > "2027"),
            other => unreachable!("{other:?}"),
        }
    }
    let edge = Order { valid_from: "20260519014714Z", valid_to: "20260519014714Z", ..Order::default() };
    assert!(not_held(&findings(&sealed(&cast, &edge), &cast.trust())).is_empty());
}

#[test]
fn a_certificate_holds_for_its_time_and_its_use_alone() {
    let mut cast = Cast::new();
    for (wish, reason) in [
        (Wish { to: "260519014713Z", ..Wish::default() }, "expired"),
        (Wish { from: "260519014715Z", ..Wish::default() }, "early"),
        (Wish { usage: 0b0011_0000, ..Wish::default() }, "use"),
    ] {
        cast.signer = cast.root.issue("签章人", 5, &wish);
        let found = findings(&sealed(&cast, &Order::default()), &cast.trust());
        assert_eq!(not_held(&found), [(Check::Certificate, FAIL)]);
        let (_, found) = finding(&found, Check::Certificate);
        assert!(match reason {
            "expired" => matches!(found, Reason::CertificateExpired(_)),
            "early" => matches!(found, Reason::CertificateTooEarly(_)),
            _ => *found == Reason::NotForSigning,
        });
    }
}

#[test]
fn a_maker_makes_seals_while_his_certificate_holds() {
    let mut cast = Cast::new();
    cast.maker = cast.root.issue("制章人", 4, &Wish { to: "191231235959Z", ..Wish::default() });
    let found = findings(&sealed(&cast, &Order::default()), &cast.trust());
    assert_eq!(not_held(&found), [(Check::Maker, FAIL)]);
    assert!(matches!(finding(&found, Check::Maker).1, Reason::MakerNotValid(_)));
    // The seals of tax bureaus are some days older than the certificates in them.
    cast.maker = cast.root.issue("制章人", 4, &Wish { from: "200106000000Z", ..Wish::default() });
    let found = findings(&sealed(&cast, &Order::default()), &cast.trust());
    assert_eq!(finding(&found, Check::Maker).0, Outcome::Pass);
    assert!(matches!(finding(&found, Check::Maker).1, Reason::MakerRenewed(_)));
}

#[test]
fn a_signer_who_is_not_in_the_list_may_not_use_the_seal() {
    let cast = Cast::new();
    for digests in [false, true] {
        for listed in [vec![cast.maker.certificate.clone()], Vec::new()] {
            let order = Order { digests, listed: Some(listed.clone()), ..Order::default() };
            let found = findings(&sealed(&cast, &order), &cast.trust());
            assert_eq!(not_held(&found), [(Check::SignerListed, FAIL)]);
            assert_eq!(finding(&found, Check::SignerListed).1, &Reason::SignerNotListed { listed: listed.len() });
        }
    }
}

#[test]
fn another_user_id_and_another_key_are_no_signature_of_the_signer() {
    let cast = Cast::new();
    let found = findings(&sealed(&cast, &Order { user: "ALICE123@YAHOO.COM", ..Order::default() }), &cast.trust());
    assert_eq!(not_held(&found), [(Check::Signature, FAIL)]);
    assert_eq!(finding(&found, Check::Signature).1, &Reason::SignatureWrong);
}

#[test]
fn what_is_not_known_is_not_checked_and_named() {
    let cast = Cast::new();
    let mut files = sealed(&cast, &Order { algorithm: "1.2.840.113549.1.1.11", ..Order::default() });
    let found = findings(&files, &cast.trust());
    assert_eq!(not_held(&found), [(Check::Signature, OPEN)]);
    assert_eq!(finding(&found, Check::Signature).1, &Reason::AlgorithmUnknown { algorithm: "1.2.840.113549.1.1.11".to_owned() });

    let signature = manifest(&files, &["Doc_0/Document.xml"], SIGN, "1.2.156.10197.1.401.2");
    files.insert(VALUE.to_owned(), Order::default().value(&cast, &signature));
    files.insert(format!("{SIGN}Signature.xml"), signature);
    let found = findings(&files, &cast.trust());
    assert_eq!(finding(&found, Check::Digests), (OPEN, &Reason::DigestMethodUnknown { method: "1.2.156.10197.1.401.2".to_owned() }));

    let stamped = sealed(&cast, &Order { version: 5, time_stamp: true, ..Order::default() });
    assert_eq!(not_held(&findings(&stamped, &cast.trust())), [(Check::TimeStamp, OPEN)]);
}

#[test]
fn a_signature_over_nothing_proves_nothing() {
    let cast = Cast::new();
    let mut files = sealed(&cast, &Order::default());
    let signature = manifest(&files, &[], SIGN, SM3);
    files.insert(VALUE.to_owned(), Order::default().value(&cast, &signature));
    files.insert(format!("{SIGN}Signature.xml"), signature);
    let found = findings(&files, &cast.trust());
    assert_eq!(finding(&found, Check::Digests), (FAIL, &Reason::NothingSigned));
    assert_eq!(finding(&found, Check::Coverage).0, OPEN);
}

#[test]
fn signed_data_is_proved_with_and_without_attributes() {
    let cast = Cast::new();
    let whole = sealed(&cast, &Order::default());
    let file = whole[&format!("{SIGN}Signature.xml")].clone();
    let digest = kit::sm3(&file);
    for (content, inside, attributes) in
        [(&digest[..], true, false), (&digest, true, true), (&file, true, false), (&file, false, true), (&file, false, false)]
    {
        let mut files = whole.clone();
        files.insert(VALUE.to_owned(), cast.signer.signed_data(content, inside, attributes));
        let found = findings(&files, &cast.trust());
        let expected = if inside || attributes { vec![] } else { vec![(Check::DataHash, OPEN)] };
        assert_eq!(not_held(&found), expected, "{inside} {attributes}");
        assert_eq!(examined(&files).signatures[0].facts.form, Form::Data);
        assert!(found.iter().all(|finding| finding.check != Check::Maker));

        // Another file under the same value.
        files.get_mut(&format!("{SIGN}Signature.xml")).unwrap().push(b'\n');
        let broken = findings(&files, &cast.trust());
        let check = if inside || attributes { Check::DataHash } else { Check::Signature };
        assert_eq!(finding(&broken, check).0, FAIL, "{inside} {attributes}");
    }
    let mut files = whole;
    let other = cast.root.issue("旁人", 9, &Wish::default()).signed_data(&digest, true, true);
    let swapped = with(&other, &cast.root.issue("旁人", 9, &Wish::default()).certificate, &[]);
    files.insert(VALUE.to_owned(), swapped);
    assert_eq!(finding(&findings(&files, &cast.trust()), Check::Signature).0, FAIL, "the encoding is no longer whole");
}

#[test]
fn a_bare_value_has_no_owner() {
    let cast = Cast::new();
    let mut files = sealed(&cast, &Order::default());
    let value = cast.signer.sign(&files[&format!("{SIGN}Signature.xml")]);
    files.insert(VALUE.to_owned(), value);
    let found = findings(&files, &cast.trust());
    assert_eq!(finding(&found, Check::Signature), (OPEN, &Reason::NoCertificate));
    assert_eq!(examined(&files).signatures[0].facts.form, Form::Raw);
    assert_eq!(examined(&files).outcome(&cast.trust()), Some(OPEN));
}

#[test]
fn values_that_cannot_be_read_say_why() {
    let cast = Cast::new();
    let whole = sealed(&cast, &Order::default());
    let value = &whole[VALUE];
    let behind = [&value[..], &[0]].concat();
    for (bytes, outcome, fault) in [
        (&[][..], FAIL, Malformed::Empty),
        (&value[..value.len() - 1], FAIL, Malformed::Truncated),
        (&value[..2], FAIL, Malformed::Truncated),
        (&behind, FAIL, Malformed::Trailing),
        (b"PK\x03\x04 not a signature", FAIL, Malformed::Truncated),
        (&[0x30, 0x80, 0, 0], OPEN, Malformed::Ber),
        (&[0x30, 0], FAIL, Malformed::Unknown),
        (&[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x07], OPEN, Malformed::Version(7)),
    ] {
        let mut files = whole.clone();
        files.insert(VALUE.to_owned(), bytes.to_vec());
        let found = findings(&files, &cast.trust());
        assert_eq!(finding(&found, Check::Signature), (outcome, &Reason::ValueUnreadable(fault)), "{bytes:02x?}");
        assert!(!not_held(&found).is_empty());
    }
    let mut files = whole;
    files.remove(VALUE);
    let found = findings(&files, &cast.trust());
    assert_eq!(finding(&found, Check::Signature).1, &Reason::ValueMissing { path: format!("/{VALUE}") });
    files.remove(&format!("{SIGN}Signature.xml"));
    let found = findings(&files, &cast.trust());
    assert_eq!(found[0].reason, Reason::ManifestUnreadable { path: "Sign_0/Signature.xml".to_owned() });
}
