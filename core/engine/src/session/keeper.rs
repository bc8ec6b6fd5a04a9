//! Holds the session: adopts it, renews it once for all who find it over, ends it.

use std::sync::atomic::{AtomicU64, Ordering};

use piaoxia_service::Client;
use piaoxia_service::contract::{Device, ErrorClass, PersonInfo, RefreshRequest, Session, code};
use tokio::sync::{Mutex, watch};
use zeroize::{Zeroize, Zeroizing};

use super::keep::{self, Kept};
use crate::problem::Problem;
use crate::secrets::{SESSION, Secrets};

/// Whether anybody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nobody yet, or no longer by the person's own wish.
    Out,
    /// Somebody who has not activated this client yet.
    Visitor,
    /// Somebody who may use it.
    In,
    /// Somebody was, until the service ended it.
    Ended,
}

/// What became of the kept session.
pub(crate) enum Restored {
    /// There is none that this PC can read.
    Nothing,
    /// It is good again.
    In { person: PersonInfo, activated: bool },
    /// The service refused it; it is gone.
    Over,
    /// The service could not be asked.
    Failed(Problem),
}

/// What became of a renewal.
pub(crate) enum Renewal {
    /// There is a fresh session.
    Fresh,
    /// There is none to be had.
    Over,
    /// The service could not be asked.
    Failed(Problem),
}

/// The session and its refresh token.
pub(crate) struct Keeper {
    client: Client,
    device: Device,
    secrets: Secrets,
    held: Mutex<Held>,
    /// Goes up with each session, so that whoever finds the old one over does not renew the new one.
    era: AtomicU64,
    presence: watch::Sender<Presence>,
}

#[derive(Default)]
struct Held {
    refresh: Option<Zeroizing<String>>,
    /// The vault has it too.
    kept: bool,
    /// The vault alone has it.
    locked_away: bool,
}

