//! A connector that says what it is told to, and whose bureau is broken in the worst way.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use piaoxia_domain::account::{Identity, LoginMode, Session};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{InvoiceKey, TaxNumber};
use piaoxia_gateway::connectors::{Asked, Collection, Login, Step, Task};
use piaoxia_gateway::{Connector, Failure};
use piaoxia_service::contract::*;

/// Its companies, and what each asks when an account signs in.
#[derive(Default)]
pub struct Stub {
    companies: Vec<Company>,
    word: String,
    kinds: BTreeMap<String, ChallengeKind>,
}

impl Stub {
    /// Companies, forms and challenges that all hold this word.
    pub fn saying(word: &str) -> Self {
        let word = word.to_owned();
        let option = |value: &str| ChallengeOption { value: value.to_owned(), label: word.clone() };
        let app = QrChoice { app: word.clone(), text: "https://example.com/scan".to_owned() };
        let kinds = [
            ChallengeKind::Sms { phone: word.clone(), resend_after: 60 },
            ChallengeKind::SelectIdentity { options: vec![option("a"), option(&word)] },
            ChallengeKind::ConfirmRelation { options: vec![option("yes")] },
            ChallengeKind::Working { done: vec![word.clone()], doing: word.clone() },
            ChallengeKind::Face { apps: vec![app] },
        ];
        let kinds: BTreeMap<String, ChallengeKind> = kinds.into_iter().zip(0..).map(|(kind, no)| (format!("c{no}"), kind)).collect();
        let company = |id: &String| Company {
            id: id.clone(),
            tax_no: TaxNumber::from_document("91310115MA1K35JX4G"),
            name: word.clone(),
            region: "3100".to_owned(),
            taxpayer_kind: TaxpayerKind::General,
            entitlement: Entitlement { expires_on: jiff::civil::date(2099, 1, 1) },
            accounts: 0,
            signed_in: 0,
        };
        Self { companies: kinds.keys().map(company).collect(), word, kinds }
    }
}

fn broken<T>() -> Task<'static, T> {
    Box::pin(async { Err(Failure::internal("broken")) })
}

impl Connector for Stub {
    fn service(&self) -> &'static str {
        "stub"
    }
    fn companies(&self) -> Vec<Company> {
        self.companies.clone()
    }
    fn search<'a>(&'a self, _: &'a str) -> Task<'a, Vec<Company>> {
        Box::pin(async { Ok(self.companies.clone()) })
    }
    fn under<'a>(&'a self, _: &'a str) -> Task<'a, Vec<Company>> {
        Box::pin(async { Ok(self.companies.clone()) })
    }
    fn login_form<'a>(&'a self, company: &'a Company, _: &'a str) -> Task<'a, LoginForm> {
        let field = |key: &str, kind| FormField {
            key: key.to_owned(),
            label: self.word.clone(),
            kind,
            required: true,
            hint: self.word.clone(),
            fixed: None,
            options: Vec::new(),
        };
        let form = LoginForm {
            region: company.region.clone(),
            fields: vec![field("loginName", FieldKind::Text), field("password", FieldKind::Password)],
            identities: vec![Identity::FinanceOfficer],
            login_modes: vec![LoginMode::Manual],
        };
        Box::pin(async { Ok(form) })
    }
    fn begin<'a>(&'a self, company: &'a Company, _: &'a Login) -> Task<'a, Step> {
        let Some(kind) = self.kinds.get(&company.id).cloned() else { return broken() };
        let asked = Asked {
            id: format!("challenge-{}", company.id),
            upstream: format!("account-{}", company.id),
            login_name: self.word.clone(),
            kind,
            expires_at: Timestamp::now() + 10.minutes(),
            attempts_left: 3,
            rejected: false,
        };
        Box::pin(async { Ok(Step::Challenge(asked)) })
    }
    fn answer<'a>(&'a self, _: &'a str, _: &'a str) -> Task<'a, Step> {
        broken()
    }
    fn poll<'a>(&'a self, _: &'a str) -> Task<'a, Step> {
        broken()
    }
    fn resend<'a>(&'a self, _: &'a str) -> Task<'a, Step> {
        broken()
    }
    fn cancel<'a>(&'a self, _: &'a str) -> Task<'a, ()> {
        broken()
    }
    fn sign_out<'a>(&'a self, _: &'a str) -> Task<'a, ()> {
        broken()
    }
    fn session_state(&self, _: &str, _: Option<&str>) -> Session {
        Session::None
    }
    fn budget<'a>(&'a self, _: &'a str) -> Task<'a, Budget> {
        broken()
    }
    fn summary<'a>(&'a self, _: &'a Company, _: &'a str, _: &'a Query) -> Task<'a, Vec<SummaryRow>> {
        broken()
    }
    fn start_collect<'a>(&'a self, _: &'a Company, _: &'a str, _: &'a Query) -> Task<'a, Collection> {
        broken()
    }
    fn page<'a>(&'a self, _: &'a Company, _: &'a str, _: &'a Query, _: Option<&'a str>) -> Task<'a, Page> {
        broken()
    }
    fn end_collect<'a>(&'a self, _: &'a str) -> Task<'a, ()> {
        broken()
    }
    fn originals<'a>(&'a self, _: &'a Company, _: &'a str, _: &'a InvoiceKey) -> Task<'a, Vec<(Format, String)>> {
        broken()
    }
    fn original<'a>(&'a self, _: &'a Company, _: &'a InvoiceKey, _: Format) -> Task<'a, Vec<u8>> {
        broken()
    }
    fn notices(&self) -> Task<'_, Vec<Notice>> {
        panic!("the connector stumbles")
    }
}
