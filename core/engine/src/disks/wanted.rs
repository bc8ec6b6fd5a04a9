//! Disks that downloads wait for. A download that waits looks again and again; a sign-in has the disk sign and sends passwords, so one that
//! was refused is made again only when there is a reason.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use piaoxia_service::contract::{ErrorClass, code};
use piaoxia_taxdisk::DiskError;

use super::KeptPasswords;
use crate::pace::Pace;
use crate::problem::{Problem, What};

/// Disks that downloads wait for, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Wanted(BTreeMap<String, Option<Refusal>>);

/// Why a disk that is waited for was not signed in.
#[derive(Debug)]
struct Refusal {
    /// What the vault had of its passwords.
    kept: KeptPasswords,
    /// Sign-ins in a row that failed for a reason that passes.
    failures: u32,
    /// When another one is worth it; none: not before somebody changes something.
    again: Option<Timestamp>,
}

impl Wanted {
    /// A download waits for it, as it may have before.
    pub(crate) fn add(&mut self, serial: &str) {
        if !self.has(serial) {
            self.0.insert(serial.to_owned(), None);
        }
    }

    /// No download waits for it any more. False when none did.
    pub(crate) fn remove(&mut self, serial: &str) -> bool {
        self.0.remove(serial).is_some()
    }

    pub(super) fn has(&self, serial: &str) -> bool {
        self.0.contains_key(serial)
    }

