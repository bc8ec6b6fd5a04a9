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
}

/// A person, known by the phone's browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    pub(crate) name: String,
    /// Hash of the secret in the browser's cookie.
    pub(crate) browser: String,
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
    /// A second use is theft and ends the family.
    pub(crate) used: bool,
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

    /// Forgets refresh tokens that are over and codes that expired a week ago unused.
    pub(crate) fn tidy(&mut self, now: Timestamp) {
        const WEEK: i64 = 7 * 86400;
        self.refresh.retain(|_, token| token.until > now);
        self.codes.retain(|_, code| code.redeemed.is_some() || code.expires_at.as_second() + WEEK > now.as_second());
    }
}
