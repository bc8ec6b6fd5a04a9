//! Takes an answer apart: is it the gateway's, is it an error, does it fit.

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};

use super::transport::Flow;
use super::{ClientError, ClientOptions, bounds};
use crate::contract::{ApiError, ErrorClass, PROTOCOL, PROTOCOL_HEADER, REQUEST_ID_HEADER, code};

/// An error body is small; more is not read.
const ERROR_LIMIT: u64 = 64 << 10;
/// Room that is made for a body before it comes, bytes.
const AT_ONCE: usize = 1 << 20;

/// Passes a 2xx answer of the gateway on; everything else becomes its error.
pub(super) async fn accepted(response: Response, options: &ClientOptions) -> Result<Response, ClientError> {
    let status = response.status();
    let ours = text(response.headers(), &HeaderName::from_static(PROTOCOL_HEADER)) == Some(PROTOCOL);
    match (ours, status.is_success()) {
        (true, true) => Ok(response),
        (true, false) => Err(api_error(response, options).await),
        // A proxy before a hosted gateway speaks for it while it is down.
        (false, _) if status.is_server_error() && status.as_u16() != 511 => {
            let mut error = ApiError::new(ErrorClass::UpstreamDown, code::INTERNAL, format!("a proxy answered {status}"));
            error.retry_after = retry_after(response.headers());
            Err(error.into())
        }
        (false, _) => Err(ClientError::CaptivePortal),
    }
}

async fn api_error(response: Response, options: &ClientOptions) -> ClientError {
    let status = response.status();
    let wait = retry_after(response.headers());
    let id = text(response.headers(), &HeaderName::from_static(REQUEST_ID_HEADER)).unwrap_or_default().to_owned();
    let body = match read(response, ERROR_LIMIT, options).await {
        Ok(body) => body,
        Err(error) => return error,
    };
    match serde_json::from_slice::<ApiError>(&body) {
        Ok(mut error) => {
            error.retry_after = error.retry_after.or(wait).map(bounds::pause);
            if error.request_id.is_empty() {
                error.request_id = id;
            }
            error.into()
        }
        Err(error) => ClientError::Decode(format!("error body of status {status}: {error}")),
    }
}

/// Body of an accepted JSON answer; empty for 204.
pub(super) async fn json_body(response: Response, limit: u64, options: &ClientOptions) -> Result<Vec<u8>, ClientError> {
    let empty = response.status().as_u16() == 204;
    let json = text(response.headers(), &CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    if !json && !empty {
        return Err(ClientError::CaptivePortal);
    }
    read(response, limit, options).await
}

async fn read(mut response: Response, limit: u64, options: &ClientOptions) -> Result<Vec<u8>, ClientError> {
    let announced = response.content_length().unwrap_or_default();
    if announced > limit {
        return Err(ClientError::TooLarge { limit });
    }
    // What is announced may never come: room for it is made as it comes.
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or_default().min(AT_ONCE));
    let mut flow = Flow::new(options);
    while let Some(chunk) = flow.chunk(&mut response).await? {
        let chunk = chunk.as_ref();
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(ClientError::TooLarge { limit });
        }
        body.extend_from_slice(chunk);
    }
    Ok(body)
}

/// Seconds of `Retry-After`: a number, or a date (RFC 9110, 10.2.3) measured from the answer's own `Date`, because this
/// PC's clock may be wrong. A day at most.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let value = text(headers, &RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(bounds::pause(seconds));
    }
    let until = http_date(value)?;
    let now = text(headers, &DATE).and_then(http_date).unwrap_or_else(Timestamp::now);
    Some(bounds::pause(u64::try_from(until.as_second() - now.as_second()).unwrap_or(0)))
}

pub(super) fn http_date(value: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value.trim()).ok()
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert(RETRY_AFTER, "7".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(7));
        headers.insert(RETRY_AFTER, "Wed, 21 Oct 2026 07:28:30 GMT".parse().unwrap());
        headers.insert(DATE, "Wed, 21 Oct 2026 07:28:00 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(30));
        headers.insert(RETRY_AFTER, "Wed, 21 Oct 2026 07:00:00 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(0));
        headers.insert(RETRY_AFTER, u64::MAX.into());
        assert_eq!(retry_after(&headers), Some(86_400));
        headers.insert(RETRY_AFTER, "soon".parse().unwrap());
        assert_eq!(retry_after(&headers), None);
    }
}
