//! Companies, e-tax accounts, challenges.

use reqwest::Method;

use super::transport::{Call, Retry};
use super::{Client, ClientError};
use crate::contract::{
    AccountRequest, AccountsAnswer, Answer, BindState, BindTicket, Budget, Challenge, Company, DefaultRequest, LoginForm, LoginRequest,
    LoginStep, Notice,
};
use piaoxia_domain::AccountId;

impl Client {
    /// The person's companies (企业).
    ///
    /// # Errors
    /// `session.notActivated` until the client is activated.
    pub async fn companies(&self) -> Result<Vec<Company>, ClientError> {
        self.send(Call::get("companies", &["v1", "companies"])).await
    }

    /// The fields that a region's bureau asks for, with the company's own filled in.
    ///
    /// # Errors
    /// `notFound` for an unknown region or company.
    pub async fn login_form(&self, region: &str, company: &str) -> Result<LoginForm, ClientError> {
        self.send(Call::get("login form", &["v1", "regions", region, "login-form"]).query("company", company)).await
    }

    /// Accounts of a company (电子税务局账号).
    ///
    /// # Errors
    /// `notFound` when it is not the person's company.
    pub async fn accounts(&self, company: &str) -> Result<AccountsAnswer, ClientError> {
        self.send(Call::get("accounts", &["v1", "companies", company, "accounts"])).await
    }

    /// Adds an account: signs it in at the bureau, and keeps it once the bureau lets it in.
    ///
    /// # Errors
    /// `login.fieldInvalid` with `field`, `login.wrongPassword` with `attempts_left`, `login.locked` with `until`, `account.exists`.
    pub async fn add_account(&self, company: &str, request: &AccountRequest) -> Result<LoginStep, ClientError> {
        self.send_bounded(Call::post("add account", &["v1", "companies", company, "accounts"]).json(request)?.alone()).await
    }

    /// Changes an account: as [`Client::add_account`], the old data stays until the bureau lets the new in.
    ///
    /// # Errors
    /// As [`Client::add_account`].
    pub async fn update_account(&self, account: &AccountId, request: &AccountRequest) -> Result<LoginStep, ClientError> {
        let call = Call::new("update account", Method::PUT, &["v1", "accounts", &account.0], Retry::Unsent);
        self.send_bounded(call.json(request)?.alone()).await
    }

    /// Deletes an account; a default hands its work to `successor`.
    ///
    /// # Errors
    /// `account.defaultRule` when a successor is needed or may not be one.
    pub async fn delete_account(&self, account: &AccountId, successor: Option<&AccountId>) -> Result<AccountsAnswer, ClientError> {
        let mut call = Call::new("delete account", Method::DELETE, &["v1", "accounts", &account.0], Retry::Unsent);
        if let Some(successor) = successor {
            call = call.query("successor", &successor.0);
        }
        self.send(call).await
    }

    /// Asks for a QR that ties an account to a phone's owner (微信绑定).
    ///
    /// # Errors
    /// `notFound` when it is not the person's account.
    pub async fn bind_account(&self, account: &AccountId) -> Result<BindTicket, ClientError> {
        self.send_bounded(Call::post("bind account", &["v1", "accounts", &account.0, "binding"])).await
    }

    /// Asks what has become of it (获取绑定结果).
    ///
    /// # Errors
    /// `notFound` when there is no such ticket of the account any more.
    pub async fn bind_state(&self, account: &AccountId, ticket: &str) -> Result<BindState, ClientError> {
        self.send(Call::get("bind state", &["v1", "accounts", &account.0, "binding", ticket])).await
    }

    /// Ends the binding of an account.
    ///
    /// # Errors
    /// `notFound` when it is not the person's account.
    pub async fn unbind_account(&self, account: &AccountId) -> Result<AccountsAnswer, ClientError> {
        self.send(Call::new("unbind account", Method::DELETE, &["v1", "accounts", &account.0, "binding"], Retry::Unsent)).await
    }

    /// Sets a default account (默认账号).
    ///
    /// # Errors
    /// `account.defaultRule`.
    pub async fn set_default(&self, company: &str, request: &DefaultRequest) -> Result<AccountsAnswer, ClientError> {
        self.send(Call::post("set default", &["v1", "companies", company, "default"]).retry(Retry::Always).json(request)?).await
    }

    /// Signs an account in at the bureau.
    ///
    /// # Errors
    /// As [`Client::add_account`].
    pub async fn login_account(&self, account: &AccountId, request: &LoginRequest) -> Result<LoginStep, ClientError> {
        self.send_bounded(Call::post("sign account in", &["v1", "accounts", &account.0, "login"]).json(request)?.alone()).await
    }

    /// Signs an account out at the bureau.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn logout_account(&self, account: &AccountId) -> Result<(), ClientError> {
        self.send_empty(Call::post("sign account out", &["v1", "accounts", &account.0, "logout"]).retry(Retry::Always)).await
    }

    /// Scarce tries of an account.
    ///
    /// # Errors
    /// `notFound`.
    pub async fn budget(&self, account: &AccountId) -> Result<Budget, ClientError> {
        self.send(Call::get("budget", &["v1", "accounts", &account.0, "budget"])).await
    }

    /// All open challenges of the person's companies.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn challenges(&self) -> Result<Vec<Challenge>, ClientError> {
        self.send_bounded(Call::get("challenges", &["v1", "challenges"])).await
    }

    /// Answers a challenge. A wrong answer is a [`LoginStep::Challenge`] with `rejected`, maybe under a new id.
    ///
    /// # Errors
    /// `challenge.gone` when it is over; `login.locked` when that was the last try.
    pub async fn answer_challenge(&self, challenge: &str, value: &str) -> Result<LoginStep, ClientError> {
        self.send_bounded(challenge_call("answer challenge", challenge, "answer").json(&Answer { value: value.to_owned() })?.alone()).await
    }

    /// Asks for the code again, another picture, or a fresh QR.
    ///
    /// # Errors
    /// `challenge.resendTooSoon` with `retry_after`.
    pub async fn resend_challenge(&self, challenge: &str) -> Result<LoginStep, ClientError> {
        self.send_bounded(challenge_call("resend challenge", challenge, "resend")).await
    }

    /// Asks whether the phone has answered a QR; every two to three seconds.
    ///
    /// # Errors
    /// `challenge.gone` when it is over.
    pub async fn poll_challenge(&self, challenge: &str) -> Result<LoginStep, ClientError> {
        self.send_bounded(challenge_call("poll challenge", challenge, "poll").retry(Retry::Network)).await
    }

    /// Gives a challenge up.
    ///
    /// # Errors
    /// Any [`ClientError`]; one that is over already is no error.
    pub async fn cancel_challenge(&self, challenge: &str) -> Result<(), ClientError> {
        self.send_empty(challenge_call("cancel challenge", challenge, "cancel").retry(Retry::Always)).await
    }

    /// Notices of outages and maintenance.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn notices(&self) -> Result<Vec<Notice>, ClientError> {
        self.send(Call::get("notices", &["v1", "notices"])).await
    }
}

fn challenge_call<'a>(name: &'static str, challenge: &'a str, step: &'a str) -> Call<'a> {
    Call::post(name, &["v1", "challenges", challenge, step])
}
