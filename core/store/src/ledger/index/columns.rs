//! The fixed part of all rows, a column each: a filter reads only the columns it asks about.

use jiff::civil::{Date, DateTime};
use piaoxia_domain::{Deduction, Direction, Invoice};

use crate::ledger::view::Formats;

/// No number of an interned value: no owner.
pub(super) const NONE: u32 = u32::MAX;

/// Values of one row.
#[derive(Clone, Copy)]
pub(super) struct Fixed {
    pub owner: u32,
    pub day: i32,
    pub second: i32,
    pub kind: u32,
    pub status: u32,
    pub flags: Flags,
    pub seller: u32,
    pub buyer: u32,
    pub net: i64,
    pub tax: i64,
    pub gross: i64,
}

/// Columns of the same length.
#[derive(Default)]
pub(super) struct Columns {
    pub owner: Vec<u32>,
    /// `yyyymmdd`.
    pub day: Vec<i32>,
    /// Of the day.
    pub second: Vec<i32>,
    pub kind: Vec<u32>,
    pub status: Vec<u32>,
    pub flags: Vec<Flags>,
    pub seller: Vec<u32>,
    pub buyer: Vec<u32>,
    /// 分, as the other two.
    pub net: Vec<i64>,
    pub tax: Vec<i64>,
    pub gross: Vec<i64>,
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.day.len()
    }

    /// Sets a row, or adds the next one.
    pub(super) fn set(&mut self, row: usize, values: &Fixed) {
        set(&mut self.owner, row, values.owner);
        set(&mut self.day, row, values.day);
        set(&mut self.second, row, values.second);
        set(&mut self.kind, row, values.kind);
        set(&mut self.status, row, values.status);
        set(&mut self.flags, row, values.flags);
        set(&mut self.seller, row, values.seller);
        set(&mut self.buyer, row, values.buyer);
        set(&mut self.net, row, values.net);
        set(&mut self.tax, row, values.tax);
        set(&mut self.gross, row, values.gross);
    }

    pub(super) fn get(&self, row: usize) -> Option<Fixed> {
        Some(Fixed {
            owner: *self.owner.get(row)?,
            day: *self.day.get(row)?,
            second: *self.second.get(row)?,
            kind: *self.kind.get(row)?,
            status: *self.status.get(row)?,
            flags: *self.flags.get(row)?,
            seller: *self.seller.get(row)?,
            buyer: *self.buyer.get(row)?,
            net: *self.net.get(row)?,
            tax: *self.tax.get(row)?,
            gross: *self.gross.get(row)?,
        })
    }
}

pub(super) fn set<T>(column: &mut Vec<T>, row: usize, value: T) {
    match column.get_mut(row) {
        Some(slot) => *slot = value,
        None => column.push(value),
    }
}

/// Direction, deduction, origin, originals and who issued it, in a few bits. The direction's two bits have room for one more: both (内部往来).
#[derive(Clone, Copy, Default)]
pub(super) struct Flags(u16);

const BOTH: u16 = 3;
const ORIGINALS: u16 = 0b111 << 5;
const SELF_BILLED: u16 = 1 << 8;

/// In whose books an invoice is.
#[derive(Clone, Copy)]
pub(super) enum Sides {
    /// A company of ours issued or received it, or nobody of ours is a party.
    One(Option<Direction>),
    /// See [`Invoice::both_sides`].
    Both,
    /// See [`Invoice::self_billed`].
    SelfBilled,
}

impl Sides {
    pub(super) fn of(invoice: &Invoice) -> Self {
        match invoice {
            Invoice { both_sides: true, .. } => Self::Both,
            Invoice { self_billed: true, direction: Some(Direction::Received), .. } => Self::SelfBilled,
            _ => Self::One(invoice.direction),
        }
    }
}

