//! Sales between two companies of ours (内部往来): each sees them from its own side.

use piaoxia_domain::invoice::Books;
use piaoxia_domain::{Deduction, Direction, TaxNumber};

use super::Index;
use super::columns::{Fixed, Flags, NONE};
use super::query::Mask;

impl Index {
    /// Means the same as [`piaoxia_domain::Invoice::side_of`].
    pub(super) fn side_of(&self, fixed: &Fixed, company: Option<&TaxNumber>) -> Option<Direction> {
        // Almost every row has one side: its parties need not be looked up.
        self.books(fixed).map_or_else(|| fixed.flags.direction(), |books| books.side_of(company))
    }

    /// Means the same as [`piaoxia_domain::Invoice::deduction_of`].
    pub(super) fn deduction_of(&self, fixed: &Fixed, company: Option<&TaxNumber>) -> Option<Deduction> {
        fixed.flags.deduction().filter(|_| !self.books(fixed).is_some_and(|books| books.is_sale_of(company)))
    }

    /// Of a sale between two of ours.
    fn books(&self, fixed: &Fixed) -> Option<Books<'_>> {
        if !fixed.flags.has_both_sides() {
            return None;
        }
        let (seller, buyer) = (&self.parties.get(fixed.seller)?.tax_no, &self.parties.get(fixed.buyer)?.tax_no);
        Some(Books { direction: fixed.flags.direction(), both_sides: true, seller, buyer })
    }

    /// Number of the company in whose books it is, as this company sees it.
    pub(super) fn owner_of(&self, fixed: &Fixed, company: Option<&TaxNumber>) -> u32 {
        match company {
            Some(company) if fixed.flags.has_both_sides() => self.owners.known(company).unwrap_or(NONE),
            _ => fixed.owner,
        }
    }

    /// Number of the party that is not us.
    pub(super) fn counterparty(&self, fixed: &Fixed, company: Option<&TaxNumber>) -> u32 {
        let issued = self.side_of(fixed, company) == Some(Direction::Issued);
        self.parties.party_of(if issued { fixed.buyer } else { fixed.seller })
    }

    /// Keeps the rows whose side is wanted.
    pub(super) fn narrow_to_sides(&self, mask: &mut Mask, company: Option<&TaxNumber>, wanted: impl Fn(Option<Direction>) -> bool) {
        mask.narrow(&self.columns.flags, |flags| flags.has_both_sides() || wanted(flags.direction()));
        self.narrow_inner_sales(mask, |fixed| wanted(self.side_of(fixed, company)));
    }

    /// Keeps the rows that this company finds in a list of the bureau. Means the same as [`piaoxia_domain::Invoice::list_of`].
    pub(super) fn narrow_to_list(&self, mask: &mut Mask, company: Option<&TaxNumber>, list: Direction) {
        let listed = |flags: Flags| if flags.is_self_billed() { Some(Direction::Issued) } else { flags.direction() };
        mask.narrow(&self.columns.flags, |flags| flags.has_both_sides() || listed(flags) == Some(list));
        self.narrow_inner_sales(mask, |fixed| self.side_of(fixed, company) == Some(list));
    }

    pub(super) fn has_inner_sales(&self) -> bool {
        self.columns.flags.iter().any(|flags| flags.has_both_sides())
    }

    /// Keeps those of the sales between companies of ours that are wanted, and all other rows. Most ledgers have none.
    pub(super) fn narrow_inner_sales(&self, mask: &mut Mask, wanted: impl Fn(&Fixed) -> bool) {
        if self.has_inner_sales() {
            mask.narrow_rows(|row| self.columns.get(row).is_some_and(|fixed| !fixed.flags.has_both_sides() || wanted(&fixed)));
        }
    }
}

#[cfg(test)]
mod tests {
    use piaoxia_domain::{Invoice, InvoiceFilter};

    use super::*;
    use crate::ledger::view::{Sort, SortKey};
    use crate::tests::sample::invoice;

    /// One that both have, and one that the buyer bought elsewhere.
    fn index() -> (Index, TaxNumber) {
        let mut inner = Invoice { direction: Some(Direction::Issued), both_sides: true, ..invoice(1) };
        let buyer = inner.buyer.tax_no.clone();
        (inner.seller.name, inner.buyer.name) = ("b".to_owned(), "z".to_owned());
        let mut outer = Invoice { direction: Some(Direction::Received), ..invoice(2) };
        (outer.seller.name, outer.buyer.name, outer.buyer.tax_no) = ("c".to_owned(), "z".to_owned(), buyer.clone());
        let mut index = Index::default();
        for invoice in [&inner, &outer] {
            index.put(invoice, true);
        }
        (index, buyer)
    }

    #[test]
    fn each_company_sorts_by_what_it_sees() {
        let (index, buyer) = index();
        for (by, seen_by_buyer, seen_by_all) in [
            // The buyer sees b and c; without a company the first is the sale to z.
            (SortKey::Counterparty, [0, 1], [1, 0]),
            // The buyer bought both, so that their places decide.
            (SortKey::Direction, [0, 1], [0, 1]),
        ] {
            for (company, ids) in [(Some(buyer.clone()), seen_by_buyer), (None, seen_by_all)] {
                let filter = InvoiceFilter { company, ..InvoiceFilter::default() };
                assert_eq!(*index.view(&filter, Sort { by, descending: false }).ids, ids, "{by:?}");
            }
        }
    }
}
