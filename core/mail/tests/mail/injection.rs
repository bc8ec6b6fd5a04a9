//! Nobody adds headers, receivers or bodies through a value.

use piaoxia_mail::{Kind, Mail, MailError, NewPc, Outbox, Sink, Upgrade, new_pc, upgrade};
use piaoxia_smtp_sink::SmtpSink;
use tokio_util::sync::CancellationToken;

use crate::support::*;

/// Twenty ways to end a line and go on.
fn attacks() -> Vec<String> {
    let ends = ["\r\n", "\n", "\r", "\r\n ", "\r\n\t", "\u{85}", "\u{2028}", "\u{2029}", "\u{B}", "\u{C}"];
    let more = ["Bcc: thief@example.net", "\r\n\r\n<h1>another body</h1>"];
    ends.iter().flat_map(|end| more.map(|more| format!("票匣{end}{more}"))).collect()
}

#[tokio::test]
async fn twenty_injections_and_none_gets_through() {
    let server = SmtpSink::start().await.unwrap();
    let outbox = Outbox::open(None, Sink::Smtp(config(server.port(), "")), quick()).unwrap();
    outbox.start(CancellationToken::new());
    let attacks = attacks();
    assert_eq!(attacks.len(), 20);
    for attack in &attacks {
        let in_subject = Mail { subject: attack.clone(), ..mail(1) };
        assert!(matches!(outbox.post(in_subject).await, Err(MailError::Control { field: "subject" })), "{attack:?}");
        let in_address = Mail { to: attack.replace("票匣", "a@example.com"), ..mail(1) };
        assert!(matches!(outbox.post(in_address).await, Err(MailError::Control { field: "to" })), "{attack:?}");
        let at = jiff::Timestamp::UNIX_EPOCH;
        let letter = NewPc {
            to: "a@example.com",
            person: "张三",
            pc: attack,
            version: "1",
            address: "10.0.0.1",
            at,
            revoke_page: "https://a.example/",
        };
        assert!(matches!(new_pc(&letter), Err(MailError::Control { field: "pc" })), "{attack:?}");
    }
    outbox.post(mail(7)).await.unwrap();
    let received = server.wait_for(1, PATIENCE).await.unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].to, ["clerk7@example.com"]);
}

#[tokio::test]
async fn odd_subjects_arrive_as_they_are() {
    let server = SmtpSink::start().await.unwrap();
    let outbox = Outbox::open(None, Sink::Smtp(config(server.port(), "")), quick()).unwrap();
    outbox.start(CancellationToken::new());
    let encoded = Mail { subject: "=?utf-8?B?QmNjOiB4QHkuY24=?= 注入".to_owned(), ..mail(1) };
    assert!(matches!(outbox.post(encoded).await, Err(MailError::EncodedWord { field: "subject" })));
    let subjects = ["a: b; c=\"d\" <e@f.cn>", "％0d％0aBcc: x", "长".repeat(120).leak(), "emoji 🧾 与 𠮷"];
    for (number, subject) in subjects.iter().enumerate() {
        let posted = Mail { subject: (*subject).to_owned(), kind: Kind::Other, ..mail(1) };
        outbox.post(posted).await.unwrap();
        let received = server.wait_for(number + 1, PATIENCE).await.unwrap();
        let parsed = mail_parser::MessageParser::default().parse(&received[number].data).unwrap();
        assert_eq!(parsed.subject(), Some(*subject));
        assert!(parsed.bcc().is_none() && parsed.to().unwrap().iter().count() == 1);
    }
}

#[test]
fn a_letter_takes_links_and_keys_only_where_they_fit() {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let good = Upgrade {
        to: "a@example.com",
        company: "示例公司",
        key: "0123abcd",
        key_until: at,
        operation_page: "https://px.example.com/p/op",
        download_page: "https://px.example.com/download",
        code: "ABCD-EFGH",
        code_until: at,
        new_code_page: "https://px.example.com/p/code/1",
    };
    assert!(upgrade(&good).is_ok());
    for bad in [
        Upgrade { key: "a&b=c", ..good },
        Upgrade { key: "", ..good },
        Upgrade { operation_page: "https://px.example.com/p/op#x", ..good },
        Upgrade { operation_page: "javascript:alert(1)//", ..good },
        Upgrade { download_page: "https://a\"><script>", ..good },
        Upgrade { new_code_page: "", ..good },
        Upgrade { company: "", ..good },
        Upgrade { to: "a@example.com,b@example.com", ..good },
    ] {
        assert!(upgrade(&bad).is_err());
    }
}
