//! A hosted number (华盟托管号码, 企享云办税小号) that answers for the person.
//!
//! It works through its steps by the clock alone: whoever looks at it sees how far it has come. A face and the relation to a
//! company are the person's own; there it stops and the person is asked.

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::account::LoginMode;

use crate::regions::Ask;

/// How long one step takes at the usual pace.
const STEP_MILLIS: i64 = 1_500;

/// Why a hosted number cannot answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostedFailure {
    /// 号码离线: it does not even begin.
    Offline,
    /// 未收到验证码: it waits for the code in vain.
    NoCode,
    /// 验证码错误: what it answers is wrong, which costs one try.
    WrongCode,
}

impl HostedFailure {
    /// From the number on the sandbox's dial: 0, 1, 2 in the order above; others are the last.
    #[must_use]
    pub const fn from_dial(number: u64) -> Self {
        match number {
            0 => Self::Offline,
            1 => Self::NoCode,
            _ => Self::WrongCode,
        }
    }

    /// How many steps it gets through before it fails.
    const fn steps_before(self) -> usize {
        match self {
            Self::Offline => 1,
            Self::NoCode | Self::WrongCode => 2,
        }
    }
}

/// A hosted number at work.
#[derive(Clone)]
pub(super) struct Hosted {
    steps: Vec<&'static str>,
    /// How many of the asks it answers.
    answers: usize,
    begun_at: Timestamp,
    step_takes: SignedDuration,
    fails: Option<HostedFailure>,
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Working {
        done: Vec<&'static str>,
        doing: &'static str,
    },
    Failed(HostedFailure),
    /// The first so many asks are answered.
    Finished(usize),
}

impl Hosted {
    /// Begins to answer these asks, at `pace` percent; none for 人工登录.
    pub(super) fn begin(mode: LoginMode, asks: &[Ask], pace: u32, fails: Option<HostedFailure>, now: Timestamp) -> Option<Self> {
        let first = match mode {
            LoginMode::Manual => return None,
            LoginMode::HostedPhone => "连接华盟托管号码",
            LoginMode::VirtualPhone => "连接企享云办税小号",
        };
        let mut steps = vec![first];
        steps.extend(asks.iter().map_while(|ask| answered(*ask)));
        let answers = steps.len() - 1;
        if answers == asks.len() {
            steps.push("登录电子税务局");
        }
        let step_takes = SignedDuration::from_millis(STEP_MILLIS * i64::from(pace) / 100);
        Some(Self { steps, answers, begun_at: now, step_takes, fails })
    }

    /// The same work from its first step.
    pub(super) fn anew(&self, now: Timestamp) -> Self {
        Self { begun_at: now, ..self.clone() }
    }

    pub(super) fn progress(&self, now: Timestamp) -> Progress {
        let passed = self.passed(now);
        if let Some(failure) = self.fails.filter(|failure| passed >= failure.steps_before()) {
            return Progress::Failed(failure);
        }
        match self.steps.get(passed) {
            Some(doing) => Progress::Working { done: self.steps.iter().take(passed).copied().collect(), doing },
            None => Progress::Finished(self.answers),
        }
    }

    fn passed(&self, now: Timestamp) -> usize {
        let gone = now.duration_since(self.begun_at).as_millis().max(0);
        match gone.checked_div(self.step_takes.as_millis()) {
            Some(passed) => usize::try_from(passed).unwrap_or(usize::MAX),
            None => usize::MAX,
        }
    }
}

/// What it is doing while it answers; none for what only the person can answer.
const fn answered(ask: Ask) -> Option<&'static str> {
    match ask {
        Ask::Image => Some("识别图形验证码"),
        Ask::Sms => Some("读取短信验证码"),
        Ask::Qr => Some("手机应用扫码确认"),
        Ask::SelectIdentity => Some("选择身份"),
        Ask::Face | Ask::ConfirmRelation => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn begin(mode: LoginMode, asks: &[Ask], fails: Option<HostedFailure>) -> Hosted {
        Hosted::begin(mode, asks, 100, fails, at(0)).unwrap()
    }

    #[test]
    fn a_number_works_through_its_steps_by_the_clock() {
        let hosted = begin(LoginMode::HostedPhone, &[Ask::Image, Ask::Sms], None);
        let working = |done: &[&'static str], doing| Progress::Working { done: done.to_vec(), doing };
        assert_eq!(hosted.progress(at(-5)), working(&[], "连接华盟托管号码"), "a clock that was set back");
        assert_eq!(hosted.progress(at(1_499)), working(&[], "连接华盟托管号码"));
        assert_eq!(hosted.progress(at(1_500)), working(&["连接华盟托管号码"], "识别图形验证码"));
        assert_eq!(hosted.progress(at(5_999)), working(&["连接华盟托管号码", "识别图形验证码", "读取短信验证码"], "登录电子税务局"));
        assert_eq!(hosted.progress(at(6_000)), Progress::Finished(2));
        assert_eq!(hosted.anew(at(6_000)).progress(at(7_000)), working(&[], "连接华盟托管号码"));
    }

    #[test]
    fn it_stops_before_what_only_the_person_can_answer() {
        let hosted = begin(LoginMode::VirtualPhone, &[Ask::Sms, Ask::Face, Ask::Sms], None);
        assert_eq!(hosted.progress(at(2_999)), Progress::Working { done: vec!["连接企享云办税小号"], doing: "读取短信验证码" });
        assert_eq!(hosted.progress(at(3_000)), Progress::Finished(1));
    }

    #[test]
    fn it_fails_as_the_dial_says() {
        for (number, failure, millis) in
            [(0, HostedFailure::Offline, 1_500), (1, HostedFailure::NoCode, 3_000), (7, HostedFailure::WrongCode, 3_000)]
        {
            assert_eq!(HostedFailure::from_dial(number), failure);
            let hosted = begin(LoginMode::HostedPhone, &[Ask::Sms], Some(failure));
            assert!(matches!(hosted.progress(at(millis - 1)), Progress::Working { .. }), "{failure:?}");
            assert_eq!(hosted.progress(at(millis)), Progress::Failed(failure));
        }
    }

    #[test]
    fn without_a_pace_it_is_done_at_once_and_a_person_hosts_nobody() {
        let hosted = Hosted::begin(LoginMode::HostedPhone, &[Ask::Qr], 0, None, at(0)).unwrap();
        assert_eq!(hosted.progress(at(0)), Progress::Finished(1));
        assert!(Hosted::begin(LoginMode::Manual, &[Ask::Qr], 100, None, at(0)).is_none());
    }
}
