//! The sandbox's phone and mail box, as the window shows them.

use piaoxia_engine::event::DemoAccount;
use piaoxia_service::contract::SandboxMessage;

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
}

impl Sandbox {
    /// The newest mail with an activation code.
    #[must_use]
    pub fn activation_mail(&self) -> Option<&SandboxMessage> {
        self.messages.iter().rev().find(|message| message.to.contains('@') && message.code.is_some())
    }

    /// The newest short message.
    #[must_use]
    pub fn newest_sms(&self) -> Option<&SandboxMessage> {
        self.messages.iter().rev().find(|message| !message.to.contains('@'))
    }
}
