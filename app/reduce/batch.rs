//! 批量下载 and 定时下载.

use jiff::Timestamp;
use piaoxia_engine::schedule::{Schedule, ScheduleWish};
use piaoxia_engine::{Command, Event};
use piaoxia_widgets::notice::{Level, Notice};

use crate::loadable::Loadable;
use crate::state::State;
use crate::state::batch::{BatchDialog, Days, ScheduleDialog, What};
use crate::text::{Text, fill};

impl State {
    pub(super) fn on_batch(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::BatchPlanned { seq, result } => {
                if let Some(dialog) = self.batch.dialog.as_mut().filter(|dialog| dialog.seq == seq) {
                    dialog.plan.answer(result);
                }
            }
            Event::Schedules(schedules) => self.batch.schedules = schedules,
            _ => {}
        }
        Vec::new()
    }

    /// 批量下载 is pressed.
    pub fn open_batch(&mut self, days: Days) -> Option<Command> {
        let last = self.last_day();
        let what = self.batch_what();
        let dialog = BatchDialog { what, days, from: last.first_of_month(), to: last, plan: Loadable::default(), seq: 0 };
        self.batch.dialog = Some(dialog);
        self.batch.ask(self.today)
    }

    /// The open dialogs offer the companies of now: who presses 下载上月 right after the first account was added may be before the list.
    pub(super) fn renew_batch(&mut self) -> Option<Command> {
        let known = self.companies.list.value().map(Vec::as_slice).unwrap_or_default();
        if let Some(dialog) = &mut self.batch.editing {
            dialog.what.offer(known);
        }
        let is_new = self.batch.dialog.as_mut()?.what.offer(known);
        if is_new { self.batch.ask(self.today) } else { None }
    }

    /// What may be chosen now.
    #[must_use]
    pub fn batch_what(&self) -> What {
        What::new(self.companies.list.value().map(Vec::as_slice).unwrap_or_default(), &[], self.download.originals)
    }

    /// 开始下载: what was planned is started.
    pub fn start_batch(&mut self) -> Option<Command> {
        let plan = self.batch.dialog.as_ref()?.plan.value()?.clone();
        self.batch.dialog = None;
        let line = fill(&Text::current().batch.started, &[("n", &plan.len().to_string())]);
        self.notices.push(Notice::new(Level::Info, line));
        Some(Command::StartDownloads(plan.into_iter().map(|planned| planned.order).collect()))
    }

    /// 保存: the schedule of the open dialog is kept.
    pub fn keep_schedule(&mut self, now: Timestamp) -> Option<Command> {
        let dialog = self.batch.editing.take()?;
        // As it is now: it may have begun while the dialog was open.
        let before = self.batch.schedules.iter().map(|view| &view.schedule).find(|known| dialog.id.as_ref() == Some(&known.id));
        Some(keep(dialog.schedule(before, now)))
    }

    /// Switches one on or off. Switched on, it counts from now: what it missed meanwhile is not made up for.
    #[must_use]
    pub fn switch_schedule(&self, id: &str, on: bool, now: Timestamp) -> Option<Command> {
        let known = self.batch.schedules.iter().find(|view| view.schedule.id == id)?;
        Some(keep(Schedule { enabled: on, since: now, ..known.schedule.clone() }))
    }

    /// 编辑 is pressed.
    pub fn edit_schedule(&mut self, id: &str) {
        let known = self.companies.list.value().map(Vec::as_slice).unwrap_or_default();
        let wanted = self.batch.schedules.iter().find(|view| view.schedule.id == id);
        self.batch.editing = wanted.map(|view| ScheduleDialog::of(&view.schedule, known));
    }

    /// 删除, answered.
    pub fn remove_schedule(&mut self) -> Option<Command> {
        self.batch.asking_removal.take().map(|id| Command::Schedule(ScheduleWish::Remove(id)))
    }
}

