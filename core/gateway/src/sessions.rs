//! Sessions with the service, and 30 天免登录.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piaoxia_service::contract::{Device, ErrorClass, PersonInfo, RefreshRequest, Session, code};

use crate::failure::{Answer, Failure};
use crate::random;
use crate::state::{Book, RefreshToken, State};

/// Who a session belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) person: String,
    pub(crate) device: String,
    /// Family of its refresh tokens, if it has any.
    pub(crate) family: Option<String>,
}

struct Open {
    holder: Holder,
    /// Hash of the refresh token that came in the same answer, until the first call under the session.
    beside: Option<String>,
    /// Monotonic: a clock that is set back must not lengthen it.
    ends: Instant,
}

/// The sessions that are open. They are kept in memory alone, by the hash of their token.
pub(crate) struct Sessions {
    life: Duration,
    refresh_life: Duration,
    open: Mutex<HashMap<String, Open>>,
}

impl Sessions {
    pub(crate) fn new(life: Duration, refresh_life: Duration) -> Self {
        Self { life, refresh_life, open: Mutex::new(HashMap::new()) }
    }

    /// Who holds this token, which is at work with it; none when it is over.
    pub(crate) async fn holder(&self, book: &Book, token: &str) -> Option<Holder> {
        let (holder, beside) = {
            let mut open = self.lock();
            let session = open.get_mut(&random::digest(token)).filter(|session| Instant::now() < session.ends)?;
            (session.holder.clone(), session.beside.take())
        };
        if let Some(hash) = beside {
            note_arrival(book, &hash).await;
        }
        Some(holder)
    }

