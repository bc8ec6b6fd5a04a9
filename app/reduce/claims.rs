//! 报销登记.

use jiff::Timestamp;
use piaoxia_engine::{ClaimAnswer, ClaimOf, Command, Problem};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::claims::{ClaimDialog, Earlier};
use crate::state::preferences::CLAIMED_BY;
use crate::text::{Text, fill, thousands};

impl State {
    /// 报销登记 is pressed for these invoices.
    pub fn open_claim(&mut self, of: ClaimOf) {
        if of.count() == 0 {
            return;
        }
        let person = self.session.person().map(|person| person.name.clone()).unwrap_or_default();
        let by = self.preference(CLAIMED_BY).map_or(person, str::to_owned);
        let (note, before) = (String::new(), Vec::new());
        let dialog = ClaimDialog { of, on: self.today, by, note, before, earlier: None, asked: None, problem: None };
        self.claims.dialog = Some(dialog);
    }

    /// 登记.
    pub fn claim(&mut self, now: Timestamp) -> Vec<Command> {
        let claims = &mut self.claims;
        let ready = claims.dialog.as_mut().filter(|dialog| dialog.is_ready() && dialog.asked.is_none());
        let Some(dialog) = ready else { return Vec::new() };
        claims.seq += 1;
        (dialog.asked, dialog.problem) = (Some(claims.seq), None);
        let (claim, (of, again)) = (dialog.claim(now), dialog.wanted());
        let seq = claims.seq;
        vec![self.prefer(CLAIMED_BY, claim.by.clone()), Command::Claim { seq, of, claim, again }]
    }

    /// The dialog that asked may be gone, or be another one by now: what was written, or failed, is told all the same.
    pub(super) fn on_claimed(&mut self, seq: u64, result: Result<ClaimAnswer, Problem>) -> Vec<Command> {
        let mut dialog = self.claims.dialog.as_mut().filter(|dialog| dialog.asked == Some(seq));
        if let Some(dialog) = &mut dialog {
            dialog.asked = None;
        }
        match (result, dialog) {
            (Ok(ClaimAnswer::Done(count)), dialog) => {
                if dialog.is_some() {
                    self.claims.dialog = None;
                }
                let line = fill(&Text::current().claims.done, &[("n", &thousands(count))]);
                self.notices.push(Notice::new(Level::Done, line));
            }
            (Ok(ClaimAnswer::Before(before)), Some(dialog)) => {
                // Who has left some out, and hears of more, still sees both.
                if dialog.earlier.take() != Some(Earlier::Others) {
                    dialog.before.clear();
                }
                dialog.before.extend(before);
            }
            // Nothing was written, as whoever left the dialog wanted.
            (Ok(ClaimAnswer::Before(_)), None) => {}
            (Err(problem), Some(dialog)) => dialog.problem = Some(problem),
            (Err(problem), None) => return self.notify_problem(problem),
        }
        Vec::new()
    }

    /// 撤销登记, answered.
    pub fn withdraw_claim(&mut self) -> Option<Command> {
        self.claims.withdrawing.take().map(|wanted| Command::WithdrawClaim { key: wanted.key, id: wanted.id })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use piaoxia_domain::InvoiceKey;
    use piaoxia_engine::Event;
    use piaoxia_engine::problem::What;
    use piaoxia_store::Claimed;

    use super::*;

    #[test]
    fn an_earlier_claim_stops_until_the_user_insists() {
        let key: InvoiceKey = "26312000000123456789".parse().unwrap();
        let mut state = State { today: jiff::civil::date(2026, 11, 30), ..State::default() };
        state.open_claim(ClaimOf::Invoice(key.clone()));
        assert!(state.claim(Timestamp::UNIX_EPOCH).is_empty(), "nobody is named");
        state.claims.dialog.as_mut().unwrap().by = "李四".into();
        assert_eq!(state.claim(Timestamp::UNIX_EPOCH).len(), 2);
        assert!(state.claim(Timestamp::UNIX_EPOCH).is_empty(), "asked once");
        let first = state.claims.dialog.as_ref().unwrap().claim(Timestamp::UNIX_EPOCH);
        state.apply(Event::Claimed { seq: 1, result: Ok(ClaimAnswer::Before(vec![before(key, first)])) });
        assert!(state.claim(Timestamp::UNIX_EPOCH).is_empty());
        state.claims.dialog.as_mut().unwrap().earlier = Some(Earlier::All);
        let commands = state.claim(Timestamp::UNIX_EPOCH);
        assert!(matches!(commands.last(), Some(Command::Claim { again: true, .. })));
        state.apply(Event::Claimed { seq: 2, result: Ok(ClaimAnswer::Done(1)) });
        assert!(state.claims.dialog.is_none());
        assert_eq!(state.preference("claimed_by"), Some("李四"));
    }

    fn before(key: InvoiceKey, first: piaoxia_store::Claim) -> Claimed {
        Claimed { key, party: "示例公司".into(), gross: piaoxia_domain::Money::from_fen(10_000), first }
    }

    #[test]
    fn those_that_were_not_claimed_before_can_be_claimed_alone() {
        let keys = ["26312000000123456789", "26312000000123456802"].map(|key| key.parse::<InvoiceKey>().unwrap());
        let mut state = State::default();
        state.open_claim(ClaimOf::Rows([7, 8, 9].into()));
        state.claims.dialog.as_mut().unwrap().by = "李四".into();
        state.claim(Timestamp::UNIX_EPOCH);
        let mut answer = |seq, key: &InvoiceKey| {
            let first = state.claims.dialog.as_ref().unwrap().claim(Timestamp::UNIX_EPOCH);
            state.apply(Event::Claimed { seq, result: Ok(ClaimAnswer::Before(vec![before(key.clone(), first)])) });
            let dialog = state.claims.dialog.as_mut().unwrap();
            assert!(!dialog.is_ready(), "the user says which");
            let others = dialog.others();
            dialog.earlier = Some(Earlier::Others);
            (others, state.claim(Timestamp::UNIX_EPOCH).pop())
        };
        let left_out = |(others, asked): (u64, Option<Command>)| match asked {
            Some(Command::Claim { of: ClaimOf::Others { rows, but }, again: false, .. }) => Some((others, rows.len(), but.to_vec())),
            _ => None,
        };
        let [one, another] = &keys;
        assert_eq!(left_out(answer(1, one)), Some((2, 3, vec![one.clone()])));
        // One more is told of.
        assert_eq!(left_out(answer(2, another)), Some((1, 3, keys.to_vec())));
    }

    #[test]
    fn a_late_answer_is_told_and_leaves_the_next_dialog_alone() {
        let mut state = State::default();
        let ask = |state: &mut State| {
            state.open_claim(ClaimOf::Rows([7, 9].into()));
            state.claims.dialog.as_mut().unwrap().by = "李四".into();
            state.claim(Timestamp::UNIX_EPOCH);
        };
        ask(&mut state);
        // Left, and opened for others.
        ask(&mut state);
        state.apply(Event::Claimed { seq: 1, result: Ok(ClaimAnswer::Done(2)) });
        assert_eq!((state.claims.dialog.as_ref().unwrap().asked, state.notices.unread()), (Some(2), 1));
        state.claims.dialog = None;
        state.apply(Event::Claimed { seq: 2, result: Err(Problem::new(What::Busy, "")) });
        assert!(state.claims.dialog.is_none());
        assert_eq!(state.notices.unread(), 2);
        state.apply(Event::Claimed { seq: 2, result: Ok(ClaimAnswer::Before(Vec::new())) });
        assert_eq!(state.notices.unread(), 2, "nothing was written");
    }
}
