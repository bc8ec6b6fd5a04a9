//! Mails of the service, and what the sandbox shows of them.

use std::sync::PoisonError;

use jiff::Timestamp;
use piaoxia_mail::{Mail, MailError, NewCode, new_code};
use piaoxia_service::contract::{CodeCondition, ErrorClass, MessageBy, SandboxMessage, code};

use crate::app::App;
use crate::failure::{Answer, Failure};

/// The service has no mail server to send by.
pub(crate) const NO_MAIL: &str = "mail.none";

/// Messages that the sandbox keeps.
const KEPT: usize = 100;
/// Where the sandbox's activation mails go.
const MAIL_BOX: &str = "caiwu@shaxiang.example";

impl App {
    /// Sends a mail: it is in the queue, and on the disk, when this returns. `code` is the activation code in it.
    ///
    /// # Errors
    /// [`NO_MAIL`]; the queue is full or cannot be written.
    pub(crate) async fn post(&self, mail: Mail, code: Option<&str>) -> Answer<()> {
        let Some(outbox) = &self.outbox else {
            return Err(Failure::new(ErrorClass::Unsupported, NO_MAIL, "no mail server is set up"));
        };
        let message = SandboxMessage {
            by: MessageBy::Mail,
            to: mail.to.clone(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            code: code.map(str::to_owned),
            sent_at: Timestamp::now(),
        };
        outbox.post(mail).await.map_err(unsent)?;
        self.show(message);
        Ok(())
    }

    /// Sends the sandbox's newcomer the mail with an activation code. A disk that refuses it is logged: everything else works.
    pub(crate) async fn mail_code(&self) {
        let company = self.connector.companies().into_iter().next().map_or_else(|| "体验企业".to_owned(), |company| company.name);
        let posted = async {
            let issued = self.issue_code(CodeCondition::Fresh).await?;
            let letter =
                NewCode { to: MAIL_BOX, company: &company, code: &issued.code, code_until: issued.expires_at, new_code_page: None };
            self.post(new_code(&letter).map_err(unsent)?, Some(&issued.code)).await
        };
        if let Err(failure) = posted.await {
            tracing::warn!(error = %failure.error(), "no activation code could be sent");
        }
    }

    /// Shows a message in the sandbox.
    pub(crate) fn show(&self, message: SandboxMessage) {
        if !self.sandbox {
            return;
        }
        let mut shown = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        shown.push(message);
        let surplus = shown.len().saturating_sub(KEPT);
        shown.drain(..surplus);
    }
}

/// Why a mail does not go out, as the service says it. Nothing of the mail is repeated.
pub(crate) fn unsent(error: MailError) -> Failure {
    match error {
        MailError::Full { .. } => Failure::new(ErrorClass::Throttle, code::THROTTLED, "too many mails wait").retry_after(600),
        other => Failure::internal(format!("a mail was not sent: {other}")),
    }
}
