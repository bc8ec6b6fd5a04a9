//! The figures of the statistics: one pass over the columns, so that all breakdowns are of the same moment and the same invoices.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use piaoxia_domain::{Behind, Deduction, Direction, InvoiceFilter, Kind, Money, Month, Rate, Status, TaxNumber, Totals, Used};

use super::Index;
use super::columns::{Fixed, date_time};
use super::query::Mask;
use super::shares::{Divided, Part};
use crate::ledger::figures::{BalanceFigure, DeductionSummary, Figures, KindFigure, OthersFigure, PartyFigure, RateFigure, Side, Sums};

/// Number of a rate that no line has: 无明细.
const NO_LINES: u32 = u32::MAX;

/// Sums by group. A million rows are looked up four times each, and nobody chooses the numbers of the index: a quick hash will do.
type Grouped<K> = HashMap<K, Sums, BuildHasherDefault<Quick>>;

/// Mixes a few numbers.
#[derive(Default)]
pub(super) struct Quick(u64);

impl Quick {
    fn mix(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.mix(u64::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(u64::from(number));
    }

    fn write_i32(&mut self, number: i32) {
        self.mix(u64::from(number.cast_unsigned()));
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    fn write_isize(&mut self, number: isize) {
        self.mix(number.cast_unsigned() as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// Sums by what they are grouped by, in numbers of the index.
#[derive(Default)]
struct Groups {
    all: Sums,
    /// By month (`yyyymm`), direction and kind.
    kinds: Grouped<(i32, Side, u32)>,
    /// By month, direction and rate.
    rates: Grouped<(i32, Side, u32)>,
    /// By direction and party.
    parties: Grouped<(Side, u32)>,
    /// By month: 已勾选 or 已抵扣 of what was received.
    ticked: Grouped<i32>,
    of_several_rates: u64,
}

fn add<K: Eq + Hash>(to: &mut Grouped<K>, key: K, sums: &Sums) {
    to.entry(key).or_default().merge(sums);
}

fn sums(net: i64, tax: i64, gross: i64, red: bool) -> Sums {
    let [net, tax, gross] = [net, tax, gross].map(Money::from_fen);
    Sums { totals: Totals { invoices: 1, net, tax, gross }, reds: u64::from(red) }
}

impl Index {
    /// Narrows to what stands behind a figure; means the same as [`Behind::matches`].
    pub(super) fn narrow_to_figure(&self, mask: &mut Mask, company: Option<&TaxNumber>, behind: &Behind) {
        if behind.without_void
            && let Some(void) = self.statuses.known(&Status::Void)
        {
            mask.narrow(&self.columns.status, |status| status != void);
        }
        if !behind.sides.is_empty() {
            self.narrow_to_sides(mask, company, |side| behind.sides.contains(&side));
        }
        if let Some(list) = behind.list {
            self.narrow_to_list(mask, company, list);
        }
        if let Some(red) = behind.red {
            mask.narrow(&self.columns.gross, |gross| (gross < 0) == red);
        }
        if !behind.rates.is_empty() {
            let wanted: Vec<u32> = behind.rates.iter().filter_map(|rate| self.shares.rates.known(rate)).collect();
            let bare = behind.rates.contains(&Rate::NoLines);
            mask.narrow_rows(|row| self.shares.row(row).has(&wanted, bare));
        }
        if let Some((period, ways)) = &behind.used {
            mask.narrow_rows(|row| self.used_in(row, company, *period).is_some_and(|way| ways.contains(&way)));
        }
        if let Some(parties) = &behind.counterparties {
            let meant = self.parties.meant(parties);
            mask.narrow_rows(|row| {
                let party = self.columns.get(row).map(|fixed| self.counterparty(&fixed, company));
                party.and_then(|party| meant.get(party as usize)).copied().unwrap_or_default()
            });
        }
    }

    /// 抵扣汇总 of a tax period, of the invoices of a filter.
    pub(crate) fn deductions(&self, filter: &InvoiceFilter, period: Month) -> DeductionSummary {
        let mut summary = DeductionSummary::new();
        for row in self.matching(filter).rows().map(|row| row as usize) {
            let (Some(fixed), Some(used)) = (self.columns.get(row), self.used_in(row, filter.company.as_ref(), period)) else { continue };
            let kind = self.kinds.get(fixed.kind).map_or_else(|| Kind::from_code(""), |kind| kind.as_ref().clone());
            let (net, tax) = (Money::from_fen(fixed.net), Money::from_fen(fixed.tax));
            summary.entry((used, kind)).or_default().add(net, tax, self.uses.effective(row));
        }
        summary
    }

    /// Means the same as [`piaoxia_domain::Invoice::used_in`], as this company sees it.
    fn used_in(&self, row: usize, company: Option<&TaxNumber>, period: Month) -> Option<Used> {
        let fixed = self.columns.get(row)?;
        let state = (self.deduction_of(&fixed, company)?, self.statuses.get(fixed.status)?.as_ref());
        let issued_on = date_time(fixed.day, 0).date();
        let made = self.uses.row(row);
        Used::of(state, issued_on, made.and_then(|made| made.month), made.and_then(|made| made.purpose.as_ref()), period)
    }

    /// The figures of a filter; of each direction the `top` parties with the largest 价税合计 are named.
    pub(crate) fn figures(&self, filter: &InvoiceFilter, top: usize) -> Figures {
        let mut groups = Groups::default();
        for row in self.matching(filter).rows() {
            if let Some(fixed) = self.columns.get(row as usize) {
                self.count(&mut groups, filter.company.as_ref(), row, &fixed);
            }
        }
        let (parties, others) = self.named(&groups, top);
        let kinds = self.by_kind(&groups);
        Figures {
            all: groups.all,
            balance: balance(&kinds, &groups),
            kinds,
            rates: self.by_rate(&groups),
            parties,
            others,
            of_several_rates: groups.of_several_rates,
            generation: self.generation,
        }
    }

    fn count(&self, groups: &mut Groups, company: Option<&TaxNumber>, row: u32, fixed: &Fixed) {
        let (month, side, red) = (fixed.day.div_euclid(100), self.side_of(fixed, company), fixed.gross < 0);
        let whole = sums(fixed.net, fixed.tax, fixed.gross, red);
        groups.all.merge(&whole);
        add(&mut groups.kinds, (month, side, fixed.kind), &whole);
        add(&mut groups.parties, (side, self.counterparty(fixed, company)), &whole);
        if side == Some(Direction::Received) && matches!(fixed.flags.deduction(), Some(Deduction::Ticked | Deduction::Confirmed)) {
            add(&mut groups.ticked, month, &whole);
        }
        match self.shares.row(row as usize) {
            Divided::NoLines => add(&mut groups.rates, (month, side, NO_LINES), &whole),
            Divided::One(rate) => add(&mut groups.rates, (month, side, rate), &whole),
            Divided::Mixed(parts) => {
                groups.of_several_rates += u64::from(parts.len() > 1);
                for Part { rate, net, tax, gross } in parts {
                    add(&mut groups.rates, (month, side, *rate), &sums(*net, *tax, *gross, red));
                }
            }
        }
    }

    fn by_kind(&self, groups: &Groups) -> Vec<KindFigure> {
        let figure = |((month, side, kind), sums): (&(i32, Side, u32), &Sums)| KindFigure {
            month: month_of(*month),
            side: *side,
            kind: self.kinds.get(*kind).map_or_else(|| Kind::from_code(""), |kind| kind.as_ref().clone()),
            sums: *sums,
        };
        let mut figures: Vec<KindFigure> = groups.kinds.iter().map(figure).collect();
        figures.sort_unstable_by(|a, b| (a.month, place(a.side), a.kind.code()).cmp(&(b.month, place(b.side), b.kind.code())));
        figures
    }

    fn by_rate(&self, groups: &Groups) -> Vec<RateFigure> {
        let figure = |((month, side, rate), sums): (&(i32, Side, u32), &Sums)| RateFigure {
            month: month_of(*month),
            side: *side,
            rate: self.shares.rates.get(*rate).map_or(Rate::NoLines, |rate| rate.as_ref().clone()),
            sums: *sums,
        };
        let mut figures: Vec<RateFigure> = groups.rates.iter().map(figure).collect();
        figures.sort_unstable_by(|a, b| (a.month, place(a.side), a.rate.place()).cmp(&(b.month, place(b.side), b.rate.place())));
        figures
    }

    /// The largest parties of both directions, and the rest.
    fn named(&self, groups: &Groups, top: usize) -> (Vec<PartyFigure>, Vec<OthersFigure>) {
        let (mut named, mut others) = (Vec::new(), Vec::new());
        for side in [Some(Direction::Issued), Some(Direction::Received), None] {
            let of_side = groups.parties.iter().filter(|((of, _), _)| *of == side);
            let mut ranked: Vec<(u32, &Sums)> = of_side.map(|((_, party), sums)| (*party, sums)).collect();
            // Without a direction nobody is the other party: they are one line.
            let top = if side.is_some() { top.min(ranked.len()) } else { 0 };
            ranked.sort_unstable_by_key(|(party, sums)| (Reverse(sums.totals.gross), *party));
            let (first, rest) = ranked.split_at(top);
            named.extend(first.iter().filter_map(|(number, sums)| {
                let (party, name) = self.parties.party(*number)?;
                Some(PartyFigure { side, party: party.clone(), name: name.trim().to_owned(), sums: **sums })
            }));
            if !rest.is_empty() {
                let mut together = Sums::default();
                rest.iter().for_each(|(_, sums)| together.merge(sums));
                others.push(OthersFigure { side, parties: rest.len() as u64, sums: together });
            }
        }
        (named, others)
    }
}

fn balance(kinds: &[KindFigure], groups: &Groups) -> Vec<BalanceFigure> {
    let mut months: Vec<BalanceFigure> = Vec::new();
    for figure in kinds {
        if months.last().is_none_or(|last| last.month != figure.month) {
            let none = Totals::default();
            months.push(BalanceFigure { month: figure.month, output: none, input: none, ticked: none, unknown: none });
        }
        let Some(last) = months.last_mut() else { continue };
        match figure.side {
            Some(Direction::Issued) => last.output.merge(&figure.sums.totals),
            Some(Direction::Received) => last.input.merge(&figure.sums.totals),
            None => last.unknown.merge(&figure.sums.totals),
        }
    }
    for (month, sums) in &groups.ticked {
        let month = month_of(*month);
        if let Ok(place) = months.binary_search_by_key(&month, |figure| figure.month)
            && let Some(figure) = months.get_mut(place)
        {
            figure.ticked = sums.totals;
        }
    }
    months
}

fn month_of(number: i32) -> Month {
    Month::of(date_time(number * 100 + 1, 0).date())
}

/// 开具, 取得, neither.
fn place(side: Side) -> u8 {
    side.map_or(2, |direction| direction as u8)
}
