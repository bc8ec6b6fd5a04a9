//! The language of the window: chosen, kept, known again at the next start.

use piaoxia_engine::{Command, LANGUAGE};

use crate::state::State;
use crate::state::ledger_columns::LedgerColumns;
use crate::text::Language;

impl State {
    /// Speaks it from the next frame on, and keeps it.
    pub fn set_language(&mut self, language: Language) -> Command {
        // What the user has arranged stays as it is.
        if self.ledger.columns == LedgerColumns::usual(self.language) {
            self.ledger.columns = LedgerColumns::usual(language);
        }
        self.language = language;
        // Its table holds words.
        self.deduction.stale = true;
        self.prefer(LANGUAGE, language.code().to_owned())
    }

    pub(super) fn restore_language(&mut self) {
        let kept = self.preference(LANGUAGE).and_then(Language::from_code);
        if let Some(kept) = kept.filter(|_| !self.language_is_named) {
            self.set_language(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_language_is_kept_and_spoken_again() {
        let mut state = State::default();
        let command = state.set_language(Language::En);
        assert!(matches!(command, Command::SavePreference { name, value } if name == "language" && value == "en"));
        let mut next = State { preferences: state.preferences, ..State::default() };
        next.restore_language();
        assert_eq!((next.language, &next.ledger.columns), (Language::En, &LedgerColumns::usual(Language::En)));
    }

    #[test]
    fn columns_that_the_user_has_arranged_stay_in_another_language() {
        let mut state = State::default();
        state.ledger.columns.move_left(1);
        let arranged = state.ledger.columns.clone();
        state.set_language(Language::En);
        assert_eq!(state.ledger.columns, arranged);
    }

    #[test]
    fn a_language_that_is_named_at_the_start_goes_before_the_kept_one() {
        let mut state = State { language_is_named: true, ..State::default() };
        state.preferences.insert("language".to_owned(), "en".to_owned());
        state.restore_language();
        assert_eq!(state.language, Language::ZhCn);
    }
}
