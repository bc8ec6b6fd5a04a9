//! Sends a call, tries again where that is safe, and reads the answer within limits.

use std::future::Future;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE};
use reqwest::{Method, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bounds::Bounded;
use super::error::from_reqwest;
use super::response::{accepted, json_body};
use super::{Client, ClientError, ClientOptions};
use crate::contract::SECRET_HEADER;

/// When a call may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// The call changes something each time: only while it never left this PC.
    Unsent,
    /// Repeating gives the same answer, but the service's errors are for the person.
    Network,
    /// Repeating changes nothing: also after the service's own hiccups.
    Always,
}

/// One call of the contract.
pub(super) struct Call<'a> {
    /// For logs: paths hold tokens, names do not.
    name: &'static str,
    method: Method,
    path: Vec<&'a str>,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    retry: Retry,
    held: Duration,
    alone: bool,
}

impl<'a> Call<'a> {
    /// Reads something.
    pub(super) fn get(name: &'static str, path: &[&'a str]) -> Self {
        Self::new(name, Method::GET, path, Retry::Always)
    }

    /// Does something that may be done once only.
    pub(super) fn post(name: &'static str, path: &[&'a str]) -> Self {
        Self::new(name, Method::POST, path, Retry::Unsent)
    }

    /// Any other.
    pub(super) fn new(name: &'static str, method: Method, path: &[&'a str], retry: Retry) -> Self {
        Self { name, method, path: path.to_vec(), query: Vec::new(), body: None, retry, held: Duration::ZERO, alone: false }
    }

    pub(super) fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The service may hold the call this long before it says anything.
    pub(super) fn held(mut self, held: Duration) -> Self {
        self.held = held;
        self
    }

    /// A connection of its own, which ends with the answer: the buffers of one that stays open keep what went through them, and
    /// through this one goes a password, a code or a token.
    pub(super) fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    pub(super) fn query(mut self, key: &'static str, value: impl ToString) -> Self {
        self.query.push((key, value.to_string()));
        self
    }

    pub(super) fn json(mut self, body: &impl Serialize) -> Result<Self, ClientError> {
        self.body = Some(serde_json::to_vec(body).map_err(|error| ClientError::Decode(error.to_string()))?);
        Ok(self)
    }
}

impl Client {
    /// Sends a call and reads its JSON answer.
    pub(super) async fn send<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, ClientError> {
        let body = self.send_raw(&call).await?;
        serde_json::from_slice(&body).map_err(|error| ClientError::Decode(format!("{}: {error}", call.name)))
    }

    /// As [`Client::send`], for an answer with numbers by which the program waits.
    pub(super) async fn send_bounded<T: DeserializeOwned + Bounded>(&self, call: Call<'_>) -> Result<T, ClientError> {
        self.send::<T>(call).await.map(T::bounded)
    }

    /// Sends a call whose answer says nothing.
    pub(super) async fn send_empty(&self, call: Call<'_>) -> Result<(), ClientError> {
        self.send_raw(&call).await.map(drop)
    }

