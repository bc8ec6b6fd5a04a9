//! The ledger in memory as bytes, so that a start need not read every invoice anew. Rows that are gone are left out.
//!
//! `rows (8) | a column after the other | rows of several rates (8) | of each its row (4) and number of shares (4) | the shares,
//! a column after the other | end of each row's text (8 each) | length (8) and texts | the shared values as JSON, each with its
//! length (8)`. Numbers are little-endian. The bytes are checked by whoever keeps them; here every number is.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::Arc;

use piaoxia_domain::{Kind, Rate, Status, TaxNumber};

use super::Index;
use super::columns::{Columns, Flags, NONE};
use super::intern::Interner;
use super::lookup::Lookup;
use super::parties::Parties;
use super::shares::{Part, Shares};
use super::text::{ROWS, TextBlock, Texts};
use super::uses::{Use, Uses};
use crate::ledger::view::PartyLabel;

/// Values of a column that are read at once.
const PIECE: usize = 8_192;

impl Index {
    /// All rows as bytes, a piece at a time.
    pub(crate) fn write(&self, out: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let columns = &self.columns;
        out(&(self.invoices() as u64).to_le_bytes())?;
        for column in
            [&columns.owner, &columns.kind, &columns.status, &columns.seller, &columns.buyer, &self.shares.column, &self.uses.column]
        {
            out(&bytes_of(&self.kept(column), |value| value.to_le_bytes()))?;
        }
        for column in [&columns.day, &columns.second] {
            out(&bytes_of(&self.kept(column), |value| value.to_le_bytes()))?;
        }
        for column in [&columns.net, &columns.tax, &columns.gross, &self.uses.effective] {
            out(&bytes_of(&self.kept(column), |value| value.to_le_bytes()))?;
        }
        out(&bytes_of(&self.kept(&columns.flags), |flags| flags.bytes()))?;
        write_shares(&self.shares, &self.gone, out)?;
        let mut end = 0;
        for row in self.there() {
            end += self.text(row as usize).len() as u64;
            out(&end.to_le_bytes())?;
        }
        for block in self.texts.blocks() {
            out(block.text().as_bytes())?;
        }
        let parties: Vec<(&str, &str)> = self.parties.labels().map(|party| (party.name.as_str(), party.tax_no.as_str())).collect();
        let owners: Vec<&TaxNumber> = self.owners.iter().collect();
        let kinds: Vec<&Kind> = self.kinds.iter().collect();
        let statuses: Vec<&Status> = self.statuses.iter().collect();
        let rates: Vec<&Rate> = self.shares.rates.iter().collect();
        let uses: Vec<&Use> = self.uses.kinds.iter().collect();
        let values = [
            serde_json::to_vec(&owners),
            serde_json::to_vec(&kinds),
            serde_json::to_vec(&statuses),
            serde_json::to_vec(&parties),
            serde_json::to_vec(&rates),
            serde_json::to_vec(&uses),
        ];
        for json in values {
            let json = json?;
            out(&(json.len() as u64).to_le_bytes())?;
            out(&json)?;
        }
        Ok(())
    }

    /// A column without the rows that are gone.
    fn kept<'c, T: Copy>(&self, column: &'c [T]) -> Cow<'c, [T]> {
        if self.gone.is_empty() {
            return Cow::Borrowed(column);
        }
        Cow::Owned((0_u32..).zip(column).filter(|(row, _)| !self.gone.contains(row)).map(|(_, value)| *value).collect())
    }

    /// Back from [`Index::write`]; none when they do not fit together. `input` gives `length` bytes, which are read a piece at a time: they are as
    /// many as the index has itself.
    pub(crate) fn read(input: &mut dyn Read, length: u64) -> Option<Self> {
        let mut input = Input { from: input, left: length };
        let rows = usize::try_from(input.number()?).ok()?;
        let mut numbers = || input.column(rows, u32::from_le_bytes);
        let [owner, kind, status, seller, buyer, rate, used] =
            [numbers()?, numbers()?, numbers()?, numbers()?, numbers()?, numbers()?, numbers()?];
        let columns = Columns {
            owner,
            kind,
            status,
            seller,
            buyer,
            day: input.column(rows, i32::from_le_bytes)?,
            second: input.column(rows, i32::from_le_bytes)?,
            net: input.column(rows, i64::from_le_bytes)?,
            tax: input.column(rows, i64::from_le_bytes)?,
            gross: input.column(rows, i64::from_le_bytes)?,
            flags: Vec::new(),
        };
        let effective = input.column(rows, i64::from_le_bytes)?;
        let columns = Columns { flags: input.column(rows, Flags::from_bytes)?, ..columns };
        let mixed = read_shares(&mut input)?;
        let texts = texts(&mut input, rows)?;
        let owners: Interner<TaxNumber> = Interner::of(input.json::<Vec<TaxNumber>>()?);
        let kinds: Interner<Kind> = Interner::of(input.json::<Vec<Kind>>()?);
        let statuses: Interner<Status> = Interner::of(input.json::<Vec<Status>>()?);
        let label = |(name, tax_no): (String, String)| PartyLabel { name, tax_no: TaxNumber::from_document(&tax_no) };
        let parties = Parties::of(input.json::<Vec<(String, String)>>()?.into_iter().map(label).collect());
        let shares = Shares::of(input.json::<Vec<Rate>>()?, rate, mixed)?;
        let within = |column: &[u32], count: usize| column.iter().all(|number| (*number as usize) < count);
        let uses = Uses::of(input.json::<Vec<Use>>()?, used, effective)?;
        let fits = input.left == 0
            && columns.owner.iter().all(|owner| *owner == NONE || (*owner as usize) < owners.len())
            && within(&columns.kind, kinds.len())
            && within(&columns.status, statuses.len())
            && within(&columns.seller, parties.len())
            && within(&columns.buyer, parties.len());
        let lookup = Lookup::of(&texts, u32::try_from(rows).ok()?);
        fits.then(|| Self { columns, texts, lookup, owners, kinds, statuses, parties, shares, uses, ..Self::default() })
    }
}

