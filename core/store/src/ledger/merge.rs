//! One invoice, several sources: whose word counts for what.
//!
//! The bureau's word on status, deduction and risk is final until its next word; a document only fills what is missing. A gap
//! in an update never removes what was there.

use jiff::Timestamp;
use jiff::civil::Time;
use piaoxia_domain::{Invoice, Party, Status};

use super::types::{Change, Field, Source};

/// What is in the ledger: the invoice, and whether the bureau has told its status.
pub(crate) struct Known {
    pub invoice: Invoice,
    pub by_bureau: bool,
}

/// Joins what is known with what a source states. Returns it with the changes of tracked fields.
pub(crate) fn merge(known: &Known, stated: Invoice, source: &Source, at: Timestamp) -> (Known, Vec<Change>) {
    let bureau = source.is_bureau();
    let before = &known.invoice;
    let mut invoice = if bureau { fill(stated.clone(), before) } else { fill(before.clone(), &stated) };
    if !bureau && !known.by_bureau {
        state_from_document(&mut invoice, &stated);
    }
    let changes = changes(before, &invoice, source, at);
    (Known { invoice, by_bureau: known.by_bureau || bureau }, changes)
}

/// `main` with its gaps filled from `other`.
fn fill(mut main: Invoice, other: &Invoice) -> Invoice {
    main.paper_key = main.paper_key.or_else(|| other.paper_key.clone());
    main.direction = main.direction.or(other.direction);
    main.deduction = main.deduction.or(other.deduction);
    main.red_of = main.red_of.or_else(|| other.red_of.clone());
    // An export gives the day, a document the time of day too.
    if main.issued_at.time() == Time::midnight() && main.issued_on() == other.issued_on() {
        main.issued_at = other.issued_at;
    }
    fill_party(&mut main.seller, &other.seller);
    fill_party(&mut main.buyer, &other.buyer);
    for (text, filler) in [
        (&mut main.risk, &other.risk),
        (&mut main.source, &other.source),
        (&mut main.drawer, &other.drawer),
        (&mut main.remark, &other.remark),
        (&mut main.check_code, &other.check_code),
    ] {
        fill_text(text, filler);
    }
    if main.lines.is_empty() {
        main.lines.clone_from(&other.lines);
    }
    main
}

fn fill_party(main: &mut Party, other: &Party) {
    if main.tax_no.is_empty() {
        main.tax_no = other.tax_no.clone();
    }
    fill_text(&mut main.name, &other.name);
    fill_text(&mut main.contact, &other.contact);
    fill_text(&mut main.bank, &other.bank);
}

fn fill_text(main: &mut String, other: &str) {
    if main.is_empty() {
        main.push_str(other);
    }
}

/// While only documents are known, the later one counts; but most documents state no status at all and are read as normal,
/// so that normal says nothing.
fn state_from_document(invoice: &mut Invoice, stated: &Invoice) {
    if stated.status != Status::Normal {
        invoice.status = stated.status.clone();
    }
    invoice.deduction = stated.deduction.or(invoice.deduction);
    if !stated.risk.is_empty() {
        invoice.risk.clone_from(&stated.risk);
    }
}

fn changes(before: &Invoice, after: &Invoice, source: &Source, at: Timestamp) -> Vec<Change> {
    [Field::Status, Field::Deduction, Field::RedOf, Field::Risk]
        .into_iter()
        .map(|field| (field, value(before, field), value(after, field)))
        .filter(|(_, from, to)| from != to)
        .map(|(field, from, to)| Change { at, field, from, to, source: source.clone() })
        .collect()
}

