//! The gate: who is signing in, who is in, who made which errors.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use piaoxia_domain::account::{Identity, LoginMode, Session};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::captcha::Captcha;
use super::challenge::{Asked, Attempt, Live, Scan, SentCode, later, qr_id};
use super::errors::{Door, Errors};
use super::hosted::{Hosted, HostedFailure, Progress};
use super::outbox::{Message, Outbox};
use super::switches::Switches;
use super::{BureauSession, Challenge, Relation, SESSION_HOURS, Step};
use crate::people::{AccountNo, BureauAccount};
use crate::refusal::Refusal;
use crate::regions::forms::Form;
use crate::regions::{Ask, RegionRule};
use crate::register::Company;

/// State of all sign-ins and sessions.
pub(crate) struct Gate {
    rng: ChaCha8Rng,
    /// Speed of hosted numbers in percent.
    pace: u32,
    attempts: BTreeMap<AccountNo, Attempt>,
    /// Codes of sign-ins that were given up: a new sign-in within the minute takes them over instead of sending more.
    given_up: BTreeMap<AccountNo, SentCode>,
    sessions: BTreeMap<AccountNo, Held>,
    errors: Errors,
    switches: Switches,
    /// Persons who confirmed their relation to the company.
    confirmed: BTreeSet<AccountNo>,
    /// So many hosted numbers are going to fail.
    hosted_fails: (u32, HostedFailure),
    outbox: Outbox,
}

/// A session, and whether a sign-in elsewhere ended it before its time.
struct Held {
    session: BureauSession,
    kicked: bool,
}

/// Who signs in where.
#[derive(Clone, Copy)]
pub(crate) struct Visitor<'a> {
    pub(crate) company: &'a Company,
    pub(crate) account: &'a BureauAccount,
}

