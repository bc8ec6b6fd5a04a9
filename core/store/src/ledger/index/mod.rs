//! The ledger in memory: what a filter asks about and a table shows, about 170 bytes an invoice.
//!
//! Rows are never removed and keep their numbers while the store is open, unless the ledger has to be built anew and lost invoices by that.

mod columns;
mod figures;
mod file;
mod groups;
mod intern;
mod order;
mod parties;
mod query;
mod shares;
#[cfg(test)]
mod tests;
mod text;
mod uses;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceKey, Kind, Party, SEARCHED_LINES, Status, TaxNumber};

use self::columns::{Columns, Fixed, Flags, NONE, day_number, second_of_day};
use self::intern::Interner;
use self::order::Orders;
use self::parties::Parties;
use self::shares::Shares;
use self::text::{ROWS, TextBlock};
use self::uses::Uses;
use super::view::{Formats, PartyLabel, SortKey};

/// Row by hash of its key; the next hashes where two are equal.
type Lookup = HashMap<u64, u32, BuildHasherDefault<Hashed>>;

/// Hashes what is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        // Never called: only numbers are looked up.
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// All rows.
#[derive(Default)]
pub(crate) struct Index {
    columns: Columns,
    /// `key \n key in small letters \n remark \n goods \n amounts \n`.
    texts: Vec<TextBlock>,
    lookup: Lookup,
    owners: Interner<TaxNumber>,
    kinds: Interner<Kind>,
    statuses: Interner<Status>,
    parties: Parties,
    shares: Shares,
    uses: Uses,
    /// Claims that count, of the rows that have some: few have.
    claims: HashMap<u32, u32>,
    orders: Orders,
    /// Of the commit that it shows.
    pub generation: u64,
}

impl Index {
    /// Number of invoices.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Adds an invoice or shows its new state; its originals stay.
    pub(crate) fn put(&mut self, invoice: &Invoice, by_bureau: bool) {
        let key = invoice.key.to_string();
        let (hash, known) = self.find(&key);
        let row = known.map_or(self.len(), |row| row as usize);
        let originals = known.and_then(|_| self.columns.get(row)).map_or_else(Formats::default, |fixed| fixed.flags.originals());
        let fixed = self.fixed(invoice, by_bureau, originals);
        self.columns.set(row, &fixed);
        self.shares.set(row, invoice);
        self.uses.set(row, invoice);
        if row / ROWS >= self.texts.len() {
            self.texts.push(TextBlock::default());
        }
        if let Some(block) = self.texts.get_mut(row / ROWS) {
            block.set(row % ROWS, &row_text(&key, invoice));
        }
        // More than 4,294,967,295 invoices do not fit into memory anyway.
        self.lookup.insert(hash, u32::try_from(row).unwrap_or(NONE));
        self.orders.forget();
    }

    /// Notes that an invoice has an original in this format.
    pub(crate) fn mark_original(&mut self, key: &InvoiceKey, format: Format) {
        let Some(row) = self.find(&key.to_string()).1 else { return };
        if let Some(flags) = self.columns.flags.get_mut(row as usize) {
            let with = flags.originals().with(format);
            *flags = Flags::new(flags.direction(), flags.deduction(), flags.by_bureau(), with);
            self.orders.forget_one(SortKey::Originals);
        }
    }

    /// Notes that an invoice has a claim more or less.
    pub(crate) fn count_claim(&mut self, key: &InvoiceKey, by: i32) {
        let Some(row) = self.find(&key.to_string()).1 else { return };
        let now = self.claims.get(&row).copied().unwrap_or_default().saturating_add_signed(by);
        if now == 0 {
            self.claims.remove(&row)
        } else {
            self.claims.insert(row, now)
        };
    }

    /// Takes over the rows of an index that was read anew; rows that are known keep their numbers, unless some are gone: what is no longer in
    /// the ledger is not shown and not summed up.
    pub(crate) fn replace_by(&mut self, fresh: Self) {
        let gone = (0..self.len()).any(|row| fresh.find(self.key_text(row)).1.is_none());
        if gone || self.len() == 0 {
            *self = fresh;
            return;
        }
        for row in 0..fresh.len() {
            self.adopt(&fresh, row);
        }
        let numbered = |(row, count): (&u32, &u32)| Some((self.find(fresh.key_text(*row as usize)).1?, *count));
        self.claims = fresh.claims.iter().filter_map(numbered).collect();
        self.generation = fresh.generation;
        self.orders.forget();
    }

    fn adopt(&mut self, from: &Self, row: usize) {
        let (Some(mut fixed), Some(text)) = (from.columns.get(row), from.texts.get(row / ROWS).map(|block| block.row(row % ROWS))) else {
            return;
        };
        let renumbered = |number: u32| from.parties.get(number).map(|party| party.as_ref().clone());
        let (Some(seller), Some(buyer)) = (renumbered(fixed.seller), renumbered(fixed.buyer)) else { return };
        (fixed.seller, fixed.buyer) = (self.parties.number(&seller), self.parties.number(&buyer));
        fixed.owner = from.owners.get(fixed.owner).map_or(NONE, |owner| self.owners.number(owner));
        fixed.kind = from.kinds.get(fixed.kind).map_or(NONE, |kind| self.kinds.number(kind));
        fixed.status = from.statuses.get(fixed.status).map_or(NONE, |status| self.statuses.number(status));
        let (hash, known) = self.find(text.lines().next().unwrap_or_default());
        let at = known.map_or(self.len(), |row| row as usize);
        self.columns.set(at, &fixed);
        self.shares.adopt(at, &from.shares, row);
        self.uses.adopt(at, &from.uses, row);
        if at / ROWS >= self.texts.len() {
            self.texts.push(TextBlock::default());
        }
        if let Some(block) = self.texts.get_mut(at / ROWS) {
            block.set(at % ROWS, text);
        }
        self.lookup.insert(hash, u32::try_from(at).unwrap_or(NONE));
    }

    fn fixed(&mut self, invoice: &Invoice, by_bureau: bool, originals: Formats) -> Fixed {
        Fixed {
            owner: invoice.owner().map_or(NONE, |owner| self.owners.number(owner)),
            day: day_number(invoice.issued_on()),
            second: second_of_day(invoice.issued_at),
            kind: self.kinds.number(&invoice.kind),
            status: self.statuses.number(&invoice.status),
            flags: Flags::new(invoice.direction, invoice.deduction, by_bureau, originals),
            seller: self.parties.number(&label(&invoice.seller)),
            buyer: self.parties.number(&label(&invoice.buyer)),
            net: invoice.net.fen(),
            tax: invoice.tax.fen(),
            gross: invoice.gross.fen(),
        }
    }

    /// The hash under which a key is or would be found, and its row.
    fn find(&self, key: &str) -> (u64, Option<u32>) {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let mut hash = hasher.finish();
        loop {
            match self.lookup.get(&hash) {
                None => return (hash, None),
                Some(row) if self.key_text(*row as usize) == key => return (hash, Some(*row)),
                Some(_) => hash = hash.wrapping_add(1),
            }
        }
    }

    /// The key of a row as text.
    pub(crate) fn key_text(&self, row: usize) -> &str {
        self.text(row).split('\n').next().unwrap_or_default()
    }

    fn text(&self, row: usize) -> &str {
        self.texts.get(row / ROWS).map_or("", |block| block.row(row % ROWS))
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
