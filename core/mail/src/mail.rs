//! One mail.

use std::fmt;

use lettre::Message;
use lettre::message::{Mailbox, MultiPart};
use serde::{Deserialize, Serialize};

use crate::address;
use crate::config::From;
use crate::error::MailError;
use crate::escape;

/// Longest subject, characters.
pub(crate) const SUBJECT_LENGTH: usize = 120;
/// Largest body, bytes, each of the two.
const BODY_LIMIT: usize = 128 << 10;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Kind {
    /// 数电升级: operation key and activation code.
    Upgrade,
    /// A new activation code (新激活码).
    NewCode,
    /// 新电脑登录.
    NewPc,
    /// 账号需要验证.
    Verification,
    /// Anything else.
    Other,
}

/// A mail to one person: text and HTML that say the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Address, `name@domain`.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
    /// What it is about.
    pub kind: Kind,
}

// Bodies hold codes and keys, subjects names.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Mail {
    /// Checks everything that a header is made of, and the sizes.
    ///
    /// # Errors
    /// [`MailError::Control`] for line breaks in a header, [`MailError::EncodedWord`], [`MailError::Address`],
    /// [`MailError::Empty`], [`MailError::TooLong`].
    pub fn check(&self) -> Result<(), MailError> {
        address::parse("to", &self.to)?;
        escape::header("subject", &self.subject, SUBJECT_LENGTH)?;
        for (field, body) in [("text", &self.text), ("html", &self.html)] {
            if body.trim().is_empty() {
                return Err(MailError::Empty { field });
            }
            if body.len() > BODY_LIMIT {
                return Err(MailError::TooLong { field, limit: BODY_LIMIT });
            }
            if body.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
                return Err(MailError::Control { field });
            }
        }
        Ok(())
    }

    /// The message as it is sent. Its id follows from `id`, so that a mail that was sent twice after a crash is known as one.
    pub(crate) fn message(&self, from: &From, id: &str) -> Result<Message, MailError> {
        self.check()?;
        let build = |error: lettre::error::Error| MailError::Build(error.to_string());
        let sender = address::parse("from.address", &from.address)?;
        let message_id = format!("<{id}@{}>", sender.domain());
        let name = escape::header("from.name", &from.name, SUBJECT_LENGTH)?;
        Message::builder()
            .from(Mailbox::new(Some(name), sender))
            .to(Mailbox::new(None, address::parse("to", &self.to)?))
            .subject(escape::header("subject", &self.subject, SUBJECT_LENGTH)?)
            .message_id(Some(message_id))
            .raw_header(no_answer())
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))
            .map_err(build)
    }
}

/// RFC 3834: no out-of-office replies, please.
fn no_answer() -> lettre::message::header::HeaderValue {
    let name = lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted");
    lettre::message::header::HeaderValue::new(name, "auto-generated".to_owned())
}
