//! The sandbox's phone and mail box, as the window shows them.

use piaoxia_engine::event::DemoAccount;
use piaoxia_service::contract::{MessageBy, SandboxMessage};

/// The sandbox's phone and mail box.
#[derive(Clone, Debug, Default)]
pub struct Sandbox {
    /// Messages, oldest first.
    pub messages: Vec<SandboxMessage>,
    /// Accounts that the simulated bureau knows.
    pub accounts: Vec<DemoAccount>,
    /// Company whose accounts were asked for.
    pub asked_for: Option<String>,
    /// An activation code that was just made, grouped; shown once.
    pub code: Option<String>,
    /// 体验信箱 is open.
    pub mailbox: Option<Mailbox>,
}

/// 体验信箱.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mailbox {
    /// Only messages of this way.
    pub by: Option<MessageBy>,
    /// When messages were asked for, by [`super::State::clock`].
    pub asked: f64,
}

impl Sandbox {
    /// The newest mail with an activation code.
    #[must_use]
    pub fn activation_mail(&self) -> Option<&SandboxMessage> {
        self.messages.iter().rev().find(|message| message.by == MessageBy::Mail && message.code.is_some())
    }

    /// The newest short message.
    #[must_use]
    pub fn newest_sms(&self) -> Option<&SandboxMessage> {
        self.messages.iter().rev().find(|message| message.by == MessageBy::Sms)
    }

    /// Messages of one way, or all; the newest first.
    pub fn newest_first(&self, by: Option<MessageBy>) -> impl Iterator<Item = &SandboxMessage> {
        self.messages.iter().rev().filter(move |message| by.is_none_or(|by| message.by == by))
    }
}
