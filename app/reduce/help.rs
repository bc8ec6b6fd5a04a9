//! 网络与诊断.

use std::path::PathBuf;

use piaoxia_engine::checkup::CheckupStep;
use piaoxia_engine::network::{Network, NetworkWish, ProxyChoice};
use piaoxia_engine::problem::{NetworkFault, What};
use piaoxia_engine::{Command, Event, Problem};
use piaoxia_service::SKEW;
use piaoxia_widgets::notice::{Level, Notice};

use crate::state::State;
use crate::state::help::ProxyKind;
use crate::text::{Text, diagnosis_text, fill};

impl State {
    pub(super) fn on_help(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Checkup(CheckupStep::Line(line)) if self.help.running => self.help.lines.push(line),
            Event::Checkup(CheckupStep::Done) => self.help.running = false,
            Event::Network(result) => self.on_network(result),
            Event::ClockAhead(ahead) => self.help.clock = Some(ahead).filter(|ahead| ahead.abs() > SKEW),
            Event::Diagnosed(result) => {
                self.help.diagnosing = false;
                match result {
                    Ok(diagnosis) => {
                        // What the user calls a template may name a client.
                        let told = |(name, _): &(String, String)| name != "template";
                        let preferences: Vec<_> = self.preferences.clone().into_iter().filter(told).collect();
                        let text = Text::current();
                        self.help.diagnosis = Some(diagnosis_text(text, crate::boot::build(), &self.service, &preferences, &diagnosis));
                    }
                    Err(problem) => return self.notify_problem(problem),
                }
            }
            Event::DiagnosisSaved(Ok(path)) => {
                self.help.diagnosis = None;
                let file = path.display().to_string();
                self.notices.push(Notice::new(Level::Done, fill(&Text::current().help.diagnosis_saved, &[("file", &file)])));
            }
            Event::DiagnosisSaved(Err(problem)) => return self.notify_problem(problem),
            _ => {}
        }
        Vec::new()
    }

    fn on_network(&mut self, result: Result<Network, Problem>) {
        self.help.busy = false;
        match result {
            Ok(network) => {
                self.help.problem = None;
                self.help.take(network);
            }
            Err(problem) => self.help.problem = Some(problem),
        }
    }

    /// 网络自检.
    pub fn check_up(&mut self) -> Command {
        self.help.open = true;
        self.help.running = true;
        self.help.lines.clear();
        Command::Checkup
    }

    /// Closes its dialog; a check that is under way ends. What was found is kept for the 诊断文件.
    pub fn close_checkup(&mut self) -> Option<Command> {
        self.help.open = false;
        self.help.running.then_some(Command::StopCheckup)
    }

    /// Keeps the proxy that is chosen in the card; nothing when its address is none.
    pub fn keep_proxy(&mut self) -> Option<Command> {
        let proxy = match self.help.proxy {
            ProxyKind::System => ProxyChoice::System,
            ProxyKind::Direct => ProxyChoice::Direct,
            ProxyKind::Manual => match ProxyChoice::manual(&self.help.typed) {
                Ok(proxy) => proxy,
                Err(error) => {
                    self.help.problem = Some(Problem::new(What::Network(NetworkFault::ProxyAddress), error.to_string()));
                    return None;
                }
            },
        };
        Some(self.set_network(NetworkWish::Proxy(proxy)))
    }

    /// Changes the settings of the network.
    pub fn set_network(&mut self, wish: NetworkWish) -> Command {
        self.help.busy = true;
        self.help.problem = None;
        Command::SetNetwork(wish)
    }

    /// The file of certificates of a company.
    pub fn roots_picked(&mut self, path: Option<PathBuf>) -> Vec<Command> {
        path.map(|path| self.set_network(NetworkWish::Roots(Some(path)))).into_iter().collect()
    }

    /// Puts the 诊断文件 together, to be looked at.
    pub fn diagnose(&mut self) -> Command {
        self.help.diagnosing = true;
        Command::Diagnose(self.help.lines.clone())
    }

    /// Where it goes; it is written as it was shown.
    pub fn diagnosis_target_picked(&mut self, target: Option<PathBuf>) -> Vec<Command> {
        let order = target.zip(self.help.saving.take());
        order.map(|(path, text)| Command::SaveDiagnosis { path, text }).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use piaoxia_engine::checkup::{Finding, Line, Step, Verdict};
    use piaoxia_engine::diagnosis::Diagnosis;

    fn line(step: Step) -> Event {
        Event::Checkup(CheckupStep::Line(Line { step, verdict: Verdict::Good, finding: Finding::NoProxy }))
    }

    #[test]
    fn lines_come_while_a_check_runs_and_a_new_one_begins_without_them() {
        let mut state = State::default();
        state.apply(line(Step::Proxy));
        assert!(state.help.lines.is_empty(), "of a check that nobody began");
        assert!(matches!(state.check_up(), Command::Checkup));
        state.apply(line(Step::Proxy));
        state.apply(line(Step::Name));
        state.apply(Event::Checkup(CheckupStep::Done));
        assert!(!state.help.running && state.help.lines.len() == 2);
        assert!(state.help.open);
        assert!(state.close_checkup().is_none());
        assert!(!state.help.open);
        state.check_up();
        assert!(state.help.lines.is_empty());
        assert!(matches!(state.close_checkup(), Some(Command::StopCheckup)), "nobody looks any more");
    }

    #[test]
    fn a_proxy_is_kept_only_when_it_is_one() {
        let mut state = State::default();
        state.help.proxy = ProxyKind::Manual;
        state.help.typed = "user:pw@proxy:1".into();
        assert!(state.keep_proxy().is_none() && state.help.problem.is_some() && !state.help.busy);
        state.help.typed = "proxy:8080".into();
        assert!(matches!(state.keep_proxy(), Some(Command::SetNetwork(NetworkWish::Proxy(ProxyChoice::Manual(_))))));
        assert!(state.help.problem.is_none() && state.help.busy);
        let network = Network { proxy: ProxyChoice::Direct, ..Network::default() };
        state.apply(Event::Network(Ok(network.clone())));
        assert!(!state.help.busy && state.help.network == network && state.help.proxy == ProxyKind::Direct);
    }

    #[test]
    fn what_is_written_is_what_was_shown() {
        let mut state = State::default();
        state.check_up();
        state.apply(line(Step::Proxy));
        let Command::Diagnose(lines) = state.diagnose() else { panic!("no order") };
        assert_eq!(lines.len(), 1);
        let of = Diagnosis { system: "s".into(), machine: "m", data: "d".into(), network: Network::default(), lines, log: Vec::new() };
        state.apply(Event::Diagnosed(Ok(Box::new(of))));
        let shown = state.help.diagnosis.clone().unwrap();
        assert!(state.diagnosis_target_picked(None).is_empty());
        state.help.saving = state.help.diagnosis.clone();
        let commands = state.diagnosis_target_picked(Some("a.txt".into()));
        let [Command::SaveDiagnosis { text, .. }] = commands.as_slice() else { panic!("no order") };
        assert_eq!(*text, shown);
        state.apply(Event::DiagnosisSaved(Ok("a.txt".into())));
        assert!(state.help.diagnosis.is_none() && state.notices.unread() == 1);
    }

    #[test]
    fn a_clock_that_is_put_right_is_no_longer_spoken_of() {
        let mut state = State::default();
        state.apply(Event::ClockAhead(-90_000));
        assert_eq!(state.help.clock, Some(-90_000));
        state.apply(Event::ClockAhead(2));
        assert_eq!(state.help.clock, None);
    }
}
