//! Login tickets: the states between the PC's QR and the phone's confirmation.
//!
//! A ticket is approved once and its session handed out once, to the holder of the PC's verifier alone (RFC 7636); the
//! phone types the number that the PC shows (number matching), so that a relayed QR approves nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piaoxia_service::contract::{Device, ErrorClass, TicketRequest, code};
use tokio::sync::watch;

use crate::failure::{Answer, Failure};
use crate::random;

/// Wrong numbers after which a ticket is denied.
const WRONG_NUMBERS: u32 = 3;
/// Tickets that may be alive at a time.
const ALIVE: usize = 1_000;
/// How long an expired ticket is remembered, so that its PC and phone are told what happened.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Where a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// 等待扫码.
    Pending,
    /// 已扫码.
    Scanned,
    /// The right number was typed; the person is being written down.
    Claimed,
    /// 已确认; the session waits for the PC.
    Confirmed { person: String },
    /// 已拒绝.
    Denied,
    /// The PC has its session.
    Used,
    /// 已过期.
    Expired,
}

/// What the phone page shows of a ticket.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) phase: Phase,
    pub(crate) device: Device,
    pub(crate) created_at: Timestamp,
    /// Where the PC's request came from.
    pub(crate) peer: IpAddr,
}

/// What the PC is told.
pub(crate) enum Look {
    /// Nothing to hand out yet, or ever.
    Standing(Phase),
    /// Hand out the session now; the ticket is used up, unless it is given back by [`Tickets::give_back`].
    Session { person: String, device: Device, keep_signed_in: bool },
}

/// What a typed number did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Right: finish with [`Tickets::confirm`] or [`Tickets::release`].
    Right,
    /// Wrong, with tries left.
    Wrong { left: u32 },
    /// It is too late for this.
    Over(Phase),
}

struct Ticket {
    request: TicketRequest,
    number: String,
    created_at: Timestamp,
    expires: Instant,
    peer: IpAddr,
    wrong: u32,
    phase: Phase,
    changed: watch::Sender<()>,
}

impl Ticket {
    fn phase(&self) -> Phase {
        let open = !matches!(self.phase, Phase::Denied | Phase::Used | Phase::Expired);
        if open && Instant::now() >= self.expires { Phase::Expired } else { self.phase.clone() }
    }

    fn turn(&mut self, phase: Phase) {
        self.phase = phase;
        self.changed.send_replace(());
    }
}

/// All tickets of a gateway.
pub(crate) struct Tickets {
    life: Duration,
    all: Mutex<HashMap<String, Ticket>>,
}

impl Tickets {
    pub(crate) fn new(life: Duration) -> Self {
        Self { life, all: Mutex::new(HashMap::new()) }
    }

    /// Makes a ticket: its id and its number.
    ///
    /// # Errors
    /// Too many are alive.
    pub(crate) fn create(&self, request: TicketRequest, peer: IpAddr) -> Answer<(String, String)> {
        let now = Instant::now();
        let mut all = self.lock();
        all.retain(|_, ticket| now < ticket.expires + REMEMBERED);
        if all.values().filter(|ticket| now < ticket.expires).count() >= ALIVE {
            return Err(Failure::new(ErrorClass::Throttle, code::THROTTLED, "too many tickets are open").retry_after(self.life.as_secs()));
        }
        let (id, number) = (random::id(), random::three_digits());
        let ticket = Ticket {
            request,
            number: number.clone(),
            created_at: Timestamp::now(),
            expires: now + self.life,
            peer,
            wrong: 0,
            phase: Phase::Pending,
            changed: watch::Sender::new(()),
        };
        all.insert(id.clone(), ticket);
        Ok((id, number))
    }

