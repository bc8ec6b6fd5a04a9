//! The sandbox's fault dial: what users meet on bad days, on demand.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use jiff::{SignedDuration, Timestamp};
use piaoxia_service::contract::{ErrorClass, Fault, FaultRequest, code};
use tokio::time::Sleep;

use crate::app::App;
use crate::failure::Failure;

/// Time between the bytes and the cut, so that the bytes leave first.
const BEFORE_CUT: Duration = Duration::from_millis(50);
/// Longest delay, so that a typing mistake cannot stop a sandbox.
const SLOWEST: Duration = Duration::from_secs(120);
const LARGEST_BODY: usize = 64 << 20;

/// The faults that are on.
#[derive(Default)]
pub(crate) struct Dial {
    on: Mutex<HashMap<Fault, Setting>>,
}

#[derive(Clone, Copy)]
struct Setting {
    times: u32,
    arg: u64,
}

impl Dial {
    /// Turns a fault on or off.
    pub(crate) fn set(&self, request: &FaultRequest) {
        let mut on = self.lock();
        if request.times == 0 {
            on.remove(&request.fault);
        } else {
            on.insert(request.fault, Setting { times: request.times, arg: request.arg });
        }
    }

    /// Uses a fault up once, if it is on; gives its argument.
    pub(crate) fn take(&self, fault: Fault) -> Option<u64> {
        self.take_if(fault, |_| true)
    }

    fn take_if(&self, fault: Fault, fits: impl FnOnce(u64) -> bool) -> Option<u64> {
        let mut on = self.lock();
        let setting = on.get_mut(&fault).filter(|setting| fits(setting.arg))?;
        let arg = setting.arg;
        setting.times -= 1;
        if setting.times == 0 {
            on.remove(&fault);
        }
        Some(arg)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Fault, Setting>> {
        self.on.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_seconds(seconds: u64) -> Timestamp {
    let span = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    Timestamp::now().checked_add(span).unwrap_or(Timestamp::MAX)
}

/// Paths that no fault meets: signing in to the service, and the dial itself.
fn is_spared(path: &str) -> bool {
    const SIGN_IN: [&str; 5] = ["/v1/login/", "/v1/session", "/v1/binding", "/v1/activation", "/v1/openapi.json"];
    !path.starts_with("/v1/") || SIGN_IN.iter().any(|start| path.starts_with(start))
}

/// Requests that reach the bureau: a maintenance without an end of its own meets these alone.
fn reaches_bureau(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() != Method::GET && !["/default", "/cancel", "/disks/challenge"].iter().any(|end| path.ends_with(end))
}

/// Applies the faults that are on.
pub(crate) async fn apply(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if is_spared(request.uri().path()) {
        return next.run(request).await;
    }
    if let Some(delay) = app.dial.take(Fault::Slow) {
        tokio::time::sleep(Duration::from_millis(delay).min(SLOWEST)).await;
    }
    if app.dial.take(Fault::ServerError).is_some() {
        return Failure::new(ErrorClass::UpstreamDown, code::BUREAU_DOWN, "the service fails, as the fault dial says").into_response();
    }
    if let Some(seconds) = app.dial.take(Fault::TooManyRequests) {
        let failure = Failure::new(ErrorClass::Throttle, code::THROTTLED, "too many requests, as the fault dial says");
        return failure.retry_after(seconds).into_response();
    }
    if reaches_bureau(&request)
        && let Some(seconds) = app.dial.take(Fault::Maintenance)
    {
        let failure = Failure::new(ErrorClass::Maintenance, code::MAINTENANCE, "the bureau is being serviced, as the fault dial says");
        return failure.until(in_seconds(seconds)).into_response();
    }
    let response = next.run(request).await;
    cut(&app.dial, response).await
}

/// Breaks the connection after the first bytes of a body that is longer.
async fn cut(dial: &Dial, response: Response) -> Response {
    if response.status() != StatusCode::OK || !dial.lock().contains_key(&Fault::Cut) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_BODY).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let length = bytes.len();
    let Some(keep) = dial.take_if(Fault::Cut, |keep| keep < length as u64) else { return Response::from_parts(parts, Body::from(bytes)) };
    parts.headers.insert(header::CONTENT_LENGTH, length.into());
    let first = bytes.slice(..usize::try_from(keep).unwrap_or(length).min(length));
    Response::from_parts(parts, Body::new(CutBody { first: Some(first), pause: None }))
}

/// Some bytes, then an error: hyper closes the connection without ending the body.
struct CutBody {
    first: Option<Bytes>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl axum::body::HttpBody for CutBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(first) = self.first.take()
            && !first.is_empty()
        {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(BEFORE_CUT)));
        ready!(pause.as_mut().poll(cx));
        Poll::Ready(Some(Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_meets_as_many_requests_as_asked_and_can_be_turned_off() {
        let dial = Dial::default();
        let set = |times, arg| dial.set(&FaultRequest::new(Fault::Cut, times, arg));
        assert_eq!(dial.take(Fault::Cut), None);
        set(2, 10);
        assert_eq!(dial.take_if(Fault::Cut, |keep| keep < 5), None, "a short body is not cut");
        assert_eq!((dial.take(Fault::Cut), dial.take(Fault::Cut), dial.take(Fault::Cut)), (Some(10), Some(10), None));
        set(2, 10);
        set(0, 0);
        assert_eq!(dial.take(Fault::Cut), None);
    }

    #[test]
    fn signing_in_is_spared() {
        for path in ["/v1/login/tickets", "/v1/session", "/v1/session/refresh", "/v1/activation", "/sandbox/v1/faults", "/p/login/x"] {
            assert!(is_spared(path), "{path}");
        }
        for path in ["/v1/companies", "/v1/jobs", "/v1/files/abc", "/v1/accounts/1/login"] {
            assert!(!is_spared(path), "{path}");
        }
    }
}
