//! Tax disks (税盘): challenges that they sign, whose certificates count, who is in at 增值税发票综合服务平台.

mod challenges;
mod proof;
pub(crate) mod roots;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use piaoxia_domain::AccountId;
use piaoxia_seals::Trust;
use piaoxia_service::contract::{Company, DiskChallenge, DiskSession, DiskSignIn, ErrorClass, code};

use crate::app::App;
use crate::connectors::Platform;
use crate::failure::{Answer, Failure};
use crate::random;
use challenges::Challenges;

/// Start of an account's id that stands for a disk.
const PREFIX: &str = "disk-";
/// Digits of each of the two parts behind it.
const PART: usize = 32;
/// Disks of one company that are in at a time; the one that came first makes room.
const DISKS_A_COMPANY: usize = 16;

/// Everything about disks that lives in memory alone. The platform's tokens are with those of the e-tax accounts.
pub(crate) struct Disks {
    /// The authorities whose disks are let in.
    trust: Trust,
    challenges: Challenges,
    seats: Mutex<HashMap<AccountId, Seat>>,
}

/// A disk that was let in.
struct Seat {
    company: String,
    since: Timestamp,
    until: Timestamp,
}

impl Disks {
    pub(crate) fn new(trust: Trust, challenge_life: Duration) -> Self {
        Self { trust, challenges: Challenges::new(challenge_life), seats: Mutex::default() }
    }

    /// Notes a disk; gives those that have to make room.
    fn seat(&self, account: &AccountId, company: &str, until: Timestamp) -> Vec<AccountId> {
        let mut seats = self.seats();
        let now = Timestamp::now();
        seats.retain(|_, seat| seat.until > now);
        seats.insert(account.clone(), Seat { company: company.to_owned(), since: now, until });
        let mut mine: Vec<(Timestamp, AccountId)> =
            seats.iter().filter(|(_, seat)| seat.company == company).map(|(id, seat)| (seat.since, id.clone())).collect();
        mine.sort_by_key(|(since, _)| std::cmp::Reverse(*since));
        let surplus: Vec<AccountId> = mine.into_iter().skip(DISKS_A_COMPANY).map(|(_, id)| id).collect();
        seats.retain(|id, _| !surplus.contains(id));
        surplus
    }

    /// The company of a disk, and the end of its session.
    fn find(&self, account: &AccountId) -> Option<(String, Timestamp)> {
        self.seats().get(account).map(|seat| (seat.company.clone(), seat.until))
    }

