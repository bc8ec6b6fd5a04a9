//! A WeChat Official Account in front of the pages: the platform is a server, the phone's browser is real.

use piaoxia_browser::Phone;
use piaoxia_domain::Scope;
use piaoxia_gateway::{GatewayConfig, GatewayHandle, SimConnector};
use piaoxia_service::contract::{BindState, JobKind, JobRequest, LoginTicket, TicketState};
use piaoxia_service::{Client, Verifier};

use crate::platform::{Platform, config as settings};
use crate::signing::{event_of, now, query};
use crate::support::{SIZE, activate, demo_accounts, device, job, last_month, poll, query as monthly, solve, start, ticket_request};

const AGENT: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.50";

/// A hosted gateway with an Official Account; the sandbox's controls only where they are wanted.
async fn hosted(platform: &Platform, sandbox: bool) -> (GatewayHandle, Client, String) {
    // The public address is part of the settings, so the port is chosen before.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let base = format!("http://127.0.0.1:{port}");
    let address = format!("http://{}", platform.address);
    let mut wechat = settings(&address, false);
    wechat.open_base = address;
    let connector = std::sync::Arc::new(SimConnector::quick(SIZE));
    let config = GatewayConfig {
        listen: format!("127.0.0.1:{port}").parse().unwrap(),
        public_url: Some(base.clone()),
        sandbox,
        wechat: Some(wechat),
        ..GatewayConfig::new(connector)
    };
    let (handle, client) = start(config).await;
    (handle, client, base)
}

async fn ticket(client: &Client) -> (LoginTicket, Verifier) {
    let verifier = Verifier::random();
    (client.create_ticket(&ticket_request(device(1), &verifier, false)).await.unwrap(), verifier)
}

