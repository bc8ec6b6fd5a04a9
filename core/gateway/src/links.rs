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
    /// Tokens, the oldest first.
    order: VecDeque<String>,
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
        inner.targets.insert(token.clone(), (target, Instant::now() + life));
        inner.order.push_back(token.clone());
        while inner.order.len() > REMEMBERED {
            if let Some(oldest) = inner.order.pop_front() {
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