    fn of_company(&self, company: &str) -> Vec<AccountId> {
        self.seats().iter().filter(|(_, seat)| seat.company == company).map(|(id, _)| id.clone()).collect()
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<AccountId, Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The account that stands for a disk of a company: always the same, also after a restart.
fn account_of(company: &str, serial: &str) -> AccountId {
    AccountId(format!("{PREFIX}{}-{}", part(company), part(serial)))
}

fn part(text: &str) -> String {
    random::digest(text).chars().take(PART).collect()
}

/// True for an account that stands for a disk.
pub(crate) fn is_disk(account: &AccountId) -> bool {
    account.0.starts_with(PREFIX)
}

/// True for the account of some disk of this company, signed in or not.
fn is_disk_of(account: &AccountId, company: &str) -> bool {
    let parts = account.0.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(first, second)| first == part(company) && second.len() == PART && second.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl App {
    /// The platform.
    ///
    /// # Errors
    /// `disk.notOffered`.
    pub(crate) fn platform(&self) -> Answer<&dyn Platform> {
        let refused = |why: &str| Failure::new(ErrorClass::Unsupported, code::DISK_NOT_OFFERED, why);
        if self.disks.trust.is_empty() {
            return Err(refused("this service trusts no authority of tax disks"));
        }
        self.connector.platform().ok_or_else(|| refused("this service has no way to the platform of tax disks"))
    }

    /// Makes something for a disk to sign.
    ///
    /// # Errors
    /// `disk.notOffered`.
    pub(crate) fn disk_challenge(&self, person: &str) -> Answer<DiskChallenge> {
        self.platform()?;
        Ok(self.disks.challenges.ask(person))
    }

    /// Signs a disk in for that company of these whose tax number its certificate states.
    ///
    /// # Errors
    /// Those of [`piaoxia_service::Client::sign_in_disk`].
    pub(crate) async fn sign_in_disk(&self, person: &str, companies: &[String], request: DiskSignIn) -> Answer<DiskSession> {
        let platform = self.platform()?;
        let challenge = self.disks.challenges.take(person, &request.challenge).ok_or_else(|| {
            Failure::new(ErrorClass::NeedLogin, code::DISK_CHALLENGE_GONE, "the challenge for the disk is over or was used")
        })?;
        let (tax_no, disk) = proof::examine(&request, &challenge, &self.disks.trust, Timestamp::now())?;
        let company = {
            let state = self.book.read();
            let mut mine = companies.iter().filter_map(|id| self.company(&state, id).ok());
            mine.find(|company| company.tax_no == tax_no)
        };
        let company = company.ok_or_else(|| {
            Failure::new(ErrorClass::Permission, code::DISK_OTHER_COMPANY, "the company of the certificate is none of the person's")
        })?;
        let grant = platform.sign_in(&company, &disk, &request).await?;
        let account = account_of(&company.id, &disk.serial);
        for surplus in self.disks.seat(&account, &company.id, grant.until) {
            self.end_disk(platform, &surplus).await;
        }
        self.desk.note_token(&account, grant.token);
        self.shown(platform, account, company, grant.until).await
    }

    /// The session of a disk.
    ///
    /// # Errors
    /// `bureau.sessionLost`.
    pub(crate) async fn disk_session(&self, companies: &[String], account: &AccountId) -> Answer<DiskSession> {
        let platform = self.platform()?;
        let lost = || Failure::new(ErrorClass::NeedLogin, code::BUREAU_SESSION_LOST, "the disk is not signed in");
        let (company, until) = self.seated(companies, account).ok_or_else(lost)?;
        let company = self.company(&self.book.read(), &company)?;
        self.shown(platform, account.clone(), company, until).await
    }

    /// Signs a disk out; one that is not in, or not of these companies, is no error.
    ///
    /// # Errors
    /// `disk.notOffered`.
    pub(crate) async fn sign_out_disk(&self, companies: &[String], account: &AccountId) -> Answer<()> {
        let platform = self.platform()?;
        if self.seated(companies, account).is_some() {
            self.disks.seats().remove(account);
            self.end_disk(platform, account).await;
        }
        Ok(())
    }

    /// Ends a disk's session at the platform, as the fault dial does.
    pub(crate) async fn end_disk(&self, platform: &dyn Platform, account: &AccountId) {
        if let Some(token) = self.desk.take_token(account)
            && let Err(failure) = platform.sign_out(&token).await
        {
            // The token is forgotten here either way and ends by itself there.
            tracing::warn!(error = %failure.error(), "the platform did not take the sign-out");
        }
    }

    /// The account of a disk as one that a job of this company may run under. It need not be signed in: the job waits for it.
    ///
    /// # Errors
    /// Not found, `disk.notOffered`.
    pub(crate) fn disk_for_job(&self, company: &str, account: &AccountId) -> Answer<AccountId> {
        self.platform()?;
        if is_disk_of(account, company) { Ok(account.clone()) } else { Err(Failure::not_found("account")) }
    }

    /// True while a disk of the company is signed in.
    pub(crate) fn has_disk_in(&self, company: &str) -> bool {
        self.disks.of_company(company).iter().any(|account| self.desk.token(account).is_some())
    }

    /// Company and end of a disk's session that stands, as far as the gateway knows.
    fn seated(&self, companies: &[String], account: &AccountId) -> Option<(String, Timestamp)> {
        let (company, until) = self.disks.find(account)?;
        let stands = companies.contains(&company) && until > Timestamp::now() && self.desk.token(account).is_some();
        stands.then_some((company, until))
    }

    async fn shown(&self, platform: &dyn Platform, account: AccountId, company: Company, expires_at: Timestamp) -> Answer<DiskSession> {
        let limits = platform.limits(&company).await?;
        Ok(DiskSession { account, company, expires_at, limits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_disk_of_a_company_has_one_account_for_ever() {
        let account = account_of("sim-1", "4499000000001");
        assert_eq!(account.0, "disk-c8418a84acdcdaf99eacde47b68e0f9b-7b2fd21d94cc8e0ca5ae97d8e1c8c16b");
        assert!(is_disk(&account) && is_disk_of(&account, "sim-1") && !is_disk_of(&account, "sim-2"));
        assert_ne!(account, account_of("sim-1", "4499000000002"));
        let cut = account.0.chars().take(account.0.len() - 1).collect();
        for other in
            [cut, format!("{}0", account.0), account.0.replacen("disk-", "", 1), format!("disk-{}-{}", part("sim-1"), "x".repeat(32))]
        {
            assert!(!is_disk_of(&AccountId(other), "sim-1"));
        }
    }

    #[test]
    fn the_disk_that_came_first_makes_room() {
        let disks = Disks::new(Trust::default(), Duration::ZERO);
        let until = Timestamp::now() + SignedDuration::from_hours(1);
        let id = |number: usize| account_of("sim-1", &number.to_string());
        for number in 0..DISKS_A_COMPANY {
            assert_eq!(disks.seat(&id(number), "sim-1", until), []);
        }
        assert_eq!(disks.seat(&id(DISKS_A_COMPANY - 1), "sim-1", until), [], "one that is in already takes no other's seat");
        assert_eq!(disks.seat(&account_of("sim-2", "0"), "sim-2", until), []);
        assert_eq!(disks.seat(&id(99), "sim-1", until), [id(0)]);
        assert!(disks.find(&id(0)).is_none() && disks.find(&id(1)).is_some());
    }
}
