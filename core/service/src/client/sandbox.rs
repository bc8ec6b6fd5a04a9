//! The sandbox's own controls. A gateway that is no sandbox answers `notFound`.

use piaoxia_domain::{AccountId, DateRange, Scope};

use super::transport::{Call, Retry};
use super::{Client, ClientError};
use crate::contract::{
    Answer, BindAnswer, CodeCondition, CodeRequest, DemoAccount, FaultRequest, IssuedCode, SandboxMessage, SandboxPhone, SummaryRow,
};

/// Plays the phone, the mail box and the weather of the simulated bureau.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox<'a> {
    client: &'a Client,
}

impl Client {
    /// The sandbox's controls.
    #[must_use]
    pub fn sandbox(&self) -> Sandbox<'_> {
        Sandbox { client: self }
    }
}

impl Sandbox<'_> {
    /// Messages to phones and mail boxes, the newest last.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn messages(&self) -> Result<Vec<SandboxMessage>, ClientError> {
        self.client.send(Call::get("sandbox messages", &["sandbox", "v1", "messages"])).await
    }

    /// What the picture of a challenge shows.
    ///
    /// # Errors
    /// `challenge.gone` when it is over or shows no picture.
    pub async fn captcha(&self, challenge: &str) -> Result<String, ClientError> {
        let call = Call::get("sandbox captcha", &["sandbox", "v1", "challenges", challenge, "captcha"]);
        let answer: Answer = self.client.send(call).await?;
        Ok(answer.value)
    }

    /// The phone app scans the QR of a challenge and agrees.
    ///
    /// # Errors
    /// `challenge.gone` when it is over or shows no QR.
    pub async fn scan(&self, challenge: &str) -> Result<(), ClientError> {
        self.client.send_empty(Call::post("sandbox scan", &["sandbox", "v1", "challenges", challenge, "scan"])).await
    }

    /// A phone opens a ticket's page, types the number and confirms.
    ///
    /// # Errors
    /// `notFound` when the ticket is over; `badRequest` when the number is wrong.
    pub async fn confirm_ticket(&self, ticket: &str, phone: &SandboxPhone) -> Result<(), ClientError> {
        self.client.send_empty(Call::post("sandbox confirm", &["sandbox", "v1", "tickets", ticket, "confirm"]).json(phone)?).await
    }

    /// A phone opens the page of a binding, and agrees or refuses.
    ///
    /// # Errors
    /// `notFound` when the ticket is over or nobody has that name.
    pub async fn answer_binding(&self, ticket: &str, answer: &BindAnswer) -> Result<(), ClientError> {
        self.client.send_empty(Call::post("sandbox binding", &["sandbox", "v1", "bindings", ticket, "answer"]).json(answer)?).await
    }

    /// Issues an activation code.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn issue_code(&self, condition: CodeCondition) -> Result<IssuedCode, ClientError> {
        self.client.send(Call::post("sandbox code", &["sandbox", "v1", "activation-codes"]).json(&CodeRequest { condition })?).await
    }

    /// Turns a fault on or off.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn fault(&self, request: &FaultRequest) -> Result<(), ClientError> {
        self.client.send_empty(Call::post("sandbox fault", &["sandbox", "v1", "faults"]).retry(Retry::Always).json(request)?).await
    }

    /// Somebody signs in elsewhere with this account: its session is over.
    ///
    /// # Errors
    /// `notFound`.
    pub async fn kick(&self, account: &AccountId) -> Result<(), ClientError> {
        self.client.send_empty(Call::post("sandbox kick", &["sandbox", "v1", "accounts", &account.0, "kick"]).retry(Retry::Always)).await
    }

    /// Counts and sums straight from the simulated bureau's books.
    ///
    /// # Errors
    /// `notFound` for an unknown company.
    pub async fn truth(&self, company: &str, scope: Scope, dates: DateRange) -> Result<Vec<SummaryRow>, ClientError> {
        let call = Call::get("sandbox truth", &["sandbox", "v1", "truth"])
            .query("company", company)
            .query("scope", scope.word())
            .query("from", dates.from())
            .query("to", dates.to());
        self.client.send(call).await
    }

    /// Accounts that the simulated bureau knows, ready to be added.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn demo_accounts(&self) -> Result<Vec<DemoAccount>, ClientError> {
        self.client.send(Call::get("sandbox accounts", &["sandbox", "v1", "demo-accounts"])).await
    }
}
