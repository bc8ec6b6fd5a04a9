//! Sales between companies of the sandbox's user (内部交易): one invoice, issued by the one and received by the other.
//!
//! It stands in the seller's lane, and the buyer's list takes it from there. Companies sell to those behind them in the
//! register alone, so that the first one holds just as many invoices as were asked for.

use piaoxia_domain::Direction;

use super::calendar::Day;
use super::record::Record;
use super::{Generator, Lane};
use crate::dice::Dice;
use crate::register::{Company, CompanyNo, SANDBOX_COMPANIES};

/// One issued invoice in forty.
const ONE_IN: u64 = 40;
const PLACE: u64 = 11;

/// Where a company's list takes invoices from: a lane of its own, or what another company sold to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceId {
    lane: u64,
    buyer: Option<CompanyNo>,
}

/// A lane as a company sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    lane: &'a Lane,
    /// Set in a lane of another company: only what was sold to this one.
    buyer: Option<CompanyNo>,
}

impl<'a> Source<'a> {
    /// The lane as this company sees it.
    pub(crate) fn seen_by(company: CompanyNo, lane: &'a Lane) -> Self {
        Self { lane, buyer: (lane.company != company).then_some(company) }
    }

    pub(crate) fn id(&self) -> SourceId {
        SourceId { lane: self.lane.number, buyer: self.buyer }
    }
}

impl Generator {
    /// Everything that a company's list of one direction is made of.
    pub(crate) fn sources(&self, company: CompanyNo, direction: Direction) -> impl Iterator<Item = Source<'_>> {
        let own = move |lane: &&Lane| lane.company == company && lane.direction == direction;
        let inside = move |lane: &&Lane| direction == Direction::Received && may_sell(lane, company);
        self.lanes.iter().filter(move |lane| own(lane) || inside(lane)).map(move |lane| Source::seen_by(company, lane))
    }

    /// The invoices of a day, in the order of time.
    pub(crate) fn records_of<'a>(&'a self, source: Source<'a>, day: Day) -> impl Iterator<Item = Record<'a>> + 'a {
        let positions = self.of_day(source.lane, day).filter(move |index| self.may_hold(source, *index));
        positions.filter_map(move |index| self.record_of(source, day, index))
    }

    /// The invoice at a position, if the company that looks has it.
    pub(crate) fn record_of<'a>(&'a self, source: Source<'a>, day: Day, index: u64) -> Option<Record<'a>> {
        let record = self.record(source.lane, day, index)?;
        match source.buyer {
            None => Some(record),
            Some(buyer) => record.received_by(buyer),
        }
    }

    /// Which of the user's companies the invoice at a position is issued to.
    pub(super) fn inside_buyer(&self, lane: &Lane, index: u64) -> Option<&Company> {
        if index % ONE_IN != PLACE {
            return None;
        }
        let buyers: Vec<&Company> = self.companies.iter().filter(|company| may_sell(lane, company.no)).collect();
        let mut dice = Dice::new(self.seed, &[0x1_051DE, lane.number, index]);
        buyers.get(usize::try_from(dice.below(buyers.len().max(1) as u64)).ok()?).copied()
    }

    /// Spares the making of the many invoices that went to others. A red one goes where its blue one went.
    fn may_hold(&self, source: Source<'_>, index: u64) -> bool {
        let went = |index: u64| self.inside_buyer(source.lane, index).map(|company| company.no);
        source.buyer.is_none_or(|buyer| {
            went(index) == Some(buyer) || source.lane.pairing.blue_of(index).is_some_and(|blue| went(blue) == Some(buyer))
        })
    }
}

