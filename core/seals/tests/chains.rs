//! Certificate chains against a trust store, and what a trust store takes.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod kit;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kit::*;
use piaoxia_seals::{Bearer, CertificateFault, Check, Outcome, Reason, Trust, TrustFault};

fn trust(people: &[&Person]) -> Trust {
    let (trust, refused) = Trust::from_certificates(people.iter().map(|person| &person.certificate[..]));
    assert!(refused.is_empty() && trust.len() == people.len());
    trust
}

fn chain(cast: &Cast, trust: &Trust) -> (Outcome, Reason) {
    let found = findings(&sealed(cast, &Order::default()), trust);
    let (outcome, reason) = finding(&found, Check::Chain);
    assert!(not_held(&found).iter().all(|(check, _)| *check == Check::Chain), "{found:?}");
    (outcome, reason.clone())
}

/// Signer and maker under an authority that stands `depth` certificates below the root.
fn tower(depth: u8, wish: &dyn Fn(u8) -> Wish) -> (Vec<Person>, Cast) {
    let mut authorities = vec![Person::root_as("根", 10, &wish(0))];
    for level in 1..=depth {
        let next = authorities.last().unwrap().issue(&format!("中级{level}"), 10 + level, &wish(level));
        authorities.push(next);
    }
    let lowest = authorities.last().unwrap();
    let cast = Cast {
        root: authorities[0].clone(),
        maker: lowest.issue("制章人", 4, &Wish::default()),
        signer: lowest.issue("签章人", 5, &Wish::default()),
    };
    (authorities, cast)
}

#[test]
fn without_trust_nothing_is_checked() {
    let cast = Cast::new();
    assert_eq!(chain(&cast, &Trust::default()), (Outcome::NotChecked, Reason::NoTrust { issuer: "测试根".to_owned() }));
}

#[test]
fn a_chain_ends_at_any_trusted_certificate() {
    let (authorities, cast) = tower(3, &|_| Wish::authority());
    let all: Vec<&Person> = authorities.iter().collect();
    let fits = |anchor: &str| (Outcome::Pass, Reason::ChainFits { anchor: anchor.to_owned() });
    assert_eq!(chain(&cast, &trust(&all)), fits("根"));
    assert_eq!(chain(&cast, &trust(&[all[3]])), fits("中级3"));
    assert_eq!(chain(&cast, &trust(&[all[2], all[3]])), fits("中级2"));
    assert_eq!(chain(&cast, &trust(&[&cast.signer, all[3]])), fits("签章人"));
    let unknown = Reason::IssuerUnknown { of: Bearer::Signer, issuer: "中级3".to_owned() };
    assert_eq!(chain(&cast, &trust(&[all[0], all[1], all[2]])), (Outcome::NotChecked, unknown));
    let maker = Reason::IssuerUnknown { of: Bearer::Maker, issuer: "中级3".to_owned() };
    assert_eq!(chain(&cast, &trust(&[&cast.signer])), (Outcome::NotChecked, maker));
}

#[test]
fn an_issuer_of_the_same_name_with_another_key_is_wrong() {
    let cast = Cast::new();
    let impostor = Person::root("测试根", 77);
    let wrong = Reason::IssuerWrong { of: Bearer::Signer, issuer: "测试根".to_owned() };
    assert_eq!(chain(&cast, &trust(&[&impostor])), (Outcome::Fail, wrong));
    assert_eq!(chain(&cast, &trust(&[&impostor, &cast.root])).0, Outcome::Pass, "both may lie in the folder");
    let mixed = Cast { maker: impostor.issue("制章人", 4, &Wish::default()), ..Cast::new() };
    let wrong = Reason::IssuerWrong { of: Bearer::Maker, issuer: "测试根".to_owned() };
    assert_eq!(chain(&mixed, &trust(&[&mixed.root])), (Outcome::Fail, wrong));
}

