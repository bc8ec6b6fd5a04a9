//! The queue on disk.

use piaoxia_mail::{Outbox, Sink, State};
use piaoxia_smtp_sink::SmtpSink;
use tokio_util::sync::CancellationToken;

use crate::support::*;

#[tokio::test]
async fn a_queue_survives_its_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = || Some(folder.path().join("mail"));
    let server = SmtpSink::start().await.unwrap();
    let port = server.port();
    let first = outbox(path(), &server, quick());
    drop(server);
    first.start(CancellationToken::new());
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(first.post(mail(number)).await.unwrap());
    }
    until(|| matches!(state(&first, &ids[0]), State::Failed { .. })).await;
    // A copy of the folder is what a killed program leaves.
    let left = tempfile::tempdir().unwrap();
    for file in files(&folder.path().join("mail")) {
        if file.extension().is_some_and(|extension| extension == "json") {
            std::fs::copy(&file, left.path().join(file.file_name().unwrap())).unwrap();
        }
    }
    let server = SmtpSink::on_port(port).await;
    let server = match server {
        Ok(server) => server,
        Err(_) => SmtpSink::start().await.unwrap(),
    };
    let second = outbox(Some(left.path().to_owned()), &server, quick());
    assert_eq!(second.list().len(), 10);
    let before = server.received().len();
    second.start(CancellationToken::new());
    until(|| second.list().iter().all(|entry| matches!(entry.state, State::Sent { .. }))).await;
    assert!(server.received().len() >= before + 10);
    until(|| files(left.path()).is_empty()).await;
    assert!(outbox(Some(left.path().to_owned()), &server, quick()).list().is_empty(), "what went out does not come back");
}

#[tokio::test]
async fn damaged_and_foreign_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = Outbox::open(Some(folder.path().to_owned()), Sink::Kept, quick()).unwrap();
    let id = keeper.post(mail(1)).await.unwrap();
    let good = std::fs::read(folder.path().join(format!("{id}.json"))).unwrap();
    std::fs::write(folder.path().join("half.json"), &good[..good.len() / 2]).unwrap();
    std::fs::write(folder.path().join("renamed.json"), &good).unwrap();
    std::fs::write(folder.path().join("empty.json"), b"").unwrap();
    std::fs::write(folder.path().join("large.json"), vec![b' '; 3 << 20]).unwrap();
    std::fs::write(folder.path().join("note.txt"), b"x").unwrap();
    std::fs::write(folder.path().join(".piaoxia-1-2.part"), b"x").unwrap();
    let again = Outbox::open(Some(folder.path().to_owned()), Sink::Kept, quick()).unwrap();
    assert_eq!(again.list().iter().map(|entry| entry.id.clone()).collect::<Vec<_>>(), [id]);
    assert_eq!(files(folder.path()).len(), 6, "only our own leftover is removed");
}

#[cfg(unix)]
#[tokio::test]
async fn others_cannot_read_the_queue() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail");
    let outbox = Outbox::open(Some(path.clone()), Sink::Kept, quick()).unwrap();
    outbox.post(mail(1)).await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for file in files(&path) {
        assert_eq!(mode(&file), 0o600);
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_a_mail_that_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path().to_owned()), Sink::Kept, quick()).unwrap();
    let gone = tokio::time::timeout(std::time::Duration::ZERO, outbox.post(mail(1))).await;
    drop(gone);
    until(|| outbox.list().len() == 1).await;
    assert_eq!(files(folder.path()).len(), 1);
}
