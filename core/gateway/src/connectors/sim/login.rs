//! Signing in at the simulated bureau.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use piaoxia_bureau::{Bureau, CompanyNo};
use piaoxia_domain::account::LoginMode;
use piaoxia_service::contract::{ChallengeKind, ChallengeOption, ErrorClass, FieldKind, FormField, LoginForm, QrChoice, code};

use super::refusal::refused;
use crate::connectors::{Asked, Grant, Login, Step};
use crate::failure::{Answer, Failure};

/// The form of the company's bureau. A company that moved is asked for under its new region.
pub(super) fn form(bureau: &Bureau, company: CompanyNo, region: &str) -> Answer<LoginForm> {
    let form = bureau.login_form(company).map_err(refused)?;
    if form.region != region {
        return Err(Failure::not_found("company in this region"));
    }
    let field = |field: piaoxia_bureau::Field| FormField {
        key: field.key.to_owned(),
        label: field.label.to_owned(),
        kind: match field.kind {
            piaoxia_bureau::FieldKind::Text => FieldKind::Text,
            piaoxia_bureau::FieldKind::Password => FieldKind::Password,
            piaoxia_bureau::FieldKind::IdNumber => FieldKind::IdNumber,
            piaoxia_bureau::FieldKind::Phone => FieldKind::Phone,
        },
        required: field.required,
        hint: field.hint.to_owned(),
        fixed: field.fixed,
        options: Vec::new(),
    };
    Ok(LoginForm {
        region: form.region,
        fields: form.fields.into_iter().map(field).collect(),
        identities: form.identities,
        login_modes: vec![LoginMode::Manual, LoginMode::HostedPhone, LoginMode::VirtualPhone],
    })
}

/// Begins; a hosted number then answers what it can while it is looked at.
pub(super) fn begin(bureau: &Bureau, company: CompanyNo, login: &Login) -> Answer<Step> {
    let begun = bureau.begin_login_by(login.mode, company, &login.fields, login.identity, Timestamp::now());
    step(bureau, begun.map_err(refused)?)
}

/// A step in the gateway's terms.
pub(super) fn step(bureau: &Bureau, step: piaoxia_bureau::Step) -> Answer<Step> {
    match step {
        piaoxia_bureau::Step::Challenge(challenge) => Ok(Step::Challenge(asked(challenge))),
        piaoxia_bureau::Step::Session(session) => {
            let account = bureau
                .account(session.account)
                .ok_or_else(|| Failure::new(ErrorClass::UpstreamDown, code::BUREAU_DOWN, "the bureau lost an account"))?;
            Ok(Step::In(Grant {
                token: session.token,
                upstream: session.account.0.to_string(),
                login_name: account.masked_login_name(),
                person: session.person,
                identity: session.identity,
                rights: session.rights,
            }))
        }
    }
}

/// A challenge in the gateway's terms.
pub(super) fn asked(challenge: piaoxia_bureau::Challenge) -> Asked {
    let kind = match challenge.kind {
        piaoxia_bureau::ChallengeKind::Image { png } => ChallengeKind::Image { png: STANDARD.encode(png) },
        piaoxia_bureau::ChallengeKind::Sms { phone, resend_at } => {
            let wait = resend_at.as_second() - Timestamp::now().as_second();
            ChallengeKind::Sms { phone, resend_after: u64::try_from(wait).unwrap_or(0) }
        }
        piaoxia_bureau::ChallengeKind::Qr { apps } => ChallengeKind::Qr { apps: choices(apps) },
        piaoxia_bureau::ChallengeKind::Face { apps } => ChallengeKind::Face { apps: choices(apps) },
        piaoxia_bureau::ChallengeKind::SelectIdentity { options } => {
            ChallengeKind::SelectIdentity { options: options.iter().map(|identity| option(identity.code(), identity.name())).collect() }
        }
        piaoxia_bureau::ChallengeKind::ConfirmRelation { options } => {
            ChallengeKind::ConfirmRelation { options: options.iter().map(|said| option(said.code(), said.label())).collect() }
        }
        piaoxia_bureau::ChallengeKind::Working { done, doing } => {
            ChallengeKind::Working { done: done.into_iter().map(str::to_owned).collect(), doing: doing.to_owned() }
        }
    };
    Asked {
        id: challenge.id,
        upstream: challenge.account.0.to_string(),
        login_name: challenge.login_name,
        kind,
        expires_at: challenge.expires_at,
        attempts_left: challenge.attempts_left,
        rejected: challenge.rejected,
    }
}

fn choices(apps: Vec<piaoxia_bureau::QrApp>) -> Vec<QrChoice> {
    apps.into_iter().map(|app| QrChoice { app: app.app.to_owned(), text: app.text }).collect()
}

fn option(value: &str, label: &str) -> ChallengeOption {
    ChallengeOption { value: value.to_owned(), label: label.to_owned() }
}
