//! Messages (短信) that the bureau sent: the sandbox shows them instead of a phone.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::period::shanghai_day;

use super::midnight_after;
use crate::refusal::Refusal;

/// Messages kept for show.
const KEPT: usize = 50;
/// Messages that a phone gets in a day.
const PER_DAY: u32 = 30;

/// A message to a phone.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Phone number.
    pub to: String,
    /// Text.
    pub text: String,
    /// The code in it.
    pub code: String,
    /// Sent, UTC.
    pub sent_at: Timestamp,
}

// Codes and numbers stay out of logs.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("sent_at", &self.sent_at).finish_non_exhaustive()
    }
}

/// The last messages, and how many each phone got today.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    messages: VecDeque<Message>,
    sent: BTreeMap<String, (Date, u32)>,
}

impl Outbox {
    /// # Errors
    /// [`Refusal::SmsQuota`] when the phone got its messages of the day.
    pub(super) fn send(&mut self, phone: &str, company: &str, code: &str, now: Timestamp) -> Result<(), Refusal> {
        let today = shanghai_day(now);
        let sent = self.sent.entry(phone.to_owned()).or_insert((today, 0));
        if sent.0 != today {
            *sent = (today, 0);
        }
        if sent.1 >= PER_DAY {
            return Err(Refusal::SmsQuota { until: midnight_after(today) });
        }
        sent.1 += 1;
        if self.messages.len() >= KEPT {
            self.messages.pop_front();
        }
        let text = format!("【示例电子税务局】验证码{code}，您正在登录“{company}”的电子税务局，5分钟内有效，请勿告知他人。");
        self.messages.push_back(Message { to: phone.to_owned(), text, code: code.to_owned(), sent_at: now });
        Ok(())
    }

    /// To this phone, or to any; newest last.
    pub(super) fn messages(&self, phone: Option<&str>) -> Vec<Message> {
        self.messages.iter().filter(|message| phone.is_none_or(|phone| message.to == phone)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_last_fifty_are_kept_and_a_phone_gets_thirty_a_day() {
        let mut outbox = Outbox::default();
        let now: Timestamp = "2026-05-01T01:00:00Z".parse().unwrap();
        for number in 0..PER_DAY {
            outbox.send("19900000001", "示例公司", &number.to_string(), now).unwrap();
            outbox.send("19900000002", "示例公司", "000000", now).unwrap();
        }
        let until = "2026-05-01T16:00:00Z".parse().unwrap();
        assert_eq!(outbox.send("19900000001", "示例公司", "1", now), Err(Refusal::SmsQuota { until }));
        assert_eq!(outbox.send("19900000001", "示例公司", "1", until), Ok(()));
        assert_eq!(outbox.messages(None).len(), KEPT);
        let last = outbox.messages(Some("19900000001")).pop().unwrap();
        assert!(last.code == "1" && last.text.contains("验证码1，") && !format!("{last:?}").contains("199"));
    }
}
