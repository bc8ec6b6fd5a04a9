//! 定时下载: what is fetched by itself while the program is open. One that was due while it was closed is made up for at the next
//! start, once. Kept in the ledger, so that it goes with the stick.

mod clock;

use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan};
use piaoxia_domain::Scope;
use serde::{Deserialize, Serialize};

use crate::download::{BatchWish, CompanyRef, DownloadOrder, Span, plan_batch};
use crate::problem::Problem;
use crate::services::{Services, collection, readable};

pub(crate) use clock::Clock;

/// When it begins, in Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "every")]
pub enum When {
    /// 每次打开票匣: once a start.
    Start,
    /// 每天.
    Day {
        /// Minute of the day, below 1,440.
        minute: u16,
    },
    /// 每月.
    Month {
        /// Day, from 1; the last one of a shorter month.
        day: i8,
        /// Minute of the day, below 1,440.
        minute: u16,
    },
}

/// A download that begins by itself: what is new since the last time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Id.
    pub id: String,
    /// For which companies; none means all that have an account then.
    pub companies: Vec<CompanyRef>,
    /// Pages of the bureau.
    pub scopes: Vec<Scope>,
    /// When.
    pub when: When,
    /// Originals as well.
    pub originals: bool,
    /// 状态刷新.
    pub refresh: bool,
    /// It is not switched off.
    pub enabled: bool,
    /// Since when it counts: when it was made, switched on or last begun, UTC.
    pub since: Timestamp,
    /// When it last began, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Timestamp>,
}

/// A schedule as the window shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleView {
    /// The schedule.
    pub schedule: Schedule,
    /// When it begins next, UTC; none for one that is off or begins with the program.
    pub next: Option<Timestamp>,
    /// Why it could not begin; it is tried again.
    pub problem: Option<Problem>,
}

/// What is wanted of schedules.
#[derive(Clone, Debug)]
pub enum ScheduleWish {
    /// Keep it, new or changed.
    Keep(Box<Schedule>),
    /// Remove it.
    Remove(String),
}

/// How far a noted beginning may lie ahead: less is a clock that was set right in between.
const AHEAD_HOURS: i64 = 1;

impl Schedule {
    /// A beginning that lies ahead was noted while the clock was wrong, and nothing would be due until then: it counts from now on. True
    /// when it was so.
    pub(crate) fn put_right(&mut self, now: Timestamp) -> bool {
        let is_ahead = now.checked_add(AHEAD_HOURS.hours()).is_ok_and(|soon| self.since > soon);
        if is_ahead {
            self.since = now;
            self.begun = self.begun.filter(|begun| *begun <= now);
        }
        is_ahead
    }

    /// When it is due next after it last began. A schedule that begins with the program has no such time.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        if !self.enabled {
            return None;
        }
        let zone = TimeZone::fixed(offset(8));
        let since = self.since.to_zoned(zone.clone()).datetime();
        let at = |day: Date, minute: u16| day.to_datetime(time_of(minute)).to_zoned(zone.clone()).ok().map(|then| then.timestamp());
        match self.when {
            When::Start => None,
            When::Day { minute } => {
                let day = since.date();
                let later = [day, day.checked_add(1.day()).ok()?];
                later.into_iter().filter_map(|day| at(day, minute)).find(|then| *then > self.since)
            }
            When::Month { day, minute } => {
                let first = since.date().first_of_month();
                let months = [first, first.checked_add(1.month()).ok()?];
                let day_of = |month: Date| month.with().day(day.clamp(1, month.days_in_month())).build().ok();
                months.into_iter().filter_map(day_of).filter_map(|day| at(day, minute)).find(|then| *then > self.since)
            }
        }
    }

    /// True when it is to begin. `started` is told once a start of the program.
    pub(crate) fn is_due(&self, now: Timestamp, started: bool) -> bool {
        match self.when {
            When::Start => self.enabled && started,
            When::Day { .. } | When::Month { .. } => self.next().is_some_and(|next| next <= now),
        }
    }
}

