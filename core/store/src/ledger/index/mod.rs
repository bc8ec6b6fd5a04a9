//! The ledger in memory: what a filter asks about and a table shows, about 170 bytes an invoice.
//!
//! Rows keep their numbers while the store is open. An invoice that became one with another, or that a ledger built anew has lost, leaves a
//! number that means none ([`moved`]).

mod columns;
mod figures;
mod file;
mod groups;
mod intern;
mod lookup;
mod moved;
mod order;
mod parties;
mod query;
mod shares;
mod sides;
#[cfg(test)]
mod tests;
mod text;
mod uses;

use std::collections::{BTreeSet, HashMap};

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceKey, Kind, Party, SEARCHED_LINES, Status, TaxNumber};

use self::columns::{Columns, Fixed, Flags, NONE, Sides, day_number, second_of_day};
use self::intern::Interner;
use self::lookup::Lookup;
use self::order::Orders;
use self::parties::Parties;
use self::shares::Shares;
use self::text::Texts;
use self::uses::Uses;
use super::view::{Formats, PartyLabel, SortKey};

/// All rows.
#[derive(Default)]
pub(crate) struct Index {
    columns: Columns,
    /// `key \n key in small letters \n code and number of the paper \n remark \n goods \n amounts \n`.
    texts: Texts,
    lookup: Lookup,
    owners: Interner<TaxNumber>,
    kinds: Interner<Kind>,
    statuses: Interner<Status>,
    parties: Parties,
    shares: Shares,
    uses: Uses,
    /// Claims that count, of the rows that have some: few have.
    claims: HashMap<u32, u32>,
    /// Rows that are none any more: they have no text.
    gone: BTreeSet<u32>,
    orders: Orders,
    /// Of the commit that it shows.
    pub generation: u64,
}

impl Index {
    /// Number of rows, with those that are gone.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Adds an invoice or shows its new state; its originals stay.
    pub(crate) fn put(&mut self, invoice: &Invoice, by_bureau: bool) {
        let key = invoice.key.to_string();
        let known = self.find(&key);
        let row = known.map_or(self.len(), |row| row as usize);
        let originals = known.and_then(|_| self.columns.get(row)).map_or_else(Formats::default, |fixed| fixed.flags.originals());
        let fixed = self.fixed(invoice, by_bureau, originals);
        self.columns.set(row, &fixed);
        self.shares.set(row, invoice);
        self.uses.set(row, invoice);
        self.set_text(row, known.is_none(), &row_text(&key, invoice));
        self.orders.forget();
    }

    /// Notes that an invoice has an original in this format.
    pub(crate) fn mark_original(&mut self, key: &InvoiceKey, format: Format) {
        let Some(row) = self.find(&key.to_string()) else { return };
        if let Some(flags) = self.columns.flags.get_mut(row as usize) {
            *flags = flags.with_originals(flags.originals().with(format));
            self.orders.forget_one(SortKey::Originals);
        }
    }

    /// Notes that an invoice has a claim more or less.
    pub(crate) fn count_claim(&mut self, key: &InvoiceKey, by: i32) {
        let Some(row) = self.find(&key.to_string()) else { return };
        let now = self.claims.get(&row).copied().unwrap_or_default().saturating_add_signed(by);
        if now == 0 {
            self.claims.remove(&row)
        } else {
            self.claims.insert(row, now)
        };
    }

    /// Takes over the rows of an index that was read anew; rows that are known keep their numbers. What is no longer in the ledger is not shown
    /// and not summed up.
    pub(crate) fn replace_by(&mut self, fresh: Self) {
        if self.len() == 0 {
            *self = fresh;
            return;
        }
        let lost: Vec<u32> = self.there().filter(|row| fresh.find(self.key_text(*row as usize)).is_none()).collect();
        lost.into_iter().for_each(|row| self.vanish(row));
        for row in fresh.there() {
            self.adopt(&fresh, row as usize);
        }
        let numbered = |(row, count): (&u32, &u32)| Some((self.find(fresh.key_text(*row as usize))?, *count));
        self.claims = fresh.claims.iter().filter_map(numbered).collect();
        self.generation = fresh.generation;
        self.orders.forget();
    }

