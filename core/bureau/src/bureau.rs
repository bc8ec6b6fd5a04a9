//! The bureau as its visitors see it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::account::{Identity, LoginMode, Session};
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{DateRange, Direction, Invoice, InvoiceKey, Scope, TaxNumber, Totals};

use crate::config::BureauConfig;
use crate::generate::{Generator, Source, date_of};
use crate::limits::{self, Budget, COLLECT_LIMIT, Desk, Export};
use crate::login::{BureauSession, Challenge, Gate, HostedFailure, Message, Step, Visitor, midnight_after};
use crate::outages::{Outage, Outages};
use crate::people::{self, AccountNo, BureauAccount, DemoAccount};
use crate::platform::Platform;
use crate::query::{Archive, Page, Query, SummaryRow};
use crate::refusal::Refusal;
use crate::regions::RegionRule;
use crate::regions::forms::Form;
use crate::register::{Company, CompanyNo, SANDBOX_COMPANIES};

/// The simulated tax bureau of all regions. Share it freely; its locks are held for moments.
///
/// Every call is told the time; going back in time is not foreseen. Sessions, locks and running exports live as long as the
/// value does.
pub struct Bureau {
    config: BureauConfig,
    archive: Archive,
    accounts: Vec<BureauAccount>,
    gate: Mutex<Gate>,
    desk: Mutex<Desk>,
    outages: Mutex<Outages>,
    pub(crate) platform: Platform,
}

impl Bureau {
    /// Builds the register and the calendar; takes milliseconds however many invoices there are.
    #[must_use]
    pub fn new(config: BureauConfig) -> Self {
        let generator = Generator::new(&config);
        let accounts = people::accounts(generator.companies());
        Self {
            config,
            archive: Archive::new(generator),
            accounts,
            gate: Mutex::new(Gate::new(config.seed, config.pace)),
            desk: Mutex::default(),
            outages: Mutex::default(),
            platform: Platform::new(config.seed),
        }
    }

    /// What it was made from.
    #[must_use]
    pub fn config(&self) -> &BureauConfig {
        &self.config
    }
}

/// The register.
impl Bureau {
    /// All companies, in the order of [`CompanyNo`].
    #[must_use]
    pub fn companies(&self) -> &[Company] {
        self.archive.generator().companies()
    }

    /// The three companies that belong to the sandbox's user.
    #[must_use]
    pub fn sandbox_companies(&self) -> &[Company] {
        self.companies().get(..SANDBOX_COMPANIES).unwrap_or_default()
    }

    /// The company at this place.
    #[must_use]
    pub fn company(&self, no: CompanyNo) -> Option<&Company> {
        self.companies().get(usize::from(no.0))
    }

    /// The company with this 纳税人识别号.
    #[must_use]
    pub fn company_by_tax_no(&self, tax_no: &TaxNumber) -> Option<&Company> {
        self.companies().iter().find(|company| company.tax_no == *tax_no)
    }

    /// Companies whose name or tax number holds the text, in the register's order. None for less than two characters, which
    /// would be most of the register.
    #[must_use]
    pub fn search_companies(&self, text: &str, limit: usize) -> Vec<&Company> {
        let name: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if name.chars().count() < 2 {
            return Vec::new();
        }
        let number = TaxNumber::from_document(&name);
        let fits = |company: &&Company| company.name.contains(&name) || company.tax_no.as_str().contains(number.as_str());
        self.companies().iter().filter(fits).take(limit).collect()
    }

    /// The company itself, then its branches (分支机构).
    #[must_use]
    pub fn with_branches(&self, company: CompanyNo) -> Vec<&Company> {
        let branches = self.companies().iter().filter(|other| other.branch_of == Some(company));
        self.company(company).into_iter().chain(branches).collect()
    }

    /// The accounts of a company.
    #[must_use]
    pub fn accounts(&self, company: CompanyNo) -> Vec<&BureauAccount> {
        self.accounts.iter().filter(|account| account.company == company).collect()
    }

    /// The account at this place.
    #[must_use]
    pub fn account(&self, no: AccountNo) -> Option<&BureauAccount> {
        self.accounts.get(usize::from(no.0))
    }

    /// The accounts of the sandbox's user with their passwords, for a newcomer to type.
    #[must_use]
    pub fn demo_accounts(&self) -> Vec<DemoAccount> {
        people::demo_accounts(self.companies(), &self.accounts)
    }