fn write_shares(shares: &Shares, gone: &BTreeSet<u32>, out: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mixed = shares.all_mixed();
    out(&(mixed.len() as u64).to_le_bytes())?;
    let (mut gone, mut left_out) = (gone.iter().peekable(), 0_u32);
    for (row, parts) in &mixed {
        while gone.next_if(|gone| **gone < *row).is_some() {
            left_out += 1;
        }
        out(&(*row - left_out).to_le_bytes())?;
        out(&u32::try_from(parts.len()).unwrap_or(u32::MAX).to_le_bytes())?;
    }
    let parts: Vec<Part> = mixed.iter().flat_map(|(_, parts)| parts.iter().copied()).collect();
    out(&bytes_of(&parts, |part| part.rate.to_le_bytes()))?;
    for amount in [|part: Part| part.net, |part: Part| part.tax, |part: Part| part.gross] {
        out(&bytes_of(&parts, |part| amount(part).to_le_bytes()))?;
    }
    Ok(())
}

/// The shares of each row that has several.
fn read_shares(input: &mut Input<'_>) -> Option<Vec<(u32, Box<[Part]>)>> {
    let rows = usize::try_from(input.number()?).ok()?;
    let heads = input.column(rows.checked_mul(2)?, u32::from_le_bytes)?;
    let heads = heads.as_chunks::<2>().0;
    let count = heads.iter().try_fold(0_usize, |sum, [_, count]| sum.checked_add(*count as usize))?;
    let rates = input.column(count, u32::from_le_bytes)?;
    let mut amounts = || input.column(count, i64::from_le_bytes);
    let (nets, taxes, grosses) = (amounts()?, amounts()?, amounts()?);
    let amounts = nets.into_iter().zip(taxes).zip(grosses);
    let mut parts = rates.into_iter().zip(amounts).map(|(rate, ((net, tax), gross))| Part { rate, net, tax, gross });
    Some(heads.iter().map(|[row, count]| (*row, parts.by_ref().take(*count as usize).collect())).collect())
}

fn bytes_of<T: Copy, const N: usize>(column: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    column.iter().flat_map(|value| bytes(*value)).collect()
}

fn texts(input: &mut Input<'_>, rows: usize) -> Option<Texts> {
    let ends: Vec<u64> = input.column(rows, u64::from_le_bytes)?;
    let mut start = 0;
    let blocks: Option<Vec<TextBlock>> = ends
        .chunks(ROWS)
        .map(|ends| {
            let length = usize::try_from(ends.last()?.checked_sub(start)?).ok()?;
            let text = String::from_utf8(input.take(length)?).ok()?;
            let offset = |end: &u64| u32::try_from(end.checked_sub(start)?).ok();
            let block = TextBlock::of(text, ends.iter().map(offset).collect::<Option<_>>()?);
            start = *ends.last()?;
            block
        })
        .collect();
    blocks.map(Texts::of)
}

/// Bytes that are left to be read.
struct Input<'a> {
    from: &'a mut dyn Read,
    left: u64,
}

impl Input<'_> {
    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        // Before any memory is taken for it.
        self.left = self.left.checked_sub(length as u64)?;
        let mut taken = vec![0; length];
        self.from.read_exact(&mut taken).ok()?;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn column<T, const N: usize>(&mut self, rows: usize, read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        if rows.checked_mul(N)? as u64 > self.left {
            return None;
        }
        let mut column = Vec::with_capacity(rows);
        while column.len() < rows {
            let piece = self.take((rows - column.len()).min(PIECE) * N)?;
            column.extend(piece.as_chunks::<N>().0.iter().map(|value| read(*value)));
        }
        Some(column)
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self) -> Option<T> {
        let length = usize::try_from(self.number()?).ok()?;
        serde_json::from_slice(&self.take(length)?).ok()
    }
}

impl<T> Interner<T> {
    fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter().map(Arc::as_ref)
    }
}
