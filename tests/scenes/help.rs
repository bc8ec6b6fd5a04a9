//! Scenes of 网络与诊断.

use std::net::IpAddr;

use piaoxia::state::State;
use piaoxia::state::help::ProxyKind;
use piaoxia::text::{Text, diagnosis_text};
use piaoxia_engine::Problem;
use piaoxia_engine::checkup::{Finding, Line, Step, Verdict};
use piaoxia_engine::diagnosis::Diagnosis;
use piaoxia_engine::network::{Network, ProxyChoice};
use piaoxia_engine::problem::{NetworkFault, What};

use super::pages::{home, settings};

fn line(step: Step, verdict: Verdict, finding: Finding) -> Line {
    Line { step, verdict, finding }
}

fn failed(step: Step, fault: NetworkFault) -> Line {
    line(step, Verdict::Bad, Finding::Failed { problem: Box::new(Problem::new(What::Network(fault), "")) })
}

fn lines() -> Vec<Line> {
    let address = IpAddr::from([10, 20, 0, 8]);
    vec![
        line(Step::Proxy, Verdict::Good, Finding::ThroughProxy { address: "proxy.example.com:8080".into(), manual: true }),
        line(Step::Name, Verdict::Good, Finding::Resolved { host: "proxy.example.com".into(), addresses: vec![address] }),
        line(Step::Connection, Verdict::Good, Finding::Connected { address, millis: 12 }),
        failed(Step::Identity, NetworkFault::UnknownIssuer),
        line(Step::Clock, Verdict::Skipped, Finding::NotReached),
        line(Step::Gateway, Verdict::Skipped, Finding::NotReached),
        line(Step::Notices, Verdict::Skipped, Finding::SignedOut),
        line(Step::Disk, Verdict::Warning, Finding::LittleRoom { free: 312_000_000 }),
        line(Step::Ledger, Verdict::Good, Finding::LedgerSound { invoices: 12_345 }),
    ]
}

/// A finished check behind the proxy of a company.
pub fn checkup() -> State {
    let mut state = settings();
    (state.hosted, state.service) = (true, "https://piaoxia.example.com/".into());
    state.help.lines = lines();
    state.help.open = true;
    state.help.take(Network { proxy: ProxyChoice::Manual("proxy.example.com:8080".into()), ..Network::default() });
    state
}

/// While it runs.
pub fn checkup_running() -> State {
    let mut state = settings();
    state.help.open = true;
    state.help.running = true;
    state.help.lines = lines().into_iter().take(3).collect();
    state
}

/// A hosted service behind a proxy whose address is none.
pub fn network_settings() -> State {
    let mut state = settings();
    (state.hosted, state.service) = (true, "https://piaoxia.example.com/".into());
    state.help.proxy = ProxyKind::Manual;
    state.help.typed = "user:pw@proxy".into();
    state.help.problem = Some(Problem::new(What::Network(NetworkFault::ProxyAddress), ""));
    state
}

/// Before anybody could sign in: the same as a dialog.
pub fn network_outside() -> State {
    let mut state = super::pages::sign_in_failed();
    (state.hosted, state.service) = (true, "https://piaoxia.example.com/".into());
    state.help.shown = true;
    state.help.proxy = ProxyKind::Manual;
    state.help.typed = "user:pw@proxy".into();
    state.help.problem = Some(Problem::new(What::Network(NetworkFault::ProxyAddress), ""));
    state
}

/// What is to be saved is shown before.
pub fn diagnosis() -> State {
    let mut state = checkup();
    state.help.open = false;
    let of = Diagnosis {
        system: "Windows 11".into(),
        machine: "x86_64",
        data: "~/Piaoxia/Data".into(),
        network: state.help.network.clone(),
        lines: lines(),
        log: vec!["2026-11-22T01:00:00Z  INFO piaoxia::boot::log: started version=\"0.1.0\" system=\"windows\"".into()],
    };
    let preferences = [("keep_signed_in".to_owned(), "yes".to_owned())];
    state.help.diagnosis = Some(diagnosis_text(Text::zh_cn(), "0.1.0", &state.service, &preferences, &of));
    state
}

/// The clock of the PC is a day behind.
pub fn clock_wrong() -> State {
    let mut state = home();
    state.help.clock = Some(-90_000);
    state
}

/// The list of shortcuts.
pub fn keys() -> State {
    State { keys_shown: true, ..super::home() }
}

/// 使用说明.
pub fn manual() -> State {
    State { manual: Some(1), ..super::home() }
}
