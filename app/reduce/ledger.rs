//! The ledger: searches, pages of rows, one invoice's details.

use piaoxia_engine::{Command, Event};

use crate::state::State;
use crate::state::ledger::PAGE;

impl State {
    pub(super) fn on_ledger(&mut self, event: Event) -> Vec<Command> {
        let ledger = &mut self.ledger;
        match event {
            Event::LedgerChanged { invoices } => {
                ledger.invoices = invoices;
                // The next frame of the ledger page asks again.
                ledger.asked = None;
                self.stats.stale = true;
                self.deduction.stale = true;
                if let Some(key) = &ledger.wanted {
                    return vec![Command::LoadInvoice(key.clone())];
                }
            }
            Event::View { seq, result } if seq == ledger.seq => {
                let rows_before = ledger.rows();
                ledger.view.answer(result);
                ledger.view_seq = seq;
                ledger.pages.clear();
                ledger.asked_pages.clear();
                if ledger.rows() < rows_before {
                    ledger.table.reset();
                }
            }
            Event::Summed { seq, result } if seq == ledger.sum_seq => match result {
                Ok(totals) => ledger.summing.iter_mut().for_each(|summing| summing.totals = Some(totals)),
                Err(problem) => return self.notify_problem(problem),
            },
            Event::Rows { seq, first, rows } if seq == ledger.view_seq => {
                ledger.pages.insert(first / PAGE, rows);
            }
            Event::Invoice(sheet) if ledger.wanted.as_ref() == Some(&sheet.invoice.key) => ledger.sheet = Some(*sheet),
            // Late answers to older searches.
            _ => {}
        }
        Vec::new()
    }

    /// Asks anew when the filters, the order or the ledger have changed since the last search.
    pub fn search_ledger(&mut self) -> Vec<Command> {
        let ledger = &mut self.ledger;
        let current = (ledger.filters.clone(), ledger.sort);
        if ledger.asked.as_ref() == Some(&current) {
            return Vec::new();
        }
        let same_filters = ledger.asked.is_none();
        ledger.asked = Some(current);
        ledger.seq += 1;
        ledger.view.ask();
        if !same_filters {
            ledger.table.reset();
        }
        vec![Command::Search { seq: ledger.seq, filter: Box::new(ledger.filters.to_filter()), sort: ledger.sort }]
    }

    /// Asks for the pages that the visible and the selected rows lie on.
    pub fn load_rows(&mut self, visible: std::ops::Range<u64>) -> Vec<Command> {
        let ledger = &mut self.ledger;
        let Some(view) = ledger.view.value() else { return Vec::new() };
        let last = view.ids.len() as u64;
        let mut wanted: Vec<u64> = (visible.start / PAGE..=visible.end.min(last) / PAGE).collect();
        if ledger.table.selection.count() <= 10 * PAGE {
            wanted.extend(ledger.table.selection.rows().map(|row| row / PAGE));
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
    use super::*;
    use piaoxia_domain::Totals;
    use piaoxia_store::View;
    use std::sync::Arc;

    fn view(rows: u32) -> View {
        View { ids: (0..rows).collect::<Vec<_>>().into(), totals: Totals::default(), generation: 0 }
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
