//! E-tax accounts: what is kept of them, their sessions at the bureau, the challenges that are open.

mod automatic;
mod binding;
mod challenges;
mod edit;
mod pushing;
mod signing;

pub(crate) use binding::Bindings;
pub(crate) use challenges::{Open, gone};

use automatic::Memory;
use pushing::Mailed;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use piaoxia_domain::{Account, AccountId};
use tokio::sync::watch;

use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::state::{KeptAccount, State};

/// Everything about accounts that lives in memory alone.
pub(crate) struct Desk {
    /// The bureau's tokens.
    tokens: Mutex<HashMap<AccountId, String>>,
    open: Mutex<Vec<Open>>,
    /// Changes whenever an account is signed in, for the jobs that wait for it.
    signed_in: watch::Sender<()>,
    /// The bureau wants one request of an account at a time.
    turns: Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<()>>>>,
    pub(crate) memory: Memory,
    mailed: Mailed,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            tokens: Mutex::default(),
            open: Mutex::default(),
            signed_in: watch::Sender::new(()),
            turns: Mutex::default(),
            memory: Memory::default(),
            mailed: Mailed::default(),
        }
    }

    /// The account's token at the bureau, if it is signed in as far as the gateway knows.
    pub(crate) fn token(&self, account: &AccountId) -> Option<String> {
        lock(&self.tokens).get(account).cloned()
    }

    /// Notes a token; jobs that wait go on.
    pub(crate) fn note_token(&self, account: &AccountId, token: String) {
        lock(&self.tokens).insert(account.clone(), token);
        self.signed_in.send_replace(());
    }

    /// Forgets a token that the bureau no longer takes, unless a newer one is there.
    pub(crate) fn lost(&self, account: &AccountId, token: &str) {
        let mut tokens = lock(&self.tokens);
        if tokens.get(account).is_some_and(|held| held == token) {
            tokens.remove(account);
        }
    }

    /// Forgets all passwords. A sign-in that waits for a person goes on; it leaves none behind.
    pub(crate) fn forget_passwords(&self) {
        // The memory first: a sign-in reads it while it holds the lock of the open ones.
        self.memory.forget_all();
        lock(&self.open).iter_mut().for_each(Open::forget_password);
    }

    /// Forgets a token and gives it to whoever ends it at the bureau.
    pub(crate) fn take_token(&self, account: &AccountId) -> Option<String> {
        lock(&self.tokens).remove(account)
    }

    /// Tells of sign-ins from now on.
    pub(crate) fn sign_ins(&self) -> watch::Receiver<()> {
        self.signed_in.subscribe()
    }

    /// The account's turn at the bureau.
    pub(crate) fn turn(&self, account: &AccountId) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(lock(&self.turns).entry(account.clone()).or_default())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Accounts of a company with their sessions as they are now.
    pub(crate) fn accounts(&self, state: &State, company: &str) -> Vec<Account> {
        state.accounts.iter().filter(|kept| kept.company == company).map(|kept| self.live(kept)).collect()
    }

    /// An account with its session as it is now.
    fn live(&self, kept: &KeptAccount) -> Account {
        let token = self.desk.token(&kept.account.id);
        let session = self.connector.session_state(&kept.upstream, token.as_deref());
        Account { session, wechat_bound: kept.bound_to.is_some(), ..kept.account.clone() }
    }

    /// What is kept of an account, if it belongs to one of these companies.
    ///
    /// # Errors
    /// Not found.
    pub(crate) fn kept_account(&self, companies: &[String], id: &AccountId) -> Answer<KeptAccount> {
        let state = self.book.read();
        let kept = state.accounts.iter().find(|kept| kept.account.id == *id && companies.contains(&kept.company));
        kept.cloned().ok_or_else(|| Failure::not_found("account"))
    }
}