    /// The login form of the company's region.
    ///
    /// # Errors
    /// [`Refusal::UnknownCompany`].
    pub fn login_form(&self, company: CompanyNo) -> Result<Form, Refusal> {
        let company = self.company(company).ok_or(Refusal::UnknownCompany)?;
        let rule = RegionRule::of(company.region).ok_or(Refusal::UnknownCompany)?;
        Ok(Form::of(rule, &company.tax_no))
    }
}

/// Signing in.
impl Bureau {
    /// Begins a sign-in by hand (人工登录), see [`Bureau::begin_login_by`].
    ///
    /// # Errors
    /// Those of [`Bureau::begin_login_by`].
    pub fn begin_login(
        &self,
        company: CompanyNo,
        fields: &BTreeMap<String, String>,
        identity: Identity,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        self.begin_login_by(LoginMode::Manual, company, fields, identity, now)
    }

    /// Begins a sign-in. `fields` are the form's, by key; `identity` is looked at where the region does not ask for it later.
    /// A hosted number then answers what it can while [`Bureau::poll`] looks at it, and what it cannot is asked of the person.
    /// A sign-in of the same account that was under way is given up.
    ///
    /// # Errors
    /// [`Refusal::UnknownCompany`], [`Refusal::Maintenance`], [`Refusal::FieldInvalid`], [`Refusal::Locked`],
    /// [`Refusal::WrongPassword`], [`Refusal::IdentityMismatch`], [`Refusal::IdentitySwitches`], [`Refusal::SmsQuota`].
    pub fn begin_login_by(
        &self,
        mode: LoginMode,
        company: CompanyNo,
        fields: &BTreeMap<String, String>,
        identity: Identity,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let company = self.company(company).ok_or(Refusal::UnknownCompany)?;
        self.check_open(company.region, now)?;
        self.gate().begin(company, &self.accounts, fields, identity, mode, now)
    }

    /// Answers a challenge: with what the picture shows, the code of the message, of an identity or of a relation. After a
    /// wrong answer with tries left the challenge comes back `rejected`.
    ///
    /// # Errors
    /// [`Refusal::ChallengeGone`], [`Refusal::ChallengeExpired`], [`Refusal::ChallengeFailed`], [`Refusal::Locked`],
    /// [`Refusal::ScanDenied`], [`Refusal::RelationDenied`], [`Refusal::IdentitySwitches`], [`Refusal::SmsQuota`],
    /// [`Refusal::Maintenance`].
    pub fn answer(&self, challenge: &str, value: &str, now: Timestamp) -> Result<Step, Refusal> {
        let mut gate = self.gate();
        let visitor = self.asked(&gate, challenge, now)?;
        gate.answer(visitor, value, now)
    }

    /// Looks whether the phone has answered a QR, or how far a hosted number has come; any challenge that still waits comes
    /// back as it is.
    ///
    /// # Errors
    /// [`Refusal::ChallengeGone`], [`Refusal::ChallengeExpired`], [`Refusal::ScanDenied`], [`Refusal::SmsQuota`],
    /// [`Refusal::Maintenance`].
    pub fn poll(&self, challenge: &str, now: Timestamp) -> Result<Step, Refusal> {
        let mut gate = self.gate();
        let visitor = self.asked(&gate, challenge, now)?;
        gate.poll(visitor, now)
    }

    /// A new picture, message or QR, also when the old one has expired. A QR gets a new id.
    ///
    /// # Errors
    /// [`Refusal::ChallengeGone`], [`Refusal::ResendTooSoon`], [`Refusal::SmsQuota`], [`Refusal::Maintenance`].
    pub fn resend(&self, challenge: &str, now: Timestamp) -> Result<Challenge, Refusal> {
        let mut gate = self.gate();
        let visitor = self.asked(&gate, challenge, now)?;
        gate.resend(visitor, now)
    }

    /// Gives a sign-in up.
    ///
    /// # Errors
    /// [`Refusal::ChallengeGone`].
    pub fn cancel(&self, challenge: &str) -> Result<(), Refusal> {
        let mut gate = self.gate();
        let account = gate.account_of(challenge)?;
        gate.give_up(account);
        Ok(())
    }

    /// The challenge that an account has open.
    #[must_use]
    pub fn open_challenge(&self, account: AccountNo, now: Timestamp) -> Option<Challenge> {
        let visitor = self.visitor(account).ok()?;
        self.gate().open_challenge(visitor, now)
    }

