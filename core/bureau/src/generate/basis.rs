//! What an invoice is about before anything happens to it: kind, partner, lines.

use jiff::civil::Date;
use piaoxia_domain::Direction;
use piaoxia_domain::invoice::Party;

use super::calendar::{Day, FIRST_DAY, date_of};
use super::kinds::{self, KindEntry, Subject};
use super::lines::{self, Content, Seller};
use super::parties::{Counterparty, natural_person};
use super::{Generator, Lane, Trade};
use crate::dice::Dice;
use crate::register::{Company, Taxpayer};

/// The other side of the deal.
#[derive(Clone, Debug)]
pub(crate) enum Partner<'a> {
    Company(&'a Counterparty),
    /// Another company of the user.
    Inside(&'a Company),
    /// 自然人, by the stream that its name is drawn from.
    Person(Dice),
}

impl Partner<'_> {
    pub(crate) fn party(&self) -> Party {
        match self {
            Self::Company(company) => company.party.clone(),
            Self::Inside(company) => company.party(),
            Self::Person(dice) => natural_person(&mut dice.clone()),
        }
    }
}

/// An invoice as it was first issued.
#[derive(Clone, Debug)]
pub(crate) struct Basis<'a> {
    pub(crate) entry: &'static KindEntry,
    pub(crate) partner: Partner<'a>,
    pub(crate) content: Content,
    /// 作废 in the month of issue.
    pub(crate) void: bool,
    /// 收购: issued by the company that buys.
    pub(crate) self_billed: bool,
}

impl Generator {
    /// None only for a company that is not in the register.
    pub(super) fn basis(&self, lane: &Lane, day: Day, index: u64) -> Option<Basis<'_>> {
        let company = self.companies.get(usize::from(lane.company.0))?;
        let mut dice = Dice::new(self.seed, &[lane.number, index]);
        let entry = kinds::choose(&mut dice, lane.direction, company.taxpayer, month(day))?;
        let subject = entry.rule.subject;
        let self_billed = subject == Subject::Plain && is_self_billed(lane, company, index);
        let (partner, seller) = match lane.direction {
            Direction::Issued if self_billed => (Partner::Person(dice.clone()), Seller { trade: company.trade, taxpayer: Taxpayer::Small }),
            Direction::Issued => {
                let persons = matches!(subject, Subject::Plain | Subject::UsedCar) && dice.chance(250);
                let outside = if persons { Partner::Person(dice.clone()) } else { Partner::Company(self.parties.company(&mut dice)) };
                let partner = match self.inside_buyer(lane, index) {
                    Some(buyer) if !persons && matches!(subject, Subject::Special | Subject::Plain) => Partner::Inside(buyer),
                    _ => outside,
                };
                (partner, Seller { trade: company.trade, taxpayer: company.taxpayer })
            }
            Direction::Received => {
                let seller = self.parties.seller(&mut dice, subject);
                (Partner::Company(seller), Seller { trade: seller.trade, taxpayer: seller.taxpayer })
            }
        };
        let content = lines::content(&mut dice, subject, seller);
        let void = entry.rule.voidable && dice.chance(120);
        Some(Basis { entry, partner, content, void, self_billed })
    }
}

/// A food company buys from farmers, and issues the invoice (农产品收购) itself: one in twenty-five of what it issues.
fn is_self_billed(lane: &Lane, company: &Company, index: u64) -> bool {
    lane.direction == Direction::Issued && company.trade == Trade::Food && index % 25 == 7
}

/// Months since 2025-01.
fn month(day: Day) -> u32 {
    let date: Date = date_of(day);
    let months = (i32::from(date.year()) - i32::from(FIRST_DAY.year())) * 12 + i32::from(date.month()) - 1;
    u32::try_from(months).unwrap_or(0)
}
