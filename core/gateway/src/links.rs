//! Links to originals: a random token that is worth one file for five minutes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piaoxia_domain::InvoiceKey;
use piaoxia_domain::invoice::Format;
use piaoxia_service::contract::{ErrorClass, code};

use crate::failure::{Answer, Failure};
use crate::random;

/// Links that are remembered; far more than a program fetches in five minutes.
const REMEMBERED: usize = 100_000;
/// Lives of a link for which an expired one is remembered, so that whoever follows it is told why it leads nowhere.
const LIVES: u32 = 2;

/// What a link leads to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Company id.
    pub(crate) company: String,
    pub(crate) key: InvoiceKey,
    pub(crate) format: Format,
    /// File name for a browser.
    pub(crate) name: String,
}

/// The links that were handed out lately.
pub(crate) struct Links {
    life: Duration,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    targets: HashMap<String, (Target, Instant)>,
    /// Tokens and when they were made, the oldest first.
    order: VecDeque<(String, Instant)>,
}

impl Links {
    pub(crate) fn new(life: Duration) -> Self {
        Self { life, inner: Mutex::default() }
    }

    /// A fresh token and the end of its life; an `expired` one is over when it is made.
    pub(crate) fn hand_out(&self, target: Target, expired: bool) -> (String, Timestamp) {
        let life = if expired { Duration::ZERO } else { self.life };
        let token = random::id();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        inner.targets.insert(token.clone(), (target, now + life));
        inner.order.push_back((token.clone(), now));
        while inner.order.len() > REMEMBERED || inner.order.front().is_some_and(|(_, made)| now - *made > self.life * LIVES) {
            if let Some((oldest, _)) = inner.order.pop_front() {
                inner.targets.remove(&oldest);
            }
        }
        (token, Timestamp::now().checked_add(life).unwrap_or(Timestamp::MAX))
    }

    /// What a token leads to.
    ///
    /// # Errors
    /// `file.linkExpired`, or not found for a token that nobody handed out.
    pub(crate) fn follow(&self, token: &str) -> Answer<Target> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (target, ends) = inner.targets.get(token).ok_or_else(|| Failure::not_found("file"))?;
        if Instant::now() >= *ends {
            return Err(Failure::new(ErrorClass::LinkExpired, code::LINK_EXPIRED, "the link is older than five minutes"));
        }
        Ok(target.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_nobody_can_follow_any_more_is_forgotten() {
        let target =
            || Target { company: "c".to_owned(), key: "26312000000012345678".parse().unwrap(), format: Format::Xml, name: String::new() };
        let links = Links::new(Duration::from_millis(20));
        let (first, _) = links.hand_out(target(), false);
        assert_eq!(links.follow(&first).unwrap().company, "c");
        std::thread::sleep(Duration::from_millis(30));
        links.hand_out(target(), false);
        assert_eq!(links.follow(&first).unwrap_err().code(), code::LINK_EXPIRED);
        std::thread::sleep(Duration::from_millis(30));
        links.hand_out(target(), false);
        assert_ne!(links.follow(&first).unwrap_err().code(), code::LINK_EXPIRED);
        assert_eq!(links.inner.lock().unwrap().targets.len(), 2);
    }
}
