//! 数电升级 applications, the operation keys (操作密钥) of their mails, and asking for a new one.

use std::net::IpAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use piaoxia_mail::{NewCode, Upgrade, new_code, upgrade};
use piaoxia_service::contract::{CodeCondition, Company, ErrorClass, code};

use crate::activation;
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::mails::unsent;
use crate::persons::{By, Who};
use crate::random;
use crate::state::{Application, Contact, State};
use crate::throttle::Throttle;

/// There is an application of the company already.
pub(crate) const EXISTS: &str = "application.exists";
/// Nobody was sent this key.
pub(crate) const KEY_UNKNOWN: &str = "key.unknown";
/// The key is too old.
pub(crate) const KEY_EXPIRED: &str = "key.expired";
/// The key was used on a phone.
pub(crate) const KEY_USED: &str = "key.used";

/// Life of an operation key: long enough to go to the mail box, short enough for a mail that others read later.
const KEY_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// New keys and codes that a mail may ask for within an hour.
const RENEWALS_AN_HOUR: usize = 3;
const HOUR: Duration = Duration::from_secs(3600);

/// Slows guessing and flooding down, by address.
pub(crate) struct Throttles {
    /// Wrong operation keys and links: five a minute.
    pub(crate) keys: Throttle,
    /// Applications: ten an hour.
    pub(crate) applications: Throttle,
    /// Confirmed sign-ins: ten a minute.
    pub(crate) approvals: Throttle,
    /// Searches of the register: sixty a minute.
    pub(crate) searches: Throttle,
    /// QRs to sign in by: thirty a minute.
    pub(crate) tickets: Throttle,
}

impl Default for Throttles {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self {
            keys: Throttle::new(5, minute),
            applications: Throttle::new(10, HOUR),
            approvals: Throttle::new(10, minute),
            searches: Throttle::new(60, minute),
            tickets: Throttle::new(30, minute),
        }
    }
}

/// Refuses while an address has tried too often.
///
/// # Errors
/// `service.throttled`.
pub(crate) fn slow_down(throttle: &Throttle, peer: IpAddr) -> Answer<()> {
    match throttle.wait(peer) {
        Some(wait) => Err(Failure::new(ErrorClass::Throttle, code::THROTTLED, "too many tries").retry_after(wait.as_secs() + 1)),
        None => Ok(()),
    }
}

/// What only the mail holds.
struct Secrets {
    key: String,
    renewal: String,
}

impl Secrets {
    fn new() -> Self {
        Self { key: random::id(), renewal: random::token() }
    }
}

impl App {
    /// Takes an application and sends its mail.
    ///
    /// # Errors
    /// [`EXISTS`] when the company has applied; too many applications from one address.
    pub(crate) async fn apply(&self, peer: IpAddr, company: &Company, upgraded: Vec<Company>, contact: Contact) -> Answer<()> {
        slow_down(&self.throttles.applications, peer)?;
        self.throttles.applications.note(peer);
        let (secrets, now) = (Secrets::new(), Timestamp::now());
        let application = Application {
            company: company.id.clone(),
            companies: upgraded.iter().map(|company| company.id.clone()).collect(),
            contact,
            created_at: now,
            key: random::digest(&secrets.key),
            key_until: now + KEY_LIFE,
            configured_by: None,
            renewal: random::digest(&secrets.renewal),
            renewed: Vec::new(),
        };
        let (id, kept) = (random::id(), application.clone());
        self.book
            .change(|state| {
                // One whose key nobody used in time, for want of its mail or of its right address, bars nobody.
                state.applications.retain(|_, other| {
                    other.configured_by.is_some() || other.key_until > now || !other.companies.iter().any(|id| kept.companies.contains(id))
                });
                if state.applications.values().any(|other| other.companies.iter().any(|id| kept.companies.contains(id))) {
                    return Err(Failure::new(ErrorClass::Conflict, EXISTS, "the company has applied already"));
                }
                for company in upgraded {
                    state.companies.entry(company.id.clone()).or_insert(company);
                }
                state.applications.insert(id.clone(), kept);
                Ok(())
            })
            .await?;
        let sent = self.send_upgrade(&application, &secrets).await;
        if sent.is_err() {
            // Without its mail it could neither be used nor made again.
            let taken_back = self.book.change(|state| Ok(state.applications.remove(&id))).await;
            taken_back.inspect_err(|failure| tracing::error!(error = %failure.error(), "an application without a mail stays")).ok();
        }
        sent
    }

    async fn send_upgrade(&self, application: &Application, secrets: &Secrets) -> Answer<()> {
        let code = activation::issue(&self.book, application.companies.clone(), CodeCondition::Fresh).await?.1;
        let company = self.book.read().company_name(&application.company);
        let renewal = self.phone_urls(&format!("/p/renew#{}", secrets.renewal)).0;
        if application.configured_by.is_some() {
            let (to, code_until) = (&application.contact.email, code.expires_at);
            let letter = NewCode { to, company: &company, code: &code.code, code_until, new_code_page: Some(&renewal) };
            return self.post(new_code(&letter).map_err(unsent)?, Some(&code.code)).await;
        }
        // In the fragment: what follows `#` reaches no log of any server, and no mail scanner sends it along.
        let letter = Upgrade {
            to: &application.contact.email,
            company: &company,
            key: &secrets.key,
            key_until: application.key_until,
            operation_page: &self.phone_urls("/p/key").0,
            download_page: &self.phone_urls("/p/download").0,
            code: &code.code,
            code_until: code.expires_at,
            new_code_page: &renewal,
        };
        self.post(upgrade(&letter).map_err(unsent)?, Some(&code.code)).await
    }

