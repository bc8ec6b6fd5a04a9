//! The phone pages in a real browser: what a person presses and reads, from the application to the default account.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../gateway/support.rs"]
#[allow(dead_code, reason = "shared with the other tests")]
mod support;

#[path = "../../../wechat/tests/wechat/platform.rs"]
#[allow(dead_code, reason = "shared with the adapter's tests")]
mod platform;
#[path = "../../../wechat/tests/wechat/signing.rs"]
#[allow(dead_code, reason = "shared with the adapter's tests")]
mod signing;

mod accounts;
mod mail;
mod refusals;
mod story;
mod wechat;

use piaoxia_browser::Phone;
use piaoxia_service::Client;
use piaoxia_service::contract::{MessageBy, SandboxMessage};

/// The newest mail of the sandbox to this address.
pub async fn mail_to(client: &Client, to: &str) -> SandboxMessage {
    let messages = client.sandbox().messages().await.unwrap();
    messages.into_iter().rev().find(|message| message.by == MessageBy::Mail && message.to == to).expect("a mail")
}

/// The word in a text that begins with this.
pub fn word<'a>(text: &'a str, begin: &str) -> &'a str {
    piaoxia_browser::word(text, begin).unwrap_or_else(|| panic!("{begin} in {text}"))
}

/// Applies for a company on the phone; gives the mail.
pub async fn apply(phone: &Phone, client: &Client, base: &str, company: &str, email: &str) -> SandboxMessage {
    phone.apply(base, company, email).await.unwrap();
    phone.see("申请已提交").await.unwrap();
    mail_to(client, email).await
}

/// Opens the mail's link and binds this phone.
pub async fn bind(phone: &Phone, mail: &SandboxMessage, base: &str) {
    phone.bind(word(&mail.text, &format!("{base}/p/key#"))).await.unwrap();
}
