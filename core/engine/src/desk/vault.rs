//! The vault: opened, locked, changed; locked by itself when the PC was asleep.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Desk;
use crate::challenges::Challenges;
use crate::command::Command;
use crate::engine::OwnGateway;
use crate::event::Event;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::services::Services;

/// How often the clock is looked at while the vault is open.
const TICK: Duration = Duration::from_secs(5);
/// A tick that took this much longer than it should was a sleep of the PC, or the program was stopped.
const ASLEEP: Duration = Duration::from_secs(30);

/// All that holds a password of an account.
#[derive(Clone)]
struct Locker {
    services: Services,
    challenges: Challenges,
    gateway: Option<Arc<dyn OwnGateway>>,
}

impl Locker {
    /// After this only the vault has the passwords. Sessions at the bureau go on, and so do downloads.
    async fn lock(&self) {
        self.services.keeper().lock_away().await;
        self.challenges.forget_passwords();
        if let Some(gateway) = &self.gateway {
            gateway.forget_passwords();
        }
        self.services.secrets().lock().await;
    }

    async fn serve(self, command: Command) -> Result<(), Problem> {
        let secrets = self.services.secrets();
        match command {
            Command::UnlockVault(passphrase) => secrets.unlock(passphrase).await,
            Command::SetPassphrase(passphrase) => secrets.set_passphrase(passphrase).await,
            Command::OpenVaultHere(wanted) => secrets.set_here(wanted).await,
            Command::DestroyVault => secrets.destroy().await,
            Command::ForgetPassword(account) => secrets.forget_password(&account).await,
            Command::LockVault => {
                self.lock().await;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Tells how the vault stands, now and whenever that changes.
    async fn follow(self, outbox: Outbox) {
        let mut changes = self.services.secrets().changes();
        loop {
            let view = self.services.secrets().view().await;
            let guarded = view.open && view.passphrase;
            outbox.send(Event::Vault(Box::new(view))).await;
            let watching = async {
                if guarded {
                    slept(TICK, SystemTime::now).await;
                    self.lock().await;
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = watching => {}
                () = outbox.stop().cancelled() => return,
            }
        }
    }
}

/// Returns when more time has passed than this program was awake for.
async fn slept(tick: Duration, mut clock: impl FnMut() -> SystemTime) {
    loop {
        let before = clock();
        tokio::time::sleep(tick).await;
        // A clock that was put back is no sleep.
        if clock().duration_since(before).is_ok_and(|passed| passed > tick + ASLEEP) {
            return;
        }
    }
}

impl Desk {
    fn locker(&self) -> Locker {
        Locker { services: self.services.clone(), challenges: self.challenges.clone(), gateway: self.outside.gateway.clone() }
    }

    pub(super) fn vault(&self, command: Command) {
        let (locker, outbox) = (self.locker(), self.outbox.clone());
        self.outbox.spawn(Event::VaultProblem, async move {
            if let Err(problem) = locker.serve(command).await {
                outbox.send(Event::VaultProblem(problem)).await;
            }
        });
    }

    pub(super) fn follow_vault(&self) {
        self.outbox.spawn_plain(self.locker().follow(self.outbox.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    /// This PC's clock, put forward or back by so many seconds at its first looks.
    fn clock(jumps: &[i64]) -> impl FnMut() -> SystemTime {
        let mut jumps = jumps.iter().copied();
        let mut ahead = 0_i64;
        move || {
            ahead += jumps.next().unwrap_or(0);
            let jumped = Duration::from_secs(ahead.unsigned_abs());
            if ahead < 0 { SystemTime::now() - jumped } else { SystemTime::now() + jumped }
        }
    }

    #[tokio::test]
    async fn a_pc_that_slept_is_told_from_one_that_is_slow_or_whose_clock_was_put_back() {
        for awake in [&[][..], &[0, 25], &[0, -86_400]] {
            let waited = tokio::time::timeout(Duration::from_millis(100), slept(SHORT, clock(awake))).await;
            assert!(waited.is_err(), "{awake:?}");
        }
        slept(SHORT, clock(&[0, 31])).await;
        slept(SHORT, clock(&[0, 0, 0, 0, 0, 60])).await;
    }
}
