//! 网络自检, the settings of the network, 诊断文件.

use super::Desk;
use crate::checkup::{self, Checkup, CheckupStep, LedgerState, Line};
use crate::choice::{self, ServiceWish};
use crate::command::Command;
use crate::diagnosis;
use crate::event::Event;
use crate::network;

impl Desk {
    pub(super) fn help(&mut self, command: Command) {
        match command {
            Command::Checkup => self.check_up(),
            Command::StopCheckup => self.checking.cancel(),
            Command::SetNetwork(wish) => {
                let services = self.services.clone();
                self.answer(async move { network::change(&services, wish).await }, Event::Network);
            }
            Command::ChooseService(wish) => self.choose_service(wish),
            Command::Diagnose(lines) => {
                let (data, network) = (self.services.data().clone(), self.services.client().options().network);
                let work = async move { Ok(diagnosis::collect(data, network, lines).await) };
                self.answer(work, |result| Event::Diagnosed(result.map(Box::new)));
            }
            Command::SaveDiagnosis { path, text } => self.answer(diagnosis::save(path, text), Event::DiagnosisSaved),
            _ => {}
        }
    }

    fn choose_service(&mut self, wish: ServiceWish) {
        self.choosing.cancel();
        self.choosing = self.outbox.stop().child_token();
        let (stop, outbox, services) = (self.choosing.clone(), self.outbox.clone(), self.services.clone());
        self.outbox.spawn(|problem| Event::ServiceChosen(Err(problem)), async move {
            if let Some(chosen) = choice::choose(&services, wish, &stop).await {
                outbox.send(Event::ServiceChosen(chosen)).await;
            }
        });
    }

    fn check_up(&mut self) {
        self.checking.cancel();
        self.checking = self.outbox.stop().child_token();
        let (stop, outbox, checkup) = (self.checking.clone(), self.outbox.clone(), self.to_check());
        self.outbox.spawn(|_| Event::Checkup(CheckupStep::Done), async move {
            let lines = crate::observe::AsEvent::<Line>::new(&outbox, |line| Event::Checkup(CheckupStep::Line(line)));
            checkup::run(&checkup, lines, &stop).await;
            outbox.send(Event::Checkup(CheckupStep::Done)).await;
        });
    }

    fn to_check(&self) -> Checkup {
        Checkup {
            client: Some(self.services.client().clone()),
            options: self.services.client().options(),
            elsewhere: self.outside.updater.as_ref().and_then(|updater| updater.feed_address()).map(str::to_owned),
            data: self.services.data().clone(),
            ledger: LedgerState::Open { store: self.services.store().clone(), report: self.outside.opened },
        }
    }
}
