//! Signing accounts in at the bureau, whatever for.

use std::collections::BTreeMap;

use piaoxia_domain::account::{self, Identity, LoginMode, Session};
use piaoxia_domain::{Account, AccountId};
use piaoxia_service::contract::{AccountRequest, Company, ErrorClass, FieldKind, LoginRequest, LoginStep, code};

use super::automatic::Password;
use super::challenges::Purpose;
use crate::app::App;
use crate::connectors::{Grant, Login, Step};
use crate::failure::{Answer, Failure};
use crate::random;
use crate::state::{KeptAccount, State};

impl App {
    /// Adds an account: it is kept once the bureau lets it in.
    ///
    /// # Errors
    /// `account.exists`, and whatever the bureau says.
    pub(crate) async fn add_account(&self, company: &str, request: AccountRequest) -> Answer<LoginStep> {
        self.sign_in_with(company, None, request).await
    }

    /// Changes an account: the old data stays until the bureau lets the new in.
    ///
    /// # Errors
    /// As [`App::add_account`].
    pub(crate) async fn update_account(&self, companies: &[String], id: &AccountId, request: AccountRequest) -> Answer<LoginStep> {
        let kept = self.kept_account(companies, id)?;
        self.sign_in_with(&kept.company, Some(id.clone()), request).await
    }

    async fn sign_in_with(&self, company: &str, account: Option<AccountId>, request: AccountRequest) -> Answer<LoginStep> {
        let epoch = self.desk.memory.epoch();
        let state = self.book.read();
        let company = self.company(&state, company)?;
        let AccountRequest { fields, identity, login_mode: mode } = request;
        let (public, password_key) = self.sort_fields(&company, &fields).await?;
        let same = |kept: &&KeptAccount| kept.company == company.id && kept.fields == public && Some(&kept.account.id) != account.as_ref();
        if let Some(kept) = state.accounts.iter().find(same) {
            return Err(exists(&kept.account));
        }
        let password = Password::new(fields.get(&password_key).map(String::as_str).unwrap_or_default(), epoch);
        let purpose = Purpose { company: company.id.clone(), account, fields: public, mode, password };
        self.begin(&company, purpose, Login { fields, identity, mode }).await
    }

    /// Signs a kept account in.
    ///
    /// # Errors
    /// Whatever the bureau says.
    pub(crate) async fn login_account(&self, companies: &[String], id: &AccountId, request: LoginRequest) -> Answer<LoginStep> {
        let password = Password::new(&request.password, self.desk.memory.epoch());
        drop(request);
        self.log_in(companies, id, password).await
    }

    pub(super) async fn log_in(&self, companies: &[String], id: &AccountId, password: Password) -> Answer<LoginStep> {
        let kept = self.kept_account(companies, id)?;
        let company = self.company(&self.book.read(), &kept.company)?;
        let (_, password_key) = self.sort_fields(&company, &kept.fields).await?;
        let (identity, mode) = (kept.account.identity, kept.account.login_mode);
        let mut fields = kept.fields.clone();
        fields.insert(password_key, password.text().to_owned());
        let purpose = Purpose { company: company.id.clone(), account: Some(id.clone()), fields: kept.fields, mode, password };
        self.begin(&company, purpose, Login { fields, identity, mode }).await
    }

    async fn begin(&self, company: &Company, purpose: Purpose, login: Login) -> Answer<LoginStep> {
        let step = self.connector.begin(company, &login).await?;
        self.go_on(company, purpose, step).await
    }