fn may_sell(lane: &Lane, buyer: CompanyNo) -> bool {
    lane.direction == Direction::Issued && lane.company < buyer && usize::from(buyer.0) < SANDBOX_COMPANIES
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::collections::BTreeMap;

    use jiff::civil::date;
    use piaoxia_domain::{DateRange, Invoice, InvoiceKey, Scope};

    use super::*;
    use crate::query::Query;
    use crate::{Bureau, BureauConfig};

    fn all(bureau: &Bureau, company: u16, scope: Scope) -> BTreeMap<InvoiceKey, Invoice> {
        let dates = DateRange::new(date(2025, 1, 1), date(2026, 7, 31)).unwrap();
        let query = Query::all(scope, dates);
        bureau.invoices(CompanyNo(company), &query, date(2026, 8, 1)).map(|invoice| (invoice.key.clone(), invoice)).collect()
    }

    #[test]
    fn seller_and_buyer_see_the_same_invoice() {
        let bureau = Bureau::new(BureauConfig::new(5, 6_000, date(2026, 8, 1)));
        let issued = all(&bureau, 0, Scope::Issued);
        let mut reds = 0;
        for buyer in [1, 2] {
            let tax_no = bureau.company(CompanyNo(buyer)).unwrap().tax_no.clone();
            let sold: Vec<&Invoice> = issued.values().filter(|invoice| invoice.buyer.tax_no == tax_no).collect();
            assert!(sold.len() > 10, "{buyer}: {}", sold.len());
            let received = all(&bureau, buyer, Scope::Received);
            for invoice in &sold {
                let deduction = received.get(&invoice.key).unwrap().deduction;
                let seen = Invoice { direction: Some(Direction::Received), deduction, ..(*invoice).clone() };
                assert_eq!(received.get(&invoice.key), Some(&seen));
                assert_eq!(bureau.find(CompanyNo(buyer), &invoice.key, date(2026, 8, 1)), Some(seen));
            }
            let first = bureau.company(CompanyNo(0)).unwrap();
            let from_first = received.values().filter(|invoice| invoice.seller.tax_no == first.tax_no).count();
            assert_eq!(from_first, sold.len());
            reds += sold.iter().filter(|invoice| invoice.red_of.is_some()).count();
        }
        assert!(reds > 0, "a red invoice goes where its blue one went");
    }

    #[test]
    fn what_a_general_taxpayer_bought_inside_can_be_deducted() {
        let bureau = Bureau::new(BureauConfig::new(5, 6_000, date(2026, 8, 1)));
        let first = bureau.company(CompanyNo(0)).unwrap().tax_no.clone();
        let inside = |company| {
            let list = all(&bureau, company, Scope::Deductible);
            list.into_values()
                .filter(|invoice| invoice.seller.tax_no == first)
                .map(|invoice| invoice.deduction.unwrap())
                .collect::<Vec<_>>()
        };
        assert!(inside(1).iter().any(|state| *state != piaoxia_domain::Deduction::Open), "the second is a general taxpayer");
        assert!(inside(2).iter().all(|state| *state == piaoxia_domain::Deduction::Open), "the third is a small one");
    }

    #[test]
    fn nobody_else_sees_it_and_the_first_company_buys_from_none_of_them() {
        let bureau = Bureau::new(BureauConfig::new(5, 6_000, date(2026, 8, 1)));
        let second = bureau.company(CompanyNo(1)).unwrap().tax_no.clone();
        let issued = all(&bureau, 0, Scope::Issued);
        let sold = issued.values().find(|invoice| invoice.buyer.tax_no == second).unwrap();
        for other in [2, 3] {
            assert_eq!(bureau.find(CompanyNo(other), &sold.key, date(2026, 8, 1)), None);
        }
        let own: Vec<_> = bureau.sandbox_companies().iter().map(|company| company.tax_no.clone()).collect();
        assert!(all(&bureau, 0, Scope::Received).values().all(|invoice| !own.contains(&invoice.seller.tax_no)));
    }

    #[test]
    fn the_sums_of_a_buyer_are_those_of_its_invoices() {
        let bureau = Bureau::new(BureauConfig::new(5, 6_000, date(2026, 8, 1)));
        let (from, to, today) = (date(2026, 1, 1), date(2026, 7, 31), date(2026, 8, 1));
        let dates = DateRange::new(from, to).unwrap();
        for scope in [Scope::Received, Scope::Deductible] {
            let rows = bureau.summary(CompanyNo(1), &Query::all(scope, dates), today);
            let count: u64 = rows.iter().map(|row| row.totals.invoices).sum();
            assert_eq!(count, bureau.truth(CompanyNo(1), scope, dates, today).invoices);
        }
    }
}
