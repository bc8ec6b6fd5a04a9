//! Who acts on a phone, and writing her down when she is new.

use crate::failure::{Answer, Failure};
use crate::random;
use crate::state::{Person, State};

/// Longest name of a person, characters.
pub(crate) const NAME_LENGTH: usize = 20;

/// Who confirms something.
pub(crate) struct Who {
    pub(crate) by: By,
    /// The WeChat account that the phone's browser was authorised for.
    pub(crate) openid: Option<String>,
}

/// What she is known by.
pub(crate) enum By {
    /// A person known by id.
    Id(String),
    /// Somebody new, with the secret that the browser will be known by.
    New {
        /// As typed.
        name: String,
        /// Secret.
        browser: String,
    },
}

impl State {
    /// Id of the person; somebody new is written down. Her WeChat account is noted where she has none and nobody else has it.
    ///
    /// # Errors
    /// Not found.
    pub(crate) fn meet(&mut self, who: Who) -> Answer<String> {
        let id = match who.by {
            By::Id(id) => id,
            By::New { name, browser } => {
                let id = random::id();
                self.persons.insert(id.clone(), Person::new(name, random::digest(&browser)));
                id
            }
        };
        let is_taken = who.openid.as_ref().is_some_and(|openid| self.person_of(openid).is_some());
        let person = self.persons.get_mut(&id).ok_or_else(|| Failure::not_found("person"))?;
        if person.openid.is_none() && !is_taken {
            person.openid = who.openid;
        }
        Ok(id)
    }

    /// The person of a WeChat account.
    pub(crate) fn person_of(&self, openid: &str) -> Option<(&String, &Person)> {
        self.persons.iter().find(|(_, person)| person.openid.as_deref() == Some(openid))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn new(name: &str, openid: &str) -> Who {
        Who { by: By::New { name: name.to_owned(), browser: "b".to_owned() }, openid: Some(openid.to_owned()) }
    }

    #[test]
    fn a_wechat_account_belongs_to_one_person_and_stays_hers() {
        let mut state = State::default();
        let first = state.meet(new("王芳", "oA")).unwrap();
        let second = state.meet(new("李明", "oA")).unwrap();
        assert_eq!(state.person_of("oA").unwrap().0, &first);
        let known = |id: &str, openid: &str| Who { by: By::Id(id.to_owned()), openid: Some(openid.to_owned()) };
        state.meet(known(&second, "oB")).unwrap();
        state.meet(known(&second, "oC")).unwrap();
        assert_eq!((state.person_of("oB").unwrap().0, state.person_of("oC").is_none()), (&second, true));
        assert!(state.meet(known("nobody", "oD")).is_err());
    }
}