    async fn send_raw(&self, call: &Call<'_>) -> Result<Vec<u8>, ClientError> {
        self.persist(call.name, call.retry, || async move {
            let response = self.attempt(call).await?;
            json_body(response, self.inner.options.json_limit, &self.inner.options).await
        })
        .await
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Response, ClientError> {
        let mut url = self.address(&call.path)?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query.iter().map(|(key, value)| (*key, value.as_str())));
        }
        let mut request = self.request(call.method.clone(), url).header(ACCEPT, "application/json");
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        if call.alone {
            request = request.header(CONNECTION, "close");
        }
        let patience = self.inner.options.idle_timeout.saturating_add(call.held);
        let response = match progress(patience, request.send()).await {
            Ok(response) => response,
            Err(error) => return Err(self.explained(error).await),
        };
        let accepted = accepted(response, &self.inner.options).await?;
        self.note_clock(&accepted);
        Ok(accepted)
    }

    /// A request with the secret and the session, for the gateway's own addresses alone.
    pub(super) fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        let mut request = self.http().request(method, url);
        if let Some(secret) = &self.inner.secret {
            request = request.header(SECRET_HEADER, secret.clone());
        }
        if let Some(session) = self.session_header() {
            request = request.header(AUTHORIZATION, session);
        }
        request
    }

    fn address(&self, path: &[&str]) -> Result<Url, ClientError> {
        let mut url = self.inner.base.clone();
        url.path_segments_mut().map_err(|()| ClientError::Address("no path fits it".to_owned()))?.pop_if_empty().extend(path);
        Ok(url)
    }

    /// Calls `attempt` until it succeeds, its error is final, or the tries are used up.
    pub(super) async fn persist<T, F, Fut>(&self, name: &'static str, retry: Retry, attempt: F) -> Result<T, ClientError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, ClientError>>,
    {
        let mut tries = 1;
        loop {
            let error = match attempt().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // One that is the answer to a person's call says nothing about others.
            if retry == Retry::Always {
                self.note_held(&error);
            }
            let Some(pause) = self.pause_after(&error, retry, tries) else { return Err(error) };
            tracing::debug!(call = name, tries, ?pause, %error, "trying again");
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    /// How long to wait before the next try; none when there is none.
    fn pause_after(&self, error: &ClientError, retry: Retry, tries: u32) -> Option<Duration> {
        let options = &self.inner.options;
        let allowed = match error {
            ClientError::Unreachable(_) | ClientError::NameUnknown | ClientError::Proxy(_) => true,
            ClientError::Timeout | ClientError::Cut => retry != Retry::Unsent,
            ClientError::Api(_) => retry == Retry::Always && error.is_transient(),
            _ => false,
        };
        if !allowed || tries >= options.max_tries {
            return None;
        }
        let doubled = options.retry_base.saturating_mul(1 << (tries - 1).min(16));
        // Jitter keeps many clients from coming back in step after an outage.
        let jittered = doubled.mul_f64(rand::random_range(0.5..=1.0));
        let asked = error.api().and_then(|error| error.retry_after).map(Duration::from_secs);
        let pause = asked.map_or(jittered, |asked| asked.max(jittered));
        (pause <= options.longest_wait).then_some(pause)
    }
}

/// The body of an answer: no pause is too long, and it does not come by drops for ever.
#[derive(Debug)]
pub(super) struct Flow {
    idle: Duration,
    grace: Duration,
    slowest: u64,
    begun: tokio::time::Instant,
    bytes: u64,
}

impl Flow {
    pub(super) fn new(options: &ClientOptions) -> Self {
        let ClientOptions { idle_timeout: idle, grace, slowest, .. } = *options;
        Self { idle, grace, slowest, begun: tokio::time::Instant::now(), bytes: 0 }
    }

    /// What came next; none at the end.
    pub(super) async fn chunk(&mut self, response: &mut Response) -> Result<Option<impl AsRef<[u8]> + Send + use<>>, ClientError> {
        let Some(chunk) = progress(self.idle, response.chunk()).await? else { return Ok(None) };
        self.bytes += chunk.len() as u64;
        let due = self.begun.elapsed().saturating_sub(self.grace).as_secs_f64() * self.slowest as f64;
        if (self.bytes as f64) < due { Err(ClientError::Timeout) } else { Ok(Some(chunk)) }
    }
}

/// Waits for the next thing to happen on a connection, but not for ever.
pub(super) async fn progress<T>(patience: Duration, step: impl Future<Output = reqwest::Result<T>>) -> Result<T, ClientError> {
    match tokio::time::timeout(patience, step).await {
        Ok(result) => result.map_err(from_reqwest),
        Err(_) => Err(ClientError::Timeout),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::contract::{ApiError, ErrorClass, code};

    fn refused(class: ErrorClass, seconds: Option<u64>) -> ClientError {
        let mut error = ApiError::new(class, code::THROTTLED, "later");
        error.retry_after = seconds;
        error.into()
    }

    #[test]
    fn a_pause_is_random_never_shorter_than_asked_for_and_only_where_repeating_is_safe() {
        let client = Client::new("http://127.0.0.1:1", None).unwrap();
        let pause = |error: &ClientError, retry| client.pause_after(error, retry, 2);
        let busy = refused(ErrorClass::UpstreamDown, None);
        let pauses: Vec<Duration> = (0..50).filter_map(|_| pause(&busy, Retry::Always)).collect();
        // The second pause is of two seconds at most.
        assert!(pauses.len() == 50 && pauses.iter().all(|pause| (1.0..=2.0).contains(&pause.as_secs_f64())), "{pauses:?}");
        assert!(pauses.iter().any(|pause| Some(pause) != pauses.first()), "{pauses:?}");
        let asked = refused(ErrorClass::Throttle, Some(7));
        assert_eq!(pause(&asked, Retry::Always), Some(Duration::from_secs(7)));
        for error in [&busy, &asked, &ClientError::Timeout, &ClientError::Cut] {
            assert_eq!(pause(error, Retry::Unsent), None, "it may have been done: {error}");
        }
        assert!(pause(&ClientError::Cut, Retry::Network).is_some() && pause(&asked, Retry::Network).is_none());
        assert_eq!(pause(&refused(ErrorClass::Throttle, Some(3_600)), Retry::Always), None, "that long it is the caller's to wait");
    }
}
