//! Signing in and out, activation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::Desk;
use crate::accounts;
use crate::command::Command;
use crate::event::{Event, SignInStep, SignedOutBecause};
use crate::observe::AsEvent;
use crate::outbox::Outbox;
use crate::problem::{NetworkFault, Problem, What};
use crate::services::Services;
use crate::session::{Restored, SignedIn, back_off, is_sandbox, sign_in};

/// How long 退出登录 waits for the service; the session here ends in any case.
const SIGN_OUT: Duration = Duration::from_secs(5);

/// Whether phones are let in. Opening takes its time, and the user may change her mind meanwhile.
#[derive(Default)]
pub(super) struct Phones {
    /// What was wished last.
    wanted: AtomicBool,
    /// Of whoever opens or closes.
    turn: Mutex<()>,
}

impl Desk {
    pub(super) fn session(&mut self, command: Command) {
        match command {
            Command::StartSignIn { keep_signed_in } => self.start_sign_in(keep_signed_in),
            Command::StopSignIn => self.sign_in.cancel(),
            Command::RestoreSession => self.restore(),
            Command::Activate { code } => {
                let services = self.services.clone();
                let work = async move { accounts::activate(&services, &code).await };
                self.answer(work, |result| match result {
                    Ok(companies) => Event::Activated(companies),
                    Err(problem) => Event::ActivationFailed(problem),
                });
            }
            Command::SignOut => {
                self.sign_in.cancel();
                self.outbox.spawn_plain(leave(self.services.clone(), self.outbox.clone()));
            }
            Command::Unbind => {
                self.sign_in.cancel();
                self.outbox.spawn_plain(unbind(self.services.clone(), self.outbox.clone()));
            }
            Command::AllowPhones(allow) => self.allow_phones(allow),
            _ => {}
        }
    }

    /// The token of a new sign-in; one that is under way ends.
    fn fresh_sign_in(&mut self) -> CancellationToken {
        self.sign_in.cancel();
        self.sign_in = self.outbox.stop().child_token();
        self.sign_in.clone()
    }

    fn start_sign_in(&mut self, keep_signed_in: bool) {
        let stop = self.fresh_sign_in();
        let (services, outbox) = (self.services.clone(), self.outbox.clone());
        self.outbox.spawn_plain(async move {
            let steps = AsEvent::new(&outbox, Event::SignIn);
            if let Some(signed_in) = sign_in(&services, keep_signed_in, steps, &stop).await {
                outbox.send(event_of(signed_in)).await;
            }
        });
    }

    fn restore(&mut self) {
        let stop = self.fresh_sign_in();
        let (services, outbox) = (self.services.clone(), self.outbox.clone());
        self.outbox.spawn_plain(async move {
            if let Some(event) = stop.run_until_cancelled(restored(&services, &outbox)).await {
                outbox.send(event).await;
            }
        });
    }

    fn allow_phones(&self, allow: bool) {
        let (gateway, phones) = (self.outside.gateway.clone(), Arc::clone(&self.phones));
        phones.wanted.store(allow, Ordering::Release);
        let work = async move {
            let Some(gateway) = gateway else { return Ok(Vec::new()) };
            // Tasks begin in any order: whichever comes to its turn does what was wished last.
            let _turn = phones.turn.lock().await;
            let allow = phones.wanted.load(Ordering::Acquire);
            phone_pages(gateway.allow_phones(allow).await, allow)
        };
        self.answer(work, |result| result.map_or_else(Event::Failed, Event::Phones));
    }
}

/// Phones that are allowed and find no address are told of: nothing was opened.
fn phone_pages(answer: Result<Vec<String>, String>, allow: bool) -> Result<Vec<String>, Problem> {
    match answer {
        Ok(addresses) if allow && addresses.is_empty() => {
            Err(Problem::new(What::Network(NetworkFault::NoLan), "this PC has no address that a phone could reach"))
        }
        answer => answer.map_err(|error| Problem::new(What::Internal, error)),
    }
}

fn event_of(signed_in: SignedIn) -> Event {
    Event::SignedIn { person: signed_in.person, activated: signed_in.activated, sandbox: signed_in.sandbox }
}

async fn restored(services: &Services, outbox: &Outbox) -> Event {
    let mut steps = AsEvent::<SignInStep>::new(outbox, Event::SignIn);
    let mut failures = 0;
    loop {
        match services.restore().await {
            Restored::Nothing => return Event::SignedOut(SignedOutBecause::NeverSignedIn),
            Restored::Over => return Event::SignedOut(SignedOutBecause::Ended),
            Restored::In { person, activated } => match is_sandbox(services, &mut steps, outbox.stop()).await {
                Ok(sandbox) => return event_of(SignedIn { person, activated, sandbox }),
                Err(problem) => {
                    // What is kept stays for the next try.
                    services.keeper().step_out();
                    back_off(services, problem, &mut failures, &mut steps).await;
                }
            },
            Restored::Failed(problem) => back_off(services, problem, &mut failures, &mut steps).await,
        }
    }
}

async fn leave(services: Services, outbox: Outbox) {
    // First here, so that no task takes the end of the session for an accident.
    services.keeper().step_out();
    match tokio::time::timeout(SIGN_OUT, services.client().sign_out()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the service could not be told; its session ends within 12 hours"),
        Err(_) => tracing::warn!("the service could not be told; its session ends within 12 hours"),
    }
    services.keeper().leave().await;
    outbox.send(Event::SignedOut(SignedOutBecause::Asked)).await;
}

async fn unbind(services: Services, outbox: Outbox) {
    services.keeper().step_out();
    match services.call(|| services.client().unbind()).await {
        Ok(()) => {
            services.keeper().leave().await;
            outbox.send(Event::SignedOut(SignedOutBecause::Unbound)).await;
        }
        // The right is the service's to take: as long as it does not say so, nothing has changed.
        Err(problem) => {
            services.keeper().step_in();
            outbox.send(Event::Failed(problem)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_that_no_network_leads_here_are_told_of() {
        let no_lan = phone_pages(Ok(Vec::new()), true);
        assert!(no_lan.is_err_and(|problem| problem.what == What::Network(NetworkFault::NoLan)));
        assert_eq!(phone_pages(Ok(Vec::new()), false), Ok(Vec::new()), "closed");
        let open = vec!["http://192.168.1.4:80".to_owned()];
        assert_eq!(phone_pages(Ok(open.clone()), true), Ok(open));
    }
}
