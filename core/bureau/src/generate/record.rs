//! An invoice in numbers, with what happens to it over time.

use jiff::ToSpan;
use jiff::civil::Date;
use piaoxia_domain::{Deduction, Direction, InvoiceKey, Scope, Status, Totals};

use super::basis::{Basis, Partner};
use super::calendar::{Day, date_of};
use super::lines::Content;
use super::numbers::{self, Slot};
use super::{Generator, Lane, day_from};
use crate::dice::Dice;
use crate::register::{CompanyNo, Taxpayer};

/// One invoice, before its texts are written.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(super) lane: &'a Lane,
    /// As the company that looks sees it.
    pub(super) direction: Direction,
    /// The company that looks.
    owner: CompanyNo,
    pub(super) day: Day,
    pub(super) index: u64,
    pub(super) basis: Basis<'a>,
    /// On a red invoice: what it cancels.
    pub(super) cancels: Option<Cancelled>,
    /// On a blue invoice that is cancelled at some time: by what.
    pub(super) cancelled_by: Option<Cancelled>,
    net: i64,
    tax: i64,
}

/// The other invoice of a red pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cancelled {
    pub(super) index: u64,
    pub(super) day: Day,
    /// 全额 rather than 部分.
    pub(super) whole: bool,
}

/// 发票风险等级.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Risk {
    Normal,
    /// 异常凭证.
    Abnormal,
    /// 疑点发票.
    Doubtful,
}

impl Generator {
    /// The invoice at a position, which must lie on `day`.
    pub(crate) fn record<'a>(&'a self, lane: &'a Lane, day: Day, index: u64) -> Option<Record<'a>> {
        if let Some(red) = self.red_record(lane, day, index) {
            return Some(red);
        }
        let basis = self.basis(lane, day, index)?;
        let cancelled_by = self.cancelled_by(lane, &basis, index);
        Some(Record::new(lane, day, index, basis, None, cancelled_by))
    }

    fn red_record<'a>(&'a self, lane: &'a Lane, day: Day, index: u64) -> Option<Record<'a>> {
        let blue = lane.pairing.blue_of(index)?;
        let blue_day = self.day_of(lane, blue)?;
        let basis = self.basis(lane, blue_day, blue).filter(can_be_cancelled)?;
        let (content, whole) = self.cancelling(lane, blue, basis.content);
        let cancels = Cancelled { index: blue, day: blue_day, whole };
        Some(Record::new(lane, day, index, Basis { content, ..basis }, Some(cancels), None))
    }

    fn cancelled_by(&self, lane: &Lane, basis: &Basis<'_>, index: u64) -> Option<Cancelled> {
        let red = lane.pairing.red_of(index).filter(|_| can_be_cancelled(basis))?;
        let day = self.day_of(lane, red)?;
        let (_, whole) = self.cancelling(lane, index, basis.content.clone());
        Some(Cancelled { index: red, day, whole })
    }

    /// Content of the red invoice that cancels the blue one at this position, and whether it cancels it whole.
    fn cancelling(&self, lane: &Lane, blue: u64, content: Content) -> (Content, bool) {
        let mut dice = Dice::new(self.seed, &[0xCA_4CE1, lane.number, blue]);
        let part = if dice.chance(200) { content.allowance(dice.between(5, 50)) } else { None };
        part.map_or_else(|| (content.reversed(), true), |part| (part, false))
    }
}

fn can_be_cancelled(basis: &Basis<'_>) -> bool {
    basis.entry.rule.reddable && !basis.void
}

impl<'a> Record<'a> {
    fn new(lane: &'a Lane, day: Day, index: u64, basis: Basis<'a>, cancels: Option<Cancelled>, cancelled_by: Option<Cancelled>) -> Self {
        let (net, tax) = basis.content.sums();
        Self { lane, direction: lane.direction, owner: lane.company, day, index, basis, cancels, cancelled_by, net, tax }
    }

    /// As the buyer sees what another company of the user issued; none when it went to somebody else.
    pub(super) fn received_by(self, buyer: CompanyNo) -> Option<Self> {
        match self.basis.partner {
            Partner::Inside(company) if company.no == buyer => Some(Self { direction: Direction::Received, owner: buyer, ..self }),
            _ => None,
        }
    }

    pub(crate) fn index(&self) -> u64 {
        self.index
    }

