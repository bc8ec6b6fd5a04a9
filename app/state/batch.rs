//! 批量下载 and 定时下载: which companies, what, when.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::{DateRange, Scope};
use piaoxia_engine::download::{BatchPlan, BatchWish, Span};
use piaoxia_engine::schedule::{Schedule, ScheduleView, When};
use piaoxia_engine::{Command, CompanyRef};
use piaoxia_service::contract::Company;

use crate::loadable::Loadable;

/// The pages of the bureau, in the order of the ticks. The list of what can be deducted knows more of invoices than that of all.
pub const SCOPES: [Scope; 3] = [Scope::Received, Scope::Issued, Scope::Deductible];

/// What both dialogs ask.
#[derive(Clone, Debug)]
pub struct What {
    /// Companies that have an account, and behind them those that were chosen and have none now.
    pub offered: Vec<CompanyRef>,
    /// Number of companies that have an account: all of them.
    pub ready: usize,
    /// Number of companies that have none and are not offered.
    pub bare: usize,
    /// Chosen companies, by their place in `offered`; empty means all that have an account.
    pub companies: BTreeSet<usize>,
    /// Ticked pages, by their place in [`SCOPES`].
    pub scopes: [bool; 3],
    /// Originals as well.
    pub originals: bool,
    /// 状态刷新.
    pub refresh: bool,
}

impl What {
    /// Everything of these companies; where none is chosen, of all that have an account. What was chosen stays so whether it has an account
    /// now or not: to leave a company out would change what nobody touched, and to leave the last one out would mean all.
    #[must_use]
    pub fn new(known: &[Company], chosen: &[CompanyRef], originals: bool) -> Self {
        let mut offered: Vec<CompanyRef> = known.iter().filter(|company| company.accounts > 0).map(CompanyRef::from).collect();
        let ready = offered.len();
        let mut companies = BTreeSet::new();
        for company in chosen {
            let place = offered.iter().position(|offered| offered.id == company.id);
            companies.insert(place.unwrap_or(offered.len()));
            if place.is_none() {
                offered.push(company.clone());
            }
        }
        let is_kept = |company: &Company| offered.iter().skip(ready).any(|kept| kept.id == company.id);
        let bare = known.iter().filter(|company| company.accounts == 0 && !is_kept(company)).count();
        Self { offered, ready, bare, companies, scopes: [true, true, false], originals, refresh: true }
    }

    /// Offers the companies of now; what was chosen stays chosen. True when others are offered than before.
    pub fn offer(&mut self, known: &[Company]) -> bool {
        let fresh = Self::new(known, &self.picked(), self.originals);
        let is_new = (self.ready, self.bare, &self.offered) != (fresh.ready, fresh.bare, &fresh.offered);
        (self.offered, self.ready, self.bare, self.companies) = (fresh.offered, fresh.ready, fresh.bare, fresh.companies);
        is_new
    }

    /// The companies that were chosen one by one; none means all that have an account.
    #[must_use]
    pub fn picked(&self) -> Vec<CompanyRef> {
        self.companies.iter().filter_map(|place| self.offered.get(*place).cloned()).collect()
    }

    /// The companies that are meant.
    #[must_use]
    pub fn chosen(&self) -> Vec<CompanyRef> {
        if self.companies.is_empty() { self.offered.iter().take(self.ready).cloned().collect() } else { self.picked() }
    }

    /// The ticked pages.
    #[must_use]
    pub fn ticked(&self) -> Vec<Scope> {
        SCOPES.into_iter().zip(self.scopes).filter(|(_, ticked)| *ticked).map(|(scope, _)| scope).collect()
    }
}

/// Which days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Days {
    /// 只下载新的.
    #[default]
    New,
    /// 上月.
    LastMonth,
    /// 自选日期.
    Chosen,
}

/// 批量下载, while open.
#[derive(Clone, Debug)]
pub struct BatchDialog {
    /// Which companies, what.
    pub what: What,
    /// Which days.
    pub days: Days,
    /// First day, when chosen.
    pub from: Date,
    /// Last day, when chosen.
    pub to: Date,
    /// What would be started.
    pub plan: Loadable<BatchPlan>,
    /// Of which wish.
    pub seq: u64,
}

