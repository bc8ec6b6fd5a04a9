//! What a gateway remembers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use piaoxia_domain::Account;
use piaoxia_service::contract::{Company, Device};
use serde::{Deserialize, Serialize};

/// Version of the file's layout.
pub(crate) const FORMAT: u32 = 1;

/// Everything that outlives the process. Codes and tokens are here as hashes; passwords and the bureau's tokens are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    pub(crate) format: u32,
    /// By id.
    #[serde(default)]
    pub(crate) persons: BTreeMap<String, Person>,
    /// By id.
    #[serde(default)]
    pub(crate) devices: BTreeMap<String, Device>,
    #[serde(default)]
    pub(crate) bindings: Vec<Binding>,
    /// By hash.
    #[serde(default)]
    pub(crate) codes: BTreeMap<String, Code>,
    /// By id; the counts in them are not kept up.
    #[serde(default)]
    pub(crate) companies: BTreeMap<String, Company>,
    #[serde(default)]
    pub(crate) accounts: Vec<KeptAccount>,
    /// By hash.
    #[serde(default)]
    pub(crate) refresh: BTreeMap<String, RefreshToken>,
    /// By id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) applications: BTreeMap<String, Application>,
    /// Links that take a PC's right away, by hash.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) revocations: BTreeMap<String, Revocation>,
}

/// A person, known by the phone's browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    pub(crate) name: String,
    /// Hash of the secret in the browser's cookie.
    pub(crate) browser: String,
    /// Who it is to the WeChat Official Account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) openid: Option<String>,
    /// Companies that an operation key lets the person configure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) companies: Vec<String>,
    /// Where news of the person's PCs go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

impl Person {
    /// Somebody of whom nothing but name and browser is known.
    pub(crate) fn new(name: String, browser: String) -> Self {
        Self { name, browser, openid: None, companies: Vec::new(), email: None }
    }
}

/// 数电升级 application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Application {
    /// Company id.
    pub(crate) company: String,
    /// Companies that are upgraded, itself among them.
    pub(crate) companies: Vec<String>,
    pub(crate) contact: Contact,
    pub(crate) created_at: Timestamp,
    /// 操作密钥, as a hash.
    pub(crate) key: String,
    /// Its end.
    pub(crate) key_until: Timestamp,
    /// The person whose phone it was used on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) configured_by: Option<String>,
    /// Hash of the token by which the mail asks for a new key and code.
    pub(crate) renewal: String,
    /// When that was done within the last hour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) renewed: Vec<Timestamp>,
}

/// Who applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contact {
    /// 邮箱.
    pub(crate) email: String,
    /// 使用产品.
    pub(crate) product: String,
    /// 联系人.
    pub(crate) name: String,
    /// 手机号.
    pub(crate) phone: String,
}

/// What a link of a mail takes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Revocation {
    pub(crate) person: String,
    pub(crate) device: String,
    pub(crate) until: Timestamp,
}

/// A person on a PC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Binding {
    pub(crate) person: String,
    pub(crate) device: String,
    /// 已激活.
    pub(crate) activated: bool,
    /// Companies that the activation brought.
    pub(crate) companies: Vec<String>,
}

/// An activation code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Code {
    pub(crate) expires_at: Timestamp,
    pub(crate) companies: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redeemed: Option<Redemption>,
}

/// Who redeemed a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Redemption {
    pub(crate) device: String,
    pub(crate) person: String,
    /// Its binding was given up since: the code opens nothing any more.
    #[serde(default)]
    pub(crate) ended: bool,
}

/// An e-tax account as it is kept: session always none, no password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptAccount {
    /// Company id.
    pub(crate) company: String,
    /// Id at the bureau.
    pub(crate) upstream: String,
    /// Fields of the form that are not secret, to sign in with again.
    pub(crate) fields: BTreeMap<String, String>,
    /// 微信绑定: the person who gets its requests on the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bound_to: Option<String>,
    pub(crate) account: Account,
}

/// A token of 30 天免登录.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshToken {
    /// All tokens that came from one sign-in.
    pub(crate) family: String,
    pub(crate) person: String,
    pub(crate) device: String,
    pub(crate) until: Timestamp,
    /// It gave another. A second use is theft and ends the family, unless that other has not arrived: the answer with it was lost.
    pub(crate) used: bool,
    /// Hash of the one that it gave, until a call under the session beside that one says that it has arrived; none of one that was replaced
    /// before anybody used it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) successor: Option<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            format: FORMAT,
            persons: BTreeMap::new(),
            devices: BTreeMap::new(),
            bindings: Vec::new(),
            codes: BTreeMap::new(),
            companies: BTreeMap::new(),
            accounts: Vec::new(),
            refresh: BTreeMap::new(),
            applications: BTreeMap::new(),
            revocations: BTreeMap::new(),
        }
    }
}

impl State {
    /// The binding of a person to a PC.
    pub(crate) fn binding(&self, person: &str, device: &str) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.person == person && binding.device == device)
    }

    /// The same, to be changed.
    pub(crate) fn binding_mut(&mut self, person: &str, device: &str) -> Option<&mut Binding> {
        self.bindings.iter_mut().find(|binding| binding.person == person && binding.device == device)
    }

    /// Name of a company; empty for an unknown one.
    pub(crate) fn company_name(&self, id: &str) -> String {
        self.companies.get(id).map(|company| company.name.clone()).unwrap_or_default()
    }

    /// The companies that a person may configure: by an operation key, and by an activation on any PC.
    pub(crate) fn companies_of(&self, person: &str) -> Vec<String> {
        let activated = self.bindings.iter().filter(|binding| binding.person == person && binding.activated);
        let by_key = self.persons.get(person).into_iter().flat_map(|person| &person.companies);
        let mut all: Vec<String> = Vec::new();
        for company in by_key.chain(activated.flat_map(|binding| &binding.companies)) {
            if !all.contains(company) {
                all.push(company.clone());
            }
        }
        all
    }

    /// Forgets refresh tokens that are over and codes that expired a week ago unused.
    pub(crate) fn tidy(&mut self, now: Timestamp) {
        const WEEK: i64 = 7 * 86400;
        self.refresh.retain(|_, token| token.until > now);
        self.revocations.retain(|_, link| link.until > now);
        self.codes.retain(|_, code| code.redeemed.is_some() || code.expires_at.as_second() + WEEK > now.as_second());
    }
}