fn value(of: &Invoice, field: Field) -> String {
    match field {
        Field::Status => of.status.word().to_owned(),
        Field::Deduction => of.deduction.map_or("", |deduction| deduction.word()).to_owned(),
        Field::RedOf => of.red_of.as_ref().map(ToString::to_string).unwrap_or_default(),
        Field::Risk => of.risk.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::tests::sample::invoice;
    use piaoxia_domain::{Deduction, InvoiceLine};

    fn by(source: &Source, known: &Known, stated: Invoice) -> (Known, Vec<(Field, String, String)>) {
        let (after, changes) = merge(known, stated, source, Timestamp::UNIX_EPOCH);
        (after, changes.into_iter().map(|change| (change.field, change.from, change.to)).collect())
    }

    fn download() -> Source {
        Source::Download("91310115MA1K35JX4G".to_owned())
    }

    fn import() -> Source {
        Source::Import("发票.pdf".to_owned())
    }

    #[test]
    fn a_document_never_overwrites_the_bureaus_word_but_fills_gaps() {
        let bureau = Invoice { status: Status::RedFull, deduction: Some(Deduction::Ticked), ..invoice(1) };
        let known = Known { invoice: bureau.clone(), by_bureau: true };
        let mut document = Invoice {
            status: Status::Void,
            deduction: Some(Deduction::Open),
            remark: "备注".to_owned(),
            drawer: "王".to_owned(),
            ..invoice(1)
        };
        document.seller.bank = "银行 123".to_owned();
        document.seller.name = "别的名称".to_owned();
        document.gross = piaoxia_domain::Money::from_fen(1);
        document.lines = vec![InvoiceLine { name: "*服务*咨询".to_owned(), ..InvoiceLine::default() }];
        let (after, changes) = by(&import(), &known, document.clone());
        assert_eq!(changes, []);
        let mut expected = Invoice { remark: document.remark, drawer: document.drawer, lines: document.lines, ..bureau };
        expected.seller.bank = document.seller.bank;
        assert_eq!(after.invoice, expected);
        assert!(after.by_bureau);
    }

    #[test]
    fn the_bureaus_word_wins_and_leaves_what_it_does_not_state() {
        let known = Known {
            invoice: Invoice { remark: "备注".to_owned(), deduction: Some(Deduction::Ticked), risk: "正常".to_owned(), ..invoice(1) },
            by_bureau: false,
        };
        let stated = Invoice { status: Status::Void, deduction: None, net: piaoxia_domain::Money::from_fen(5), ..invoice(1) };
        let (after, changes) = by(&download(), &known, stated.clone());
        assert_eq!(changes, [(Field::Status, "normal".to_owned(), "void".to_owned())]);
        assert_eq!(
            after.invoice,
            Invoice { remark: "备注".to_owned(), deduction: Some(Deduction::Ticked), risk: "正常".to_owned(), ..stated }
        );
        assert!(after.by_bureau);
    }

    #[test]
    fn among_documents_the_later_state_counts_and_normal_says_nothing() {
        let known = Known { invoice: invoice(1), by_bureau: false };
        let (after, changes) = by(&import(), &known, Invoice { status: Status::RedPart, deduction: Some(Deduction::Open), ..invoice(1) });
        assert_eq!(changes.len(), 2);
        let (after, changes) = by(&import(), &after, invoice(1));
        assert_eq!((after.invoice.status, changes.len()), (Status::RedPart, 0));
        assert!(!after.by_bureau);
    }

    #[test]
    fn the_time_of_day_is_filled_in() {
        let day = invoice(1).issued_on();
        let known = Known { invoice: Invoice { issued_at: day.at(0, 0, 0, 0), ..invoice(1) }, by_bureau: true };
        let (after, _) = by(&import(), &known, Invoice { issued_at: day.at(9, 30, 0, 0), ..invoice(1) });
        assert_eq!(after.invoice.issued_at, day.at(9, 30, 0, 0));
        let (after, _) = by(&import(), &known, Invoice { issued_at: day.tomorrow().unwrap().at(9, 30, 0, 0), ..invoice(1) });
        assert_eq!(after.invoice.issued_at, day.at(0, 0, 0, 0));
    }

    #[test]
    fn every_tracked_field_is_told() {
        let known = Known { invoice: invoice(1), by_bureau: true };
        let stated = Invoice {
            status: Status::Other("异常".to_owned()),
            deduction: Some(Deduction::Confirmed),
            red_of: Some(invoice(2).key),
            risk: "疑点发票".to_owned(),
            ..invoice(1)
        };
        let (after, changes) = by(&download(), &known, stated.clone());
        let to: Vec<&str> = changes.iter().map(|(_, _, to)| to.as_str()).collect();
        assert_eq!(to, ["异常", "confirmed", &invoice(2).key.to_string(), "疑点发票"]);
        assert_eq!(by(&download(), &after, stated).1, []);
    }
}
