//! How often one address may try something.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Counts tries by address within a time.
pub(crate) struct Throttle {
    most: usize,
    within: Duration,
    tries: Mutex<HashMap<IpAddr, VecDeque<Instant>>>,
}

impl Throttle {
    pub(crate) fn new(most: usize, within: Duration) -> Self {
        Self { most, within, tries: Mutex::default() }
    }

    /// Nothing while a further try is allowed, else how long to wait.
    pub(crate) fn wait(&self, peer: IpAddr) -> Option<Duration> {
        let now = Instant::now();
        let mut tries = self.lock();
        tries.retain(|_, times| {
            times.retain(|time| now.duration_since(*time) < self.within);
            !times.is_empty()
        });
        let times = tries.get(&caller(peer)).filter(|times| times.len() >= self.most)?;
        Some(times.front().map_or(self.within, |first| self.within.saturating_sub(now.duration_since(*first))))
    }

    /// Counts a try.
    pub(crate) fn note(&self, peer: IpAddr) {
        let mut tries = self.lock();
        let times = tries.entry(caller(peer)).or_default();
        times.push_back(Instant::now());
        if times.len() > self.most {
            times.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, VecDeque<Instant>>> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever has one IPv6 address has 2^64 of them (RFC 4291, 2.5.4): a /64 counts as one.
fn caller(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn the_addresses_of_one_line_count_as_one() {
        let throttle = Throttle::new(1, Duration::from_secs(60));
        let at = |bits: u128| IpAddr::V6(Ipv6Addr::from_bits(bits));
        let line = 0x2001_0db8_0001_0002_u128 << 64;
        throttle.note(at(line | 1));
        assert!(throttle.wait(at(line | 0xffff_ffff)).is_some());
        assert_eq!(throttle.wait(at(line + (1 << 64))), None);
    }

    #[test]
    fn one_address_is_slowed_down_and_others_are_not() {
        let throttle = Throttle::new(2, Duration::from_secs(60));
        let (one, other) = (IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)));
        throttle.note(one);
        assert_eq!(throttle.wait(one), None);
        throttle.note(one);
        assert!(throttle.wait(one).is_some_and(|wait| wait <= Duration::from_secs(60)));
        assert_eq!(throttle.wait(other), None);
        let over = Throttle::new(1, Duration::ZERO);
        over.note(one);
        assert_eq!(over.wait(one), None);
    }
}