impl Keeper {
    pub(crate) fn new(client: Client, device: Device, secrets: Secrets) -> Self {
        let (presence, _) = watch::channel(Presence::Out);
        Self { client, device, secrets, held: Mutex::default(), era: AtomicU64::new(0), presence }
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    pub(crate) fn presence(&self) -> watch::Receiver<Presence> {
        self.presence.subscribe()
    }

    pub(crate) fn era(&self) -> u64 {
        self.era.load(Ordering::Acquire)
    }

    /// Takes over the session of a sign-in.
    pub(crate) async fn adopt(&self, session: Session) {
        let mut held = self.held.lock().await;
        self.take(&mut held, session).await;
    }

    /// Signs in with the kept refresh token. Not to be cancelled: a used token whose successor is lost ends the session.
    pub(crate) async fn restore(&self) -> Restored {
        let mut held = self.held.lock().await;
        let kept = match keep::load(&self.secrets).await {
            // It stays for the day on which the folder works with that service again.
            Ok(Some(kept)) if kept.service.as_deref().is_some_and(|service| service != self.service()) => return Restored::Nothing,
            Ok(Some(kept)) => kept,
            Ok(None) => return Restored::Nothing,
            Err(problem) => {
                tracing::info!(problem.detail, "the kept session cannot be read; it can be had by signing in again");
                return Restored::Nothing;
            }
        };
        match self.ask(&kept.refresh_token).await {
            Ok(session) => {
                let (person, activated) = (session.person.clone(), session.activated);
                self.take(&mut held, session).await;
                Restored::In { person, activated }
            }
            Err(Renewal::Failed(problem)) => Restored::Failed(problem),
            Err(_) => {
                self.forget_kept().await;
                Restored::Over
            }
        }
    }

    /// Renews the session unless somebody did since `seen`. All who wait here get the one answer. Not to be cancelled.
    pub(crate) async fn renew(&self, seen: u64) -> Renewal {
        let mut held = self.held.lock().await;
        if self.era() != seen {
            return Renewal::Fresh;
        }
        let token = match self.token(&mut held).await {
            Ok(token) => token,
            Err(problem) => return Renewal::Failed(problem),
        };
        let asked = match token {
            Some(token) => match self.ask(&token).await {
                Err(Renewal::Failed(problem)) => {
                    held.refresh = Some(token);
                    return Renewal::Failed(problem);
                }
                other => other.ok(),
            },
            None => None,
        };
        match asked {
            Some(session) => {
                self.take(&mut held, session).await;
                Renewal::Fresh
            }
            None => {
                self.drop_session(&mut held).await;
                self.presence.send_if_modified(|presence| {
                    let was_in = matches!(*presence, Presence::In | Presence::Visitor);
                    if was_in {
                        *presence = Presence::Ended;
                    }
                    was_in
                });
                Renewal::Over
            }
        }
    }

    /// The token that renews the session; while the vault is locked it is nowhere else.
    async fn token(&self, held: &mut Held) -> Result<Option<Zeroizing<String>>, Problem> {
        match held.refresh.take() {
            Some(token) => Ok(Some(token)),
            None if held.locked_away => keep::load_token(&self.secrets).await,
            None => Ok(None),
        }
    }

    /// The vault is being locked: what it holds too is forgotten here.
    pub(crate) async fn lock_away(&self) {
        let mut held = self.held.lock().await;
        if held.kept {
            held.refresh = None;
            held.locked_away = true;
        }
    }

    /// The person is about to leave: what fails from now on is no accident.
    pub(crate) fn step_out(&self) {
        self.presence.send_replace(Presence::Out);
    }

    /// The person stays after all, if there still is a session.
    pub(crate) fn step_in(&self) {
        let presence = if self.client.has_session() { Presence::In } else { Presence::Ended };
        self.presence.send_replace(presence);
    }

    /// Forgets the session here: after 退出登录 and 解除绑定.
    pub(crate) async fn leave(&self) {
        let mut held = self.held.lock().await;
        self.drop_session(&mut held).await;
        self.presence.send_replace(Presence::Out);
    }

    fn service(&self) -> &str {
        if self.client.is_embedded() { keep::OWN } else { self.client.base_url() }
    }

    async fn ask(&self, token: &str) -> Result<Session, Renewal> {
        let mut request = RefreshRequest { refresh_token: token.to_owned(), device: self.device.clone() };
        let answer = self.client.refresh_session(&request).await;
        request.refresh_token.zeroize();
        answer.map_err(|error| {
            let refused = error.is(code::REFRESH_INVALID) || error.class() == Some(ErrorClass::Unauthorized);
            if refused { Renewal::Over } else { Renewal::Failed(error.into()) }
        })
    }

    /// The person has activated this client.
    pub(crate) fn activated(&self) {
        self.presence.send_if_modified(|presence| {
            let visits = *presence == Presence::Visitor;
            if visits {
                *presence = Presence::In;
            }
            visits
        });
    }

    async fn take(&self, held: &mut Held, mut session: Session) {
        let presence = if session.activated { Presence::In } else { Presence::Visitor };
        self.client.set_session(Some(std::mem::take(&mut session.token)));
        self.era.fetch_add(1, Ordering::AcqRel);
        let token = session.refresh_token.take();
        let kept = match &token {
            Some(token) => {
                let service = Some(self.service().to_owned());
                self.save(Kept { refresh_token: token.clone(), service, person: session.person }).await
            }
            None => {
                self.forget_kept().await;
                false
            }
        };
        *held = Held { refresh: token.map(Zeroizing::new), kept, locked_away: false };
        self.presence.send_replace(presence);
    }

    async fn drop_session(&self, held: &mut Held) {
        *held = Held::default();
        self.client.set_session(None);
        self.era.fetch_add(1, Ordering::AcqRel);
        self.forget_kept().await;
    }

    /// Not kept means: sign in again next time. Nothing else is lost.
    async fn save(&self, kept: Kept) -> bool {
        let saved = keep::save(&self.secrets, &kept).await;
        saved.inspect_err(|problem| tracing::warn!(problem.detail, "the session cannot be kept")).is_ok()
    }

    async fn forget_kept(&self) {
        if let Err(problem) = self.secrets.forget(SESSION.to_owned()).await {
            tracing::warn!(problem.detail, "the kept session may still be there");
        }
    }
}
