//! One invoice, several sources: whose word counts for what.
//!
//! The bureau's word on status, deduction and risk is final until its next word; a document only fills what is missing. A gap
//! in an update never removes what was there. A deduction file (抵扣勾选, 统计清单) is the bureau's own export, so that its word
//! on 勾选 counts until a later one, wherever the invoice came from.
//!
//! A sale between two companies of ours is told twice, once by either side: both keep it.

use jiff::Timestamp;
use jiff::civil::Time;
use piaoxia_domain::{Deduction, Direction, Invoice, Party, Status, Usage};

use super::types::{Change, Field, Source};

/// What is in the ledger: the invoice, and whether the bureau has told its status.
pub(crate) struct Known {
    pub invoice: Invoice,
    pub by_bureau: bool,
}

/// Joins what is known with what a source states. Returns it with the changes of tracked fields.
pub(crate) fn merge(known: &Known, stated: Invoice, source: &Source, at: Timestamp) -> (Known, Vec<Change>) {
    let after = joined(known, stated, source.is_bureau());
    let changes = changes(&known.invoice, &after.invoice, source, at);
    (after, changes)
}

/// What is known, joined with what the bureau or a document states.
fn joined(known: &Known, stated: Invoice, bureau: bool) -> Known {
    let before = &known.invoice;
    let mut invoice = if bureau { fill(stated.clone(), before) } else { fill(before.clone(), &stated) };
    if !bureau && !known.by_bureau {
        state_from_document(&mut invoice, &stated);
    }
    see_both_sides(&mut invoice, before, &stated);
    if !bureau {
        tick_from_file(&mut invoice, before, known.by_bureau, &stated);
    } else if invoice.deduction == Some(Deduction::Open) {
        invoice.usage = invoice.usage.map(Usage::unticked);
        // The list of what can be ticked no longer has it. The seller's list never had it.
        let buyer_says = stated.direction != Some(Direction::Issued);
        if buyer_says && stated.status.is_cancelled() && stated.deduction.is_none() {
            invoice.deduction = None;
        }
    }
    Known { invoice, by_bureau: known.by_bureau || bureau }
}

