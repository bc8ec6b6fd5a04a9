//! 微信绑定: tickets by which a phone's owner takes an account over, and the binding itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_domain::AccountId;
use piaoxia_service::contract::{AccountsAnswer, BindState, BindTicket, ErrorClass, code};
use piaoxia_wechat::Scene;

use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::random;

/// Life of a ticket.
const LIFE: Duration = Duration::from_secs(300);
/// How long a ticket is remembered after that, so that PC and phone are told what happened.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Tickets that may be alive at a time.
const ALIVE: usize = 1_000;

/// A ticket of one account.
struct Ticket {
    account: AccountId,
    expires: Instant,
    state: BindState,
    /// Its person has agreed, and the state is being written: nobody else decides it, and it is not told before.
    claimed: bool,
}

impl Ticket {
    /// Somebody may still decide it.
    fn is_open(&self) -> bool {
        !self.claimed && matches!(self.state(), BindState::Pending | BindState::Scanned)
    }

    fn state(&self) -> BindState {
        let open = matches!(self.state, BindState::Pending | BindState::Scanned) && !self.claimed;
        if open && Instant::now() >= self.expires { BindState::Expired } else { self.state.clone() }
    }
}

/// All tickets.
#[derive(Default)]
pub(crate) struct Bindings {
    all: Mutex<HashMap<String, Ticket>>,
}

impl Bindings {
    fn create(&self, account: &AccountId) -> Answer<String> {
        let now = Instant::now();
        let mut all = self.lock();
        all.retain(|_, ticket| now < ticket.expires + REMEMBERED);
        // A new QR ends the one before.
        all.retain(|_, ticket| ticket.account != *account || !matches!(ticket.state, BindState::Pending | BindState::Scanned));
        if all.values().filter(|ticket| now < ticket.expires).count() >= ALIVE {
            return Err(Failure::new(ErrorClass::Throttle, code::THROTTLED, "too many bindings are open").retry_after(LIFE.as_secs()));
        }
        let id = random::id();
        all.insert(id.clone(), Ticket { account: account.clone(), expires: now + LIFE, state: BindState::Pending, claimed: false });
        Ok(id)
    }

    /// The account of a ticket, and where it stands. None for an unknown one.
    pub(crate) fn look(&self, id: &str) -> Option<(AccountId, BindState)> {
        self.lock().get(id).map(|ticket| (ticket.account.clone(), ticket.state()))
    }

    /// The phone has the page open.
    pub(crate) fn scanned(&self, id: &str) {
        self.turn(id, BindState::Scanned);
    }

    /// The phone's owner refused.
    pub(crate) fn deny(&self, id: &str) {
        self.turn(id, BindState::Denied);
    }

    /// Moves an open ticket on.
    fn turn(&self, id: &str, state: BindState) {
        if let Some(ticket) = self.lock().get_mut(id).filter(|ticket| ticket.is_open()) {
            ticket.state = state;
        }
    }

    /// Takes an open ticket for its person; the account. None when it is not open.
    fn claim(&self, id: &str) -> Option<AccountId> {
        let mut all = self.lock();
        let ticket = all.get_mut(id).filter(|ticket| ticket.is_open())?;
        ticket.claimed = true;
        Some(ticket.account.clone())
    }

    /// Ends a claim: bound, or open again.
    fn finish(&self, id: &str, bound_to: Option<String>) {
        if let Some(ticket) = self.lock().get_mut(id) {
            ticket.claimed = false;
            ticket.state = bound_to.map_or(BindState::Scanned, |person| BindState::Bound { person });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Ticket>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// A QR that ties an account to a phone's owner.
    ///
    /// # Errors
    /// Not found; too many are open.
    pub(crate) async fn bind_ticket(&self, companies: &[String], account: &AccountId) -> Answer<BindTicket> {
        self.kept_account(companies, account)?;
        let id = self.bindings.create(account)?;
        let (qr_text, local_url) = self.qr_text(&Scene::Bind(id.clone()), &format!("/p/bind/{id}"), LIFE).await;
        Ok(BindTicket { id, qr_text, local_url, expires_in: LIFE.as_secs() })
    }

    /// What has become of a ticket.
    ///
    /// # Errors
    /// Not found, also for a ticket of another account.
    pub(crate) fn bind_state(&self, companies: &[String], account: &AccountId, ticket: &str) -> Answer<BindState> {
        self.kept_account(companies, account)?;
        let found = self.bindings.look(ticket).filter(|(of, _)| of == account);
        found.map(|(_, state)| state).ok_or_else(|| Failure::not_found("ticket"))
    }

    /// Ties the account of an open ticket to a person. False when the ticket is no longer open.
    ///
    /// # Errors
    /// The state cannot be written; the ticket can be used again then.
    pub(crate) async fn bind_by_ticket(&self, ticket: &str, person: &str) -> Answer<bool> {
        let name = self.book.read().persons.get(person).map(|person| person.name.clone()).ok_or_else(|| Failure::not_found("person"))?;
        let Some(account) = self.bindings.claim(ticket) else { return Ok(false) };
        // Told only once it is written: whoever is told looks at the account at once.
        let bound = self.set_binding(&account, Some(person)).await;
        self.bindings.finish(ticket, bound.is_ok().then_some(name));
        bound.map(|()| true)
    }

    /// Ends the binding of an account.
    ///
    /// # Errors
    /// Not found; the state cannot be written.
    pub(crate) async fn unbind_account(&self, companies: &[String], account: &AccountId) -> Answer<AccountsAnswer> {
        let kept = self.kept_account(companies, account)?;
        self.set_binding(account, None).await?;
        Ok(self.accounts_answer(&kept.company))
    }

    /// Ties an account to a person, or to nobody.
    ///
    /// # Errors
    /// Not found; the state cannot be written.
    pub(crate) async fn set_binding(&self, account: &AccountId, person: Option<&str>) -> Answer<()> {
        self.book
            .change(|state| {
                let kept = state.accounts.iter_mut().find(|kept| kept.account.id == *account);
                kept.ok_or_else(|| Failure::not_found("account"))?.bound_to = person.map(str::to_owned);
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_ticket_is_used_once_and_a_new_one_ends_the_old() {
        let bindings = Bindings::default();
        let account = AccountId("a".to_owned());
        let first = bindings.create(&account).unwrap();
        let second = bindings.create(&account).unwrap();
        assert!(bindings.look(&first).is_none());
        bindings.scanned(&second);
        assert_eq!(bindings.look(&second).unwrap().1, BindState::Scanned);
        let bound = BindState::Bound { person: "王芳".to_owned() };
        assert_eq!(bindings.claim(&second), Some(account));
        bindings.deny(&second);
        assert_eq!(bindings.look(&second).unwrap().1, BindState::Scanned, "not told before it is written");
        assert!(bindings.claim(&second).is_none(), "one person alone");
        bindings.finish(&second, Some("王芳".to_owned()));
        bindings.deny(&second);
        bindings.scanned(&second);
        assert_eq!(bindings.look(&second).unwrap().1, bound);
    }
}
