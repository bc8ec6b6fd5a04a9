//! The client against servers that are no gateway, or a bad one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use piaoxia_service::contract::*;
use piaoxia_service::{Client, ClientError, ClientOptions, TlsFault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers each connection with the next text of a script, then closes it.
async fn scripted(answers: Vec<String>) -> (Client, Arc<Mutex<VecDeque<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let script = Arc::new(Mutex::new(VecDeque::from(answers)));
    let rest = Arc::clone(&script);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let Some(answer) = rest.lock().unwrap().pop_front() else { return };
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _head = stream.read(&mut head).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
                if answer.is_empty() {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
        }
    });
    let options = ClientOptions { idle_timeout: Duration::from_millis(300), json_limit: 10_000, ..ClientOptions::quick() };
    (Client::with_options(&format!("http://{address}"), None, options).unwrap(), script)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

const OURS: &str = "x-piaoxia-protocol: 1\r\nContent-Type: application/json\r\n";

fn companies() -> String {
    answer("200 OK", OURS, "[]")
}

#[tokio::test]
async fn a_portals_page_is_never_data() {
    let portals = [
        answer("200 OK", "Content-Type: text/html\r\n", "<html>请登录网络</html>"),
        answer("200 OK", "Content-Type: application/json\r\n", "[]"),
        answer("302 Found", "Location: http://portal.example/\r\n", ""),
        answer("200 OK", "x-piaoxia-protocol: 1\r\nContent-Type: text/html\r\n", "<html>"),
        answer("511 Network Authentication Required", "", ""),
        answer("404 Not Found", "", ""),
    ];
    for portal in portals {
        let (client, _) = scripted(vec![portal.clone()]).await;
        assert_eq!(client.companies().await, Err(ClientError::CaptivePortal), "{portal}");
    }
}

#[tokio::test]
async fn idempotent_calls_are_tried_again() {
    let down = || answer("502 Bad Gateway", "", "");
    let half = format!("HTTP/1.1 200 OK\r\n{OURS}Content-Length: 500\r\n\r\n[");
    let (client, rest) = scripted(vec![down(), half.clone(), down(), companies()]).await;
    assert_eq!(client.companies().await, Ok(Vec::new()));
    assert!(rest.lock().unwrap().is_empty());
    let (client, rest) = scripted(vec![half.clone(), half.clone(), half.clone(), half, companies()]).await;
    assert_eq!(client.companies().await, Err(ClientError::Cut));
    assert_eq!(rest.lock().unwrap().len(), 1, "four tries at most");
}

#[tokio::test]
async fn what_may_be_done_once_is_not_repeated() {
    let half = format!("HTTP/1.1 200 OK\r\n{OURS}Content-Length: 500\r\n\r\n{{");
    let (client, rest) = scripted(vec![half, companies()]).await;
    let login = LoginRequest { password: "x".to_owned() };
    assert_eq!(client.login_account(&piaoxia_domain::AccountId("a".to_owned()), &login).await, Err(ClientError::Cut));
    assert_eq!(rest.lock().unwrap().len(), 1, "a second sign-in could cost the account");
}

#[tokio::test]
async fn silence_ends_and_odd_answers_are_told() {
    let silent = || String::new();
    let (client, _) = scripted(vec![silent(), silent(), silent(), silent()]).await;
    assert_eq!(client.companies().await, Err(ClientError::Timeout));
    let (client, _) = scripted(vec![answer("200 OK", OURS, "{\"not\":\"a list\"}")]).await;
    assert!(matches!(client.companies().await, Err(ClientError::Decode(_))));
    let (client, _) = scripted(vec![answer("400 Bad Request", OURS, "no error body")]).await;
    assert!(matches!(client.companies().await, Err(ClientError::Decode(_))));
    let (client, _) = scripted(vec![answer("200 OK", OURS, &" ".repeat(10_001))]).await;
    assert_eq!(client.companies().await, Err(ClientError::TooLarge { limit: 10_000 }));
    let future = r#"{"class":"somethingNew","code":"new.code","message":"m","requestId":"r9"}"#;
    let (client, _) = scripted(vec![answer("418 Teapot", OURS, future)]).await;
    let error = client.companies().await.unwrap_err();
    assert_eq!((error.class(), error.is("new.code")), (Some(ErrorClass::Unknown), true), "a newer service");
}

#[tokio::test]
async fn nobody_there_and_no_tls_there() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let client = Client::with_options(&format!("http://{address}"), None, ClientOptions::quick()).unwrap();
    assert!(matches!(client.companies().await, Err(ClientError::Unreachable(_))));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        }
    });
    let client = Client::with_options(&format!("https://{address}"), None, ClientOptions::quick()).unwrap();
    let error = client.companies().await.unwrap_err();
    assert!(matches!(error, ClientError::Tls { fault: TlsFault::Other, .. }), "{error:?}");
}
