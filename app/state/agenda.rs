//! 今天要处理: what needs the user today, from everything that the window knows.

use jiff::ToSpan;
use jiff::civil::Date;
use piaoxia_engine::{Download, DownloadState};
use piaoxia_taxdisk::CertificateState;

use super::State;

/// Last day of the month's filing period (申报期) before it is moved: 15 days from the month's first (增值税暂行条例 23). Where holidays of three
/// days or more fall into it, it ends as many days later (税收征收管理法实施细则 109), as the bureau announces.
const FILING_DAY: i8 = 15;
/// A service that ends within so many days is told of.
const SOON: i32 = 30;

/// Something that needs the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Downloads wait for a sign-in.
    SignIn {
        /// How many.
        downloads: usize,
    },
    /// Downloads ended without everything, and none after them brought it.
    Unfinished {
        /// How many.
        downloads: usize,
    },
    /// The certificate of a disk that is plugged in ends, or has ended.
    Certificate {
        /// Whose.
        company: String,
        /// Days until it ends; below zero since.
        days: i64,
    },
    /// What was bought for a company ends.
    Service {
        /// Whose, the first to end.
        company: String,
        /// Companies that it concerns.
        companies: usize,
        /// Last day of the first.
        last: Date,
    },
    /// Companies without an e-tax account.
    NoAccount {
        /// How many.
        companies: usize,
    },
}

/// The filing period that is next to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filing {
    /// Its last day, before it is moved by holidays.
    pub last: Date,
    /// Days until then; 0 today.
    pub days: i32,
}

impl Filing {
    /// Seen from a day.
    #[must_use]
    pub fn after(today: Date) -> Self {
        let of = |month: Date| month.with().day(FILING_DAY).build().unwrap_or(month);
        let this = of(today.first_of_month());
        let last = if today > this { of(today.first_of_month().saturating_add(1.month())) } else { this };
        Self { last, days: (last - today).get_days() }
    }
}

impl State {
    /// What needs the user today, the most pressing first.
    #[must_use]
    pub fn agenda(&self) -> Vec<Matter> {
        let downloads = &self.download.all;
        let count = |wanted: &dyn Fn(&Download) -> bool| Some(downloads.iter().filter(|one| wanted(one)).count()).filter(|n| *n > 0);
        let waits = |one: &Download| matches!(one.state, DownloadState::NeedsLogin { .. });
        let ended = |one: &Download| matches!(one.state, DownloadState::Failed | DownloadState::Partial);
        let made_up = |one: &Download| downloads.iter().any(|later| makes_up(later, one));
        let mut matters = Vec::new();
        matters.extend(count(&waits).map(|downloads| Matter::SignIn { downloads }));
        matters.extend(count(&|one| ended(one) && !made_up(one)).map(|downloads| Matter::Unfinished { downloads }));
        matters.extend(self.certificates());
        matters.extend(self.services_that_end());
        let companies = self.companies.list.value().map(Vec::as_slice).unwrap_or_default();
        let without = companies.iter().filter(|company| company.accounts == 0 && !self.has_disk(&company.tax_no)).count();
        if without > 0 {
            matters.push(Matter::NoAccount { companies: without });
        }
        matters
    }

    fn has_disk(&self, tax_no: &piaoxia_domain::TaxNumber) -> bool {
        self.disks.view.of_company(tax_no).is_some()
    }

    fn certificates(&self) -> impl Iterator<Item = Matter> + '_ {
        self.disks.view.disks().filter_map(|(_, facts)| {
            let days = match facts.certificate {
                CertificateState::ExpiresSoon { days } => days,
                CertificateState::Expired { days } => -days,
                CertificateState::Valid | CertificateState::NotYetValid => return None,
            };
            Some(Matter::Certificate { company: facts.company.clone(), days })
        })
    }

    fn services_that_end(&self) -> Option<Matter> {
        let limit = self.today.saturating_add(SOON.days());
        let ending = || self.companies.list.value().into_iter().flatten().filter(move |company| company.entitlement.expires_on <= limit);
        let first = ending().min_by_key(|company| company.entitlement.expires_on)?;
        Some(Matter::Service { company: first.name.clone(), companies: ending().count(), last: first.entitlement.expires_on })
    }
}

/// A later download brought all that an earlier one was to bring.
fn makes_up(later: &Download, earlier: &Download) -> bool {
    let (new, old) = (&later.order, &earlier.order);
    later.state == DownloadState::Done
        && later.created_at > earlier.created_at
        && new.company.id == old.company.id
        && new.query.scope == old.query.scope
        && new.query.dates.from() <= old.query.dates.from()
        && new.query.dates.to() >= old.query.dates.to()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_filing_period_ends_on_the_fifteenth() {
        let seen = |today| (Filing::after(today).last, Filing::after(today).days);
        assert_eq!(seen(date(2026, 11, 3)), (date(2026, 11, 15), 12));
        assert_eq!(seen(date(2026, 11, 15)), (date(2026, 11, 15), 0));
        assert_eq!(seen(date(2026, 11, 16)), (date(2026, 12, 15), 29));
        assert_eq!(seen(date(2026, 12, 31)), (date(2027, 1, 15), 15));
    }
}
