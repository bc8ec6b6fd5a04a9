//! The way to disks for the rest of the program.

mod running;
mod ticket;
mod watch;
mod worker;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::disk::{Contents, Seat, Tries, View};
use crate::error::{DiskError, Result};
use crate::guard::{Consent, FailedPasswords};
use crate::password::Password;
use crate::profile::Profiles;
use crate::signature::{CHALLENGE_BYTES, Signature};
use crate::sim::Sandbox;
use crate::skf::HelperProgram;
use running::Running;
use ticket::Ticket;
use watch::Watch;
use worker::Worker;

/// Requests that wait for a thread: each is of a person who clicked.
const QUEUE: usize = 8;

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A request to a card.
    pub card: Duration,
    /// A call of a vendor's library. A request to it may take three times as long.
    pub library: Duration,
    /// How often is looked at what no event tells of: USB, simulated disks, a service that may have come.
    pub look: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { card: Duration::from_secs(5), library: Duration::from_secs(5), look: Duration::from_millis(500) }
    }
}

/// What a [`Desk`] works with.
pub struct Options {
    /// Known cards.
    pub profiles: Profiles,
    /// Look at the system's card readers.
    pub readers: bool,
    /// Simulated disks.
    pub sandbox: Option<Sandbox>,
    /// Who loads vendors' libraries. Without it there are none.
    pub helper: Option<HelperProgram>,
    /// Vendors' libraries that the user picked.
    pub libraries: Vec<PathBuf>,
    /// Where USB devices are listed; none where it is not looked. [`usb::devices_folder`](crate::usb::devices_folder) is this system's.
    pub usb: Option<PathBuf>,
    /// Passwords that failed, as [`Desk::failed_passwords`] gave them.
    pub failed: FailedPasswords,
    /// Times.
    pub limits: Limits,
}

impl Options {
    /// Readers and USB of this system, no simulated disk, no library.
    ///
    /// # Errors
    /// The built-in profiles are wrong, which a test rules out.
    pub fn of_this_system() -> Result<Self, crate::ProfileFault> {
        Ok(Self {
            profiles: Profiles::built_in()?,
            readers: true,
            sandbox: None,
            helper: None,
            libraries: Vec::new(),
            usb: crate::usb::devices_folder(),
            failed: FailedPasswords::new(),
            limits: Limits::default(),
        })
    }
}

type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// Any thread may ask.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Desk>();
};

/// The way to disks. Dropping it ends its threads and helper processes; one that waits for a card that does not answer ends with the card.
pub struct Desk {
    /// For readers, and for everything else: a reader that hangs holds up no other kind of disk.
    cards: SyncSender<Job>,
    others: SyncSender<Job>,
    failed: Arc<Mutex<FailedPasswords>>,
    limits: Limits,
    watch: Option<Watch>,
    threads: Vec<Running>,
}