    /// The fields that may be kept, and the key of the password.
    async fn sort_fields(&self, company: &Company, fields: &BTreeMap<String, String>) -> Answer<(BTreeMap<String, String>, String)> {
        let form = self.connector.login_form(company, &company.region).await?;
        let secret: Vec<String> =
            form.fields.iter().filter(|field| field.kind == FieldKind::Password).map(|field| field.key.clone()).collect();
        let known = |key: &String| form.fields.iter().any(|field| field.key == *key) && !secret.contains(key);
        let public = fields.iter().filter(|(key, _)| known(key)).map(|(key, value)| (key.clone(), value.trim().to_owned())).collect();
        let password = secret.into_iter().next().ok_or_else(|| Failure::internal("the form has no password"))?;
        Ok((public, password))
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// `challenge.gone`, `challenge.failed`, `login.locked`.
    pub(crate) async fn answer_challenge(&self, companies: &[String], id: &str, value: &str) -> Answer<LoginStep> {
        let purpose = self.desk.purpose(companies, id)?;
        let step = self.connector.answer(id, value.trim()).await;
        self.after(id, purpose, step).await
    }

    /// Asks whether a phone has answered a challenge.
    ///
    /// # Errors
    /// `challenge.gone`, `challenge.denied`.
    pub(crate) async fn poll_challenge(&self, companies: &[String], id: &str) -> Answer<LoginStep> {
        let purpose = self.desk.purpose(companies, id)?;
        let step = self.connector.poll(id).await;
        self.after(id, purpose, step).await
    }

    /// Asks for a code, a picture or a QR again.
    ///
    /// # Errors
    /// `challenge.resendTooSoon`, `challenge.gone`.
    pub(crate) async fn resend_challenge(&self, companies: &[String], id: &str) -> Answer<LoginStep> {
        let purpose = self.desk.purpose(companies, id)?;
        let step = self.connector.resend(id).await;
        self.after(id, purpose, step).await
    }

    /// Gives a challenge up. One that is over already is no error.
    ///
    /// # Errors
    /// Whatever the bureau says.
    pub(crate) async fn cancel_challenge(&self, companies: &[String], id: &str) -> Answer<()> {
        if self.desk.purpose(companies, id).is_ok() {
            self.connector.cancel(id).await?;
            self.desk.close(|other, _| other == id);
        }
        Ok(())
    }

    async fn after(&self, id: &str, purpose: Purpose, step: Answer<Step>) -> Answer<LoginStep> {
        let step = step.inspect_err(|failure| self.desk.judge(id, failure))?;
        let company = self.company(&self.book.read(), &purpose.company)?;
        self.go_on(&company, purpose, step).await
    }

    async fn go_on(&self, company: &Company, purpose: Purpose, step: Step) -> Answer<LoginStep> {
        match step {
            Step::Challenge(asked) => Ok(LoginStep::Challenge { challenge: self.desk.ask(purpose, company, asked) }),
            Step::In(grant) => self.let_in(purpose, grant).await,
        }
    }

    /// Keeps the account and its session. An added account that is there already keeps its data and gets the session.
    async fn let_in(&self, purpose: Purpose, grant: Grant) -> Answer<LoginStep> {
        let token = grant.token.clone();
        let written = self.book.change(|state| keep(state, &purpose, &grant)).await?;
        let (kept, was_there) = match written {
            Kept::Now(kept) => (kept, false),
            Kept::Before(kept) => (kept, true),
        };
        let id = &kept.account.id;
        self.desk
            .close(|_, other| other.company == purpose.company && (other.account.as_ref() == Some(id) || other.fields == purpose.fields));
        self.desk.memory.keep(id, purpose.password);
        self.desk.note_token(id, token);
        if was_there { Err(exists(&kept.account)) } else { Ok(LoginStep::Done { account: self.live(&kept) }) }
    }
}

enum Kept {
    Now(KeptAccount),
    /// The bureau knows the new login name as an account that is kept already.
    Before(KeptAccount),
}

fn keep(state: &mut State, purpose: &Purpose, grant: &Grant) -> Answer<Kept> {
    let twin = |kept: &&KeptAccount| {
        kept.company == purpose.company && kept.upstream == grant.upstream && Some(&kept.account.id) != purpose.account.as_ref()
    };
    if let Some(kept) = state.accounts.iter().find(twin) {
        return Ok(Kept::Before(kept.clone()));
    }
    let position = match &purpose.account {
        Some(id) => state.accounts.iter().position(|kept| kept.account.id == *id).ok_or_else(|| Failure::not_found("account"))?,
        None => {
            let region = state.companies.get(&purpose.company).map(|company| company.region.clone()).unwrap_or_default();
            state.accounts.push(newcomer(purpose, region));
            state.accounts.len() - 1
        }
    };
    let kept = state.accounts.get_mut(position).ok_or_else(|| Failure::not_found("account"))?;
    grant.upstream.clone_into(&mut kept.upstream);
    kept.fields.clone_from(&purpose.fields);
    let shown = &mut kept.account;
    shown.login_name.clone_from(&grant.login_name);
    shown.person.clone_from(&grant.person);
    (shown.identity, shown.login_mode) = (grant.identity, purpose.mode);
    let kept = kept.clone();
    set_rights(state, &kept, grant.rights)?;
    let kept = state.accounts.get(position).cloned().ok_or_else(|| Failure::not_found("account"))?;
    Ok(Kept::Now(kept))
}

fn newcomer(purpose: &Purpose, region: String) -> KeptAccount {
    let account = Account {
        id: AccountId(random::id()),
        login_name: String::new(),
        person: String::new(),
        identity: Identity::TaxOfficer,
        login_mode: LoginMode::Manual,
        region,
        rights: account::Rights::default(),
        default_for: None,
        wechat_bound: false,
        session: Session::None,
    };
    KeptAccount { company: purpose.company.clone(), upstream: String::new(), fields: BTreeMap::new(), bound_to: None, account }
}

/// Rights can shrink with another identity; the rules of the domain say what becomes of a default.
fn set_rights(state: &mut State, kept: &KeptAccount, rights: account::Rights) -> Answer<()> {
    let mine = |other: &&mut KeptAccount| other.company == kept.company;
    let mut all: Vec<Account> = state.accounts.iter_mut().filter(mine).map(|other| other.account.clone()).collect();
    account::set_rights(&mut all, &kept.account.id, rights).map_err(|_| Failure::not_found("account"))?;
    account::choose_the_only(&mut all);
    for (other, settled) in state.accounts.iter_mut().filter(mine).zip(all) {
        other.account = settled;
    }
    Ok(())
}

fn exists(account: &Account) -> Failure {
    let message = format!("the account {} is there already", account.login_name);
    Failure::new(ErrorClass::Conflict, code::ACCOUNT_EXISTS, message)
}
