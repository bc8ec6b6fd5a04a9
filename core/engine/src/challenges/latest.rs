//! Which sign-in is the newest: what comes of one that was given up must not end one that was begun since.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::About;

/// Ids of the challenges that were shown last, of sign-ins that are not finished since. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Latest(Arc<Mutex<HashMap<About, String>>>);

impl Latest {
    /// A challenge of this sign-in was shown.
    pub(super) fn shown(&self, about: &About, id: &str) {
        self.lock().insert(about.clone(), id.to_owned());
    }

    /// The account is signed in.
    pub(super) fn finished(&self, about: &About) {
        self.lock().remove(about);
    }

    /// False when another challenge was shown after this one, or the account was signed in.
    pub(super) fn is(&self, about: &About, id: &str) -> bool {
        self.lock().get(about).is_some_and(|latest| latest == id)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<About, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_sign_in_is_known_from_one_that_was_given_up() {
        let about = |company: &str| About { company: company.to_owned(), account: None };
        let (latest, ours) = (Latest::default(), about("c"));
        latest.shown(&ours, "1");
        latest.shown(&about("d"), "2");
        assert!(latest.is(&ours, "1"), "the other one is another company's");
        latest.shown(&ours, "3");
        assert!(!latest.is(&ours, "1"), "begun again");
        latest.finished(&ours);
        assert!(!latest.is(&ours, "3"), "signed in");
    }
}
