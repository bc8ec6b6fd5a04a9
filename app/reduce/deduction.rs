//! 抵扣汇总.

use piaoxia_domain::Month;
use piaoxia_engine::{Command, Event};

use crate::loadable::Loadable;
use crate::state::State;
use crate::state::deduction::Deduction;

impl State {
    pub(super) fn on_deduction(&mut self, event: Event) -> Vec<Command> {
        if let Event::Deduction { company, period, result } = event
            && let Some(dialog) = self.deduction.as_mut().filter(|dialog| dialog.asked == Some((company, period)))
        {
            dialog.summary.answer(result);
        }
        Vec::new()
    }

    /// Opens the summary of the month before: the one that is declared now.
    pub fn open_deduction(&mut self) {
        let this = Month::of(self.today);
        let before = this.first().yesterday().map_or(this, Month::of);
        let company = self.ledger.filters.company.clone();
        self.deduction = Some(Deduction { company, period: before, asked: None, summary: Loadable::default() });
    }

    /// Asks anew when the company or the period was changed.
    pub fn sum_deduction(&mut self) -> Vec<Command> {
        let Some(dialog) = &mut self.deduction else { return Vec::new() };
        let wanted = (dialog.company.clone(), dialog.period);
        if dialog.asked.as_ref() == Some(&wanted) {
            return Vec::new();
        }
        dialog.asked = Some(wanted.clone());
        dialog.summary = Loadable::default();
        dialog.summary.ask();
        vec![Command::SumDeduction { company: wanted.0, period: wanted.1 }]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;
    use piaoxia_engine::deduction::DeductionSummary;

    #[test]
    fn the_month_before_is_shown_first_and_late_answers_are_dropped() {
        let mut state = State { today: date(2026, 1, 9), ..State::default() };
        state.open_deduction();
        let commands = state.sum_deduction();
        assert!(matches!(commands.as_slice(), [Command::SumDeduction { company: None, period }] if period.to_string() == "2025-12"));
        assert!(state.sum_deduction().is_empty());
        state.deduction.as_mut().unwrap().period = Month::of(date(2025, 11, 1));
        assert_eq!(state.sum_deduction().len(), 1);
        let answer = |month| Event::Deduction { company: None, period: Month::of(month), result: Ok(DeductionSummary::new()) };
        state.apply(answer(date(2025, 12, 1)));
        assert!(state.deduction.as_ref().unwrap().summary.is_loading());
        state.apply(answer(date(2025, 11, 1)));
        assert!(state.deduction.as_ref().unwrap().summary.value().is_some());
    }
}
