//! Challenges of sign-ins that were begun elsewhere: by the service for a download that waits, or on a phone.

use piaoxia_domain::AccountId;
use piaoxia_engine::Command;
use piaoxia_service::contract::Challenge;
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::accounts::Elsewhere;
use crate::text::{Text, fill};

impl State {
    pub(super) fn on_elsewhere(&mut self, challenges: Vec<Challenge>) -> Vec<Command> {
        let clock = self.clock;
        let before = std::mem::take(&mut self.accounts.elsewhere);
        let is_new = |challenge: &Challenge| !before.iter().any(|known| known.challenge.account == challenge.account);
        for challenge in challenges.iter().filter(|challenge| is_new(challenge)) {
            let words = &Text::current().challenge;
            let values = [("company", challenge.company.as_str()), ("account", &challenge.login_name)];
            self.notices.push(Notice::new(Level::Warning, words.elsewhere_notice.clone()).detail(fill(&words.elsewhere_who, &values)));
        }
        // An account whose challenge is gone may be signed in now: its list is loaded again.
        let answered = |known: &&Elsewhere| !challenges.iter().any(|challenge| challenge.account == known.challenge.account);
        let companies: std::collections::BTreeSet<String> =
            before.iter().filter(answered).filter_map(|known| self.company_of(&known.challenge)).collect();
        let ends = |challenge: &Challenge| clock + challenge.expires_in as f64;
        self.accounts.elsewhere = challenges.into_iter().map(|challenge| Elsewhere { ends: ends(&challenge), challenge }).collect();
        companies.into_iter().map(|company| Command::LoadAccounts { company }).collect()
    }

    /// Shows a challenge that was begun elsewhere. None when it is not known whose it is.
    #[must_use]
    pub fn take_challenge(&self, challenge: &Challenge) -> Option<Command> {
        let (company, account) = (self.company_of(challenge)?, challenge.account.clone()?);
        Some(Command::TakeChallenge { company, account, id: challenge.id.clone() })
    }

    /// A sign-in of the account was begun here, or is over.
    pub(super) fn forget_elsewhere(&mut self, account: Option<&AccountId>) {
        self.accounts.elsewhere.retain(|known| account.is_none() || known.challenge.account.as_ref() != account);
    }

    /// The company of a challenge, which names it only.
    fn company_of(&self, challenge: &Challenge) -> Option<String> {
        let by_account = challenge.account.as_ref().and_then(|id| self.accounts.find(id)).map(|(company, _)| company.to_owned());
        by_account.or_else(|| {
            let all = self.companies.list.value()?;
            let same = |name: &str, region: &str| name == challenge.company && region == challenge.region;
            all.iter().find(|company| same(&company.name, &company.region)).map(|company| company.id.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_engine::Event;
    use piaoxia_service::contract::{ChallengeKind, Company, Entitlement, TaxpayerKind};

    fn challenge(id: &str, account: &str) -> Challenge {
        Challenge {
            id: id.into(),
            account: Some(AccountId(account.into())),
            login_name: "138****0001".into(),
            company: "示例公司".into(),
            region: "3100".into(),
            kind: ChallengeKind::Sms { phone: "138****0001".into(), resend_after: 60 },
            expires_in: 300,
            attempts_left: 3,
            rejected: false,
        }
    }

    fn with_company() -> State {
        let mut state = State { clock: 10.0, ..State::default() };
        state.companies.list.answer(Ok(vec![Company {
            id: "c".into(),
            tax_no: piaoxia_domain::TaxNumber::default(),
            name: "示例公司".into(),
            region: "3100".into(),
            taxpayer_kind: TaxpayerKind::General,
            entitlement: Entitlement { expires_on: jiff::civil::date(2027, 1, 1) },
            accounts: 1,
            signed_in: 0,
        }]));
        state
    }

    #[test]
    fn a_sign_in_of_the_service_is_told_once_and_can_be_taken() {
        let mut state = with_company();
        assert!(state.apply(Event::Elsewhere(vec![challenge("1", "a")])).is_empty());
        assert_eq!(state.notices.unread(), 1);
        // The picture was answered on the phone; the code comes next.
        state.apply(Event::Elsewhere(vec![challenge("2", "a")]));
        assert_eq!(state.notices.unread(), 1, "the same sign-in");
        let id = AccountId("a".into());
        let waiting = state.accounts.waiting(&id, 309.0).unwrap().challenge.clone();
        assert!(state.accounts.waiting(&id, 311.0).is_none(), "it is over by then");
        let taken = state.take_challenge(&waiting).unwrap();
        assert!(
            matches!(taken, Command::TakeChallenge { company, account, id } if (company.as_str(), account.0.as_str(), id.as_str()) == ("c", "a", "2"))
        );
        // Shown here, it waits elsewhere no longer.
        state.apply(Event::Challenge(Box::new(waiting)));
        assert!(state.accounts.waiting(&id, 20.0).is_none() && state.accounts.challenge.is_some());
    }

    #[test]
    fn one_that_was_answered_on_the_phone_goes_by_itself_and_its_list_is_asked_for() {
        let mut state = with_company();
        state.apply(Event::Elsewhere(vec![challenge("1", "a"), challenge("2", "b")]));
        let commands = state.apply(Event::Elsewhere(vec![challenge("2", "b")]));
        assert!(matches!(commands.as_slice(), [Command::LoadAccounts { company }] if company == "c"));
        assert!(state.accounts.waiting(&AccountId("a".into()), 20.0).is_none());
        assert!(state.accounts.waiting(&AccountId("b".into()), 20.0).is_some());
    }

    #[test]
    fn one_of_a_company_that_nobody_knows_cannot_be_taken() {
        let mut state = with_company();
        state.companies.list.answer(Ok(Vec::new()));
        assert!(state.take_challenge(&challenge("1", "a")).is_none());
    }
}