impl BatchDialog {
    /// What is wanted; none while nothing is.
    #[must_use]
    pub fn wish(&self, today: Date) -> Option<BatchWish> {
        let yesterday = today.yesterday().unwrap_or(today);
        let before = today.first_of_month().yesterday().unwrap_or(today);
        let span = match self.days {
            Days::New => Span::SinceLast,
            Days::LastMonth => Span::Days(DateRange::new(before.first_of_month(), before)?),
            Days::Chosen => Span::Days(DateRange::new(self.from, self.to.min(yesterday))?),
        };
        let (companies, scopes) = (self.what.chosen(), self.what.ticked());
        let empty = companies.is_empty() || scopes.is_empty();
        let (originals, refresh) = (self.what.originals, self.what.refresh);
        (!empty).then_some(BatchWish { companies, scopes, span, originals, refresh, today })
    }
}

/// How often, as the dialog offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// 每天.
    Day,
    /// 每月.
    Month,
    /// 打开票匣时.
    Start,
}

/// A schedule that is made or changed, while its dialog is open.
#[derive(Clone, Debug)]
pub struct ScheduleDialog {
    /// Its id; none for a new one.
    pub id: Option<String>,
    /// Which companies, what.
    pub what: What,
    /// How often.
    pub every: Every,
    /// Day of the month, from 1.
    pub day: i8,
    /// Hour, below 24.
    pub hour: u16,
    /// Minute, below 60.
    pub minute: u16,
}

impl ScheduleDialog {
    /// A new one: each night.
    #[must_use]
    pub fn new(what: What) -> Self {
        Self { id: None, what, every: Every::Day, day: 1, hour: 8, minute: 0 }
    }

    /// To change one.
    #[must_use]
    pub fn of(schedule: &Schedule, known: &[Company]) -> Self {
        let mut what = What::new(known, &schedule.companies, schedule.originals);
        what.scopes = SCOPES.map(|scope| schedule.scopes.contains(&scope));
        what.refresh = schedule.refresh;
        let (every, day, minute) = match schedule.when {
            When::Day { minute } => (Every::Day, 1, minute),
            When::Month { day, minute } => (Every::Month, day, minute),
            When::Start => (Every::Start, 1, 8 * 60),
        };
        Self { id: Some(schedule.id.clone()), what, every, day, hour: minute / 60, minute: minute % 60 }
    }

    /// As it is kept. `before` is what it was: whether it is switched on and when it began is not asked here.
    #[must_use]
    pub fn schedule(&self, before: Option<&Schedule>, now: Timestamp) -> Schedule {
        let minute = self.hour * 60 + self.minute;
        let when = match self.every {
            Every::Day => When::Day { minute },
            Every::Month => When::Month { day: self.day, minute },
            Every::Start => When::Start,
        };
        Schedule {
            // By the time of making, so that they keep their order.
            id: self.id.clone().unwrap_or_else(|| format!("{:013}", now.as_millisecond())),
            companies: self.what.picked(),
            scopes: self.what.ticked(),
            when,
            originals: self.what.originals,
            refresh: self.what.refresh,
            enabled: before.is_none_or(|before| before.enabled),
            // Another time counts from now on: when it would have been due before is over.
            since: before.filter(|before| before.when == when).map_or(now, |before| before.since),
            begun: before.and_then(|before| before.begun),
        }
    }
}

/// 批量下载 and 定时下载.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// 批量下载, while open.
    pub dialog: Option<BatchDialog>,
    /// Number of the last plan that was asked for.
    pub seq: u64,
    /// 定时下载.
    pub schedules: Vec<ScheduleView>,
    /// A schedule that is made or changed.
    pub editing: Option<ScheduleDialog>,
    /// 删除 was pressed for this one and waits for the answer.
    pub asking_removal: Option<String>,
}

impl Batch {
    /// Asks for the plan of the open dialog.
    pub fn ask(&mut self, today: Date) -> Option<Command> {
        let dialog = self.dialog.as_mut()?;
        dialog.plan = Loadable::default();
        let wish = dialog.wish(today)?;
        self.seq += 1;
        dialog.seq = self.seq;
        dialog.plan.ask();
        Some(Command::PlanBatch { seq: self.seq, wish: Box::new(wish) })
    }
}
