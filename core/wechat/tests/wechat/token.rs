//! The access token.

use std::time::{Duration, Instant};

use piaoxia_wechat::{Options, Scene, WeChatError};

use crate::platform::{Fault, Platform, config};

const LIFE: Duration = Duration::from_secs(300);

fn scene() -> Scene {
    Scene::Login("n0nce".to_owned())
}

#[tokio::test]
async fn a_hundred_calls_at_once_ask_for_one_token() {
    let platform = Platform::start().await;
    platform.record().token_pause = Duration::from_millis(50);
    let account = platform.account(Options::default());
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let account = account.clone();
            tokio::spawn(async move { account.qr(&scene(), LIFE).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(platform.token_calls(), (1, 0));
    assert_eq!(platform.bodies("/cgi-bin/qrcode/create").len(), 100);
}

#[tokio::test]
async fn a_hundred_calls_share_one_failure() {
    let platform = Platform::start().await;
    platform.fault("/cgi-bin/stable_token", Fault::Hang);
    let account = platform.account(Options { timeout: Duration::from_millis(300), ..Options::default() });
    let start = Instant::now();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let account = account.clone();
            tokio::spawn(async move { account.qr(&scene(), LIFE).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Err(WeChatError::Timeout));
    }
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert!(platform.bodies("/cgi-bin/stable_token").len() < 10);
    platform.record().faults.clear();
    account.qr(&scene(), LIFE).await.unwrap();
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_is_renewed_once() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    account.qr(&scene(), LIFE).await.unwrap();
    // Another holder renewed it: the platform gives that one without force.
    platform.record().token = 7;
    account.qr(&scene(), LIFE).await.unwrap();
    assert_eq!(platform.token_calls(), (2, 0));
}

#[tokio::test]
async fn a_token_that_stays_refused_is_forced_once_and_not_for_ever() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    account.qr(&scene(), LIFE).await.unwrap();
    for code in [40001, 42001, 40014] {
        platform.fault("/cgi-bin/qrcode/create", Fault::Code(code));
        assert!(matches!(account.qr(&scene(), LIFE).await, Err(WeChatError::Credential { .. })));
    }
    assert_eq!(platform.token_calls().1, 1, "the platform forces 20 times a day");
    platform.record().faults.clear();
    account.qr(&scene(), LIFE).await.unwrap();
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let platform = Platform::start().await;
    platform.record().token_life = 2;
    let account = platform.account(Options::default());
    account.qr(&scene(), LIFE).await.unwrap();
    account.qr(&scene(), LIFE).await.unwrap();
    assert_eq!(platform.token_calls().0, 1);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    account.qr(&scene(), LIFE).await.unwrap();
    assert_eq!(platform.token_calls().0, 2);
}

#[tokio::test]
async fn wrong_secrets_and_odd_answers_have_names() {
    let platform = Platform::start().await;
    let cases = [
        (Fault::Code(40125), WeChatError::Credential { code: 40125 }),
        (Fault::Code(45009), WeChatError::Limit { code: 45009 }),
        (Fault::Code(-1), WeChatError::Busy),
        (Fault::Code(40164), WeChatError::AddressNotAllowed("as asked rid: 1-2-3".to_owned())),
        (Fault::Status(502), WeChatError::Status(502)),
        (Fault::Huge(1 << 20), WeChatError::AnswerTooLarge { limit: 64 << 10 }),
        (Fault::Json(serde_json::json!({ "access_token": "", "expires_in": 7200 })), WeChatError::Decode("no access token".to_owned())),
    ];
    for (fault, wanted) in cases {
        platform.fault("/cgi-bin/stable_token", fault);
        let account = platform.account(Options::default());
        assert_eq!(account.qr(&scene(), LIFE).await, Err(wanted));
    }
    for fault in [Fault::Html, Fault::Json(serde_json::json!("text")), Fault::Json(serde_json::json!({ "expires_in": 1 }))] {
        platform.fault("/cgi-bin/stable_token", fault);
        assert!(matches!(platform.account(Options::default()).qr(&scene(), LIFE).await, Err(WeChatError::Decode(_))));
    }
}

#[tokio::test]
async fn nobody_there_is_said_and_no_error_holds_a_secret() {
    let address = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let account = piaoxia_wechat::WeChat::new(config(&format!("http://{address}"), false), Options::default()).unwrap();
    let error = account.openid("code").await.unwrap_err();
    assert!(matches!(error, WeChatError::Unreachable(_)) && error.is_transient(), "{error}");
    let shown = format!("{error} {error:?} {account:?}");
    assert!(!shown.contains("topsecret1") && !shown.contains("access_token"), "{shown}");
}
