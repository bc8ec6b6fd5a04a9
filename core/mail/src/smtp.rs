//! Where mails go: a server, or a mailbox inside the program.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::config::{MailConfig, Security};
use crate::error::MailError;
use crate::mail::Mail;

/// Longest reason that is kept, characters.
const REASON_LENGTH: usize = 200;

/// Where mails go.
#[derive(Clone, Debug)]
pub enum Sink {
    /// To a mail server.
    Smtp(MailConfig),
    /// Nowhere: the sandbox shows them. The newest 100 are kept, in memory alone.
    Kept,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sent,
    /// Another try may succeed: 4xx, a refused login (the operator can mend it).
    Temporary(String),
    /// The server cannot be reached at all: no other mail needs to be tried at once either.
    Unreachable(String),
    /// No other try will: 5xx for this mail.
    Permanent(String),
}

/// A mail server.
pub(crate) struct Server {
    config: MailConfig,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    timeout: Duration,
}

impl Server {
    /// # Errors
    /// [`MailError::Config`]. Nothing is connected yet.
    pub(crate) fn new(config: MailConfig, timeout: Duration) -> Result<Self, MailError> {
        config.check()?;
        let parameters = || TlsParameters::new(config.host.clone()).map_err(|error| MailError::Config(error.to_string()));
        let tls = match config.security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::Starttls => Tls::Required(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host).port(config.port).tls(tls).timeout(Some(timeout));
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        Ok(Self { transport: builder.build(), config, timeout })
    }

    /// One try, over a connection of its own.
    pub(crate) async fn send(&self, mail: &Mail, id: &str) -> Outcome {
        let message = match mail.message(&self.config.from, id) {
            Ok(message) => message,
            Err(error) => return Outcome::Permanent(error.to_string()),
        };
        match tokio::time::timeout(self.timeout, self.transport.send(message)).await {
            Ok(Ok(_)) => Outcome::Sent,
            Ok(Err(error)) => sorted(&error),
            Err(_) => Outcome::Unreachable("the mail server did not answer in time".to_owned()),
        }
    }
}

/// Tells what a failed try means.
fn sorted(error: &lettre::transport::smtp::Error) -> Outcome {
    let reason = shortened(&describe(error));
    match error.status().map(|code| code.to_string().parse::<u16>().unwrap_or_default()) {
        // Login refused (RFC 4954): the settings are wrong, not the mail.
        Some(530 | 534 | 535 | 538) => Outcome::Unreachable(reason),
        Some(_) if error.is_permanent() => Outcome::Permanent(reason),
        // 421: the server goes away for everybody.
        Some(421) => Outcome::Unreachable(reason),
        Some(_) => Outcome::Temporary(reason),
        None => Outcome::Unreachable(reason),
    }
}

fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let more = source.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = source.source();
    }
    text
}

fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON_LENGTH).collect()
}
