//! What every request passes.

use std::sync::Arc;
use std::time::Duration;

use piaoxia_gateway::{Gateway, GatewayConfig, Limits};
use piaoxia_service::Client;
use piaoxia_service::contract::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::stub::Stub;
use crate::support::*;

fn plain() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn error_of(response: reqwest::Response) -> (u16, ApiError) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()[PROTOCOL_HEADER], PROTOCOL);
    let id = response.headers()[REQUEST_ID_HEADER].to_str().unwrap().to_owned();
    let error: ApiError = response.json().await.unwrap();
    assert_eq!(error.request_id, id);
    (status, error)
}

#[tokio::test]
async fn errors_are_json_whatever_happens() {
    let (handle, client) = start(config()).await;
    sign_in(&client, device(1), "王芳", false).await;
    let (base, http) = (handle.base_url().to_owned(), plain());
    let get = async |path: &str| error_of(http.get(format!("{base}{path}")).send().await.unwrap()).await;
    assert_eq!(get("/v1/nothing").await.0, 404);
    assert_eq!(get("/").await.0, 404);
    assert_eq!(get("/v1/session").await.1.code, code::SESSION_INVALID);
    assert_eq!(get("/v1/activation").await.0, 405);
    let post = async |kind: &str, body: Vec<u8>| {
        let request = http.post(format!("{base}/v1/login/tickets")).header("content-type", kind).body(body);
        error_of(request.send().await.unwrap()).await
    };
    assert_eq!(post("text/plain", b"{}".to_vec()).await.0, 415);
    let (status, error) = post("application/json", br#"{"device":"hush"}"#.to_vec()).await;
    assert!(status == 400 && !error.message.contains("hush"), "a body is never quoted: {error}");
    assert_eq!(post("application/json", vec![b' '; (1 << 20) + 1]).await.0, 413);
}

#[tokio::test]
async fn strangers_hosts_and_pages_are_kept_out() {
    let (handle, _client) = start(config()).await;
    let (base, http) = (handle.base_url(), plain());
    let port = base.rsplit(':').next().unwrap();
    for host in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1", "192.168.1.4:80"] {
        for path in ["/v1/openapi.json", "/p/login/x", "/sandbox/v1/messages"] {
            let response = http.get(format!("{base}{path}")).header("host", host).send().await.unwrap();
            assert_eq!(error_of(response).await.0, 421, "{host} {path}");
        }
    }
    let by_name = http.get(format!("{base}/v1/openapi.json")).header("host", format!("localhost:{port}")).send().await.unwrap();
    assert_eq!(by_name.status(), 200);
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", base), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]
    {
        for path in ["/v1/openapi.json", "/sandbox/v1/messages"] {
            let response = http.get(format!("{base}{path}")).header(name, value).send().await.unwrap();
            assert!(response.headers().get("access-control-allow-origin").is_none());
            assert_eq!(error_of(response).await.0, 403, "{name} {path}");
        }
    }
}

#[tokio::test]
async fn a_secret_is_asked_for_everywhere_but_on_the_phone() {
    let secret = Some("one-start-one-secret".to_owned());
    let (handle, client) = start(GatewayConfig { secret, ..config() }).await;
    sign_in(&client, device(1), "王芳", false).await;
    let (base, http) = (handle.base_url(), plain());
    for path in ["/v1/openapi.json", "/v1/session", "/sandbox/v1/messages", "/v1/files/x"] {
        let without = http.get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(error_of(without).await.0, 401, "{path}");
        let wrong = http.get(format!("{base}{path}")).header(SECRET_HEADER, "one-start-one-secreT").send().await.unwrap();
        assert_eq!(error_of(wrong).await.0, 401, "{path}");
    }
    assert_eq!(http.get(format!("{base}/p/login/x")).send().await.unwrap().status(), 404, "a phone has no secret");
    let stranger = Client::new(base, None).unwrap();
    assert!(stranger.session().await.unwrap_err().is(code::BAD_REQUEST));
}

#[tokio::test]
async fn without_a_sandbox_there_are_no_controls() {
    let (_handle, client) = start(GatewayConfig { sandbox: false, ..config() }).await;
    assert!(client.sandbox().messages().await.unwrap_err().is(code::NOT_FOUND));
    let request = ticket_request(device(1), &piaoxia_service::Verifier::random(), false);
    assert!(client.create_ticket(&request).await.unwrap().local_url.is_none());
}

