//! The forms of all 36 regions through the connector: what a form names is what a sign-in takes.

use std::collections::BTreeMap;

use piaoxia_bureau::regions::forms::{LOGIN_NAME, PASSWORD, TAX_NO};
use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_domain::Region;
use piaoxia_domain::account::{Identity, LoginMode};
use piaoxia_gateway::connectors::{Asked, Login, Step};
use piaoxia_gateway::{Connector, SimConnector};
use piaoxia_service::contract::*;

use crate::support::SIZE;

/// A company of each region.
fn companies(connector: &SimConnector) -> Vec<Company> {
    let all: Vec<Company> = (0..).map_while(|no| connector.company(&format!("sim-{no}"))).collect();
    let first = |region: &Region| all.iter().find(|company| company.region == region.code).unwrap().clone();
    Region::all().iter().map(first).collect()
}

fn login(fields: &BTreeMap<String, String>, identity: Identity, mode: LoginMode) -> Login {
    Login { fields: fields.clone(), identity, mode }
}

/// Answers as the person with the phone does.
async fn answer(connector: &SimConnector, asked: &Asked, identity: Identity) -> Step {
    let sandbox = connector.sandbox().unwrap();
    let value = match &asked.kind {
        ChallengeKind::Image { .. } => sandbox.captcha(&asked.id).unwrap(),
        ChallengeKind::Sms { .. } => sandbox.messages().pop().unwrap().code.unwrap(),
        ChallengeKind::SelectIdentity { .. } => identity.code().to_owned(),
        ChallengeKind::Qr { apps } | ChallengeKind::Face { apps } => {
            sandbox.scan(&apps[0].text).unwrap();
            return connector.poll(&asked.id).await.unwrap();
        }
        other => panic!("nobody expects this: {other:?}"),
    };
    connector.answer(&asked.id, &value).await.unwrap()
}

/// What the first person of a company types, as the bureau's own list has it.
fn typed(bureau: &Bureau, company: &Company) -> (BTreeMap<String, String>, Identity) {
    let known = bureau.company_by_tax_no(&company.tax_no).unwrap().no;
    let person = bureau.accounts(known)[0];
    let password = bureau.demo_accounts()[0].password.clone();
    let fields = [(TAX_NO, company.tax_no.as_str()), (LOGIN_NAME, person.login_name()), (PASSWORD, &password)];
    (fields.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(), person.identities[0])
}

#[tokio::test]
async fn every_form_can_be_drawn_and_names_the_field_that_does_not_fit() {
    let connector = SimConnector::quick(SIZE);
    let companies = companies(&connector);
    assert_eq!(companies.len(), 36);
    for company in &companies {
        let form = connector.login_form(company, &company.region).await.unwrap();
        assert_eq!(form.region, company.region);
        assert!(!form.identities.is_empty() && form.fields.iter().all(|field| !field.label.is_empty() && field.options.is_empty()));
        assert_eq!(form.login_modes, [LoginMode::Manual, LoginMode::HostedPhone, LoginMode::VirtualPhone]);
        assert_eq!(form.fields.iter().filter(|field| field.kind == FieldKind::Password).count(), 1);
        assert!(form.fields.iter().all(|field| field.kind != FieldKind::Unknown));
        let there = serde_json::to_string(&form).unwrap();
        assert_eq!(serde_json::from_str::<LoginForm>(&there).unwrap(), form, "it arrives as it was sent");

        let mut typed: BTreeMap<String, String> = BTreeMap::new();
        for field in &form.fields {
            for value in ["", "  ", &"x".repeat(65)] {
                typed.insert(field.key.clone(), value.to_owned());
                let refused = connector.begin(company, &login(&typed, form.identities[0], LoginMode::Manual)).await;
                let failure = refused.err().expect("a field that does not fit");
                assert_eq!((failure.code(), failure.error().field.as_deref()), (code::FIELD_INVALID, Some(field.key.as_str())));
            }
            let fitting = match field.kind {
                FieldKind::Phone => "19911111111".to_owned(),
                FieldKind::IdNumber => "11010519491231002X".to_owned(),
                _ => field.fixed.clone().unwrap_or_else(|| "x".to_owned()),
            };
            typed.insert(field.key.clone(), fitting);
        }
        let stranger = connector.begin(company, &login(&typed, form.identities[0], LoginMode::Manual)).await.err().unwrap();
        assert_eq!((stranger.code(), stranger.error().attempts_left), (code::WRONG_PASSWORD, Some(4)), "{}", company.region);
    }
}

#[tokio::test]
async fn every_region_lets_its_person_in_by_each_login_type() {
    let connector = SimConnector::quick(SIZE);
    let bureau = Bureau::new(BureauConfig::new(SIZE.seed, 1, jiff::civil::date(2026, 1, 1)));
    for company in companies(&connector) {
        let form = connector.login_form(&company, &company.region).await.unwrap();
        let (fields, identity) = typed(&bureau, &company);
        assert!(form.fields.iter().all(|field| fields.contains_key(&field.key)) && form.identities.contains(&identity));
        for mode in form.login_modes {
            let mut step = connector.begin(&company, &login(&fields, identity, mode)).await.unwrap();
            let mut kinds = Vec::new();
            let grant = loop {
                match step {
                    Step::In(grant) => break grant,
                    Step::Challenge(asked) => {
                        step = answer(&connector, &asked, identity).await;
                        kinds.push(asked.kind);
                    }
                }
            };
            assert_eq!((grant.identity, grant.login_name.contains("****")), (identity, true), "{}", company.region);
            let only_a_face = kinds.iter().all(|kind| matches!(kind, ChallengeKind::Face { .. }));
            assert_eq!(only_a_face, mode != LoginMode::Manual || company.region == "6400", "{}: {kinds:?}", company.region);
        }
    }
}
