//! Several signatures in one document: a later one is told from tampering.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod kit;

use kit::*;
use piaoxia_seals::{Check, Outcome, Reason};

const SECOND: &str = "Doc_0/Signs/Sign_1/";

/// A document whose only signature covers the list of signatures as well.
fn first(cast: &Cast, list: &[u8]) -> Files {
    let mut files = plain();
    files.insert(LIST.to_owned(), list.to_vec());
    let parts = ["OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml", "Doc_0/Attachs/original_invoice.xml", LIST];
    let signature = manifest(&files, &parts, SIGN, SM3);
    files.insert(VALUE.to_owned(), Order::default().value(cast, &signature));
    files.insert(format!("{SIGN}Signature.xml"), signature);
    files
}

/// Signs once more, over everything that is there but the list.
fn sign_again(cast: &Cast, files: &mut Files, list: &[u8]) {
    files.insert(LIST.to_owned(), list.to_vec());
    let parts: Vec<String> = files.keys().filter(|path| *path != LIST).cloned().collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let signature = manifest(files, &parts, SECOND, SM3);
    files.insert(format!("{SECOND}SignedValue.dat"), Order::default().value(cast, &signature));
    files.insert(format!("{SECOND}Signature.xml"), signature);
}

#[test]
fn a_later_signature_is_told_from_tampering() {
    let cast = Cast::new();
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:Signatures xmlns:ofd=\"http://www.ofdspec.org/2016\">";
    let flat = |body: &str| format!("{head}{body}</ofd:Signatures>").into_bytes();
    let (one, two) = (entry(0), entry(1));
    for (before, after) in [
        // Counted up at the top, left alone, padded, at the end again and again, and added after its own digests were taken.
        (list(&one, "1"), list(&format!("{one}{two}"), "2")),
        (list(&one, "2"), list(&format!("{one}{two}"), "2")),
        (list(&one, "s009"), list(&format!("{one}{two}"), "s010")),
        (list(&one, "9"), list(&format!("{one}{two}"), "12")),
        (flat(&format!("{one}<MaxSignId>1</MaxSignId>")), flat(&format!("{one}<MaxSignId>1</MaxSignId>{two}<MaxSignId>2</MaxSignId>"))),
        (flat(&one), flat(&format!("{one}{two}"))),
        (flat(""), flat(&format!("{one}{two}"))),
    ] {
        let mut files = first(&cast, &before);
        sign_again(&cast, &mut files, &after);
        let examination = examined(&files);
        assert_eq!(examination.signatures.len(), 2);
        let (old, new) = (examination.signatures[0].findings(&cast.trust()), examination.signatures[1].findings(&cast.trust()));
        let text = String::from_utf8_lossy(&after).into_owned();
        assert_eq!(finding(&old, Check::Digests), (Outcome::Pass, &Reason::SignedLater { later: 1, parts: 5 }), "{text}");
        assert_eq!(finding(&new, Check::Digests), (Outcome::Pass, &Reason::DigestsFit { parts: 6 }));
        assert!(not_held(&old).is_empty() && not_held(&new).is_empty());
        assert_eq!(examination.outcome(&cast.trust()), Some(Outcome::Pass));
        assert_ne!(examination.signatures[0].facts.path, examination.signatures[1].facts.path);
    }
}

#[test]
fn a_changed_list_without_a_later_signature_is_tampering() {
    let cast = Cast::new();
    let mut files = first(&cast, &list(&entry(0), "1"));
    assert!(not_held(&findings(&files, &cast.trust())).is_empty());
    files.insert(LIST.to_owned(), list(&entry(0), "3"));
    let found = findings(&files, &cast.trust());
    assert_eq!(finding(&found, Check::Digests), (Outcome::Fail, &Reason::PartsChanged { first: LIST.to_owned(), changed: 1, parts: 5 }));
}

#[test]
fn a_changed_part_is_tampering_whoever_signed_later() {
    let cast = Cast::new();
    let mut files = first(&cast, &list(&entry(0), "1"));
    files.insert("Doc_0/Pages/Page_0/Content.xml".to_owned(), b"<forged/>".to_vec());
    sign_again(&cast, &mut files, &list(&format!("{}{}", entry(0), entry(1)), "2"));
    let examination = examined(&files);
    let old = examination.signatures[0].findings(&cast.trust());
    let (outcome, reason) = finding(&old, Check::Digests);
    assert_eq!(
        (outcome, reason),
        (Outcome::Fail, &Reason::PartsChanged { first: "Doc_0/Pages/Page_0/Content.xml".to_owned(), changed: 2, parts: 5 })
    );
    assert!(not_held(&examination.signatures[1].findings(&cast.trust())).is_empty(), "the later one signed the forgery");
    assert_eq!(examination.outcome(&cast.trust()), Some(Outcome::Fail));
}

#[test]
fn a_list_that_was_rewritten_is_left_open() {
    let cast = Cast::new();
    let mut files = first(&cast, &list(&entry(0), "1"));
    let rewritten = String::from_utf8(list(&format!("{}{}", entry(0), entry(1)), "2")).unwrap().replace("ofd:", "x:").replace(":ofd", ":x");
    sign_again(&cast, &mut files, rewritten.as_bytes());
    let found = examined(&files).signatures[0].findings(&cast.trust());
    assert_eq!(finding(&found, Check::Digests), (Outcome::NotChecked, &Reason::SignedLaterUnproved { later: 1 }));
}

#[test]
fn too_many_signatures_are_not_proved_in_silence() {
    let cast = Cast::new();
    let mut files = sealed(&cast, &Order::default());
    let entries: String = (0..100).map(|_| entry(0)).collect();
    files.insert(LIST.to_owned(), list(&entries, "1"));
    let examination = examined(&files);
    assert_eq!((examination.signatures.len(), examination.left_out), (64, 36));
    assert_eq!(examination.outcome(&cast.trust()), Some(Outcome::NotChecked));
}