impl Desk {
    /// Starts the threads. `watch` is told what is plugged in, first at once and then whenever it changes; it is called on a thread of the
    /// desk and must not call the desk.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(options: Options, watch: impl FnMut(View) + Send + 'static) -> io::Result<Self> {
        let failed = Arc::new(Mutex::new(options.failed.clone()));
        let (cards, first) = start_worker("taxdisk-cards", Worker::new(&options, Arc::clone(&failed)))?;
        let (others, second) = start_worker("taxdisk-disks", Worker::new(&options, Arc::clone(&failed)))?;
        let limits = options.limits;
        let watch = Watch::start(options, others.clone(), watch)?;
        Ok(Self { cards, others, failed, limits, watch: Some(watch), threads: vec![first, second] })
    }

    /// Reads what is on a disk. Needs no password.
    ///
    /// # Errors
    /// See [`DiskError`]; for every function here.
    pub fn read(&self, seat: &Seat) -> Result<Contents> {
        self.ask(seat, |worker, seat, ticket| worker.with(seat, ticket, |device| device.contents()))
    }

    /// How many wrong passwords a disk still takes. Spends none.
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub fn tries(&self, seat: &Seat) -> Result<Tries> {
        self.ask(seat, |worker, seat, ticket| worker.with(seat, ticket, |device| device.tries()))
    }

    /// Has the certificate password verified, by the rules of [`guard`](crate::guard), and gives the counter afterwards.
    ///
    /// # Errors
    /// [`DiskError::NeedsConsent`] asks for the same call with a [`Consent`] of the user; what else was spent or not is said there.
    pub fn verify(&self, seat: &Seat, password: &Password, consent: Option<Consent>) -> Result<Tries> {
        let password = password.clone();
        self.ask(seat, move |worker, seat, ticket| {
            let guard = worker.guard();
            worker.with(seat, ticket, |device| guard.verify(device, &password, consent, &|| ticket.send()))
        })
    }

    /// Has the password verified, as [`Desk::verify`], and a challenge (挑战, at most 4 KiB) signed with the disk's key: SM2 over SM3 for
    /// the user id 1234567812345678. The signature was proved against the disk's certificate.
    ///
    /// # Errors
    /// As [`Desk::verify`].
    pub fn sign(&self, seat: &Seat, password: &Password, consent: Option<Consent>, challenge: &[u8]) -> Result<Signature> {
        if challenge.len() > CHALLENGE_BYTES {
            return Err(DiskError::Damaged(crate::error::Damage::TooLong));
        }
        let (password, challenge) = (password.clone(), challenge.to_vec());
        self.ask(seat, move |worker, seat, ticket| {
            let guard = worker.guard();
            worker.with(seat, ticket, |device| {
                guard.verify(device, &password, consent, &|| ticket.send())?;
                device.sign(&challenge)
            })
        })
    }

    /// What is remembered of passwords that failed, to be kept in the vault and given to the next [`Desk`].
    #[must_use]
    pub fn failed_passwords(&self) -> FailedPasswords {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers as well what was kept, as in a vault that was opened after the desk was started.
    pub fn learn_failed(&self, kept: FailedPasswords) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).learn(kept);
    }

    /// Forgets the failed passwords of a disk, by its number: the user changed its password, or the tax hall unlocked it.
    pub fn forget_failed(&self, serial: &str) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).forget(serial);
    }

    /// Looks anew at what is plugged in, as when a library was installed. The watch is told if something changed.
    pub fn look(&self) {
        if let Some(watch) = &self.watch {
            watch.look();
        }
    }

    /// Uses these vendors' libraries from now on.
    pub fn set_libraries(&self, libraries: Vec<PathBuf>) {
        if let Some(watch) = &self.watch {
            watch.set_libraries(libraries);
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        seat: &Seat,
        job: impl FnOnce(&mut Worker, &Seat, &Ticket) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (queue, limit) = match seat {
            Seat::Reader(_) => (&self.cards, self.limits.card),
            Seat::Library { .. } => (&self.others, self.limits.library * 3),
            Seat::Sandbox(_) | Seat::Usb(_) => (&self.others, self.limits.card),
        };
        let ticket = Arc::new(Ticket::default());
        let (say, outcome) = sync_channel(1);
        let (seat, worked) = (seat.clone(), Arc::clone(&ticket));
        let job: Job = Box::new(move |worker| {
            if worked.begin() {
                // Nobody may wait any more.
                let _said = say.send(job(worker, &seat, &worked));
            }
        });
        match queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => return Err(DiskError::Busy),
        }
        match outcome.recv_timeout(limit) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => Err(ticket.give_up(limit)),
            // The thread panicked over it.
            Err(RecvTimeoutError::Disconnected) => Err(ticket.give_up(limit)),
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        drop(self.watch.take());
        // The threads end when nobody can ask any more. One that waits for a card is left to itself.
        let (nobody, _) = sync_channel(1);
        self.cards = nobody.clone();
        self.others = nobody;
        self.threads.drain(..).for_each(Running::end);
    }
}

fn start_worker(name: &str, mut worker: Worker) -> io::Result<(SyncSender<Job>, Running)> {
    let (queue, jobs) = sync_channel::<Job>(QUEUE);
    let run = move || {
        for job in jobs {
            // A fault of ours costs the request.
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut worker)));
            if outcome.is_err() {
                tracing::error!("a request to a tax disk panicked");
                worker.start_anew();
            }
        }
    };
    Ok((queue, Running::start(name, run)?))
}
