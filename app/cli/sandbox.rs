//! A signed-in account at the simulated bureau, without a person.

use piaoxia_domain::account::{Account, DefaultFor, Identity, default_account};
use piaoxia_engine::{Problem, Services, accounts};
use piaoxia_service::contract::{ChallengeKind, Company, DefaultRequest, DemoAccount};

use super::phone::Phone;

/// The company's default account for 收票, signed in by the sandbox's phone; added and made the default where there is none.
/// `told` hears of each answer that the bureau asks for.
///
/// # Errors
/// The bureau refuses it, or the service is not the sandbox.
pub(super) async fn ready_account(
    services: &Services,
    company: &Company,
    mut told: impl FnMut(&ChallengeKind),
) -> Result<Account, Problem> {
    let phone = Phone::new(services);
    let known = phone.known_accounts(company).await?;
    let (held, _) = accounts::accounts(services, &company.id).await?;
    if let Some(account) = default_account(&held, DefaultFor::Receive) {
        let known =
            known.iter().find(|known| is(known, account)).ok_or_else(|| Problem::needs_login().about(account.login_name.clone()))?;
        return phone.sign_in_account(known, account, told).await;
    }
    // 开票员 may not query.
    for known in known.iter().filter(|known| known.request.identity != Identity::Issuer) {
        let account = match held.iter().find(|account| is(known, account)) {
            Some(account) => phone.sign_in_account(known, account, &mut told).await?,
            None => phone.add(company, known, &mut told).await?,
        };
        if account.rights.receive {
            return Ok(account);
        }
    }
    Err(Problem::needs_login().about(company.name.clone()))
}

/// Makes it the default: for both where it may issue as well, else for 收票.
pub(super) async fn make_default(services: &Services, company: &Company, account: &Account) -> Result<DefaultFor, Problem> {
    let default_for = if account.rights.issue { DefaultFor::Both } else { DefaultFor::Receive };
    let request = DefaultRequest { account: account.id.clone(), default_for };
    accounts::set_default(services, &company.id, &request).await?;
    Ok(default_for)
}

/// The simulated bureau tells a person's accounts by login name, which the service masks in the middle, and identity.
fn is(known: &DemoAccount, account: &Account) -> bool {
    let shown = account.login_name.as_str();
    let head = shown.split('*').next().unwrap_or_default();
    let tail = shown.rsplit('*').next().unwrap_or_default();
    let named = |name: &String| name.len() == shown.len() && name.starts_with(head) && name.ends_with(tail);
    known.request.identity == account.identity && known.request.fields.get("loginName").is_some_and(named)
}
