//! Companies, accounts, challenges.

use jiff::Timestamp;
use piaoxia_domain::AccountId;
use piaoxia_domain::account::{Account, DefaultFor};
use piaoxia_service::contract::{DefaultRequest, LoginStep};

use super::Desk;
use crate::accounts;
use crate::challenges::About;
use crate::command::Command;
use crate::event::Event;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::services::Services;

impl Desk {
    pub(super) fn account(&mut self, command: Command) {
        let services = self.services.clone();
        match command {
            Command::LoadCompanies => self.load_companies(),
            Command::LoadAccounts { company } => {
                let about = company.clone();
                let work = async move { accounts::accounts(&services, &company).await };
                self.answer(work, |result| Event::Accounts { company: about, result });
            }
            Command::LoadForm { company, region } => {
                let about = region.clone();
                let work = async move { services.call(|| services.client().login_form(&region, &company)).await };
                self.answer(work, |result| Event::Form { region: about, result });
            }
            Command::AddAccount { company, request, remember } => {
                let about = About { company: company.clone(), account: None };
                self.challenges.offer(&about, remember);
                self.sign_in_at_bureau(about, async move { accounts::save(&services, &company, None, *request).await });
            }
            Command::EditAccount { company, account, request, remember } => {
                let about = About { company: company.clone(), account: Some(account.clone()) };
                self.challenges.offer(&about, remember);
                self.sign_in_at_bureau(about, async move { accounts::save(&services, &company, Some(&account), *request).await });
            }
            Command::Login { company, account, password, remember } => {
                let about = About { company, account: Some(account.clone()) };
                self.challenges.offer(&about, remember.then(|| password.clone()));
                self.sign_in_at_bureau(about, async move { accounts::login(&services, &account, &password).await });
            }
            Command::LoginRemembered { company, account } => {
                let about = About { company, account: Some(account.clone()) };
                self.sign_in_at_bureau(about, async move { accounts::login_remembered(&services, &account).await });
            }
            Command::DeleteAccount { company, account, successor } => {
                let work = async move { accounts::delete(&services, &account, successor.as_ref()).await };
                self.answer(work, |result| accounts_or_problem(company, result));
            }
            Command::SetDefault { company, account, default_for } => self.set_default(company, account, default_for),
            Command::UnbindAccount { company, account } => {
                let work = async move { accounts::unbind(&services, &account).await };
                self.answer(work, |result| accounts_or_problem(company, result));
            }
            Command::LoadBudgets(wanted) => self.outbox.spawn_plain({
                let outbox = self.outbox.clone();
                async move { outbox.send(Event::Budgets(accounts::budgets(&services, wanted).await)).await }
            }),
            Command::Logout { company, account } => self.outbox.spawn_plain(log_out(services, self.outbox.clone(), company, account)),
            _ => {}
        }
    }

    pub(super) fn challenge(&mut self, command: Command) {
        let challenges = self.challenges.clone();
        let id = match &command {
            Command::AnswerChallenge { id, .. }
            | Command::ResendChallenge { id }
            | Command::CancelChallenge { id }
            | Command::LeaveChallenge { id }
            | Command::TakeChallenge { id, .. } => id.clone(),
            _ => return,
        };
        self.outbox.spawn(move |problem| Event::ChallengeProblem { id, problem }, async move {
            match command {
                Command::AnswerChallenge { id, value } => challenges.answer(&id, &value).await,
                Command::ResendChallenge { id } => challenges.resend(&id).await,
                Command::CancelChallenge { id } => challenges.cancel(&id).await,
                Command::LeaveChallenge { id } => challenges.leave(&id),
                Command::TakeChallenge { company, account, id } => {
                    challenges.take_over(About { company, account: Some(account) }, &id).await;
                }
                _ => {}
            }
        });
    }

    fn load_companies(&self) {
        let (services, outbox) = (self.services.clone(), self.outbox.clone());
        self.outbox.spawn(|problem| Event::Companies(Err(problem)), async move {
            let companies = accounts::companies(&services).await;
            outbox.send(Event::Companies(companies)).await;
            services.look_around();
        });
    }

    fn set_default(&self, company: String, account: AccountId, default_for: DefaultFor) {
        let (services, about) = (self.services.clone(), company.clone());
        let request = DefaultRequest { account, default_for };
        let work = async move { accounts::set_default(&services, &company, &request).await };
        self.answer(work, |result| accounts_or_problem(about, result));
    }

    fn sign_in_at_bureau(&self, about: About, step: impl Future<Output = Result<LoginStep, Problem>> + Send + 'static) {
        let (challenges, failed) = (self.challenges.clone(), about.clone());
        self.outbox.spawn(move |problem| Event::LoginFailed { company: failed.company, account: failed.account, problem }, async move {
            challenges.follow(about, step.await).await
        });
    }
}

fn accounts_or_problem(company: String, result: Result<(Vec<Account>, Timestamp), Problem>) -> Event {
    match result {
        Ok(listed) => Event::Accounts { company, result: Ok(listed) },
        Err(problem) => Event::AccountsProblem(problem),
    }
}

async fn log_out(services: Services, outbox: Outbox, company: String, account: AccountId) {
    if let Err(problem) = services.call(|| services.client().logout_account(&account)).await {
        outbox.send(Event::AccountsProblem(problem)).await;
    }
    let result = accounts::accounts(&services, &company).await;
    outbox.send(Event::Accounts { company, result }).await;
}
