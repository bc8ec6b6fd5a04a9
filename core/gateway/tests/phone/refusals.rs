//! What a thief, a guesser or a second phone gets.

use piaoxia_browser::Phone;
use piaoxia_service::contract::{ActivationRequest, TicketState, code};
use piaoxia_service::{ClientError, Verifier};

use crate::support::{config, device, poll, sign_in, start, ticket_request};
use crate::{apply, bind, mail_to, word};

const COMPANY: &str = "上海票匣示例贸易有限公司";

/// Two phones on one QR: the first that confirms has it, the second is told; the key is used up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_phones_on_one_qr() {
    let (handle, client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let (one, two) = (Phone::open().await.unwrap(), Phone::open().await.unwrap());
    let mail = apply(&one, &client, &base, COMPANY, "a@example.com").await;
    let link = word(&mail.text, &format!("{base}/p/key#")).to_owned();
    one.go(&link).await.unwrap();
    one.press("提交").await.unwrap();
    one.see("等待扫码").await.unwrap();
    let ticket = one.url().await.unwrap().rsplit('/').next().unwrap().to_owned();
    for phone in [&one, &two] {
        phone.go(&format!("{base}/p/start/{ticket}")).await.unwrap();
        phone.see("绑定操作手机").await.unwrap();
    }
    two.press("确认绑定").await.unwrap();
    two.see("待配置").await.unwrap();
    one.press("确认绑定").await.unwrap();
    one.see("在一部手机上用过了").await.unwrap();
    one.go(&format!("{base}/p/companies")).await.unwrap();
    one.see("还不认识这部手机").await.unwrap();
    // The key again.
    one.go(&link).await.unwrap();
    one.press("提交").await.unwrap();
    one.see("已经在一部手机上用过了").await.unwrap();
    // A second application says so.
    one.go(&format!("{base}/p/upgrade/sim-0")).await.unwrap();
    one.press("下一步").await.unwrap();
    for (name, value) in [("email", "b@example.com"), ("name", "李四"), ("phone", "13900000002")] {
        one.fill(name, value).await.unwrap();
    }
    one.press("提交申请").await.unwrap();
    one.see("已经提交过升级申请").await.unwrap();
    one.close().await;
    two.close().await;
}

/// An answer that got lost burns no key: the same browser sends its form again and is known then. Another browser is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_burns_no_key() {
    let (handle, client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let (phone, other) = (Phone::open().await.unwrap(), Phone::open().await.unwrap());
    let mail = apply(&phone, &client, &base, COMPANY, "a@example.com").await;
    phone.go(word(&mail.text, &format!("{base}/p/key#"))).await.unwrap();
    phone.press("提交").await.unwrap();
    phone.see("等待扫码").await.unwrap();
    let start = format!("{base}/p/start/{}", phone.url().await.unwrap().rsplit('/').next().unwrap());
    for one in [&phone, &other] {
        one.go(&start).await.unwrap();
        one.see("绑定操作手机").await.unwrap();
    }
    let sent = "return fetch(location.pathname,{method:'POST',redirect:'manual',\
        body:new URLSearchParams(new FormData(document.querySelector('form')))}).then(()=>'sent')";
    assert_eq!(phone.run(sent).await.unwrap(), "sent");
    phone.forget("piaoxia_phone").await.unwrap();
    other.press("确认绑定").await.unwrap();
    other.see("已经在一部手机上用过了").await.unwrap();
    phone.press("确认绑定").await.unwrap();
    phone.see("待配置").await.unwrap();
    // The link of the mail now brings a new code alone: there is no key any more.
    phone.go(word(&mail.text, &format!("{base}/p/renew#"))).await.unwrap();
    phone.press("发送新邮件").await.unwrap();
    phone.see("新邮件已发送").await.unwrap();
    let newest = mail_to(&client, "a@example.com").await;
    assert!(newest.subject.contains("新的激活码") && !newest.text.contains("/p/key"), "{}", newest.subject);
    for one in [phone, other] {
        one.close().await;
    }
}

/// A page that frames ours shows nothing of it; a page of another site cannot send our forms.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_page_cannot_frame_or_send() {
    let (handle, client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let phone = Phone::open().await.unwrap();
    let mail = apply(&phone, &client, &base, COMPANY, "a@example.com").await;
    bind(&phone, &mail, &base).await;
    let verifier = Verifier::random();
    let ticket = client.create_ticket(&ticket_request(device(7), &verifier, false)).await.unwrap();
    let page = format!("{base}/p/login/{}", ticket.id);
    let hostile = format!(
        "<!doctype html><iframe id=f src=\"{page}\"></iframe><form id=s method=post action=\"{page}\"><input name=number value={}>\
         <input name=action value=confirm><input name=token value=x></form>",
        ticket.number
    );
    let server = hostile_server(hostile).await;
    phone.go(&server).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let shown = phone.framed_text().await.unwrap();
    assert!(!shown.contains("确认登录"), "the frame shows our page: {shown}");
    let framed = phone.run("try{return document.getElementById('f').contentDocument!==null}catch(e){return 'foreign'}").await.unwrap();
    assert_ne!(framed, true, "the frame holds an error page of another origin, not ours: {framed}");
    phone.run("document.getElementById('s').submit()").await.unwrap();
    phone.see("无法确认这次操作").await.unwrap();
    let state = client.poll_ticket(&ticket.id, &poll(&verifier, "x")).await.unwrap();
    assert!(matches!(state, TicketState::Pending), "{state:?}");
    phone.close().await;
}