fn keep(schedule: Schedule) -> Command {
    Command::Schedule(ScheduleWish::Keep(Box::new(schedule)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use jiff::civil::date;
    use piaoxia_engine::download::Span;
    use piaoxia_engine::schedule::{ScheduleView, When};
    use piaoxia_service::contract::Company;

    use super::*;

    fn state() -> State {
        let mut state = State { today: date(2026, 11, 30), ..State::default() };
        let company = |id: &str, accounts: u32| {
            serde_json::from_value(serde_json::json!({
                "id": id, "taxNo": "91310115MA1K35JX4G", "name": id, "region": "3100", "taxpayerKind": "general",
                "entitlement": {"expiresOn": "2027-01-01"}, "accounts": accounts, "signedIn": 0
            }))
            .unwrap()
        };
        state.companies.list.answer(Ok(vec![company("a", 1), company("b", 0), company("c", 2)]));
        state
    }

    #[test]
    fn all_companies_with_an_account_are_meant_until_some_are_chosen() {
        let mut state = state();
        let Some(Command::PlanBatch { seq, wish }) = state.open_batch(Days::New) else { panic!("no plan") };
        assert_eq!((wish.companies.len(), wish.scopes.len(), wish.span), (2, 2, Span::SinceLast));
        let dialog = state.batch.dialog.as_mut().unwrap();
        assert_eq!(dialog.what.bare, 1);
        dialog.what.companies.insert(1);
        dialog.days = Days::LastMonth;
        let Some(Command::PlanBatch { seq: later, wish }) = state.batch.ask(state.today) else { panic!("no plan") };
        assert_eq!(wish.companies.first().unwrap().id, "c");
        assert_eq!(wish.span, Span::Days(piaoxia_domain::DateRange::month(2026, 10).unwrap()));
        // The answer to what was wanted before is not shown.
        state.apply(Event::BatchPlanned { seq, result: Ok(Vec::new()) });
        assert!(state.batch.dialog.as_ref().unwrap().plan.value().is_none());
        state.apply(Event::BatchPlanned { seq: later, result: Ok(Vec::new()) });
        assert!(state.start_batch().is_some() && state.batch.dialog.is_none());
    }

    #[test]
    fn a_company_whose_account_comes_while_the_dialog_is_open_is_offered() {
        let mut state = state();
        let known = state.companies.list.value().unwrap().clone();
        state.open_batch(Days::LastMonth);
        state.batch.dialog.as_mut().unwrap().what.companies.insert(1);
        assert!(state.apply(Event::Companies(Ok(known.clone()))).is_empty(), "nothing else");
        let with_account = known.into_iter().map(|company| Company { accounts: company.accounts + 1, ..company }).collect();
        let commands = state.apply(Event::Companies(Ok(with_account)));
        let [Command::PlanBatch { wish, .. }] = commands.as_slice() else { panic!("no plan") };
        let dialog = state.batch.dialog.as_ref().unwrap();
        assert_eq!((dialog.what.offered.len(), dialog.what.bare, wish.companies.len()), (3, 0, 1));
        assert_eq!(wish.companies.first().unwrap().id, "c", "still the chosen one");
    }

    #[test]
    fn a_chosen_company_that_loses_its_account_stays_chosen_and_does_not_become_all() {
        let mut state = state();
        let known = state.companies.list.value().unwrap().clone();
        state.open_batch(Days::New);
        state.batch.dialog.as_mut().unwrap().what.companies.insert(0);
        let without = |company: Company| Company { accounts: if company.id == "a" { 0 } else { company.accounts }, ..company };
        let commands = state.apply(Event::Companies(Ok(known.into_iter().map(without).collect())));
        let [Command::PlanBatch { wish, .. }] = commands.as_slice() else { panic!("no plan") };
        assert!(wish.companies.iter().map(|company| company.id.as_str()).eq(["a"]));
        // All are those that have an account.
        let what = &mut state.batch.dialog.as_mut().unwrap().what;
        assert_eq!((what.offered.len(), what.bare), (2, 1));
        what.companies.clear();
        assert!(what.chosen().iter().map(|company| company.id.as_str()).eq(["c"]));
    }

    #[test]
    fn a_schedule_that_is_looked_at_and_saved_is_what_it_was() {
        let mut state = state();
        let bare = piaoxia_engine::CompanyRef::from(state.companies.list.value().unwrap().get(1).unwrap());
        let kept = Schedule {
            id: "1".into(),
            companies: vec![bare],
            scopes: vec![piaoxia_domain::Scope::Issued],
            when: When::Day { minute: 9 * 60 },
            originals: false,
            refresh: false,
            enabled: false,
            since: "2026-11-02T01:00:00Z".parse().unwrap(),
            begun: Some("2026-11-01T01:00:00Z".parse().unwrap()),
        };
        let now: Timestamp = "2026-11-30T01:00:00Z".parse().unwrap();
        state.apply(Event::Schedules(vec![ScheduleView { schedule: kept.clone(), next: None, problem: None }]));
        let mut saved = |change: fn(&mut ScheduleDialog)| {
            state.edit_schedule("1");
            change(state.batch.editing.as_mut().unwrap());
            let Some(Command::Schedule(ScheduleWish::Keep(saved))) = state.keep_schedule(now) else { panic!("not kept") };
            *saved
        };
        assert_eq!(saved(|_| {}), kept);
        assert_eq!(saved(|dialog| dialog.hour = 10), Schedule { when: When::Day { minute: 10 * 60 }, since: now, ..kept });
    }

    #[test]
    fn nothing_ticked_asks_nothing() {
        let mut state = state();
        state.open_batch(Days::New);
        state.batch.dialog.as_mut().unwrap().what.scopes = [false; 3];
        assert!(state.batch.ask(state.today).is_none());
        assert!(state.start_batch().is_none());
    }

    #[test]
    fn a_schedule_is_what_its_dialog_says_and_the_other_way_round() {
        let state = state();
        let mut dialog = ScheduleDialog::new(state.batch_what());
        (dialog.every, dialog.day, dialog.hour, dialog.minute) = (crate::state::batch::Every::Month, 15, 22, 30);
        dialog.what.companies.insert(1);
        let kept = dialog.schedule(None, Timestamp::UNIX_EPOCH);
        assert_eq!((kept.when, kept.companies.len()), (When::Month { day: 15, minute: 22 * 60 + 30 }, 1));
        let again = ScheduleDialog::of(&kept, state.companies.list.value().unwrap());
        assert_eq!(again.schedule(Some(&kept), Timestamp::UNIX_EPOCH), kept);
    }
}
