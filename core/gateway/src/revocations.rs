//! News of a new PC, and the link by which its right ends at once.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use piaoxia_service::contract::Device;

use crate::activation;
use crate::app::App;
use crate::applications::slow_down;
use crate::failure::{Answer, Failure};
use crate::mails::Letter;
use crate::random;
use crate::state::Revocation;

/// Life of a link.
const LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

impl App {
    /// Tells a person by mail that a PC has signed in that was not hers before. Nobody without an address is told.
    pub(crate) async fn tell_of_new_pc(&self, person: &str, device: &Device) {
        let Some((name, email)) =
            self.book.read().persons.get(person).and_then(|person| Some((person.name.clone(), person.email.clone()?)))
        else {
            return;
        };
        let token = random::token();
        let link = Revocation { person: person.to_owned(), device: device.id.clone(), until: Timestamp::now() + LIFE };
        let hash = random::digest(&token);
        let kept = self
            .book
            .change(|state| {
                state.revocations.insert(hash, link);
                Ok(())
            })
            .await;
        let revoke_url = self.phone_urls(&format!("/p/revoke#{token}")).0;
        let letter = Letter::NewPc { device: device.name.clone(), person: name, revoke_url };
        let told = match kept {
            Ok(()) => self.post(&email, letter).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = told {
            tracing::warn!(error = %failure.error(), "the mail about a new PC could not be sent");
        }
    }

    /// Ends the right of the PC that a link names; gives its name.
    ///
    /// # Errors
    /// Not found; too many wrong links.
    pub(crate) async fn revoke(&self, peer: IpAddr, link: &str) -> Answer<String> {
        slow_down(&self.throttles.keys, peer)?;
        let hash = random::digest(link.trim());
        let ended = self
            .book
            .change(|state| {
                let known = state.revocations.get(&hash).filter(|link| link.until > Timestamp::now()).cloned();
                let link = known.ok_or_else(|| Failure::not_found("link"))?;
                state.revocations.remove(&hash);
                activation::unbind(state, &link.person, &link.device);
                let name = state.devices.get(&link.device).map(|device| device.name.clone()).unwrap_or_default();
                Ok((link, name))
            })
            .await;
        let (link, name) = ended.inspect_err(|_| self.throttles.keys.note(peer))?;
        self.sessions.end_binding(&link.person, &link.device);
        Ok(name)
    }
}
