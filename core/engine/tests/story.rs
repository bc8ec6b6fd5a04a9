//! The whole story, from the first start to an exported table.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use piaoxia_domain::{InvoiceFilter, Scope};
use piaoxia_engine::event::{SignInStep, SignedOutBecause, TaskKind};
use piaoxia_engine::{Command, DownloadState, Event, ExportKind, ExportOrder, ExportWords, HiddenRequest, Secret, Selection};
use piaoxia_export::Column;
use piaoxia_service::contract::{ChallengeKind, CodeCondition, Fault, SandboxPhone, code};
use piaoxia_store::Sort;
use support::{Running, World, months, order};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_first_start_to_an_exported_table() {
    let world = World::new(12_000).await;
    let (mut engine, company, _) = world.ready().await;
    let dates = months(2);
    let truth = world.outside().sandbox().truth(&company.id, Scope::Received, dates).await.unwrap();
    let expected: u64 = truth.iter().map(|row| row.totals.invoices).sum();
    assert!(expected >= 300, "the world is too small: {expected}");

    let wanted = order(&company, Scope::Received, dates, true);
    engine.send(Command::Count(Box::new(wanted.clone()))).await;
    let counted = engine
        .until("count", |event| match event {
            Event::Counted { result, .. } => Some(result.unwrap()),
            _ => None,
        })
        .await;
    assert_eq!(counted.iter().map(|row| row.totals.invoices).sum::<u64>(), expected);

    engine.send(Command::StartDownload(Box::new(wanted))).await;
    let done = engine.ended().await;
    assert_eq!(done.state, DownloadState::Done, "{done:#?}");
    assert_eq!((done.received.invoices, done.new, done.changed), (expected, expected, 0));
    assert_eq!(done.received, done.expected_totals());
    assert_eq!((done.differences.len(), done.originals_missing), (0, 0));
    assert!(done.originals_done >= expected / 2, "{} originals", done.originals_done);
    assert_eq!(done.pieces.len(), 2);
    assert_eq!(engine.ledger_size().await, expected);

    let target = world.dir.path().join("发票.csv");
    engine.send(Command::Export(Box::new(csv(target.clone())))).await;
    let report = engine
        .until("export", |event| match event {
            Event::Exported { result, .. } => Some(result.unwrap()),
            _ => None,
        })
        .await;
    assert_eq!((report.totals, report.files), (done.received, vec![target.clone()]));
    let text = std::fs::read_to_string(target).unwrap();
    assert!(text.lines().count() as u64 > expected);
    engine.close().await;
}

