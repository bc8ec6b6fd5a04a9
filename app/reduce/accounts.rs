//! E-tax accounts: lists, forms, challenges.

use jiff::Timestamp;
use piaoxia_domain::account::{Account, AccountId};
use piaoxia_engine::problem::What;
use piaoxia_engine::{Command, Event, Problem};
use piaoxia_service::contract::{Challenge, ChallengeKind, Company};
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::accounts::{ChallengeDialog, FormDialog, PasswordDialog};
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
            Event::ChallengeProblem { id, problem } => {
                let mut open = self.accounts.challenge.iter_mut().chain(&mut self.accounts.queued);
                // One that was given up is nobody's any more.
                if let Some(dialog) = open.find(|open| open.challenge.id == id) {
                    (dialog.busy, dialog.problem) = (false, Some(problem));
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
        self.accounts.forget_failed_forms();
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
        self.accounts.forget_failed_forms();
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

    /// 登录: with the password that the vault has, else it is asked for. None while an answer is awaited: a second sign-in would cost another
    /// message to the phone, or another of the bureau's tries.
    pub fn sign_in_account(&mut self, company: &Company, account: &AccountId, login_name: &str) -> Option<Command> {
        if self.accounts.signing_in.contains(account) {
            return None;
        }
        let company = company.id.clone();
        if self.vault.view.accounts.contains(account) {
            self.accounts.signing_in.insert(account.clone());
            return Some(Command::LoginRemembered { company, account: account.clone() });
        }
        let (account, login_name) = (account.clone(), login_name.to_owned());
        self.accounts.password = Some(PasswordDialog { company, account, login_name, ..PasswordDialog::default() });
        None
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
        self.answered_to(challenge.account.as_ref());
        let resend_after = match &challenge.kind {
            ChallengeKind::Sms { resend_after, .. } => *resend_after,
            _ => 0,
        };
        let accounts = &mut self.accounts;
        let known = accounts.challenge.iter_mut().chain(&mut accounts.queued).find(|open| is_same_sign_in(&open.challenge, &challenge));
        // What was typed for the same question stays, unless the bureau refused it.
        let (app, value) = match &known {
            Some(open) if open.challenge.id == challenge.id && !challenge.rejected => (open.app, open.value.clone()),
            Some(open) => (open.app, String::new()),
            None => (0, String::new()),
        };
        let dialog = ChallengeDialog {
            value,
            app,
            expires: self.clock + challenge.expires_in as f64,
            resend: self.clock + resend_after as f64,
            busy: false,
            problem: None,
            challenge,
        };
        match known {
            Some(known) => *known = dialog,
            // In the place of another one it would take away what is being typed there.
            None => accounts.queued.push_back(dialog),
        }
        if accounts.challenge.is_none() {
            accounts.show_next_challenge();
        }
        // In the sandbox the code lies in the sandbox's own phone.
        if self.session.is_sandbox() { vec![Command::LoadMessages] } else { Vec::new() }
    }

    fn on_login_done(&mut self, company: String, account: &Account) -> Vec<Command> {
        let was_added = self.was_added(&company, account);
        self.close_challenge(&company, Some(&account.id));
        if was_added {
            self.close_challenge(&company, None);
        }
        let is_its = |form: &FormDialog| form.company == company && form.account.as_ref().map_or(was_added, |id| *id == account.id);
        self.accounts.form = self.accounts.form.take().filter(|form| !(form.busy && is_its(form)));
        self.accounts.password = self.accounts.password.take().filter(|dialog| dialog.account != account.id);
        let words = &Text::current().accounts.signed_in_notice;
        self.notices.push(Notice::new(Level::Done, crate::text::fill(words, &[("account", &account.login_name)])));
        self.accounts.list(&company).ask();
        // Whoever has got this far knows what the activation brought.
        self.companies.brought = 0;
        vec![Command::LoadAccounts { company }, Command::LoadCompanies]
    }

    /// Whether an account that has signed in was being added: the list does not know it yet. Where the list was faster, its login name is
    /// that of the challenge.
    fn was_added(&self, company: &str, account: &Account) -> bool {
        let is_its = |open: &ChallengeDialog| self.adds_to(&open.challenge, company) && open.challenge.login_name == account.login_name;
        let listed = self.accounts.known(company).iter().any(|known| known.id == account.id);
        !listed || self.accounts.challenge.iter().chain(&self.accounts.queued).any(is_its)
    }

    /// Whether a challenge is that of an account which is being added to a company, by its id. The challenge says the name alone.
    fn adds_to(&self, challenge: &Challenge, company: &str) -> bool {
        let is_its = |known: &Company| known.id == company && known.name == challenge.company;
        challenge.account.is_none() && self.companies.list.value().is_none_or(|list| list.iter().any(is_its))
    }

    /// Closes the dialog of a sign-in that is over, of an account or of one that is being added; those of others stay.
    fn close_challenge(&mut self, company: &str, account: Option<&AccountId>) {
        self.forget_elsewhere(account);
        self.answered_to(account);
        let open: Vec<ChallengeDialog> = self.accounts.challenge.take().into_iter().chain(self.accounts.queued.drain(..)).collect();
        let is_over = |open: &ChallengeDialog| match account {
            Some(_) => open.challenge.account.as_ref() == account,
            None => self.adds_to(&open.challenge, company),
        };
        self.accounts.queued = open.into_iter().filter(|open| !is_over(open)).collect();
        self.accounts.show_next_challenge();
    }

    /// A sign-in is given up: its dialog goes at once, whatever becomes of that at the service.
    pub fn leave_challenge(&mut self, challenge: &Challenge) {
        self.answered_to(challenge.account.as_ref());
        let form = self.accounts.form.as_mut().filter(|form| form.account == challenge.account);
        if let Some(form) = form {
            form.busy = false;
        }
        let password = self.accounts.password.as_mut().filter(|dialog| Some(&dialog.account) == challenge.account.as_ref());
        if let Some(dialog) = password {
            dialog.busy = false;
        }
        self.accounts.show_next_challenge();
    }

    /// The bureau has answered to the sign-in of an account.
    fn answered_to(&mut self, account: Option<&AccountId>) {
        if let Some(account) = account {
            self.accounts.signing_in.remove(account);
        }
    }

    fn on_login_failed(&mut self, company: String, account: Option<&AccountId>, problem: Problem) -> Vec<Command> {
        let given_up = problem.what == What::Cancelled;
        self.close_challenge(&company, account);
        let is_its = |form: &&mut FormDialog| form.busy && form.company == company && form.account.as_ref() == account;
        if let Some(form) = self.accounts.form.as_mut().filter(is_its) {
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

/// Whether both are asked by the same sign-in. A company adds one account at a time.
fn is_same_sign_in(one: &Challenge, other: &Challenge) -> bool {
    one.id == other.id || (one.account == other.account && (one.account.is_some() || one.company == other.company))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_domain::account::{Identity, LoginMode, Rights, Session};
    use piaoxia_service::contract::{ApiError, Entitlement, ErrorClass, TaxpayerKind, code};

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
                form: Some(FormDialog { company: "c".into(), busy: true, ..FormDialog::default() }),
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

    fn company() -> Company {
        Company {
            id: "c".into(),
            tax_no: piaoxia_domain::TaxNumber::default(),
            name: "示例公司".into(),
            region: "3100".into(),
            taxpayer_kind: TaxpayerKind::General,
            entitlement: Entitlement { expires_on: jiff::civil::date(2027, 1, 1) },
            accounts: 2,
            signed_in: 0,
        }
    }

    /// An account of the company.
    fn account(id: &str) -> Account {
        Account {
            id: AccountId(id.into()),
            login_name: format!("139****{id}"),
            person: "王会计".into(),
            identity: Identity::TaxOfficer,
            login_mode: LoginMode::Manual,
            region: "3100".into(),
            rights: Rights { issue: true, receive: true },
            default_for: None,
            wechat_bound: false,
            session: Session::None,
        }
    }

    /// The company with two accounts, and one more that is being added and is asked for its code.
    fn adding() -> State {
        let mut state = with_form();
        state.companies.list.answer(Ok(vec![company()]));
        state.accounts.list("c").answer(Ok(vec![account("x"), account("y")]));
        state.apply(Event::Challenge(Box::new(sms("1", false))));
        state
    }

    fn done(state: &mut State, id: &str) {
        state.apply(Event::LoginDone { company: "c".into(), account: Box::new(account(id)) });
    }

    fn shown(state: &State) -> Option<&str> {
        state.accounts.challenge.as_ref().map(|open| open.challenge.id.as_str())
    }

    #[test]
    fn another_sign_in_waits_for_its_turn_and_takes_nothing_away() {
        let mut state = adding();
        let of =
            |id: &str, account: &str| Event::Challenge(Box::new(Challenge { account: Some(AccountId(account.into())), ..sms(id, false) }));
        state.accounts.challenge.as_mut().unwrap().value = "1234".into();
        state.apply(of("2", "x"));
        state.apply(of("3", "y"));
        assert_eq!(state.accounts.challenge.as_ref().map(|open| open.value.as_str()), Some("1234"));
        // It goes on while it waits, and one that is over is not shown any more.
        state.apply(of("4", "x"));
        done(&mut state, "y");
        assert_eq!(shown(&state), Some("1"));
        done(&mut state, "z");
        assert_eq!((shown(&state), state.accounts.form.is_none()), (Some("4"), true), "the account that was added");
        done(&mut state, "x");
        assert_eq!(shown(&state), None);
    }

    #[test]
    fn the_end_of_another_sign_in_leaves_an_account_that_is_being_added() {
        let mut state = adding();
        let cancelled = || Problem { what: What::Cancelled, subject: None, detail: String::new() };
        done(&mut state, "y");
        state.apply(Event::LoginFailed { company: "c".into(), account: Some(AccountId("x".into())), problem: cancelled() });
        state.apply(Event::LoginFailed { company: "other".into(), account: None, problem: cancelled() });
        assert!(shown(&state) == Some("1") && state.accounts.form.as_ref().unwrap().busy);
        // The list was faster than the end of the sign-in.
        let added = Account { login_name: "138****0001".into(), ..account("z") };
        state.accounts.list("c").answer(Ok(vec![account("x"), account("y"), added.clone()]));
        state.apply(Event::LoginDone { company: "c".into(), account: Box::new(added) });
        assert!(shown(&state).is_none() && state.accounts.form.is_none());
    }

    #[test]
    fn a_second_press_sends_no_second_sign_in() {
        let mut state = State::default();
        let id = AccountId("x".into());
        state.vault.view.accounts.insert(id.clone());
        let press = |state: &mut State| state.sign_in_account(&company(), &id, "138****0001");
        assert!(matches!(press(&mut state), Some(Command::LoginRemembered { .. })));
        assert!(press(&mut state).is_none() && state.accounts.password.is_none());
        let problem = Problem { what: What::Busy, subject: None, detail: String::new() };
        state.apply(Event::LoginFailed { company: "c".into(), account: Some(id.clone()), problem });
        assert!(press(&mut state).is_some(), "it was answered to");
        state.apply(Event::Challenge(Box::new(Challenge { account: Some(id.clone()), ..sms("1", false) })));
        assert!(state.accounts.signing_in.is_empty());
    }

    #[test]
    fn a_form_that_could_not_be_had_is_asked_for_when_the_dialog_opens_again() {
        let mut state = State::default();
        state.open_account_form(&company());
        let problem = Problem { what: What::Busy, subject: None, detail: String::new() };
        state.apply(Event::Form { region: "3100".into(), result: Err(problem) });
        assert!(state.accounts.forms.values().all(|form| form.problem().is_some()));
        state.open_account_form(&company());
        assert!(state.accounts.forms.is_empty(), "nothing keeps it from being asked for");
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
