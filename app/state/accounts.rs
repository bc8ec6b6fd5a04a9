//! E-tax accounts: lists, the form, the password question, the challenge dialog.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::account::{Account, AccountId, Identity, LoginMode};
use piaoxia_engine::Problem;
use piaoxia_service::contract::{BindTicket, Budget, Challenge, LoginForm};

use crate::loadable::Loadable;

/// E-tax accounts of all companies.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// Lists by company id.
    pub lists: BTreeMap<String, Loadable<Vec<Account>>>,
    /// Forms by four-digit region.
    pub forms: BTreeMap<String, Loadable<LoginForm>>,
    /// The service's clock, UTC, and [`super::State::clock`] when the last list came: sessions and locks are shown by them.
    pub now: Option<(Timestamp, f64)>,
    /// Scarce tries, as far as they are known.
    pub budgets: BTreeMap<AccountId, Budget>,
    /// Accounts whose sign-in was begun here and has not been answered yet.
    pub signing_in: BTreeSet<AccountId>,
    /// Challenges that somebody else's sign-ins wait for.
    pub elsewhere: Vec<Elsewhere>,
    /// 添加账号 or 编辑, while open.
    pub form: Option<FormDialog>,
    /// The question for a password, while open.
    pub password: Option<PasswordDialog>,
    /// The question before deleting, while open.
    pub deleting: Option<DeleteDialog>,
    /// The challenge dialog, while open.
    pub challenge: Option<ChallengeDialog>,
    /// Challenges of other sign-ins, which are shown one after another when that one is over.
    pub queued: VecDeque<ChallengeDialog>,
    /// 绑定微信, while open.
    pub binding: Option<BindDialog>,
    /// The question before a binding ends, while open.
    pub unbinding: Option<UnbindDialog>,
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

    /// Forms that could not be had are asked for again.
    pub fn forget_failed_forms(&mut self) {
        self.forms.retain(|_, form| form.value().is_some() || form.problem().is_none());
    }

    /// The challenge that was shown is over or left: the next one takes its place.
    pub fn show_next_challenge(&mut self) {
        self.challenge = self.queued.pop_front();
    }

    /// The service's clock now; nobody's before the first list.
    #[must_use]
    pub fn service_now(&self, clock: f64) -> Timestamp {
        let (then, at) = self.now.unwrap_or((Timestamp::UNIX_EPOCH, clock));
        let gone = SignedDuration::try_from_secs_f64((clock - at).max(0.0)).unwrap_or_default();
        then.checked_add(gone).unwrap_or(then)
    }

    /// The challenge that the sign-in of an account waits for, begun elsewhere and still open.
    #[must_use]
    pub fn waiting(&self, account: &AccountId, clock: f64) -> Option<&Elsewhere> {
        self.elsewhere.iter().find(|waiting| waiting.challenge.account.as_ref() == Some(account) && waiting.ends > clock)
    }

    /// An account by its id, with its company's id.
    #[must_use]
    pub fn find(&self, id: &AccountId) -> Option<(&str, &Account)> {
        self.lists.iter().find_map(|(company, list)| Some((company.as_str(), list.value()?.iter().find(|account| account.id == *id)?)))
    }
}

/// 添加账号 or 编辑.
#[derive(Clone, Default)]
pub struct FormDialog {
    /// Company id.
    pub company: String,
    /// Company, by name.
    pub company_name: String,
    /// Account that is changed; none for a new one.
    pub account: Option<AccountId>,
    /// Its login name; empty for a new one.
    pub login_name: String,
    /// Four-digit region; the company's own at first.
    pub region: String,
    /// Values by the form's keys, the password among them.
    pub values: BTreeMap<String, String>,
    /// 记住密码.
    pub remember: bool,
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
    /// 记住密码.
    pub remember: bool,
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

/// A challenge of a sign-in that was begun elsewhere: by the service itself, or on a phone.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// What is asked.
    pub challenge: Challenge,
    /// When it is over, by [`super::State::clock`].
    pub ends: f64,
}

/// 绑定微信.
#[derive(Clone, Debug)]
pub struct BindDialog {
    /// Company id.
    pub company: String,
    /// Which account.
    pub account: AccountId,
    /// Its login name, masked.
    pub login_name: String,
    /// Where it stands.
    pub step: Bind,
    /// 再查一次 was pressed, an answer is awaited.
    pub looking: bool,
}

/// Where a binding stands.
#[derive(Clone, Debug)]
pub enum Bind {
    /// Getting a QR.
    Asking,
    /// 等待扫码, 已扫码.
    Open {
        /// What is scanned.
        ticket: BindTicket,
        /// When it is over, by [`super::State::clock`].
        expires: f64,
        /// A phone has the page open.
        scanned: bool,
    },
    /// 已绑定.
    Bound {
        /// To whom.
        person: String,
    },
    /// 已拒绝.
    Denied,
    /// 已过期.
    Expired,
    /// It cannot go on.
    Failed(Problem),
}

/// The question before a binding ends.
#[derive(Clone, Debug, Default)]
pub struct UnbindDialog {
    /// Company id.
    pub company: String,
    /// Which account.
    pub account: AccountId,
    /// Its login name, masked.
    pub login_name: String,
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
