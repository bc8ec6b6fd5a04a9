//! Signing in by QR.

use std::time::Duration;

use piaoxia_service::Verifier;
use piaoxia_service::contract::{LoginTicket, PersonInfo, PollRequest, Session, TicketRequest, TicketState};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::event::SignInStep;
use crate::observe::Observe;
use crate::problem::Problem;
use crate::services::Services;
use crate::session::Restored;

/// Who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: PersonInfo,
    /// The activation page is not needed.
    pub activated: bool,
    /// The service is the sandbox.
    pub sandbox: bool,
}

/// How a ticket ended.
enum End {
    Confirmed(Session),
    Denied,
    Expired,
    /// The service knows the ticket no more.
    Lost(Problem),
}

/// Signs in with the session that was kept (30 天免登录). None when there is none, or when the service has ended it.
///
/// # Errors
/// The service could not be asked.
pub async fn restore(services: &Services) -> Result<Option<SignedIn>, Problem> {
    match services.restore().await {
        Restored::In { person, activated } => {
            let sandbox = services.call(|| services.client().session()).await?.sandbox;
            Ok(Some(SignedIn { person, activated, sandbox }))
        }
        Restored::Nothing | Restored::Over => Ok(None),
        Restored::Failed(problem) => Err(problem),
    }
}

/// Shows QRs until one is confirmed: a new one when one expires, and when the network comes back. None when the phone
/// said no, or `stop` was called before it said yes.
pub async fn sign_in(
    services: &Services,
    keep_signed_in: bool,
    mut steps: impl Observe<SignInStep>,
    stop: &CancellationToken,
) -> Option<SignedIn> {
    let mut lost = 0;
    loop {
        let session = stop.run_until_cancelled(confirmed(services, keep_signed_in, &mut lost, &mut steps)).await.flatten()?;
        // The service hands a session over once: whoever stops now is signed in all the same, unless the service is gone.
        match enter(services, session, &mut steps, stop).await {
            Ok(signed_in) => return Some(signed_in),
            Err(problem) => stop.run_until_cancelled(back_off(services, problem, &mut lost, &mut steps)).await?,
        }
    }
}

/// The session of the first QR that a phone confirms; none when it said no.
async fn confirmed(services: &Services, keep_signed_in: bool, lost: &mut u32, steps: &mut impl Observe<SignInStep>) -> Option<Session> {
    loop {
        steps.observe(SignInStep::Asking).await;
        let verifier = Verifier::random();
        let ticket = ask_ticket(services, keep_signed_in, &verifier, steps).await;
        match watch_ticket(services, &ticket, &verifier, steps).await {
            End::Confirmed(session) => return Some(session),
            End::Denied => {
                steps.observe(SignInStep::Denied).await;
                return None;
            }
            End::Expired => {
                *lost = 0;
                steps.observe(SignInStep::Expired).await;
            }
            End::Lost(problem) => back_off(services, problem, lost, steps).await,
        }
    }
}

async fn ask_ticket(services: &Services, keep_signed_in: bool, verifier: &Verifier, steps: &mut impl Observe<SignInStep>) -> LoginTicket {
    let request = TicketRequest { device: services.keeper().device().clone(), challenge: verifier.challenge(), keep_signed_in };
    let mut failures = 0;
    loop {
        match services.client().create_ticket(&request).await {
            Ok(ticket) => return ticket,
            Err(error) => back_off(services, error.into(), &mut failures, steps).await,
        }
    }
}

/// Polls a ticket to its end. A network that breaks in between costs no ticket that is still good.
async fn watch_ticket(services: &Services, ticket: &LoginTicket, verifier: &Verifier, steps: &mut impl Observe<SignInStep>) -> End {
    let expires = Instant::now() + Duration::from_secs(ticket.expires_in);
    let mut known = TicketState::Pending.name();
    let mut failures = 0;
    steps.observe(SignInStep::Ticket(ticket.clone())).await;
    loop {
        let request = PollRequest { verifier: verifier.expose().to_owned(), known: known.to_owned() };
        let Ok(answer) = tokio::time::timeout_at(expires, services.client().poll_ticket(&ticket.id, &request)).await else {
            return End::Expired;
        };
        match answer {
            Ok(TicketState::Confirmed { session }) => return End::Confirmed(session),
            Ok(TicketState::Denied) => return End::Denied,
            Ok(TicketState::Expired) => return End::Expired,
            Ok(state) => {
                if failures > 0 {
                    failures = 0;
                    known = TicketState::Pending.name();
                    steps.observe(SignInStep::Ticket(with_time_left(ticket, expires))).await;
                }
                if matches!(state, TicketState::Scanned) && known != state.name() {
                    steps.observe(SignInStep::Scanned).await;
                }
                known = state.name();
            }
            Err(error) if error.is_transient() => back_off(services, error.into(), &mut failures, steps).await,
            Err(error) => return End::Lost(error.into()),
        }
    }
}

fn with_time_left(ticket: &LoginTicket, expires: Instant) -> LoginTicket {
    LoginTicket { expires_in: expires.saturating_duration_since(Instant::now()).as_secs(), ..ticket.clone() }
}

async fn enter(
    services: &Services,
    session: Session,
    steps: &mut impl Observe<SignInStep>,
    stop: &CancellationToken,
) -> Result<SignedIn, Problem> {
    let (person, activated) = (session.person.clone(), session.activated);
    services.keeper().adopt(session).await;
    match is_sandbox(services, steps, stop).await {
        Ok(sandbox) => Ok(SignedIn { person, activated, sandbox }),
        Err(problem) => {
            services.keeper().leave().await;
            Err(problem)
        }
    }
}

/// Whether the service is the sandbox: nobody may take the sandbox for the real thing, so the answer is waited for, until `stop`
/// is called.
///
/// # Errors
/// The service does not say it, and nobody is to take it for either.
pub(crate) async fn is_sandbox(
    services: &Services,
    steps: &mut impl Observe<SignInStep>,
    stop: &CancellationToken,
) -> Result<bool, Problem> {
    let mut failures = 0;
    loop {
        match services.call(|| services.client().session()).await {
            Ok(who) => return Ok(who.sandbox),
            Err(problem) if problem.is_transient() && !stop.is_cancelled() => {
                stop.run_until_cancelled(back_off(services, problem, &mut failures, steps)).await;
            }
            Err(problem) => {
                tracing::warn!(%problem.detail, "the service does not say who is signed in");
                return Err(problem);
            }
        }
    }
}

pub(crate) async fn back_off(services: &Services, problem: Problem, failures: &mut u32, steps: &mut impl Observe<SignInStep>) {
    *failures += 1;
    let asked = problem.api().and_then(|error| error.retry_after).map(Duration::from_secs);
    let pause = asked.unwrap_or_else(|| services.pace().pause(*failures));
    steps.observe(SignInStep::Failed { problem, retry_in: pause.as_secs_f32().ceil() as u64 }).await;
    tokio::time::sleep(pause).await;
}