    /// The session of a token.
    ///
    /// # Errors
    /// [`Refusal::SessionLost`], [`Refusal::SignedInElsewhere`].
    pub fn session(&self, token: &str, now: Timestamp) -> Result<BureauSession, Refusal> {
        self.gate().session(token, now)
    }

    /// Where an account's session stands.
    #[must_use]
    pub fn session_state(&self, account: AccountNo, now: Timestamp) -> Session {
        self.gate().session_state(account, now)
    }

    /// 退出登录.
    pub fn sign_out(&self, token: &str) {
        self.gate().sign_out(token);
    }

    /// Ends an account's session, as a sign-in on the web elsewhere does.
    pub fn kick(&self, account: AccountNo) {
        self.gate().kick(account);
    }

    /// Scarce tries of an account.
    #[must_use]
    pub fn budget(&self, account: AccountNo, now: Timestamp) -> Budget {
        let (login_tries_left, identity_switches_left) = self.gate().tries_left(account, now);
        Budget {
            login_tries_left,
            identity_switches_left,
            collect_calls_left: self.desk().calls_left(account, now),
            resets_at: midnight_after(shanghai_day(now)),
        }
    }

    /// Whom an open challenge asks, while the region's bureau is open.
    fn asked(&self, gate: &Gate, challenge: &str, now: Timestamp) -> Result<Visitor<'_>, Refusal> {
        let visitor = self.visitor(gate.account_of(challenge)?)?;
        self.check_open(visitor.company.region, now)?;
        Ok(visitor)
    }

    fn visitor(&self, account: AccountNo) -> Result<Visitor<'_>, Refusal> {
        let account = self.account(account).ok_or(Refusal::ChallengeGone)?;
        let company = self.company(account.company).ok_or(Refusal::UnknownCompany)?;
        Ok(Visitor { company, account })
    }
}

/// The sandbox's own controls: what a person would do or read on a phone, and the weather at the bureau.
impl Bureau {
    /// A phone reads a QR, and its person agrees (or shows the face) or not.
    ///
    /// # Errors
    /// [`Refusal::ChallengeGone`], [`Refusal::ChallengeExpired`].
    pub fn scan_qr(&self, text: &str, approve: bool, now: Timestamp) -> Result<(), Refusal> {
        self.gate().scan(text, approve, now)
    }

    /// What the picture of a challenge shows.
    #[must_use]
    pub fn captcha_answer(&self, challenge: &str) -> Option<String> {
        self.gate().captcha_answer(challenge)
    }

    /// The last 50 messages that were sent, to one phone or to all; newest last.
    #[must_use]
    pub fn messages(&self, phone: Option<&str>) -> Vec<Message> {
        self.gate().messages(phone)
    }

    /// The hosted numbers of the next so many sign-ins fail like this; 0 heals them.
    pub fn fail_hosted(&self, times: u32, failure: HostedFailure) {
        self.gate().fail_hosted(times, failure);
    }

    /// Closes a region, or all with an empty text, until then.
    pub fn set_maintenance(&self, region: &str, until: Timestamp) {
        self.closed().close(region, until);
    }

    /// Opens it again.
    pub fn end_maintenance(&self, region: &str, now: Timestamp) {
        self.closed().open(region, now);
    }

    /// End of the region's maintenance, while it lasts.
    #[must_use]
    pub fn maintenance(&self, region: &str, now: Timestamp) -> Option<Timestamp> {
        self.closed().closed_until(region, now)
    }

    /// What is to be told of the regions; an empty one stands for all.
    #[must_use]
    pub fn outages(&self, now: Timestamp) -> Vec<(String, Outage)> {
        self.closed().list(now)
    }

    pub(crate) fn check_open(&self, region: &str, now: Timestamp) -> Result<(), Refusal> {
        let until = self.maintenance(region, now);
        until.map_or(Ok(()), |until| Err(Refusal::Maintenance { region: region.to_owned(), until }))
    }
}

/// Collecting invoices.
impl Bureau {
    /// The session behind a token, if it may query invoices now. Ask before a summary, a page or a file.
    ///
    /// # Errors
    /// [`Refusal::SessionLost`], [`Refusal::SignedInElsewhere`], [`Refusal::Maintenance`], [`Refusal::NoReceiveRight`].
    pub fn authorize(&self, token: &str, now: Timestamp) -> Result<BureauSession, Refusal> {
        let session = self.session(token, now)?;
        let company = self.company(session.company).ok_or(Refusal::UnknownCompany)?;
        self.check_open(company.region, now)?;
        if session.rights.receive { Ok(session) } else { Err(Refusal::NoReceiveRight) }
    }

