//! Accounts of the e-tax bureau (电子税务局账号) and the rules of default accounts.

use serde::{Deserialize, Serialize};

/// Identifies an account within the service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AccountId(pub String);

/// How an account signs in (登录类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum LoginMode {
    /// 人工登录: a person answers the challenges. The default.
    Manual,
    /// 华盟托管号码: the service's hosted phone answers.
    HostedPhone,
    /// 企享云办税小号: a virtual number answers.
    VirtualPhone,
}

/// Identity at the bureau (身份类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Identity {
    /// 法定代表人.
    #[serde(rename = "FDDBR")]
    LegalRepresentative,
    /// 财务负责人.
    #[serde(rename = "CWFZR")]
    FinanceOfficer,
    /// 办税员.
    #[serde(rename = "BSY")]
    TaxOfficer,
    /// 开票员.
    #[serde(rename = "KPY")]
    Issuer,
    /// 管理员.
    #[serde(rename = "GLY")]
    Administrator,
}

impl Identity {
    /// All, as the bureau lists them.
    pub const ALL: [Self; 5] = [Self::LegalRepresentative, Self::FinanceOfficer, Self::TaxOfficer, Self::Issuer, Self::Administrator];

    /// The bureau's abbreviation.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::LegalRepresentative => "FDDBR",
            Self::FinanceOfficer => "CWFZR",
            Self::TaxOfficer => "BSY",
            Self::Issuer => "KPY",
            Self::Administrator => "GLY",
        }
    }

    /// From the bureau's abbreviation.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|identity| identity.code() == code)
    }

    /// Chinese name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LegalRepresentative => "法定代表人",
            Self::FinanceOfficer => "财务负责人",
            Self::TaxOfficer => "办税员",
            Self::Issuer => "开票员",
            Self::Administrator => "管理员",
        }
    }
}

/// What an account may do: 开票 (issue) and 收票 (receive, that is query and download).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rights {
    /// 开票.
    pub issue: bool,
    /// 收票.
    pub receive: bool,
}

/// For which work an account is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum DefaultFor {
    /// 开票.
    Issue,
    /// 收票.
    Receive,
    /// 开票+收票.
    Both,
}

/// Session of an account at the bureau, as far as anybody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BureauSession))]
pub enum Session {
    /// Nobody signed in yet, or signed out.
    None,
    /// Signed in until then at the latest (the bureau may end it earlier).
    #[serde(rename_all = "camelCase")]
    Valid {
        /// End, UTC.
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        until: jiff::Timestamp,
    },
    /// Ended: its 12 hours are over, or the bureau ended it.
    Expired,
    /// Ended because somebody signed in with the account elsewhere (在别处登录): a bureau's account has one session.
    SignedInElsewhere,
    /// Locked by the bureau after five errors.
    #[serde(rename_all = "camelCase")]
    Locked {
        /// End, UTC: the next midnight in Shanghai.
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        until: jiff::Timestamp,
    },
}

/// An account of the e-tax bureau. The password is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Account {
    /// Within the service.
    pub id: AccountId,
    /// 登录名: phone, ID number or user name, masked in the middle (`138****0001`).
    pub login_name: String,
    /// 姓名, where the bureau told it.
    pub person: String,
    /// 身份类型.
    pub identity: Identity,
    /// 登录类型.
    pub login_mode: LoginMode,
    /// Four-digit region.
    pub region: String,
    /// 开票 / 收票.
    pub rights: Rights,
    /// 默认账号.
    pub default_for: Option<DefaultFor>,
    /// 已绑定微信.
    pub wechat_bound: bool,
    /// Session at the bureau.
    pub session: Session,
}

/// Why a default cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "rule")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum DefaultRule {
    /// No such account.
    #[error("there is no such account")]
    Unknown,
    /// 没有该权限，不能设为默认.
    #[error("the account has no right to do that")]
    NoRight,
    /// 只有一个账号时只能设为「开票+收票」.
    #[error("a company's only account can only be the default for both")]
    OnlyAccountIsBoth,
    /// A default is deleted without naming its successor while others are there.
    #[error("a default account needs a successor")]
    NeedsSuccessor,
}

