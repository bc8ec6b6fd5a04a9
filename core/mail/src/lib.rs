//! Mail: letters of the product, a queue that survives a restart, SMTP.
//!
//! A mail that holds an activation code (激活码) or an operation key (操作密钥) is a secret until it is delivered: no `Debug` and no
//! log shows an address, a subject or a body, and on Unix its file is for the owner alone.

mod address;
mod config;
mod error;
mod escape;
mod letter;
mod letters;
mod mail;
mod outbox;
mod queue;
mod sender;
mod smtp;

pub use address::is_address;
pub use config::{From, MailConfig, Security};
pub use error::MailError;
pub use letters::{NewCode, NewPc, Upgrade, Verification, new_code, new_pc, upgrade, verification};
pub use mail::{Kind, Mail};
pub use outbox::{Entry, KeptMail, Outbox, OutboxOptions, State};
pub use smtp::Sink;
