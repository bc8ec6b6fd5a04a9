//! Starting, signing in, activation.

use piaoxia_engine::event::{SignInStep, SignedOutBecause, Started};
use piaoxia_engine::{Command, Event, UpdateWish};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::away::Folder;
use crate::state::session::{Activation, Qr, Session};
use crate::state::{Screen, State};
use crate::text::{Text, rebuilt_line};

impl State {
    pub(super) fn on_started(&mut self, started: Started) -> Vec<Command> {
        self.data = started.data;
        self.folder = Folder::Here;
        self.service = started.service;
        self.hosted = started.hosted;
        self.service_by = started.service_by;
        self.help.take(started.network);
        self.read_only = started.read_only;
        self.preferences = started.preferences.into_iter().collect();
        self.sign_in.keep_signed_in = self.preference("keep_signed_in") == Some("yes");
        self.export.templates = started.templates;
        self.ledger.invoices = started.invoices;
        self.ledger.rebuilt = started.rebuilt;
        if let Some(rebuilt) = started.rebuilt {
            let level = if rebuilt.lost == 0 { Level::Info } else { Level::Error };
            self.notices.push(Notice::new(level, rebuilt_line(Text::current(), rebuilt)));
        }
        self.download.take_all(started.downloads);
        self.restore_preferences();
        self.restore_language();
        self.restore_look();
        self.restore_lock_after();
        self.take_vault(started.vault);
        let mut commands = vec![Command::Update(UpdateWish::Look)];
        if started.first {
            self.screen = Screen::Welcome;
            return commands;
        }
        // What was kept of the sign-in lies behind the passphrase.
        if !self.vault.is_shut() {
            commands.push(Command::RestoreSession);
        }
        commands
    }

    pub(super) fn on_session(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::SignIn(step) => self.on_sign_in(step),
            Event::SignedIn { person, activated, sandbox } => {
                self.session = Session::In { person, activated, sandbox };
                self.sign_in.qr = Qr::Asking;
                // One that was asked for while the phone said yes would show QRs to nobody.
                let mut commands = vec![Command::StopSignIn];
                commands.extend(self.enter(activated, sandbox));
                commands
            }
            Event::SignedOut(because) => self.on_signed_out(because),
            Event::Activated(companies) => {
                self.activation = Activation::default();
                if let Session::In { activated, .. } = &mut self.session {
                    *activated = true;
                }
                self.companies.brought = companies.len();
                self.companies.list.answer(Ok(companies));
                self.screen = Screen::Home;
                vec![Command::LoadCompanies]
            }
            Event::ActivationFailed(problem) => {
                self.activation.busy = false;
                self.activation.problem = Some(problem);
                Vec::new()
            }
            Event::Phones(addresses) => {
                self.phones = addresses;
                self.bind_by_lan()
            }
            _ => Vec::new(),
        }
    }

    /// Goes to the page that comes first for the person who has just signed in.
    fn enter(&mut self, activated: bool, sandbox: bool) -> Vec<Command> {
        let mut commands = Vec::new();
        if sandbox {
            commands.push(Command::LoadMessages);
        }
        if activated {
            self.screen = Screen::Home;
            commands.push(Command::LoadCompanies);
        } else {
            self.screen = Screen::Activation;
        }
        commands
    }

    fn on_signed_out(&mut self, because: SignedOutBecause) -> Vec<Command> {
        self.session = Session::Out(because);
        self.screen = Screen::SignIn;
        self.sign_in.qr = Qr::Asking;
        self.activation = Activation::default();
        // Another person may sign in next: nothing that came with the session stays. The ledger does.
        self.companies = Default::default();
        self.accounts = Default::default();
        vec![Command::StartSignIn { keep_signed_in: self.sign_in.keep_signed_in }]
    }

    fn on_sign_in(&mut self, step: SignInStep) -> Vec<Command> {
        let qr = match (step, std::mem::take(&mut self.sign_in.qr)) {
            (SignInStep::Asking | SignInStep::Expired, _) => Qr::Asking,
            (SignInStep::Ticket(ticket), _) => {
                let expires = self.clock + ticket.expires_in as f64;
                Qr::Waiting { ticket, expires }
            }
            (SignInStep::Scanned, Qr::Waiting { ticket, expires } | Qr::Scanned { ticket, expires }) => Qr::Scanned { ticket, expires },
            (SignInStep::Scanned, other) => other,
            (SignInStep::Denied, _) => Qr::Denied,
            (SignInStep::Failed { problem, retry_in }, _) => Qr::Failed { problem, retry: self.clock + retry_in as f64 },
        };
        self.sign_in.qr = qr;
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_service::contract::{LoginTicket, PersonInfo};

    fn ticket(number: &str) -> LoginTicket {
        LoginTicket { id: "1".into(), qr_text: "http://x".into(), local_url: None, number: number.into(), expires_in: 120 }
    }

    fn person() -> PersonInfo {
        PersonInfo { id: "p".into(), name: "王会计".into() }
    }

    #[test]
    fn a_new_person_goes_to_the_activation_page() {
        let mut state = State { clock: 10.0, ..State::default() };
        let commands = state.apply(Event::SignedOut(SignedOutBecause::NeverSignedIn));
        assert!(matches!(commands.as_slice(), [Command::StartSignIn { keep_signed_in: false }]));
        state.apply(Event::SignIn(SignInStep::Ticket(ticket("427"))));
        assert!(matches!(&state.sign_in.qr, Qr::Waiting { expires, .. } if *expires == 130.0));
        state.apply(Event::SignIn(SignInStep::Scanned));
        assert!(matches!(&state.sign_in.qr, Qr::Scanned { ticket, .. } if ticket.number == "427"));
        state.apply(Event::SignedIn { person: person(), activated: false, sandbox: true });
        assert_eq!(state.screen, Screen::Activation);
        let commands = state.apply(Event::Activated(Vec::new()));
        assert_eq!(state.screen, Screen::Home);
        assert!(matches!(commands.as_slice(), [Command::LoadCompanies]));
    }

    #[test]
    fn signing_out_forgets_what_came_with_the_session() {
        let mut state = State::default();
        state.apply(Event::SignedIn { person: person(), activated: true, sandbox: true });
        state.companies.list.answer(Ok(Vec::new()));
        state.apply(Event::SignedOut(SignedOutBecause::Asked));
        assert!(state.companies.list.is_idle());
        assert!(state.session.person().is_none());
    }
}
