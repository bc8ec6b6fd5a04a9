//! Companies and outage notices.

use piaoxia_engine::{Command, Event};

use crate::state::State;

impl State {
    pub(super) fn on_companies(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Companies(result) => {
                self.companies.list.answer(result);
                let chosen_is_gone = self.companies.chosen.as_deref().is_some_and(|id| self.companies.get(id).is_none());
                if chosen_is_gone && self.companies.list.value().is_some() {
                    self.companies.chosen = None;
                }
                return self.renew_batch().into_iter().collect();
            }
            Event::Notices(notices) => {
                // One that comes again after it was gone is news again.
                self.companies.closed_notices.retain(|closed| notices.contains(closed));
                self.companies.notices = notices;
            }
            _ => {}
        }
        Vec::new()
    }
}
