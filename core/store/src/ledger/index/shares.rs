//! Shares by tax rate. They stand on the goods lines, which lie in the records: to read those for one figure would take a
//! million invoices half a minute. So each row keeps what its lines add up to. Almost every invoice has one rate and lines
//! that add up to its own sums: it costs four bytes here. The few others have their shares in a table beside the column.

use std::collections::HashMap;

use piaoxia_domain::{Invoice, Money, Rate, Share};

use super::columns::NONE;
use super::intern::Interner;

/// The rate of a row whose shares are in the table.
const MIXED: u32 = NONE - 1;

/// A share as it lies in the table; amounts in 分.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub rate: u32,
    pub net: i64,
    pub tax: i64,
    pub gross: i64,
}

/// Shares of all rows.
#[derive(Default)]
pub(super) struct Shares {
    pub(super) rates: Interner<Rate>,
    /// Number of the one rate of each row, [`NONE`] without lines, [`MIXED`].
    pub(super) column: Vec<u32>,
    mixed: HashMap<u32, Box<[Part]>>,
}

impl Shares {
    /// With the columns of a file; none when they do not fit together.
    pub(super) fn of(rates: Vec<Rate>, column: Vec<u32>, mixed: Vec<(u32, Box<[Part]>)>) -> Option<Self> {
        let mixed: HashMap<u32, Box<[Part]>> = mixed.into_iter().collect();
        let known = |rate: u32| (rate as usize) < rates.len();
        let rows = column.iter().zip(0_u32..);
        let fits = rows.clone().all(|(rate, row)| match *rate {
            NONE => true,
            MIXED => mixed.contains_key(&row),
            rate => known(rate),
        });
        let counted = rows.filter(|(rate, _)| **rate == MIXED).map(|_| 1_usize).sum::<usize>() == mixed.len();
        let within = mixed.values().flatten().all(|part| known(part.rate));
        (fits && counted && within).then(|| Self { rates: Interner::of(rates), column, mixed })
    }

    /// Sets a row, or adds the next one.
    pub(super) fn set(&mut self, row: usize, invoice: &Invoice) {
        let shares = invoice.shares();
        let rate = match shares.as_slice() {
            [share] if share.rate == Rate::NoLines => NONE,
            [share] => self.rates.number(&share.rate),
            _ => MIXED,
        };
        let parts: Option<Box<[Part]>> = (rate == MIXED).then(|| shares.iter().map(|share| self.part(share)).collect());
        self.put(row, rate, parts);
    }

    /// Forgets the shares of a row that is gone.
    pub(super) fn forget(&mut self, row: usize) {
        self.put(row, NONE, None);
    }

    /// The row of another index, whose rates have other numbers.
    pub(super) fn adopt(&mut self, at: usize, from: &Self, row: usize) {
        let rate = from.column.get(row).copied().unwrap_or(NONE);
        let mut renumbered = |rate: u32| from.rates.get(rate).map_or(NONE, |rate| self.rates.number(rate));
        match rate {
            NONE => self.put(at, NONE, None),
            MIXED => {
                let parts = from.mixed(row).iter().map(|part| Part { rate: renumbered(part.rate), ..*part }).collect();
                self.put(at, MIXED, Some(parts));
            }
            rate => {
                let rate = renumbered(rate);
                self.put(at, rate, None);
            }
        }
    }

    fn put(&mut self, row: usize, rate: u32, parts: Option<Box<[Part]>>) {
        super::columns::set(&mut self.column, row, rate);
        let row = u32::try_from(row).unwrap_or(NONE);
        match parts {
            Some(parts) => self.mixed.insert(row, parts),
            None => self.mixed.remove(&row),
        };
    }

    /// What a row divides into. A row of one rate is that whole row, whose sums the caller has.
    pub(super) fn row(&self, row: usize) -> Divided<'_> {
        match self.column.get(row).copied().unwrap_or(NONE) {
            NONE => Divided::NoLines,
            MIXED => Divided::Mixed(self.mixed(row)),
            rate => Divided::One(rate),
        }
    }

    /// Rows of several rates, in order.
    pub(super) fn all_mixed(&self) -> Vec<(u32, &[Part])> {
        let mut all: Vec<_> = self.mixed.iter().map(|(row, parts)| (*row, parts.as_ref())).collect();
        all.sort_unstable_by_key(|(row, _)| *row);
        all
    }

    fn mixed(&self, row: usize) -> &[Part] {
        u32::try_from(row).ok().and_then(|row| self.mixed.get(&row)).map(AsRef::as_ref).unwrap_or_default()
    }

    fn part(&mut self, share: &Share) -> Part {
        let [net, tax, gross] = [share.net, share.tax, share.gross].map(Money::fen);
        Part { rate: self.rates.number(&share.rate), net, tax, gross }
    }
}

/// How a row divides by rate.
#[derive(Clone, Copy)]
pub(super) enum Divided<'a> {
    /// 无明细.
    NoLines,
    /// All of it at this rate.
    One(u32),
    /// These.
    Mixed(&'a [Part]),
}

impl Divided<'_> {
    /// True when one of these rates, by number, is in it; `bare` where rows without lines are wanted.
    pub(super) fn has(self, wanted: &[u32], bare: bool) -> bool {
        match self {
            Self::NoLines => bare,
            Self::One(rate) => wanted.contains(&rate),
            Self::Mixed(parts) => parts.iter().any(|part| wanted.contains(&part.rate)),
        }
    }
}
