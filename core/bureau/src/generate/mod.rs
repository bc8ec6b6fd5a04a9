//! The invoices: each computed from its position, none of them stored.
//!
//! ```text
//! lane (company, direction) + position ─► day (calendar) ─► kind, partner, lines (basis) ─► red or cancelled (red) ─► Record
//! Record + day of asking ─► status, deduction ─► Invoice (render)
//! ```
//! What an invoice says follows from the seed and its position alone; only its states depend on the day of asking.

mod basis;
mod calendar;
mod catalog;
mod inside;
mod kinds;
mod lines;
mod numbers;
mod parties;
mod record;
mod red;
mod remarks;
mod render;

use std::ops::Range;

use jiff::civil::Date;
use piaoxia_domain::{DateRange, Direction, InvoiceKey};

pub(crate) use calendar::{Day, date_of};
pub(crate) use catalog::Trade;
pub(crate) use inside::{Source, SourceId};
pub(crate) use kinds::KINDS;
pub(crate) use record::Record;

use calendar::{Calendar, Spread, day_number};
use numbers::Found;
use parties::Parties;
use red::Pairing;

use crate::config::BureauConfig;
use crate::register::{Company, CompanyNo, companies};

/// Makes the invoices of all companies.
#[derive(Debug)]
pub(crate) struct Generator {
    seed: u64,
    calendar: Calendar,
    companies: Vec<Company>,
    parties: Parties,
    lanes: Vec<Lane>,
}

/// The invoices of one company in one direction.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Twice the company's number, and one more for received invoices.
    number: u64,
    company: CompanyNo,
    direction: Direction,
    spread: Spread,
    pairing: Pairing,
}

impl Generator {
    pub(crate) fn new(config: &BureauConfig) -> Self {
        let calendar = Calendar::new(config.today);
        let most = BureauConfig::PER_DAY.saturating_mul(calendar.anchor() as u64);
        let invoices = config.invoices.min(most);
        let companies = companies();
        let lanes = companies
            .iter()
            .flat_map(|company| Direction::ALL.map(|direction| lane(config.seed, company.no, direction, invoices, &calendar)))
            .collect();
        Self { seed: config.seed, calendar, companies, parties: Parties::new(), lanes }
    }

    pub(crate) fn companies(&self) -> &[Company] {
        &self.companies
    }

    pub(crate) fn lane(&self, company: CompanyNo, direction: Direction) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.company == company && lane.direction == direction)
    }

    /// Days of a range that hold data on the day of asking: the bureau gives none of that day itself.
    pub(crate) fn days(&self, dates: DateRange, today: Date) -> Range<Day> {
        let first = day_number(dates.from()).unwrap_or(0);
        let end = day_number(dates.to()).map_or(0, |day| day + 1);
        let today = day_number(today).unwrap_or(0);
        first..end.min(today).min(self.calendar.end()).max(first)
    }

    /// Positions of a day, in the order of time.
    pub(crate) fn of_day(&self, lane: &Lane, day: Day) -> Range<u64> {
        lane.spread.before(&self.calendar, day)..lane.spread.before(&self.calendar, day + 1)
    }

    /// The day of a position; none after the calendar's end.
    pub(crate) fn day_of(&self, lane: &Lane, index: u64) -> Option<Day> {
        lane.spread.day_of(&self.calendar, index)
    }

    /// Where the invoice with this number stands, if it is one of ours.
    pub(crate) fn locate(&self, key: &InvoiceKey) -> Option<(&Lane, Day, u64)> {
        let lane_of = |number: u64| self.lanes.get(usize::try_from(number).ok()?);
        let (lane, index) = match numbers::find(key)? {
            Found::InDay { lane, year, day_of_year, room } => {
                let lane = lane_of(lane)?;
                let first = day_number(Date::new(year, 1, 1).ok()?)?;
                let positions = self.of_day(lane, first + usize::try_from(day_of_year).ok()? - 1);
                let index = positions.start + numbers::in_day(room, positions.end - positions.start);
                (lane, index)
            }
            Found::InYear { lane, year, in_year } => {
                let lane = lane_of(lane)?;
                let first = day_number(Date::new(year, 1, 1).ok()?)?;
                (lane, lane.spread.before(&self.calendar, first) + in_year)
            }
        };
        let day = self.day_of(lane, index)?;
        let record = self.record(lane, day, index)?;
        let (own, paper) = record.keys(self);
        (own == *key || paper.as_ref() == Some(key)).then_some((lane, day, index))
    }
}

/// The day's number; days before the first count as the first.
pub(crate) fn day_from(date: Date) -> Day {
    day_number(date).unwrap_or(0)
}

/// First day of the month that a day lies in.
pub(crate) fn month_of(day: Day) -> Date {
    date_of(day).first_of_month()
}

fn lane(seed: u64, company: CompanyNo, direction: Direction, invoices: u64, calendar: &Calendar) -> Lane {
    // The first company holds what was asked for; the others less, but something.
    let share = match company.0 {
        0 => 1,
        1 => 4,
        2 => 20,
        _ => 100,
    };
    let all = (invoices / share).max(invoices.min(40));
    let received = all * 3 / 5;
    let (total, number) = match direction {
        Direction::Issued => (all - received, 2 * u64::from(company.0)),
        Direction::Received => (received, 2 * u64::from(company.0) + 1),
    };
    Lane { number, company, direction, spread: Spread::new(total), pairing: Pairing::new(seed, number, total, calendar) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;

    #[test]
    fn lanes_fit_into_the_numbers() {
        let generator = Generator::new(&BureauConfig::new(1, 1000, date(2026, 1, 1)));
        assert!(generator.lanes.len() as u64 <= numbers::LANES);
        assert!(generator.lanes.iter().zip(0..).all(|(lane, place)| lane.number == place));
    }

    #[test]
    fn the_number_of_invoices_is_capped() {
        let generator = Generator::new(&BureauConfig::new(1, u64::MAX, date(2025, 1, 11)));
        let all: u64 = Direction::ALL
            .iter()
            .map(|direction| generator.lane(CompanyNo(0), *direction).unwrap())
            .map(|lane| lane.spread.before(&generator.calendar, generator.calendar.anchor()))
            .sum();
        assert_eq!(all, 10 * BureauConfig::PER_DAY);
    }
}
