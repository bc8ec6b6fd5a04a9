//! 平台密码 and 勾选确认密码 of a company at the platform. Both are the company's own choice: a disk is let in without them, unless the
//! platform demands the first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::period::shanghai_day;

use crate::login::midnight_after;
use crate::refusal::Refusal;
use crate::register::CompanyNo;

/// 平台密码 of the sandbox's companies.
pub const PLATFORM_PASSWORD: &str = "66666666";
/// 勾选确认密码 of the sandbox's companies.
pub const CONFIRMATION_PASSWORD: &str = "77777777";
/// Errors in a day before the platform takes a password no more that day (measured of a client of the platform: more than ten lock).
pub const PASSWORD_ERRORS: u32 = 10;

/// Which password of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlatformPassword {
    /// 税局平台密码, for signing in.
    Platform,
    /// 勾选确认密码, for confirming deductions.
    Confirmation,
}

/// What a disk's owner typed beside the certificate password.
#[derive(Clone, Copy, Default)]
pub struct GivenPasswords<'a> {
    /// 税局平台密码.
    pub platform: Option<&'a str>,
    /// 勾选确认密码.
    pub confirmation: Option<&'a str>,
}

/// What the platform says of 平台密码, whatever is typed; turned on by the sandbox's controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordDemand {
    /// Nobody comes in without it.
    Needed,
    /// It was cancelled (已注销): code 6.
    Cancelled,
    /// The company may not use one: codes 12 and 13.
    NotAllowed,
}

impl PasswordDemand {
    /// By the platform's own code, as the fault dial names them; every other code means that one is needed.
    #[must_use]
    pub fn from_dial(code: u64) -> Self {
        match code {
            6 => Self::Cancelled,
            12 | 13 => Self::NotAllowed,
            _ => Self::Needed,
        }
    }
}

/// Errors of the day, by company and password.
#[derive(Default)]
pub(super) struct Passwords {
    errors: BTreeMap<(CompanyNo, PlatformPassword), (Date, u32)>,
    demands: (u32, Option<PasswordDemand>),
}

impl Passwords {
    /// The next sign-ins meet this demand.
    pub(super) fn demand(&mut self, times: u32, demand: PasswordDemand) {
        self.demands = (times, Some(demand));
    }

    /// Looks at what was given. A password that is right takes the errors of the day back.
    pub(super) fn check(&mut self, company: CompanyNo, given: GivenPasswords<'_>, now: Timestamp) -> Result<(), Refusal> {
        let demand = self.demands.1.filter(|_| self.demands.0 > 0);
        self.demands.0 = self.demands.0.saturating_sub(1);
        match demand {
            Some(PasswordDemand::Cancelled) => return Err(Refusal::PasswordCancelled),
            Some(PasswordDemand::NotAllowed) => return Err(Refusal::PasswordNotAllowed),
            Some(PasswordDemand::Needed) if given.platform.is_none() => return Err(Refusal::PasswordNeeded),
            Some(PasswordDemand::Needed) | None => {}
        }
        self.compare(company, PlatformPassword::Platform, given.platform, now)?;
        self.compare(company, PlatformPassword::Confirmation, given.confirmation, now)
    }

    fn compare(&mut self, company: CompanyNo, which: PlatformPassword, given: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
        let Some(given) = given else { return Ok(()) };
        let today = shanghai_day(now);
        let (day, errors) = self.errors.entry((company, which)).or_insert((today, 0));
        if *day != today {
            (*day, *errors) = (today, 0);
        }
        let locked = Refusal::PasswordLocked { which, until: midnight_after(today) };
        if *errors >= PASSWORD_ERRORS {
            return Err(locked);
        }
        let right = match which {
            PlatformPassword::Platform => PLATFORM_PASSWORD,
            PlatformPassword::Confirmation => CONFIRMATION_PASSWORD,
        };
        if given == right {
            *errors = 0;
            return Ok(());
        }
        *errors += 1;
        match PASSWORD_ERRORS - *errors {
            0 => Err(locked),
            left => Err(Refusal::PlatformPassword { which, left }),
        }
    }
}