    /// What the PC sees, and a receiver that tells of the next change. Confirmed: the session is handed out by this call.
    ///
    /// # Errors
    /// Not found, for an unknown ticket and for a wrong verifier alike.
    pub(crate) fn look(&self, id: &str, verifier: &str) -> Answer<(Look, watch::Receiver<()>, Instant)> {
        let mut all = self.lock();
        let ticket = all
            .get_mut(id)
            .filter(|ticket| random::same(&ticket.request.challenge, &random::s256(verifier)))
            .ok_or_else(|| Failure::not_found("ticket"))?;
        let look = match ticket.phase() {
            Phase::Confirmed { person } => {
                ticket.turn(Phase::Used);
                Look::Session { person, device: ticket.request.device.clone(), keep_signed_in: ticket.request.keep_signed_in }
            }
            phase => Look::Standing(phase),
        };
        Ok((look, ticket.changed.subscribe(), ticket.expires))
    }

    /// What the phone sees.
    pub(crate) fn view(&self, id: &str) -> Option<View> {
        let all = self.lock();
        let ticket = all.get(id)?;
        Some(View { phase: ticket.phase(), device: ticket.request.device.clone(), created_at: ticket.created_at, peer: ticket.peer })
    }

    /// The phone has the page open.
    pub(crate) fn scanned(&self, id: &str) {
        if let Some(ticket) = self.lock().get_mut(id).filter(|ticket| ticket.phase() == Phase::Pending) {
            ticket.turn(Phase::Scanned);
        }
    }

    /// The phone's user typed the number and agreed. None for an unknown ticket.
    pub(crate) fn claim(&self, id: &str, number: &str) -> Option<Typed> {
        let mut all = self.lock();
        let ticket = all.get_mut(id)?;
        let phase = ticket.phase();
        if !matches!(phase, Phase::Pending | Phase::Scanned) {
            return Some(Typed::Over(phase));
        }
        if random::same(&ticket.number, number) {
            ticket.turn(Phase::Claimed);
            return Some(Typed::Right);
        }
        ticket.wrong += 1;
        if ticket.wrong >= WRONG_NUMBERS {
            ticket.turn(Phase::Denied);
            return Some(Typed::Over(Phase::Denied));
        }
        ticket.turn(Phase::Scanned);
        Some(Typed::Wrong { left: WRONG_NUMBERS - ticket.wrong })
    }

    /// Ends a claim: the person is known.
    pub(crate) fn confirm(&self, id: &str, person: String) {
        self.end_claim(id, Phase::Confirmed { person });
    }

    /// Ends a claim: the person could not be written down, the phone may try again.
    pub(crate) fn release(&self, id: &str) {
        self.end_claim(id, Phase::Scanned);
    }

    /// The session could not be opened: the PC may ask for it again.
    pub(crate) fn give_back(&self, id: &str, person: String) {
        if let Some(ticket) = self.lock().get_mut(id).filter(|ticket| ticket.phase == Phase::Used) {
            ticket.turn(Phase::Confirmed { person });
        }
    }

    fn end_claim(&self, id: &str, phase: Phase) {
        if let Some(ticket) = self.lock().get_mut(id).filter(|ticket| ticket.phase == Phase::Claimed) {
            ticket.turn(phase);
        }
    }

