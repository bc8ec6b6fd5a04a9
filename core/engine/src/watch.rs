//! What happens at the service without this window's doing: challenges of sign-ins that were begun elsewhere, notices of
//! outages. Both are looked at from time to time while somebody is signed in, and told only when they have become others.

use std::time::Instant;

use piaoxia_service::SKEW;
use piaoxia_service::contract::{Challenge, Notice};

use crate::challenges::Challenges;
use crate::event::Event;
use crate::outbox::Outbox;
use crate::services::Services;
use crate::session::Presence;

/// What the window was told last.
#[derive(Default)]
struct Told {
    /// Of which session: another person's window knows nothing yet.
    era: u64,
    challenges: Option<Vec<Challenge>>,
    notices: Option<Vec<Notice>>,
    /// When the notices were looked at.
    looked: Option<Instant>,
}

/// Looks until the engine stops.
pub(crate) async fn watch(services: Services, challenges: Challenges, outbox: Outbox) {
    let stop = outbox.stop().clone();
    stop.run_until_cancelled(look(&services, &challenges, &outbox)).await;
}

/// Tells when this PC's clock becomes wrong, and when it is right again, as the answers of the service say.
pub(crate) async fn watch_clock(services: Services, outbox: Outbox) {
    let stop = outbox.stop().clone();
    let watching = async {
        let mut told = false;
        loop {
            let ahead = services.client().clock_ahead().unwrap_or_default();
            let wrong = ahead.abs() > SKEW;
            if wrong != told {
                told = wrong;
                outbox.send(Event::ClockAhead(ahead)).await;
            }
            tokio::time::sleep(services.pace().elsewhere).await;
        }
    };
    stop.run_until_cancelled(watching).await;
}

async fn look(services: &Services, challenges: &Challenges, outbox: &Outbox) {
    let mut presence = services.keeper().presence();
    let (mut told, mut woken) = (Told::default(), false);
    // The keeper outlives this task.
    while presence.wait_for(|now| *now == Presence::In).await.is_ok() {
        let era = services.keeper().era();
        if told.era != era {
            told = Told { era, ..Told::default() };
        }
        told.look_for_challenges(services, challenges, outbox).await;
        told.look_at_notices(services, outbox, woken).await;
        woken = tokio::time::timeout(services.pace().elsewhere, services.until_look_around()).await.is_ok();
    }
}

impl Told {
    async fn look_for_challenges(&mut self, services: &Services, challenges: &Challenges, outbox: &Outbox) {
        let Ok(all) = services.call(|| services.client().challenges()).await else { return };
        let now = challenges.not_shown(all);
        let same = |(a, b): (&Challenge, &Challenge)| a.id == b.id && a.account == b.account;
        let known = |told: &Vec<Challenge>| now.len() == told.len() && now.iter().zip(told).all(same);
        if !self.challenges.as_ref().is_some_and(known) {
            self.challenges = Some(now.clone());
            outbox.send(Event::Elsewhere(now)).await;
        }
    }

    /// Notices are an extra: without them everything still works.
    async fn look_at_notices(&mut self, services: &Services, outbox: &Outbox, woken: bool) {
        // A download that waits for a person wakes every few seconds: that is not for the notices.
        let pause = if woken { services.pace().elsewhere } else { services.pace().notices };
        let due = self.looked.is_none_or(|looked| looked.elapsed() >= pause);
        if !due {
            return;
        }
        self.looked = Some(Instant::now());
        let Ok(now) = services.call(|| services.client().notices()).await else { return };
        if self.notices.as_ref() != Some(&now) {
            self.notices = Some(now.clone());
            outbox.send(Event::Notices(now)).await;
        }
    }
}