/// The platform delivers an event; gives status and answer.
async fn deliver(base: &str, nonce: &str, body: String) -> (u16, String) {
    let query = query(now(), nonce);
    let fields = [("signature", query.signature), ("timestamp", query.timestamp), ("nonce", query.nonce)];
    let request = reqwest::Client::new().post(format!("{base}/wechat/callback")).query(&fields).body(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_phone_that_scanned_confirms_and_no_other() {
    let platform = Platform::start().await;
    let (_handle, client, base) = hosted(&platform, false).await;
    let (ticket, verifier) = ticket(&client).await;
    assert_eq!(ticket.qr_text, format!("http://weixin.qq.com/q/login:{}", ticket.id), "the QR is WeChat's");
    assert!(ticket.local_url.is_none());

    // A link that somebody sent before anybody scanned is no QR that was seen, whatever number comes with it.
    platform.record().person = "oBBB".to_owned();
    let other = Phone::open_as(Some(AGENT)).await.unwrap();
    other.go(&format!("{base}/p/login/{}", ticket.id)).await.unwrap();
    confirm(&other, &ticket.number).await;
    other.see("别人转发的链接不能确认登录").await.unwrap();

    // The scan: the PC hears of it, and the reply leads to the page.
    let scene = format!("login:{}", ticket.id);
    let (status, reply) = deliver(&base, "1", event_of("oAAA", "SCAN", &scene)).await;
    assert_eq!(status, 200);
    let page = format!("{base}/p/login/{}", ticket.id);
    assert!(reply.contains(&format!("href=\"{page}\"")) && reply.contains("财务室-＜PC＞"), "{reply}");
    assert_eq!(client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap(), TicketState::Scanned);
    // Delivered again, it gets the same answer; another phone does not get the QR.
    let (_, again) = deliver(&base, "2", event_of("oAAA", "SCAN", &scene)).await;
    assert!(again.contains(&page));
    let (_, second) = deliver(&base, "3", event_of("oBBB", "SCAN", &scene)).await;
    assert!(second.contains("另一部手机扫过") && !second.contains("href"), "{second}");

    // Somebody else opens the link that was forwarded to her.
    other.go(&page).await.unwrap();
    confirm(&other, &ticket.number).await;
    other.see("只能由扫码的微信确认").await.unwrap();
    // A browser that is no WeChat.
    let plain = Phone::open().await.unwrap();
    plain.go(&page).await.unwrap();
    confirm(&plain, &ticket.number).await;
    plain.see("不能在这里确认").await.unwrap();

    platform.record().person = "oAAA".to_owned();
    let mine = Phone::open_as(Some(AGENT)).await.unwrap();
    mine.go(&page).await.unwrap();
    confirm(&mine, &ticket.number).await;
    mine.see("已确认登录").await.unwrap();
    let TicketState::Confirmed { session } = client.poll_ticket(&ticket.id, &poll(&verifier, "scanned")).await.unwrap() else {
        panic!("not confirmed")
    };
    assert_eq!(session.person.name, "王芳");

    // The next time she is known by her WeChat account, in any browser of hers.
    let new = Phone::open_as(Some(AGENT)).await.unwrap();
    new.go(&format!("{base}/p")).await.unwrap();
    new.see("王芳，您好").await.unwrap();
    for phone in [other, plain, mine, new] {
        phone.close().await;
    }
}

async fn confirm(phone: &Phone, number: &str) {
    phone.see("登录电脑上的票匣").await.unwrap();
    phone.fill("name", "王芳").await.unwrap();
    phone.fill("number", number).await.unwrap();
    phone.press("确认登录").await.unwrap();
}

/// A link of somebody else's authorisation does not make a browser that somebody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authorisation_belongs_to_the_browser_that_began_it() {
    let platform = Platform::start().await;
    let (_handle, _client, base) = hosted(&platform, false).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let begun = http.get(format!("{base}/wechat/go?to=/p/me")).send().await.unwrap();
    assert_eq!(begun.status(), 303);
    let target = reqwest::Url::parse(begun.headers()["location"].to_str().unwrap()).unwrap();
    let state = target.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let phone = Phone::open_as(Some(AGENT)).await.unwrap();
    phone.go(&format!("{base}/wechat/in?to=/p/me&code=code-of-oEVIL&state={state}")).await.unwrap();
    phone.see("无法确认这次操作").await.unwrap();
    for to in ["https://evil.example/", "//evil.example", "/v1/session", "/p/%0d%0ax"] {
        let refused = http.get(format!("{base}/wechat/go")).query(&[("to", to)]).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{to}");
    }
    phone.close().await;
}

/// What is not the platform's is refused; what is over or unknown is said.
#[tokio::test]
async fn forged_and_useless_deliveries() {
    let platform = Platform::start().await;
    let (_handle, client, base) = hosted(&platform, false).await;
    let (ticket, verifier) = ticket(&client).await;
    let scan = event_of("oAAA", "SCAN", &format!("login:{}", ticket.id));
    let forged = reqwest::Client::new().post(format!("{base}/wechat/callback?signature=x&timestamp=1&nonce=1")).body(scan).send().await;
    assert_eq!(forged.unwrap().status(), 403);
    // Signed by the platform, and sent again by somebody else long after.
    let old = query(now() - 3600, "old");
    let fields = [("signature", old.signature), ("timestamp", old.timestamp), ("nonce", old.nonce)];
    let late = event_of("oAAA", "SCAN", &format!("login:{}", ticket.id));
    let stale = reqwest::Client::new().post(format!("{base}/wechat/callback")).query(&fields).body(late).send().await.unwrap();
    assert_eq!(stale.status(), 403);
    assert_eq!(client.poll_ticket(&ticket.id, &poll(&verifier, "x")).await.unwrap(), TicketState::Pending);
    for (nonce, scene) in [("1", "login:unknown"), ("2", "pay:1"), ("3", "bind:x"), ("4", "key:x")] {
        let (status, reply) = deliver(&base, nonce, event_of("oAAA", "SCAN", scene)).await;
        assert!(status == 200 && reply.contains("无效或已过期"), "{scene}: {reply}");
    }
    let (_, hello) = deliver(&base, "5", event_of("oAAA", "subscribe", "")).await;
    assert!(hello.contains("欢迎使用票匣") && hello.contains(&format!("{base}/p/upgrade")), "{hello}");
    assert_eq!(deliver(&base, "6", event_of("oAAA", "unsubscribe", "")).await.1, "success");
    // The menu was put into place.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while platform.bodies("/cgi-bin/menu/create").is_empty() {
        assert!(std::time::Instant::now() < deadline);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let menu = platform.bodies("/cgi-bin/menu/create").remove(0).to_string();
    assert!(menu.contains(&format!("{base}/p/me")), "{menu}");
}

/// Without QR codes of the platform the page's own address is shown, and opened in WeChat it still signs in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_that_makes_no_qr_does_not_stop_signing_in() {
    let platform = Platform::start().await;
    platform.fault("/cgi-bin/qrcode/create", crate::platform::Fault::Status(500));
    let (_handle, client, base) = hosted(&platform, false).await;
    let (ticket, verifier) = ticket(&client).await;
    assert_eq!(ticket.qr_text, format!("{base}/p/login/{}", ticket.id));
    platform.record().person = "oAAA".to_owned();
    let phone = Phone::open_as(Some(AGENT)).await.unwrap();
    phone.go(&ticket.qr_text).await.unwrap();
    confirm(&phone, &ticket.number).await;
    phone.see("已确认登录").await.unwrap();
    let state = client.poll_ticket(&ticket.id, &poll(&verifier, "scanned")).await.unwrap();
    assert!(matches!(state, TicketState::Confirmed { .. }), "{state:?}");
    // The links of mails keep their secret on the way.
    phone.go(&format!("{base}/p/renew#{}", "a".repeat(64))).await.unwrap();
    phone.press("发送新邮件").await.unwrap();
    phone.see("链接无效或已失效").await.unwrap();
    phone.close().await;
}