impl DefaultFor {
    /// True when this is that work, or holds it.
    fn covers(self, work: Self) -> bool {
        self == Self::Both || self == work
    }

    fn allowed_by(self, rights: Rights) -> bool {
        match self {
            Self::Issue => rights.issue,
            Self::Receive => rights.receive,
            Self::Both => rights.issue && rights.receive,
        }
    }
}

/// Makes `id` the default for that work. The account that held it loses it; one that was the default for both keeps the
/// other half. At most two defaults (one a work) or one for both remain.
///
/// # Errors
/// The [`DefaultRule`] that forbids it; nothing is changed then.
pub fn set_default(accounts: &mut [Account], id: &AccountId, work: DefaultFor) -> Result<(), DefaultRule> {
    let chosen = accounts.iter().find(|a| a.id == *id).ok_or(DefaultRule::Unknown)?;
    if accounts.len() == 1 && work != DefaultFor::Both {
        return Err(DefaultRule::OnlyAccountIsBoth);
    }
    if !work.allowed_by(chosen.rights) {
        return Err(DefaultRule::NoRight);
    }
    for account in accounts.iter_mut() {
        account.default_for = if account.id == *id { Some(work) } else { account.default_for.and_then(|held| without(held, work)) };
    }
    Ok(())
}

/// A company's only account does all of its work, as far as it may: nobody has to choose it.
pub fn choose_the_only(accounts: &mut [Account]) {
    if let [only] = accounts
        && only.default_for.is_none()
        && DefaultFor::Both.allowed_by(only.rights)
    {
        only.default_for = Some(DefaultFor::Both);
    }
}

/// What is left of a default when another account takes over `taken`.
fn without(held: DefaultFor, taken: DefaultFor) -> Option<DefaultFor> {
    match (held, taken) {
        (_, DefaultFor::Both) => None,
        (DefaultFor::Both, DefaultFor::Issue) => Some(DefaultFor::Receive),
        (DefaultFor::Both, DefaultFor::Receive) => Some(DefaultFor::Issue),
        (held, taken) => (held != taken).then_some(held),
    }
}

/// Removes an account. A default hands its work to `successor`, which is required while other accounts are there.
///
/// # Errors
/// The [`DefaultRule`] that forbids it; nothing is changed then.
pub fn remove(accounts: &mut Vec<Account>, id: &AccountId, successor: Option<&AccountId>) -> Result<Account, DefaultRule> {
    let position = accounts.iter().position(|a| a.id == *id).ok_or(DefaultRule::Unknown)?;
    let mut left = accounts.clone();
    let removed = left.remove(position);
    if let Some(work) = removed.default_for.filter(|_| !left.is_empty()) {
        let successor = successor.ok_or(DefaultRule::NeedsSuccessor)?;
        let work = inherited(work, left.len());
        set_default(&mut left, successor, work)?;
    }
    settle(&mut left);
    *accounts = left;
    Ok(removed)
}

/// The work that must be taken over when this account is deleted; none when it may simply go.
#[must_use]
pub fn inheritance(accounts: &[Account], id: &AccountId) -> Option<DefaultFor> {
    let work = accounts.iter().find(|a| a.id == *id)?.default_for?;
    let left = accounts.len() - 1;
    (left > 0).then(|| inherited(work, left))
}

/// The accounts that may take over the default work of this one; empty when it has none, or when nobody may.
#[must_use]
pub fn successors(accounts: &[Account], id: &AccountId) -> Vec<AccountId> {
    let Some(work) = inheritance(accounts, id) else { return Vec::new() };
    accounts.iter().filter(|a| a.id != *id && work.allowed_by(a.rights)).map(|a| a.id.clone()).collect()
}

/// A company's only account does both or nothing.
fn inherited(work: DefaultFor, left: usize) -> DefaultFor {
    if left == 1 { DefaultFor::Both } else { work }
}

/// As much of the work as these rights allow.
fn part_of(work: DefaultFor, rights: Rights) -> Option<DefaultFor> {
    [DefaultFor::Both, DefaultFor::Issue, DefaultFor::Receive].into_iter().find(|part| work.covers(*part) && part.allowed_by(rights))
}

