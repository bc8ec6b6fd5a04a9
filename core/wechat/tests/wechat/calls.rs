//! QR, web authorisation, template messages, menu.

use std::time::Duration;

use piaoxia_wechat::{MenuLinks, Note, Options, Scene, WeChatError};

use crate::platform::{APPID, Fault, Platform};

#[tokio::test]
async fn a_qr_carries_its_scene_in_the_inner_object() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    let qr = account.qr(&Scene::Bind("abc".to_owned()), Duration::from_secs(120)).await.unwrap();
    assert_eq!((qr.url.as_str(), qr.life), ("http://weixin.qq.com/q/bind:abc", Duration::from_secs(120)));
    assert!(!format!("{qr:?}").contains("ticket-of"));
    let body = platform.bodies("/cgi-bin/qrcode/create").remove(0);
    assert_eq!(body["action_name"], "QR_STR_SCENE");
    assert_eq!(body["action_info"]["scene"]["scene_str"], "bind:abc");
    for bad in [Scene::Unknown("x".to_owned()), Scene::Login("长".to_owned()), Scene::Key("k".repeat(61))] {
        assert!(matches!(account.qr(&bad, Duration::from_secs(60)).await, Err(WeChatError::Argument(_))));
    }
    for life in [Duration::ZERO, Duration::from_secs(31 * 86_400)] {
        assert!(matches!(account.qr(&Scene::Key("k".to_owned()), life).await, Err(WeChatError::Argument(_))));
    }
    assert_eq!(platform.bodies("/cgi-bin/qrcode/create").len(), 1);
}

#[tokio::test]
async fn a_hanging_and_a_huge_server_do_not_hold_a_call() {
    let platform = Platform::start().await;
    let account = platform.account(Options { timeout: Duration::from_millis(200), ..Options::default() });
    let scene = Scene::Login("n".to_owned());
    platform.fault("/cgi-bin/qrcode/create", Fault::Hang);
    assert_eq!(account.qr(&scene, Duration::from_secs(60)).await, Err(WeChatError::Timeout));
    let patient = platform.account(Options::default());
    platform.fault("/cgi-bin/qrcode/create", Fault::Huge(4 << 20));
    assert!(matches!(patient.qr(&scene, Duration::from_secs(60)).await, Err(WeChatError::AnswerTooLarge { .. })));
    platform.fault("/cgi-bin/qrcode/create", Fault::Json(serde_json::json!({ "ticket": "", "url": "", "expire_seconds": 1 })));
    assert!(matches!(patient.qr(&scene, Duration::from_secs(60)).await, Err(WeChatError::Decode(_))));
}

#[tokio::test]
async fn web_authorisation_goes_out_and_comes_back() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    let url = account.authorise_url("https://px.example.com/p/confirm?t=1&x=2", "s7ate").unwrap();
    assert_eq!(
        url,
        format!(
            "https://open.weixin.qq.com/connect/oauth2/authorize?appid={APPID}&redirect_uri=https%3A%2F%2Fpx.example.com%2Fp%2Fconfirm%3Ft%3D1%26x%3D2\
             &response_type=code&scope=snsapi_base&state=s7ate#wechat_redirect"
        )
    );
    for (redirect, state) in [("nonsense", "s"), ("javascript:alert(1)", "s"), ("https://a.example", ""), ("https://a.example", "a b")] {
        assert!(matches!(account.authorise_url(redirect, state), Err(WeChatError::Argument(_))), "{redirect} {state}");
    }
    assert_eq!(account.openid("c0de").await.unwrap(), "oPERSON");
    let query = platform.bodies("/sns/oauth2/access_token").remove(0);
    assert_eq!((&query["code"], &query["grant_type"], &query["appid"]), (&"c0de".into(), &"authorization_code".into(), &APPID.into()));
    for code in [40029, 40163, 42003] {
        platform.fault("/sns/oauth2/access_token", Fault::Code(code));
        assert_eq!(account.openid("c0de").await, Err(WeChatError::AuthorisationCode { code }));
    }
    assert_eq!(account.openid("a b").await, Err(WeChatError::AuthorisationCode { code: 40029 }));
    assert_eq!(platform.record().token_calls, 0, "this call needs no access token");
}

#[tokio::test]
async fn template_messages_and_their_refusals() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    let note = Note {
        url: Some("https://px.example.com/p/1".to_owned()),
        fields: vec![("thing1".to_owned(), "财务室-电脑".to_owned())],
        id: Some("once".to_owned()),
    };
    assert_eq!(account.notify("oPERSON", &note).await.unwrap(), 200_228_332);
    let body = platform.bodies("/cgi-bin/message/template/send").remove(0);
    assert_eq!((&body["touser"], &body["template_id"], &body["client_msg_id"]), (&"oPERSON".into(), &"tmpl-1".into(), &"once".into()));
    assert_eq!(body["data"]["thing1"]["value"], "财务室-电脑");
    let cases = [
        (43004, WeChatError::NotFollowing { code: 43004 }),
        (43019, WeChatError::NotTaking { code: 43019 }),
        (43101, WeChatError::NotTaking { code: 43101 }),
        (40037, WeChatError::NoTemplate),
        (45009, WeChatError::Limit { code: 45009 }),
        (-1, WeChatError::Busy),
    ];
    for (code, wanted) in cases {
        platform.fault("/cgi-bin/message/template/send", Fault::Code(code));
        assert_eq!(account.notify("oPERSON", &note).await, Err(wanted));
    }
    let odd = Note { url: Some("file:///etc/passwd".to_owned()), ..Note::default() };
    assert!(matches!(account.notify("oPERSON", &odd).await, Err(WeChatError::Argument(_))));
}

#[tokio::test]
async fn the_menu_has_its_three_entries() {
    let platform = Platform::start().await;
    let account = platform.account(Options::default());
    let page = |name: &str| format!("https://px.example.com/p/{name}");
    let links = MenuLinks { upgrade: page("upgrade"), configure: page("configure"), personal: page("me") };
    account.create_menu(&links).await.unwrap();
    let body = platform.bodies("/cgi-bin/menu/create").remove(0);
    assert_eq!(body["button"][0]["name"], "我的服务");
    let entries = body["button"][0]["sub_button"].as_array().unwrap().clone();
    let shown: Vec<_> = entries.iter().map(|entry| (entry["name"].as_str().unwrap(), entry["url"].as_str().unwrap())).collect();
    assert_eq!(
        shown,
        [
            ("数电升级", "https://px.example.com/p/upgrade"),
            ("配置企业", "https://px.example.com/p/configure"),
            ("个人中心", "https://px.example.com/p/me")
        ]
    );
    let odd = MenuLinks { personal: "not a link".to_owned(), ..links };
    assert!(matches!(account.create_menu(&odd).await, Err(WeChatError::Argument(_))));
}
