//! Downloads: counts, progress, ends.

use jiff::ToSpan;
use piaoxia_engine::{Command, Download, DownloadOrder, DownloadState, Event, Extent};
use piaoxia_widgets::notice::{Level, Notice};

use crate::loadable::Loadable;
use crate::state::State;
use crate::state::download::{Counted, Mode};
use crate::state::ledger_columns::LedgerColumns;
use crate::state::ledger_groups;
use crate::state::preferences::{LEDGER_COLUMNS, LEDGER_GROUP, ORIGINALS};
use crate::text::{Text, fill, problem_line};

impl State {
    pub(super) fn on_download(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Counted { order, result } => {
                // A late answer to filters that were changed since is not shown.
                if let Some(counted) = self.download.counted.as_mut().filter(|counted| counted.order == *order) {
                    counted.rows.answer(result);
                }
            }
            Event::Download(download) => return self.take_download(*download),
            Event::DownloadForgotten(id) => {
                self.download.all.retain(|known| known.id != id);
                self.download.recount();
            }
            _ => {}
        }
        Vec::new()
    }

    /// Yesterday: the bureau gives nothing newer.
    #[must_use]
    pub fn last_day(&self) -> jiff::civil::Date {
        self.today.checked_sub(1.day()).unwrap_or(self.today)
    }

    /// The filters of the page, for the chosen company.
    #[must_use]
    pub fn download_order(&self) -> Option<DownloadOrder> {
        let company = self.companies.current_ref()?;
        let (account, disk) = match self.download.mode {
            Mode::Digital => (None, None),
            Mode::Disk => {
                let (disk, facts) = self.disks.of_current(&self.companies)?;
                (Some(disk.session.as_ref()?.account.clone()), Some(facts.serial.clone()))
            }
        };
        // The platform has the data of the ledger and no originals.
        let originals = self.download.originals && disk.is_none();
        Some(DownloadOrder { company, account, disk, query: self.download.query()?, originals, extent: Extent::Whole, refresh: false })
    }

    /// 查询张数.
    pub fn count(&mut self) -> Vec<Command> {
        let Some(order) = self.download_order() else { return Vec::new() };
        let mut rows = Loadable::default();
        rows.ask();
        self.download.counted = Some(Counted { order: order.clone(), rows });
        vec![Command::Count(Box::new(order))]
    }

    /// What the window kept about itself.
    pub(crate) fn restore_preferences(&mut self) {
        self.download.to = self.last_day();
        self.download.from = self.download.to.first_of_month();
        if let Some(text) = self.preference(LEDGER_COLUMNS) {
            self.ledger.columns = LedgerColumns::from_text(text);
            self.ledger.table.set_widths(self.ledger.columns.0.iter().map(|(_, width)| *width).collect());
        }
        self.ledger.grouping.choose(self.preference(LEDGER_GROUP).and_then(ledger_groups::from_text));
        if self.preference(ORIGINALS) == Some("no") {
            self.download.originals = false;
        }
        self.restore_export();
        self.restore_template();
    }

    fn take_download(&mut self, download: Download) -> Vec<Command> {
        let before = self.download.all.iter().position(|known| known.id == download.id);
        let was_active = before.and_then(|at| self.download.all.get(at)).is_some_and(|known| known.state.is_active());
        let needs_login = |download: &Download| matches!(download.state, DownloadState::NeedsLogin { .. });
        let is_other = before.and_then(|at| self.download.all.get(at)).is_none_or(|known| known.state != download.state);
        let newly_needs_login = needs_login(&download) && is_other;
        if was_active && !download.state.is_active() {
            self.tell_end(&download);
        }
        let mut commands = Vec::new();
        if newly_needs_login {
            let words = &Text::current().download;
            let needs = if download.order.disk.is_some() { &words.needs_disk_notice } else { &words.needs_login_notice };
            self.notices.push(Notice::new(Level::Warning, needs).detail(&download.order.company.name));
        }
        // Its account has become another, whoever signed it in.
        let needed_login = before.and_then(|at| self.download.all.get(at)).is_some_and(needs_login);
        if newly_needs_login || (needed_login && !needs_login(&download)) {
            commands.push(Command::LoadAccounts { company: download.order.company.id.clone() });
        }
        match before.and_then(|at| self.download.all.get_mut(at)) {
            Some(known) => *known = download,
            None => self.download.all.insert(0, download),
        }
        if is_other {
            self.download.recount();
        }
        commands
    }

    fn tell_end(&mut self, download: &Download) {
        let words = &Text::current().download;
        let count = download.received.invoices.to_string();
        let values = [("n", count.as_str()), ("company", &download.order.company.name)];
        let notice = match download.state {
            DownloadState::Done if download.received.invoices == 0 => Notice::new(Level::Info, fill(&words.done_nothing_notice, &values)),
            DownloadState::Done => Notice::new(Level::Done, fill(&words.done_notice, &values)),
            DownloadState::Partial => Notice::new(Level::Warning, fill(&words.partial_notice, &values)),
            DownloadState::Failed => Notice::new(Level::Error, fill(&words.failed_notice, &values)),
            _ => return,
        };
        let detail = download.problem.as_ref().map(|problem| problem_line(Text::current(), problem)).unwrap_or_default();
        self.notices.push(notice.detail(detail));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::Timestamp;
    use jiff::civil::date;
    use piaoxia_domain::{DateRange, Scope, TaxNumber, Totals};
    use piaoxia_engine::{CompanyRef, DownloadId};
    use piaoxia_service::contract::Query;

    pub(crate) fn download(id: &str, state: DownloadState) -> Download {
        let dates = DateRange::new(date(2026, 10, 1), date(2026, 10, 31)).unwrap();
        let query = Query { scope: Scope::Received, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
        let company = CompanyRef { id: "c".into(), tax_no: TaxNumber::from_document("91310115MA1K35JX4G"), name: "示例公司".into() };
        Download {
            id: DownloadId(id.into()),
            order: DownloadOrder { company, account: None, disk: None, query, originals: true, extent: Extent::Whole, refresh: false },
            state,
            expected: Vec::new(),
            received: Totals::default(),
            new: 0,
            changed: 0,
            refreshed: 0,
            originals_done: 0,
            originals_missing: 0,
            pieces: Vec::new(),
            differences: Vec::new(),
            problem: None,
            created_at: Timestamp::UNIX_EPOCH,
            ended_at: None,
            ready_at: None,
            waits_until: None,
            per_second: 0.0,
        }
    }

    #[test]
    fn the_end_of_a_download_is_told_once() {
        let mut state = State::default();
        state.apply(Event::Download(Box::new(download("1", DownloadState::Running))));
        assert_eq!((state.download.active(), state.notices.unread()), (1, 0));
        for _ in 0..2 {
            state.apply(Event::Download(Box::new(download("1", DownloadState::Done))));
        }
        assert_eq!((state.download.all.len(), state.download.active(), state.notices.unread()), (1, 0, 1));
        state.apply(Event::DownloadForgotten(DownloadId("1".into())));
        assert!(state.download.all.is_empty());
    }

    #[test]
    fn what_is_unfinished_is_counted_when_a_download_changes() {
        let mut state = State::default();
        let mut after = |id: &str, then| {
            state.apply(Event::Download(Box::new(download(id, then))));
            state.download.unfinished
        };
        assert_eq!((after("1", DownloadState::Running), after("1", DownloadState::Failed)), (0, 1));
        assert_eq!((after("2", DownloadState::Failed), after("1", DownloadState::Running)), (2, 1));
        state.apply(Event::DownloadForgotten(DownloadId("2".into())));
        assert_eq!(state.download.unfinished, 0);
    }

    #[test]
    fn a_download_that_needs_a_person_says_so_and_looks_its_account_up() {
        let mut state = State::default();
        let needs = DownloadState::NeedsLogin { account: piaoxia_domain::AccountId("a".into()) };
        let commands = state.apply(Event::Download(Box::new(download("1", needs.clone()))));
        assert!(matches!(commands.as_slice(), [Command::LoadAccounts { .. }]));
        assert!(state.apply(Event::Download(Box::new(download("1", needs.clone())))).is_empty());
        assert_eq!(state.notices.unread(), 1);
        let mut by_disk = download("2", needs);
        by_disk.order.disk = Some("440012345678".into());
        state.apply(Event::Download(Box::new(by_disk)));
        let told: Vec<&str> = state.notices.history().map(|notice| notice.title.as_str()).collect();
        let words = &Text::current().download;
        assert_eq!(told, [&words.needs_disk_notice, &words.needs_login_notice]);
    }

    #[test]
    fn a_late_count_for_other_filters_is_not_shown() {
        let mut state = State { today: date(2026, 11, 22), ..State::default() };
        state.restore_preferences();
        assert_eq!((state.download.from, state.download.to), (date(2026, 11, 1), date(2026, 11, 21)));
        let order = download("1", DownloadState::Done).order;
        state.download.counted = Some(Counted { order: order.clone(), rows: Loadable::default() });
        let other = DownloadOrder { originals: false, ..order.clone() };
        state.apply(Event::Counted { order: Box::new(other), result: Ok(Vec::new()) });
        assert!(state.download.counted.as_ref().unwrap().totals().is_none());
        state.apply(Event::Counted { order: Box::new(order), result: Ok(Vec::new()) });
        assert_eq!(state.download.counted.as_ref().unwrap().totals(), Some(Totals::default()));
    }
}