impl Flags {
    pub(super) fn new(sides: Sides, deduction: Option<Deduction>, by_bureau: bool, originals: Formats) -> Self {
        let direction = match sides {
            Sides::Both => BOTH,
            Sides::SelfBilled => (Direction::Received as u16 + 1) | SELF_BILLED,
            Sides::One(direction) => direction.map_or(0, |direction| direction as u16 + 1),
        };
        let deduction = deduction.map_or(0, |deduction| deduction as u16 + 1);
        Self(direction | deduction << 2 | u16::from(by_bureau) << 4).with_originals(originals)
    }

    pub(super) fn bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }

    pub(super) fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_le_bytes(bytes))
    }

    pub(super) fn with_originals(self, originals: Formats) -> Self {
        Self(self.0 & !ORIGINALS | u16::from(originals.bits()) << 5)
    }

    pub(super) fn is_self_billed(self) -> bool {
        self.0 & SELF_BILLED != 0
    }

    pub(super) fn has_both_sides(self) -> bool {
        self.0 & 0b11 == BOTH
    }

    /// 开具 where it is both.
    pub(super) fn direction(self) -> Option<Direction> {
        if self.has_both_sides() {
            return Some(Direction::Issued);
        }
        Direction::ALL.into_iter().find(|direction| *direction as u16 + 1 == self.0 & 0b11)
    }

    pub(super) fn deduction(self) -> Option<Deduction> {
        Deduction::ALL.into_iter().find(|deduction| *deduction as u16 + 1 == self.0 >> 2 & 0b11)
    }

    pub(super) fn by_bureau(self) -> bool {
        self.0 >> 4 & 1 == 1
    }

    pub(super) fn originals(self) -> Formats {
        let [low, _] = self.bytes();
        Formats::from_bits(low >> 5)
    }
}

/// `yyyymmdd`.
pub(super) fn day_number(day: Date) -> i32 {
    i32::from(day.year()) * 10_000 + i32::from(day.month()) * 100 + i32::from(day.day())
}

pub(super) fn second_of_day(at: DateTime) -> i32 {
    i32::from(at.hour()) * 3_600 + i32::from(at.minute()) * 60 + i32::from(at.second())
}

/// Back from both numbers.
pub(super) fn date_time(day: i32, second: i32) -> DateTime {
    let part = |number: i32| i8::try_from(number).unwrap_or_default();
    let year = i16::try_from(day.div_euclid(10_000)).unwrap_or_default();
    let month_day = day.rem_euclid(10_000);
    DateTime::new(year, part(month_day / 100), part(month_day % 100), part(second / 3_600), part(second / 60 % 60), part(second % 60), 0)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_read_back() {
        for at in [
            date(2026, 10, 8).at(23, 59, 59, 0),
            date(1, 1, 1).at(0, 0, 0, 0),
            date(-9999, 12, 31).at(1, 2, 3, 0),
            date(9999, 2, 28).at(0, 0, 1, 0),
        ] {
            assert_eq!(date_time(day_number(at.date()), second_of_day(at)), at);
        }
    }

    #[test]
    fn flags_read_back() {
        let one = [None, Some(Direction::Issued), Some(Direction::Received)].map(Sides::One);
        for sides in one.into_iter().chain([Sides::Both, Sides::SelfBilled]) {
            for deduction in [None, Some(Deduction::Open), Some(Deduction::Ticked), Some(Deduction::Confirmed)] {
                for bits in 0..16 {
                    let (by_bureau, originals) = (bits & 8 != 0, Formats::from_bits(bits));
                    let flags = Flags::new(sides, deduction, by_bureau, Formats::default()).with_originals(originals);
                    let (direction, both) = match sides {
                        Sides::One(direction) => (direction, false),
                        Sides::Both => (Some(Direction::Issued), true),
                        Sides::SelfBilled => (Some(Direction::Received), false),
                    };
                    assert_eq!(flags.is_self_billed(), matches!(sides, Sides::SelfBilled));
                    let found = (flags.direction(), flags.has_both_sides(), flags.deduction(), flags.by_bureau(), flags.originals());
                    assert_eq!(found, (direction, both, deduction, by_bureau, originals));
                }
            }
        }
    }
}