/// `main` with its gaps filled from `other`.
fn fill(mut main: Invoice, other: &Invoice) -> Invoice {
    main.paper_key = main.paper_key.or_else(|| other.paper_key.clone());
    main.direction = main.direction.or(other.direction);
    main.self_billed |= other.self_billed;
    if main.kind.code().is_empty() {
        main.kind = other.kind.clone();
    }
    main.deduction = main.deduction.or(other.deduction);
    main.usage = match (main.usage, &other.usage) {
        (Some(main), Some(other)) => Some(main.or(other)),
        (main, other) => main.or_else(|| other.clone()),
    };
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

/// Who says the other direction is the other party: the seller's books keep what the buyer's now have, too. What the buyer issued is a
/// purchase, whoever said otherwise before: an earlier version took it for a sale.
fn see_both_sides(invoice: &mut Invoice, before: &Invoice, stated: &Invoice) {
    if invoice.self_billed {
        (invoice.both_sides, invoice.direction) = (false, Some(Direction::Received));
        return;
    }
    let told_otherwise = matches!((before.direction, stated.direction), (Some(before), Some(stated)) if before != stated);
    let two = invoice.seller.tax_no != invoice.buyer.tax_no && !invoice.seller.tax_no.is_empty() && !invoice.buyer.tax_no.is_empty();
    invoice.both_sides = before.both_sides || stated.both_sides || (told_otherwise && two);
    if invoice.both_sides {
        invoice.direction = Some(Direction::Issued);
    }
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

/// Only a deduction file states 用途 with a 抵扣状态; the 有效抵扣税额 of a register says nothing of 勾选. The later file counts, but one that
/// was exported before what is known does not: what is confirmed for a period is no longer merely ticked, and 勾选时间 does not run
/// backwards.
fn tick_from_file(invoice: &mut Invoice, before: &Invoice, by_bureau: bool, stated: &Invoice) {
    let (Some(usage), Some(state)) = (&stated.usage, stated.deduction) else { return };
    let known = before.usage.clone().unwrap_or_default();
    let confirmed = before.deduction == Some(Deduction::Confirmed) && state != Deduction::Confirmed;
    let older = matches!((usage.ticked_at, known.ticked_at), (Some(stated), Some(known)) if stated < known);
    // A list of what is not ticked may be of any day: it cannot take back what the bureau has said since, in a download.
    let undated = by_bureau && known.ticked_at.is_none() && state == Deduction::Open && before.deduction == Some(Deduction::Ticked);
    if confirmed || older || undated {
        invoice.deduction = before.deduction;
        invoice.usage.clone_from(&before.usage);
        return;
    }
    let usage = usage.clone().or(&known);
    invoice.deduction = Some(state);
    invoice.usage = Some(if state == Deduction::Open { usage.unticked() } else { usage });
}

fn changes(before: &Invoice, after: &Invoice, source: &Source, at: Timestamp) -> Vec<Change> {
    [Field::Status, Field::Deduction, Field::RedOf, Field::Risk, Field::Net, Field::Tax, Field::Gross]
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
        Field::Net => of.net.to_string(),
        Field::Tax => of.tax.to_string(),
        Field::Gross => of.gross.to_string(),
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

    fn told(field: Field, from: &str, to: &str) -> (Field, String, String) {
        (field, from.to_owned(), to.to_owned())
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
        assert_eq!(changes, [told(Field::Status, "normal", "void"), told(Field::Net, "11.00", "0.05")]);
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

    fn ticked(state: Deduction, at: Option<i8>, period: Option<&str>) -> Invoice {
        let at = at.map(|day| jiff::civil::date(2026, 10, day).at(9, 0, 0, 0));
        let usage = Usage { ticked_at: at, period: period.map(|text| text.parse().unwrap()), ..Usage::default() };
        let mut invoice = Invoice { deduction: Some(state), usage: Some(usage), ..invoice(1) };
        // These files name no buyer.
        invoice.buyer.name.clear();
        invoice
    }

    #[test]
    fn a_deduction_file_moves_the_state_and_blanks_nothing() {
        for by_bureau in [false, true] {
            let known = Known { invoice: Invoice { deduction: Some(Deduction::Open), ..invoice(1) }, by_bureau };
            let (after, changes) = by(&import(), &known, ticked(Deduction::Ticked, Some(8), None));
            assert_eq!(changes, [(Field::Deduction, "open".to_owned(), "ticked".to_owned())]);
            assert_eq!(after.invoice.buyer, invoice(1).buyer);
            let (confirmed, _) = by(&import(), &after, ticked(Deduction::Confirmed, None, Some("2026-10")));
            let usage = confirmed.invoice.usage.clone().unwrap();
            assert_eq!((usage.ticked_at.unwrap().day(), usage.period.unwrap().to_string()), (8, "2026-10".to_owned()));
            // Files of before, imported late, and a document that says nothing of it.
            for late in [ticked(Deduction::Ticked, Some(8), None), ticked(Deduction::Open, None, None), invoice(1)] {
                assert_eq!(by(&import(), &confirmed, late).0.invoice, confirmed.invoice);
            }
            assert_eq!(by(&import(), &after, ticked(Deduction::Ticked, Some(7), None)).0.invoice, after.invoice);
            // 撤销勾选; but a download that told of the tick is asked for its end, too.
            let told = Invoice { deduction: Some(Deduction::Ticked), usage: None, ..after.invoice.clone() };
            let told = Known { invoice: told, by_bureau };
            let (left, _) = by(&import(), &told, ticked(Deduction::Open, None, None));
            assert_eq!(left.invoice.deduction == Some(Deduction::Ticked), by_bureau);
            let (open, _) = by(&import(), &after, ticked(Deduction::Open, None, None));
            assert_eq!((open.invoice.deduction, open.invoice.usage), (Some(Deduction::Open), Some(Usage::default())));
        }
    }

    #[test]
    fn the_bureau_takes_a_tick_back_and_names_a_kind_that_was_not_known() {
        let mut invoice = ticked(Deduction::Confirmed, Some(8), Some("2026-10"));
        invoice.kind = piaoxia_domain::Kind::from_code("");
        let known = Known { invoice, by_bureau: false };
        let (after, _) = by(&import(), &known, crate::tests::sample::invoice(1));
        assert_eq!(after.invoice.kind, crate::tests::sample::invoice(1).kind);
        let stated = Invoice { deduction: Some(Deduction::Open), ..crate::tests::sample::invoice(1) };
        let (after, _) = by(&download(), &after, stated);
        assert_eq!((after.invoice.deduction, after.invoice.usage), (Some(Deduction::Open), Some(Usage::default())));
    }

    #[test]
    fn what_is_cancelled_can_no_longer_be_ticked() {
        for status in [Status::Void, Status::RedFull] {
            let known = Known { invoice: Invoice { deduction: Some(Deduction::Open), ..invoice(1) }, by_bureau: true };
            let (after, _) = by(&download(), &known, Invoice { status, ..invoice(1) });
            assert_eq!(after.invoice.deduction, None);
        }
    }

    #[test]
    fn a_sale_between_two_of_ours_stays_in_the_books_of_both() {
        let of = |direction| Invoice { direction: Some(direction), ..invoice(1) };
        let (seller, buyer) = (invoice(1).seller.tax_no, invoice(1).buyer.tax_no);
        for (first, second) in [(Direction::Issued, Direction::Received), (Direction::Received, Direction::Issued)] {
            let known = Known { invoice: of(first), by_bureau: true };
            let (both, changes) = by(&download(), &known, of(second));
            assert!(both.invoice.both_sides && changes.is_empty());
            // Whoever tells it again.
            for again in [first, second] {
                assert_eq!(by(&download(), &both, of(again)).0.invoice, both.invoice);
            }
            let seen = [Some(&seller), Some(&buyer), None].map(|company| both.invoice.side_of(company));
            assert_eq!(seen, [Some(Direction::Issued), Some(Direction::Received), Some(Direction::Issued)]);
            assert!(both.invoice.concerns(&seller) && both.invoice.concerns(&buyer));
            assert!(!by(&download(), &known, of(first)).0.invoice.both_sides);
        }
    }

    #[test]
    fn what_the_buyer_issued_is_a_purchase_alone_whatever_was_said_before() {
        let sale = Invoice { direction: Some(Direction::Issued), ..invoice(1) };
        let bought = Invoice { direction: Some(Direction::Received), self_billed: true, ..invoice(1) };
        let both = Invoice { both_sides: true, self_billed: true, ..sale.clone() };
        let company = &bought.buyer.tax_no;
        for before in [sale.clone(), both] {
            let known = Known { invoice: before, by_bureau: true };
            let (after, changes) = by(&download(), &known, bought.clone());
            assert_eq!((&after.invoice, changes), (&bought, Vec::new()));
            assert_eq!(after.invoice.list_of(Some(company)), Some(Direction::Issued));
            // A document that takes it for a sale.
            assert_eq!(by(&import(), &after, sale.clone()).0.invoice, bought);
        }
    }

    #[test]
    fn the_sellers_list_says_nothing_of_the_buyers_deduction() {
        let bought =
            Invoice { direction: Some(Direction::Received), deduction: Some(Deduction::Open), status: Status::RedFull, ..invoice(1) };
        let known = Known { invoice: bought.clone(), by_bureau: true };
        let sold = Invoice { direction: Some(Direction::Issued), deduction: None, ..bought };
        let (after, changes) = by(&download(), &known, sold);
        assert_eq!((after.invoice.deduction, changes), (Some(Deduction::Open), Vec::new()));
    }

    #[test]
    fn an_amount_of_a_document_that_the_bureau_corrects_is_told() {
        let known = Known { invoice: invoice(1), by_bureau: false };
        let [tax, gross] = [200, 1_300].map(piaoxia_domain::Money::from_fen);
        let (after, changes) = by(&download(), &known, Invoice { tax, gross, ..invoice(1) });
        assert_eq!(changes, [told(Field::Tax, "1.43", "2.00"), told(Field::Gross, "12.43", "13.00")]);
        // The document once more.
        let (again, changes) = by(&import(), &after, invoice(1));
        assert_eq!((again.invoice.gross, changes), (gross, Vec::new()));
    }

    #[test]
    fn every_tracked_field_is_told() {
        let known = Known { invoice: invoice(1), by_bureau: true };
        let stated = Invoice {
            status: Status::Other("异常".to_owned()),
            deduction: Some(Deduction::Confirmed),
            red_of: Some(invoice(2).key),
            risk: "疑点发票".to_owned(),
            net: piaoxia_domain::Money::from_fen(-123_450),
            tax: piaoxia_domain::Money::from_fen(-16_050),
            gross: piaoxia_domain::Money::from_fen(-139_500),
            ..invoice(1)
        };
        let (after, changes) = by(&download(), &known, stated.clone());
        let to: Vec<&str> = changes.iter().map(|(_, _, to)| to.as_str()).collect();
        assert_eq!(to, ["异常", "confirmed", &invoice(2).key.to_string(), "疑点发票", "-1234.50", "-160.50", "-1395.00"]);
        assert_eq!(by(&download(), &after, stated).1, []);
    }
}
