//! Persons and their accounts (电子税务局账号). None of them lives: numbers and births are nobody's.

use std::collections::BTreeMap;
use std::fmt;

use piaoxia_domain::TaxNumber;
use piaoxia_domain::account::{Identity, Rights};

use crate::regions::forms::{LOGIN_NAME, PASSWORD, TAX_NO};
use crate::regions::{Ask, LoginName, RegionRule};
use crate::register::{Company, CompanyNo, SANDBOX_COMPANIES};
use crate::tax_numbers::resident_id;

/// An account's place in the bureau's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNo(pub u16);

/// A person's account at one company.
#[derive(Clone, PartialEq, Eq)]
pub struct BureauAccount {
    /// Its place.
    pub no: AccountNo,
    /// Company that it works for.
    pub company: CompanyNo,
    /// 姓名.
    pub person: String,
    /// Phone that messages go to.
    pub phone: String,
    /// Identities of the person at the company.
    pub identities: Vec<Identity>,
    pub(crate) id_number: String,
    pub(crate) user_name: String,
    pub(crate) password: String,
    pub(crate) login: LoginName,
    /// What the bureau asks of this person after what the region asks of everybody.
    pub(crate) asks: &'static [Ask],
}

// Numbers of persons and passwords stay out of logs, even invented ones: the gateway's logs are read by people.
impl fmt::Debug for BureauAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BureauAccount").field("no", &self.no).field("company", &self.company).finish_non_exhaustive()
    }
}

impl BureauAccount {
    /// The login name that the region's form asks for: phone, ID number or user name.
    #[must_use]
    pub fn login_name(&self) -> &str {
        match self.login {
            LoginName::Any | LoginName::Phone => &self.phone,
            LoginName::IdNumber => &self.id_number,
            LoginName::UserName => &self.user_name,
        }
    }

    /// The login name with its middle hidden: `199****0001`.
    #[must_use]
    pub fn masked_login_name(&self) -> String {
        masked(self.login_name())
    }

    /// What the person may do under an identity: a 开票员 issues, a 财务负责人 receives, the others do both.
    #[must_use]
    pub fn rights(&self, identity: Identity) -> Rights {
        match identity {
            Identity::Issuer => Rights { issue: true, receive: false },
            Identity::FinanceOfficer => Rights { issue: false, receive: true },
            Identity::LegalRepresentative | Identity::TaxOfficer | Identity::Administrator => Rights { issue: true, receive: true },
        }
    }

    /// True when the region takes this text as the person's login name.
    pub(crate) fn answers_to(&self, typed: &str) -> bool {
        match self.login {
            LoginName::Any => [&self.phone, &self.id_number, &self.user_name].into_iter().any(|name| name == typed),
            LoginName::Phone | LoginName::IdNumber | LoginName::UserName => self.login_name() == typed,
        }
    }
}

/// A text with its middle hidden, as the bureau shows phones and names.
pub(crate) fn masked(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (front, back) = if characters.len() >= 7 { (3, 4) } else { (1, 1) };
    let start: String = characters.iter().take(front).collect();
    let end: String = characters.iter().skip(characters.len().saturating_sub(back).max(front)).collect();
    format!("{start}****{end}")
}

/// An account that a newcomer may type: what the sandbox publishes.
#[derive(Clone, PartialEq, Eq)]
pub struct DemoAccount {
    /// The account.
    pub account: AccountNo,
    /// Its company.
    pub company: CompanyNo,
    /// Name of the company.
    pub company_name: String,
    /// 纳税人识别号 of the company.
    pub tax_no: TaxNumber,
    /// Four-digit region.
    pub region: String,
    /// Login name as the region wants it.
    pub login_name: String,
    /// Password.
    pub password: String,
    /// 姓名.
    pub person: String,
    /// Identity to choose.
    pub identity: Identity,
    /// What the account may do.
    pub rights: Rights,
    /// Phone that messages go to.
    pub phone: String,
    /// What is special about it, Chinese.
    pub hint: &'static str,
}

impl fmt::Debug for DemoAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DemoAccount").field("account", &self.account).field("company", &self.company).finish_non_exhaustive()
    }
}

impl DemoAccount {
    /// The fields of the region's form, ready for `begin_login`.
    #[must_use]
    pub fn fields(&self) -> BTreeMap<String, String> {
        [(TAX_NO, self.tax_no.as_str()), (LOGIN_NAME, self.login_name.as_str()), (PASSWORD, self.password.as_str())]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }
}

/// One password for all: it guards nothing, and a newcomer should not have to look for it.
const DEMO_PASSWORD: &str = "Piaoxia@2026";

struct Person {
    company: u16,
    name: &'static str,
    user_name: &'static str,
    phone: &'static str,
    identities: &'static [Identity],
    asks: &'static [Ask],
    hint: &'static str,
}

/// The user's own staff, whose places are kept by those who signed in: newcomers go to [`NEWCOMERS`].
const STAFF: [Person; 6] = [
    Person {
        company: 0,
        name: "林小票",
        user_name: "linxiaopiao",
        phone: "19900000001",
        identities: &[Identity::TaxOfficer, Identity::FinanceOfficer],
        asks: &[],
        hint: "上海一般纳税人的办税员，开票和收票都可以；先图形验证码，再短信",
    },
    Person {
        company: 0,
        name: "陈示范",
        user_name: "chenshifan",
        phone: "19900000002",
        identities: &[Identity::Issuer],
        asks: &[],
        hint: "只能开票的开票员：用它下载会提示没有收票权限",
    },
    Person {
        company: 1,
        name: "林小票",
        user_name: "linxiaopiao",
        phone: "19900000001",
        identities: &[Identity::LegalRepresentative, Identity::TaxOfficer],
        asks: &[],
        hint: "深圳：短信之后还要选择身份",
    },
    Person {
        company: 1,
        name: "赵样例",
        user_name: "zhaoyangli",
        phone: "19900000003",
        identities: &[Identity::FinanceOfficer],
        asks: &[],
        hint: "只能收票的财务负责人",
    },
    Person {
        company: 2,
        name: "孙演示",
        user_name: "sunyanshi",
        phone: "19900000004",
        identities: &[Identity::LegalRepresentative, Identity::TaxOfficer],
        asks: &[],
        hint: "浙江小规模纳税人：用手机应用扫码登录",
    },
    Person {
        company: 2,
        name: "钱开示",
        user_name: "qiankaishi",
        phone: "19900000005",
        identities: &[Identity::Issuer],
        asks: &[],
        hint: "浙江，只能开票",
    },
];

