//! The ledger: searches, pages of rows, one invoice's details.

use piaoxia_domain::typed;
use piaoxia_engine::{Command, Event, Problem};
use piaoxia_store::GroupBy;

use crate::state::State;
use crate::state::ledger::PAGE;
use crate::state::ledger_groups;
use crate::state::preferences::LEDGER_GROUP;

/// Digits of the shortest 发票号码; a ledger has fewer rows than such a number says.
const SHORTEST_NUMBER: usize = 8;

impl State {
    pub(super) fn on_ledger(&mut self, event: Event) -> Vec<Command> {
        let ledger = &mut self.ledger;
        match event {
            Event::LedgerChanged { invoices } => {
                ledger.invoices = invoices;
                // The next frame of the ledger page asks again.
                ledger.stale = true;
                self.stats.stale = true;
                self.deduction.stale = true;
                if let Some(key) = &ledger.wanted {
                    return vec![Command::LoadInvoice(key.clone())];
                }
            }
            Event::View { seq, result } if seq == ledger.seq => ledger.take_view(seq, result),
            Event::Summed { seq, result } if seq == ledger.sum_seq => match result {
                Ok(sums) => ledger.summing.iter_mut().for_each(|summing| summing.sums = Some(sums)),
                Err(problem) => return self.notify_problem(problem),
            },
            Event::Found { seq, result } => return self.on_row_found(seq, result),
            Event::Rows { seq, first, rows } if seq == ledger.view_seq => ledger.take_rows(first, rows),
            Event::Invoice { key, result } if ledger.wanted.as_ref() == Some(&key) => match result {
                Ok(sheet) => (ledger.sheet, ledger.sheet_problem) = (Some(*sheet), None),
                Err(problem) => ledger.sheet_problem = Some(problem),
            },
            // Late answers to older searches.
            _ => {}
        }
        Vec::new()
    }

    fn on_row_found(&mut self, seq: u64, result: Result<Option<u64>, Problem>) -> Vec<Command> {
        let ledger = &mut self.ledger;
        // A late answer to an older question.
        let Some(sought) = ledger.going.as_mut().and_then(|going| going.asked.take_if(|sought| sought.seq == seq)) else {
            return Vec::new();
        };
        // Another view has come meanwhile, in which another invoice may stand in that place.
        if result.is_ok() && sought.view_seq != ledger.view_seq {
            return ledger.seek(sought.number).into_iter().collect();
        }
        match result {
            Ok(Some(row)) => {
                ledger.going = None;
                ledger.go_to(row);
            }
            Ok(None) => ledger.going.iter_mut().for_each(|going| going.missing = true),
            Err(problem) => return self.notify_problem(problem),
        }
        Vec::new()
    }

    /// Asks anew when the filters, the order or the ledger have changed since the last search.
    pub fn search_ledger(&mut self) -> Vec<Command> {
        let ledger = &mut self.ledger;
        let current = (ledger.filters.clone(), ledger.sort, ledger.grouping.by);
        let same_filters = ledger.asked.as_ref().is_none_or(|asked| *asked == current);
        if same_filters && ledger.asked.is_some() && !ledger.stale {
            return Vec::new();
        }
        (ledger.asked, ledger.stale) = (Some(current), false);
        ledger.seq += 1;
        ledger.view.ask();
        if !same_filters {
            ledger.table.reset();
        }
        vec![Command::Search {
            seq: ledger.seq,
            filter: Box::new(ledger.filters.to_filter()),
            sort: ledger.sort,
            group: ledger.grouping.by,
        }]
    }

    /// Groups the ledger another way; the choice is kept.
    pub fn group_ledger(&mut self, by: Option<GroupBy>) -> Vec<Command> {
        self.ledger.grouping.choose(by);
        vec![self.prefer(LEDGER_GROUP, ledger_groups::to_text(by).to_owned())]
    }

    /// Goes to what was typed: a short number is that of a row, a longer one that of an invoice.
    pub fn go_to_row(&mut self) -> Vec<Command> {
        let ledger = &mut self.ledger;
        let (rows, Some(going)) = (ledger.rows(), &mut ledger.going) else { return Vec::new() };
        let text = typed::number(&going.text);
        let number = text.parse::<u64>().ok().filter(|_| text.len() < SHORTEST_NUMBER);
        if let Some(number) = number {
            match number.checked_sub(1).filter(|row| *row < rows) {
                None => going.missing = true,
                Some(row) => {
                    ledger.going = None;
                    ledger.go_to(row);
                }
            }
            return Vec::new();
        }
        ledger.seek(text).into_iter().collect()
    }

