//! Rows of invoices that became one: a 数电纸质 invoice was known by code and number of its paper, and then by its 20 digits.
//!
//! No row gets another number by that, because views hold the numbers. The row of the first key has the second one from then on. Where both
//! had rows, that of the first is gone: it has no text and is in no view, and its number means none. No file keeps rows that are gone.

use piaoxia_domain::InvoiceKey;

use super::Index;
use super::columns::NONE;
use crate::ledger::view::Formats;

impl Index {
    /// Number of invoices.
    pub(crate) fn invoices(&self) -> usize {
        self.len() - self.gone.len()
    }

    /// The rows that are not gone.
    pub(super) fn there(&self) -> impl Iterator<Item = u32> {
        (0..u32::try_from(self.len()).unwrap_or(NONE)).filter(|row| !self.gone.contains(row))
    }

    /// True when an invoice has a row.
    pub(crate) fn has(&self, key: &InvoiceKey) -> bool {
        self.find(&key.to_string()).is_some()
    }

    /// The invoice of the first key has the second one now. Its new state is to be put next.
    pub(crate) fn rename(&mut self, from: &InvoiceKey, to: &InvoiceKey) {
        let Some(row) = self.find(&from.to_string()) else { return };
        let to = to.to_string();
        if let Some(heir) = self.find(&to) {
            self.leave_to(row, heir);
            return;
        }
        self.lookup.remove(row, &self.texts);
        self.texts.set(row as usize, &format!("{to}\n"));
        self.lookup.insert(row, &self.texts);
        self.orders.forget();
    }

    /// Takes the row of an invoice away, if it has one.
    pub(crate) fn remove(&mut self, key: &InvoiceKey) {
        if let Some(row) = self.find(&key.to_string()) {
            self.vanish(row);
        }
    }

    /// Originals and claims of a row are those of another one now.
    fn leave_to(&mut self, row: u32, heir: u32) {
        let left = self.columns.get(row as usize).map_or_else(Formats::default, |fixed| fixed.flags.originals());
        if let Some(flags) = self.columns.flags.get_mut(heir as usize) {
            *flags = flags.with_originals(left.iter().fold(flags.originals(), Formats::with));
        }
        if let Some(claims) = self.claims.get(&row).copied() {
            *self.claims.entry(heir).or_default() += claims;
        }
        self.vanish(row);
    }

    pub(super) fn vanish(&mut self, row: u32) {
        self.lookup.remove(row, &self.texts);
        self.texts.set(row as usize, "");
        self.shares.forget(row as usize);
        self.claims.remove(&row);
        self.gone.insert(row);
        self.orders.forget();
    }

    /// Code and number of a paper that stand beside a 20-digit key, as far as the text tells: a remark can look like them.
    pub(super) fn paper_text(&self, row: usize) -> Option<&str> {
        let mut lines = self.text(row).split('\n');
        let (key, paper) = (lines.next()?, lines.next()?);
        let is_paper = matches!((paper.len(), paper.find('-')), (19, Some(10)) | (21, Some(12)));
        (is_paper && key.len() == 20 && key.bytes().all(|byte| byte.is_ascii_digit())).then_some(paper)
    }

