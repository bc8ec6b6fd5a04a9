//! Defaults, deleting, signing out.

use jiff::Timestamp;
use piaoxia_domain::account::{self, DefaultFor, DefaultRule};
use piaoxia_domain::{Account, AccountId};
use piaoxia_service::contract::{AccountsAnswer, DefaultRequest, ErrorClass, code};

use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::state::{KeptAccount, State};

impl App {
    /// The accounts of a company.
    pub(crate) fn accounts_answer(&self, company: &str) -> AccountsAnswer {
        AccountsAnswer { accounts: self.accounts(&self.book.read(), company), now: Timestamp::now() }
    }

    /// Sets a default account.
    ///
    /// # Errors
    /// `account.defaultRule`, not found.
    pub(crate) async fn set_default(&self, company: &str, request: &DefaultRequest) -> Answer<AccountsAnswer> {
        self.book
            .change(|state| edit(state, company, |accounts| account::set_default(accounts, &request.account, request.default_for)))
            .await?;
        Ok(self.accounts_answer(company))
    }

    /// Deletes an account; a default hands its work to the successor. Its jobs and challenges end.
    ///
    /// # Errors
    /// `account.defaultRule`, not found.
    pub(crate) async fn delete_account(
        &self,
        companies: &[String],
        id: &AccountId,
        successor: Option<&AccountId>,
    ) -> Answer<AccountsAnswer> {
        let kept = self.kept_account(companies, id)?;
        self.book.change(|state| edit(state, &kept.company, |accounts| account::remove(accounts, id, successor).map(drop))).await?;
        self.jobs.cancel_of(id);
        self.desk.close(|_, purpose| purpose.account.as_ref() == Some(id));
        self.end_session(id).await;
        Ok(self.accounts_answer(&kept.company))
    }

    /// Signs an account out at the bureau.
    ///
    /// # Errors
    /// Not found.
    pub(crate) async fn logout_account(&self, companies: &[String], id: &AccountId) -> Answer<()> {
        self.kept_account(companies, id)?;
        self.end_session(id).await;
        Ok(())
    }

    async fn end_session(&self, id: &AccountId) {
        self.desk.memory.forget(id);
        if let Some(token) = self.desk.take_token(id)
            && let Err(failure) = self.connector.sign_out(&token).await
        {
            // The token is forgotten here either way and ends by itself there.
            tracing::warn!(error = %failure.error(), "the bureau did not take the sign-out");
        }
    }

    /// The account that does a company's receiving work: the named one, or the default.
    ///
    /// # Errors
    /// `account.noDefault`, `account.noReceiveRight`, not found.
    pub(crate) fn receiving_account(&self, company: &str, named: Option<&AccountId>) -> Answer<Account> {
        let accounts = self.accounts(&self.book.read(), company);
        let account = match named {
            Some(id) => accounts.iter().find(|account| account.id == *id).ok_or_else(|| Failure::not_found("account"))?,
            None => account::default_account(&accounts, DefaultFor::Receive).ok_or_else(|| {
                Failure::new(
                    ErrorClass::Precondition,
                    code::NO_DEFAULT_ACCOUNT,
                    "no account is named and there is no default for receiving",
                )
            })?,
        };
        if !account.rights.receive {
            return Err(Failure::new(ErrorClass::Permission, code::NO_RECEIVE_RIGHT, "the account may not receive invoices"));
        }
        Ok(account.clone())
    }

    /// A company's signed-in account that may receive: the default first.
    ///
    /// # Errors
    /// `bureau.sessionLost` when none is signed in.
    pub(crate) fn receiving_token(&self, company: &str) -> Answer<(AccountId, String)> {
        let accounts = self.accounts(&self.book.read(), company);
        let default = account::default_account(&accounts, DefaultFor::Receive);
        let able = default.into_iter().chain(&accounts).filter(|account| account.rights.receive);
        able.filter_map(|account| Some((account.id.clone(), self.desk.token(&account.id)?)))
            .next()
            .ok_or_else(|| Failure::new(ErrorClass::NeedLogin, code::BUREAU_SESSION_LOST, "no account of the company is signed in"))
    }
}

/// Applies a rule of the domain to the accounts of one company.
fn edit(state: &mut State, company: &str, rule: impl FnOnce(&mut Vec<Account>) -> Result<(), DefaultRule>) -> Answer<()> {
    let (mine, others): (Vec<KeptAccount>, Vec<KeptAccount>) = state.accounts.drain(..).partition(|kept| kept.company == company);
    let mut accounts: Vec<Account> = mine.iter().map(|kept| kept.account.clone()).collect();
    rule(&mut accounts).map_err(|rule| match rule {
        DefaultRule::Unknown => Failure::not_found("account"),
        rule => Failure::new(ErrorClass::Precondition, code::DEFAULT_RULE, rule.to_string()),
    })?;
    let kept = mine.into_iter().filter_map(|kept| {
        let account = accounts.iter().find(|account| account.id == kept.account.id)?.clone();
        Some(KeptAccount { account, ..kept })
    });
    state.accounts = others.into_iter().chain(kept).collect();
    Ok(())
}
