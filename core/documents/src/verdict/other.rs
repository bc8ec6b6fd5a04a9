//! A document against another of the same invoice: XML against PDF, an original against the ledger.

use piaoxia_domain::{Invoice, InvoiceKey};

use super::{Check, Outcome, Reason, Verdict, count};
use crate::document::{Document, Source};
use crate::field::Field;
use crate::statement::folded;

/// Compares a document with what another source says of the same invoice: its row in the ledger, or another original.
///
/// Only what both state is compared: a total that was computed proves nothing, and what one of them leaves out is no
/// difference. Names are compared without regard to spacing, width and case.
#[must_use]
pub fn against(document: &Document, other: &Invoice) -> Verdict {
    let here = &document.invoice;
    let (result, reason) = if is_same(here, other) {
        compared(document, other)
    } else {
        (Outcome::Fail, Reason::OtherInvoice { here: here.key.to_string(), other: other.key.to_string() })
    };
    Verdict { check: Check::AgreesWithOther, result, reason }
}

/// One of the numbers of the one is one of the other's: a 数电纸质 invoice has two.
fn is_same(here: &Invoice, other: &Invoice) -> bool {
    let keys = |invoice: &Invoice| -> Vec<InvoiceKey> { invoice.paper_key.iter().chain([&invoice.key]).cloned().collect() };
    let others = keys(other);
    keys(here).iter().any(|key| others.contains(key))
}

fn compared(document: &Document, other: &Invoice) -> (Outcome, Reason) {
    let stated = |field: &Field| document.sources.get(field).is_some_and(|source| *source != Source::Computed);
    let (mut checked, mut differing) = (0_usize, Vec::new());
    for (field, here, there) in texts(&document.invoice, other) {
        if !stated(&field) || here.is_empty() || there.is_empty() {
            continue;
        }
        checked += 1;
        if !folded(&here).eq(folded(&there)) {
            differing.push((field, here, there));
        }
    }
    let fields = count(differing.len());
    match differing.into_iter().next() {
        Some((field, here, other)) => (Outcome::Fail, Reason::OtherDiffers { field, here, other, fields }),
        None => (Outcome::Pass, Reason::OtherAgrees { fields: count(checked) }),
    }
}

/// The fields that every source of an invoice may have, of both.
fn texts(here: &Invoice, other: &Invoice) -> [(Field, String, String); 9] {
    let pair = |field, of: &dyn Fn(&Invoice) -> String| (field, of(here), of(other));
    [
        pair(Field::Gross, &|invoice| invoice.gross.to_string()),
        pair(Field::Net, &|invoice| invoice.net.to_string()),
        pair(Field::Tax, &|invoice| invoice.tax.to_string()),
        pair(Field::IssuedOn, &|invoice| invoice.issued_on().to_string()),
        pair(Field::SellerTaxNo, &|invoice| invoice.seller.tax_no.as_str().to_owned()),
        pair(Field::SellerName, &|invoice| invoice.seller.name.clone()),
        pair(Field::BuyerTaxNo, &|invoice| invoice.buyer.tax_no.as_str().to_owned()),
        pair(Field::BuyerName, &|invoice| invoice.buyer.name.clone()),
        pair(Field::Kind, &|invoice| invoice.kind.code().to_owned()),
    ]
}
