//! What every request passes: its id, the allow-list of hosts, the secret, and a net for panics.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use piaoxia_service::contract::{ErrorClass, PROTOCOL, PROTOCOL_HEADER, REQUEST_ID_HEADER, SECRET_HEADER, code};
use tokio_util::task::AbortOnDropHandle;

use crate::app::{App, Peer};
use crate::failure::{Failure, sign};
use crate::random;

/// The outermost layer: gives the request its id, catches a panic, writes error bodies, logs one line.
///
/// The line names the route's pattern, never the path or the query: they hold tokens.
pub(crate) async fn frame(request: Request, next: Next) -> Response {
    let id = random::id();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "no route".to_owned(), |path| path.as_str().to_owned());
    let (method, begun) = (request.method().clone(), Instant::now());
    // What a page's form has begun ends, whatever becomes of the phone: half an application is worse than none.
    let is_form = method == Method::POST && request.uri().path().starts_with("/p/");
    // A task of its own: a panic in it becomes an answer, and another caller who goes away ends it.
    let task = tokio::spawn(next.run(request));
    let ended = if is_form { task.await } else { AbortOnDropHandle::new(task).await };
    let response = match ended {
        Ok(response) => response,
        Err(_) => Failure::internal("the service stumbled over this request").into_response(),
    };
    let mut response = sign(response, &id);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static(REQUEST_ID_HEADER), value);
    }
    headers.insert(HeaderName::from_static(PROTOCOL_HEADER), HeaderValue::from_static(PROTOCOL));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let (status, ms) = (response.status(), begun.elapsed().as_millis());
    // Debug: a download asks ten thousand times, and failures have told of themselves.
    tracing::debug!(%method, route, status = status.as_u16(), ms, request = id, "answered");
    response
}

/// Lets a request in, or not.
pub(crate) async fn gate(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match refusal(&app, &request) {
        Some(failure) => failure.into_response(),
        None => next.run(request).await,
    }
}

fn refusal(app: &App, request: &Request) -> Option<Failure> {
    let Some(peer) = request.extensions().get::<Peer>() else { return Some(Failure::internal("the connection is unknown")) };
    let headers = request.headers();
    let host = text(headers, &header::HOST).unwrap_or_default();
    if !host_fits(host, peer, app.public_url.as_deref()) {
        // DNS rebinding: a name that a stranger points at this address.
        return Some(Failure::bad_request("this is not the host").with_status(StatusCode::MISDIRECTED_REQUEST));
    }
    let path = request.uri().path();
    if !path.starts_with("/v1/") && !path.starts_with("/sandbox/") {
        return None;
    }
    if comes_from_a_page(headers) {
        let failure = Failure::new(ErrorClass::Permission, code::BAD_REQUEST, "pages may not call the service");
        return Some(failure);
    }
    let secret = app.secret.as_deref()?;
    let given = text(headers, &HeaderName::from_static(SECRET_HEADER)).unwrap_or_default();
    (!random::same(secret, given)).then(|| Failure::bad_request("the secret is missing or wrong").with_status(StatusCode::UNAUTHORIZED))
}

/// True for the addresses that the connection itself came in by, and for the public name.
fn host_fits(host: &str, peer: &Peer, public_url: Option<&str>) -> bool {
    if public_url.and_then(authority).is_some_and(|public| public.eq_ignore_ascii_case(host)) {
        return true;
    }
    let Some((name, port)) = host.rsplit_once(':') else { return false };
    if port.parse() != Ok(peer.local.port()) {
        return false;
    }
    let here = peer.local.ip().to_canonical();
    match name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(address) => address == here || (address.is_loopback() && here.is_loopback()),
        Err(_) => name.eq_ignore_ascii_case("localhost") && here.is_loopback(),
    }
}

/// `host[:port]` of a URL.
fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split('/').next()
}

/// True when a browser says that the request was made by a web page: programs send neither header.
fn comes_from_a_page(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || text(headers, &HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site != "none")
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The answer where there is no route.
pub(crate) async fn no_route() -> Failure {
    Failure::not_found("route")
}

/// The answer where the route has other methods.
pub(crate) async fn no_method() -> Failure {
    Failure::bad_request("the route has other methods").with_status(StatusCode::METHOD_NOT_ALLOWED)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn only_the_own_address_is_a_host() {
        let peer = |local: &str| Peer { remote: "127.0.0.1:9".parse().unwrap(), local: local.parse().unwrap() };
        let here = peer("127.0.0.1:4000");
        for good in ["127.0.0.1:4000", "localhost:4000", "LOCALHOST:4000", "[::1]:4000"] {
            assert!(host_fits(good, &here, None), "{good}");
        }
        for bad in
            ["evil.example:4000", "127.0.0.1", "127.0.0.1:4001", "192.168.1.4:4000", "", "localhost.evil.example:4000", "127.0.0.1:4000x"]
        {
            assert!(!host_fits(bad, &here, None), "{bad}");
        }
        let lan = peer("192.168.1.4:5000");
        assert!(host_fits("192.168.1.4:5000", &lan, None));
        assert!(!host_fits("127.0.0.1:5000", &lan, None) && !host_fits("localhost:5000", &lan, None));
        let public = Some("https://tax.example.com/px");
        assert!(host_fits("tax.example.com", &lan, public) && !host_fits("tax.example.com.evil", &lan, public));
    }
}
