//! E-tax accounts: lists, the form, the password question, the challenge dialog.

use std::collections::BTreeMap;

use jiff::Timestamp;
use piaoxia_domain::account::{Account, AccountId, Identity, LoginMode};
use piaoxia_engine::Problem;
use piaoxia_service::contract::{Challenge, LoginForm};

use crate::loadable::Loadable;

/// E-tax accounts of all companies.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// Lists by company id.
    pub lists: BTreeMap<String, Loadable<Vec<Account>>>,
    /// Forms by four-digit region.
    pub forms: BTreeMap<String, Loadable<LoginForm>>,
    /// The service's clock when the last list came, UTC: sessions and locks are shown by it.
    pub now: Option<Timestamp>,
    /// 新增账号 or 编辑, while open.
    pub form: Option<FormDialog>,
    /// The question for a password, while open.
    pub password: Option<PasswordDialog>,
    /// The question before deleting, while open.
    pub deleting: Option<DeleteDialog>,
    /// The challenge dialog, while open.
    pub challenge: Option<ChallengeDialog>,
}

impl Accounts {
    /// The list of a company.
    pub fn list(&mut self, company: &str) -> &mut Loadable<Vec<Account>> {
        self.lists.entry(company.to_owned()).or_default()
    }

    /// The accounts of a company that are known.
    #[must_use]
    pub fn known(&self, company: &str) -> &[Account] {
        self.lists.get(company).and_then(Loadable::value).map_or(&[], Vec::as_slice)
    }

    /// An account by its id, with its company's id.
    #[must_use]
    pub fn find(&self, id: &AccountId) -> Option<(&str, &Account)> {
        self.lists.iter().find_map(|(company, list)| Some((company.as_str(), list.value()?.iter().find(|account| account.id == *id)?)))
    }
}

/// 新增账号 or 编辑.
#[derive(Clone, Default)]
pub struct FormDialog {
    /// Company id.
    pub company: String,
    /// Company, by name.
    pub company_name: String,
    /// Account that is changed; none for a new one.
    pub account: Option<AccountId>,
    /// Four-digit region; the company's own at first.
    pub region: String,
    /// Values by the form's keys, the password among them.
    pub values: BTreeMap<String, String>,
    /// 身份类型.
    pub identity: Option<Identity>,
    /// 登录类型.
    pub login_mode: Option<LoginMode>,
    /// An answer is awaited.
    pub busy: bool,
    /// Fields were left empty when 登录 was pressed: they are marked.
    pub marked: bool,
    /// Why the last try failed.
    pub problem: Option<Problem>,
}

// The values hold a password.
impl std::fmt::Debug for FormDialog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FormDialog").field("company", &self.company).field("busy", &self.busy).finish_non_exhaustive()
    }
}

/// The question for the password of an account.
#[derive(Clone, Default)]
pub struct PasswordDialog {
    /// Company id.
    pub company: String,
    /// Which account.
    pub account: AccountId,
    /// Its login name, masked.
    pub login_name: String,
    /// As typed.
    pub password: String,
    /// An answer is awaited.
    pub busy: bool,
    /// Why the last try failed.
    pub problem: Option<Problem>,
}

impl std::fmt::Debug for PasswordDialog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordDialog").field("account", &self.account).finish_non_exhaustive()
    }
}

/// The question before an account is deleted.
#[derive(Clone, Debug, Default)]
pub struct DeleteDialog {
    /// Company id.
    pub company: String,
    /// Which account.
    pub account: AccountId,
    /// Takes over its default work.
    pub successor: Option<AccountId>,
    /// An answer is awaited.
    pub busy: bool,
    /// Why the last try failed.
    pub problem: Option<Problem>,
}

/// The challenge dialog.
#[derive(Clone, Debug)]
pub struct ChallengeDialog {
    /// What is asked.
    pub challenge: Challenge,
    /// As typed or chosen.
    pub value: String,
    /// Which of several phone apps is shown.
    pub app: usize,
    /// When it expires, by [`super::State::clock`].
    pub expires: f64,
    /// When the code may be sent again, by [`super::State::clock`].
    pub resend: f64,
    /// An answer is awaited.
    pub busy: bool,
    /// Why the answer could not be delivered.
    pub problem: Option<Problem>,
}
