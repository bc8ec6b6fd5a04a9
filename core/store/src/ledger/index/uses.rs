//! What was done with the input tax of each row, for the deduction summary of a tax period (抵扣汇总).

use piaoxia_domain::{Invoice, Money, Month, Purpose};
use serde::{Deserialize, Serialize};

use super::columns::NONE;
use super::intern::Interner;

/// 有效抵扣税额 that no list states.
const UNSTATED: i64 = i64::MIN;

/// Period and purpose, shared by many rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Use {
    pub month: Option<Month>,
    pub purpose: Option<Purpose>,
}

/// Uses of all rows.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) kinds: Interner<Use>,
    /// Number of the use, [`NONE`] without one.
    pub(super) column: Vec<u32>,
    /// 有效抵扣税额 in 分, or [`UNSTATED`].
    pub(super) effective: Vec<i64>,
}

impl Uses {
    /// With the columns of a file; none when they do not fit together.
    pub(super) fn of(kinds: Vec<Use>, column: Vec<u32>, effective: Vec<i64>) -> Option<Self> {
        let fits = column.iter().all(|number| *number == NONE || (*number as usize) < kinds.len());
        fits.then(|| Self { kinds: Interner::of(kinds), column, effective })
    }

    /// Sets a row, or adds the next one.
    pub(super) fn set(&mut self, row: usize, invoice: &Invoice) {
        let usage = invoice.usage.as_ref();
        let made = usage.map(|usage| Use { month: usage.month(), purpose: usage.purpose.clone() }).unwrap_or_default();
        let effective = usage.and_then(|usage| usage.effective_tax).map_or(UNSTATED, Money::fen);
        let number = if made == Use::default() { NONE } else { self.kinds.number(&made) };
        self.put(row, number, effective);
    }

    /// The row of another index, whose uses have other numbers.
    pub(super) fn adopt(&mut self, at: usize, from: &Self, row: usize) {
        let used = from.column.get(row).and_then(|number| from.kinds.get(*number));
        let number = used.map_or(NONE, |used| self.kinds.number(used));
        self.put(at, number, from.effective.get(row).copied().unwrap_or(UNSTATED));
    }

    fn put(&mut self, row: usize, number: u32, effective: i64) {
        super::columns::set(&mut self.column, row, number);
        super::columns::set(&mut self.effective, row, effective);
    }

    /// The use of a row.
    pub(super) fn row(&self, row: usize) -> Option<&Use> {
        self.column.get(row).and_then(|number| self.kinds.get(*number)).map(AsRef::as_ref)
    }

    /// 有效抵扣税额 of a row, where a list states it.
    pub(super) fn effective(&self, row: usize) -> Option<Money> {
        self.effective.get(row).filter(|fen| **fen != UNSTATED).map(|fen| Money::from_fen(*fen))
    }
}
