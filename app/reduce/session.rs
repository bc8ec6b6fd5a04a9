//! Starting, signing in, activation.

use piaoxia_engine::event::{SignInStep, SignedOutBecause, Started};
use piaoxia_engine::{Command, Event, UpdateWish};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::away::Folder;
use crate::state::backup::Backup;
use crate::state::batch::Batch;
use crate::state::claims::Claims;
use crate::state::disks::Disks;
use crate::state::download::DownloadPage;
use crate::state::help::Help;
use crate::state::preferences::KEEP_SIGNED_IN;
use crate::state::session::{Activation, Qr, Session, SignIn};
use crate::state::stats::Stats;
use crate::state::update::Update;
use crate::state::vault::Vault;
use crate::state::welcome::Welcome;
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
        self.sign_in.keep_signed_in = self.preference(KEEP_SIGNED_IN) == Some("yes");
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
                // A sign-in that was begun while the phone confirmed this one is of no use any more.
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
        let mut commands = self.close_documents();
        commands.extend(self.close_checkup());
        self.leave_session();
        self.session = Session::Out(because);
        self.screen = Screen::SignIn;
        commands.push(Command::StartSignIn { keep_signed_in: self.sign_in.keep_signed_in });
        commands
    }

    /// Another person may sign in next: nothing that came with the session stays, and no dialog. What belongs to the data folder and to
    /// this PC does: the ledger, the downloads, what runs, how the window looks.
    fn leave_session(&mut self) {
        let mut before = std::mem::take(self);
        before.ledger.leave();
        before.help.take(before.help.network.clone());
        *self = Self {
            clock: before.clock,
            today: before.today,
            // A service that is being looked for is still wanted.
            welcome: Welcome { asked: None, back: before.welcome.back.map(|_| Screen::SignIn), ..before.welcome },
            sign_in: SignIn { qr: Qr::Asking, ..before.sign_in },
            vault: Vault { dialog: None, destroying: false, ..before.vault },
            download: DownloadPage { counted: None, opened: None, examined: None, ..before.download },
            batch: Batch { seq: before.batch.seq, schedules: before.batch.schedules, ..Batch::default() },
            ledger: before.ledger,
            export: before.export.closed(),
            import: before.import,
            file_dialog: before.file_dialog,
            stats: Stats { company: None, exporting: None, ..before.stats },
            deduction: before.deduction,
            claims: Claims { seq: before.claims.seq, ..Claims::default() },
            help: Help { shown: false, diagnosis: None, ..before.help },
            backup: Backup { view: before.backup.view, ..Backup::default() },
            disks: Disks { view: before.disks.view, asked: before.disks.asked, ..Disks::default() },
            update: Update { asking_back: false, ..before.update },
            notices: before.notices,
            phones: before.phones,
            language: before.language,
            language_is_named: before.language_is_named,
            look: before.look,
            preferences: before.preferences,
            data: before.data,
            program_is_with_data: before.program_is_with_data,
            folder: if before.folder == Folder::Asking { Folder::Here } else { before.folder },
            service: before.service,
            hosted: before.hosted,
            service_by: before.service_by,
            read_only: before.read_only,
            unsent: before.unsent,
            ..Self::default()
        };
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
    use piaoxia_engine::event::TaskKind;
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

    #[test]
    fn what_was_open_and_typed_goes_with_the_session_and_what_belongs_to_the_folder_stays() {
        let mut state = State { clock: 7.0, data: "Data".into(), asking_unbind: true, asking_quit: Some(1.0), ..State::default() };
        state.apply(Event::SignedIn { person: person(), activated: true, sandbox: true });
        let company = piaoxia_domain::TaxNumber::from_document("91310115MA1K35JX4G");
        (state.ledger.invoices, state.ledger.filters.company, state.stats.company) = (9, Some(company.clone()), Some(company));
        (state.ledger.going, state.folder, state.update.asking_back) = (Some(Default::default()), Folder::Asking, true);
        state.disks.typed.entry(piaoxia_taxdisk::Seat::Sandbox("sandbox".into())).or_default().certificate = "88888888".into();
        state.open_passphrase_dialog();
        state.open_batch(crate::state::batch::Days::New);
        state.batch.editing = Some(crate::state::batch::ScheduleDialog::new(state.batch_what()));
        state.open_export();
        let seq = state.batch.seq;
        state.apply(Event::TaskProgress { id: piaoxia_engine::TaskId(1), kind: TaskKind::Export, done: 1, total: 2 });
        state.prove_picked(vec!["a.ofd".into()]);
        let commands = state.apply(Event::SignedOut(SignedOutBecause::Ended));
        assert!(matches!(commands.as_slice(), [Command::StopProving, Command::StartSignIn { .. }]));
        assert!(!state.asking_unbind && state.asking_quit.is_none() && !state.update.asking_back && state.folder == Folder::Here);
        assert!(state.ledger.going.is_none() && state.ledger.filters.company.is_none() && state.stats.company.is_none());
        assert!(state.disks.typed.is_empty() && state.vault.dialog.is_none() && state.export.dialog.is_none());
        assert!(state.batch.dialog.is_none() && state.batch.editing.is_none() && !state.documents.open);
        assert_eq!((state.clock, state.data.as_path(), state.ledger.invoices), (7.0, std::path::Path::new("Data"), 9));
        assert_eq!((state.batch.seq, state.export.tasks.len()), (seq, 1), "what runs goes on");
    }
}
