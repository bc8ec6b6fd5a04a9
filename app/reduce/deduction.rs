//! 抵扣汇总.

use piaoxia_domain::Month;
use piaoxia_engine::{Command, Event};

use crate::loadable::Loadable;
use crate::state::State;
use crate::state::stats::Stats;
use crate::text::Text;
use crate::text::stats::deduction_table;

impl State {
    pub(super) fn on_deduction(&mut self, event: Event) -> Vec<Command> {
        if let Event::Deduction { company, period, result } = event
            && self.deduction.asked == Some((company, period))
        {
            let deduction = &mut self.deduction;
            deduction.summary.answer(result);
            deduction.table = None;
            self.arrange_deduction(Text::current());
        }
        Vec::new()
    }

    /// Makes the table of the summary, unless it is there in this language.
    pub fn arrange_deduction(&mut self, text: &Text) {
        let period = self.tax_period();
        let deduction = &mut self.deduction;
        if deduction.table.is_none() || deduction.language != Some(text.language) {
            deduction.table = deduction.summary.value().map(|summary| deduction_table(text, summary, period));
            deduction.language = Some(text.language);
        }
    }

    /// 税款所属期 that is looked at.
    #[must_use]
    pub fn tax_period(&self) -> Month {
        self.deduction.chosen.unwrap_or_else(|| Stats::declared(self.today))
    }

    /// Asks anew when the company, the period or the ledger was changed.
    pub fn sum_deduction(&mut self) -> Vec<Command> {
        let wanted = (self.stats.company.clone(), self.tax_period());
        let deduction = &mut self.deduction;
        let same = deduction.asked.as_ref() == Some(&wanted);
        if same && !deduction.stale {
            return Vec::new();
        }
        if !same {
            (deduction.summary, deduction.table) = (Loadable::default(), None);
            deduction.looked_at.reset();
        }
        deduction.stale = false;
        deduction.asked = Some(wanted.clone());
        deduction.summary.ask();
        vec![Command::SumDeduction { company: wanted.0, period: wanted.1 }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use piaoxia_engine::deduction::DeductionSummary;

    #[test]
    fn the_month_before_is_shown_first_and_late_answers_are_dropped() {
        let mut state = State { today: date(2026, 1, 9), ..State::default() };
        let commands = state.sum_deduction();
        assert!(matches!(commands.as_slice(), [Command::SumDeduction { company: None, period }] if period.to_string() == "2025-12"));
        assert!(state.sum_deduction().is_empty());
        state.deduction.chosen = Some(Month::of(date(2025, 11, 1)));
        assert_eq!(state.sum_deduction().len(), 1);
        let answer = |month| Event::Deduction { company: None, period: Month::of(month), result: Ok(DeductionSummary::new()) };
        state.apply(answer(date(2025, 12, 1)));
        assert!(state.deduction.summary.is_loading());
        state.apply(answer(date(2025, 11, 1)));
        assert!(state.deduction.summary.value().is_some());
    }
}
