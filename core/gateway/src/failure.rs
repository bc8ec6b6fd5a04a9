//! Errors on their way to the caller.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use piaoxia_service::contract::{ApiError, ErrorClass, Upstream, code};

/// An [`ApiError`] with its HTTP status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    error: Box<ApiError>,
    status: StatusCode,
}

/// What a handler or a connector answers.
pub type Answer<T> = Result<T, Failure>;

impl Failure {
    /// An error with the status of its class.
    #[must_use]
    pub fn new(class: ErrorClass, code: &str, message: impl Into<String>) -> Self {
        ApiError::new(class, code, message).into()
    }

    /// There is no such thing, or it is somebody else's.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorClass::NotFound, code::NOT_FOUND, format!("there is no such {what}"))
    }

    /// The request is malformed.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::BadRequest, code::BAD_REQUEST, message)
    }

    /// A fault of the service; the details are for the log.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Internal, code::INTERNAL, message)
    }

    /// Another status than the class's.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Says when the obstacle ends.
    #[must_use]
    pub fn until(mut self, until: Timestamp) -> Self {
        self.error.until = Some(until);
        self
    }

    /// Says how many seconds to wait.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.error.retry_after = Some(seconds);
        self
    }

    /// Says how many tries are left.
    #[must_use]
    pub fn attempts_left(mut self, left: u32) -> Self {
        self.error.attempts_left = Some(left);
        self
    }

    /// Names the field that is meant.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.error.field = Some(field.into());
        self
    }

    /// Adds what the upstream said.
    #[must_use]
    pub fn upstream(mut self, service: &str, code: impl Into<String>, message: impl Into<String>) -> Self {
        self.error.upstream = Some(Upstream { service: service.to_owned(), code: code.into(), message: message.into() });
        self
    }

    /// The error.
    #[must_use]
    pub fn error(&self) -> &ApiError {
        &self.error
    }

    /// The error, to be kept.
    #[must_use]
    pub fn into_error(self) -> ApiError {
        *self.error
    }

    /// Stable code of the error.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.error.code
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self { status: status_of(error.class), error: Box::new(error) }
    }
}

/// HTTP status that an error class travels under.
#[must_use]
pub fn status_of(class: ErrorClass) -> StatusCode {
    match class {
        ErrorClass::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorClass::Permission => StatusCode::FORBIDDEN,
        ErrorClass::NotFound => StatusCode::NOT_FOUND,
        ErrorClass::NeedLogin | ErrorClass::NeedChallenge | ErrorClass::Busy | ErrorClass::Conflict | ErrorClass::Precondition => {
            StatusCode::CONFLICT
        }
        ErrorClass::LinkExpired => StatusCode::GONE,
        ErrorClass::UserFix | ErrorClass::TooMany | ErrorClass::Unsupported => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorClass::Locked => StatusCode::LOCKED,
        ErrorClass::Quota | ErrorClass::Throttle => StatusCode::TOO_MANY_REQUESTS,
        ErrorClass::UpstreamDown | ErrorClass::Maintenance => StatusCode::SERVICE_UNAVAILABLE,
        ErrorClass::BadRequest => StatusCode::BAD_REQUEST,
        ErrorClass::Internal | ErrorClass::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Left in a response's extensions so that the outermost layer can add the request's id.
#[derive(Clone)]
pub(crate) struct Unsigned(Failure);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Unsigned(self));
        response
    }
}

/// Writes the body of an error response, now that the request's id is known. Other responses pass.
pub(crate) fn sign(mut response: Response, request_id: &str) -> Response {
    let Some(Unsigned(mut failure)) = response.extensions_mut().remove::<Unsigned>() else { return response };
    request_id.clone_into(&mut failure.error.request_id);
    if failure.status.is_server_error() {
        tracing::warn!(error = %failure.error, "a request failed");
    }
    let wait = failure.error.retry_after;
    let mut response = (failure.status, Json(failure.error)).into_response();
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_a_status_that_proxies_understand() {
        assert_eq!(status_of(ErrorClass::Throttle).as_u16(), 429);
        assert_eq!(status_of(ErrorClass::LinkExpired).as_u16(), 410);
        assert_eq!(status_of(ErrorClass::Unknown).as_u16(), 500);
        let failure = Failure::not_found("job").with_status(StatusCode::GONE).retry_after(3);
        let response = sign(failure.into_response(), "r1");
        assert_eq!((response.status().as_u16(), response.headers().get("retry-after").map(HeaderValue::as_bytes)), (410, Some(&b"3"[..])));
    }
}