    /// 20-digit keys and what their texts have of papers.
    pub(crate) fn papers(&self) -> Vec<(InvoiceKey, InvoiceKey)> {
        let of = |row: u32| -> Option<(InvoiceKey, InvoiceKey)> {
            let paper = self.paper_text(row as usize)?;
            Some((self.key_text(row as usize).parse().ok()?, paper.parse().ok()?))
        };
        self.there().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use std::io::Write as _;

    use piaoxia_domain::invoice::Format;
    use piaoxia_domain::{Invoice, InvoiceFilter, InvoiceLine, Money};

    use super::*;
    use crate::ledger::view::{Sort, SortKey};
    use crate::tests::sample::invoice;

    fn paper(number: u32) -> InvoiceKey {
        format!("3100261130-{number:08}").parse().unwrap()
    }

    /// Every fourth one has two rates.
    fn made(number: u32) -> Invoice {
        let line = |rate: &str, fen| InvoiceLine { rate: rate.to_owned(), net: Money::from_fen(fen), ..InvoiceLine::default() };
        let lines = if number.is_multiple_of(4) { vec![line("13%", 700), line("6%", 300)] } else { vec![line("13%", 100)] };
        Invoice { paper_key: Some(paper(number)), lines, ..invoice(number) }
    }

    fn of_paper(number: u32) -> Invoice {
        Invoice { key: paper(number), paper_key: None, ..made(number) }
    }

    fn read_back(index: &Index) -> Index {
        let mut bytes: Vec<u8> = Vec::new();
        index.write(&mut |piece| bytes.write_all(piece)).unwrap();
        Index::read(&mut bytes.as_slice(), bytes.len() as u64).unwrap()
    }

    /// Rows in the order of their numbers, without their ids.
    fn seen(index: &Index) -> Vec<(InvoiceKey, Money, Formats, bool)> {
        let ids = index.view(&InvoiceFilter::default(), Sort { by: SortKey::Number, descending: false }).ids;
        index.rows(&ids).into_iter().map(|row| (row.key, row.gross, row.originals, row.is_claimed)).collect()
    }

    #[test]
    fn a_row_gets_another_key_and_keeps_its_number_and_what_it_has() {
        let mut index = Index::default();
        (0..100).for_each(|number| index.put(&if number == 30 { of_paper(30) } else { made(number) }, true));
        index.mark_original(&paper(30), Format::Pdf);
        index.count_claim(&paper(30), 1);
        index.rename(&paper(30), &made(30).key);
        index.put(&made(30), true);
        assert_eq!((index.find(&paper(30).to_string()), index.find(&made(30).key.to_string())), (None, Some(30)));
        assert_eq!((index.invoices(), index.len()), (100, 100));
        let row = &index.rows(&[30])[0];
        assert!(row.key == made(30).key && row.is_claimed && row.originals.contains(Format::Pdf));
        assert_eq!(index.place_of(&[29, 30], "3100261130-00000030"), Some(1));
        assert_eq!(index.papers().len(), 100);
    }

    #[test]
    fn of_two_rows_one_stays_and_no_other_is_moved() {
        let (mut index, mut plain) = (Index::default(), Index::default());
        // Those of the papers stand before and behind the ones that stay.
        (0..40).for_each(|number| index.put(&of_paper(number), true));
        (0..150).for_each(|number| index.put(&made(number), true));
        (100..150).for_each(|number| index.put(&of_paper(number), true));
        (0..150).for_each(|number| plain.put(&made(number), true));
        let last = made(149).key.to_string();
        let place = index.find(&last);
        index.mark_original(&paper(7), Format::Ofd);
        index.mark_original(&made(7).key, Format::Xml);
        index.count_claim(&paper(7), 1);
        index.count_claim(&made(7).key, 1);
        for number in (0..40).chain(100..150) {
            index.rename(&paper(number), &made(number).key);
        }
        for format in [Format::Ofd, Format::Xml] {
            plain.mark_original(&made(7).key, format);
        }
        plain.count_claim(&made(7).key, 2);
        assert_eq!((index.find(&last), index.invoices(), index.len()), (place, 150, 240));
        assert_eq!(seen(&index), seen(&plain));
        index.count_claim(&made(7).key, -1);
        assert!(seen(&index)[7].3, "two claims, one withdrawn");
        let all = InvoiceFilter::default();
        assert_eq!(index.figures(&all, 9), plain.figures(&all, 9));
        assert!(index.rows(&[0]).is_empty() && index.keys(&[0]).is_empty(), "an id of no row");
        assert_eq!(index.sum([0, 40].into_iter()).invoices, 1);
        // The file has no rows that are gone.
        let read = read_back(&index);
        assert_eq!((read.len(), read.figures(&all, 9)), (150, plain.figures(&all, 9)));
        // Read anew, as after damage: still no row is moved, and none comes back.
        let mut fresh = Index::default();
        (0..151).rev().filter(|number| *number != 3).for_each(|number| fresh.put(&made(number), true));
        fresh.put(&of_paper(8), true);
        fresh.remove(&paper(8));
        index.replace_by(fresh);
        assert_eq!((index.find(&last), index.invoices()), (place, 150));
        assert!(!index.has(&made(3).key) && index.has(&made(150).key) && !index.has(&paper(8)));
    }
}