#[tokio::test]
async fn a_slow_head_and_a_slow_body_are_given_up() {
    let limits = Limits { head_timeout: Duration::from_millis(200), body_timeout: Duration::from_millis(200), ..Limits::default() };
    let (handle, client) = start(GatewayConfig { limits, ..config() }).await;
    let address = handle.base_url().trim_start_matches("http://").to_owned();
    let mut head = tokio::net::TcpStream::connect(&address).await.unwrap();
    head.write_all(b"GET /v1/session HT").await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), head.read_to_end(&mut rest)).await.unwrap().unwrap();
    let mut body = tokio::net::TcpStream::connect(&address).await.unwrap();
    let text =
        format!("POST /v1/login/tickets HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{{");
    body.write_all(text.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    tokio::time::timeout(Duration::from_secs(10), body.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer, b"HTTP/1.1 408");
    client.openapi().await.unwrap();
}

#[tokio::test]
async fn a_caller_who_takes_no_answer_is_given_up() {
    let limits = Limits { connections: 1, answer_timeout: Duration::from_millis(300), ..Limits::default() };
    let (handle, client) = start(GatewayConfig { limits, ..config() }).await;
    let address = handle.base_url().trim_start_matches("http://").to_owned();
    let mut greedy = tokio::net::TcpStream::connect(&address).await.unwrap();
    // More answers than the system holds for a reader that does not come.
    let ask = format!("GET /v1/openapi.json HTTP/1.1\r\nHost: {address}\r\n\r\n").repeat(500);
    greedy.write_all(ask.as_bytes()).await.unwrap();
    let served = tokio::time::timeout(Duration::from_secs(20), client.openapi()).await;
    served.expect("the only connection is free again").unwrap();
}

/// A page that looks again and again on one connection, as a browser does.
struct Waiting {
    address: String,
    kept: Option<tokio::net::TcpStream>,
}

impl Waiting {
    async fn look(&mut self) {
        let address = &self.address;
        let mut stream = match self.kept.take() {
            Some(stream) => stream,
            None => tokio::net::TcpStream::connect(address).await.unwrap(),
        };
        stream.write_all(format!("GET /p/key/none/state HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).await.unwrap();
        let (mut answer, mut some) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(b"}") {
            let count = stream.read(&mut some).await.unwrap();
            assert!(count > 0, "the connection ended before its answer");
            answer.extend_from_slice(&some[..count]);
        }
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        self.kept = (!answer.to_lowercase().contains("connection: close")).then_some(stream);
    }
}

/// Pages that wait keep their connections. When few are left, answers end them, so that others come in turn.
#[tokio::test]
async fn pages_that_wait_do_not_keep_others_out() {
    let limits = Limits { connections: 8, ..Limits::default() };
    let (handle, _client) = start(GatewayConfig { limits, ..config() }).await;
    let page = || Waiting { address: handle.base_url().trim_start_matches("http://").to_owned(), kept: None };
    let stop = tokio_util::sync::CancellationToken::new();
    let stayers: Vec<_> = std::iter::repeat_with(page)
        .take(8)
        .map(|mut page| {
            let stop = stop.clone();
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    page.look().await;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            })
        })
        .collect();
    for mut page in std::iter::repeat_with(page).take(32) {
        tokio::time::timeout(Duration::from_secs(30), page.look()).await.expect("every page gets its turn");
    }
    stop.cancel();
    for stayer in stayers {
        stayer.await.unwrap();
    }
}

#[tokio::test]
async fn too_many_connections_wait_for_their_turn() {
    let limits = Limits { connections: 2, head_timeout: Duration::from_millis(300), ..Limits::default() };
    let (handle, client) = start(GatewayConfig { limits, ..config() }).await;
    let address = handle.base_url().trim_start_matches("http://").to_owned();
    let mut idle = Vec::new();
    for _ in 0..2 {
        idle.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    // The idle ones are closed after their time; then it is our turn.
    client.openapi().await.unwrap();
}

#[tokio::test]
async fn a_panic_costs_one_answer_and_not_the_gateway() {
    let (_handle, client) = start(GatewayConfig { sandbox: true, ..GatewayConfig::new(Arc::new(Stub::default())) }).await;
    sign_in(&client, device(1), "王芳", false).await;
    assert!(activate(&client).await.is_empty());
    let error = client.notices().await.unwrap_err();
    assert!(error.is(code::INTERNAL) && !error.api().unwrap().request_id.is_empty(), "{error}");
    client.session().await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let (handle, _client) = start(config()).await;
    let listen = handle.base_url().trim_start_matches("http://").parse().unwrap();
    let Err(error) = Gateway::start(GatewayConfig { listen, ..config() }).await else { panic!("two on one port") };
    assert!(error.to_string().contains("cannot listen"), "{error}");
}
