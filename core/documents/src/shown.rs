//! The fields of a document one below the other, as a person compares them with the paper.

use piaoxia_domain::{Invoice, Party};

use crate::document::{Document, Source};
use crate::field::Field;

impl Document {
    /// Each field that is there with its value and where it came from, in the order of [`Field`]. Of the goods lines only how
    /// many there are.
    #[must_use]
    pub fn stated(&self) -> Vec<(Field, String, Source)> {
        let shown = self.sources.iter().filter_map(|(field, source)| Some((*field, value(&self.invoice, *field)?, *source)));
        shown.filter(|(_, value, _)| !value.is_empty()).collect()
    }
}

/// None for the parts of lines, which have no single value.
fn value(invoice: &Invoice, field: Field) -> Option<String> {
    let (seller, buyer) = (&invoice.seller, &invoice.buyer);
    let paper = invoice.paper_key.as_ref();
    let usage = invoice.usage.as_ref();
    Some(match field {
        Field::Number => invoice.key.number().to_owned(),
        Field::Code => invoice.key.code().or(paper.and_then(|key| key.code()))?.to_owned(),
        Field::PaperNumber => paper?.number().to_owned(),
        Field::Kind => invoice.kind.name().to_owned(),
        Field::IssuedOn => invoice.issued_on().to_string(),
        Field::SellerName | Field::SellerTaxNo | Field::SellerContact | Field::SellerBank => side(seller, field),
        Field::BuyerName | Field::BuyerTaxNo | Field::BuyerContact | Field::BuyerBank => side(buyer, field),
        Field::Net => invoice.net.grouped(),
        Field::Tax => invoice.tax.grouped(),
        Field::Gross => invoice.gross.grouped(),
        Field::Drawer => invoice.drawer.clone(),
        Field::Remark => invoice.remark.clone(),
        Field::CheckCode => invoice.check_code.clone(),
        Field::RedOf => invoice.red_of.as_ref()?.to_string(),
        Field::EffectiveTax => usage?.effective_tax?.grouped(),
        Field::TickedAt => usage?.ticked_at?.to_string().replace('T', " "),
        Field::TaxPeriod => usage?.period?.to_string(),
        Field::Lines => invoice.lines.len().to_string(),
        Field::LineName
        | Field::LineSpec
        | Field::LineUnit
        | Field::LineQuantity
        | Field::LinePrice
        | Field::LineNet
        | Field::LineRate
        | Field::LineTax
        | Field::LineGross
        | Field::LineClassCode => return None,
    })
}

fn side(party: &Party, field: Field) -> String {
    match field {
        Field::SellerName | Field::BuyerName => party.name.clone(),
        Field::SellerTaxNo | Field::BuyerTaxNo => party.tax_no.as_str().to_owned(),
        Field::SellerContact | Field::BuyerContact => party.contact.clone(),
        _ => party.bank.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn every_stated_field_has_its_value_and_place() {
        let document = crate::read("a.xml", include_bytes!("../tests/fixtures/special.xml")).unwrap();
        let stated = document.stated();
        let of = |wanted: Field| stated.iter().find(|(field, ..)| *field == wanted).map(|(_, value, source)| (value.clone(), *source));
        assert_eq!(of(Field::Number), Some((document.invoice.key.number().to_owned(), Source::Xml)));
        assert_eq!(of(Field::Gross), Some((document.invoice.gross.grouped(), Source::Xml)));
        assert!(stated.iter().all(|(_, value, _)| !value.is_empty()));
        assert!(stated.is_sorted_by_key(|(field, ..)| *field));
    }
}