    /// Asks for the pages that the visible and the selected rows lie on.
    pub fn load_rows(&mut self, lines: std::ops::Range<u64>) -> Vec<Command> {
        let ledger = &mut self.ledger;
        let visible = ledger.grouping.rows_between(lines);
        let selected = ledger.selected_rows();
        let Some(view) = ledger.view.value() else { return Vec::new() };
        let last = view.ids.len() as u64;
        let mut wanted: Vec<u64> = (visible.start / PAGE..=visible.end.min(last) / PAGE).collect();
        if selected.count() <= 10 * PAGE {
            wanted.extend(selected.rows().map(|row| row / PAGE));
        }
        wanted.dedup();
        let mut commands = Vec::new();
        for page in wanted {
            let first = page * PAGE;
            let ids = view.ids.get(first as usize..(first + PAGE).min(last) as usize).unwrap_or_default().to_vec();
            if !ids.is_empty() && ledger.asked_pages.insert(page) {
                commands.push(Command::LoadRows { seq: ledger.view_seq, first, ids });
            }
        }
        commands
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::sync::Arc;

    use super::*;
    use crate::state::ledger::GoTo;
    use piaoxia_domain::{InvoiceKey, Totals};
    use piaoxia_engine::problem::What;
    use piaoxia_store::{Group, GroupKey, View};

    fn view(rows: u32) -> View {
        View { ids: (0..rows).collect::<Vec<_>>().into(), totals: Totals::default(), voided: 0, groups: Arc::from([]), generation: 0 }
    }

    /// So many invoices in each of two months.
    fn grouped(rows: [u32; 2]) -> View {
        let group = |month: &str, rows: u32| Group {
            key: GroupKey::Month(month.parse().unwrap()),
            totals: Totals { invoices: rows.into(), ..Totals::default() },
        };
        View { groups: Arc::from([group("2026-10", rows[0]), group("2026-09", rows[1])]), ..view(rows[0] + rows[1]) }
    }

    #[test]
    fn groups_fold_and_a_new_view_keeps_them_folded() {
        let mut state = State::default();
        let commands = state.group_ledger(Some(GroupBy::Month));
        assert!(matches!(commands.as_slice(), [Command::SavePreference { value, .. }] if value == "month"));
        assert!(matches!(state.search_ledger().as_slice(), [Command::Search { group: Some(GroupBy::Month), .. }]));
        state.apply(Event::View { seq: 1, result: Ok(grouped([300, 500])) });
        assert_eq!((state.ledger.rows(), state.ledger.lines()), (800, 802));
        // Line 301 is the head of the second month.
        assert!(matches!(state.load_rows(290..310).as_slice(), [Command::LoadRows { first: 200, .. }]));
        state.ledger.fold(0, false);
        assert_eq!((state.ledger.lines(), state.ledger.selected_ids().len()), (502, 300));
        state.apply(Event::LedgerChanged { invoices: 801 });
        state.search_ledger();
        state.apply(Event::View { seq: 2, result: Ok(grouped([301, 500])) });
        assert_eq!(state.ledger.lines(), 502);
        // Going to an invoice opens its group.
        state.ledger.going = Some(GoTo { text: "20".into(), ..GoTo::default() });
        assert!(state.go_to_row().is_empty());
        assert_eq!((state.ledger.lines(), state.ledger.table.cursor, &state.ledger.going), (803, Some(20), &None));
        state.ledger.fold_all(false);
        assert_eq!((state.ledger.lines(), state.ledger.table.cursor), (2, None));
        assert_eq!(state.group_ledger(None).len(), 1);
        assert!(matches!(state.search_ledger().as_slice(), [Command::Search { group: None, .. }]));
    }

    #[test]
    fn a_row_or_an_invoice_is_gone_to() {
        let mut state = State::default();
        state.search_ledger();
        state.apply(Event::View { seq: 1, result: Ok(view(500)) });
        for (text, missing) in [("501", true), ("0", true), ("500", false)] {
            state.ledger.going = Some(GoTo { text: text.into(), ..GoTo::default() });
            state.go_to_row();
            assert_eq!(state.ledger.going.as_ref().is_some_and(|going| going.missing), missing, "{text}");
        }
        assert_eq!(state.ledger.table.cursor, Some(499));
        // As they are pasted.
        state.ledger.going = Some(GoTo { text: "４ 99\u{200b}\n".into(), ..GoTo::default() });
        state.go_to_row();
        assert_eq!(state.ledger.table.cursor, Some(498));
        state.ledger.going = Some(GoTo { text: "发票号码： 0000 0007 ".into(), ..GoTo::default() });
        assert!(matches!(state.go_to_row().as_slice(), [Command::FindRow { seq: 1, number, .. }] if number == "00000007"));
        state.apply(Event::Found { seq: 1, result: Ok(None) });
        assert!(state.ledger.going.as_ref().unwrap().missing);
        state.go_to_row();
        state.apply(Event::Found { seq: 1, result: Ok(Some(3)) });
        assert!(state.ledger.going.is_some(), "a late answer");
        state.apply(Event::Found { seq: 2, result: Ok(Some(7)) });
        assert_eq!((state.ledger.table.cursor, &state.ledger.going), (Some(7), &None));
    }

    #[test]
    fn an_invoice_is_looked_for_again_when_another_view_has_come_meanwhile() {
        let mut state = State::default();
        state.search_ledger();
        state.apply(Event::View { seq: 1, result: Ok(view(500)) });
        state.ledger.going = Some(GoTo { text: "00000007".into(), ..GoTo::default() });
        assert_eq!(state.go_to_row().len(), 1);
        state.apply(Event::LedgerChanged { invoices: 501 });
        state.search_ledger();
        state.apply(Event::View { seq: 2, result: Ok(view(501)) });
        // What is typed meanwhile was not asked for.
        state.ledger.going.as_mut().unwrap().text = "1".into();
        let again = state.apply(Event::Found { seq: 1, result: Ok(Some(7)) });
        assert!(matches!(again.as_slice(), [Command::FindRow { seq: 2, number, ids }] if number == "00000007" && ids.len() == 501));
        assert_eq!(state.ledger.table.cursor, None);
        state.apply(Event::Found { seq: 2, result: Ok(Some(8)) });
        assert_eq!((state.ledger.table.cursor, &state.ledger.going), (Some(8), &None));
    }

    #[test]
    fn a_search_is_asked_once_and_again_when_something_changed() {
        let mut state = State::default();
        assert_eq!(state.search_ledger().len(), 1);
        assert!(state.search_ledger().is_empty());
        state.ledger.filters.text = "示例".into();
        assert_eq!(state.search_ledger().len(), 1);
        state.apply(Event::LedgerChanged { invoices: 5 });
        assert_eq!(state.search_ledger().len(), 1);
    }

    #[test]
    fn details_that_cannot_be_had_say_so_where_they_were_wanted() {
        let mut state = State::default();
        let [wanted, other] = ["26312000000123456789", "26312000000123456780"].map(|key| key.parse::<InvoiceKey>().unwrap());
        let problem = Problem::new(What::NotInLedger, "").about(wanted.number());
        state.ledger.open(wanted.clone());
        state.apply(Event::Invoice { key: other, result: Err(problem.clone()) });
        assert_eq!(state.ledger.sheet_problem, None, "a late answer");
        state.apply(Event::Invoice { key: wanted, result: Err(problem.clone()) });
        assert_eq!(state.ledger.sheet_problem, Some(problem));
        state.ledger.close();
        assert_eq!(state.ledger.sheet_problem, None);
    }

    #[test]
    fn a_late_answer_is_dropped() {
        let mut state = State::default();
        state.search_ledger();
        state.ledger.filters.text = "a".into();
        state.search_ledger();
        state.apply(Event::View { seq: 1, result: Ok(view(9)) });
        assert_eq!(state.ledger.rows(), 0);
        state.apply(Event::View { seq: 2, result: Ok(view(500)) });
        assert_eq!(state.ledger.rows(), 500);
        let commands = state.load_rows(150..210);
        assert!(matches!(commands.as_slice(), [Command::LoadRows { first: 0, .. }, Command::LoadRows { first: 200, .. }]));
        assert!(state.load_rows(150..210).is_empty());
        state.apply(Event::Rows { seq: 1, first: 0, rows: Arc::from(Vec::new()) });
        assert!(state.ledger.pages.is_empty());
        state.apply(Event::Rows { seq: 2, first: 200, rows: Arc::from(Vec::new()) });
        assert!(state.ledger.pages.contains_key(&1));
    }
}
