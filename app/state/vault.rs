//! The vault (保险箱): how it stands, the lock screen, the dialog for a passphrase.

use piaoxia_engine::{Problem, VaultView};

/// Minutes without a key or a click after which the vault is locked, as they are offered; 0 never locks it.
pub const LOCK_AFTER: [u32; 5] = [5, 10, 30, 60, 0];

/// Everything about the vault.
#[derive(Clone, Default)]
pub struct Vault {
    /// How it stands.
    pub view: VaultView,
    /// It was open since the start: a locked one now hides the window.
    pub guards: bool,
    /// 先不解锁: the program goes on without what is in it.
    pub skipped: bool,
    /// As typed on the lock screen.
    pub typed: String,
    /// An answer is awaited.
    pub busy: bool,
    /// Why the last wish was not granted.
    pub problem: Option<Problem>,
    /// When the next passphrase is taken, by [`super::State::clock`].
    pub wait_until: f64,
    /// Setting a passphrase, while open.
    pub dialog: Option<PassphraseDialog>,
    /// The question before everything in it is removed, while open.
    pub destroying: bool,
    /// Minutes, one of [`LOCK_AFTER`]; none is the usual ten.
    pub lock_after: Option<u32>,
    /// When a key or the pointer was last used, by [`super::State::clock`].
    pub used: f64,
}

/// Setting or changing the passphrase.
#[derive(Clone, Default)]
pub struct PassphraseDialog {
    /// As typed.
    pub first: String,
    /// As typed again.
    pub second: String,
    /// An answer is awaited.
    pub busy: bool,
    /// Why it was not taken.
    pub problem: Option<Problem>,
}

// What is typed is a secret.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("view", &self.view).field("busy", &self.busy).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PassphraseDialog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PassphraseDialog").field("busy", &self.busy).finish_non_exhaustive()
    }
}

impl Vault {
    /// The lock screen stands in front of everything.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        self.view.exists && self.view.passphrase && !self.view.open && !self.skipped
    }

    /// It can keep something: it is open, or there will be one.
    #[must_use]
    pub fn takes(&self) -> bool {
        self.view.open || (!self.view.exists && self.view.problem.is_none())
    }

    /// A person may lock it, and open it again.
    #[must_use]
    pub fn can_be_locked(&self) -> bool {
        self.view.open && self.view.passphrase
    }

    /// Minutes without use after which it is locked; none never.
    #[must_use]
    pub fn minutes(&self) -> Option<u32> {
        Some(self.lock_after.unwrap_or(10)).filter(|minutes| *minutes > 0)
    }

    /// Seconds until it is locked for want of use; zero now, none never.
    #[must_use]
    pub fn left(&self, clock: f64) -> Option<f64> {
        let minutes = self.minutes().filter(|_| self.can_be_locked())?;
        Some((self.used + f64::from(minutes) * 60.0 - clock).max(0.0))
    }
}
