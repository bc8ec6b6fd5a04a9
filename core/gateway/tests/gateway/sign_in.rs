//! Signing in: the PC's ticket, the phone's page, the session.

use std::time::Duration;

use piaoxia_gateway::Limits;
use piaoxia_service::Verifier;
use piaoxia_service::contract::*;

use crate::support::*;

async fn ticket(client: &piaoxia_service::Client, keep: bool) -> (LoginTicket, Verifier) {
    let verifier = Verifier::random();
    let ticket = client.create_ticket(&ticket_request(device(1), &verifier, keep)).await.unwrap();
    (ticket, verifier)
}

fn wrong(number: &str) -> String {
    format!("{:03}", (number.parse::<u32>().unwrap() + 1) % 1000)
}

#[tokio::test]
async fn a_phone_signs_a_pc_in() {
    let (handle, client) = start(config()).await;
    let (ticket, verifier) = ticket(&client, true).await;
    let page = ticket.local_url.clone().unwrap();
    assert!(page.starts_with(handle.base_url()) && ticket.qr_text == page && ticket.number.len() == 3 && ticket.expires_in == 120);

    let mut phone = Browser::new();
    let shown = phone.open(&page).await;
    assert_eq!(shown.status, 200);
    assert!(shown.html.contains("财务室-&lt;PC&gt;") && shown.html.contains("0.1.0") && shown.html.contains("127.0.0.1"), "{}", shown.html);
    assert!(!shown.html.contains(&format!(">{}<", ticket.number)), "the number is never on the phone's page");
    assert!(shown.html.len() < 20_000);
    let token = shown.token();
    let seen = phone.post(&format!("{page}/seen"), &[("token", &token)]).await;
    assert_eq!(seen.status, 204);
    assert_eq!(client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap(), TicketState::Scanned);

    // The PC polls while the phone confirms.
    let waiting = tokio::spawn({
        let (client, id, request) = (client.clone(), ticket.id.clone(), poll(&verifier, "scanned"));
        async move { client.poll_ticket(&id, &request).await }
    });
    let full_width: String = ticket.number.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
    let fields = [("token", token.as_str()), ("name", " 王芳 "), ("number", &full_width), ("action", "confirm")];
    let done = phone.post(&page, &fields).await;
    assert_eq!(done.status, 200, "{}", done.html);
    assert!(done.html.contains("已确认登录"));
    let TicketState::Confirmed { session } = waiting.await.unwrap().unwrap() else { panic!("not confirmed") };
    assert_eq!((session.person.name.as_str(), session.activated), ("王芳", false));
    assert!(session.refresh_token.is_some() && session.refresh_until.is_some());

    client.set_session(Some(session.token));
    let me = client.session().await.unwrap();
    assert!(me.sandbox && !me.activated && me.person == session.person);
    assert!(client.companies().await.unwrap_err().is(code::NOT_ACTIVATED));

    // The same browser is known the next time.
    let (second, _) = self::ticket(&client, false).await;
    let shown = phone.open(second.local_url.as_ref().unwrap()).await;
    assert!(shown.html.contains("王芳") && !shown.html.contains("name=\"name\""));
}

#[tokio::test]
async fn the_session_goes_to_the_verifiers_holder_once() {
    let (_handle, client) = start(config()).await;
    let (ticket, verifier) = ticket(&client, false).await;
    let thief = Verifier::random();
    assert!(client.poll_ticket(&ticket.id, &poll(&thief, "x")).await.unwrap_err().is(code::NOT_FOUND));
    let phone = SandboxPhone { name: "李强".to_owned(), number: ticket.number.clone() };
    client.sandbox().confirm_ticket(&ticket.id, &phone).await.unwrap();
    assert!(client.poll_ticket(&ticket.id, &poll(&thief, "pending")).await.unwrap_err().is(code::NOT_FOUND));
    let state = client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap();
    let TicketState::Confirmed { session } = state else { panic!("not confirmed") };
    assert!(session.refresh_token.is_none(), "nobody asked for it");
    assert_eq!(client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap(), TicketState::Expired);
    assert!(client.sandbox().confirm_ticket(&ticket.id, &phone).await.is_err(), "a used ticket");
}

