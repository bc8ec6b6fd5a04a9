//! 微信绑定: the QR on the screen, and what became of it.

use piaoxia_domain::account::{Account, AccountId};
use piaoxia_engine::Command;
use piaoxia_engine::event::BindStep;
use piaoxia_service::contract::{BindState, Company};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::accounts::{Bind, BindDialog, UnbindDialog};
use crate::text::{Text, fill};

impl State {
    pub(super) fn on_binding(&mut self, account: &AccountId, step: BindStep) -> Vec<Command> {
        let clock = self.clock;
        // A late word about a dialog that was closed.
        let Some(dialog) = self.accounts.binding.as_mut().filter(|dialog| dialog.account == *account) else { return Vec::new() };
        dialog.looking = false;
        match step {
            BindStep::Ticket(ticket) => {
                let expires = clock + ticket.expires_in as f64;
                dialog.step = Bind::Open { ticket, expires, scanned: false };
            }
            BindStep::State(state) => return self.bind_state(state),
            BindStep::Failed(problem) => dialog.step = Bind::Failed(problem),
        }
        Vec::new()
    }

    fn bind_state(&mut self, state: BindState) -> Vec<Command> {
        let Some(dialog) = &mut self.accounts.binding else { return Vec::new() };
        match state {
            BindState::Pending => set_scanned(&mut dialog.step, false),
            BindState::Scanned => set_scanned(&mut dialog.step, true),
            BindState::Denied => dialog.step = Bind::Denied,
            BindState::Expired => dialog.step = Bind::Expired,
            BindState::Bound { person } => {
                let words = fill(&Text::current().binding.bound_notice, &[("account", &dialog.login_name), ("person", &person)]);
                self.notices.push(Notice::new(Level::Done, words));
                dialog.step = Bind::Bound { person };
                let company = dialog.company.clone();
                self.accounts.list(&company).ask();
                return vec![Command::LoadAccounts { company }];
            }
        }
        Vec::new()
    }

    /// Opens 绑定微信 for an account.
    pub fn open_binding(&mut self, company: &Company, account: &Account) -> Command {
        self.accounts.binding = Some(BindDialog {
            company: company.id.clone(),
            account: account.id.clone(),
            login_name: account.login_name.clone(),
            step: Bind::Asking,
            looking: false,
        });
        Command::BindAccount(account.id.clone())
    }

    /// Opens the question before a binding ends.
    pub fn ask_unbinding(&mut self, company: &Company, account: &Account) {
        self.accounts.unbinding = Some(UnbindDialog {
            company: company.id.clone(),
            account: account.id.clone(),
            login_name: account.login_name.clone(),
            ..UnbindDialog::default()
        });
    }

    /// Phones reach the pages now, under other addresses than the QR on the screen says: a new QR says the right one.
    pub(super) fn bind_by_lan(&mut self) -> Vec<Command> {
        match &mut self.accounts.binding {
            Some(dialog) if matches!(dialog.step, Bind::Asking | Bind::Open { .. }) => {
                dialog.step = Bind::Asking;
                vec![Command::BindAccount(dialog.account.clone())]
            }
            _ => Vec::new(),
        }
    }
}

fn set_scanned(step: &mut Bind, now: bool) {
    if let Bind::Open { scanned, .. } = step {
        *scanned = now;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_engine::Event;
    use piaoxia_service::contract::BindTicket;

    fn ticket() -> BindTicket {
        BindTicket { id: "t".into(), qr_text: "http://127.0.0.1:1/p/bind/t".into(), local_url: None, expires_in: 300 }
    }

    fn opened() -> State {
        let mut state = State { clock: 10.0, ..State::default() };
        state.accounts.binding = Some(BindDialog {
            company: "c".into(),
            account: AccountId("a".into()),
            login_name: "138****0001".into(),
            step: Bind::Asking,
            looking: false,
        });
        state
    }

    fn tell(state: &mut State, account: &str, step: BindStep) -> Vec<Command> {
        state.apply(Event::Binding { account: AccountId(account.into()), step })
    }

    #[test]
    fn a_bound_account_is_told_and_its_list_asked_for_again() {
        let mut state = opened();
        tell(&mut state, "a", BindStep::Ticket(ticket()));
        assert!(matches!(state.accounts.binding.as_ref().unwrap().step, Bind::Open { expires, scanned: false, .. } if expires == 310.0));
        tell(&mut state, "a", BindStep::State(BindState::Scanned));
        assert!(matches!(state.accounts.binding.as_ref().unwrap().step, Bind::Open { scanned: true, .. }));
        let commands = tell(&mut state, "a", BindStep::State(BindState::Bound { person: "王芳".into() }));
        assert!(matches!(commands.as_slice(), [Command::LoadAccounts { company }] if company == "c"));
        assert!(matches!(&state.accounts.binding.as_ref().unwrap().step, Bind::Bound { person } if person == "王芳"));
        assert_eq!(state.notices.unread(), 1);
    }

    #[test]
    fn a_late_word_about_another_account_changes_nothing() {
        let mut state = opened();
        assert!(tell(&mut state, "b", BindStep::State(BindState::Bound { person: "王芳".into() })).is_empty());
        assert!(matches!(state.accounts.binding.as_ref().unwrap().step, Bind::Asking));
        state.accounts.binding = None;
        assert!(tell(&mut state, "a", BindStep::State(BindState::Denied)).is_empty());
        assert_eq!(state.notices.unread(), 0);
    }

    #[test]
    fn phones_that_are_allowed_meanwhile_get_a_qr_of_their_own() {
        let mut state = opened();
        tell(&mut state, "a", BindStep::Ticket(ticket()));
        let commands = state.apply(Event::Phones(vec!["http://192.168.1.20:1".into()]));
        assert!(matches!(commands.as_slice(), [Command::BindAccount(AccountId(account))] if account == "a"));
        tell(&mut state, "a", BindStep::State(BindState::Denied));
        assert!(state.apply(Event::Phones(Vec::new())).is_empty(), "it is decided");
    }
}
