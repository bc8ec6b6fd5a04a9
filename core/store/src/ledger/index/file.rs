//! The ledger in memory as bytes, so that a start need not read every invoice anew.
//!
//! `rows (8) | a column after the other | end of each row's text (8 each) | length (8) and texts | the shared values as JSON,
//! each with its length (8)`. Numbers are little-endian. The bytes are checked by whoever keeps them; here every number is.

use std::io;
use std::sync::Arc;

use piaoxia_domain::{Kind, Status, TaxNumber};

use super::columns::{Columns, Flags, NONE};
use super::intern::Interner;
use super::text::{ROWS, TextBlock};
use super::{Index, Lookup, party_text};
use crate::ledger::view::PartyLabel;

impl Index {
    /// All rows as bytes, a piece at a time.
    pub(crate) fn write(&self, out: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let columns = &self.columns;
        out(&(self.len() as u64).to_le_bytes())?;
        for column in [&columns.owner, &columns.kind, &columns.status, &columns.seller, &columns.buyer] {
            out(&bytes_of(column, |value| value.to_le_bytes()))?;
        }
        for column in [&columns.day, &columns.second] {
            out(&bytes_of(column, |value| value.to_le_bytes()))?;
        }
        for column in [&columns.net, &columns.tax, &columns.gross] {
            out(&bytes_of(column, |value| value.to_le_bytes()))?;
        }
        out(&bytes_of(&columns.flags, |flags| [flags.byte()]))?;
        let mut end = 0;
        for row in 0..self.len() {
            end += self.text(row).len() as u64;
            out(&end.to_le_bytes())?;
        }
        for block in &self.texts {
            out(block.text().as_bytes())?;
        }
        let parties: Vec<(&str, &str)> = self.parties.iter().map(|party| (party.name.as_str(), party.tax_no.as_str())).collect();
        let owners: Vec<&TaxNumber> = self.owners.iter().collect();
        let kinds: Vec<&Kind> = self.kinds.iter().collect();
        let statuses: Vec<&Status> = self.statuses.iter().collect();
        for json in [serde_json::to_vec(&owners), serde_json::to_vec(&kinds), serde_json::to_vec(&statuses), serde_json::to_vec(&parties)] {
            let json = json?;
            out(&(json.len() as u64).to_le_bytes())?;
            out(&json)?;
        }
        Ok(())
    }

    /// Back from [`Index::write`]; none when they do not fit together.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let rows = usize::try_from(input.number()?).ok()?;
        let columns = Columns {
            owner: input.column(rows, u32::from_le_bytes)?,
            kind: input.column(rows, u32::from_le_bytes)?,
            status: input.column(rows, u32::from_le_bytes)?,
            seller: input.column(rows, u32::from_le_bytes)?,
            buyer: input.column(rows, u32::from_le_bytes)?,
            day: input.column(rows, i32::from_le_bytes)?,
            second: input.column(rows, i32::from_le_bytes)?,
            net: input.column(rows, i64::from_le_bytes)?,
            tax: input.column(rows, i64::from_le_bytes)?,
            gross: input.column(rows, i64::from_le_bytes)?,
            flags: input.take(rows)?.iter().map(|byte| Flags::from_byte(*byte)).collect(),
        };
        let texts = texts(&mut input, rows)?;
        let owners: Interner<TaxNumber> = Interner::of(input.json::<Vec<TaxNumber>>()?);
        let kinds: Interner<Kind> = Interner::of(input.json::<Vec<Kind>>()?);
        let statuses: Interner<Status> = Interner::of(input.json::<Vec<Status>>()?);
        let label = |(name, tax_no): (String, String)| PartyLabel { name, tax_no: TaxNumber::from_document(&tax_no) };
        let parties: Interner<PartyLabel> = Interner::of(input.json::<Vec<(String, String)>>()?.into_iter().map(label).collect());
        let within = |column: &[u32], count: usize| column.iter().all(|number| (*number as usize) < count);
        let fits = input.0.is_empty()
            && columns.owner.iter().all(|owner| *owner == NONE || (*owner as usize) < owners.len())
            && within(&columns.kind, kinds.len())
            && within(&columns.status, statuses.len())
            && within(&columns.seller, parties.len())
            && within(&columns.buyer, parties.len());
        let party_texts = parties.iter().map(party_text).collect();
        let mut index = Self { columns, texts, owners, kinds, statuses, parties, party_texts, ..Self::default() };
        index.look_up_all(rows);
        fits.then_some(index)
    }

    fn look_up_all(&mut self, rows: usize) {
        self.lookup = Lookup::with_capacity_and_hasher(rows, Default::default());
        for row in 0..rows {
            let (hash, _) = self.find(self.key_text(row));
            self.lookup.insert(hash, u32::try_from(row).unwrap_or(NONE));
        }
    }
}

fn bytes_of<T: Copy, const N: usize>(column: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    column.iter().flat_map(|value| bytes(*value)).collect()
}

fn texts(input: &mut Input<'_>, rows: usize) -> Option<Vec<TextBlock>> {
    let ends: Vec<u64> = input.column(rows, u64::from_le_bytes)?;
    let length = usize::try_from(ends.last().copied().unwrap_or_default()).ok()?;
    let all = std::str::from_utf8(input.take(length)?).ok()?;
    let mut start = 0;
    ends.chunks(ROWS)
        .map(|ends| {
            let end = usize::try_from(*ends.last()?).ok()?;
            let text = all.get(start..end)?;
            let offset = |end: &u64| u32::try_from(end.checked_sub(start as u64)?).ok();
            let block = TextBlock::of(text.to_owned(), ends.iter().map(offset).collect::<Option<_>>()?);
            start = end;
            block
        })
        .collect()
}

/// Bytes that are left to be read.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    fn column<T, const N: usize>(&mut self, rows: usize, read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let (values, _) = self.take(rows.checked_mul(N)?)?.as_chunks::<N>();
        Some(values.iter().map(|value| read(*value)).collect())
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self) -> Option<T> {
        let length = usize::try_from(self.number()?).ok()?;
        serde_json::from_slice(self.take(length)?).ok()
    }
}

impl<T> Interner<T> {
    fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter().map(Arc::as_ref)
    }
}