    pub(crate) fn kind_place(&self) -> usize {
        self.basis.entry.place
    }

    pub(crate) fn kind(&self) -> &piaoxia_domain::Kind {
        &self.basis.entry.kind
    }

    /// Counts and sums of this one.
    pub(crate) fn totals(&self) -> Totals {
        let money = piaoxia_domain::Money::from_fen;
        Totals { invoices: 1, net: money(self.net), tax: money(self.tax), gross: money(self.net + self.tax) }
    }

    /// True when the page of the bureau lists it.
    pub(crate) fn is_listed(&self, scope: Scope) -> bool {
        scope.direction() == self.direction && (scope != Scope::Deductible || self.is_deductible())
    }

    /// Received, of a kind with deductible tax, with tax on it, blue and not void.
    fn is_deductible(&self) -> bool {
        self.direction == Direction::Received && self.basis.entry.deductible && self.tax > 0 && self.cancels.is_none() && !self.basis.void
    }

    /// 发票状态 on the morning of a day.
    pub(crate) fn status(&self, today: Day) -> Status {
        match self.cancelled_by {
            _ if self.basis.void => Status::Void,
            Some(red) if red.day < today && red.whole => Status::RedFull,
            Some(red) if red.day < today => Status::RedPart,
            Some(_) | None => Status::Normal,
        }
    }

    /// 抵扣状态 on the morning of a day; none where nothing can be deducted.
    ///
    /// Most invoices are ticked some weeks after issue, and confirmed with the month's return. A 小规模纳税人 deducts
    /// nothing, and nobody ticks what is under suspicion or cancelled.
    pub(crate) fn deduction(&self, generator: &Generator, today: Date) -> Option<Deduction> {
        if !self.is_deductible() {
            return None;
        }
        let owner = generator.companies.get(usize::from(self.owner.0))?;
        let mut dice = Dice::new(generator.seed, &[0xDED, self.lane.number, self.index]);
        let left_alone = dice.chance(80);
        if owner.taxpayer == Taxpayer::Small || self.cancelled_by.is_some() || self.risk(generator) == Risk::Abnormal || left_alone {
            return Some(Deduction::Open);
        }
        let ticked = date_of(self.day).saturating_add(dice.between(3, 45).days());
        let confirmed = ticked.last_of_month().saturating_add(12.days());
        Some(match today {
            day if day > confirmed => Deduction::Confirmed,
            day if day > ticked => Deduction::Ticked,
            _ => Deduction::Open,
        })
    }

    pub(super) fn risk(&self, generator: &Generator) -> Risk {
        match Dice::new(generator.seed, &[0x215C, self.lane.number, self.index]).below(1000) {
            0..=3 => Risk::Abnormal,
            4..=10 => Risk::Doubtful,
            _ => Risk::Normal,
        }
    }

    /// The invoice's key, and 代码-号码 of a 数电纸质 one.
    pub(crate) fn keys(&self, generator: &Generator) -> (InvoiceKey, Option<InvoiceKey>) {
        self.keys_at(generator, self.day, self.index)
    }

    /// The key of the invoice at another position with the same seller and kind: the partner of a red pair.
    pub(super) fn keys_at(&self, generator: &Generator, day: Day, index: u64) -> (InvoiceKey, Option<InvoiceKey>) {
        let slot = generator.slot(self.lane, day, index);
        numbers::keys(self.basis.entry.rule.number, &slot, self.seller_region(generator))
    }

    fn seller_region(&self, generator: &'a Generator) -> &'a str {
        match (self.lane.direction, &self.basis.partner) {
            (Direction::Received, Partner::Company(seller)) => seller.region,
            _ => generator.companies.get(usize::from(self.lane.company.0)).map_or("", |company| company.region),
        }
    }
}

impl Generator {
    /// Where the position stands, for its number and its time of day.
    pub(super) fn slot(&self, lane: &Lane, day: Day, index: u64) -> Slot {
        let positions = self.of_day(lane, day);
        let date = date_of(day);
        let new_year = day_from(date.first_of_year());
        Slot {
            lane: lane.number,
            day: date,
            in_day: index - positions.start,
            day_count: positions.end - positions.start,
            in_year: index - lane.spread.before(&self.calendar, new_year),
            spice: Dice::new(self.seed, &[0x50_1CE, lane.number, index]).next(),
        }
    }
}
