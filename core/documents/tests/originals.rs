//! The sandbox's own originals read back to the invoices that they were made of.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, Query};
use piaoxia_documents::{Check, Document, Field, Outcome, Source, read, verdicts};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Invoice, InvoiceKey, Region, Scope, Status};

const TODAY: Date = date(2026, 9, 16);
/// How many invoices of each kind are tried.
const OF_EACH_KIND: usize = 6;

/// How many invoices of a company and a direction are looked through.
const PER_SCOPE: usize = 4_000;

/// Some invoices of every kind that has originals, red ones among them, each with its region.
fn invoices() -> Vec<(Invoice, &'static Region)> {
    let bureau = Bureau::new(BureauConfig::new(11, 40_000, TODAY));
    let dates = DateRange::new(date(2025, 1, 1), TODAY).unwrap();
    let mut taken: BTreeMap<(String, bool), usize> = BTreeMap::new();
    let mut all = Vec::new();
    for company in bureau.sandbox_companies() {
        for scope in [Scope::Issued, Scope::Received] {
            for invoice in bureau.invoices(company.no, &Query::all(scope, dates), TODAY).take(PER_SCOPE) {
                let taken = taken.entry((invoice.kind.code().to_owned(), invoice.is_blue())).or_default();
                if *taken < OF_EACH_KIND && !Originals::formats(&invoice).is_empty() {
                    *taken += 1;
                    let region = invoice.seller.tax_no.region().unwrap_or_else(|| Region::from_code("3100").unwrap());
                    all.push((invoice, region));
                }
            }
        }
    }
    all
}

/// What an original can tell of an invoice: nothing of its state, and only the day where the file prints no time.
fn as_printed(invoice: &Invoice) -> Invoice {
    let mut printed = invoice.clone();
    printed.direction = None;
    printed.status = Status::Normal;
    printed.deduction = None;
    printed.risk = String::new();
    printed.source = String::new();
    // The bureau's files of 数电纸质 invoices hold no 发票代码.
    printed.paper_key = None;
    if matches!(printed.key, InvoiceKey::Legacy { .. }) {
        printed.issued_at = invoice.issued_on().to_datetime(jiff::civil::Time::midnight());
    } else {
        printed.check_code = String::new();
    }
    // A red invoice names the blue one in its remark, whatever the ledger's remark says.
    if let Some(blue) = &invoice.red_of
        && !invoice.remark.contains(blue.number())
    {
        let label = if blue.code().is_some() { "被红冲蓝字发票号码：" } else { "被红冲蓝字数电发票号码：" };
        printed.remark = format!("{label}{} {}", blue.number(), invoice.remark).trim_end().to_owned();
    }
    printed
}

fn outcome(document: &Document, check: Check) -> Outcome {
    verdicts(document).into_iter().find(|verdict| verdict.check == check).unwrap().result
}

#[test]
fn every_original_reads_back_to_its_invoice() {
    let originals = Originals::new(11).unwrap();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (invoice, region) in invoices() {
        for format in [Format::Xml, Format::Ofd] {
            if !Originals::formats(&invoice).contains(&format) {
                continue;
            }
            let name = Originals::file_name(&invoice, format);
            let bytes = originals.file(&invoice, region, format).unwrap();
            let document = read(&name, &bytes).unwrap_or_else(|refused| panic!("{name}: {refused}"));
            assert_eq!(document.invoice, as_printed(&invoice), "{name}");
            assert_eq!(document.warnings, [], "{name}");
            if format == Format::Ofd {
                assert_eq!(outcome(&document, Check::SourcesAgree), Outcome::Pass, "{name}");
                assert_eq!(document.sources[&Field::Gross], Source::Attachment, "{name}");
                *kinds.entry(invoice.kind.code().to_owned()).or_default() += 1;
            }
            for check in [Check::Totals, Check::LineSums, Check::NumberShape] {
                assert_eq!(outcome(&document, check), Outcome::Pass, "{name} {check:?}");
            }
        }
    }
    assert!(kinds.len() >= 10, "{kinds:?}");
}
