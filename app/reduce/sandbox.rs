//! The sandbox's phone and mail box.

use piaoxia_engine::{Command, Event};

use crate::state::State;

impl State {
    pub(super) fn on_sandbox(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Messages(messages) => self.sandbox.messages = messages,
            Event::CodeIssued(issued) => self.sandbox.code = Some(issued.0.code.clone()),
            Event::DemoAccounts(accounts) => self.sandbox.accounts = accounts,
            _ => {}
        }
        Vec::new()
    }
}
