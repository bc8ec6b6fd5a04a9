//! 微信绑定: a QR that ties an account to a phone's owner, followed until it is decided.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_domain::AccountId;
use piaoxia_service::contract::{BindState, BindTicket, ErrorClass};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::event::{BindStep, Event};
use crate::outbox::Outbox;
use crate::services::Services;

/// How long after its end a QR is still asked for: the service is the one that says what became of it.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// The binding that is under way, at most one: the window shows one QR. Clones share it.
#[derive(Clone)]
pub(crate) struct Bindings {
    services: Services,
    outbox: Outbox,
    stop: Arc<Mutex<CancellationToken>>,
    /// 获取绑定结果 was pressed.
    look: Arc<Notify>,
}

impl Bindings {
    pub(crate) fn new(services: &Services, outbox: &Outbox) -> Self {
        Self { services: services.clone(), outbox: outbox.clone(), stop: Arc::default(), look: Arc::default() }
    }

    /// Gets a QR and follows it; the one before ends.
    pub(crate) fn begin(&self, account: AccountId) {
        let stop = self.outbox.stop().child_token();
        std::mem::replace(&mut *self.token(), stop.clone()).cancel();
        let (bindings, failed) = (self.clone(), account.clone());
        let on_panic = move |problem| Event::Binding { account: failed, step: BindStep::Failed(problem) };
        self.outbox.spawn(on_panic, async move {
            stop.run_until_cancelled(bindings.follow(account)).await;
        });
    }

    /// Looks at the binding now.
    pub(crate) fn look(&self) {
        self.look.notify_one();
    }

    /// Follows it no longer.
    pub(crate) fn stop(&self) {
        self.token().cancel();
    }

    fn token(&self) -> MutexGuard<'_, CancellationToken> {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(&self, account: AccountId) {
        let begun = Instant::now();
        match self.services.call(|| self.services.client().bind_account(&account)).await {
            Ok(ticket) => {
                let ends = begun + Duration::from_secs(ticket.expires_in) + AFTERWARDS;
                self.tell(&account, BindStep::Ticket(ticket.clone())).await;
                self.watch(&account, &ticket, ends).await;
            }
            Err(problem) => self.tell(&account, BindStep::Failed(problem)).await,
        }
    }

    async fn watch(&self, account: &AccountId, ticket: &BindTicket, ends: Instant) {
        let mut known = BindState::Pending;
        loop {
            let asked = tokio::time::timeout(self.services.pace().challenge, self.look.notified()).await.is_ok();
            let state = match self.services.call(|| self.services.client().bind_state(account, &ticket.id)).await {
                Ok(state) => state,
                Err(problem) if problem.is_transient() && Instant::now() < ends => continue,
                // A newer QR of the account has ended this one.
                Err(problem) if problem.is_transient() || problem.class() == Some(ErrorClass::NotFound) => BindState::Expired,
                Err(problem) => return self.tell(account, BindStep::Failed(problem)).await,
            };
            let over = !matches!(state, BindState::Pending | BindState::Scanned);
            if asked || state != known {
                known = state.clone();
                self.tell(account, BindStep::State(state)).await;
            }
            if over {
                return;
            }
        }
    }

    async fn tell(&self, account: &AccountId, step: BindStep) {
        self.outbox.send(Event::Binding { account: account.clone(), step }).await;
    }
}
