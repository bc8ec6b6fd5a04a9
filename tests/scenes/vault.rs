//! Scenes of the vault.

use piaoxia::state::State;
use piaoxia::state::vault::PassphraseDialog;
use piaoxia_domain::account::AccountId;
use piaoxia_engine::problem::{VaultFault, What};
use piaoxia_engine::{Problem, VaultView};

use super::pages::{company, settings};

fn view(open: bool) -> VaultView {
    let accounts = if open { ["a1", "a2"].map(|id| AccountId(id.into())).into() } else { Default::default() };
    VaultView { exists: true, passphrase: true, here: true, session: open, open, accounts, ..VaultView::default() }
}

/// At the start, before anybody is known.
pub fn vault_start() -> State {
    let mut state = State { clock: 10.0, ..State::default() };
    state.vault.view = view(false);
    state
}

/// Locked over a page, after a sixth wrong passphrase.
pub fn vault_locked() -> State {
    let mut state = company();
    state.vault.view = view(false);
    state.vault.guards = true;
    state.vault.problem = Some(Problem::new(What::Vault(VaultFault::WrongPassphrase { wait: 8 }), ""));
    state.vault.wait_until = state.clock + 8.0;
    state
}

pub fn vault_settings() -> State {
    let mut state = settings();
    state.vault.view = view(true);
    state.session = company().session;
    state
}

pub fn vault_passphrase() -> State {
    let mut state = vault_settings();
    state.vault.view.passphrase = false;
    state.vault.dialog =
        Some(PassphraseDialog { first: "海上明月共潮生2026".into(), second: "海上明月".into(), ..PassphraseDialog::default() });
    state
}

/// The company page with remembered passwords.
pub fn vault_accounts() -> State {
    let mut state = company();
    state.vault.view = view(true);
    state
}
