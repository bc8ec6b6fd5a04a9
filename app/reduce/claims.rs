//! 报销登记.

use jiff::Timestamp;
use piaoxia_domain::InvoiceKey;
use piaoxia_engine::{Command, Problem};
use piaoxia_store::Claimed;
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::claims::ClaimDialog;
use crate::text::{Text, fill, thousands};

impl State {
    /// 报销登记 is pressed for these invoices.
    pub fn open_claim(&mut self, keys: Vec<InvoiceKey>) {
        if keys.is_empty() {
            return;
        }
        let person = self.session.person().map(|person| person.name.clone()).unwrap_or_default();
        let by = self.preference("claimed_by").map_or(person, str::to_owned);
        let (note, before) = (String::new(), Vec::new());
        let dialog = ClaimDialog { keys, on: self.today, by, note, before, again: false, busy: false, problem: None };
        self.claims.dialog = Some(dialog);
    }

    /// 登记.
    pub fn claim(&mut self, now: Timestamp) -> Vec<Command> {
        let Some(dialog) = self.claims.dialog.as_mut().filter(|dialog| dialog.is_ready() && !dialog.busy) else { return Vec::new() };
        (dialog.busy, dialog.problem) = (true, None);
        let claim = dialog.claim(now);
        let name = "claimed_by".to_owned();
        self.preferences.insert(name.clone(), claim.by.clone());
        vec![
            Command::SavePreference { name, value: claim.by.clone() },
            Command::Claim { keys: dialog.keys.clone(), claim, again: dialog.again },
        ]
    }

    pub(super) fn on_claimed(&mut self, result: Result<Vec<Claimed>, Problem>) -> Vec<Command> {
        let Some(dialog) = self.claims.dialog.as_mut() else { return Vec::new() };
        dialog.busy = false;
        match result {
            Ok(before) if !before.is_empty() && !dialog.again => dialog.before = before,
            Ok(_) => {
                let line = fill(&Text::current().claims.done, &[("n", &thousands(dialog.keys.len() as u64))]);
                self.notices.push(Notice::new(Level::Done, line));
                self.claims.dialog = None;
            }
            Err(problem) => dialog.problem = Some(problem),
        }
        Vec::new()
    }

    /// 撤销登记, answered.
    pub fn withdraw_claim(&mut self) -> Option<Command> {
        self.claims.withdrawing.take().map(|wanted| Command::WithdrawClaim { key: wanted.key, id: wanted.id })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use piaoxia_engine::Event;

    use super::*;

    #[test]
    fn an_earlier_claim_stops_until_the_user_insists() {
        let key: InvoiceKey = "26312000000123456789".parse().unwrap();
        let mut state = State { today: jiff::civil::date(2026, 11, 30), ..State::default() };
        state.open_claim(vec![key.clone()]);
        assert!(state.claim(Timestamp::UNIX_EPOCH).is_empty(), "nobody is named");
        state.claims.dialog.as_mut().unwrap().by = "李四".into();
        assert_eq!(state.claim(Timestamp::UNIX_EPOCH).len(), 2);
        assert!(state.claim(Timestamp::UNIX_EPOCH).is_empty(), "asked once");
        let first = state.claims.dialog.as_ref().unwrap().claim(Timestamp::UNIX_EPOCH);
        state.apply(Event::Claimed(Ok(vec![Claimed { key, first }])));
        assert!(state.claim(Timestamp::UNIX_EPOCH).is_empty());
        state.claims.dialog.as_mut().unwrap().again = true;
        let commands = state.claim(Timestamp::UNIX_EPOCH);
        assert!(matches!(commands.last(), Some(Command::Claim { again: true, .. })));
        state.apply(Event::Claimed(Ok(Vec::new())));
        assert!(state.claims.dialog.is_none());
        assert_eq!(state.preference("claimed_by"), Some("李四"));
    }
}
