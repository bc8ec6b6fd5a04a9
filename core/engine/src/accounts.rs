//! Companies, e-tax accounts (电子税务局账号) and activation.

use jiff::Timestamp;
use piaoxia_domain::AccountId;
use piaoxia_domain::account::Account;
use piaoxia_service::contract::{AccountsAnswer, ActivationRequest, Budget, Company, DefaultRequest, LoginRequest, LoginStep, code};
use zeroize::Zeroize;

use crate::command::{HiddenRequest, Secret};
use crate::problem::{Problem, VaultFault, What};
use crate::services::Services;

/// Fetches the companies and keeps them for the time without a network.
///
/// # Errors
/// The [`Problem`].
pub async fn companies(services: &Services) -> Result<Vec<Company>, Problem> {
    let companies = services.call(|| services.client().companies()).await?;
    services.remember_companies(&companies).await;
    Ok(companies)
}

/// Redeems an activation code (激活码).
///
/// # Errors
/// Each reason has its own code: `activation.*`.
pub async fn activate(services: &Services, code: &Secret) -> Result<Vec<Company>, Problem> {
    let mut request = ActivationRequest { code: code.expose().to_owned() };
    let answer = services.call(|| services.client().activate(&request)).await;
    request.code.zeroize();
    let companies = answer?.companies;
    services.keeper().activated();
    services.remember_companies(&companies).await;
    Ok(companies)
}

/// A company's accounts and the service's clock.
///
/// # Errors
/// The [`Problem`].
pub async fn accounts(services: &Services, company: &str) -> Result<(Vec<Account>, Timestamp), Problem> {
    services.call(|| services.client().accounts(company)).await.map(split)
}

/// Signs a new account in at the bureau (`account` none), or an edited one.
///
/// # Errors
/// The [`Problem`].
pub async fn save(
    services: &Services,
    company: &str,
    account: Option<&AccountId>,
    mut request: HiddenRequest,
) -> Result<LoginStep, Problem> {
    let step = match account {
        None => services.call(|| services.client().add_account(company, &request.0)).await,
        Some(account) => services.call(|| services.client().update_account(account, &request.0)).await,
    };
    // A password is among them.
    request.0.fields.values_mut().for_each(Zeroize::zeroize);
    step
}

/// Signs an account in at the bureau.
///
/// # Errors
/// The [`Problem`].
pub async fn login(services: &Services, account: &AccountId, password: &Secret) -> Result<LoginStep, Problem> {
    let mut request = LoginRequest { password: password.expose().to_owned() };
    let step = services.call(|| services.client().login_account(account, &request)).await;
    request.password.zeroize();
    step
}

/// Signs an account in with the password that the vault has. One that the bureau does not take is forgotten: another try would
/// cost one of the bureau's five.
///
/// # Errors
/// [`VaultFault::Missing`] when the vault has none or is locked, or another [`Problem`].
pub async fn login_remembered(services: &Services, account: &AccountId) -> Result<LoginStep, Problem> {
    let password = services.secrets().password(account).await;
    let password = password.ok_or_else(|| Problem::new(What::Vault(VaultFault::Missing), "the vault has no password for the account"))?;
    let step = login(services, account, &password).await;
    if step.as_ref().is_err_and(|problem| problem.is(code::WRONG_PASSWORD))
        && let Err(problem) = services.secrets().forget_password(account).await
    {
        tracing::warn!(problem.detail, "a password that the bureau refuses stays in the vault");
    }
    step
}

/// Deletes an account; `successor` takes over its default work.
///
/// # Errors
/// A rule of default accounts forbids it, or another [`Problem`].
pub async fn delete(services: &Services, account: &AccountId, successor: Option<&AccountId>) -> Result<(Vec<Account>, Timestamp), Problem> {
    let left = services.call(|| services.client().delete_account(account, successor)).await.map(split)?;
    if let Err(problem) = services.secrets().forget_password(account).await {
        tracing::warn!(problem.detail, "the password of a deleted account stays in the vault");
    }
    Ok(left)
}

/// Sets a default account.
///
/// # Errors
/// A rule of default accounts forbids it, or another [`Problem`].
pub async fn set_default(services: &Services, company: &str, request: &DefaultRequest) -> Result<(Vec<Account>, Timestamp), Problem> {
    services.call(|| services.client().set_default(company, request)).await.map(split)
}

/// Ends the binding of an account.
///
/// # Errors
/// The [`Problem`].
pub async fn unbind(services: &Services, account: &AccountId) -> Result<(Vec<Account>, Timestamp), Problem> {
    services.call(|| services.client().unbind_account(account)).await.map(split)
}

/// What is left of the accounts' scarce tries. It is an extra: an account of which the service says nothing is left out.
pub async fn budgets(services: &Services, accounts: Vec<AccountId>) -> Vec<(AccountId, Budget)> {
    let mut known = Vec::with_capacity(accounts.len());
    for account in accounts {
        match services.call(|| services.client().budget(&account)).await {
            Ok(budget) => known.push((account, budget)),
            Err(problem) => tracing::debug!(problem.detail, "a budget is not known"),
        }
    }
    known
}

fn split(answer: AccountsAnswer) -> (Vec<Account>, Timestamp) {
    (answer.accounts, answer.now)
}
