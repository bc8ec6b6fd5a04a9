//! Scenes of documents: their pages, what was proved of them, what the deduction lists say.

use std::sync::Arc;

use jiff::civil::date;
use piaoxia::state::State;
use piaoxia::state::sheet::{Side, Thumb};
use piaoxia_domain::{Kind, Money, Month};
use piaoxia_engine::deduction::{DeductionSummary, DeductionTotals, Used};
use piaoxia_engine::proof::{FilesProof, PaperFindings, PaperProof};
use piaoxia_engine::{Event, PageScale, PageSize, Picture, Preview, PreviewOrder};

use super::dialogs::sheet;
use super::pages::ledger;

/// A page with lines of text as far as one can tell from afar.
fn page(width: usize, height: usize, pages: usize) -> Preview {
    let ink = |x: usize, y: usize| x > width / 10 && x < width * 9 / 10 && y > height / 10 && y < height * 8 / 10 && y % 9 < 2;
    let shade = |index: usize| if ink(index % width, index / width) { 170 } else { 255 };
    let rgba = (0..width * height).flat_map(|index| [shade(index), shade(index), shade(index), 255]).collect();
    let size = PageSize { width: 210.0, height: 297.0 };
    Preview { picture: Arc::new(Picture { width, height, rgba }), pages: vec![size; pages].into() }
}

/// Gives every original of the open invoice that has pages the picture of its first one.
pub(super) fn draw_thumbs(state: &mut State) {
    let originals = state.ledger.sheet.as_ref().unwrap().originals.clone();
    for (ticket, original) in (100..).zip(originals) {
        let mut thumb = Thumb { ticket, ..Thumb::default() };
        thumb.drawn.answer(Ok(page(150, 97, 1)));
        state.ledger.looking.thumbs.insert((original.sha256, 0), thumb);
    }
}

/// A long document with the strip of its pages.
pub fn sheet_pages() -> State {
    let mut state = sheet();
    let original = state.ledger.sheet.as_ref().unwrap().originals.last().unwrap().clone();
    let sha256 = original.sha256.to_string();
    state.ledger.looking.turn_to(Side::Original(sha256.clone()));
    for number in 0..5 {
        let mut thumb = Thumb { ticket: 200 + number as u64, ..Thumb::default() };
        thumb.drawn.answer(Ok(page(85, 120, 5)));
        state.ledger.looking.thumbs.insert((original.sha256, number), thumb);
    }
    let scale = PageScale::Fit { width: 700, height: 20_000 };
    state.ledger.looking.asked = Some(PreviewOrder { ticket: 0, sha256, format: original.format, page: 0, scale });
    state.ledger.looking.ticket = 300;
    state.apply(Event::Preview { ticket: 300, result: Ok(page(700, 990, 5)) });
    state
}

fn found(bytes: &[u8]) -> Result<PaperFindings, piaoxia_documents::Refused> {
    piaoxia_documents::read("a.xml", bytes).map(|document| {
        let invoice = document.invoice.clone();
        PaperFindings::of(document, Some(&invoice), &piaoxia_seals::Trust::default())
    })
}

/// An XML whose goods lines do not add up, and a file that is cut off.
fn papers() -> Vec<PaperProof> {
    let xml = include_str!("../../core/documents/tests/fixtures/special.xml");
    let other = xml.replacen("<ComTaxAm>", "<ComTaxAm>1", 1);
    let paper = |name: &str, found| PaperProof { name: name.into(), found };
    vec![paper("dzfp_26312000000123456789.xml", found(other.as_bytes())), paper("dzfp_26312000000123456789.ofd", found(b"PK\x03\x04"))]
}

/// 核验 of the originals of an invoice.
pub fn sheet_proof() -> State {
    let mut state = sheet();
    state.ledger.looking.turn_to(Side::Proof);
    state.ledger.looking.proof.answer(Ok(papers()));
    state
}

/// 核验文件.
pub fn prove_files() -> State {
    let mut state = ledger();
    state.documents.open = true;
    state.documents.found.answer(Ok(FilesProof { papers: papers(), ..FilesProof::default() }));
    state
}

/// 抵扣汇总.
pub fn deduction() -> State {
    let mut state = ledger();
    state.open_deduction();
    state.sum_deduction();
    let money = |text: &str| text.parse::<Money>().unwrap();
    let row =
        |invoices, net, tax, assumed| DeductionTotals { invoices, net: money(net), tax: money(tax), effective_tax: money(tax), assumed };
    let summary = DeductionSummary::from([
        ((Used::Deduct, Kind::from_code("81")), row(1_204, "18234567.89", "2370493.83", 12)),
        ((Used::Deduct, Kind::from_code("51")), row(86, "20183.49", "1816.51", 0)),
        ((Used::NotDeduct, Kind::from_code("81")), row(3, "4200.00", "546.00", 0)),
        ((Used::Open, Kind::from_code("81")), row(17, "90210.00", "11727.30", 17)),
    ]);
    let period = state.tax_period();
    state.apply(Event::Deduction { company: None, period, result: Ok(summary) });
    state
}

/// 抵扣汇总 of a month of which no list is known.
pub fn deduction_nothing() -> State {
    let mut state = ledger();
    state.open_deduction();
    state.deduction.chosen = Some(Month::of(date(2025, 3, 1)));
    state.sum_deduction();
    let period = state.tax_period();
    state.apply(Event::Deduction { company: None, period, result: Ok(DeductionSummary::new()) });
    state
}
