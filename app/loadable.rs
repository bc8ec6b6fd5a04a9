//! The state of something that is fetched.

use piaoxia_engine::Problem;

/// Something fetched. A refresh never blanks the screen: the last good value stays until a newer one is there.
#[derive(Clone, Debug)]
pub struct Loadable<T> {
    value: Option<T>,
    problem: Option<Problem>,
    asked: bool,
}

impl<T> Default for Loadable<T> {
    fn default() -> Self {
        Self { value: None, problem: None, asked: false }
    }
}

impl<T> Loadable<T> {
    /// The last good value.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Why the last fetch failed; none once one has worked.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// A fetch is under way.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.asked
    }

    /// True once nothing was ever asked: time to ask.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.asked && self.value.is_none() && self.problem.is_none()
    }

    /// Marks that a fetch has begun.
    pub fn ask(&mut self) {
        self.asked = true;
    }

    /// Takes the answer.
    pub fn answer(&mut self, result: Result<T, Problem>) {
        self.asked = false;
        match result {
            Ok(value) => {
                self.value = Some(value);
                self.problem = None;
            }
            Err(problem) => self.problem = Some(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_engine::problem::What;

    #[test]
    fn a_failed_refresh_keeps_the_last_value() {
        let mut list = Loadable::default();
        assert!(list.is_idle());
        list.ask();
        list.answer(Ok(7));
        list.ask();
        assert_eq!((list.value(), list.is_loading()), (Some(&7), true));
        list.answer(Err(Problem { what: What::Busy, subject: None, detail: String::new() }));
        assert_eq!(list.value(), Some(&7));
        assert_eq!(list.problem().unwrap().what, What::Busy);
        assert!(!list.is_idle());
    }
}