    /// Whether an export of the query could start now, and how many invoices it would hold. Changes nothing.
    ///
    /// # Errors
    /// Those of [`Bureau::authorize`], then [`Refusal::RangeTooLarge`], [`Refusal::RangeInFuture`], [`Refusal::Busy`],
    /// [`Refusal::Quota`], [`Refusal::TooMany`].
    pub fn check_collect(&self, token: &str, query: &Query, now: Timestamp) -> Result<u64, Refusal> {
        let session = self.authorize(token, now)?;
        let today = shanghai_day(now);
        limits::check_range(query.dates, today)?;
        self.desk().check(session.company, session.account, query, now)?;
        let count = self.count(session.company, query, today);
        if count > COLLECT_LIMIT { Err(Refusal::TooMany { count, limit: COLLECT_LIMIT }) } else { Ok(count) }
    }

    /// Starts an export: spends one call, and keeps the same query from starting again until it is done or ended.
    ///
    /// # Errors
    /// Those of [`Bureau::check_collect`].
    pub fn start_collect(&self, token: &str, query: &Query, now: Timestamp) -> Result<Export, Refusal> {
        let count = self.check_collect(token, query, now)?;
        let session = self.session(token, now)?;
        let takes = self.collect_duration(count);
        let mut desk = self.desk();
        // Counting ran without the lock; somebody may have started the same in the meantime.
        desk.check(session.company, session.account, query, now)?;
        Ok(desk.start(session.company, session.account, query, count, takes, now))
    }

    /// Ends an export that was cancelled or fetched.
    pub fn end_collect(&self, export: &str) {
        self.desk().end(export);
    }

    /// How long an export of so many invoices takes at the configured pace.
    #[must_use]
    pub fn collect_duration(&self, count: u64) -> Duration {
        limits::collect_duration(count, self.config.pace)
    }

    /// Counts and sums by month and kind, over any range; months without invoices have no row. Months that are over are
    /// counted once and kept.
    #[must_use]
    pub fn summary(&self, company: CompanyNo, query: &Query, today: Date) -> Vec<SummaryRow> {
        self.archive.summary(company, query, today)
    }

    /// Number of invoices of a query.
    #[must_use]
    pub fn count(&self, company: CompanyNo, query: &Query, today: Date) -> u64 {
        self.archive.count(company, query, today)
    }

    /// A page of a query, in the order of date, then number; `limit` is at most [`crate::PAGE_LIMIT`].
    ///
    /// # Errors
    /// [`Refusal::BadCursor`].
    pub fn page(&self, company: CompanyNo, query: &Query, today: Date, cursor: Option<&str>, limit: usize) -> Result<Page, Refusal> {
        self.archive.page(company, query, today, cursor, limit)
    }

    /// All invoices of a query, in the order of date, then number.
    pub fn invoices<'a>(&'a self, company: CompanyNo, query: &'a Query, today: Date) -> impl Iterator<Item = Invoice> + 'a {
        self.archive.invoices(company, query, today, None)
    }

    /// The company's invoice with this number (a 数电纸质 one also by 代码-号码), as it is on the morning of `today`.
    #[must_use]
    pub fn find(&self, company: CompanyNo, key: &InvoiceKey, today: Date) -> Option<Invoice> {
        let generator = self.archive.generator();
        let (lane, day, index) = generator.locate(key)?;
        if date_of(day) >= today {
            return None;
        }
        Some(generator.invoice(&generator.record_of(Source::seen_by(company, lane), day, index)?, today))
    }

    /// The invoice at a position in the order of time, from 0, without what other companies of the user sold to this one; none where the history ends or is not yet visible.
    #[must_use]
    pub fn invoice(&self, company: CompanyNo, direction: Direction, index: u64, today: Date) -> Option<Invoice> {
        let generator = self.archive.generator();
        let lane = generator.lane(company, direction)?;
        let day = generator.day_of(lane, index).filter(|day| date_of(*day) < today)?;
        Some(generator.invoice(&generator.record(lane, day, index)?, today))
    }

    /// Counts and sums once more, from each invoice as it is handed out: for checks.
    #[must_use]
    pub fn truth(&self, company: CompanyNo, scope: Scope, dates: DateRange, today: Date) -> Totals {
        self.archive.truth(company, scope, dates, today)
    }
}

impl Bureau {
    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn closed(&self) -> MutexGuard<'_, Outages> {
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
