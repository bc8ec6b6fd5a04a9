//! Mails over a real server: what the phone's owner reads in her mail box, and a server that is away.

use std::time::Duration;

use mail_parser::MessageParser;
use piaoxia_browser::Phone;
use piaoxia_gateway::{GatewayConfig, SimConnector};
use piaoxia_mail::MailConfig;
use piaoxia_service::contract::ActivationRequest;
use piaoxia_smtp_sink::{Behaviour, Received, SmtpSink};

use crate::support::{SIZE, config, device, sign_in, start};
use crate::word;

const COMPANY: &str = "上海票匣示例贸易有限公司";
const EMAIL: &str = "caiwu@example.com";
const PATIENCE: Duration = Duration::from_secs(60);

pub fn settings(server: &SmtpSink) -> MailConfig {
    let port = server.port();
    let text =
        format!("host = '127.0.0.1'\nport = {port}\nsecurity = 'none'\nfrom = {{ name = '票匣', address = 'notice@example.com' }}\n");
    MailConfig::from_toml(&text).unwrap()
}

/// Subject and plain text of a mail.
pub fn read(received: &Received) -> (String, String) {
    let message = MessageParser::default().parse(&received.data).unwrap();
    (message.subject().unwrap().to_owned(), message.body_text(0).unwrap().into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mail_arrives_and_its_key_and_code_work() {
    let server = SmtpSink::start().await.unwrap();
    let (handle, client) = start(GatewayConfig { mail: Some(settings(&server)), ..config() }).await;
    let base = handle.base_url().to_owned();
    let phone = Phone::open().await.unwrap();
    phone.apply(&base, COMPANY, EMAIL).await.unwrap();
    phone.see("申请已提交").await.unwrap();
    // The first is the sandbox's own, to its newcomer.
    let received = server.wait_for(2, PATIENCE).await.unwrap();
    let (subject, text) = received.iter().filter(|mail| mail.to == [EMAIL]).map(read).next().unwrap();
    assert!(subject.contains(COMPANY), "{subject}");
    phone.bind(word(&text, &format!("{base}/p/key#"))).await.unwrap();
    phone.see("待配置").await.unwrap();
    // The code of the mail activates a PC.
    let code = text.lines().skip_while(|line| !line.starts_with("激活码（")).nth(1).unwrap().to_owned();
    sign_in(&client, device(3), "王芳", false).await;
    let activated = client.activate(&ActivationRequest { code }).await.unwrap();
    assert_eq!(activated.companies[0].name, COMPANY);
    phone.close().await;
}

/// A gateway that ends while its mail server is away sends the mail after its next start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_survives_a_server_that_is_away_and_a_restart() {
    let server = SmtpSink::start().await.unwrap();
    server.behave(Behaviour::Greeting(421));
    let folder = tempfile::tempdir().unwrap();
    let kept = || GatewayConfig { mail: Some(settings(&server)), ..GatewayConfig::sandbox(SIZE, Some(folder.path().to_owned())) };
    let (handle, _client) = start(kept()).await;
    let phone = Phone::open().await.unwrap();
    phone.apply(handle.base_url(), COMPANY, EMAIL).await.unwrap();
    phone.see("申请已提交").await.unwrap();
    assert!(server.received().is_empty());
    handle.stop().await;
    server.behave(Behaviour::Accept);
    let _again = start(kept()).await;
    let to = |received: Vec<Received>| received.iter().any(|mail| mail.to == [EMAIL]);
    let deadline = std::time::Instant::now() + 2 * PATIENCE;
    while !to(server.received()) {
        assert!(std::time::Instant::now() < deadline, "{:?}", server.received().len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    phone.close().await;
}

/// A hosted gateway without a mail server says so, and keeps no application that nobody could go on with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_mail_server_nothing_is_taken() {
    let connector = std::sync::Arc::new(SimConnector::quick(SIZE));
    let (handle, _client) = start(GatewayConfig::new(connector)).await;
    let phone = Phone::open().await.unwrap();
    for _ in 0..2 {
        phone.apply(handle.base_url(), COMPANY, EMAIL).await.unwrap();
        phone.see("还没有设置发信邮箱").await.unwrap();
    }
    phone.close().await;
}
