//! 批量下载 and 定时下载.

use jiff::Timestamp;
use piaoxia_engine::schedule::{Schedule, ScheduleWish};
use piaoxia_engine::{Command, CompanyRef, Event};
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

    /// The open dialog offers the companies of now: who presses 下载上月 right after the first account was added may be before the list.
    pub(super) fn renew_batch(&mut self) -> Option<Command> {
        let fresh = self.batch_what();
        let what = &mut self.batch.dialog.as_mut()?.what;
        if (what.bare, &what.offered) == (fresh.bare, &fresh.offered) {
            return None;
        }
        let chosen: Vec<CompanyRef> = if what.companies.is_empty() { Vec::new() } else { what.chosen() };
        what.companies = (0..).zip(&fresh.offered).filter(|(_, company)| chosen.contains(company)).map(|(place, _)| place).collect();
        (what.offered, what.bare) = (fresh.offered, fresh.bare);
        self.batch.ask(self.today)
    }

    /// What may be chosen now.
    #[must_use]
    pub fn batch_what(&self) -> What {
        What::new(self.companies.list.value().map(Vec::as_slice).unwrap_or_default(), self.download.originals)
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
        let schedule = self.batch.editing.take()?.schedule(now);
        Some(keep(schedule))
    }

    /// Switches one on or off. Switched on, it counts from now: what it missed meanwhile is not made up for.
    #[must_use]
    pub fn switch_schedule(&self, id: &str, on: bool, now: Timestamp) -> Option<Command> {
        let known = self.batch.schedules.iter().find(|view| view.schedule.id == id)?;
        Some(keep(Schedule { enabled: on, since: now, ..known.schedule.clone() }))
    }

    /// 编辑 is pressed.
    pub fn edit_schedule(&mut self, id: &str) {
        let what = self.batch_what();
        let known = self.batch.schedules.iter().find(|view| view.schedule.id == id);
        self.batch.editing = known.map(|view| ScheduleDialog::of(&view.schedule, what));
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
    use piaoxia_engine::schedule::When;
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
        let kept = dialog.schedule(Timestamp::UNIX_EPOCH);
        assert_eq!((kept.when, kept.companies.len()), (When::Month { day: 15, minute: 22 * 60 + 30 }, 1));
        let again = ScheduleDialog::of(&kept, state.batch_what());
        assert_eq!(again.schedule(Timestamp::UNIX_EPOCH), kept);
    }
}
