//! Regions whose bureau is closed (系统维护), and those that have just opened again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// How long it is said that a bureau is open again.
const RECOVERED_MINUTES: i64 = 10;

/// What is to be told of a region's bureau.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// 系统维护.
    Closed {
        /// Its end, UTC.
        until: Timestamp,
    },
    /// 已恢复.
    Recovered {
        /// When, UTC.
        since: Timestamp,
    },
}

/// End of the maintenance by region; the empty region stands for all.
#[derive(Debug, Default)]
pub(crate) struct Outages(BTreeMap<String, Timestamp>);

impl Outages {
    pub(crate) fn close(&mut self, region: &str, until: Timestamp) {
        self.0.insert(region.to_owned(), until);
    }

    /// Opens it at once. What is open stays as it is.
    pub(crate) fn open(&mut self, region: &str, now: Timestamp) {
        if let Some(until) = self.0.get_mut(region) {
            *until = (*until).min(now);
        }
    }

    /// End of the region's maintenance, while it lasts.
    pub(crate) fn closed_until(&self, region: &str, now: Timestamp) -> Option<Timestamp> {
        [region, ""].iter().filter_map(|place| self.0.get(*place).copied()).filter(|until| *until > now).max()
    }

    /// What is to be told, by region. While all are closed, none of them has recovered.
    pub(crate) fn list(&self, now: Timestamp) -> Vec<(String, Outage)> {
        let all_closed = self.0.get("").is_some_and(|until| *until > now);
        let told = |(region, until): (&String, &Timestamp)| {
            let outage = if *until > now {
                Outage::Closed { until: *until }
            } else if !all_closed && now.duration_since(*until) < SignedDuration::from_mins(RECOVERED_MINUTES) {
                Outage::Recovered { since: *until }
            } else {
                return None;
            };
            Some((region.clone(), outage))
        };
        self.0.iter().filter_map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_bureau_closes_opens_and_is_soon_no_news() {
        let start: Timestamp = "2026-09-16T02:00:00Z".parse().unwrap();
        let after = |minutes: i64| start + SignedDuration::from_mins(minutes);
        let mut outages = Outages::default();
        outages.open("3100", start);
        assert_eq!(outages.list(start), [], "what was never closed has not recovered");
        outages.close("3100", after(5));
        assert_eq!(outages.closed_until("3100", after(4)), Some(after(5)));
        assert_eq!(outages.closed_until("4403", after(4)), None);
        assert_eq!(outages.list(after(4)), [("3100".to_owned(), Outage::Closed { until: after(5) })]);
        assert_eq!(outages.list(after(5)), [("3100".to_owned(), Outage::Recovered { since: after(5) })]);
        assert_eq!(outages.list(after(15)), []);
        outages.close("", after(30));
        assert_eq!(outages.closed_until("3100", after(6)), Some(after(30)));
        assert_eq!(outages.list(after(6)), [(String::new(), Outage::Closed { until: after(30) })], "3100 is closed again");
        outages.open("", after(7));
        assert_eq!(outages.closed_until("3100", after(7)), None);
        assert_eq!(outages.list(after(7)).len(), 2);
    }
}