    pub(super) fn serials(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// True when it is to be signed in: nothing was refused, the time of the refusal is over, or the vault has other passwords than then.
    pub(super) fn is_due(&self, serial: &str, kept: KeptPasswords, now: Timestamp) -> bool {
        match self.0.get(serial) {
            Some(Some(refusal)) => refusal.kept != kept || refusal.again.is_some_and(|again| again <= now),
            Some(None) => true,
            None => false,
        }
    }

    /// A sign-in with what the vault had of its passwords was refused.
    pub(super) fn refuse(&mut self, serial: &str, kept: KeptPasswords, problem: &Problem, pace: &Pace) {
        let Some(disk) = self.0.get_mut(serial) else { return };
        let before = disk.as_ref().map_or(0, |refusal| refusal.failures);
        let failures = if passes(problem) { before.saturating_add(1) } else { 0 };
        *disk = Some(Refusal { kept, failures, again: again(problem, failures, pace, Timestamp::now()) });
    }

    /// What was refused may be let in now.
    pub(super) fn forget_refusal(&mut self, serial: &str) {
        if let Some(disk) = self.0.get_mut(serial) {
            *disk = None;
        }
    }
}

/// When another sign-in is worth it; none when a person has to do something first. A time that is past, by this PC's clock, which may be
/// fast, is none: a certificate that has run out names one as well.
fn again(problem: &Problem, failures: u32, pace: &Pace, now: Timestamp) -> Option<Timestamp> {
    let until = problem.api().and_then(|error| error.until).filter(|until| *until > now);
    let asked = problem.api().and_then(|error| error.retry_after).map(Duration::from_secs);
    let pause = asked.or_else(|| match passes(problem) {
        true => Some(pace.pause(failures)),
        false => ends_by_itself(problem).then_some(pace.retry_longest),
    });
    until.or_else(|| now.checked_add(SignedDuration::try_from(pause?).ok()?).ok())
}

/// True for what may be over at the next try: hiccups, a maintenance, and a disk that another program uses.
fn passes(problem: &Problem) -> bool {
    use DiskError::{Busy, InUse, Reset, ServiceStopped, Timeout};
    let is_free_later = matches!(problem.what, What::Disk(Busy | InUse | Reset | ServiceStopped | Timeout { .. }));
    let is_serviced = problem.class() == Some(ErrorClass::Maintenance);
    is_free_later || is_serviced || problem.is_transient() || problem.is(code::DISK_CHALLENGE_GONE)
}

/// True for what is over at some time though nobody does anything here: a proxy that looks into connections, an answer that cannot be read,
/// a lock that ends. Of a refusal that a newer service knows nobody can tell what another try costs.
fn ends_by_itself(problem: &Problem) -> bool {
    use ErrorClass::{BadRequest, Locked, Permission, Precondition, Unknown, Unsupported, UserFix};
    let Some(error) = problem.api() else { return matches!(problem.what, What::Network(_)) };
    match error.class {
        UserFix | Permission | Precondition | Unsupported | BadRequest | Unknown => false,
        Locked => error.until.is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use piaoxia_service::contract::ApiError;
    use piaoxia_taxdisk::Tries;

    use super::super::Keep;
    use super::*;
    use crate::problem::NetworkFault;

    const SERIAL: &str = "4499000000001";

    fn kept() -> KeptPasswords {
        KeptPasswords { certificate: true, platform: Keep::Unproved, confirmation: Keep::No }
    }

    fn later(seconds: i64) -> Timestamp {
        Timestamp::now().checked_add(SignedDuration::from_secs(seconds)).unwrap()
    }

    fn told(class: ErrorClass, code: &str, until: Option<Timestamp>) -> Problem {
        let mut error = ApiError::new(class, code, "no");
        error.until = until;
        error.into()
    }

    /// A disk that is waited for, after this refusal.
    fn refused(problem: &Problem) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.add(SERIAL);
        assert!(wanted.is_due(SERIAL, kept(), later(0)));
        wanted.refuse(SERIAL, kept(), problem, &Pace::default());
        // A download looks again.
        wanted.add(SERIAL);
        wanted
    }

    #[test]
    fn what_was_refused_is_asked_again_when_something_has_changed() {
        let needed = told(ErrorClass::Precondition, code::PLATFORM_PASSWORD_NEEDED, None);
        let expired = told(ErrorClass::Precondition, code::DISK_CERTIFICATE_EXPIRED, Some(later(-3_600)));
        let last_tries = Problem::from(DiskError::NeedsConsent { left: Tries::Left(2) });
        for problem in [&needed, &expired, &last_tries] {
            let mut wanted = refused(problem);
            assert!(!wanted.is_due(SERIAL, kept(), later(1_000_000)), "{problem:?}");
            let others = KeptPasswords { platform: Keep::No, ..kept() };
            assert!(wanted.is_due(SERIAL, others, later(0)), "the vault has others");
            wanted.forget_refusal(SERIAL);
            assert!(wanted.is_due(SERIAL, kept(), later(0)), "the user wants it");
        }
        // The run that waited is over: the next one asks anew.
        let mut wanted = refused(&needed);
        assert!(wanted.remove(SERIAL) && !wanted.remove(SERIAL));
        assert!(!wanted.is_due(SERIAL, kept(), later(0)));
        wanted.add(SERIAL);
        assert!(wanted.is_due(SERIAL, kept(), later(0)));
    }

    #[test]
    fn what_ends_by_itself_is_waited_for() {
        let locked = refused(&told(ErrorClass::Locked, code::PLATFORM_PASSWORD_LOCKED, Some(later(3_600))));
        assert!(!locked.is_due(SERIAL, kept(), later(3_500)) && locked.is_due(SERIAL, kept(), later(3_601)));
        let serviced = |until| told(ErrorClass::Maintenance, code::MAINTENANCE, until);
        let passing = [
            told(ErrorClass::UpstreamDown, code::BUREAU_DOWN, None),
            Problem::from(DiskError::InUse),
            serviced(None),
            // By a clock that is fast.
            serviced(Some(later(-3_600))),
        ];
        for problem in passing {
            let mut wanted = refused(&problem);
            assert!(!wanted.is_due(SERIAL, kept(), later(0)) && wanted.is_due(SERIAL, kept(), later(3)), "{problem:?}");
            for _ in 0..9 {
                wanted.refuse(SERIAL, kept(), &problem, &Pace::default());
            }
            assert!(!wanted.is_due(SERIAL, kept(), later(20)) && wanted.is_due(SERIAL, kept(), later(61)), "pauses become longer");
        }
        let network = |fault| Problem::new(What::Network(fault), "no");
        let locked = told(ErrorClass::Locked, code::PLATFORM_PASSWORD_LOCKED, Some(later(-3_600)));
        for problem in [network(NetworkFault::Tls), network(NetworkFault::Unreadable), locked] {
            let wanted = refused(&problem);
            assert!(!wanted.is_due(SERIAL, kept(), later(50)) && wanted.is_due(SERIAL, kept(), later(61)), "{problem:?}");
        }
    }

    #[test]
    fn what_ends_only_by_a_person_is_not_asked_again() {
        for class in [ErrorClass::UserFix, ErrorClass::Permission, ErrorClass::Unsupported, ErrorClass::Locked, ErrorClass::Unknown] {
            let wanted = refused(&told(class, "platform.no", None));
            assert!(!wanted.is_due(SERIAL, kept(), later(1_000_000)), "{class:?}");
        }
    }
}
