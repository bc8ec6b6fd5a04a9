//! Sales between two companies of ours (内部往来): each sees them from its own side.

use piaoxia_domain::invoice::Books;
use piaoxia_domain::{Deduction, Direction, TaxNumber};

use super::Index;
use super::columns::{Fixed, NONE};
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

    /// Keeps those of the sales between companies of ours that are wanted, and all other rows. Most ledgers have none.
    pub(super) fn narrow_inner_sales(&self, mask: &mut Mask, wanted: impl Fn(&Fixed) -> bool) {
        if self.columns.flags.iter().any(|flags| flags.has_both_sides()) {
            mask.narrow_rows(|row| self.columns.get(row).is_some_and(|fixed| !fixed.flags.has_both_sides() || wanted(&fixed)));
        }
    }
}
