//! What arrives, and what happens when it does not.

use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use piaoxia_mail::{MailError, Outbox, OutboxOptions, Sink, State};
use piaoxia_smtp_sink::{Behaviour, SmtpSink};
use tokio_util::sync::CancellationToken;

use crate::support::*;

#[tokio::test]
async fn a_mail_arrives_whole_with_both_parts() {
    let server = SmtpSink::start().await.unwrap();
    let outbox = outbox(None, &server, quick());
    outbox.start(CancellationToken::new());
    let id = outbox.post(mail(1)).await.unwrap();
    let received = server.wait_for(1, PATIENCE).await.unwrap().remove(0);
    assert_eq!((received.from.as_str(), received.to.as_slice()), ("notice@example.com", ["clerk1@example.com".to_owned()].as_slice()));
    let raw = String::from_utf8(received.data.clone()).unwrap();
    let headers = raw.split_once("\r\n\r\n").unwrap().0;
    assert!(headers.is_ascii() && headers.contains("Subject: =?utf-8?"), "{headers}");
    assert!(raw.lines().all(|line| line.len() < 998), "RFC 5322, 2.1.1");
    let parsed = MessageParser::default().parse(&received.data).unwrap();
    assert_eq!(parsed.subject(), Some("第 1 封：数电升级"));
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("票匣通知"), Some("notice@example.com")));
    assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("clerk1@example.com"));
    assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), "激活码 SECRET-1\n.\n..两个点");
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>激活码 <b>SECRET-1</b></p>");
    assert_eq!(parsed.message_id(), Some(format!("{id}@example.com").as_str()));
    assert!(parsed.date().is_some() && headers.contains("Auto-Submitted: auto-generated"));
    until(|| matches!(state(&outbox, &id), State::Sent { .. })).await;
}

#[tokio::test]
async fn a_login_is_used_and_a_refused_one_is_not_the_mails_fault() {
    let server = SmtpSink::with_login("u", "topsecret1").await.unwrap();
    let open = |login: &str| Outbox::open(None, Sink::Smtp(config(server.port(), login)), quick()).unwrap();
    let right = open("user = 'u'\npassword = 'topsecret1'");
    right.start(CancellationToken::new());
    right.post(mail(1)).await.unwrap();
    assert_eq!(server.wait_for(1, PATIENCE).await.unwrap()[0].user.as_deref(), Some("u"));
    for login in ["user = 'u'\npassword = 'wrong'", ""] {
        let wrong = open(login);
        wrong.start(CancellationToken::new());
        let id = wrong.post(mail(2)).await.unwrap();
        until(|| matches!(state(&wrong, &id), State::Failed { .. })).await;
        let State::Failed { reason, .. } = state(&wrong, &id) else { continue };
        assert!(reason.contains("53") && !reason.contains("wrong'"), "{reason}");
    }
}

#[tokio::test]
async fn nothing_goes_out_in_plain_when_tls_is_asked_for() {
    let server = SmtpSink::with_login("u", "topsecret1").await.unwrap();
    for security in ["tls", "starttls"] {
        let sink = Sink::Smtp(protected(server.port(), security, "user = 'u'\npassword = 'topsecret1'"));
        let outbox = Outbox::open(None, sink, OutboxOptions { send_timeout: Duration::from_secs(1), ..quick() }).unwrap();
        outbox.start(CancellationToken::new());
        let id = outbox.post(mail(1)).await.unwrap();
        until(|| matches!(state(&outbox, &id), State::Failed { .. })).await;
        assert_eq!((server.received().len(), server.logins()), (0, 0), "{security}");
    }
    assert!(server.connections() > 0);
}

#[tokio::test]
async fn hiccups_are_tried_again_until_it_arrives() {
    let server = SmtpSink::start().await.unwrap();
    server.script([
        Behaviour::Drop,
        Behaviour::Greeting(421),
        Behaviour::Sender(451),
        Behaviour::Recipient(450),
        Behaviour::Data(452),
        Behaviour::DropInData,
    ]);
    let outbox = outbox(None, &server, quick());
    outbox.start(CancellationToken::new());
    let id = outbox.post(mail(1)).await.unwrap();
    server.wait_for(1, PATIENCE).await.unwrap();
    until(|| matches!(state(&outbox, &id), State::Sent { .. })).await;
    assert_eq!((server.connections(), server.received().len()), (7, 1));
}