fn time_of(minute: u16) -> Time {
    let minute = i32::from(minute.min(1_439));
    Time::midnight().checked_add(minute.minutes()).unwrap_or(Time::midnight())
}

/// All of them, in the order in which they were made, and the number of those that cannot be read.
pub(crate) async fn load(services: &Services) -> Result<(Vec<Schedule>, u64), Problem> {
    let (schedules, unreadable) = readable(services.store().documents(collection::SCHEDULES).await?);
    Ok((schedules.into_iter().map(|(_, schedule)| schedule).collect(), unreadable))
}

/// Writes one down.
pub(crate) async fn keep(services: &Services, schedule: &Schedule) -> Result<(), Problem> {
    Ok(services.store().put_document(collection::SCHEDULES, &schedule.id, schedule).await?)
}

/// What a schedule asks for now.
pub(crate) async fn orders(services: &Services, schedule: &Schedule, today: Date) -> Result<Vec<DownloadOrder>, Problem> {
    let companies = if schedule.companies.is_empty() {
        let known = crate::accounts::companies(services).await?;
        known.iter().filter(|company| company.accounts > 0).map(CompanyRef::from).collect()
    } else {
        schedule.companies.clone()
    };
    let (scopes, originals, refresh) = (schedule.scopes.clone(), schedule.originals, schedule.refresh);
    let wish = BatchWish { companies, scopes, span: Span::SinceLast, originals, refresh, today };
    Ok(plan_batch(services, &wish).await?.into_iter().map(|planned| planned.order).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(when: When, since: &str) -> Schedule {
        Schedule {
            id: "1".to_owned(),
            companies: Vec::new(),
            scopes: vec![Scope::Received],
            when,
            originals: true,
            refresh: true,
            enabled: true,
            since: since.parse().unwrap_or(Timestamp::UNIX_EPOCH),
            begun: None,
        }
    }

    fn next(when: When, since: &str) -> String {
        schedule(when, since).next().map(|next| next.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_day_and_a_month_are_those_of_shanghai() {
        let two = When::Day { minute: 120 };
        assert_eq!(next(two, "2026-11-30T17:59:59Z"), "2026-11-30T18:00:00Z");
        assert_eq!(next(two, "2026-11-30T18:00:00Z"), "2026-12-01T18:00:00Z");
        let end = When::Month { day: 31, minute: 9 * 60 };
        assert_eq!(next(end, "2026-11-30T00:59:59Z"), "2026-11-30T01:00:00Z");
        assert_eq!(next(end, "2026-11-30T01:00:00Z"), "2026-12-31T01:00:00Z");
        assert_eq!(next(When::Month { day: 3, minute: 1_439 }, "2026-12-31T15:59:00Z"), "2027-01-03T15:59:00Z");
    }

    #[test]
    fn what_was_missed_is_due_once() {
        let mut daily = schedule(When::Day { minute: 120 }, "2026-11-01T00:00:00Z");
        let now: Timestamp = "2026-11-30T00:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
        assert!(daily.is_due(now, false));
        daily.since = now;
        assert!(!daily.is_due(now, true));
        daily.enabled = false;
        assert_eq!(daily.next(), None);
    }

    #[test]
    fn a_beginning_of_a_wrong_clock_does_not_silence_it() {
        let now: Timestamp = "2026-11-30T00:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let mut daily = schedule(When::Day { minute: 120 }, "2035-01-01T00:00:00Z");
        daily.begun = Some(daily.since);
        assert!(daily.put_right(now) && !daily.put_right(now));
        assert_eq!((daily.since, daily.begun), (now, None));
        assert_eq!(daily.next().map(|next| next.to_string()).as_deref(), Some("2026-11-30T18:00:00Z"));
        // A clock that was a little ahead.
        assert!(!schedule(When::Start, "2026-11-30T00:30:00Z").put_right(now));
    }

    #[test]
    fn one_that_begins_with_the_program_begins_with_it_alone() {
        let start = schedule(When::Start, "2026-11-01T00:00:00Z");
        let now = Timestamp::now();
        assert!(start.is_due(now, true) && !start.is_due(now, false));
    }
}