fn csv(target: std::path::PathBuf) -> ExportOrder {
    ExportOrder {
        company: None,
        kind: ExportKind::Csv,
        selection: Selection::Filter(Box::default()),
        sort: Sort::default(),
        columns: Column::DEFAULT.into_iter().map(|column| (column, column.id().to_owned())).collect(),
        encoding: piaoxia_export::Encoding::default(),
        lines_sheet: None,
        line_columns: Vec::new(),
        words: ExportWords { sheet: "发票".to_owned(), total: "合计".to_owned(), ..ExportWords::default() },
        pattern: String::new(),
        print: piaoxia_engine::PrintOrder::default(),
        target,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_code_says_why_and_the_right_one_brings_the_companies() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    engine.sign_in(&world, false).await;
    let issued = |condition| {
        let outside = world.outside();
        async move { outside.sandbox().issue_code(condition).await.unwrap().code }
    };
    let cases = [
        ("9".to_owned(), code::ACTIVATION_MALFORMED),
        (issued(CodeCondition::Expired).await, code::ACTIVATION_EXPIRED),
        (issued(CodeCondition::Used).await, code::ACTIVATION_USED),
    ];
    for (typed, reason) in cases {
        engine.send(Command::Activate { code: Secret::new(typed) }).await;
        let problem = engine
            .until("refusal", |event| match event {
                Event::ActivationFailed(problem) => Some(problem),
                _ => None,
            })
            .await;
        assert!(problem.is(reason), "{reason}: {problem:?}");
    }
    let companies = engine.activate(&world).await;
    assert!(!companies.is_empty());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_answer_keeps_the_dialog_and_giving_up_closes_it() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    engine.sign_in(&world, false).await;
    let company = engine.activate(&world).await.remove(0);
    let request = support::request_of(&world, &company).await;
    engine.send(Command::AddAccount { company: company.id.clone(), request: Box::new(HiddenRequest(request)), remember: None }).await;
    let challenge = engine
        .until("challenge", |event| match event {
            Event::Challenge(challenge) => Some(challenge),
            _ => None,
        })
        .await;
    if !matches!(challenge.kind, ChallengeKind::Qr { .. }) {
        engine.send(Command::AnswerChallenge { id: challenge.id.clone(), value: Secret::new("0000") }).await;
    }
    let again = engine
        .until("rejected challenge", |event| match event {
            Event::Challenge(challenge) => Some(challenge),
            Event::LoginFailed { problem, .. } => panic!("{problem:?}"),
            _ => None,
        })
        .await;
    assert!(again.rejected && again.attempts_left < challenge.attempts_left, "{again:?}");
    engine.send(Command::CancelChallenge { id: again.id.clone() }).await;
    let problem = engine
        .until("end of the sign-in", |event| match event {
            Event::LoginFailed { problem, .. } => Some(problem),
            _ => None,
        })
        .await;
    assert_eq!(problem.what, piaoxia_engine::problem::What::Cancelled);
    // Answered after it is over.
    engine.send(Command::AnswerChallenge { id: again.id.clone(), value: Secret::new("0000") }).await;
    let problem = engine
        .until("refusal", |event| match event {
            Event::ChallengeProblem { problem, .. } => Some(problem),
            _ => None,
        })
        .await;
    assert!(problem.is(code::CHALLENGE_GONE));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_is_given_up_while_its_answer_is_on_its_way_is_over() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    engine.sign_in(&world, false).await;
    let company = engine.activate(&world).await.remove(0);
    let request = support::request_of(&world, &company).await;
    engine.send(Command::AddAccount { company: company.id.clone(), request: Box::new(HiddenRequest(request)), remember: None }).await;
    let challenge = engine
        .until("challenge", |event| match event {
            Event::Challenge(challenge) => Some(challenge),
            _ => None,
        })
        .await;
    world.fault(Fault::Slow, 1_000, 500).await;
    engine.send(Command::AnswerChallenge { id: challenge.id.clone(), value: Secret::new("0000") }).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    engine.send(Command::CancelChallenge { id: challenge.id.clone() }).await;
    let problem = engine
        .until("end of the sign-in", |event| match event {
            Event::LoginFailed { problem, .. } => Some(problem),
            Event::Challenge(_) | Event::ChallengeProblem { .. } | Event::LoginDone { .. } => panic!("{event:?}"),
            _ => None,
        })
        .await;
    assert_eq!(problem.what, piaoxia_engine::problem::What::Cancelled);
    world.fault(Fault::Slow, 0, 0).await;
    // What comes of the answer is nobody's any more.
    let word = engine.until("word", |event| match event {
        Event::Challenge(_) | Event::ChallengeProblem { .. } | Event::LoginDone { .. } | Event::LoginFailed { .. } => Some(event),
        _ => None,
    });
    let word = tokio::time::timeout(std::time::Duration::from_millis(1_500), word).await;
    assert!(word.is_err(), "{word:?}");
    engine.add_account(&world, &company).await;
    engine.close().await;
}

/// Whether the service took the answer is not known then: the accounts are shown as they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_accounts_are_looked_at_when_the_answer_of_a_sign_in_that_was_given_up_fails() {
    let mut world = World::new(100).await;
    let wire = world.wire().await;
    let mut engine = Running::start(&wire.base_url(), &world.data(), &world.keys(), tokio::runtime::Handle::current());
    engine.sign_in(&world, false).await;
    let company = engine.activate(&world).await.remove(0);
    let request = support::request_of(&world, &company).await;
    engine.send(Command::AddAccount { company: company.id.clone(), request: Box::new(HiddenRequest(request)), remember: None }).await;
    let challenge = engine
        .until("challenge", |event| match event {
            Event::Challenge(challenge) => Some(challenge),
            _ => None,
        })
        .await;
    wire.hold("/answer");
    engine.send(Command::AnswerChallenge { id: challenge.id.clone(), value: Secret::new("0000") }).await;
    wire.caught().await;
    engine.send(Command::CancelChallenge { id: challenge.id.clone() }).await;
    engine.until("end of the sign-in", |event| matches!(event, Event::LoginFailed { .. }).then_some(())).await;
    wire.pull_out();
    let accounts = engine
        .until("accounts", |event| match event {
            Event::Accounts { company, .. } => Some(company),
            _ => None,
        })
        .await;
    assert_eq!(accounts, company.id);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_is_not_lost_while_the_service_cannot_write() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    engine.sign_in(&world, true).await;
    engine.send(Command::SignOut).await;
    engine.until("signed out", |event| matches!(event, Event::SignedOut(SignedOutBecause::Asked)).then_some(())).await;
    engine.send(Command::StartSignIn { keep_signed_in: true }).await;
    let ticket = engine
        .until("ticket", |event| match event {
            Event::SignIn(SignInStep::Ticket(ticket)) => Some(ticket),
            _ => None,
        })
        .await;
    // A folder in the place of its file stands for a full disk.
    let (file, aside) = (world.dir.path().join("gateway").join("gateway.json"), world.dir.path().join("aside.json"));
    std::fs::copy(&file, &aside).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let phone = SandboxPhone { name: "王会计".to_owned(), number: ticket.number };
    world.outside().sandbox().confirm_ticket(&ticket.id, &phone).await.unwrap();
    engine.until("failure", |event| matches!(event, Event::SignIn(SignInStep::Failed { .. })).then_some(())).await;
    std::fs::remove_dir(&file).unwrap();
    std::fs::copy(&aside, &file).unwrap();
    engine
        .until("signed in", |event| match event {
            Event::SignedIn { .. } => Some(()),
            Event::SignIn(SignInStep::Ticket(other)) => panic!("another one is to be scanned: {}", other.id),
            _ => None,
        })
        .await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_session_is_kept_on_this_pc_only() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    engine.sign_in(&world, true).await;
    engine.activate(&world).await;
    engine.close().await;
    assert!(world.data().join("vault.a").exists());

    // A copy of the data folder on another PC.
    let elsewhere = tempfile::tempdir().unwrap();
    copy_folder(&world.data(), &elsewhere.path().join("data"));
    let runtime = tokio::runtime::Handle::current();
    let mut copy = support::Running::start(&world.base_url(), &elsewhere.path().join("data"), &elsewhere.path().join("keys"), runtime);
    copy.send(Command::RestoreSession).await;
    copy.until("signed out", |event| matches!(event, Event::SignedOut(SignedOutBecause::NeverSignedIn)).then_some(())).await;
    copy.close().await;

    // Here it is good, twice: each start uses the token up and keeps the next one.
    for _ in 0..2 {
        let mut engine = world.engine();
        engine.send(Command::RestoreSession).await;
        let activated = engine
            .until("signed in", |event| match event {
                Event::SignedIn { activated, .. } => Some(activated),
                Event::SignedOut(because) => panic!("{because:?}"),
                _ => None,
            })
            .await;
        assert!(activated);
        engine.close().await;
    }

    // 退出登录 takes file and key away.
    let mut engine = world.engine();
    engine.send(Command::RestoreSession).await;
    engine.until("signed in", |event| matches!(event, Event::SignedIn { .. }).then_some(())).await;
    engine.send(Command::SignOut).await;
    engine.until("signed out", |event| matches!(event, Event::SignedOut(SignedOutBecause::Asked)).then_some(())).await;
    assert!(!world.data().join("vault.a").exists());
    assert_eq!(std::fs::read_dir(world.keys()).unwrap().count(), 0);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_unbinding_a_code_is_needed_again() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    engine.sign_in(&world, true).await;
    engine.activate(&world).await;
    engine.send(Command::Unbind).await;
    engine.until("unbound", |event| matches!(event, Event::SignedOut(SignedOutBecause::Unbound)).then_some(())).await;
    assert!(!world.data().join("vault.a").exists());
    assert!(!engine.scan(&world, false).await, "it must be activated again");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_is_renewed_once_for_all_or_ends_the_sign_in() {
    let limits = piaoxia_gateway::Limits { session_life: std::time::Duration::from_millis(300), ..piaoxia_gateway::Limits::default() };
    let size = piaoxia_service::contract::SandboxSize { seed: 7, invoices: 100 };
    let world = World::with(piaoxia_gateway::SimConnector::quick(size), limits).await;
    let mut engine = world.engine();
    engine.sign_in(&world, true).await;
    engine.activate(&world).await;
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
    // All of them find the session over at the same moment.
    for _ in 0..8 {
        engine.send(Command::LoadCompanies).await;
    }
    for _ in 0..8 {
        engine
            .until("companies", |event| match event {
                Event::Companies(result) => Some(result.unwrap()),
                Event::SignedOut(because) => panic!("{because:?}"),
                _ => None,
            })
            .await;
    }
    engine.close().await;

    let mut engine = world.engine();
    engine.scan(&world, false).await;
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
    engine.send(Command::LoadCompanies).await;
    engine.until("end of the session", |event| matches!(event, Event::SignedOut(SignedOutBecause::Ended)).then_some(())).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_expires_is_followed_by_another() {
    let limits = piaoxia_gateway::Limits { ticket_life: std::time::Duration::from_secs(1), ..piaoxia_gateway::Limits::default() };
    let size = piaoxia_service::contract::SandboxSize { seed: 7, invoices: 100 };
    let world = World::with(piaoxia_gateway::SimConnector::quick(size), limits).await;
    let mut engine = world.engine();
    engine.send(Command::StartSignIn { keep_signed_in: false }).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let ticket = engine
            .until("ticket", |event| match event {
                Event::SignIn(SignInStep::Ticket(ticket)) => Some(ticket),
                _ => None,
            })
            .await;
        ids.push(ticket.id);
    }
    assert_ne!(ids[0], ids[1]);
    engine.send(Command::StopSignIn).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_away_is_waited_for() {
    let mut world = World::new(100).await;
    let mut engine = world.engine();
    world.stop_gateway().await;
    engine.send(Command::StartSignIn { keep_signed_in: false }).await;
    let problem = engine
        .until("failure", |event| match event {
            Event::SignIn(SignInStep::Failed { problem, .. }) => Some(problem),
            _ => None,
        })
        .await;
    assert_eq!(problem.what, piaoxia_engine::problem::What::Network(piaoxia_engine::problem::NetworkFault::Unreachable));
    world.start_gateway().await;
    engine.until("ticket", |event| matches!(event, Event::SignIn(SignInStep::Ticket(_))).then_some(())).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn preferences_and_views_come_back() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    for value in ["no", "yes"] {
        engine.send(Command::SavePreference { name: "keep_signed_in".to_owned(), value: value.to_owned() }).await;
    }
    engine.send(Command::Search { seq: 4, filter: Box::new(InvoiceFilter::default()), sort: Sort::default(), group: None }).await;
    let view = engine
        .until("view", |event| match event {
            Event::View { seq: 4, result } => Some(result.unwrap()),
            _ => None,
        })
        .await;
    assert_eq!(view.totals.invoices, 0);
    let empty = world.dir.path().join("nothing.csv");
    engine.send(Command::Export(Box::new(csv(empty.clone())))).await;
    let problem = engine
        .until("refusal", |event| match event {
            Event::Exported { result, .. } => Some(result.unwrap_err()),
            Event::TaskProgress { kind, .. } => {
                assert_eq!(kind, TaskKind::Export);
                None
            }
            _ => None,
        })
        .await;
    assert_eq!(problem.what, piaoxia_engine::problem::What::NothingSelected);
    assert!(!empty.exists());
    engine.close().await;
    let mut engine = world.engine();
    let started = engine
        .until("start", |event| match event {
            Event::Started(started) => Some(started),
            _ => None,
        })
        .await;
    assert_eq!(started.preferences, [("keep_signed_in".to_owned(), "yes".to_owned())]);
    engine.close().await;
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
