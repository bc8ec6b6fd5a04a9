//! Telling the person that an account is bound to: by the phone page, and by WeChat or mail where she has them.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piaoxia_domain::{AccountId, Region};
use piaoxia_mail::{Verification, verification};
use piaoxia_service::contract::{Challenge, ChallengeKind, MessageBy, SandboxMessage};

use super::lock;
use crate::app::App;
use crate::mails::unsent;
use crate::state::KeptAccount;
use crate::wechat::{Notice, Official};

/// An account is mailed about once in this time: a session that is lost again and again fills no mail box.
const MAIL_PAUSE: Duration = Duration::from_secs(3600);

/// When each account was mailed about last.
#[derive(Default)]
pub(crate) struct Mailed(Mutex<HashMap<AccountId, Instant>>);

impl Mailed {
    /// True when a mail may go out now; it is counted.
    fn take(&self, account: &AccountId, now: Instant) -> bool {
        let mut all = lock(&self.0);
        let rests = all.get(account).is_some_and(|at| now < *at + MAIL_PAUSE);
        if !rests {
            all.insert(account.clone(), now);
        }
        !rests
    }
}

impl App {
    /// Tells the account's person that it has to be signed in; nobody where it is bound to nobody.
    pub(super) async fn push_request(&self, kept: &KeptAccount) {
        let state = self.book.read();
        let Some(person) = kept.bound_to.as_ref().and_then(|id| state.persons.get(id)) else { return };
        let company = state.company_name(&kept.company);
        let url = self.phone_urls("/p/me").0;
        self.show(SandboxMessage {
            by: MessageBy::Phone,
            to: person.name.clone(),
            subject: "登录请求".to_owned(),
            text: format!("{company}的账号 {} 需要登录电子税务局，下载在等待。请打开个人中心处理：{url}", kept.account.login_name),
            code: None,
            sent_at: Timestamp::now(),
        });
        let companies = [kept.company.clone()];
        let open = self.desk.challenges(&companies).into_iter().find(|challenge| challenge.account.as_ref() == Some(&kept.account.id));
        let wanted = wanted(open.as_ref());
        if let Some(openid) = person.openid.as_ref().filter(|_| self.official.as_ref().is_some_and(Official::notifies)) {
            self.notify(openid, &Notice { company: &company, account: &kept.account.login_name, wanted, page: url });
        } else if let Some(email) = &person.email
            && self.desk.mailed.take(&kept.account.id, Instant::now())
        {
            let code = state.companies.get(&kept.company).map(|company| company.region.clone()).unwrap_or_default();
            let letter = Verification {
                to: email,
                company: &company,
                account: &kept.account.login_name,
                region: Region::from_code(&code).map_or("未知", |region| region.name.as_str()),
                wanted,
                at: Timestamp::now(),
                page: &url,
            };
            let sent = match verification(&letter) {
                Ok(mail) => self.post(mail, None).await,
                Err(error) => Err(unsent(error)),
            };
            if let Err(failure) = sent {
                tracing::warn!(error = %failure.error(), "the mail about a request could not be sent");
            }
        }
    }
}

/// What is wanted of the person.
fn wanted(open: Option<&Challenge>) -> &'static str {
    match open.map(|challenge| &challenge.kind) {
        Some(ChallengeKind::Image { .. }) => "图形验证码",
        Some(ChallengeKind::Sms { .. }) => "短信验证码",
        Some(ChallengeKind::Qr { .. }) => "扫码确认",
        Some(ChallengeKind::Face { .. }) => "人脸验证",
        Some(ChallengeKind::SelectIdentity { .. }) => "选择身份",
        Some(ChallengeKind::ConfirmRelation { .. }) => "确认办税关系",
        Some(ChallengeKind::Working { .. } | ChallengeKind::Unknown) | None => "登录电子税务局",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mail_an_hour_and_account() {
        let (mailed, now) = (Mailed::default(), Instant::now());
        let (one, other) = (AccountId("a".to_owned()), AccountId("b".to_owned()));
        assert!(mailed.take(&one, now) && !mailed.take(&one, now) && mailed.take(&other, now));
        assert!(mailed.take(&one, now + MAIL_PAUSE));
    }
}