#[test]
fn every_certificate_on_the_way_is_held_to_what_it_may() {
    let plain = |level: u8| if level == 1 { Wish::default() } else { Wish::authority() };
    let no_usage = |level: u8| if level == 1 { Wish { usage: 0b1100_0000, ..Wish::authority() } } else { Wish::authority() };
    let expired = |level: u8| if level == 0 { Wish { to: "260101000000Z", ..Wish::authority() } } else { Wish::authority() };
    let early = |level: u8| if level == 1 { Wish { from: "260601000000Z", ..Wish::authority() } } else { Wish::authority() };
    let short = |level: u8| if level == 0 { Wish { authority: Some(Some(0)), ..Wish::authority() } } else { Wish::authority() };
    let strange = |level: u8| if level == 0 { Wish { condition: Some("2.5.29.30"), ..Wish::authority() } } else { Wish::authority() };
    let wishes: [(&dyn Fn(u8) -> Wish, &str); 6] = [
        (&plain, "NotAuthority { issuer: \"中级1\" }"),
        (&no_usage, "NotAuthority { issuer: \"中级1\" }"),
        (&expired, "IssuerNotValid { issuer: \"根\""),
        (&early, "IssuerNotValid { issuer: \"中级1\""),
        (&short, "PathTooLong { issuer: \"根\" }"),
        (&strange, "ConditionUnknown { issuer: \"根\", extension: \"2.5.29.30\" }"),
    ];
    for (wish, expected) in wishes {
        let (authorities, cast) = tower(1, wish);
        let (outcome, reason) = chain(&cast, &trust(&authorities.iter().collect::<Vec<_>>()));
        assert_eq!(outcome, Outcome::Fail);
        assert!(format!("{reason:?}").starts_with(expected), "{reason:?}");
    }
    let exact = |level: u8| if level == 0 { Wish { authority: Some(Some(1)), ..Wish::authority() } } else { Wish::authority() };
    let (authorities, cast) = tower(1, &exact);
    assert_eq!(chain(&cast, &trust(&authorities.iter().collect::<Vec<_>>())).0, Outcome::Pass);
}

#[test]
fn a_chain_without_end_ends() {
    let (authorities, cast) = tower(20, &|_| Wish::authority());
    let (outcome, reason) = chain(&cast, &trust(&authorities.iter().collect::<Vec<_>>()));
    assert_eq!(outcome, Outcome::Fail);
    assert!(matches!(reason, Reason::PathTooLong { .. }));
    // Two authorities that certify each other.
    let (a, b) = (Person::root("甲", 30), Person::root("乙", 31));
    let cross = [a.issue("乙", 31, &Wish::authority()), b.issue("甲", 30, &Wish::authority())];
    let signer = cross[0].issue("签章人", 5, &Wish::default());
    let cast = Cast { root: a, maker: cross[1].issue("制章人", 4, &Wish::default()), signer };
    assert!(matches!(chain(&cast, &trust(&[&cross[0], &cross[1]])), (Outcome::Fail, Reason::PathTooLong { .. })));
}

#[test]
fn a_newer_certificate_of_the_same_authority_does_not_hide_the_older() {
    let cast = Cast::new();
    let newer = Person::root_as("测试根", 3, &Wish { from: "260601000000Z", ..Wish::authority() });
    assert_eq!(chain(&cast, &trust(&[&newer, &cast.root])).0, Outcome::Pass);
    assert!(matches!(chain(&cast, &trust(&[&newer])), (Outcome::Fail, Reason::IssuerNotValid { .. })));
}

#[test]
fn a_trust_store_takes_der_and_pem_and_says_what_it_refused() {
    let cast = Cast::new();
    let pem =
        |person: &Person| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(&person.certificate));
    let both = format!("{}{}", pem(&cast.maker), pem(&cast.signer));
    let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".to_owned() + &pem(&cast.root);
    let short = &cast.root.certificate[..cast.root.certificate.len() - 1];
    let other_curve =
        with(&cast.root.certificate, &[0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D], &[0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2E]);
    let large = vec![0x30; (1 << 20) + 1];
    let files: [&[u8]; 8] = [&cast.root.certificate, both.as_bytes(), broken.as_bytes(), b"", b"words", short, &other_curve, &large];
    let (trust, refused) = Trust::from_certificates(files);
    assert_eq!(trust.len(), 3, "the root twice is once");
    let none = TrustFault::NoCertificate;
    let other = TrustFault::Certificate(CertificateFault::NotSm2);
    assert_eq!(refused, [(2, none), (3, none), (4, none), (5, none), (6, other), (7, TrustFault::TooLarge)]);
    let (more, _) = Trust::from_certificates([&cast.root.certificate[..]]);
    assert_eq!(trust.clone().with(more), trust);
    assert!(Trust::default().with(trust).len() == 3 && Trust::default().is_empty());
}
