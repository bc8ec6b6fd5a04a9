//! The vault: opened, locked, refused.

use piaoxia_engine::problem::{VaultFault, What};
use piaoxia_engine::secrets::VaultWarning;
use piaoxia_engine::{Command, Event, Problem, Secret, VaultView};
use piaoxia_service::contract::FieldKind;
use piaoxia_widgets::notice::{Level, Notice};

use crate::loadable::Loadable;
use crate::state::vault::{LOCK_AFTER, PassphraseDialog};
use crate::state::{Screen, Session, State, preferences};
use crate::text::Text;

impl State {
    pub(super) fn on_vault(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Vault(view) => self.take_vault(*view),
            Event::VaultProblem(problem) => self.on_vault_problem(problem),
            _ => Vec::new(),
        }
    }

    pub(super) fn take_vault(&mut self, view: VaultView) -> Vec<Command> {
        let vault = &mut self.vault;
        let (was_open, warning) = (vault.view.open, view.warning.filter(|_| !vault.view.open));
        vault.wait_until = self.clock + view.wait as f64;
        vault.busy = false;
        vault.view = view;
        if vault.view.open {
            vault.guards = true;
            vault.problem = None;
            vault.used = self.clock;
        }
        if was_open && !self.vault.view.open {
            self.forget_typed();
        }
        let vault = &mut self.vault;
        // Done: a refused wish would have come as a problem, and keeps its dialog.
        vault.dialog = vault.dialog.take().filter(|dialog| !dialog.busy || dialog.problem.is_some());
        if let Some(warning) = warning {
            self.warn_of_vault(warning);
        }
        if !was_open && self.vault.view.open && self.waits_for_vault() { vec![Command::RestoreSession] } else { Vec::new() }
    }

    /// The vault was locked, perhaps in the middle of something: what stands in a field and was not sent yet is a secret as well.
    fn forget_typed(&mut self) {
        let Self { accounts, activation, vault, help, sandbox, disks, .. } = self;
        if let Some(form) = &mut accounts.form {
            let fields = accounts.forms.get(&form.region).and_then(Loadable::value).map_or(&[][..], |form| &form.fields);
            let secret = |key: &String| fields.iter().any(|field| field.key == *key && field.kind == FieldKind::Password);
            form.values.retain(|key, _| !secret(key));
        }
        if let Some(dialog) = &mut accounts.password {
            dialog.password = String::new();
        }
        if let Some(dialog) = &mut accounts.challenge {
            dialog.value = String::new();
        }
        activation.code = String::new();
        disks.typed.clear();
        (vault.typed, vault.dialog) = (String::new(), None);
        // An address of a proxy that was not taken may hold a password.
        help.take(help.network.clone());
        (sandbox.accounts, sandbox.asked_for, sandbox.code) = (Vec::new(), None, None);
    }

    /// Before anybody is signed in, the kept sign-in is waited for.
    fn waits_for_vault(&self) -> bool {
        matches!(self.session, Session::Unknown) && self.screen == Screen::Starting && !self.data.as_os_str().is_empty()
    }

    fn warn_of_vault(&mut self, warning: VaultWarning) {
        let words = &Text::current().vault;
        let (title, detail) = match warning {
            VaultWarning::Older => (&words.older, &words.older_advice),
            VaultWarning::Mended => (&words.mended, &words.mended_advice),
        };
        self.notices.push(Notice::new(Level::Warning, title.clone()).detail(detail.clone()));
    }

    fn on_vault_problem(&mut self, problem: Problem) -> Vec<Command> {
        self.vault.busy = false;
        if let What::Vault(VaultFault::WrongPassphrase { wait } | VaultFault::TooSoon { wait }) = problem.what {
            self.vault.wait_until = self.clock + wait as f64;
        }
        if let Some(dialog) = &mut self.vault.dialog {
            (dialog.busy, dialog.problem) = (false, Some(problem));
        } else if self.vault.is_shut() {
            self.vault.problem = Some(problem);
        } else {
            return self.notify_problem(problem);
        }
        Vec::new()
    }

    /// 解锁. None while nothing is typed, or the next passphrase must wait.
    pub fn unlock(&mut self) -> Option<Command> {
        let vault = &mut self.vault;
        if vault.typed.is_empty() || vault.busy || vault.wait_until > self.clock {
            return None;
        }
        (vault.busy, vault.problem) = (true, None);
        Some(Command::UnlockVault(Secret::new(std::mem::take(&mut vault.typed))))
    }

    /// 先不解锁: offered at the start only.
    pub fn go_on_without_vault(&mut self) -> Vec<Command> {
        self.vault.skipped = true;
        self.vault.typed = String::new();
        if self.waits_for_vault() { vec![Command::RestoreSession] } else { Vec::new() }
    }

    /// Opens the dialog for a passphrase.
    pub fn open_passphrase_dialog(&mut self) {
        self.vault.dialog = Some(PassphraseDialog::default());
    }

    /// Removes everything in the vault. Whoever does that in front of the lock screen is nobody: the session ends too.
    pub fn destroy_vault(&mut self) -> Vec<Command> {
        self.vault.destroying = false;
        let hidden = self.vault.is_shut() && self.session.person().is_some();
        let mut commands = vec![Command::DestroyVault];
        if hidden {
            commands.push(Command::SignOut);
        }
        commands
    }

    /// Keeps after how many minutes without use the vault is locked.
    pub fn set_lock_after(&mut self, minutes: u32) -> Command {
        self.vault.lock_after = Some(minutes);
        self.prefer(preferences::LOCK_AFTER, minutes.to_string())
    }

    pub(super) fn restore_lock_after(&mut self) {
        let kept = self.preference(preferences::LOCK_AFTER).and_then(|minutes| minutes.parse().ok());
        self.vault.lock_after = kept.filter(|minutes| LOCK_AFTER.contains(minutes));
    }

    /// Called with each frame: `used` when a key or the pointer moved. A command when the vault has been left alone too long.
    pub fn watch_use(&mut self, used: bool) -> Option<Command> {
        if used {
            self.vault.used = self.clock;
        }
        if self.vault.left(self.clock)? > 0.0 || self.vault.busy {
            return None;
        }
        self.vault.busy = true;
        Some(Command::LockVault)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_service::contract::{FormField, LoginForm};

    use crate::state::accounts::{FormDialog, PasswordDialog};

    fn view(open: bool) -> VaultView {
        VaultView { exists: true, passphrase: true, open, ..VaultView::default() }
    }

    fn started(open: bool) -> State {
        let mut state = State { data: "Data".into(), ..State::default() };
        state.vault.view = view(open);
        state
    }

    #[test]
    fn the_kept_sign_in_waits_for_the_passphrase_or_for_the_word_to_go_on_without() {
        let mut state = started(false);
        assert!(state.vault.is_shut());
        assert!(state.unlock().is_none(), "nothing typed");
        state.vault.typed = "x".to_owned();
        assert!(matches!(state.unlock(), Some(Command::UnlockVault(_))));
        assert!(state.vault.typed.is_empty() && state.vault.busy);
        let commands = state.apply(Event::Vault(Box::new(view(true))));
        assert!(matches!(commands.as_slice(), [Command::RestoreSession]) && !state.vault.is_shut());

        let mut state = started(false);
        assert!(matches!(state.go_on_without_vault().as_slice(), [Command::RestoreSession]));
        assert!(!state.vault.is_shut());
    }

    #[test]
    fn a_wrong_passphrase_says_so_and_the_next_one_waits() {
        let mut state = State { clock: 100.0, ..started(false) };
        let wrong = Problem::new(What::Vault(VaultFault::WrongPassphrase { wait: 8 }), "");
        state.apply(Event::VaultProblem(wrong));
        state.vault.typed = "y".to_owned();
        assert!(state.vault.problem.is_some() && state.unlock().is_none());
        state.clock = 108.0;
        assert!(state.unlock().is_some());
    }

    #[test]
    fn an_open_vault_that_nobody_uses_is_locked_once() {
        let mut state = State { clock: 100.0, ..started(false) };
        state.apply(Event::Vault(Box::new(view(true))));
        state.clock = 100.0 + 9.0 * 60.0;
        assert!(state.watch_use(false).is_none());
        assert!(state.watch_use(true).is_none(), "ten more minutes");
        state.clock += 601.0;
        assert!(matches!(state.watch_use(false), Some(Command::LockVault)));
        assert!(state.watch_use(false).is_none(), "asked already");
        state.apply(Event::Vault(Box::new(view(false))));
        assert!(state.vault.is_shut() && state.vault.guards);
        assert!(matches!(state.set_lock_after(0), Command::SavePreference { .. }));
        state.apply(Event::Vault(Box::new(view(true))));
        state.clock += 1e6;
        assert!(state.watch_use(false).is_none(), "never");
    }

    #[test]
    fn what_was_typed_and_not_sent_goes_with_the_lock() {
        let mut state = started(false);
        state.apply(Event::Vault(Box::new(view(true))));
        let field = |key: &str, kind| FormField {
            key: key.into(),
            label: String::new(),
            kind,
            required: true,
            hint: String::new(),
            fixed: None,
            options: Vec::new(),
        };
        let fields = vec![field("name", FieldKind::Text), field("password", FieldKind::Password)];
        let form = LoginForm { region: "3100".into(), fields, identities: Vec::new(), login_modes: Vec::new() };
        state.accounts.forms.entry("3100".into()).or_default().answer(Ok(form));
        let values = [("name", "wang"), ("password", "s3cret")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        state.accounts.form = Some(FormDialog { region: "3100".into(), values: values.into(), ..FormDialog::default() });
        state.accounts.password = Some(PasswordDialog { password: "s3cret".into(), ..PasswordDialog::default() });
        state.open_passphrase_dialog();
        let disk = piaoxia_taxdisk::Seat::Sandbox("sandbox".into());
        state.disks.typed.entry(disk).or_default().certificate = "s3cret".into();
        (state.activation.code, state.help.typed) = ("s3cret".into(), "u:s3cret@proxy:1".into());
        state.apply(Event::Vault(Box::new(view(false))));
        let form = state.accounts.form.unwrap();
        assert_eq!(form.values.keys().collect::<Vec<_>>(), ["name"], "what is no secret is not typed twice");
        assert!(state.accounts.password.unwrap().password.is_empty() && state.vault.dialog.is_none());
        assert!(state.activation.code.is_empty() && state.help.typed.is_empty() && state.disks.typed.is_empty());
    }

    #[test]
    fn whoever_empties_the_vault_of_somebody_else_is_not_signed_in_by_it() {
        let mut state = started(false);
        let person = piaoxia_service::contract::PersonInfo { id: "p".into(), name: "王会计".into() };
        state.session = Session::In { person, activated: true, sandbox: true };
        assert!(matches!(state.destroy_vault().as_slice(), [Command::DestroyVault, Command::SignOut]));
        state.vault.view.open = true;
        assert!(matches!(state.destroy_vault().as_slice(), [Command::DestroyVault]));
    }
}