#[tokio::test]
async fn a_mail_that_may_have_arrived_comes_again_under_the_same_id() {
    let server = SmtpSink::start().await.unwrap();
    server.script([Behaviour::DropAfterData]);
    let outbox = outbox(None, &server, quick());
    outbox.start(CancellationToken::new());
    outbox.post(mail(1)).await.unwrap();
    let received = server.wait_for(2, PATIENCE).await.unwrap();
    let ids: Vec<_> =
        received.iter().map(|mail| MessageParser::default().parse(&mail.data).unwrap().message_id().unwrap().to_owned()).collect();
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_refusal_for_good_is_shown_and_kept_without_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let server = SmtpSink::start().await.unwrap();
    for behaviour in [Behaviour::Recipient(550), Behaviour::Data(554), Behaviour::Sender(553)] {
        server.behave(behaviour);
        let outbox = outbox(Some(folder.path().to_owned()), &server, quick());
        let stop = CancellationToken::new();
        let task = outbox.start(stop.clone());
        let before = server.connections();
        let id = outbox.post(mail(1)).await.unwrap();
        until(|| matches!(state(&outbox, &id), State::Dead { .. })).await;
        let State::Dead { reason, .. } = state(&outbox, &id) else { continue };
        assert!(reason.contains("as told"), "{reason}");
        assert_eq!(server.connections(), before + 1, "no second try");
        stop.cancel();
        task.await.unwrap();
        until(|| std::fs::read_to_string(folder.path().join(format!("{id}.json"))).is_ok_and(|text| !text.contains("SECRET"))).await;
    }
    let again = outbox(Some(folder.path().to_owned()), &server, quick());
    let dead = again.list();
    assert_eq!(dead.len(), 3);
    assert!(dead.iter().all(|entry| matches!(entry.state, State::Dead { .. })));
    assert!(again.forget(&dead[0].id).await.unwrap() && !again.forget(&dead[0].id).await.unwrap());
    assert_eq!(files(folder.path()).len(), 2);
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up() {
    let server = SmtpSink::start().await.unwrap();
    server.behave(Behaviour::Data(451));
    let options = OutboxOptions { give_up: Duration::from_millis(300), ..quick() };
    let outbox = outbox(None, &server, options);
    outbox.start(CancellationToken::new());
    let id = outbox.post(mail(1)).await.unwrap();
    until(|| matches!(state(&outbox, &id), State::Dead { .. })).await;
    assert!(server.connections() > 1);
}

#[tokio::test]
async fn a_silent_and_a_slow_server_do_not_hold_the_queue() {
    let server = SmtpSink::start().await.unwrap();
    server.script([Behaviour::Silent, Behaviour::Slow(Duration::from_millis(50))]);
    let outbox = outbox(None, &server, OutboxOptions { send_timeout: Duration::from_secs(2), ..quick() });
    let stop = CancellationToken::new();
    let task = outbox.start(stop.clone());
    outbox.post(mail(1)).await.unwrap();
    server.wait_for(1, PATIENCE).await.unwrap();
    server.behave(Behaviour::Silent);
    outbox.post(mail(2)).await.unwrap();
    let connections = server.connections();
    until(|| server.connections() > connections).await;
    let start = Instant::now();
    stop.cancel();
    task.await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test]
async fn one_bad_receiver_does_not_hold_the_others() {
    let server = SmtpSink::start().await.unwrap();
    let outbox = outbox(None, &server, OutboxOptions { pauses: vec![Duration::from_secs(3_600)], ..quick() });
    server.script([Behaviour::Recipient(450)]);
    outbox.start(CancellationToken::new());
    let first = outbox.post(mail(1)).await.unwrap();
    until(|| matches!(state(&outbox, &first), State::Failed { .. })).await;
    outbox.post(mail(2)).await.unwrap();
    assert_eq!(server.wait_for(1, PATIENCE).await.unwrap()[0].to, ["clerk2@example.com"]);
    let State::Failed { tries: 1, next_try, .. } = state(&outbox, &first) else { panic!("not failed once") };
    let rest = next_try.as_second() - jiff::Timestamp::now().as_second();
    assert!((2_800..=4_400).contains(&rest), "{rest}");
    outbox.retry();
    server.wait_for(2, PATIENCE).await.unwrap();
}

#[tokio::test]
async fn two_senders_send_each_mail_once() {
    let server = SmtpSink::start().await.unwrap();
    let outbox = outbox(None, &server, quick());
    outbox.start(CancellationToken::new());
    outbox.start(CancellationToken::new());
    for number in 0..20 {
        outbox.post(mail(number)).await.unwrap();
    }
    until(|| outbox.list().iter().all(|entry| matches!(entry.state, State::Sent { .. }))).await;
    assert_eq!(server.received().len(), 20);
}

#[tokio::test]
async fn the_queue_is_bounded() {
    let outbox = Outbox::open(None, Sink::Kept, OutboxOptions { most: 3, ..quick() }).unwrap();
    for number in 0..3 {
        outbox.post(mail(number)).await.unwrap();
    }
    assert!(matches!(outbox.post(mail(4)).await, Err(MailError::Full { limit: 3 })));
    let large = piaoxia_mail::Mail { text: "x".repeat(200 << 10), ..mail(5) };
    assert!(matches!(outbox.post(large).await, Err(MailError::TooLong { field: "text", .. })));
}

#[tokio::test]
async fn the_sandbox_keeps_the_newest() {
    let outbox = Outbox::open(None, Sink::Kept, OutboxOptions { remembered: 5, ..quick() }).unwrap();
    outbox.start(CancellationToken::new());
    for number in 0..8 {
        outbox.post(mail(number)).await.unwrap();
        until(|| outbox.kept().first().is_some_and(|kept| kept.mail == mail(number))).await;
    }
    assert_eq!(outbox.kept().len(), 5);
    let shown = format!("{:?} {:?} {:?}", outbox.kept(), outbox.list(), outbox);
    assert!(!shown.contains("SECRET") && !shown.contains("clerk") && !shown.contains("数电"), "{shown}");
}
