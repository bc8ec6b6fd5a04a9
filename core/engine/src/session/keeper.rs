//! Holds the session: adopts it, renews it once for all who find it over, ends it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use piaoxia_service::Client;
use piaoxia_service::contract::{Device, ErrorClass, PersonInfo, RefreshRequest, Session, code};
use tokio::sync::watch;
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
    /// Of whoever changes the session. It is held while the service is asked.
    turn: tokio::sync::Mutex<()>,
    /// Never held over a wait: the vault is locked whatever the network does.
    held: Mutex<Held>,
    /// Goes up with each session, so that whoever finds the old one over does not renew the new one.
    era: AtomicU64,
    presence: watch::Sender<Presence>,
}

#[derive(Default)]
struct Held {
    token: Token,
    /// The vault was locked: what it has is not to be in memory as well.
    away: bool,
}

/// Where the refresh token is.
#[derive(Default)]
enum Token {
    /// There is none.
    #[default]
    Nowhere,
    /// In memory and in the vault.
    Both(Zeroizing<String>),
    /// In the vault alone.
    Vault,
    /// In memory alone: the vault has not taken it.
    Memory(Kept),
}

impl Token {
    fn in_memory(&self) -> Option<Zeroizing<String>> {
        match self {
            Self::Nowhere | Self::Vault => None,
            Self::Both(token) => Some(token.clone()),
            Self::Memory(kept) => Some(Zeroizing::new(kept.refresh_token.clone())),
        }
    }
}

impl Keeper {
    pub(crate) fn new(client: Client, device: Device, secrets: Secrets) -> Self {
        let (presence, _) = watch::channel(Presence::Out);
        let (turn, held) = (tokio::sync::Mutex::default(), Mutex::default());
        Self { client, device, secrets, turn, held, era: AtomicU64::new(0), presence }
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
        let _turn = self.turn.lock().await;
        self.take(session).await;
    }

    /// Signs in with the kept refresh token. Not to be cancelled: the successor of a used token would be lost.
    pub(crate) async fn restore(&self) -> Restored {
        let _turn = self.turn.lock().await;
        let kept = match keep::load(&self.secrets).await {
            // Of another service: kept for when the folder works with that one again.
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
                self.take(session).await;
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
        let _turn = self.turn.lock().await;
        if self.era() != seen {
            return Renewal::Fresh;
        }
        let token = match self.token().await {
            Ok(token) => token,
            Err(problem) => return Renewal::Failed(problem),
        };
        let asked = match token {
            Some(token) => match self.ask(&token).await {
                // The token stays: the service takes it again if only its answer was lost.
                Err(Renewal::Failed(problem)) => return Renewal::Failed(problem),
                other => other.ok(),
            },
            None => None,
        };
        match asked {
            Some(session) => {
                self.take(session).await;
                Renewal::Fresh
            }
            None => {
                self.drop_session().await;
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

    /// The token that renews the session; while the vault is locked it may be nowhere else.
    async fn token(&self) -> Result<Option<Zeroizing<String>>, Problem> {
        let (in_memory, vault_alone) = {
            let held = self.held();
            (held.token.in_memory(), matches!(held.token, Token::Vault))
        };
        if vault_alone { keep::load_token(&self.secrets).await } else { Ok(in_memory) }
    }

    /// The vault is locked: what it has too is forgotten here. The token that a renewal under way brings stays in memory, as the vault
    /// cannot take it.
    pub(crate) fn lock_away(&self) {
        let mut held = self.held();
        held.away = true;
        if matches!(held.token, Token::Both(_)) {
            held.token = Token::Vault;
        }
    }

    /// The vault is open: it is offered what it could not take while it was locked.
    pub(crate) async fn unlocked(&self) {
        self.held().away = false;
        let _turn = self.turn.lock().await;
        if let Some(kept) = self.not_kept() {
            let token = self.save(kept).await;
            self.put(token);
        }
    }

    fn not_kept(&self) -> Option<Kept> {
        match &self.held().token {
            Token::Memory(kept) => Some(kept.clone()),
            _ => None,
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
        let _turn = self.turn.lock().await;
        self.drop_session().await;
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

    async fn take(&self, mut session: Session) {
        let presence = if session.activated { Presence::In } else { Presence::Visitor };
        // Kept before its first call: from that on the service takes the token before it for stolen.
        let token = match session.refresh_token.take() {
            Some(refresh_token) => {
                let service = Some(self.service().to_owned());
                self.save(Kept { refresh_token, service, person: session.person }).await
            }
            None => {
                self.forget_kept().await;
                Token::Nowhere
            }
        };
        self.put(token);
        self.client.set_session(Some(std::mem::take(&mut session.token)));
        self.era.fetch_add(1, Ordering::AcqRel);
        self.presence.send_replace(presence);
    }

    async fn drop_session(&self) {
        self.put(Token::Nowhere);
        self.client.set_session(None);
        self.era.fetch_add(1, Ordering::AcqRel);
        self.forget_kept().await;
    }

    /// Not kept means: sign in again next time. Nothing else is lost.
    async fn save(&self, kept: Kept) -> Token {
        match keep::save(&self.secrets, &kept).await {
            Ok(()) => Token::Both(Zeroizing::new(kept.refresh_token.clone())),
            Err(problem) => {
                tracing::warn!(problem.detail, "the session cannot be kept");
                Token::Memory(kept)
            }
        }
    }

    fn put(&self, token: Token) {
        let mut held = self.held();
        held.token = match token {
            // Locked since the vault took it.
            Token::Both(_) if held.away => Token::Vault,
            token => token,
        };
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn forget_kept(&self) {
        if let Err(problem) = self.secrets.forget(SESSION.to_owned()).await {
            tracing::warn!(problem.detail, "the kept session may still be there");
        }
    }
}
