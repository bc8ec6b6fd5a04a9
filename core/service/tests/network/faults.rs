//! Servers that hang, drip or flood: each ends within its time and its bytes, and by its name.

use std::time::Duration;

use piaoxia_service::ClientError;
use piaoxia_service::contract::FileRef;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{OURS, Server, client, companies, head, options};

async fn asked(server: &Server) -> Result<(), ClientError> {
    client(&format!("http://{}", server.address), options()).companies().await.map(drop)
}

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len()).as_bytes(), body].concat()
}

/// Writes `piece` for ever, with a pause in between.
async fn drip(mut stream: TcpStream, before: &str, piece: impl AsRef<[u8]>, pause: Duration) -> std::io::Result<()> {
    head(&mut stream).await?;
    stream.write_all(before.as_bytes()).await?;
    loop {
        stream.write_all(piece.as_ref()).await?;
        tokio::time::sleep(pause).await;
    }
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nx-piaoxia-protocol: 1\r\nContent-Type: application/json\r\n\r\n";
const MOMENT: Duration = Duration::from_millis(20);

#[tokio::test]
async fn silence_ends_wherever_it_begins() {
    let half_open = Server::start(|mut stream| async move {
        let mut all = Vec::new();
        // The client gives up; nothing was ever said.
        stream.read_to_end(&mut all).await.map(drop)
    })
    .await;
    assert_eq!(asked(&half_open).await, Err(ClientError::Timeout));
    let half_head = Server::start(|mut stream| async move {
        head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-").await?;
        std::future::pending().await
    })
    .await;
    assert_eq!(asked(&half_head).await, Err(ClientError::Timeout));
    let half_body = Server::start(|mut stream| async move {
        head(&mut stream).await?;
        stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n{OURS}\r\n[").as_bytes()).await?;
        std::future::pending().await
    })
    .await;
    assert_eq!(asked(&half_body).await, Err(ClientError::Timeout));
    let no_handshake = Server::start(|_stream| std::future::pending()).await;
    let secure = client(&format!("https://{}", no_handshake.address), options()).companies().await;
    assert!(secure.is_err_and(|error| error.is_transient()));
}

#[tokio::test]
async fn drops_are_no_stream() {
    let head_by_drops = Server::start(|stream| drip(stream, "HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n", MOMENT)).await;
    assert_eq!(asked(&head_by_drops).await, Err(ClientError::Timeout));
    let never_yet = Server::start(|stream| drip(stream, "", b"HTTP/1.1 100 Continue\r\n\r\n", MOMENT)).await;
    assert!(asked(&never_yet).await.is_err());
    let body_by_drops = Server::start(|stream| drip(stream, CHUNKED, b"1\r\n \r\n", MOMENT)).await;
    assert_eq!(asked(&body_by_drops).await, Err(ClientError::Timeout), "no pause was too long, and yet it ends");
}

#[tokio::test]
async fn floods_are_not_taken() {
    let endless = Server::start(|stream| drip(stream, CHUNKED, [b"4000\r\n", &[b' '; 0x4000][..], b"\r\n"].concat(), Duration::ZERO)).await;
    assert_eq!(asked(&endless).await, Err(ClientError::TooLarge { limit: 100_000 }));
    let announced = Server::answering(format!("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n{OURS}\r\n[")).await;
    assert_eq!(asked(&announced).await, Err(ClientError::TooLarge { limit: 100_000 }));
    let error = Server::answering(format!("HTTP/1.1 400 Bad Request\r\nContent-Length: 99999999\r\n{OURS}\r\n")).await;
    assert_eq!(asked(&error).await, Err(ClientError::TooLarge { limit: 64 << 10 }));
    let heads = Server::start(|stream| drip(stream, "HTTP/1.1 200 OK\r\n", b"X-Flood: 12345678\r\n".repeat(500), Duration::ZERO)).await;
    assert!(asked(&heads).await.is_err());
    let file = FileRef { url: format!("http://{}/v1/files/a", endless.address), ..file() };
    let mut transfer = client(&format!("http://{}", endless.address), options()).transfer(&file).await.unwrap();
    let mut taken = 0;
    let ended = loop {
        match transfer.chunk().await {
            Ok(Some(chunk)) => taken += chunk.as_ref().len(),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert_eq!(ended, Err(ClientError::TooLarge { limit: 200_000 }));
    assert!(taken <= 200_000);
}

#[tokio::test]
async fn no_number_makes_anybody_wait_for_ever_or_ask_without_a_pause() {
    for (sent, pause, life) in [(0, 5, 0), (u64::MAX, 300_000, 86_400)] {
        let job = json!({
            "id": "1", "kind": "summary", "account": "a", "state": {"state": "running"}, "progress": 0, "pollAfterMs": sent,
            "createdAt": "2026-01-01T00:00:00Z"
        });
        let server = Server::answering(answer(OURS, job.to_string().as_bytes())).await;
        let job = client(&format!("http://{}", server.address), options()).job("1").await.unwrap();
        assert_eq!(job.poll_after_ms, pause);
        let challenges = json!([{
            "id": "1", "loginName": "a", "company": "b", "region": "3100", "kind": {"kind": "image", "png": ""}, "expiresIn": sent,
            "attemptsLeft": 1
        }]);
        let server = Server::answering(answer(OURS, challenges.to_string().as_bytes())).await;
        let challenges = client(&format!("http://{}", server.address), options()).challenges().await.unwrap();
        assert_eq!(challenges[0].expires_in, life);
        let refusal = json!({"class": "throttle", "code": "service.throttled", "message": "later", "retryAfter": sent}).to_string();
        let head = format!("HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: {}\r\n{OURS}\r\n", refusal.len());
        let server = Server::answering(head + &refusal).await;
        let error = client(&format!("http://{}", server.address), options()).companies().await.unwrap_err();
        assert_eq!(error.api().unwrap().retry_after, Some(life), "{error}");
    }
}

fn file() -> FileRef {
    serde_json::from_value(json!({
        "key": "26312000000012345678", "format": "xml", "name": "a.xml", "url": "", "expiresAt": "2026-01-01T00:00:00Z"
    }))
    .unwrap()
}

#[tokio::test]
async fn nothing_is_unpacked() {
    // Ten bytes of gzip that a client which unpacks would read on from; this one takes them for what they are.
    let packed = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        let server = Server::answering(answer(&format!("{OURS}Content-Encoding: {encoding}\r\n"), &packed)).await;
        assert!(matches!(asked(&server).await, Err(ClientError::Decode(_))), "{encoding}");
    }
    let request = Server::start(|mut stream| async move {
        let asked = head(&mut stream).await?.to_lowercase();
        let body: &[u8] = if asked.contains("accept-encoding") { b"{}" } else { b"[]" };
        stream.write_all(&answer(OURS, body)).await
    })
    .await;
    assert_eq!(asked(&request).await, Ok(()), "and nothing packed is asked for");
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let elsewhere = Server::answering(companies()).await;
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        for headers in ["", OURS] {
            let redirect = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nLocation: http://{}/\r\n{headers}\r\n", elsewhere.address);
            let server = Server::answering(redirect).await;
            assert!(asked(&server).await.is_err(), "{status}");
        }
    }
    assert_eq!(elsewhere.connections(), 0);
    let refresh = Server::answering(answer("Content-Type: text/html\r\nRefresh: 0; url=http://portal.test\r\n", b"<html>")).await;
    assert_eq!(asked(&refresh).await, Err(ClientError::CaptivePortal));
}

#[tokio::test]
async fn a_broken_connection_is_one() {
    let reset = Server::start(|mut stream| async move {
        head(&mut stream).await?;
        stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n{OURS}\r\n[").as_bytes()).await?;
        stream.set_zero_linger()
    })
    .await;
    assert_eq!(asked(&reset).await, Err(ClientError::Cut));
    let garbage = Server::answering("SSH-2.0-OpenSSH\r\n").await;
    assert!(asked(&garbage).await.is_err());
    let chunks = Server::answering(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{OURS}\r\nffffffffffffffff1\r\n[")).await;
    assert_eq!(asked(&chunks).await, Err(ClientError::Cut));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told_as_such() {
    let asked = client("https://no-such-host.invalid", options()).companies().await;
    assert_eq!(asked, Err(ClientError::NameUnknown));
}
