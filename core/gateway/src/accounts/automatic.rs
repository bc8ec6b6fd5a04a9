//! Signing in again without being asked: when work at the bureau waits for an account whose password is still in memory. What a
//! person has to answer is pushed to the phone that the account is bound to; window and phone show it, the first answer counts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::AccountId;
use piaoxia_domain::period::shanghai_day;
use piaoxia_service::contract::{ChallengeKind, ErrorClass, LoginStep};
use zeroize::Zeroizing;

use super::lock;
use crate::app::App;
use crate::state::KeptAccount;

/// Automatic sign-ins of an account in a day. The bureau locks after five errors (连续错误次数), and a person needs the rest.
const TRIES_A_DAY: u32 = 3;
/// Pause between two looks at a hosted number that answers by itself.
const LOOK: Duration = Duration::from_millis(500);

/// A password that lives in memory alone and never prints itself.
#[derive(Clone, Default)]
pub(crate) struct Password {
    text: Zeroizing<String>,
    /// See [`Memory::epoch`].
    epoch: u64,
}

impl Password {
    /// One that came in this epoch.
    pub(super) fn new(text: &str, epoch: u64) -> Self {
        Self { text: Zeroizing::new(text.to_owned()), epoch }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// Passwords of the accounts that were signed in since the start, and the automatic tries of today.
#[derive(Default)]
pub(crate) struct Memory {
    passwords: Mutex<Passwords>,
    tries: Mutex<HashMap<AccountId, (Date, u32)>>,
    /// One automatic sign-in of an account at a time.
    turns: Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Default)]
struct Passwords {
    epoch: u64,
    kept: HashMap<AccountId, Password>,
}

impl Memory {
    /// How often everything was forgotten. A password of an earlier epoch is not kept: the sign-in that it came for was still waiting for
    /// the bureau when all were forgotten.
    pub(super) fn epoch(&self) -> u64 {
        lock(&self.passwords).epoch
    }

    /// It came before everything was forgotten.
    pub(super) fn is_over(&self, password: &Password) -> bool {
        password.epoch != self.epoch()
    }

    pub(super) fn keep(&self, account: &AccountId, password: Password) {
        let mut passwords = lock(&self.passwords);
        if !password.text.is_empty() && password.epoch == passwords.epoch {
            passwords.kept.insert(account.clone(), password);
        }
    }

    pub(super) fn forget(&self, account: &AccountId) {
        lock(&self.passwords).kept.remove(account);
    }

    pub(super) fn forget_all(&self) {
        let mut passwords = lock(&self.passwords);
        passwords.epoch += 1;
        passwords.kept.clear();
    }

    fn turn(&self, account: &AccountId) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(lock(&self.turns).entry(account.clone()).or_default())
    }

    /// The password, when there is one and a try of today is left; the try is spent.
    fn take_try(&self, account: &AccountId, today: Date) -> Option<Password> {
        let password = lock(&self.passwords).kept.get(account).cloned()?;
        let mut tries = lock(&self.tries);
        let spent = tries.entry(account.clone()).or_insert((today, 0));
        if spent.0 != today {
            *spent = (today, 0);
        }
        (spent.1 < TRIES_A_DAY).then(|| {
            spent.1 += 1;
            password
        })
    }
}

impl App {
    /// Work waits for this account: begins to sign it in, where that can be done, and tells its person.
    pub(crate) async fn call_for_sign_in(self: &Arc<Self>, account: &AccountId) {
        let kept = self.book.read().accounts.iter().find(|kept| kept.account.id == *account).cloned();
        let Some(kept) = kept else { return };
        // Of several jobs that lose the session together the first signs in; the others find its session or its challenge.
        let turn = self.desk.memory.turn(account);
        let mine = turn.lock().await;
        if self.desk.token(account).is_none()
            && !self.desk.has_challenge(account)
            && let Some(password) = self.desk.memory.take_try(account, shanghai_day(Timestamp::now()))
        {
            self.sign_in_again(&kept, password).await;
        }
        drop(mine);
        if self.desk.token(account).is_none() {
            self.push_request(&kept).await;
        }
    }

    async fn sign_in_again(self: &Arc<Self>, kept: &KeptAccount, password: Password) {
        let companies = [kept.company.clone()];
        match self.log_in(&companies, &kept.account.id, password).await {
            Ok(LoginStep::Challenge { challenge }) if matches!(challenge.kind, ChallengeKind::Working { .. }) => {
                self.look_after(kept.company.clone(), challenge.id);
            }
            Ok(_) => {}
            Err(failure) => {
                tracing::warn!(error = %failure.error(), "an automatic sign-in was refused");
                // The password may have been changed: a second try would cost another of the bureau's five.
                if matches!(failure.error().class, ErrorClass::UserFix | ErrorClass::Locked) {
                    self.desk.memory.forget(&kept.account.id);
                }
            }
        }
    }

    /// Looks at a hosted number until it is done, or until a person has to answer.
    fn look_after(self: &Arc<Self>, company: String, challenge: String) {
        let app = Arc::clone(self);
        tokio::spawn(async move {
            let companies = [company];
            let still_works = |step: &LoginStep| matches!(step, LoginStep::Challenge { challenge } if matches!(challenge.kind, ChallengeKind::Working { .. }));
            loop {
                tokio::select! {
                    () = app.stopping.cancelled() => return,
                    () = tokio::time::sleep(LOOK) => {}
                }
                match app.poll_challenge(&companies, &challenge).await {
                    Ok(step) if still_works(&step) => {}
                    Ok(_) => return,
                    Err(failure) => {
                        tracing::debug!(error = %failure.error(), "a hosted number ended");
                        return;
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn three_tries_a_day_and_none_without_a_password() {
        let (memory, id) = (Memory::default(), AccountId("a".to_owned()));
        assert!(memory.take_try(&id, date(2026, 11, 25)).is_none());
        memory.keep(&id, Password::new("", 0));
        assert!(memory.take_try(&id, date(2026, 11, 25)).is_none());
        memory.keep(&id, Password::new("secret", 0));
        let left = (0..5).filter(|_| memory.take_try(&id, date(2026, 11, 25)).is_some()).count();
        assert_eq!(left, 3);
        assert!(memory.take_try(&id, date(2026, 11, 26)).is_some(), "another day");
        memory.forget(&id);
        assert!(memory.take_try(&id, date(2026, 11, 27)).is_none());
        assert!(!format!("{:?}", Password::new("secret", 0)).contains("secret"));
    }

    #[test]
    fn what_came_before_all_were_forgotten_does_not_come_back() {
        let (memory, id) = (Memory::default(), AccountId("a".to_owned()));
        let before = Password::new("secret", memory.epoch());
        assert!(!memory.is_over(&before));
        memory.forget_all();
        assert!(memory.is_over(&before));
        memory.keep(&id, before);
        assert!(memory.take_try(&id, date(2026, 11, 25)).is_none());
        memory.keep(&id, Password::new("secret", memory.epoch()));
        assert!(memory.take_try(&id, date(2026, 11, 25)).is_some());
    }
}
