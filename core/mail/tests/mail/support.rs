//! A queue, a server, a mail.

use std::path::PathBuf;
use std::time::Duration;

use piaoxia_mail::{Kind, Mail, MailConfig, Outbox, OutboxOptions, Sink, State};
use piaoxia_smtp_sink::SmtpSink;

pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn config(port: u16, login: &str) -> MailConfig {
    protected(port, "none", login)
}

pub fn protected(port: u16, security: &str, login: &str) -> MailConfig {
    let text = format!(
        "host = '127.0.0.1'\nport = {port}\nsecurity = '{security}'\nfrom = {{ name = '票匣通知', address = 'notice@example.com' }}\n{login}"
    );
    MailConfig::from_toml(&text).unwrap()
}

/// Pauses of milliseconds.
pub fn quick() -> OutboxOptions {
    OutboxOptions {
        pauses: vec![Duration::from_millis(10), Duration::from_millis(20)],
        send_timeout: Duration::from_secs(10),
        ..OutboxOptions::default()
    }
}

pub fn outbox(folder: Option<PathBuf>, server: &SmtpSink, options: OutboxOptions) -> Outbox {
    Outbox::open(folder, Sink::Smtp(config(server.port(), "")), options).unwrap()
}

pub fn mail(number: u32) -> Mail {
    Mail {
        to: format!("clerk{number}@example.com"),
        subject: format!("第 {number} 封：数电升级"),
        text: format!("激活码 SECRET-{number}\n.\n..两个点\n"),
        html: format!("<p>激活码 <b>SECRET-{number}</b></p>"),
        kind: Kind::Other,
    }
}

/// Waits until this holds.
pub async fn until(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "it never happened");
}

pub fn state(outbox: &Outbox, id: &str) -> State {
    outbox.list().into_iter().find(|entry| entry.id == id).unwrap().state
}

pub fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