#[tokio::test]
async fn three_wrong_numbers_and_a_refusal_deny() {
    let (_handle, client) = start(config()).await;
    let (ticket, verifier) = ticket(&client, false).await;
    let page = ticket.local_url.clone().unwrap();
    let mut phone = Browser::new();
    let token = phone.open(&page).await.token();
    let bad = wrong(&ticket.number);
    let fields = [("token", token.as_str()), ("name", "王芳"), ("number", bad.as_str()), ("action", "confirm")];
    for (status, says) in [(422, "还可以再试 2 次"), (422, "还可以再试 1 次"), (403, "已拒绝")] {
        let shown = phone.post(&page, &fields).await;
        assert_eq!(shown.status, status);
        assert!(shown.html.contains(says), "{}", shown.html);
    }
    assert_eq!(client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap(), TicketState::Denied);
    let right = [("token", token.as_str()), ("name", "王芳"), ("number", ticket.number.as_str()), ("action", "confirm")];
    assert_eq!(phone.post(&page, &right).await.status, 403, "too late for the right one");

    let (other, verifier) = self::ticket(&client, false).await;
    let page = other.local_url.clone().unwrap();
    let token = phone.open(&page).await.token();
    assert_eq!(phone.post(&page, &[("token", &token), ("action", "deny")]).await.status, 200);
    assert_eq!(client.poll_ticket(&other.id, &poll(&verifier, "pending")).await.unwrap(), TicketState::Denied);
    assert_eq!(phone.open(&page).await.status, 403);
}

#[tokio::test]
async fn an_expired_ticket_says_so_on_both_sides() {
    let limits = Limits { ticket_life: Duration::from_millis(1_500), ..Limits::default() };
    let (handle, client) = start(piaoxia_gateway::GatewayConfig { limits, ..config() }).await;
    let (ticket, verifier) = ticket(&client, false).await;
    let page = ticket.local_url.clone().unwrap();
    let mut phone = Browser::new();
    let token = phone.open(&page).await.token();
    // The poll wakes at the end of the ticket, long before its own.
    assert_eq!(client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap(), TicketState::Expired);
    let shown = phone.open(&page).await;
    assert!(shown.status == 410 && shown.html.contains("已过期"));
    let fields = [("token", token.as_str()), ("name", "王芳"), ("number", ticket.number.as_str()), ("action", "confirm")];
    assert_eq!(phone.post(&page, &fields).await.status, 410);
    let unknown = format!("{}/p/login/{}", handle.base_url(), "0".repeat(32));
    assert_eq!(phone.open(&unknown).await.status, 404);
}

#[tokio::test]
async fn a_get_changes_nothing_and_a_form_comes_from_our_page_alone() {
    let (handle, client) = start(config()).await;
    let (ticket, verifier) = ticket(&client, false).await;
    let page = ticket.local_url.clone().unwrap();
    let mut phone = Browser::new();
    let token = phone.open(&page).await.token();
    for address in [page.clone(), format!("{page}?action=confirm&number={}&token={token}&name=x", ticket.number), format!("{page}/seen")] {
        phone.open(&address).await;
    }
    let own = handle.base_url();
    let number = ticket.number.as_str();
    let good = [("token", token.as_str()), ("name", "王芳"), ("number", number), ("action", "confirm")];
    let forged = [("token", "0000"), ("name", "王芳"), ("number", number), ("action", "confirm")];
    type Case<'a> = (Option<&'a str>, Option<&'a str>, &'a [(&'a str, &'a str)]);
    let cases: [Case<'_>; 8] = [
        (None, None, &good),
        (Some("null"), None, &good),
        (Some("https://evil.example"), Some("cross-site"), &good),
        (Some(own), Some("cross-site"), &good),
        (Some(own), Some("same-site"), &good),
        (Some("http://127.0.0.1:1"), Some("same-origin"), &good),
        (Some(own), Some("same-origin"), &forged),
        (Some(own), Some("same-origin"), &[("number", number), ("action", "confirm")]),
    ];
    for (origin, site, fields) in cases {
        assert_eq!(phone.post_from(&page, origin, site, fields).await.status, 403, "{origin:?} {site:?}");
        assert_eq!(phone.post_from(&format!("{page}/seen"), origin, site, fields).await.status, 403, "{origin:?} {site:?}");
    }
    // Another browser with the stolen form.
    assert_eq!(Browser::new().post(&page, &good).await.status, 403);
    // The form of one ticket does not confirm another.
    let (other, _) = self::ticket(&client, false).await;
    let fields = [("token", token.as_str()), ("name", "王芳"), ("number", other.number.as_str()), ("action", "confirm")];
    assert_eq!(phone.post(other.local_url.as_ref().unwrap(), &fields).await.status, 403);
    assert_eq!(client.poll_ticket(&ticket.id, &poll(&verifier, "")).await.unwrap(), TicketState::Pending);
    assert_eq!(phone.post(&page, &good).await.status, 200, "ours passes");
}

