//! Repeated deliveries and the five seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use piaoxia_wechat::{Options, SUCCESS};

use crate::callback::open;
use crate::platform::{Fault, Platform};
use crate::signing::{event, xml};

fn quick() -> Options {
    Options { reply_time: Duration::from_millis(200), ..Options::default() }
}

#[tokio::test]
async fn a_repeated_delivery_runs_once_and_gets_the_same_answer() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    let runs = Arc::new(AtomicU32::new(0));
    let deliver = async |nonce: &str, body: &str| {
        let incoming = open(&account, body, nonce).unwrap();
        let runs = Arc::clone(&runs);
        account.answer(&incoming, async move |_| Some(format!("reply {}", runs.fetch_add(1, Ordering::SeqCst)))).await
    };
    let scan = event("SCAN", "login:abc");
    for nonce in ["1", "2", "3"] {
        assert!(deliver(nonce, &scan).await.contains("reply 0"), "{nonce}");
    }
    assert!(deliver("4", &event("SCAN", "login:abd")).await.contains("reply 1"), "another event of the same second");
    let text = |id: u32, content: &str| xml(&format!("<MsgType>text</MsgType><Content>{content}</Content><MsgId>{id}</MsgId>"));
    assert!(deliver("5", &text(7, "hi")).await.contains("reply 2"));
    assert!(deliver("6", &text(7, "hi")).await.contains("reply 2"));
    assert!(deliver("7", &text(8, "hi")).await.contains("reply 3"), "the same words in another message");
    assert_eq!(runs.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn two_deliveries_at_once_wait_for_one_run() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    let runs = Arc::new(AtomicU32::new(0));
    let deliver = async |nonce: &str| {
        let incoming = open(&account, &event("SCAN", "login:abc"), nonce).unwrap();
        let runs = Arc::clone(&runs);
        account
            .answer(&incoming, async move |_| {
                tokio::time::sleep(Duration::from_millis(50)).await;
                runs.fetch_add(1, Ordering::SeqCst);
                Some("once".to_owned())
            })
            .await
    };
    let (one, other) = tokio::join!(deliver("1"), deliver("2"));
    assert!(one.contains("once") && other.contains("once"));
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_slow_handler_is_answered_for_and_its_text_follows() {
    let platform = Platform::start().await;
    let account = platform.account(quick());
    let incoming = open(&account, &event("SCAN", "login:abc"), "1").unwrap();
    let start = Instant::now();
    let slow = async |_| {
        tokio::time::sleep(Duration::from_millis(600)).await;
        Some("late".to_owned())
    };
    assert_eq!(account.answer(&incoming, slow).await, SUCCESS);
    assert!(start.elapsed() < Duration::from_millis(550), "{:?}", start.elapsed());
    tokio::time::timeout(Duration::from_secs(5), async {
        while platform.bodies("/cgi-bin/message/custom/send").is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    let body = platform.bodies("/cgi-bin/message/custom/send").remove(0);
    assert_eq!((&body["touser"], &body["text"]["content"]), (&"oPERSON".into(), &"late".into()));
    let again = account.answer(&incoming, async |_| Some("second run".to_owned())).await;
    assert_eq!(again, SUCCESS, "it went out already");
    assert_eq!(platform.bodies("/cgi-bin/message/custom/send").len(), 1);
}

#[tokio::test]
async fn a_lost_connection_does_not_stop_the_handler() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    let incoming = open(&account, &event("SCAN", "login:abc"), "1").unwrap();
    let slow = async |_| {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some("kept".to_owned())
    };
    let lost = tokio::time::timeout(Duration::from_millis(20), account.answer(&incoming, slow)).await;
    assert!(lost.is_err());
    let again = account.answer(&incoming, async |_| Some("second run".to_owned())).await;
    assert!(again.contains("kept"), "{again}");
}

#[tokio::test]
async fn silence_and_panics_are_success() {
    let platform = Platform::start().await;
    platform.fault("/cgi-bin/message/custom/send", Fault::Code(45015));
    let account = platform.account(quick());
    let silent = open(&account, &event("unsubscribe", ""), "1").unwrap();
    assert_eq!(account.answer(&silent, async |_| None).await, SUCCESS);
    let broken = open(&account, &event("CLICK", "me"), "2").unwrap();
    assert_eq!(account.answer(&broken, async |_| panic!("as a bug would")).await, SUCCESS);
}

#[tokio::test]
async fn the_memory_of_deliveries_is_bounded() {
    let platform = Platform::start().await;
    let account = platform.account(Options { deliveries: 10, ..Options::default() });
    let runs = Arc::new(AtomicU32::new(0));
    for round in 0..2 {
        for number in 0..50 {
            let incoming = open(&account, &event("SCAN", &format!("login:{number}")), &format!("{round}-{number}")).unwrap();
            let runs = Arc::clone(&runs);
            account
                .answer(&incoming, async move |_| {
                    runs.fetch_add(1, Ordering::SeqCst);
                    None
                })
                .await;
        }
    }
    assert_eq!(runs.load(Ordering::SeqCst), 100, "what is forgotten runs again");
}