impl Gate {
    pub(crate) fn new(seed: u64, pace: u32) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            pace,
            attempts: BTreeMap::new(),
            given_up: BTreeMap::new(),
            sessions: BTreeMap::new(),
            errors: Errors::default(),
            switches: Switches::default(),
            confirmed: BTreeSet::new(),
            hosted_fails: (0, HostedFailure::Offline),
            outbox: Outbox::default(),
        }
    }

    /// Checks name and password and asks what is asked first, or lets the hosted number begin.
    pub(crate) fn begin(
        &mut self,
        company: &Company,
        accounts: &[BureauAccount],
        fields: &BTreeMap<String, String>,
        identity: Identity,
        mode: LoginMode,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let rule = RegionRule::of(company.region).ok_or(Refusal::UnknownCompany)?;
        let form = Form::of(rule, &company.tax_no);
        let (name, password) = form.read(fields)?;
        let account = accounts.iter().find(|account| account.company == company.no && account.answers_to(name));
        let door = account.map_or_else(|| Door::Unknown(company.no, name.to_owned()), |account| Door::Account(account.no));
        if let Some(until) = self.errors.locked_until(&door, now) {
            return Err(Refusal::Locked { until });
        }
        let Some(account) = account.filter(|account| account.password == password) else {
            return Err(self.error(door, now, |left| Refusal::WrongPassword { left }));
        };
        let asks = self.asks_of(rule, account);
        // A person who is asked later may still choose an identity that is no switch.
        let chosen_later = mode == LoginMode::Manual && rule.asks.contains(&Ask::SelectIdentity);
        let identity = first_identity(rule, account, identity, chosen_later)?;
        if !chosen_later {
            self.switches.check(account.no, identity, now)?;
        }
        self.give_up(account.no);
        let visitor = Visitor { company, account };
        match Hosted::begin(mode, &asks, self.pace, self.next_failure(mode), now) {
            Some(hosted) => {
                let live = Live::new(self.random_id(), Asked::Hosted(hosted), now);
                self.attempts.insert(account.no, Attempt::new(identity, asks, live, now));
                self.poll(visitor, now)
            }
            None => self.ask(visitor, identity, &asks, now),
        }
    }

    /// Everything that this person is asked, in its order.
    fn asks_of(&self, rule: &RegionRule, account: &BureauAccount) -> Vec<Ask> {
        let own = if self.confirmed.contains(&account.no) { &[] } else { account.asks };
        let mut asks: Vec<Ask> = Vec::new();
        for ask in rule.asks.iter().chain(own) {
            let idle = *ask == Ask::SelectIdentity && account.identities.len() < 2;
            if !idle && !asks.contains(ask) {
                asks.push(*ask);
            }
        }
        asks
    }

    /// Asks the first of these, or opens the session when nothing is left to ask.
    fn ask(&mut self, visitor: Visitor<'_>, identity: Identity, asks: &[Ask], now: Timestamp) -> Result<Step, Refusal> {
        let Some((first, rest)) = asks.split_first() else {
            return Ok(Step::Session(self.open_session(visitor.account, identity, now)));
        };
        let asked = match first {
            Ask::SelectIdentity => Asked::Identity(visitor.account.identities.clone()),
            Ask::Image => Asked::Image(Captcha::new(&mut self.rng)),
            Ask::Qr => self.scan_of(Scan::Qr),
            Ask::Face => self.scan_of(Scan::Face),
            Ask::ConfirmRelation => Asked::Relation,
            Ask::Sms => Asked::Sms(self.code_for(visitor, now)?),
        };
        let live = Live::new(self.random_id(), asked, now);
        Ok(Step::Challenge(self.keep(visitor, Attempt::new(identity, rest.to_vec(), live, now), now)))
    }

    fn scan_of(&mut self, what: Scan) -> Asked {
        Asked::Scan { what, id: self.random_id(), verdict: None }
    }

    fn code_for(&mut self, visitor: Visitor<'_>, now: Timestamp) -> Result<SentCode, Refusal> {
        match self.given_up.remove(&visitor.account.no) {
            Some(sent) if now < sent.resend_at() => Ok(sent),
            _ => self.send_code(visitor, now),
        }
    }

    fn send_code(&mut self, visitor: Visitor<'_>, now: Timestamp) -> Result<SentCode, Refusal> {
        let code = format!("{:06}", self.rng.random_range(0..1_000_000u32));
        self.outbox.send(&visitor.account.phone, &visitor.company.name, &code, now)?;
        Ok(SentCode { code, sent_at: now })
    }

    fn open_session(&mut self, account: &BureauAccount, identity: Identity, now: Timestamp) -> BureauSession {
        self.attempts.remove(&account.no);
        self.given_up.remove(&account.no);
        let session = BureauSession {
            token: self.random_id(),
            account: account.no,
            company: account.company,
            person: account.person.clone(),
            identity,
            rights: account.rights(identity),
            until: later(now, SESSION_HOURS * 3600),
        };
        self.switches.note(account.no, identity, now);
        if account.asks.contains(&Ask::ConfirmRelation) {
            self.confirmed.insert(account.no);
        }
        self.sessions.insert(account.no, Held { session: session.clone(), kicked: false });
        session
    }

    /// The account that a challenge belongs to.
    pub(crate) fn account_of(&self, challenge: &str) -> Result<AccountNo, Refusal> {
        let found = self.attempts.iter().find(|(_, attempt)| attempt.live.id == challenge);
        found.map(|(account, _)| *account).ok_or(Refusal::ChallengeGone)
    }

    /// Answers the challenge that the visitor has open.
    pub(crate) fn answer(&mut self, visitor: Visitor<'_>, value: &str, now: Timestamp) -> Result<Step, Refusal> {
        let mut attempt = self.open_attempt(visitor, now)?;
        if attempt.live.is_expired(now) {
            return Err(Refusal::ChallengeExpired);
        }
        let value = value.trim();
        let chosen = Identity::from_code(value);
        let right = match &attempt.live.asked {
            Asked::Image(captcha) => captcha.takes(value),
            Asked::Sms(sent) => sent.code == value,
            Asked::Identity(options) => chosen.is_some_and(|identity| options.contains(&identity)),
            Asked::Relation if value == Relation::Deny.code() => {
                self.attempts.remove(&visitor.account.no);
                return Err(Refusal::RelationDenied);
            }
            Asked::Relation => value == Relation::Confirm.code(),
            Asked::Scan { .. } | Asked::Hosted(_) => return self.poll(visitor, now),
        };
        if let (true, Asked::Identity(_), Some(identity)) = (right, &attempt.live.asked, chosen) {
            self.switches.check(visitor.account.no, identity, now)?;
            attempt.identity = identity;
        }
        if right { self.ask_next(visitor, &attempt, now) } else { self.reject(visitor, attempt, now) }
    }

    /// The answer was right: what comes next takes the place of what was asked.
    fn ask_next(&mut self, visitor: Visitor<'_>, attempt: &Attempt, now: Timestamp) -> Result<Step, Refusal> {
        self.attempts.remove(&visitor.account.no);
        self.ask(visitor, attempt.identity, &attempt.rest, now)
    }

    fn reject(&mut self, visitor: Visitor<'_>, mut attempt: Attempt, now: Timestamp) -> Result<Step, Refusal> {
        let account = visitor.account.no;
        let left = attempt.live.attempts_left.saturating_sub(1);
        if left == 0 {
            self.attempts.remove(&account);
            return Err(self.error(Door::Account(account), now, |left| Refusal::ChallengeFailed { left }));
        }
        if matches!(attempt.live.asked, Asked::Image(_)) {
            let id = attempt.live.id.clone();
            attempt.live = Live::new(id, Asked::Image(Captcha::new(&mut self.rng)), now);
        }
        (attempt.live.attempts_left, attempt.live.rejected) = (left, true);
        Ok(Step::Challenge(self.keep(visitor, attempt, now)))
    }

    fn keep(&mut self, visitor: Visitor<'_>, attempt: Attempt, now: Timestamp) -> Challenge {
        let challenge = attempt.challenge(visitor.account, visitor.company.region, now);
        self.attempts.insert(visitor.account.no, attempt);
        challenge
    }

    /// Counts an error; the one that brings the lock says so.
    fn error(&mut self, door: Door, now: Timestamp, refusal: impl Fn(u32) -> Refusal) -> Refusal {
        let left = self.errors.add(door.clone(), now);
        match self.errors.locked_until(&door, now) {
            Some(until) => Refusal::Locked { until },
            None => refusal(left),
        }
    }

    fn open_attempt(&mut self, visitor: Visitor<'_>, now: Timestamp) -> Result<Attempt, Refusal> {
        self.attempts.retain(|_, attempt| !attempt.is_over(now));
        self.attempts.get(&visitor.account.no).cloned().ok_or(Refusal::ChallengeGone)
    }

    /// Whether the phone has answered a QR, and how far a hosted number is; other challenges stay as they are.
    pub(crate) fn poll(&mut self, visitor: Visitor<'_>, now: Timestamp) -> Result<Step, Refusal> {
        let attempt = self.open_attempt(visitor, now)?;
        match &attempt.live.asked {
            Asked::Hosted(hosted) => match hosted.progress(now) {
                Progress::Working { .. } => Ok(Step::Challenge(attempt.challenge(visitor.account, visitor.company.region, now))),
                Progress::Failed(failure) => self.hand_over(visitor, &attempt, failure, now),
                Progress::Finished(answers) => self.after_hosted(visitor, &attempt, answers, now),
            },
            Asked::Scan { verdict: Some(true), .. } => self.ask_next(visitor, &attempt, now),
            Asked::Scan { verdict: Some(false), .. } => {
                self.attempts.remove(&visitor.account.no);
                Err(Refusal::ScanDenied)
            }
            _ if attempt.live.is_expired(now) => Err(Refusal::ChallengeExpired),
            _ => Ok(Step::Challenge(attempt.challenge(visitor.account, visitor.company.region, now))),
        }
    }

    /// The hosted number has answered what it can; the rest is asked of the person. Its message counts like any other.
    fn after_hosted(&mut self, visitor: Visitor<'_>, attempt: &Attempt, answers: usize, now: Timestamp) -> Result<Step, Refusal> {
        self.attempts.remove(&visitor.account.no);
        let answered = attempt.rest.iter().take(answers);
        if answered.clone().any(|ask| *ask == Ask::Sms) {
            self.code_for(visitor, now)?;
        }
        let left: Vec<Ask> = attempt.rest.iter().skip(answers).copied().collect();
        self.ask(visitor, attempt.identity, &left, now)
    }

    /// The hosted number has failed: the person is asked from the beginning. A wrong answer has cost a try.
    fn hand_over(&mut self, visitor: Visitor<'_>, attempt: &Attempt, failure: HostedFailure, now: Timestamp) -> Result<Step, Refusal> {
        let no = visitor.account.no;
        self.attempts.remove(&no);
        let step = self.ask(visitor, attempt.identity, &attempt.rest, now)?;
        match self.attempts.get_mut(&no) {
            Some(asked) if failure == HostedFailure::WrongCode && asked.live.attempts_left > 1 => {
                asked.live.attempts_left -= 1;
                asked.live.rejected = true;
                Ok(Step::Challenge(asked.challenge(visitor.account, visitor.company.region, now)))
            }
            _ => Ok(step),
        }
    }

    /// The hosted numbers of the next so many sign-ins fail like this.
    pub(crate) fn fail_hosted(&mut self, times: u32, failure: HostedFailure) {
        self.hosted_fails = (times, failure);
    }

    fn next_failure(&mut self, mode: LoginMode) -> Option<HostedFailure> {
        if mode == LoginMode::Manual {
            return None;
        }
        let (times, failure) = self.hosted_fails;
        self.hosted_fails.0 = times.saturating_sub(1);
        (times > 0).then_some(failure)
    }

    /// A new picture, code or QR; also after the old one has expired. Tries are not given back.
    pub(crate) fn resend(&mut self, visitor: Visitor<'_>, now: Timestamp) -> Result<Challenge, Refusal> {
        let mut attempt = self.open_attempt(visitor, now)?;
        let left = attempt.live.attempts_left;
        let id = attempt.live.id.clone();
        attempt.live = match &attempt.live.asked {
            Asked::Image(_) => Live::new(id, Asked::Image(Captcha::new(&mut self.rng)), now),
            Asked::Sms(sent) if now < sent.resend_at() => return Err(Refusal::ResendTooSoon { at: sent.resend_at() }),
            Asked::Sms(_) => Live::new(id, Asked::Sms(self.send_code(visitor, now)?), now),
            Asked::Scan { what, .. } => {
                let scan = self.scan_of(*what);
                Live::new(self.random_id(), scan, now)
            }
            Asked::Identity(_) | Asked::Relation => Live::new(id, attempt.live.asked.clone(), now),
            Asked::Hosted(hosted) => Live::new(id, Asked::Hosted(hosted.anew(now)), now),
        };
        attempt.live.attempts_left = left;
        Ok(self.keep(visitor, attempt, now))
    }

    /// Gives a sign-in up.
    pub(crate) fn give_up(&mut self, account: AccountNo) {
        if let Some(Attempt { live: Live { asked: Asked::Sms(sent), .. }, .. }) = self.attempts.remove(&account) {
            self.given_up.insert(account, sent);
        }
    }

    /// The challenge that an account has open.
    pub(crate) fn open_challenge(&self, visitor: Visitor<'_>, now: Timestamp) -> Option<Challenge> {
        let attempt = self.attempts.get(&visitor.account.no).filter(|attempt| !attempt.live.is_expired(now))?;
        Some(attempt.challenge(visitor.account, visitor.company.region, now))
    }

    /// A phone has read a QR and its person said yes or no.
    pub(crate) fn scan(&mut self, text: &str, approve: bool, now: Timestamp) -> Result<(), Refusal> {
        let wanted = qr_id(text).ok_or(Refusal::ChallengeGone)?;
        for Attempt { live, .. } in self.attempts.values_mut() {
            let expired = live.is_expired(now);
            if let Asked::Scan { id, verdict, .. } = &mut live.asked
                && id == wanted
            {
                *verdict = if expired { return Err(Refusal::ChallengeExpired) } else { Some(approve) };
                return Ok(());
            }
        }
        Err(Refusal::ChallengeGone)
    }

    pub(crate) fn captcha_answer(&self, challenge: &str) -> Option<String> {
        self.attempts.values().find(|attempt| attempt.live.id == challenge).and_then(|attempt| match &attempt.live.asked {
            Asked::Image(captcha) => Some(captcha.answer.clone()),
            _ => None,
        })
    }

    pub(crate) fn messages(&self, phone: Option<&str>) -> Vec<Message> {
        self.outbox.messages(phone)
    }

    pub(crate) fn session(&self, token: &str, now: Timestamp) -> Result<BureauSession, Refusal> {
        match self.sessions.values().find(|held| held.session.token == token) {
            Some(held) if held.kicked => Err(Refusal::SignedInElsewhere),
            Some(held) if now < held.session.until => Ok(held.session.clone()),
            _ => Err(Refusal::SessionLost),
        }
    }

    /// Session of an account, as its company's page shows it.
    pub(crate) fn session_state(&self, account: AccountNo, now: Timestamp) -> Session {
        if let Some(until) = self.errors.locked_until(&Door::Account(account), now) {
            return Session::Locked { until };
        }
        match self.sessions.get(&account) {
            None => Session::None,
            Some(held) if held.kicked => Session::SignedInElsewhere,
            Some(held) if now >= held.session.until => Session::Expired,
            Some(held) => Session::Valid { until: held.session.until },
        }
    }

    pub(crate) fn sign_out(&mut self, token: &str) {
        self.sessions.retain(|_, held| held.session.token != token);
    }

    /// Somebody signed in elsewhere: ends an account's session.
    pub(crate) fn kick(&mut self, account: AccountNo) {
        if let Some(held) = self.sessions.get_mut(&account) {
            held.kicked = true;
        }
    }

    /// Errors left today, and switches of the identity left in this hour.
    pub(crate) fn tries_left(&self, account: AccountNo, now: Timestamp) -> (u32, u32) {
        (self.errors.left(&Door::Account(account), now), self.switches.left(account, now))
    }

    fn random_id(&mut self) -> String {
        format!("{:032x}", self.rng.random::<u128>())
    }
}

/// The identity to begin with. Where the person chooses it later it is not looked at now.
fn first_identity(rule: &RegionRule, account: &BureauAccount, wanted: Identity, chosen_later: bool) -> Result<Identity, Refusal> {
    if chosen_later && let Some(first) = account.identities.first() {
        return Ok(if account.identities.contains(&wanted) { wanted } else { *first });
    }
    let fits = account.identities.contains(&wanted) && rule.identities.contains(&wanted);
    if fits { Ok(wanted) } else { Err(Refusal::IdentityMismatch { options: account.identities.clone() }) }
}
