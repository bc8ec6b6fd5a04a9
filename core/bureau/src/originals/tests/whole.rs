//! What holds for every original: which there are, how they are named, that they never change.

use super::*;
use crate::originals::{OriginalError, Originals};

#[test]
fn each_kind_has_its_formats() {
    for kind in Kind::all() {
        let mut invoice = invoice("81", 1);
        let info = kind.info().unwrap();
        if !info.digital {
            invoice.key = "031002600111-10000010".parse().unwrap();
        }
        invoice.kind = kind.clone();
        let expected: &[Format] = match (info.digital, kind.code()) {
            (true, _) => &Format::ALL,
            (false, "08" | "10" | "14") => &[Format::Ofd, Format::Pdf],
            (false, _) => &[],
        };
        assert_eq!(Originals::formats(&invoice), expected, "{kind}");
        for format in Format::ALL {
            let made = ORIGINALS.file(&invoice, shanghai(), format);
            if expected.contains(&format) {
                assert!(made.is_ok(), "{kind} {format:?}");
            } else {
                assert!(matches!(made, Err(OriginalError::NotHandedOut { .. })), "{kind} {format:?}");
            }
        }
    }
}

#[test]
fn unknown_kinds_and_odd_numbers_have_none() {
    let mut unknown = invoice("81", 1);
    unknown.kind = Kind::from_code("8208");
    assert!(Originals::formats(&unknown).is_empty());
    let mut odd = invoice("81", 1);
    odd.key = "2026010100000001".parse().unwrap();
    assert!(Originals::formats(&odd).is_empty());
    let mut crossed = invoice("81", 1);
    crossed.key = "031002600111-10000010".parse().unwrap();
    assert!(Originals::formats(&crossed).is_empty());
}

#[test]
fn the_same_call_gives_the_same_bytes() {
    for (code, _) in KINDS {
        for invoice in [invoice(code, 0), invoice(code, 8), red(invoice(code, 40)), hostile(code)] {
            for format in Originals::formats(&invoice) {
                assert!(file(&invoice, *format) == file(&invoice, *format), "{code} {format:?}");
            }
        }
    }
}

#[test]
fn keys_follow_from_the_seed() {
    let (again, other) = (Originals::new(7).unwrap(), Originals::new(8).unwrap());
    for code in ["81", "10"] {
        let invoice = invoice(code, 1);
        for format in Originals::formats(&invoice) {
            let bytes = file(&invoice, *format);
            assert!(bytes == again.file(&invoice, shanghai(), *format).unwrap(), "{code} {format:?}");
            // The PDF is not signed, so it does not depend on the keys.
            assert_eq!(bytes == other.file(&invoice, shanghai(), *format).unwrap(), *format == Format::Pdf);
        }
    }
}

#[test]
fn every_region_has_a_seal_of_its_own() {
    let invoice = invoice("81", 1);
    let mut seen = std::collections::BTreeSet::new();
    for region in Region::all() {
        assert!(seen.insert(ORIGINALS.file(&invoice, region, Format::Ofd).unwrap()), "{}", region.name);
    }
}

#[test]
fn files_are_named_as_the_bureau_names_them() {
    let mut invoice = invoice("81", 1);
    assert_eq!(Originals::file_name(&invoice, Format::Xml), "dzfp_26312000000000000081_上海云栖数字科技有限公司_20260519094714.xml");
    invoice.direction = Some(Direction::Issued);
    invoice.buyer.name = "a/b\\c:d*e?f\"g<h>i|j\u{202E}k \u{7}".to_owned();
    assert_eq!(Originals::file_name(&invoice, Format::Pdf), "dzfp_26312000000000000081_a_b_c_d_e_f_g_h_i_jk__20260519094714.pdf");
    invoice.buyer.name = String::new();
    assert_eq!(Originals::file_name(&invoice, Format::Ofd), "dzfp_26312000000000000081_未命名_20260519094714.ofd");
    invoice.buyer.name = "长".repeat(300);
    assert!(Originals::file_name(&invoice, Format::Ofd).len() < 255);
    let older = super::invoice("10", 1);
    assert_eq!(Originals::file_name(&older, Format::Ofd), "dzfp_03100260011110000010_上海云栖数字科技有限公司_20260519094714.ofd");
}

#[test]
fn one_set_serves_all_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&*ORIGINALS);
    let fresh = Originals::new(7).unwrap();
    let invoice = invoice("82", 2);
    std::thread::scope(|scope| {
        let made: Vec<_> = (0..4).map(|_| scope.spawn(|| fresh.file(&invoice, shanghai(), Format::Ofd).unwrap())).collect();
        for thread in made {
            assert!(thread.join().unwrap() == file(&invoice, Format::Ofd));
        }
    });
}