/// An account is bound by a scan; when work waits for its sign-in, the person gets a message that leads to the page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_account_calls_its_person_by_a_message() {
    let platform = Platform::start().await;
    let (_handle, client, base) = hosted(&platform, true).await;
    let (ticket, verifier) = ticket(&client).await;
    deliver(&base, "1", event_of("oAAA", "subscribe", &format!("qrscene_login:{}", ticket.id))).await;
    platform.record().person = "oAAA".to_owned();
    let phone = Phone::open_as(Some(AGENT)).await.unwrap();
    phone.go(&format!("{base}/p/login/{}", ticket.id)).await.unwrap();
    confirm(&phone, &ticket.number).await;
    phone.see("已确认登录").await.unwrap();
    let TicketState::Confirmed { session } = client.poll_ticket(&ticket.id, &poll(&verifier, "scanned")).await.unwrap() else {
        panic!("not confirmed")
    };
    client.set_session(Some(session.token.clone()));
    let company = activate(&client).await.remove(0);
    let demo = demo_accounts(&client, &company.id).await.remove(0);
    let step = client.add_account(&company.id, &demo.request).await.unwrap();
    let account = solve(&client, step, &demo).await;

    let bind = client.bind_account(&account.id).await.unwrap();
    assert_eq!(bind.qr_text, format!("http://weixin.qq.com/q/bind:{}", bind.id));
    let (_, reply) = deliver(&base, "2", event_of("oAAA", "SCAN", &format!("bind:{}", bind.id))).await;
    assert!(reply.contains(&company.name), "{reply}");
    assert_eq!(client.bind_state(&account.id, &bind.id).await.unwrap(), BindState::Scanned);
    phone.go(&format!("{base}/p/bind/{}", bind.id)).await.unwrap();
    phone.press("确认绑定").await.unwrap();
    phone.see("已绑定").await.unwrap();

    // A web sign-in elsewhere ends the session; the password is in the gateway's memory, and the code goes to a phone.
    client.sandbox().kick(&account.id).await.unwrap();
    let summary = job("one", JobKind::Summary, &company.id, monthly(Scope::Received, last_month()));
    client.start_job(&JobRequest { account: Some(account.id.clone()), ..summary }).await.unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while platform.bodies("/cgi-bin/message/template/send").is_empty() {
        assert!(std::time::Instant::now() < deadline, "no message");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let message = platform.bodies("/cgi-bin/message/template/send").remove(0);
    assert_eq!((message["touser"].as_str(), message["url"].as_str()), (Some("oAAA"), Some(format!("{base}/p/me").as_str())));
    assert_eq!(message["data"]["thing1"]["value"], company.name.as_str());
    phone.go(&format!("{base}/p/me")).await.unwrap();
    phone.see("登录需要验证").await.unwrap();
    phone.close().await;
}
