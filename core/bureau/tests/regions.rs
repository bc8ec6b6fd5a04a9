//! The forms of all 36 regions: each shows its fields, refuses what does not fit by the field's name, and lets its person in.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{bureau, go_through, morning};
use piaoxia_bureau::regions::forms::{LOGIN_NAME, PASSWORD, TAX_NO};
use piaoxia_bureau::{Bureau, BureauAccount, ChallengeKind, Company, FieldKind, Form, Refusal};
use piaoxia_domain::Region;
use piaoxia_domain::account::LoginMode;

/// A company of each region, somebody who works for it, and what is typed.
fn visitors(bureau: &Bureau) -> Vec<(&Company, &BureauAccount, Form, BTreeMap<String, String>)> {
    let password = bureau.demo_accounts().first().unwrap().password.clone();
    let visitor = |region: &Region| {
        let company = bureau.companies().iter().find(|company| company.region == region.code).unwrap();
        let account = *bureau.accounts(company.no).first().unwrap();
        let fields = [(TAX_NO, company.tax_no.as_str()), (LOGIN_NAME, account.login_name()), (PASSWORD, &password)];
        let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        (company, account, bureau.login_form(company.no).unwrap(), fields)
    };
    Region::all().iter().map(visitor).collect()
}

#[test]
fn every_region_shows_a_form_that_can_be_filled_in() {
    let bureau = bureau(1, 100);
    let visitors = visitors(&bureau);
    assert_eq!(visitors.len(), 36);
    let mut names = BTreeSet::new();
    for (company, account, form, fields) in &visitors {
        assert_eq!(form.region, company.region);
        let keys: Vec<&str> = form.fields.iter().map(|field| field.key).collect();
        assert_eq!(keys, [TAX_NO, LOGIN_NAME, PASSWORD]);
        assert!(form.fields.iter().all(|field| field.required && !field.label.is_empty() && fields.contains_key(field.key)));
        let fixed: Vec<_> = form.fields.iter().filter_map(|field| field.fixed.as_deref()).collect();
        assert_eq!(fixed, [company.tax_no.as_str()], "the tax number is filled in");
        assert!(account.identities.iter().all(|identity| form.identities.contains(identity)), "{}", form.region);
        names.extend(form.fields.iter().filter(|field| field.key == LOGIN_NAME).map(|field| field.label));
    }
    assert_eq!(names.len(), 4, "regions differ in what a login name is: {names:?}");
}

#[test]
fn every_region_names_the_field_that_is_missing_or_does_not_fit() {
    let bureau = bureau(1, 100);
    for (company, account, form, good) in visitors(&bureau) {
        let identity = *account.identities.first().unwrap();
        let try_it = |key: &str, value: Option<&str>| {
            let mut fields = good.clone();
            fields.remove(key);
            fields.extend(value.map(|value| (key.to_owned(), value.to_owned())));
            bureau.begin_login(company.no, &fields, identity, morning())
        };
        for field in &form.fields {
            let long = "x".repeat(65);
            let misfit = match field.kind {
                FieldKind::Phone => "29900000001",
                FieldKind::IdNumber => "110105190001010000",
                FieldKind::Text | FieldKind::Password => &long,
            };
            for value in [None, Some(""), Some("  "), Some(misfit), Some(long.as_str())] {
                let expected = Err(Refusal::FieldInvalid { field: field.key.to_owned() });
                assert_eq!(try_it(field.key, value), expected, "{} {} {value:?}", form.region, field.key);
            }
        }
        assert!(try_it("surplus", Some("x")).is_ok(), "an unknown field is not looked at: {}", form.region);
    }
}

#[test]
fn every_region_lets_its_person_in_by_each_login_type() {
    let bureau = bureau(1, 100);
    let mut asked_anywhere = BTreeSet::new();
    for (company, account, form, fields) in visitors(&bureau) {
        let identity = *account.identities.first().unwrap();
        for mode in [LoginMode::Manual, LoginMode::HostedPhone, LoginMode::VirtualPhone] {
            let mut step = bureau.begin_login_by(mode, company.no, &fields, identity, morning()).unwrap();
            if let piaoxia_bureau::Step::Challenge(working) = &step
                && matches!(working.kind, ChallengeKind::Working { .. })
            {
                assert_ne!(mode, LoginMode::Manual);
                step = bureau.poll(&working.id, common::after(60)).unwrap();
            }
            let (kinds, session) = go_through(&bureau, step, &account.phone, identity, common::after(60));
            assert_eq!((session.account, session.company, session.identity), (account.no, company.no, identity));
            let left: Vec<String> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
            if mode == LoginMode::Manual {
                assert!(!left.is_empty(), "{} lets everybody in", form.region);
                asked_anywhere.extend(left);
            } else {
                assert!(left.iter().all(|kind| kind == "Face"), "{}: a hosted number left {left:?}", form.region);
            }
        }
    }
    let expected = ["Face", "Image", "Qr", "SelectIdentity", "Sms"].map(str::to_owned);
    assert_eq!(asked_anywhere, BTreeSet::from(expected));
}
