//! 今天要处理: what needs the user today, from everything that the window knows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan;
use jiff::civil::Date;
use piaoxia_domain::{DateRange, Scope};
use piaoxia_engine::{Download, DownloadState};
use piaoxia_taxdisk::CertificateState;

use super::State;

/// Last day of the month's filing period (申报期) before it is moved: 15 days from the month's first (增值税暂行条例 23). Where holidays of three
/// days or more fall into it, it ends as many days later (税收征收管理法实施细则 109), as the bureau announces.
const FILING_DAY: i8 = 15;
/// A service that ends within so many days is told of.
pub const SOON: i32 = 30;

/// Something that needs the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Downloads wait for a sign-in.
    SignIn {
        /// How many.
        downloads: usize,
    },
    /// Downloads wait for a tax disk.
    Disk {
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
        let by_disk = |one: &Download| one.order.disk.is_some();
        let mut matters = Vec::new();
        matters.extend(count(&|one: &Download| waits(one) && !by_disk(one)).map(|downloads| Matter::SignIn { downloads }));
        matters.extend(count(&|one: &Download| waits(one) && by_disk(one)).map(|downloads| Matter::Disk { downloads }));
        matters.extend(Some(self.download.unfinished).filter(|n| *n > 0).map(|downloads| Matter::Unfinished { downloads }));
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

/// Downloads that ended without everything, and none after them brought it. Seen from the newest back, so that each is looked at once.
pub(super) fn unfinished(downloads: &[Download]) -> usize {
    let mut sorted: Vec<&Download> = downloads.iter().collect();
    sorted.sort_by_key(|download| Reverse(download.created_at));
    let mut brought: HashMap<(&str, Scope), Brought> = HashMap::new();
    let mut unfinished = 0;
    for download in sorted {
        let query = &download.order.query;
        let since = brought.entry((download.order.company.id.as_str(), query.scope)).or_default();
        match download.state {
            DownloadState::Done => since.add(query.dates),
            DownloadState::Failed | DownloadState::Partial if !since.covers(query.dates) => unfinished += 1,
            _ => {}
        }
    }
    unfinished
}

/// Ranges of days that were brought: last days by first days, both rising, because a range within another says nothing.
#[derive(Default)]
struct Brought(BTreeMap<Date, Date>);

impl Brought {
    fn covers(&self, dates: DateRange) -> bool {
        self.0.range(..=dates.from()).next_back().is_some_and(|(_, last)| *last >= dates.to())
    }

    fn add(&mut self, dates: DateRange) {
        if self.covers(dates) {
            return;
        }
        while let Some((first, _)) = self.0.range(dates.from()..).next().filter(|(_, last)| **last <= dates.to()) {
            let first = *first;
            self.0.remove(&first);
        }
        self.0.insert(dates.from(), dates.to());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use jiff::civil::date;

    use super::*;
    use crate::reduce::download::tests::download;

    #[test]
    fn the_filing_period_ends_on_the_fifteenth() {
        let seen = |today| (Filing::after(today).last, Filing::after(today).days);
        assert_eq!(seen(date(2026, 11, 3)), (date(2026, 11, 15), 12));
        assert_eq!(seen(date(2026, 11, 15)), (date(2026, 11, 15), 0));
        assert_eq!(seen(date(2026, 11, 16)), (date(2026, 12, 15), 29));
        assert_eq!(seen(date(2026, 12, 31)), (date(2027, 1, 15), 15));
    }

    #[test]
    fn downloads_that_wait_for_a_disk_are_no_sign_ins() {
        let needs = || DownloadState::NeedsLogin { account: piaoxia_domain::AccountId("a".into()) };
        let mut by_disk = download("1", needs());
        by_disk.order.disk = Some("440012345678".into());
        let mut state = State::default();
        state.download.all = vec![by_disk, download("2", needs()), download("3", needs()), download("4", DownloadState::Running)];
        assert_eq!(state.agenda(), [Matter::SignIn { downloads: 2 }, Matter::Disk { downloads: 1 }]);
    }

    #[test]
    fn a_download_is_unfinished_until_one_after_it_brought_all_of_it() {
        let day = |day| date(2026, 10, day);
        let one = |age: i64, company: &str, from: i8, to: i8, state: DownloadState| {
            let mut download = download(&age.to_string(), state);
            download.order.company.id = company.into();
            download.order.query.dates = DateRange::new(day(from), day(to)).unwrap();
            download.created_at = jiff::Timestamp::from_second(1_000 - age).unwrap();
            download
        };
        let (done, failed, partial) = (DownloadState::Done, DownloadState::Failed, DownloadState::Partial);
        let mut all = vec![
            one(1, "a", 5, 9, done.clone()),
            one(2, "a", 5, 9, failed.clone()),
            one(3, "a", 4, 9, partial.clone()),
            one(4, "a", 6, 10, failed.clone()),
            one(5, "b", 5, 9, failed.clone()),
            one(6, "a", 3, 11, done.clone()),
            one(7, "a", 4, 9, failed.clone()),
            one(8, "a", 1, 2, done.clone()),
            one(9, "a", 1, 2, failed.clone()),
            one(10, "a", 3, 11, partial.clone()),
            one(11, "a", 2, 3, failed.clone()),
        ];
        assert_eq!(unfinished(&all), 4, "3, 4, 5 and 11");
        let mut issued = one(12, "a", 6, 8, failed);
        issued.order.query.scope = Scope::Issued;
        all.push(issued);
        all.reverse();
        assert_eq!(unfinished(&all), 5);
    }
}
