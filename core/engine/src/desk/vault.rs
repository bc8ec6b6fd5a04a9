//! The vault: opened, locked, changed; locked by itself when the PC was asleep.

use std::pin::pin;
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
    /// After this only the vault has the passwords. Sessions at the bureau go on, and so do downloads. It waits for the disk alone.
    async fn lock(&self) {
        self.challenges.forget_passwords();
        if let Some(gateway) = &self.gateway {
            gateway.forget_passwords();
        }
        self.services.secrets().lock().await;
        self.services.keeper().lock_away();
    }

    async fn serve(self, command: Command) -> Result<(), Problem> {
        let secrets = self.services.secrets();
        match command {
            Command::UnlockVault(passphrase) => {
                secrets.unlock(passphrase).await?;
                self.services.keeper().unlocked().await;
                Ok(())
            }
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

    /// Tells how the vault stands, now and whenever that changes; locks it when `sleep` is over. A change of the vault neither begins that
    /// wait anew nor breaks the locking off.
    async fn follow<S: Future<Output = ()>>(self, outbox: Outbox, sleep: impl Fn() -> S) {
        let mut changes = self.services.secrets().changes();
        let mut asleep = pin!(sleep());
        let mut guarded = false;
        loop {
            changes.mark_unchanged();
            let view = self.services.secrets().view().await;
            let was_guarded = std::mem::replace(&mut guarded, view.open && view.passphrase);
            if guarded && !was_guarded {
                // A sleep before the passphrase was typed says nothing.
                asleep.set(sleep());
            }
            outbox.send(Event::Vault(Box::new(view))).await;
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = &mut asleep, if guarded => {
                    asleep.set(sleep());
                    self.lock().await;
                }
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
        self.outbox.spawn_plain(self.locker().follow(self.outbox.clone(), || slept(TICK, SystemTime::now)));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use std::path::Path;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicU64, Ordering};

    use jiff::Timestamp;
    use piaoxia_service::Client;
    use piaoxia_service::contract::{PersonInfo, Session};
    use piaoxia_store::{OpenOptions, Store};
    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;
    use tokio_util::task::TaskTracker;

    use super::*;
    use crate::command::Secret;
    use crate::disks::DiskSetup;
    use crate::pace::Pace;
    use crate::problem::{VaultFault, What};
    use crate::secrets::{Secrets, VaultCost};
    use crate::services::ServicesConfig;
    use crate::session::Renewal;

    const SHORT: Duration = Duration::from_millis(1);

    /// Somebody is signed in, and the vault is open that has the token and a passphrase. Nobody answers at the service.
    async fn guarded(dir: &Path) -> Services {
        let data = dir.join("data");
        std::fs::create_dir_all(&data).unwrap();
        let store = Store::open(&data, OpenOptions::default()).unwrap().store;
        let config = ServicesConfig {
            data,
            key_folder: Some(dir.join("keys")),
            vault_cost: Some(VaultCost::FLOOR),
            device_name: String::new(),
            authorities: Vec::new(),
            pace: Pace::quick(),
            reader: None,
            disks: DiskSetup::default(),
        };
        let services = Services::open(Client::new("http://127.0.0.1:1", None).unwrap(), store, config).await.unwrap();
        services.secrets().set_passphrase(Some(Secret::new("kuaiji-2026-Q4"))).await.unwrap();
        let session = Session {
            token: "t".to_owned(),
            expires_at: Timestamp::MAX,
            refresh_token: Some("r".to_owned()),
            refresh_until: Some(Timestamp::MAX),
            person: PersonInfo { id: "p".to_owned(), name: "王芳".to_owned() },
            activated: true,
        };
        services.keeper().adopt(session).await;
        services
    }

    /// A gateway beside which the vault is changed while it is being locked.
    struct Busy(Secrets);

    impl OwnGateway for Busy {
        fn allow_phones(&self, _: bool) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + '_>> {
            Box::pin(async { Ok(Vec::new()) })
        }

        fn forget_passwords(&self) {
            let secrets = self.0.clone();
            tokio::spawn(async move { secrets.set_passphrase(Some(Secret::new("kuaiji-2026-Q5"))).await });
            // It has the vault before the lock asks for it.
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_sleep_locks_all_of_the_vault_whatever_changes_in_it_meanwhile() {
        let dir = tempfile::tempdir().unwrap();
        let services = guarded(dir.path()).await;
        let (sender, mut events) = mpsc::channel(256);
        let outbox = Outbox::new(sender, Arc::new(|| {}), TaskTracker::new(), CancellationToken::new());
        let challenges = Challenges::new(&services, &outbox);
        let gateway: Arc<dyn OwnGateway> = Arc::new(Busy(services.secrets().clone()));
        let locker = Locker { services: services.clone(), challenges, gateway: Some(gateway) };
        let ahead = Arc::new(AtomicU64::new(0));
        let clock = {
            let ahead = Arc::clone(&ahead);
            move || SystemTime::now() + Duration::from_secs(ahead.load(Ordering::SeqCst))
        };
        outbox.spawn_plain(locker.follow(outbox.clone(), move || slept(Duration::from_millis(100), clock.clone())));
        assert!(matches!(events.recv().await, Some(Event::Vault(view)) if view.open && view.passphrase));
        tokio::time::sleep(Duration::from_millis(30)).await;
        // The PC was asleep for an hour, and as soon as it is awake the vault is changed again and again.
        ahead.store(3600, Ordering::SeqCst);
        for _ in 0..10 {
            // Locked by then: that is what is waited for.
            services.secrets().keep("new".to_owned(), Secret::new("one")).await.ok();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let locked = async { while !matches!(events.recv().await, Some(Event::Vault(view)) if !view.open) {} };
        tokio::time::timeout(Duration::from_secs(10), locked).await.unwrap();
        let renewal = services.keeper().renew(services.keeper().era()).await;
        let Renewal::Failed(problem) = renewal else { panic!("the token was still in memory") };
        assert_eq!(problem.what, What::Vault(VaultFault::Locked));
    }

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
