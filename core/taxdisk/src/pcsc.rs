//! Readers of the system's card service (PC/SC), by the crate `pcsc`.
//!
//! A context of a service that ended stays dead although it says that it is valid: after every error that may mean that, it is dropped
//! and established again.

#[cfg(target_os = "linux")]
mod lazy;

use std::ffi::{CStr, CString};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::pcsc::{Card, Context, Disposition, Error, PNP_NOTIFICATION, Protocols, ReaderState, Scope, ShareMode, State};

use crate::apdu::{Link, TRANSFER_BYTES};
use crate::disk::{Atr, Presence, Seat, Service, Sighting};
use crate::error::{Damage, DiskError, Result};
use crate::profile::Profiles;

/// Most readers that are looked at.
const READERS: usize = 32;

/// What an error of the service means.
fn fault(error: Error) -> DiskError {
    match error {
        Error::NoService => DiskError::NoService,
        Error::ServiceStopped | Error::CommError | Error::InvalidHandle | Error::Shutdown | Error::SystemCancelled => {
            DiskError::ServiceStopped
        }
        Error::NoReadersAvailable | Error::UnknownReader | Error::ReaderUnavailable => DiskError::NoReader,
        Error::NoSmartcard => DiskError::NoCard,
        Error::SharingViolation => DiskError::InUse,
        Error::RemovedCard | Error::NotTransacted => DiskError::Removed,
        Error::ResetCard => DiskError::Reset,
        Error::UnresponsiveCard | Error::UnpoweredCard | Error::UnsupportedCard | Error::InvalidAtr => DiskError::Damaged(Damage::NoAnswer),
        Error::InsufficientBuffer => DiskError::Damaged(Damage::TooLong),
        Error::ServerTooBusy => DiskError::Busy,
        other => DiskError::Reader(other as u32),
    }
}

/// After these the context is of no use any more.
fn is_fatal(fault: &DiskError) -> bool {
    matches!(fault, DiskError::NoService | DiskError::ServiceStopped | DiskError::Reader(_))
}

fn establish() -> Result<Context, Error> {
    #[cfg(target_os = "linux")]
    if !lazy::is_installed() {
        return Err(Error::NoService);
    }
    Context::establish(Scope::User)
}

/// Cards in readers, one at a time. Belongs to one thread.
#[derive(Default)]
pub(crate) struct Readers {
    context: Option<Context>,
}

impl Readers {
    /// Connects to the card in a reader, keeps other programs away from it, does something and leaves it as it is. `locking` is called
    /// before it is waited for other programs, `locked` after that.
    pub fn with_card<T>(
        &mut self,
        reader: &str,
        locking: impl FnOnce(),
        locked: impl FnOnce(),
        job: impl FnOnce(&mut dyn Link, &Atr) -> Result<T>,
    ) -> Result<T> {
        let name = self.name(reader)?;
        // While another program has a transaction, connecting may wait, too.
        locking();
        let mut card = self.connect(&name)?;
        let outcome = (|| {
            let transaction = card.transaction().map_err(fault)?;
            locked();
            // Before the lock, the service may be powering the card up, and its answer to reset is half there.
            let atr = Atr::new(transaction.status2_owned().map_err(fault)?.atr());
            let outcome = job(&mut CardLink { card: &transaction, answer: vec![0; TRANSFER_BYTES] }, &atr);
            // The card may be gone; what was done is done.
            let _ended = transaction.end(Disposition::LeaveCard);
            outcome
        })();
        // Dropping a card would reset it, and with it what other programs do.
        let _left = card.disconnect(Disposition::LeaveCard);
        if outcome.as_ref().is_err_and(is_fatal) {
            self.context = None;
        }
        outcome
    }

    /// As the service has it. Windows gives names in its own code page, which are shown with what cannot be read replaced.
    fn name(&mut self, reader: &str) -> Result<CString> {
        if !reader.contains(char::REPLACEMENT_CHARACTER) {
            return CString::new(reader).map_err(|_| DiskError::NoReader);
        }
        let names = establish().and_then(|context| context.list_readers_owned()).map_err(fault)?;
        names.into_iter().find(|name| name.to_string_lossy() == reader).ok_or(DiskError::NoReader)
    }

    fn connect(&mut self, reader: &CStr) -> Result<Card> {
        let had_context = self.context.is_some();
        match self.connect_once(reader) {
            // The service was started anew since.
            Err(gone) if is_fatal(&gone) && had_context => {
                self.context = None;
                self.connect_once(reader)
            }
            outcome => outcome,
        }
    }

