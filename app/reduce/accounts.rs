//! E-tax accounts: lists, forms, challenges.

use jiff::Timestamp;
use piaoxia_domain::account::{Account, AccountId};
use piaoxia_engine::problem::What;
use piaoxia_engine::{Command, Event, Problem};
use piaoxia_service::contract::{Challenge, ChallengeKind, Company};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::accounts::{ChallengeDialog, FormDialog};
use crate::text::Text;

impl State {
    pub(super) fn on_accounts(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Accounts { company, result } => return self.take_accounts(&company, result),
            Event::Budgets(known) => self.accounts.budgets.extend(known),
            Event::Form { region, result } => {
                self.accounts.forms.entry(region).or_default().answer(result);
                self.choose_first_options();
            }
            Event::Challenge(challenge) => return self.open_challenge(*challenge),
            Event::LoginDone { company, account } => return self.on_login_done(company, &account),
            Event::LoginFailed { company, account, problem } => return self.on_login_failed(company, account.as_ref(), problem),
            Event::ChallengeProblem(problem) => {
                if let Some(dialog) = &mut self.accounts.challenge {
                    dialog.busy = false;
                    dialog.problem = Some(problem);
                }
            }
            Event::AccountsProblem(problem) => match (&mut self.accounts.deleting, &mut self.accounts.unbinding) {
                (Some(dialog), _) => (dialog.busy, dialog.problem) = (false, Some(problem)),
                (None, Some(dialog)) => (dialog.busy, dialog.problem) = (false, Some(problem)),
                (None, None) => return self.notify_problem(problem),
            },
            _ => {}
        }
        Vec::new()
    }

    /// Opens 添加账号 for a company.
    pub fn open_account_form(&mut self, company: &Company) {
        self.accounts.form = Some(FormDialog {
            company: company.id.clone(),
            company_name: company.name.clone(),
            region: company.region.clone(),
            ..FormDialog::default()
        });
        self.choose_first_options();
    }

    /// Opens 编辑 for an account. What it was added with is known to the service alone, so it is typed again.
    pub fn open_account_edit(&mut self, company: &Company, account: &Account) {
        self.accounts.form = Some(FormDialog {
            company: company.id.clone(),
            company_name: company.name.clone(),
            account: Some(account.id.clone()),
            login_name: account.login_name.clone(),
            region: account.region.clone(),
            identity: Some(account.identity),
            login_mode: Some(account.login_mode),
            ..FormDialog::default()
        });
        self.choose_first_options();
    }

    fn take_accounts(&mut self, company: &str, result: Result<(Vec<Account>, Timestamp), Problem>) -> Vec<Command> {
        if let Ok((_, now)) = &result {
            self.accounts.now = Some((*now, self.clock));
        }
        self.accounts.deleting = self.accounts.deleting.take().filter(|dialog| !dialog.busy || result.is_err());
        self.accounts.unbinding = self.accounts.unbinding.take().filter(|dialog| !dialog.busy || result.is_err());
        let ids: Vec<AccountId> = result.iter().flat_map(|(accounts, _)| accounts).map(|account| account.id.clone()).collect();
        self.accounts.list(company).answer(result.map(|(accounts, _)| accounts));
        if ids.is_empty() { Vec::new() } else { vec![Command::LoadBudgets(ids)] }
    }

    /// Shows a problem that belongs to no page as a notice that stays until it is closed.
    pub(crate) fn notify_problem(&mut self, problem: Problem) -> Vec<Command> {
        if problem.what == What::Cancelled {
            return Vec::new();
        }
        let words = crate::text::problem_text(Text::current(), &problem);
        let detail = if words.trace.is_empty() { words.advice } else { format!("{}\n{}", words.advice, words.trace) };
        self.notices.push(Notice::new(Level::Error, words.title).detail(detail));
        Vec::new()
    }

    /// 人工登录 is the default; the identity that most accounts have stands first.
    fn choose_first_options(&mut self) {
        let Some(dialog) = &mut self.accounts.form else { return };
        let Some(form) = self.accounts.forms.get(&dialog.region).and_then(|form| form.value()) else { return };
        if dialog.login_mode.is_none() {
            dialog.login_mode = form.login_modes.first().copied();
        }
        if dialog.identity.is_none_or(|chosen| !form.identities.contains(&chosen)) {
            let usual = piaoxia_domain::account::Identity::TaxOfficer;
            dialog.identity = if form.identities.contains(&usual) { Some(usual) } else { form.identities.first().copied() };
        }
        for field in &form.fields {
            if let Some(fixed) = &field.fixed {
                dialog.values.insert(field.key.clone(), fixed.clone());
            }
        }
    }

    fn open_challenge(&mut self, challenge: Challenge) -> Vec<Command> {
        self.forget_elsewhere(challenge.account.as_ref());
        let resend_after = match &challenge.kind {
            ChallengeKind::Sms { resend_after, .. } => *resend_after,
            _ => 0,
        };
        // What was typed for the same question stays, unless the bureau refused it.
        let value = match &self.accounts.challenge {
            Some(open) if open.challenge.id == challenge.id && !challenge.rejected => open.value.clone(),
            _ => String::new(),
        };
        let app = self.accounts.challenge.as_ref().map_or(0, |open| open.app);
        self.accounts.challenge = Some(ChallengeDialog {
            value,
            app,
            expires: self.clock + challenge.expires_in as f64,
            resend: self.clock + resend_after as f64,
            busy: false,
            problem: None,
            challenge,
        });
        // In the sandbox the code lies in the sandbox's own phone.
        if self.session.is_sandbox() { vec![Command::LoadMessages] } else { Vec::new() }
    }

    fn on_login_done(&mut self, company: String, account: &Account) -> Vec<Command> {
        self.close_challenge(Some(&account.id));
        self.accounts.form = self.accounts.form.take().filter(|form| !form.busy);
        self.accounts.password = self.accounts.password.take().filter(|dialog| dialog.account != account.id);
        let words = &Text::current().accounts.signed_in_notice;
        self.notices.push(Notice::new(Level::Done, crate::text::fill(words, &[("account", &account.login_name)])));
        self.accounts.list(&company).ask();
        // Whoever has got this far knows what the activation brought.
        self.companies.brought = 0;
        vec![Command::LoadAccounts { company }, Command::LoadCompanies]
    }

    /// Closes the dialog of a sign-in that is over; one of another account stays.
    fn close_challenge(&mut self, account: Option<&AccountId>) {
        self.forget_elsewhere(account);
        let over = |dialog: &ChallengeDialog| dialog.challenge.account.is_none() || dialog.challenge.account.as_ref() == account;
        self.accounts.challenge = self.accounts.challenge.take().filter(|dialog| !over(dialog));
    }

    fn on_login_failed(&mut self, company: String, account: Option<&AccountId>, problem: Problem) -> Vec<Command> {
        let given_up = problem.what == What::Cancelled;
        self.close_challenge(account);
        if let Some(form) = self.accounts.form.as_mut().filter(|form| form.account.as_ref() == account) {
            form.busy = false;
            form.problem = (!given_up).then_some(problem);
        } else if let Some(dialog) = self.accounts.password.as_mut().filter(|dialog| Some(&dialog.account) == account) {
            dialog.busy = false;
            dialog.problem = (!given_up).then_some(problem);
        } else if !given_up {
            self.notify_problem(problem);
        }
        self.accounts.list(&company).ask();
        vec![Command::LoadAccounts { company }]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_service::contract::{ApiError, ErrorClass, code};

    fn sms(id: &str, rejected: bool) -> Challenge {
        Challenge {
            id: id.into(),
            account: None,
            login_name: "138****0001".into(),
            company: "示例公司".into(),
            region: "3100".into(),
            kind: ChallengeKind::Sms { phone: "138****0001".into(), resend_after: 60 },
            expires_in: 300,
            attempts_left: 3,
            rejected,
        }
    }

    fn with_form() -> State {
        State {
            accounts: crate::state::accounts::Accounts {
                form: Some(FormDialog { busy: true, ..FormDialog::default() }),
                ..Default::default()
            },
            ..State::default()
        }
    }

    #[test]
    fn a_wrong_code_keeps_the_dialog_open_and_clears_the_code() {
        let mut state = State { clock: 5.0, ..with_form() };
        state.apply(Event::Challenge(Box::new(sms("1", false))));
        let dialog = state.accounts.challenge.as_mut().unwrap();
        assert_eq!((dialog.expires, dialog.resend), (305.0, 65.0));
        dialog.value = "123456".into();
        dialog.busy = true;
        state.apply(Event::Challenge(Box::new(sms("1", true))));
        let dialog = state.accounts.challenge.as_ref().unwrap();
        assert!(dialog.value.is_empty() && !dialog.busy && dialog.challenge.rejected);
    }

    #[test]
    fn a_failed_sign_in_goes_back_to_the_form_with_its_reason() {
        let mut state = with_form();
        state.apply(Event::Challenge(Box::new(sms("1", false))));
        let error = ApiError::new(ErrorClass::UserFix, code::WRONG_PASSWORD, "");
        let problem = Problem { what: What::Service(Box::new(error)), subject: None, detail: String::new() };
        let commands = state.apply(Event::LoginFailed { company: "c".into(), account: None, problem: problem.clone() });
        assert!(state.accounts.challenge.is_none());
        assert_eq!(state.accounts.form.as_ref().unwrap().problem, Some(problem));
        assert!(matches!(commands.as_slice(), [Command::LoadAccounts { .. }]));
    }

    #[test]
    fn giving_up_is_no_error() {
        let mut state = with_form();
        let problem = Problem { what: What::Cancelled, subject: None, detail: String::new() };
        state.apply(Event::LoginFailed { company: "c".into(), account: None, problem });
        let form = state.accounts.form.as_ref().unwrap();
        assert!(form.problem.is_none() && !form.busy);
        assert_eq!(state.notices.unread(), 0);
    }
}
