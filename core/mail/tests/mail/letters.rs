//! The four mails, as they arrive.

use jiff::Timestamp;
use mail_parser::MessageParser;
use piaoxia_mail::{Kind, Mail, NewCode, NewPc, Upgrade, Verification, new_code, new_pc, upgrade, verification};
use piaoxia_smtp_sink::SmtpSink;
use tokio_util::sync::CancellationToken;

use crate::support::*;

const TO: &str = "clerk@example.com";
const HOSTILE: &str = "示例<b>&\"科技\"{{code}}有限公司";

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hour * 3_600).unwrap()
}

fn letters() -> Vec<(Mail, Vec<&'static str>)> {
    let upgraded = Upgrade {
        to: TO,
        company: HOSTILE,
        key: "0123456789abcdef0123456789abcdef",
        key_until: at(0),
        operation_page: "https://px.example.com/p/operation",
        download_page: "https://px.example.com/download",
        code: "ABCD-EFGH-JKMN-PQRS-TV",
        code_until: at(24),
        new_code_page: "https://px.example.com/p/code/77",
    };
    let coded = NewCode {
        to: TO,
        company: HOSTILE,
        code: "ABCD-EFGH",
        code_until: at(24),
        new_code_page: Some("https://px.example.com/p/code/77"),
    };
    let signed = NewPc {
        to: TO,
        person: "张三",
        pc: "财务室-<PC>",
        version: "0.1.0",
        address: "192.168.1.20",
        at: at(0),
        revoke_page: "https://px.example.com/p/revoke/9?a=1&b=2",
    };
    let asked = Verification {
        to: TO,
        company: HOSTILE,
        account: "138****0000",
        region: "上海",
        wanted: "短信验证码",
        at: at(0),
        page: "https://px.example.com/p/challenge/5",
    };
    vec![
        (
            upgrade(&upgraded).unwrap(),
            vec![
                HOSTILE,
                "https://px.example.com/p/operation#0123456789abcdef0123456789abcdef",
                "https://px.example.com/download",
                "ABCD-EFGH-JKMN-PQRS-TV",
                "https://px.example.com/p/code/77",
                "2027-01-15 16:00（北京时间）",
                "2027-01-16 16:00（北京时间）",
            ],
        ),
        (new_code(&coded).unwrap(), vec![HOSTILE, "ABCD-EFGH", "https://px.example.com/p/code/77", "2027-01-16 16:00（北京时间）"]),
        (new_pc(&signed).unwrap(), vec!["张三", "财务室-<PC>", "192.168.1.20", "0.1.0", "https://px.example.com/p/revoke/9?a=1&b=2"]),
        (verification(&asked).unwrap(), vec![HOSTILE, "138****0000", "上海", "短信验证码", "https://px.example.com/p/challenge/5"]),
    ]
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[tokio::test]
async fn text_and_html_say_the_same_and_arrive_so() {
    let server = SmtpSink::start().await.unwrap();
    let outbox = outbox(None, &server, quick());
    outbox.start(CancellationToken::new());
    for (number, (letter, facts)) in letters().into_iter().enumerate() {
        outbox.post(letter.clone()).await.unwrap();
        let received = server.wait_for(number + 1, PATIENCE).await.unwrap();
        let parsed = MessageParser::default().parse(&received[number].data).unwrap();
        assert_eq!(parsed.subject(), Some(letter.subject.as_str()));
        let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
        for fact in facts {
            assert!(text.contains(fact), "{fact} in\n{text}");
            assert!(html.contains(&escaped(fact)), "{fact} in\n{html}");
        }
        for part in [&text, &html] {
            assert!(!part.replace(HOSTILE, "").replace(&escaped(HOSTILE), "").contains("{{"), "{part}");
        }
        assert!(!html.contains("<b>") && !html.contains("<script") && html.contains("width=\"600\""), "{html}");
        assert!(html.contains("color-scheme") && html.len() < 50 << 10);
        assert!(!html.contains("src=") && !html.contains("url("), "nothing is fetched when it is read");
    }
}

#[test]
fn the_key_is_in_the_fragment_and_each_mail_knows_its_kind() {
    let all = letters();
    let kinds: Vec<Kind> = all.iter().map(|(mail, _)| mail.kind).collect();
    assert_eq!(kinds, [Kind::Upgrade, Kind::NewCode, Kind::NewPc, Kind::Verification]);
    assert!(!all[0].0.html.contains("?key=") && !all[0].0.text.contains("?key="));
    assert!(all.iter().all(|(mail, _)| mail.subject.starts_with("【票匣】") && mail.to == TO));
    let shown = format!("{all:?}", all = all.iter().map(|(mail, _)| mail).collect::<Vec<_>>());
    assert!(!shown.contains("ABCD") && !shown.contains("clerk") && !shown.contains("0123456789abcdef"), "{shown}");
}

/// The PC names itself: no name keeps the mail about it from going out.
#[test]
fn a_name_that_no_subject_may_hold_stops_no_mail() {
    for pc in ["财务室=?b", &"很".repeat(120)] {
        let letter = NewPc {
            to: TO,
            person: "王芳",
            pc,
            version: "1",
            address: "10.0.0.1",
            at: at(0),
            revoke_page: "https://px.example.com/p/revoke#x",
        };
        let mail = new_pc(&letter).unwrap();
        assert!(mail.subject.contains("新电脑登录") && !mail.subject.contains("=?"), "{}", mail.subject);
        assert!(mail.text.contains(pc));
    }
}
