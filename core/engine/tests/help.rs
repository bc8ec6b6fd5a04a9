//! 网络自检, the settings of the network, a wrong clock: through the engine, over real connections.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use piaoxia_engine::checkup::{CheckupStep, Finding, Line, Step, Verdict};
use piaoxia_engine::network::{NetworkWish, ProxyChoice, load};
use piaoxia_engine::problem::{FileFault, NetworkFault, What};
use piaoxia_engine::{Command, Event};
use support::{Running, World};

/// A server that says this to everybody.
fn says(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 4096];
            let _asked = stream.read(&mut asked);
            let _sent = stream.write_all(answer.as_bytes());
        }
    };
    std::thread::Builder::new().name("server".to_owned()).spawn(serving).unwrap();
    address
}

/// A server that takes connections and says nothing.
fn silent() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = move || listener.incoming().collect::<Vec<_>>();
    std::thread::Builder::new().name("server".to_owned()).spawn(serving).unwrap();
    address
}

fn engine_at(dir: &std::path::Path, service: &str) -> Running {
    Running::start(service, &dir.join("data"), &dir.join("keys"), tokio::runtime::Handle::current())
}

async fn checked(engine: &mut Running) -> Vec<Line> {
    engine.send(Command::Checkup).await;
    let mut lines = Vec::new();
    engine
        .until("the end of the check", |event| match event {
            Event::Checkup(CheckupStep::Line(line)) => {
                lines.push(line);
                None
            }
            Event::Checkup(CheckupStep::Done) => Some(()),
            _ => None,
        })
        .await;
    lines
}

fn of(lines: &[Line], step: Step) -> &Line {
    lines.iter().find(|line| line.step == step).unwrap_or_else(|| panic!("no {step:?}: {lines:?}"))
}

fn fault(line: &Line) -> &What {
    match &line.finding {
        Finding::Failed { problem } => &problem.what,
        other => panic!("did not fail: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_checked_and_each_step_has_its_verdict() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    let lines = checked(&mut engine).await;
    assert_eq!(lines.iter().map(|line| line.step).collect::<Vec<_>>(), Step::ALL);
    assert_eq!(of(&lines, Step::Name).finding, Finding::InsideProgram, "a service on this PC needs no network");
    assert_eq!(of(&lines, Step::Gateway).finding, Finding::Speaks { protocol: "1".to_owned() });
    assert_eq!(of(&lines, Step::Notices).finding, Finding::SignedOut);
    assert!(matches!(of(&lines, Step::Disk).finding, Finding::Room { .. } | Finding::LittleRoom { .. }));
    assert_eq!(of(&lines, Step::Ledger).finding, Finding::LedgerSound { invoices: 0 });
    engine.close().await;

    let mut engine = world.engine();
    engine.sign_in(&world, false).await;
    engine.activate(&world).await;
    assert!(matches!(of(&checked(&mut engine).await, Step::Notices).finding, Finding::Notices { .. }));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_none_is_told_by_its_name() {
    let rows = [
        (says("HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\nContent-Length: 0\r\n\r\n"), NetworkFault::CaptivePortal),
        (says("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"), NetworkFault::CaptivePortal),
        (says("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), NetworkFault::Unreachable),
        (says("SSH-2.0-OpenSSH\r\n"), NetworkFault::Cut),
        (TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap(), NetworkFault::Unreachable),
    ];
    for (address, expected) in rows {
        let dir = tempfile::tempdir().unwrap();
        let mut engine = engine_at(dir.path(), &format!("http://{address}"));
        let lines = checked(&mut engine).await;
        assert_eq!(*fault(of(&lines, Step::Gateway)), What::Network(expected));
        assert_eq!(of(&lines, Step::Ledger).verdict, Verdict::Good, "the rest is checked all the same");
        engine.close().await;
    }
    let newer = says("HTTP/1.1 200 OK\r\nx-piaoxia-protocol: 2\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    let dir = tempfile::tempdir().unwrap();
    let mut engine = engine_at(dir.path(), &format!("http://{newer}"));
    assert_eq!(of(&checked(&mut engine).await, Step::Gateway).finding, Finding::OtherContract { protocol: "2".to_owned() });
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_can_be_stopped_while_a_server_is_silent() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = engine_at(dir.path(), &format!("http://{}", silent()));
    engine.send(Command::Checkup).await;
    engine.until("a line", |event| matches!(event, Event::Checkup(CheckupStep::Line(_))).then_some(())).await;
    engine.send(Command::StopCheckup).await;
    let mut after = 0;
    engine
        .until("the end", |event| {
            after += u32::from(matches!(event, Event::Checkup(CheckupStep::Line(_))));
            matches!(event, Event::Checkup(CheckupStep::Done)).then_some(())
        })
        .await;
    assert!(after < 8, "it went on to its end");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_the_network_are_kept_and_hold_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut engine = engine_at(dir.path(), "https://gateway.invalid");
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = ProxyChoice::manual(&gone.to_string()).unwrap();
    engine.send(Command::SetNetwork(NetworkWish::Proxy(proxy.clone()))).await;
    let network = engine.until("the settings", |event| if let Event::Network(result) = event { Some(result.unwrap()) } else { None }).await;
    assert_eq!((&network.proxy, load(&data).unwrap()), (&proxy, network.clone()));
    let lines = checked(&mut engine).await;
    assert_eq!(of(&lines, Step::Proxy).finding, Finding::ThroughProxy { address: gone.to_string(), manual: true });
    assert_eq!(*fault(of(&lines, Step::Connection)), What::Network(NetworkFault::Proxy));
    assert_eq!(of(&lines, Step::Identity).finding, Finding::NotReached);

    let nonsense = dir.path().join("photo.cer");
    std::fs::write(&nonsense, b"no certificate").unwrap();
    for (path, expected) in [
        (nonsense, What::Network(NetworkFault::NoCertificate)),
        (dir.path().join("gone.cer"), What::File { fault: FileFault::Missing, path: dir.path().join("gone.cer") }),
    ] {
        engine.send(Command::SetNetwork(NetworkWish::Roots(Some(path)))).await;
        let refused = engine.until("a refusal", |event| if let Event::Network(result) = event { result.err() } else { None }).await;
        assert_eq!(refused.what, expected);
    }
    engine.send(Command::SetNetwork(NetworkWish::Pin(true))).await;
    engine.until("a refusal", |event| if let Event::Network(result) = event { result.err() } else { None }).await;
    assert_eq!(load(&data).unwrap(), network, "what was refused changed nothing");
    engine.close().await;
    std::fs::write(data.join("network.json"), "{").unwrap();
    assert!(matches!(load(&data).unwrap_err().what, What::File { fault: FileFault::Settings, .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_clock_is_told_of_by_any_answer() {
    let in_2015 = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2015 00:00:00 GMT\r\nx-piaoxia-protocol: 1\r\n\
                   Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";
    let dir = tempfile::tempdir().unwrap();
    let mut engine = engine_at(dir.path(), &format!("http://{}", says(in_2015)));
    engine.send(Command::LoadCompanies).await;
    let ahead = engine.until("the clock", |event| if let Event::ClockAhead(ahead) = event { Some(ahead) } else { None }).await;
    assert!(Duration::from_secs(ahead.unsigned_abs()) > Duration::from_secs(10 * 31_536_000) && ahead > 0);
    engine.close().await;
}
