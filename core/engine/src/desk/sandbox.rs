//! The sandbox's own controls.

use piaoxia_service::contract::DemoAccount as Known;

use super::Desk;
use crate::command::Command;
use crate::download::CompanyRef;
use crate::event::{DemoAccount, Event, HiddenCode};
use crate::problem::Problem;

impl Desk {
    pub(super) fn sandbox(&mut self, command: Command) {
        let services = self.services.clone();
        match command {
            Command::LoadMessages => {
                let work = async move { Ok(services.client().sandbox().messages().await?) };
                self.answer(work, |result| result.map_or_else(Event::Failed, Event::Messages));
            }
            Command::IssueCode(condition) => {
                let work = async move { Ok(services.client().sandbox().issue_code(condition).await?) };
                self.answer(work, |result| result.map_or_else(Event::Failed, |code| Event::CodeIssued(HiddenCode(code))));
            }
            Command::DialFault(request) => self.outbox.spawn_plain({
                let outbox = self.outbox.clone();
                async move {
                    if let Err(error) = services.client().sandbox().fault(&request).await {
                        outbox.send(Event::Failed(error.into())).await;
                    }
                }
            }),
            Command::LoadDemoAccounts(company) => {
                let work = async move { Ok(services.client().sandbox().demo_accounts().await?) };
                self.answer(work, move |result| result.map_or_else(Event::Failed, |all| Event::DemoAccounts(of_company(all, &company))));
            }
            Command::ScanChallenge { id } => self.outbox.spawn_plain({
                let outbox = self.outbox.clone();
                async move {
                    if let Err(error) = services.client().sandbox().scan(&id).await {
                        outbox.send(Event::ChallengeProblem { id, problem: Problem::from(error) }).await;
                    }
                }
            }),
            Command::AnswerBinding { ticket, answer } => self.outbox.spawn_plain({
                let (outbox, bindings) = (self.outbox.clone(), self.bindings.clone());
                async move {
                    match services.client().sandbox().answer_binding(&ticket, &answer).await {
                        Ok(()) => bindings.look(),
                        Err(error) => outbox.send(Event::Failed(error.into())).await,
                    }
                }
            }),
            _ => {}
        }
    }
}

fn of_company(all: Vec<Known>, company: &CompanyRef) -> Vec<DemoAccount> {
    let ours = all.into_iter().filter(|known| known.company == company.id);
    let shown = ours.map(|known| DemoAccount {
        person: known.hint,
        fields: known.request.fields.into_iter().collect(),
        identity: known.request.identity.code().to_owned(),
    });
    shown.collect()
}
