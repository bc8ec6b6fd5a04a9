//! Sorting. The order of all rows by a column is kept until the ledger changes.

use std::sync::{Arc, OnceLock};

use piaoxia_domain::{Direction, TaxNumber};

use super::Index;
use super::query::Mask;
use crate::ledger::view::{Sort, SortKey};

/// A view of fewer rows than one in this many is sorted by itself.
const SELECTIVE: usize = 16;

/// Orders computed so far, one a sort key.
#[derive(Default)]
pub(super) struct Orders([OnceLock<Vec<u32>>; SortKey::ALL.len()]);

impl Orders {
    pub(super) fn forget(&mut self) {
        for order in &mut self.0 {
            order.take();
        }
    }

    pub(super) fn forget_one(&mut self, by: SortKey) {
        if let Some(order) = self.0.get_mut(by as usize) {
            order.take();
        }
    }

    fn of(&self, by: SortKey) -> Option<&OnceLock<Vec<u32>>> {
        self.0.get(by as usize)
    }
}

impl Index {
    /// The rows of a mask in order, as this company sees them.
    pub(super) fn sorted(&self, mask: &Mask, count: usize, sort: Sort, company: Option<&TaxNumber>) -> Arc<[u32]> {
        let known = self.orders.of(sort.by).filter(|_| count > self.len() / SELECTIVE && !self.is_sided(mask, sort.by, company));
        let mut ids = match known {
            None => self.in_order(mask.rows(), sort.by, company),
            Some(order) => {
                let all = order.get_or_init(|| self.in_order(0..u32::try_from(self.len()).unwrap_or(u32::MAX), sort.by, None));
                let mut ids = Vec::with_capacity(count);
                ids.extend(all.iter().filter(|row| mask.has(**row)));
                ids
            }
        };
        if sort.descending {
            ids.reverse();
        }
        ids.into()
    }

    /// True where a company sees a sale between two of ours otherwise than the kept orders have it: those show it as without a company.
    fn is_sided(&self, mask: &Mask, by: SortKey, company: Option<&TaxNumber>) -> bool {
        if company.is_none() || !matches!(by, SortKey::Counterparty | SortKey::Direction | SortKey::Deduction) {
            return false;
        }
        let is_inner = |row: &usize| self.columns.flags.get(*row).is_some_and(|flags| flags.has_both_sides());
        let mut inner = mask.rows().map(|row| row as usize).filter(is_inner);
        inner.any(|row| self.sort_key(by, row, company) != self.sort_key(by, row, None))
    }

    fn in_order(&self, rows: impl Iterator<Item = u32>, by: SortKey, company: Option<&TaxNumber>) -> Vec<u32> {
        if matches!(by, SortKey::Date | SortKey::Net | SortKey::Tax | SortKey::Gross) {
            let mut keyed: Vec<(i64, u32)> = rows.map(|row| (self.sort_key(by, row as usize, company).0, row)).collect();
            keyed.sort_unstable();
            return keyed.into_iter().map(|(_, row)| row).collect();
        }
        let mut keyed: Vec<((i64, &str), u32)> = rows.map(|row| (self.sort_key(by, row as usize, company), row)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, row)| row).collect()
    }

    /// Numbers compare before texts; a key has one or the other.
    fn sort_key(&self, by: SortKey, row: usize, company: Option<&TaxNumber>) -> (i64, &str) {
        let Some(fixed) = self.columns.get(row) else { return (0, "") };
        match by {
            SortKey::Date => (i64::from(fixed.day) * 100_000 + i64::from(fixed.second), ""),
            SortKey::Number => (0, number_of(self.key_text(row))),
            SortKey::Kind => (0, self.kinds.get(fixed.kind).map_or("", |kind| kind.code())),
            SortKey::Counterparty => {
                let issued = self.side_of(&fixed, company) == Some(Direction::Issued);
                let party = if issued { fixed.buyer } else { fixed.seller };
                (0, self.parties.get(party).map_or("", |party| party.name.as_str()))
            }
            SortKey::Net => (fixed.net, ""),
            SortKey::Tax => (fixed.tax, ""),
            SortKey::Gross => (fixed.gross, ""),
            SortKey::Status => self.status_key(fixed.status),
            SortKey::Direction => (self.side_of(&fixed, company).map_or(i64::MAX, |direction| direction as i64), ""),
            SortKey::Deduction => (self.deduction_of(&fixed, company).map_or(i64::MAX, |deduction| deduction as i64), ""),
            SortKey::Originals => (fixed.flags.originals().iter().count() as i64, ""),
        }
    }

    /// The states that the bureau names come first, in its order.
    fn status_key(&self, status: u32) -> (i64, &str) {
        let Some(status) = self.statuses.get(status) else { return (i64::MAX, "") };
        let place = piaoxia_domain::Status::KNOWN.iter().position(|known| *known == **status);
        (place.map_or(i64::MAX, |place| place as i64), status.text())
    }
}

/// What the 号码 column shows: the last eight digits of a legacy key (code-number), else the whole key.
fn number_of(key: &str) -> &str {
    match key.split_once('-') {
        Some((code, number)) if matches!(code.len(), 10 | 12) && number.len() == 8 => number,
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use piaoxia_domain::{Deduction, Invoice, InvoiceFilter};

    use super::*;
    use crate::tests::sample::invoice;

    #[test]
    fn the_kept_order_serves_every_company_that_sees_no_inner_sale_otherwise() {
        let inner = Invoice { direction: Some(Direction::Issued), both_sides: true, deduction: Some(Deduction::Open), ..invoice(1) };
        let mut outer = Invoice { direction: Some(Direction::Received), ..invoice(2) };
        outer.buyer.tax_no = TaxNumber::from_document("911101085658269920");
        let (seller, buyer) = (&inner.seller.tax_no, &inner.buyer.tax_no);
        for (by, company, kept) in [
            (SortKey::Counterparty, &outer.buyer.tax_no, true),
            (SortKey::Counterparty, seller, true),
            (SortKey::Counterparty, buyer, false),
            (SortKey::Direction, buyer, false),
            (SortKey::Deduction, buyer, true),
            // What the buyer ticked is nothing to the seller.
            (SortKey::Deduction, seller, false),
        ] {
            let mut index = Index::default();
            index.put(&inner, true);
            index.put(&outer, true);
            let filter = InvoiceFilter { company: Some(company.clone()), ..InvoiceFilter::default() };
            assert_eq!(index.view(&filter, Sort { by, descending: false }).ids.len(), 1);
            let is_kept = index.orders.of(by).is_some_and(|order| order.get().is_some());
            assert_eq!(is_kept, kept, "{by:?} {company}");
        }
    }
}
