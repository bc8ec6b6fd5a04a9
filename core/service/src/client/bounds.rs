//! Numbers of a service by which the program waits: none of them makes it wait for ever, or ask without a pause.

use crate::contract::{BindTicket, Challenge, ChallengeKind, Job, LoginStep, LoginTicket};

/// The longest time that a service can ask anybody to wait, seconds: a day. Whoever has to wait longer is told so again.
pub const LONGEST: u64 = 86_400;
/// Shortest and longest pause between two looks at a job, milliseconds: no busy loop, and a person still sees that it goes on.
const BETWEEN_LOOKS: (u64, u64) = (5, 300_000);

/// Seconds that a service asks to be left alone.
pub(super) fn pause(asked: u64) -> u64 {
    asked.min(LONGEST)
}

/// An answer with such numbers.
pub(super) trait Bounded {
    /// The same with numbers that can be waited by.
    #[must_use]
    fn bounded(self) -> Self;
}

impl Bounded for LoginTicket {
    fn bounded(self) -> Self {
        // One that is over at once would be followed by the next, without a pause.
        Self { expires_in: self.expires_in.clamp(1, LONGEST), ..self }
    }
}

impl Bounded for BindTicket {
    fn bounded(self) -> Self {
        Self { expires_in: self.expires_in.clamp(1, LONGEST), ..self }
    }
}

impl Bounded for Challenge {
    fn bounded(mut self) -> Self {
        self.expires_in = self.expires_in.min(LONGEST);
        if let ChallengeKind::Sms { resend_after, .. } = &mut self.kind {
            *resend_after = (*resend_after).min(LONGEST);
        }
        self
    }
}

impl Bounded for Vec<Challenge> {
    fn bounded(self) -> Self {
        self.into_iter().map(Bounded::bounded).collect()
    }
}

impl Bounded for LoginStep {
    fn bounded(self) -> Self {
        match self {
            Self::Challenge { challenge } => Self::Challenge { challenge: challenge.bounded() },
            done @ Self::Done { .. } => done,
        }
    }
}

impl Bounded for Job {
    fn bounded(self) -> Self {
        let (shortest, longest) = BETWEEN_LOOKS;
        Self { poll_after_ms: self.poll_after_ms.clamp(shortest, longest), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_lives_between_a_second_and_a_day() {
        let of = |expires_in| {
            let login = LoginTicket { id: String::new(), qr_text: String::new(), local_url: None, number: String::new(), expires_in };
            let bind = BindTicket { id: String::new(), qr_text: String::new(), local_url: None, expires_in };
            (login.bounded().expires_in, bind.bounded().expires_in)
        };
        assert_eq!([of(0), of(120), of(u64::MAX)], [(1, 1), (120, 120), (LONGEST, LONGEST)]);
    }

    #[test]
    fn a_challenge_lives_a_day_at_most_and_may_be_over() {
        let of = |seconds| {
            let challenge = Challenge {
                id: String::new(),
                account: None,
                login_name: String::new(),
                company: String::new(),
                region: String::new(),
                kind: ChallengeKind::Sms { phone: String::new(), resend_after: seconds },
                expires_in: seconds,
                attempts_left: 1,
                rejected: false,
            };
            match (LoginStep::Challenge { challenge }).bounded() {
                LoginStep::Challenge { challenge: Challenge { kind: ChallengeKind::Sms { resend_after, .. }, expires_in, .. } } => {
                    Some((expires_in, resend_after))
                }
                _ => None,
            }
        };
        assert_eq!([of(0), of(300), of(u64::MAX)], [Some((0, 0)), Some((300, 300)), Some((LONGEST, LONGEST))]);
    }
}