    /// Opens a session after a sign-in, with a refresh token when asked for.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn open(&self, book: &Book, person: &str, device: &Device, keep: bool) -> Answer<Session> {
        let kept = keep.then(|| (random::token(), random::id(), later(self.refresh_life)));
        if let Some((token, family, until)) = &kept {
            let record = RefreshToken {
                family: family.clone(),
                person: person.to_owned(),
                device: device.id.clone(),
                until: *until,
                used: false,
                successor: None,
            };
            book.change(|state| {
                state.tidy(Timestamp::now());
                state.refresh.insert(random::digest(token), record);
                Ok(())
            })
            .await?;
        }
        let holder =
            Holder { person: person.to_owned(), device: device.id.clone(), family: kept.as_ref().map(|(_, family, _)| family.clone()) };
        self.start(&book.read(), holder, kept.map(|(token, _, until)| (token, until)))
    }

    /// Uses a refresh token up for a new session and a new token that ends when the old one would have.
    ///
    /// An answer may be lost: as long as neither the new token nor the new session was ever used, the same PC may use the old token again,
    /// and gets another in the place of the new one.
    ///
    /// # Errors
    /// `session.refreshInvalid`. Any other second use means that somebody else has the token: its whole family ends.
    pub(crate) async fn refresh(&self, book: &Book, request: &RefreshRequest) -> Answer<Session> {
        let (hash, token) = (random::digest(&request.refresh_token), random::token());
        let used = book.change(|state| Ok(rotate(state, &hash, &request.device, &token))).await?;
        match used {
            Rotation::Done { record, again } => {
                if again {
                    tracing::warn!("a refresh token came again before its successor was used; if its answer was not lost, somebody has it");
                    // The session of the lost answer is not for whoever may have read it.
                    self.end_where(|holder| holder.family.as_deref() == Some(&record.family));
                }
                let holder = Holder { person: record.person, device: record.device, family: Some(record.family) };
                self.start(&book.read(), holder, Some((token, record.until)))
            }
            Rotation::Stolen { family } => {
                self.end_where(|holder| holder.family.as_deref() == Some(&family));
                tracing::warn!("a refresh token came twice or from another PC; its sign-in is ended");
                Err(refresh_invalid())
            }
            Rotation::Unknown => Err(refresh_invalid()),
        }
    }

    fn start(&self, state: &State, holder: Holder, refresh: Option<(String, Timestamp)>) -> Answer<Session> {
        let person = state.persons.get(&holder.person).ok_or_else(refresh_invalid)?;
        let activated = state.binding(&holder.person, &holder.device).is_some_and(|binding| binding.activated);
        let person = PersonInfo { id: holder.person.clone(), name: person.name.clone() };
        let token = random::token();
        let beside = refresh.as_ref().map(|(token, _)| random::digest(token));
        let now = Instant::now();
        let mut open = self.lock();
        open.retain(|_, session| now < session.ends);
        open.insert(random::digest(&token), Open { holder, beside, ends: now + self.life });
        let (refresh_token, refresh_until) = refresh.unzip();
        Ok(Session { token, expires_at: later(self.life), refresh_token, refresh_until, person, activated })
    }

    /// 退出登录: ends the session and everything that came from the same sign-in.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn sign_out(&self, book: &Book, token: &str, holder: &Holder) -> Answer<()> {
        if let Some(family) = &holder.family {
            book.change(|state| {
                state.refresh.retain(|_, token| token.family != *family);
                Ok(())
            })
            .await?;
            self.end_where(|other| other.family.as_ref() == Some(family));
        }
        self.lock().remove(&random::digest(token));
        Ok(())
    }

    /// Ends all sessions of a person on a PC.
    pub(crate) fn end_binding(&self, person: &str, device: &str) {
        self.end_where(|holder| holder.person == person && holder.device == device);
    }

    fn end_where(&self, ended: impl Fn(&Holder) -> bool) {
        self.lock().retain(|_, session| !ended(&session.holder));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session is at work, so the refresh token with this hash, which came in the same answer, has arrived: the one before it is of no use
/// any more.
async fn note_arrival(book: &Book, hash: &str) {
    let noted = book.change(|state| {
        for token in state.refresh.values_mut().filter(|token| token.successor.as_deref() == Some(hash)) {
            token.successor = None;
        }
        Ok(())
    });
    if let Err(failure) = noted.await {
        // The one before it is good until this one is used.
        tracing::warn!(error = %failure.error(), "that a refresh token has arrived cannot be kept");
    }
}

enum Rotation {
    /// The record of the new token; `again` when it takes the place of one that was never used.
    Done { record: RefreshToken, again: bool },
    /// Two have had it: all of its family is gone.
    Stolen { family: String },
    /// There is none.
    Unknown,
}

fn rotate(state: &mut State, hash: &str, device: &Device, fresh: &str) -> Rotation {
    let now = Timestamp::now();
    state.tidy(now);
    let Some(old) = state.refresh.get(hash).cloned() else { return Rotation::Unknown };
    let replaced = old.successor.as_ref().and_then(|successor| state.refresh.get_mut(successor)).filter(|successor| !successor.used);
    if old.device != device.id || (old.used && replaced.is_none()) {
        state.refresh.retain(|_, token| token.family != old.family);
        return Rotation::Stolen { family: old.family };
    }
    if let Some(replaced) = replaced {
        // Whoever uses it from now on has read an answer that was lost on its way.
        replaced.used = true;
    }
    let (again, fresh) = (old.used, random::digest(fresh));
    let record = RefreshToken { used: false, successor: None, ..old.clone() };
    state.refresh.insert(hash.to_owned(), RefreshToken { used: true, successor: Some(fresh.clone()), ..old });
    state.refresh.insert(fresh, record.clone());
    state.devices.insert(device.id.clone(), device.clone());
    Rotation::Done { record, again }
}

fn later(span: Duration) -> Timestamp {
    Timestamp::now().checked_add(span).unwrap_or(Timestamp::MAX)
}

fn refresh_invalid() -> Failure {
    Failure::new(ErrorClass::Unauthorized, code::REFRESH_INVALID, "the refresh token is used up or over")
}
