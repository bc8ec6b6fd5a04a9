//! Electronic seals and digital signatures of an OFD.

use piaoxia_seals::{Examination, Trust};

use super::{Check, Finding, Outcome, Reason};

/// What a verdict on one seal stands on, and which seal that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealReason {
    /// Which of the document's seals and digital signatures, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Name of the seal (印章名称); empty for a signature without one.
    pub name: String,
    /// What was found.
    pub found: piaoxia_seals::Reason,
}

/// All of them together; none without any.
pub(super) fn together(seals: &Examination, trust: &Trust) -> Option<Finding> {
    let outcome = seals.outcome(trust)?;
    let findings = || seals.signatures.iter().flat_map(|signature| signature.findings(trust));
    let count = |wanted| findings().filter(|finding| finding.outcome == wanted).count();
    Some(match outcome {
        Outcome::Pass => (outcome, Reason::SealsHold { signatures: seals.signatures.len() }),
        Outcome::Fail => (outcome, Reason::SealsFail { failed: count(Outcome::Fail) }),
        Outcome::NotChecked => (outcome, Reason::SealsOpen { open: count(Outcome::NotChecked) + seals.left_out }),
    })
}

/// The checks of each.
pub(super) fn each<'s>(seals: &'s Examination, trust: &'s Trust) -> impl Iterator<Item = (Check, Finding)> + 's {
    let of = seals.signatures.len() + seals.left_out;
    seals.signatures.iter().zip(1..).flat_map(move |(signature, number)| {
        let name = signature.facts.seal.as_ref().map(|seal| seal.name.clone()).unwrap_or_default();
        signature.findings(trust).into_iter().map(move |finding| {
            let reason = SealReason { number, of, name: name.clone(), found: finding.reason };
            (Check::Seal(finding.check), (finding.outcome, Reason::Seal(reason)))
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

    use std::io::{Cursor, Read, Write};

    use jiff::civil::date;
    use piaoxia_bureau::originals::Originals;
    use piaoxia_bureau::{Bureau, BureauConfig, Query};
    use piaoxia_domain::invoice::Format;
    use piaoxia_domain::{DateRange, Scope};
    use piaoxia_seals as seals;
    use zip::write::SimpleFileOptions;
    use zip::{ZipArchive, ZipWriter};

    use super::*;
    use crate::document::Document;
    use crate::examine_ofd;
    use crate::verdict::verdicts_trusting;

    const XML: &str = include_str!("../../tests/fixtures/special.xml");

    /// OFD files of the sandbox, several kinds of both generations.
    fn originals() -> Vec<Vec<u8>> {
        let today = date(2026, 6, 1);
        let bureau = Bureau::new(BureauConfig::new(5, 400, today));
        let originals = Originals::new(5).unwrap();
        let dates = DateRange::new(date(2026, 1, 1), date(2026, 5, 31)).unwrap();
        let query = Query { scope: Scope::Received, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
        let mut seen = Vec::new();
        let mut made = Vec::new();
        for invoice in bureau.invoices(bureau.companies()[0].no, &query, today) {
            let known = seen.contains(&invoice.kind);
            if !known && made.len() < 4 && Originals::formats(&invoice).contains(&Format::Ofd) {
                seen.push(invoice.kind.clone());
                made.push(originals.file(&invoice, invoice.seller.tax_no.region().unwrap(), Format::Ofd).unwrap());
            }
        }
        assert!(made.len() > 1);
        made
    }

    fn trust(seed: u64) -> Trust {
        let root = Originals::root_certificate_of(seed).unwrap();
        let (trust, refused) = Trust::from_certificates([root.as_slice()]);
        assert!(refused.is_empty());
        trust
    }

    /// A document that has the seals of this OFD.
    fn with_seals(ofd: &[u8]) -> Document {
        let mut document = crate::read("special.xml", XML.as_bytes()).unwrap();
        document.evidence.seals = examine_ofd(ofd).unwrap();
        document
    }

    /// The package with one part changed.
    fn changed(ofd: &[u8], part: &str, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
        let mut from = ZipArchive::new(Cursor::new(ofd)).unwrap();
        let mut to = ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..from.len() {
            let mut entry = from.by_index(index).unwrap();
            let name = entry.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            if name == part {
                change(&mut bytes);
            }
            to.start_file(name, SimpleFileOptions::default()).unwrap();
            to.write_all(&bytes).unwrap();
        }
        to.finish().unwrap().into_inner()
    }

    fn of_seals(ofd: &[u8], trust: &Trust) -> Vec<(Check, Outcome)> {
        let all = verdicts_trusting(&with_seals(ofd), trust);
        all.into_iter().filter(|one| one.check >= Check::Signature).map(|one| (one.check, one.result)).collect()
    }

    #[test]
    fn documents_of_the_sandbox_hold_under_its_own_root() {
        for ofd in originals() {
            let found = of_seals(&ofd, &trust(5));
            assert_eq!(found.len(), 10);
            assert!(found.iter().all(|(_, outcome)| *outcome == Outcome::Pass), "{found:?}");
        }
    }

    #[test]
    fn without_its_root_the_chain_stays_open() {
        let ofd = &originals()[0];
        for trust in [Trust::default(), trust(6)] {
            let open: Vec<_> = of_seals(ofd, &trust).into_iter().filter(|(_, outcome)| *outcome != Outcome::Pass).collect();
            assert_eq!(open, [(Check::Signature, Outcome::NotChecked), (Check::Seal(seals::Check::Chain), Outcome::NotChecked)]);
        }
        let reasons: Vec<Reason> = verdicts_trusting(&with_seals(ofd), &Trust::default()).into_iter().map(|one| one.reason).collect();
        assert!(reasons.contains(&Reason::SealsOpen { open: 1 }));
        let named =
            |reason: &Reason| matches!(reason, Reason::Seal(seal) if seal.name.starts_with("沙箱测试") && (seal.number, seal.of) == (1, 1));
        assert_eq!(reasons.iter().filter(|reason| named(reason)).count(), 9);
    }

    #[test]
    fn any_change_of_a_sealed_document_fails() {
        let ofd = &originals()[0];
        for (part, check) in [
            ("Doc_0/Attachs/original_invoice.xml", seals::Check::Digests),
            ("Doc_0/Pages/Page_0/Content.xml", seals::Check::Digests),
            ("Doc_0/Signs/Sign_0/Signature.xml", seals::Check::DataHash),
        ] {
            let forged = changed(ofd, part, |bytes| bytes.push(b'\n'));
            let failed: Vec<_> = of_seals(&forged, &trust(5)).into_iter().filter(|(_, outcome)| *outcome != Outcome::Pass).collect();
            assert_eq!(failed, [(Check::Signature, Outcome::Fail), (Check::Seal(check), Outcome::Fail)], "{part}");
        }
        let picture = changed(ofd, "Doc_0/Signs/Sign_0/SignedValue.dat", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        assert!(of_seals(&picture, &trust(5)).contains(&(Check::Seal(seals::Check::Maker), Outcome::Fail)));
    }

    #[test]
    fn a_document_without_seals_says_only_that() {
        let document = crate::read("special.xml", XML.as_bytes()).unwrap();
        let last = verdicts_trusting(&document, &trust(5)).pop().unwrap();
        assert_eq!((last.check, last.result), (Check::Signature, Outcome::NotChecked));
        assert!(document.seals().is_empty());
    }
}