    fn connect_once(&mut self, reader: &CStr) -> Result<Card> {
        let context = match &self.context {
            Some(context) => context,
            None => self.context.insert(establish().map_err(fault)?),
        };
        context.connect(reader, ShareMode::Shared, Protocols::ANY).map_err(fault)
    }
}

struct CardLink<'c> {
    card: &'c Card,
    answer: Vec<u8>,
}

impl Link for CardLink<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>> {
        self.card.transmit(command, &mut self.answer).map(<[u8]>::to_vec).map_err(fault)
    }
}

/// Watches readers. Belongs to one thread, which [`Wake`] ends from another.
pub(crate) struct Watcher {
    context: Option<Context>,
    states: Vec<ReaderState>,
    service: Service,
    wake: Wake,
}

/// Ends the waiting of a [`Watcher`].
#[derive(Clone, Default)]
pub(crate) struct Wake(Arc<Mutex<Option<Context>>>);

impl Wake {
    pub fn wake(&self) {
        let context = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Where it was not waiting, its next wait is short enough.
        let _cancelled = context.map(|context| context.cancel());
    }

    fn set(&self, context: Option<Context>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = context;
    }
}

impl Watcher {
    pub fn new(wake: Wake) -> Self {
        Self { context: None, states: Vec::new(), service: Service::Unknown, wake }
    }

    /// The service, as it was found last.
    pub fn service(&self) -> Service {
        self.service
    }

    /// Waits until something changes, at most so long. False when there is no service to wait for: then the time is not used up.
    pub fn wait(&mut self, limit: Duration) -> bool {
        let outcome = self.wait_once(limit);
        match outcome {
            Ok(()) | Err(Error::Timeout | Error::Cancelled | Error::UnknownReader) => {
                self.service = Service::Running;
                true
            }
            Err(error) => {
                if self.context.take().is_some() {
                    self.wake.set(None);
                }
                self.states.clear();
                self.service = match (self.service, fault(error)) {
                    (Service::Running | Service::Stopped, _) => Service::Stopped,
                    _ => Service::Absent,
                };
                false
            }
        }
    }

    fn wait_once(&mut self, limit: Duration) -> Result<(), Error> {
        if self.context.is_none() {
            let context = establish()?;
            self.wake.set(Some(context.clone()));
            self.context = Some(context);
        }
        let Some(context) = &self.context else { return Err(Error::NoService) };
        let names = match context.list_readers_owned() {
            Ok(names) => names,
            Err(Error::NoReadersAvailable) => Vec::new(),
            Err(error) => return Err(error),
        };
        let new = self.states.len() != names.len().min(READERS) + 1;
        if new || !self.states.iter().skip(1).zip(&names).all(|(state, name)| state.name() == name.as_c_str()) {
            let readers = names.into_iter().take(READERS).map(|name| ReaderState::new(name, State::UNAWARE));
            self.states = std::iter::once(ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)).chain(readers).collect();
            // What is there now is told at once.
            context
                .get_status_change(Duration::ZERO, &mut self.states)
                .or_else(|error| if error == Error::Timeout { Ok(()) } else { Err(error) })?;
            self.states.iter_mut().for_each(ReaderState::sync_current_state);
            return Ok(());
        }
        let outcome = context.get_status_change(limit, &mut self.states);
        self.states.iter_mut().for_each(ReaderState::sync_current_state);
        outcome
    }

    /// Readers, and what is in them.
    pub fn sightings(&self, profiles: &Profiles) -> Vec<Sighting> {
        self.states.iter().skip(1).filter_map(|state| sighting(state, profiles)).collect()
    }
}

fn sighting(state: &ReaderState, profiles: &Profiles) -> Option<Sighting> {
    let now = state.event_state();
    let presence = if now.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
        return None;
    } else if now.contains(State::MUTE) {
        Presence::Mute
    } else if now.contains(State::EXCLUSIVE) {
        Presence::InUse
    } else if now.contains(State::PRESENT) {
        let atr = Atr::new(state.atr());
        let kind = profiles.knowing(&atr).next().map(|profile| profile.kind);
        kind.map_or(Presence::Unknown(atr), Presence::Disk)
    } else {
        Presence::Empty
    };
    Some(Sighting { seat: Seat::Reader(state.name().to_string_lossy().into_owned()), presence })
}