/// More of the user's staff, whose places come after those of all others.
const NEWCOMERS: [Person; 2] = [
    Person {
        company: 1,
        name: "吴待认",
        user_name: "wudairen",
        phone: "19900000006",
        identities: &[Identity::TaxOfficer],
        asks: &[Ask::ConfirmRelation, Ask::Face],
        hint: "深圳：办税关系待确认，短信之后先确认关系，再刷脸；确认一次即可",
    },
    Person {
        company: 2,
        name: "郑刷脸",
        user_name: "zhengshualian",
        phone: "19900000007",
        identities: &[Identity::LegalRepresentative],
        asks: &[Ask::Face],
        hint: "浙江：扫码之后每次都要人脸验证",
    },
];

/// All accounts: those of the sandbox's user, then one for each other company, then the newcomers.
pub(crate) fn accounts(companies: &[Company]) -> Vec<BureauAccount> {
    let others = companies.iter().skip(SANDBOX_COMPANIES).map(|company| Person {
        company: company.no.0,
        name: "周虚构",
        user_name: "zhouxugou",
        phone: "",
        identities: &[Identity::TaxOfficer],
        asks: &[],
        hint: "",
    });
    (0u16..).zip(STAFF.into_iter().chain(others).chain(NEWCOMERS)).filter_map(|(no, person)| account(no, &person, companies)).collect()
}

fn account(no: u16, person: &Person, companies: &[Company]) -> Option<BureauAccount> {
    let company = companies.get(usize::from(person.company))?;
    let division = company.tax_no.as_str().get(2..8)?;
    Some(BureauAccount {
        no: AccountNo(no),
        company: company.no,
        person: person.name.to_owned(),
        phone: if person.phone.is_empty() { format!("1990000{:04}", 1000 + no) } else { person.phone.to_owned() },
        identities: person.identities.to_vec(),
        id_number: resident_id(division, no + 1),
        user_name: person.user_name.to_owned(),
        password: DEMO_PASSWORD.to_owned(),
        login: RegionRule::of(company.region)?.login,
        asks: person.asks,
    })
}

/// The accounts of the sandbox's user, as a newcomer types them.
pub(crate) fn demo_accounts(companies: &[Company], accounts: &[BureauAccount]) -> Vec<DemoAccount> {
    let newcomers = accounts.iter().skip(accounts.len().saturating_sub(NEWCOMERS.len()));
    let staff = accounts.iter().zip(&STAFF).chain(newcomers.zip(&NEWCOMERS));
    staff.filter_map(|(account, person)| demo_account(companies, account, person)).collect()
}

fn demo_account(companies: &[Company], account: &BureauAccount, person: &Person) -> Option<DemoAccount> {
    let company = companies.get(usize::from(account.company.0))?;
    let identity = *account.identities.first()?;
    Some(DemoAccount {
        account: account.no,
        company: company.no,
        company_name: company.name.clone(),
        tax_no: company.tax_no.clone(),
        region: company.region.to_owned(),
        login_name: account.login_name().to_owned(),
        password: account.password.clone(),
        person: account.person.clone(),
        identity,
        rights: account.rights(identity),
        phone: account.phone.clone(),
        hint: person.hint,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::register::companies;

    #[test]
    fn every_company_has_an_account_and_every_right_occurs() {
        let companies = companies();
        let accounts = accounts(&companies);
        assert!(companies.iter().all(|company| accounts.iter().any(|account| account.company == company.no)));
        let demo = demo_accounts(&companies, &accounts);
        assert_eq!(demo.len(), STAFF.len() + NEWCOMERS.len());
        for (account, person) in demo.iter().zip(STAFF.iter().chain(&NEWCOMERS)) {
            assert_eq!((account.person.as_str(), account.company.0), (person.name, person.company));
        }
        for rights in [(true, true), (true, false), (false, true)] {
            assert!(demo.iter().any(|account| (account.rights.issue, account.rights.receive) == rights));
        }
        for account in &accounts {
            assert!(account.phone.len() == 11 && account.phone.starts_with('1'), "{}", account.phone);
        }
    }

    #[test]
    fn the_region_decides_the_login_name() {
        let companies = companies();
        let accounts = accounts(&companies);
        let of = |company: u16| accounts.iter().find(|account| account.company == CompanyNo(company)).unwrap();
        assert!(of(0).answers_to("19900000001") && of(0).answers_to("linxiaopiao"));
        assert!(of(1).answers_to("19900000001") && !of(1).answers_to("linxiaopiao"));
    }

    #[test]
    fn secrets_are_masked() {
        assert_eq!(masked("19900000001"), "199****0001");
        assert_eq!(masked("ab"), "a****b");
        assert_eq!(masked("a"), "a****");
        let shown = format!("{:?}", accounts(&companies()));
        assert!(!shown.contains("Piaoxia@") && !shown.contains("1990000"));
    }
}