    /// Sends a new key and code in place of those of an earlier mail, whose link keeps its right to ask.
    ///
    /// # Errors
    /// [`KEY_UNKNOWN`]; `service.throttled` after three within an hour.
    pub(crate) async fn renew_mail(&self, peer: IpAddr, renewal: &str) -> Answer<String> {
        slow_down(&self.throttles.keys, peer)?;
        let (hash, now) = (random::digest(renewal.trim()), Timestamp::now());
        let secrets = Secrets { key: random::id(), renewal: renewal.trim().to_owned() };
        let changed = self
            .book
            .change(|state| {
                let found = state.applications.values_mut().find(|application| random::same(&application.renewal, &hash));
                let application = found.ok_or_else(|| Failure::new(ErrorClass::NotFound, KEY_UNKNOWN, "no mail holds this link"))?;
                application.renewed.retain(|at| now.duration_since(*at) < SignedDuration::from_hours(1));
                if application.renewed.len() >= RENEWALS_AN_HOUR {
                    let first = application.renewed.first().copied().unwrap_or(now);
                    let wait = 3600 - now.duration_since(first).as_secs();
                    let failure = Failure::new(ErrorClass::Throttle, code::THROTTLED, "three mails within an hour");
                    return Err(failure.retry_after(u64::try_from(wait).unwrap_or(0).max(1)));
                }
                application.renewed.push(now);
                if application.configured_by.is_none() {
                    (application.key, application.key_until) = (random::digest(&secrets.key), now + KEY_LIFE);
                }
                Ok(application.clone())
            })
            .await;
        let application = changed.inspect_err(|failure| self.note_wrong(peer, failure))?;
        self.send_upgrade(&application, &secrets).await?;
        Ok(application.contact.email)
    }

    fn note_wrong(&self, peer: IpAddr, failure: &Failure) {
        if failure.code() == KEY_UNKNOWN {
            self.throttles.keys.note(peer);
        }
    }

    /// The application that a typed operation key belongs to; the key is not used up by this.
    ///
    /// # Errors
    /// [`KEY_UNKNOWN`], [`KEY_EXPIRED`], [`KEY_USED`]; too many wrong ones.
    pub(crate) fn application_of_key(&self, peer: IpAddr, typed: &str) -> Answer<(String, Application)> {
        slow_down(&self.throttles.keys, peer)?;
        let key: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_ascii_lowercase();
        let found = find_key(&self.book.read(), &random::digest(&key), Timestamp::now());
        found.inspect_err(|failure| self.note_wrong(peer, failure))
    }

    /// Uses an operation key up: the phone's owner may configure the companies from now on. Gives the person.
    ///
    /// # Errors
    /// As [`App::application_of_key`], when another phone was faster.
    pub(crate) async fn use_key(&self, application: &str, who: Who) -> Answer<String> {
        self.book
            .change(|state| {
                let record = state.applications.get(application).ok_or_else(|| Failure::not_found("application"))?;
                if let Some(by) = record.configured_by.clone() {
                    // She has asked before and did not hear the answer.
                    return if matches!(&who.by, By::Id(id) if *id == by) {
                        Ok(by)
                    } else {
                        Err(Failure::new(ErrorClass::Conflict, KEY_USED, "the key was used on another phone"))
                    };
                }
                let person = state.meet(who)?;
                let record = state.applications.get_mut(application).ok_or_else(|| Failure::not_found("application"))?;
                record.configured_by = Some(person.clone());
                let (companies, email) = (record.companies.clone(), record.contact.email.clone());
                let kept = state.persons.get_mut(&person).ok_or_else(|| Failure::not_found("person"))?;
                kept.email = Some(email);
                for company in companies {
                    if !kept.companies.contains(&company) {
                        kept.companies.push(company);
                    }
                }
                Ok(person)
            })
            .await
    }
}

fn find_key(state: &State, hash: &str, now: Timestamp) -> Answer<(String, Application)> {
    let found = state.applications.iter().find(|(_, application)| random::same(&application.key, hash));
    let (id, application) = found.ok_or_else(|| Failure::new(ErrorClass::UserFix, KEY_UNKNOWN, "nobody was sent this key"))?;
    if application.configured_by.is_some() {
        return Err(Failure::new(ErrorClass::Conflict, KEY_USED, "the key was used"));
    }
    if application.key_until <= now {
        return Err(Failure::new(ErrorClass::UserFix, KEY_EXPIRED, "the key is older than 15 minutes"));
    }
    Ok((id.clone(), application.clone()))
}