#[tokio::test]
async fn pages_are_safe_to_show() {
    let (_handle, client) = start(config()).await;
    let (ticket, _) = ticket(&client, false).await;
    let shown = Browser::new().open(ticket.local_url.as_ref().unwrap()).await;
    let header = |name: &str| shown.headers.get(name).unwrap().to_str().unwrap().to_owned();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
    assert_eq!((header("x-frame-options").as_str(), header("cache-control").as_str()), ("DENY", "no-store"));
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(shown.html.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
    assert_eq!(shown.html.matches("<script").count() + shown.html.matches("<style").count(), 2);
    assert!(!shown.html.contains("http://") && !shown.html.contains("https://"), "nothing comes from elsewhere");
}

#[tokio::test]
async fn a_name_is_asked_for_and_checked() {
    let (_handle, client) = start(config()).await;
    let (ticket, _) = ticket(&client, false).await;
    let page = ticket.local_url.clone().unwrap();
    let mut phone = Browser::new();
    let token = phone.open(&page).await.token();
    for bad in ["", "   ", "\u{202E}\u{200B}", &"长".repeat(21)] {
        let fields = [("token", token.as_str()), ("name", bad), ("number", ticket.number.as_str()), ("action", "confirm")];
        let shown = phone.post(&page, &fields).await;
        assert!(shown.status == 422 && shown.html.contains("1 到 20 个字"), "{bad:?}");
    }
    let fields = [("token", token.as_str()), ("name", "<i>王芳"), ("number", ticket.number.as_str()), ("action", "confirm")];
    assert_eq!(phone.post(&page, &fields).await.status, 200);
    let (second, _) = self::ticket(&client, false).await;
    let shown = phone.open(second.local_url.as_ref().unwrap()).await;
    assert!(shown.html.contains("&lt;i&gt;王芳") && !shown.html.contains("<i>王芳"));
}

#[tokio::test]
async fn odd_tickets_are_refused() {
    let (_handle, client) = start(config()).await;
    let good = ticket_request(device(1), &Verifier::random(), false);
    let mut short = good.clone();
    short.challenge.pop();
    let mut odd = good.clone();
    odd.device.id = "../".repeat(10);
    for bad in [short, odd] {
        assert!(client.create_ticket(&bad).await.unwrap_err().is(code::BAD_REQUEST));
    }
}

#[tokio::test]
async fn thirty_days_without_signing_in() {
    let (_handle, client) = start(config()).await;
    let first = sign_in(&client, device(1), "王芳", true).await;
    activate(&client).await;
    let request = |token: &Option<String>, number| RefreshRequest { refresh_token: token.clone().unwrap(), device: device(number) };
    client.set_session(None);
    let second = client.refresh_session(&request(&first.refresh_token, 1)).await.unwrap();
    assert!(second.activated && second.refresh_until == first.refresh_until && second.token != first.token);
    client.set_session(Some(second.token.clone()));
    client.companies().await.unwrap();

    // The first token again after its successor was used: somebody copied it. Everything from that sign-in ends.
    let third = client.refresh_session(&request(&second.refresh_token, 1)).await.unwrap();
    client.set_session(Some(third.token.clone()));
    let error = client.refresh_session(&request(&first.refresh_token, 1)).await.unwrap_err();
    assert!(error.is(code::REFRESH_INVALID) && error.class() == Some(ErrorClass::Unauthorized));
    assert!(client.session().await.unwrap_err().is(code::SESSION_INVALID));
    assert!(client.refresh_session(&request(&third.refresh_token, 1)).await.is_err());

    // Another PC cannot use it.
    let fourth = sign_in(&client, device(1), "王芳", true).await;
    assert!(client.refresh_session(&request(&fourth.refresh_token, 2)).await.is_err());
    assert!(client.refresh_session(&request(&fourth.refresh_token, 1)).await.is_err(), "and then nobody can");
}

#[tokio::test]
async fn a_lost_answer_costs_no_sign_in_and_the_token_in_it_is_good_for_nothing() {
    let (_handle, client) = start(config()).await;
    let first = sign_in(&client, device(1), "王芳", true).await;
    let request = |token: &Option<String>, number| RefreshRequest { refresh_token: token.clone().unwrap(), device: device(number) };
    client.set_session(None);
    // Twice the answer does not arrive.
    let lost = client.refresh_session(&request(&first.refresh_token, 1)).await.unwrap();
    client.refresh_session(&request(&first.refresh_token, 1)).await.unwrap();
    let arrived = client.refresh_session(&request(&first.refresh_token, 1)).await.unwrap();
    assert_eq!(arrived.refresh_until, first.refresh_until);
    client.set_session(Some(lost.token));
    assert!(client.session().await.unwrap_err().is(code::SESSION_INVALID), "the session of the lost answer is over");
    client.set_session(Some(arrived.token));
    client.session().await.unwrap();
    let next = client.refresh_session(&request(&arrived.refresh_token, 1)).await.unwrap();
    client.set_session(Some(next.token));
    client.session().await.unwrap();

    // Somebody had read the lost answer: all of it ends.
    assert!(client.refresh_session(&request(&lost.refresh_token, 1)).await.unwrap_err().is(code::REFRESH_INVALID));
    assert!(client.session().await.unwrap_err().is(code::SESSION_INVALID));
    assert!(client.refresh_session(&request(&next.refresh_token, 1)).await.is_err());

    // Another PC gets nothing by sending a token again.
    let again = sign_in(&client, device(1), "王芳", true).await;
    client.refresh_session(&request(&again.refresh_token, 1)).await.unwrap();
    assert!(client.refresh_session(&request(&again.refresh_token, 2)).await.is_err());
    assert!(client.refresh_session(&request(&again.refresh_token, 1)).await.is_err(), "and then nobody can");
}

#[tokio::test]
async fn a_token_whose_successor_has_arrived_is_good_for_nothing() {
    let (_handle, client, _) = activated(config()).await;
    let first = sign_in(&client, device(1), "王芳", true).await;
    let request = |token: &Option<String>| RefreshRequest { refresh_token: token.clone().unwrap(), device: device(1) };
    let second = client.refresh_session(&request(&first.refresh_token)).await.unwrap();
    client.set_session(Some(second.token.clone()));
    client.companies().await.unwrap();
    // Somebody has copied it.
    assert!(client.refresh_session(&request(&first.refresh_token)).await.unwrap_err().is(code::REFRESH_INVALID));
    assert!(client.session().await.unwrap_err().is(code::SESSION_INVALID));
    assert!(client.refresh_session(&request(&second.refresh_token)).await.is_err());
}

#[tokio::test]
async fn signing_out_and_unbinding() {
    let (_handle, client, _) = activated(config()).await;
    let again = sign_in(&client, device(1), "王芳", true).await;
    assert!(again.activated, "the PC is bound already");
    client.sign_out().await.unwrap();
    assert!(client.session().await.unwrap_err().is(code::SESSION_INVALID));
    let refresh = RefreshRequest { refresh_token: again.refresh_token.unwrap(), device: device(1) };
    assert!(client.refresh_session(&refresh).await.is_err(), "a scan is needed again");

    let old_code = mailed_code(&client).await;
    let back = sign_in(&client, device(1), "王芳", true).await;
    assert!(back.activated, "signing out keeps the right");
    client.unbind().await.unwrap();
    assert!(client.session().await.unwrap_err().is(code::SESSION_INVALID));
    let refresh = RefreshRequest { refresh_token: back.refresh_token.unwrap(), device: device(1) };
    assert!(client.refresh_session(&refresh).await.is_err());
    let after = sign_in(&client, device(1), "王芳", false).await;
    assert!(!after.activated, "activation is needed again");
    assert!(client.activate(&ActivationRequest { code: old_code }).await.unwrap_err().is(code::ACTIVATION_USED));
    assert_eq!(activate(&client).await.len(), 3, "the sandbox mails a new code");
}

#[tokio::test]
async fn a_session_ends_by_the_services_clock() {
    let limits = Limits { session_life: Duration::from_millis(200), ..Limits::default() };
    let (_handle, client) = start(piaoxia_gateway::GatewayConfig { limits, ..config() }).await;
    sign_in(&client, device(1), "王芳", false).await;
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert!(client.session().await.unwrap_err().is(code::SESSION_INVALID));
}

#[tokio::test]
async fn phones_of_the_network_see_the_pages_alone() {
    let (handle, client) = start(config()).await;
    let urls = handle.allow_phones(true).await.unwrap();
    assert_eq!(handle.allow_phones(true).await.unwrap(), urls, "opened once");
    let (ticket, _) = ticket(&client, false).await;
    if let Some(url) = urls.first() {
        assert!(ticket.qr_text.starts_with(url.as_str()));
        let mut phone = Browser::new();
        assert_eq!(phone.open(&ticket.qr_text).await.status, 200);
        for path in ["/v1/session", "/v1/openapi.json", "/sandbox/v1/messages"] {
            assert_eq!(phone.open(&format!("{url}{path}")).await.status, 404, "{path}");
        }
    }
    assert!(handle.allow_phones(false).await.unwrap().is_empty());
    let (on, off) = tokio::join!(handle.allow_phones(true), handle.allow_phones(false));
    assert!(off.unwrap().is_empty());
    let urls = [urls, on.unwrap()].concat();
    let (later, _) = self::ticket(&client, false).await;
    assert!(later.qr_text.starts_with(handle.base_url()));
    for url in &urls {
        let closed = reqwest::Client::builder().no_proxy().build().unwrap().get(url.as_str()).send().await;
        assert!(closed.is_err(), "the listener is gone");
    }
}
