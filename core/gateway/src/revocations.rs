//! News of a new PC, and the link by which its right ends at once.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use piaoxia_mail::{NewPc, new_pc};
use piaoxia_service::contract::code;

use crate::activation;
use crate::app::App;
use crate::applications::slow_down;
use crate::failure::{Answer, Failure};
use crate::mails::unsent;
use crate::random;
use crate::state::Revocation;
use crate::tickets::View;

/// Life of a link.
const LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

impl App {
    /// Tells a person by mail that a PC has signed in that was not hers before. Nobody without an address is told.
    pub(crate) async fn tell_of_new_pc(&self, person: &str, pc: &View) {
        let Some((name, email)) =
            self.book.read().persons.get(person).and_then(|person| Some((person.name.clone(), person.email.clone()?)))
        else {
            return;
        };
        let token = random::token();
        let link = Revocation { person: person.to_owned(), device: pc.device.id.clone(), until: Timestamp::now() + LIFE };
        let hash = random::digest(&token);
        let kept = self
            .book
            .change(|state| {
                state.revocations.insert(hash, link);
                Ok(())
            })
            .await;
        let letter = NewPc {
            to: &email,
            person: &name,
            pc: if pc.device.name.is_empty() { "未命名的电脑" } else { &pc.device.name },
            version: if pc.device.version.is_empty() { "未知" } else { &pc.device.version },
            address: &pc.peer.to_string(),
            at: pc.created_at,
            revoke_page: &self.phone_urls(&format!("/p/revoke#{token}")).0,
        };
        let told = match (kept, new_pc(&letter)) {
            (Ok(()), Ok(mail)) => self.post(mail, None).await,
            (Err(failure), _) => Err(failure),
            (_, Err(error)) => Err(unsent(error)),
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
        let (link, name) = ended.inspect_err(|failure| {
            // Only an unknown link counts as a guess, not a fault of the disk.
            if failure.code() == code::NOT_FOUND {
                self.throttles.keys.note(peer);
            }
        })?;
        self.sessions.end_binding(&link.person, &link.device);
        Ok(name)
    }
}
