//! Sign-ins under another identity (身份切换): so many an hour.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::account::Identity;

use super::IDENTITY_SWITCHES_AN_HOUR;
use crate::people::AccountNo;
use crate::refusal::Refusal;

/// The identity that each account worked under last, and when it changed in the last hour.
#[derive(Debug, Default)]
pub(super) struct Switches(BTreeMap<AccountNo, (Identity, Vec<Timestamp>)>);

impl Switches {
    /// Switches left in this hour.
    pub(super) fn left(&self, account: AccountNo, now: Timestamp) -> u32 {
        let spent = self.0.get(&account).map_or(0, |(_, switched)| recent(switched, now).count());
        IDENTITY_SWITCHES_AN_HOUR.saturating_sub(u32::try_from(spent).unwrap_or(u32::MAX))
    }

    /// # Errors
    /// [`Refusal::IdentitySwitches`] when the account would switch once too often.
    pub(super) fn check(&self, account: AccountNo, identity: Identity, now: Timestamp) -> Result<(), Refusal> {
        let Some((last, switched)) = self.0.get(&account) else { return Ok(()) };
        if *last == identity || self.left(account, now) > 0 {
            return Ok(());
        }
        let first = recent(switched, now).min().unwrap_or(now);
        Err(Refusal::IdentitySwitches { until: an_hour_after(first) })
    }

    /// The account works under this identity from now on.
    pub(super) fn note(&mut self, account: AccountNo, identity: Identity, now: Timestamp) {
        let (last, switched) = self.0.entry(account).or_insert_with(|| (identity, Vec::new()));
        if *last != identity {
            *last = identity;
            switched.retain(|at| now < an_hour_after(*at));
            switched.push(now);
        }
    }
}

fn recent(switched: &[Timestamp], now: Timestamp) -> impl Iterator<Item = Timestamp> {
    switched.iter().copied().filter(move |at| now < an_hour_after(*at))
}

fn an_hour_after(moment: Timestamp) -> Timestamp {
    moment.checked_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn five_an_hour_are_counted_and_given_back_one_by_one() {
        let mut switches = Switches::default();
        let (account, start): (_, Timestamp) = (AccountNo(0), "2026-09-16T02:00:00Z".parse().unwrap());
        let after = |minutes: i64| start + SignedDuration::from_mins(minutes);
        let (one, other) = (Identity::TaxOfficer, Identity::FinanceOfficer);
        switches.note(account, one, start);
        switches.note(account, one, start);
        assert_eq!(switches.left(account, start), 5, "the same identity is no switch");
        for minute in 1..=5 {
            let identity = if minute % 2 == 1 { other } else { one };
            assert_eq!(switches.check(account, identity, after(minute)), Ok(()));
            switches.note(account, identity, after(minute));
        }
        assert_eq!(switches.left(account, after(6)), 0);
        assert_eq!(switches.check(account, one, after(6)), Err(Refusal::IdentitySwitches { until: after(61) }));
        assert_eq!(switches.check(account, other, after(6)), Ok(()), "that is no switch");
        assert_eq!(switches.check(AccountNo(1), one, after(6)), Ok(()), "others are not meant");
        assert_eq!((switches.check(account, one, after(61)), switches.left(account, after(61))), (Ok(()), 1));
        assert_eq!(switches.left(account, after(65)), 5);
    }
}