    fn adopt(&mut self, from: &Self, row: usize) {
        let Some(mut fixed) = from.columns.get(row) else { return };
        let renumbered = |number: u32| from.parties.get(number).map(|party| party.as_ref().clone());
        let (Some(seller), Some(buyer)) = (renumbered(fixed.seller), renumbered(fixed.buyer)) else { return };
        (fixed.seller, fixed.buyer) = (self.parties.number(&seller), self.parties.number(&buyer));
        if fixed.flags.has_both_sides() {
            self.owners.number(&buyer.tax_no);
        }
        fixed.owner = from.owners.get(fixed.owner).map_or(NONE, |owner| self.owners.number(owner));
        fixed.kind = from.kinds.get(fixed.kind).map_or(NONE, |kind| self.kinds.number(kind));
        fixed.status = from.statuses.get(fixed.status).map_or(NONE, |status| self.statuses.number(status));
        let known = self.find(from.key_text(row));
        let at = known.map_or(self.len(), |row| row as usize);
        self.columns.set(at, &fixed);
        self.shares.adopt(at, &from.shares, row);
        self.uses.adopt(at, &from.uses, row);
        self.set_text(at, known.is_none(), from.text(row));
    }

    /// Sets the text of a row, whose key stays what it is.
    fn set_text(&mut self, row: usize, is_new: bool, text: &str) {
        self.texts.set(row, text);
        if is_new {
            // More than 4,294,967,295 invoices do not fit into memory anyway.
            self.lookup.insert(u32::try_from(row).unwrap_or(NONE), &self.texts);
        }
    }

    fn fixed(&mut self, invoice: &Invoice, by_bureau: bool, originals: Formats) -> Fixed {
        if invoice.both_sides {
            // Its books are asked for by this number, too.
            self.owners.number(&invoice.buyer.tax_no);
        }
        Fixed {
            owner: invoice.owner().map_or(NONE, |owner| self.owners.number(owner)),
            day: day_number(invoice.issued_on()),
            second: second_of_day(invoice.issued_at),
            kind: self.kinds.number(&invoice.kind),
            status: self.statuses.number(&invoice.status),
            flags: Flags::new(Sides::of(invoice), invoice.deduction, by_bureau, originals),
            seller: self.parties.number(&label(&invoice.seller)),
            buyer: self.parties.number(&label(&invoice.buyer)),
            net: invoice.net.fen(),
            tax: invoice.tax.fen(),
            gross: invoice.gross.fen(),
        }
    }

    /// The row of a key.
    fn find(&self, key: &str) -> Option<u32> {
        self.lookup.find(key, &self.texts)
    }

    /// The key of a row as text.
    pub(crate) fn key_text(&self, row: usize) -> &str {
        self.texts.key(row)
    }

    fn text(&self, row: usize) -> &str {
        self.texts.row(row)
    }
}

fn label(party: &Party) -> PartyLabel {
    PartyLabel { name: party.name.clone(), tax_no: party.tax_no.clone() }
}

/// What a search looks at, but for the parties.
fn row_text(key: &str, invoice: &Invoice) -> String {
    let mut text = format!("{key}\n");
    if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.push_str(&key.to_lowercase());
        text.push('\n');
    }
    if let Some(paper) = &invoice.paper_key {
        text.push_str(&format!("{paper}\n"));
    }
    if !invoice.remark.is_empty() {
        text.push_str(&invoice.remark.to_lowercase());
        text.push('\n');
    }
    let mut last = "";
    for line in invoice.lines.iter().take(SEARCHED_LINES).filter(|line| !line.name.is_empty()) {
        // Bills often repeat one name line after line.
        if line.name != last {
            text.push_str(&line.name.to_lowercase().replace('\n', " "));
            text.push('\n');
        }
        last = &line.name;
    }
    text.push_str(&format!("{}\n{}\n", invoice.gross, invoice.net));
    text
}