    /// The phone's user refused. Gives what the ticket was before; none when there is no such ticket.
    pub(crate) fn deny(&self, id: &str) -> Option<Phase> {
        let mut all = self.lock();
        let ticket = all.get_mut(id)?;
        let before = ticket.phase();
        if matches!(before, Phase::Pending | Phase::Scanned) {
            ticket.turn(Phase::Denied);
        }
        Some(before)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Ticket>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use std::net::Ipv4Addr;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn ticket(tickets: &Tickets) -> (String, String) {
        let device = Device { id: "d".repeat(32), name: "财务室".to_owned(), version: "0.1.0".to_owned() };
        let request = TicketRequest { device, challenge: random::s256(VERIFIER), keep_signed_in: false };
        tickets.create(request, Ipv4Addr::LOCALHOST.into()).unwrap()
    }

    fn other(number: &str) -> String {
        format!("{:03}", (number.parse::<u32>().unwrap() + 1) % 1000)
    }

    fn phase(tickets: &Tickets, id: &str) -> Phase {
        tickets.view(id).unwrap().phase
    }

    #[test]
    fn a_ticket_is_approved_once_and_gives_one_session() {
        let tickets = Tickets::new(Duration::from_secs(60));
        let (id, number) = ticket(&tickets);
        tickets.scanned(&id);
        assert_eq!(tickets.claim(&id, &number), Some(Typed::Right));
        assert_eq!(tickets.claim(&id, &number), Some(Typed::Over(Phase::Claimed)), "no second approval");
        tickets.confirm(&id, "p".to_owned());
        assert!(tickets.look(&id, "someone else's").is_err());
        assert!(matches!(tickets.look(&id, VERIFIER).unwrap().0, Look::Session { person, .. } if person == "p"));
        assert!(matches!(tickets.look(&id, VERIFIER).unwrap().0, Look::Standing(Phase::Used)));
        assert_eq!(tickets.claim(&id, &number), Some(Typed::Over(Phase::Used)));
        assert_eq!(tickets.deny(&id), Some(Phase::Used));
        tickets.give_back(&id, "p".to_owned());
        assert!(matches!(tickets.look(&id, VERIFIER).unwrap().0, Look::Session { person, .. } if person == "p"), "it had not arrived");
        assert!(matches!(tickets.look(&id, VERIFIER).unwrap().0, Look::Standing(Phase::Used)));
    }

    #[test]
    fn three_wrong_numbers_deny() {
        let tickets = Tickets::new(Duration::from_secs(60));
        let (id, number) = ticket(&tickets);
        assert_eq!(tickets.claim(&id, &other(&number)), Some(Typed::Wrong { left: 2 }));
        assert_eq!(phase(&tickets, &id), Phase::Scanned);
        assert_eq!(tickets.claim(&id, ""), Some(Typed::Wrong { left: 1 }));
        assert_eq!(tickets.claim(&id, &other(&number)), Some(Typed::Over(Phase::Denied)));
        assert_eq!(tickets.claim(&id, &number), Some(Typed::Over(Phase::Denied)));
    }

    /// A QR that an attacker relays to ten thousand victims, each of whom types blindly what the attacker says: three tries in a
    /// thousand numbers.
    #[test]
    fn a_relayed_qr_is_hardly_ever_approved() {
        let tickets = Tickets::new(Duration::from_secs(60));
        let approved = (0..10_000).filter(|_| {
            tickets.lock().clear();
            let (id, _) = ticket(&tickets);
            let hit = ["000", "123", "888"].iter().any(|guess| tickets.claim(&id, guess) == Some(Typed::Right));
            hit || tickets.claim(&id, "555") == Some(Typed::Right)
        });
        // Expected 30; above 60 is less likely than one in a million.
        assert!(approved.count() <= 60);
    }

    #[test]
    fn an_expired_ticket_does_nothing() {
        let tickets = Tickets::new(Duration::ZERO);
        let (id, number) = ticket(&tickets);
        tickets.scanned(&id);
        assert_eq!(tickets.claim(&id, &number), Some(Typed::Over(Phase::Expired)));
        assert_eq!(tickets.deny(&id), Some(Phase::Expired));
        assert_eq!(phase(&tickets, &id), Phase::Expired);
    }

    #[test]
    fn a_refusal_and_a_failed_claim() {
        let tickets = Tickets::new(Duration::from_secs(60));
        let (id, number) = ticket(&tickets);
        tickets.claim(&id, &number).unwrap();
        tickets.release(&id);
        assert_eq!(phase(&tickets, &id), Phase::Scanned);
        assert_eq!(tickets.deny(&id), Some(Phase::Scanned));
        tickets.confirm(&id, "p".to_owned());
        assert_eq!(phase(&tickets, &id), Phase::Denied, "only a claim can be confirmed");
        assert_eq!(tickets.claim("unknown", &number), None);
    }
}
