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
}

impl Ticket {
    fn state(&self) -> BindState {
        let open = matches!(self.state, BindState::Pending | BindState::Scanned);
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
        all.insert(id.clone(), Ticket { account: account.clone(), expires: now + LIFE, state: BindState::Pending });
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

    /// Moves an open ticket on; true when it was open.
    fn turn(&self, id: &str, state: BindState) -> bool {
        let mut all = self.lock();
        let open = all.get_mut(id).filter(|ticket| matches!(ticket.state(), BindState::Pending | BindState::Scanned));
        open.map(|ticket| ticket.state = state).is_some()
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
        let Some((account, _)) = self.bindings.look(ticket) else { return Ok(false) };
        if !self.bindings.turn(ticket, BindState::Bound { person: name }) {
            return Ok(false);
        }
        let bound = self.set_binding(&account, Some(person)).await;
        if bound.is_err() {
            let mut all = self.bindings.lock();
            if let Some(ticket) = all.get_mut(ticket) {
                ticket.state = BindState::Scanned;
            }
        }
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
        assert!(bindings.turn(&second, bound.clone()));
        bindings.deny(&second);
        bindings.scanned(&second);
        assert_eq!(bindings.look(&second).unwrap().1, bound);
    }
}
