//! The vault: opened, locked, refused.

use piaoxia_engine::problem::{VaultFault, What};
use piaoxia_engine::secrets::VaultWarning;
use piaoxia_engine::{Command, Event, Problem, Secret, VaultView};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::vault::{LOCK_AFTER, PassphraseDialog};
use crate::state::{Screen, Session, State};
use crate::text::Text;

/// Name of the preference.
const LOCK_AFTER_NAME: &str = "lock_after";

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
        // Done: a refused wish would have come as a problem, and keeps its dialog.
        vault.dialog = vault.dialog.take().filter(|dialog| !dialog.busy || dialog.problem.is_some());
        if let Some(warning) = warning {
            self.warn_of_vault(warning);
        }
        if !was_open && self.vault.view.open && self.waits_for_vault() { vec![Command::RestoreSession] } else { Vec::new() }
    }

    /// Before anybody is signed in, the kept sign-in is waited for.
    fn waits_for_vault(&self) -> bool {
        matches!(self.session, Session::Unknown) && self.screen == Screen::Starting && !self.data.as_os_str().is_empty()
    }

    fn warn_of_vault(&mut self, warning: VaultWarning) {
        let words = &Text::zh_cn().vault;
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
        Command::SavePreference { name: LOCK_AFTER_NAME.to_owned(), value: minutes.to_string() }
    }

    pub(super) fn restore_lock_after(&mut self) {
        let kept = self.preference(LOCK_AFTER_NAME).and_then(|minutes| minutes.parse().ok());
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
    fn whoever_empties_the_vault_of_somebody_else_is_not_signed_in_by_it() {
        let mut state = started(false);
        let person = piaoxia_service::contract::PersonInfo { id: "p".into(), name: "王会计".into() };
        state.session = Session::In { person, activated: true, sandbox: true };
        assert!(matches!(state.destroy_vault().as_slice(), [Command::DestroyVault, Command::SignOut]));
        state.vault.view.open = true;
        assert!(matches!(state.destroy_vault().as_slice(), [Command::DestroyVault]));
    }
}