async fn hostile_server(html: String) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let html = html.clone();
            tokio::spawn(async move {
                let mut head = [0_u8; 4096];
                drop(stream.read(&mut head).await);
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{html}",
                    html.len()
                );
                drop(stream.write_all(answer.as_bytes()).await);
            });
        }
    });
    format!("http://localhost:{}/", address.port())
}

/// Forms without a token of this browser, from elsewhere, or by the wrong method change nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_wants_its_own_token() {
    let (handle, _client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let forms = [
        "/p/upgrade/sim-0/contact",
        "/p/key",
        "/p/start/x",
        "/p/renew",
        "/p/revoke",
        "/p/company/sim-0/default",
        "/p/company/sim-0/account",
        "/p/account/x/login",
        "/p/account/x/bind",
        "/p/account/x/unbind",
        "/p/challenge/x",
        "/p/challenge/x/look",
        "/p/bind/x",
        "/p/bind/x/seen",
        "/p/login/x",
    ];
    for path in forms {
        for (origin, cookie) in [
            (None, false),
            (Some(base.clone()), false),
            (Some(base.clone()), true),
            (Some("null".to_owned()), true),
            (Some("https://evil.example".to_owned()), true),
        ] {
            let form = "application/x-www-form-urlencoded";
            let mut request = http.post(format!("{base}{path}")).header("content-type", form).body("token=guessed");
            if let Some(origin) = &origin {
                request = request.header("origin", origin);
            }
            if cookie {
                request = request.header("cookie", format!("piaoxia_form={}", "a".repeat(32)));
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 403, "{path} from {origin:?}");
        }
    }
}

/// Wrong keys are slowed down; expired, used and stolen codes and links are refused, each by its name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_are_slowed_down_and_links_work_once() {
    let (handle, client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let phone = Phone::open().await.unwrap();
    let mail = apply(&phone, &client, &base, COMPANY, "a@example.com").await;
    // The renewal: at most three mails an hour, and the old key ends.
    let renew = word(&mail.text, &format!("{base}/p/renew#")).to_owned();
    for round in 0..4 {
        phone.go(&format!("{base}/p")).await.unwrap();
        phone.go(&renew).await.unwrap();
        phone.press("发送新邮件").await.unwrap();
        phone.see(if round < 3 { "新邮件已发送" } else { "操作太频繁" }).await.unwrap();
    }
    phone.go(word(&mail.text, &format!("{base}/p/key#"))).await.unwrap();
    phone.press("提交").await.unwrap();
    phone.see("密钥不正确").await.unwrap();
    let newest = mail_to(&client, "a@example.com").await;
    assert_ne!(newest.code, mail.code);
    // Guessing keys.
    for _ in 0..4 {
        phone.fill("key", &"0".repeat(32)).await.unwrap();
        phone.press("提交").await.unwrap();
        phone.see("密钥不正确").await.unwrap();
    }
    phone.fill("key", &"0".repeat(32)).await.unwrap();
    phone.press("提交").await.unwrap();
    phone.see("操作太频繁").await.unwrap();
    // A code that was redeemed on one PC opens no other.
    sign_in(&client, device(1), "王芳", false).await;
    let code = newest.code.unwrap();
    client.activate(&ActivationRequest { code: code.clone() }).await.unwrap();
    sign_in(&client, device(2), "王芳", false).await;
    let refused = client.activate(&ActivationRequest { code }).await.unwrap_err();
    assert!(matches!(refused, ClientError::Api(error) if error.code == code::ACTIVATION_USED));
    phone.close().await;
}

/// A new PC of a person with an address is told by mail, and the mail's link ends its right at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_pc_is_told_and_can_be_revoked() {
    let (handle, client) = start(config()).await;
    let base = handle.base_url().to_owned();
    let phone = Phone::open().await.unwrap();
    let mail = apply(&phone, &client, &base, COMPANY, "a@example.com").await;
    bind(&phone, &mail, &base).await;
    let verifier = Verifier::random();
    let ticket = client.create_ticket(&ticket_request(device(9), &verifier, true)).await.unwrap();
    phone.go(&format!("{base}/p/login/{}", ticket.id)).await.unwrap();
    phone.see("以 王芳 的身份登录").await.unwrap();
    phone.fill("number", &ticket.number).await.unwrap();
    phone.press("确认登录").await.unwrap();
    phone.see("已确认登录").await.unwrap();
    let TicketState::Confirmed { session } = client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap() else {
        panic!("not confirmed")
    };
    client.set_session(Some(session.token));
    assert!(client.session().await.is_ok());
    let news = mail_to(&client, "a@example.com").await;
    assert!(news.subject.contains("新电脑登录"), "{}", news.subject);
    phone.go(word(&news.text, &format!("{base}/p/revoke#"))).await.unwrap();
    phone.press("取消权限").await.unwrap();
    phone.see("已取消权限").await.unwrap();
    assert!(client.session().await.is_err());
    phone.go(&format!("{base}/p")).await.unwrap();
    phone.go(word(&news.text, &format!("{base}/p/revoke#"))).await.unwrap();
    phone.press("取消权限").await.unwrap();
    phone.see("链接无效或已失效").await.unwrap();
    phone.close().await;
}
