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

/// Challenges that a hosted phone answers in one sign-in at most.
const HOSTED_ANSWERS: usize = 6;

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

/// Begins; a hosted phone then answers everything by itself.
pub(super) fn begin(bureau: &Bureau, company: CompanyNo, login: &Login) -> Answer<Step> {
    let mut at = bureau.begin_login(company, &login.fields, login.identity, Timestamp::now()).map_err(refused)?;
    if login.mode == LoginMode::Manual {
        return step(bureau, at);
    }
    for _ in 0..HOSTED_ANSWERS {
        let piaoxia_bureau::Step::Challenge(asked) = &at else { break };
        let Some(next) = hosted_answer(bureau, asked, login) else { break };
        at = next?;
    }
    step(bureau, at)
}

/// None when the hosted phone cannot know the answer.
fn hosted_answer(bureau: &Bureau, asked: &piaoxia_bureau::Challenge, login: &Login) -> Option<Answer<piaoxia_bureau::Step>> {
    let now = Timestamp::now();
    let answer = |value: &str| Some(bureau.answer(&asked.id, value, now).map_err(refused));
    match &asked.kind {
        piaoxia_bureau::ChallengeKind::Image { .. } => answer(&bureau.captcha_answer(&asked.id)?),
        piaoxia_bureau::ChallengeKind::Sms { .. } => {
            let phone = &bureau.account(asked.account)?.phone;
            answer(&bureau.messages(Some(phone)).pop()?.code)
        }
        piaoxia_bureau::ChallengeKind::Qr { apps } => {
            bureau.scan_qr(&apps.first()?.text, true, now).ok()?;
            Some(bureau.poll(&asked.id, now).map_err(refused))
        }
        piaoxia_bureau::ChallengeKind::SelectIdentity { .. } => answer(login.identity.code()),
    }
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
        piaoxia_bureau::ChallengeKind::Qr { apps } => {
            ChallengeKind::Qr { apps: apps.into_iter().map(|app| QrChoice { app: app.app.to_owned(), text: app.text }).collect() }
        }
        piaoxia_bureau::ChallengeKind::SelectIdentity { options } => ChallengeKind::SelectIdentity {
            options: options.iter().map(|id| ChallengeOption { value: id.code().to_owned(), label: id.name().to_owned() }).collect(),
        },
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