/// Gives an account other rights. Default work that they no longer allow is taken away.
///
/// # Errors
/// [`DefaultRule::Unknown`].
pub fn set_rights(accounts: &mut [Account], id: &AccountId, rights: Rights) -> Result<(), DefaultRule> {
    accounts.iter_mut().find(|a| a.id == *id).ok_or(DefaultRule::Unknown)?.rights = rights;
    settle(accounts);
    Ok(())
}

/// Brings the defaults back under the rules after accounts or rights have changed.
fn settle(accounts: &mut [Account]) {
    let alone = accounts.len() == 1;
    for account in accounts {
        let Some(held) = account.default_for else { continue };
        account.default_for =
            if alone { Some(DefaultFor::Both).filter(|both| both.allowed_by(account.rights)) } else { part_of(held, account.rights) };
    }
}

/// The account that does this work when none is named.
#[must_use]
pub fn default_account(accounts: &[Account], work: DefaultFor) -> Option<&Account> {
    accounts.iter().find(|a| a.default_for.is_some_and(|held| held.covers(work)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn account(id: &str, issue: bool, receive: bool) -> Account {
        Account {
            id: AccountId(id.to_owned()),
            login_name: id.to_owned(),
            person: String::new(),
            identity: Identity::TaxOfficer,
            login_mode: LoginMode::Manual,
            region: "3100".to_owned(),
            rights: Rights { issue, receive },
            default_for: None,
            wechat_bound: false,
            session: Session::None,
        }
    }

    fn id(text: &str) -> AccountId {
        AccountId(text.to_owned())
    }

    #[test]
    fn the_only_account_is_the_default_where_it_may_be() {
        let mut one = vec![account("a", true, true)];
        choose_the_only(&mut one);
        assert_eq!(one[0].default_for, Some(DefaultFor::Both));
        for mut others in [vec![account("a", true, false)], vec![account("a", true, true), account("b", true, true)]] {
            choose_the_only(&mut others);
            assert!(others.iter().all(|account| account.default_for.is_none()));
        }
    }

    #[test]
    fn a_single_account_is_for_both() {
        let mut one = vec![account("a", true, true)];
        assert_eq!(set_default(&mut one, &id("a"), DefaultFor::Receive), Err(DefaultRule::OnlyAccountIsBoth));
        set_default(&mut one, &id("a"), DefaultFor::Both).unwrap();
        assert_eq!(default_account(&one, DefaultFor::Receive).unwrap().id, id("a"));
    }

    #[test]
    fn no_right_no_default() {
        let mut two = vec![account("a", true, false), account("b", true, true)];
        assert_eq!(set_default(&mut two, &id("a"), DefaultFor::Receive), Err(DefaultRule::NoRight));
        assert_eq!(set_default(&mut two, &id("a"), DefaultFor::Both), Err(DefaultRule::NoRight));
        set_default(&mut two, &id("b"), DefaultFor::Both).unwrap();
        set_default(&mut two, &id("a"), DefaultFor::Issue).unwrap();
        assert_eq!(two[1].default_for, Some(DefaultFor::Receive));
    }

    #[test]
    fn a_deleted_default_needs_a_successor() {
        let mut three = vec![account("a", true, true), account("b", true, true), account("c", false, true)];
        set_default(&mut three, &id("a"), DefaultFor::Both).unwrap();
        let before = three.clone();
        assert_eq!(remove(&mut three, &id("a"), None), Err(DefaultRule::NeedsSuccessor));
        assert_eq!(remove(&mut three, &id("a"), Some(&id("c"))), Err(DefaultRule::NoRight));
        assert_eq!(three, before);
        remove(&mut three, &id("a"), Some(&id("b"))).unwrap();
        assert_eq!(default_account(&three, DefaultFor::Issue).unwrap().id, id("b"));
    }

    #[test]
    fn a_default_stays_while_nobody_can_follow() {
        let mut two = vec![account("a", true, true), account("b", true, false)];
        set_default(&mut two, &id("a"), DefaultFor::Both).unwrap();
        let before = two.clone();
        assert_eq!(successors(&two, &id("a")), []);
        assert_eq!(remove(&mut two, &id("a"), None), Err(DefaultRule::NeedsSuccessor));
        assert_eq!(remove(&mut two, &id("a"), Some(&id("b"))), Err(DefaultRule::NoRight));
        assert_eq!(two, before);
    }

    #[test]
    fn the_last_account_is_for_both_or_nothing() {
        let mut two = vec![account("a", true, true), account("b", true, true)];
        set_default(&mut two, &id("b"), DefaultFor::Issue).unwrap();
        remove(&mut two, &id("a"), None).unwrap();
        assert_eq!(two[0].default_for, Some(DefaultFor::Both));
        set_rights(&mut two, &id("b"), Rights { issue: true, receive: false }).unwrap();
        assert_eq!(two[0].default_for, None);
    }

    #[test]
    fn shrunk_rights_leave_the_allowed_half() {
        let mut two = vec![account("a", true, true), account("b", true, true)];
        set_default(&mut two, &id("a"), DefaultFor::Both).unwrap();
        set_rights(&mut two, &id("a"), Rights { issue: false, receive: true }).unwrap();
        assert_eq!(two[0].default_for, Some(DefaultFor::Receive));
    }

    /// What a person or the bureau can do to a company's accounts.
    #[derive(Clone, Debug)]
    enum Act {
        Add(bool, bool),
        Remove(usize, Option<usize>),
        Rights(usize, bool, bool),
        Set(usize, usize),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            (any::<bool>(), any::<bool>()).prop_map(|(issue, receive)| Act::Add(issue, receive)),
            (0usize..5, prop::option::of(0usize..5)).prop_map(|(which, heir)| Act::Remove(which, heir)),
            (0usize..5, any::<bool>(), any::<bool>()).prop_map(|(which, issue, receive)| Act::Rights(which, issue, receive)),
            (0usize..5, 0usize..3).prop_map(|(which, work)| Act::Set(which, work)),
        ];
        prop::collection::vec(act, 0..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn whatever_happens_the_rules_hold(acts in acts()) {
            const WORK: [DefaultFor; 3] = [DefaultFor::Issue, DefaultFor::Receive, DefaultFor::Both];
            let mut accounts: Vec<Account> = Vec::new();
            for (number, act) in acts.into_iter().enumerate() {
                let at = |which: usize| accounts.get(which).map_or_else(|| id("nobody"), |a| a.id.clone());
                let before = accounts.clone();
                let result = match act {
                    Act::Add(issue, receive) => {
                        accounts.push(account(&number.to_string(), issue, receive));
                        // The one that was alone keeps its default for both.
                        Ok(())
                    }
                    Act::Remove(which, heir) => {
                        let (gone, heir) = (at(which), heir.map(at));
                        remove(&mut accounts, &gone, heir.as_ref()).map(drop)
                    }
                    Act::Rights(which, issue, receive) => {
                        let changed = at(which);
                        set_rights(&mut accounts, &changed, Rights { issue, receive })
                    }
                    Act::Set(which, work) => {
                        let chosen = at(which);
                        set_default(&mut accounts, &chosen, WORK[work])
                    }
                };
                if result.is_err() {
                    prop_assert_eq!(&accounts, &before, "what is refused changes nothing");
                }
                for work in [DefaultFor::Issue, DefaultFor::Receive] {
                    prop_assert!(accounts.iter().filter(|a| a.default_for.is_some_and(|d| d.covers(work))).count() <= 1);
                }
                prop_assert!(accounts.iter().all(|a| a.default_for.is_none_or(|held| held.allowed_by(a.rights))));
                if let [only] = accounts.as_slice() {
                    prop_assert!(matches!(only.default_for, None | Some(DefaultFor::Both)));
                }
                // Exactly the successors may follow, and a default among others is deleted with one of them alone.
                for a in &accounts {
                    let heirs = successors(&accounts, &a.id);
                    let free = inheritance(&accounts, &a.id).is_none();
                    prop_assert_eq!(free, a.default_for.is_none() || accounts.len() == 1);
                    prop_assert_eq!(remove(&mut accounts.clone(), &a.id, None).is_ok(), free);
                    for heir in accounts.iter().filter(|heir| heir.id != a.id && !free) {
                        prop_assert_eq!(remove(&mut accounts.clone(), &a.id, Some(&heir.id)).is_ok(), heirs.contains(&heir.id));
                    }
                }
            }
        }
    }
}
