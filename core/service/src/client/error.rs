//! What can go wrong between the program and the service.

use std::error::Error;

use crate::contract::{ApiError, ErrorClass};

/// Why a call gave no answer, or which error the service answered with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The service answered with an error.
    #[error("the service answered: {0}")]
    Api(Box<ApiError>),
    /// The address of the service is none, or not a safe one.
    #[error("not an address of a service: {0}")]
    Address(String),
    /// Nobody answers there: no such name, refused, no route, no connection in time.
    #[error("the service cannot be reached: {0}")]
    Unreachable(String),
    /// Connected, then nothing more came.
    #[error("the service stopped answering")]
    Timeout,
    /// The connection broke in the middle of an answer.
    #[error("the connection broke")]
    Cut,
    /// The certificate was refused.
    #[error("no safe connection: {detail}")]
    Tls {
        /// The certificate is not valid at this PC's time: its clock may be wrong (电脑时间不正确).
        clock: bool,
        /// What the TLS library said.
        detail: String,
    },
    /// Something else than the service answered, as the sign-in page of a network does (网络需要登录).
    #[error("something else than the service answered: the network may want a sign-in")]
    CaptivePortal,
    /// The service's answer is not what the contract says.
    #[error("the service's answer cannot be read: {0}")]
    Decode(String),
    /// The answer is larger than any real one.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit, bytes.
        limit: u64,
    },
    /// The bytes could not be handed on.
    #[error("the received bytes could not be kept: {0}")]
    Sink(String),
}

impl ClientError {
    /// The service's error, if it was one.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Class of the service's error.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        self.api().map(|error| error.class)
    }

    /// True when the service answered with this code, one of [`crate::contract::code`].
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.api().is_some_and(|error| error.code == code)
    }

    /// True for hiccups of the network or the upstream: the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Api(error) => {
                matches!(error.class, ErrorClass::UpstreamDown | ErrorClass::Throttle | ErrorClass::Busy | ErrorClass::Internal)
            }
            Self::Unreachable(_) | Self::Timeout | Self::Cut | Self::CaptivePortal => true,
            Self::Address(_) | Self::Tls { .. } | Self::Decode(_) | Self::TooLarge { .. } | Self::Sink(_) => false,
        }
    }
}

impl From<ApiError> for ClientError {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

/// Sorts an error of the HTTP library; its URL is dropped, because links are secrets.
pub(super) fn from_reqwest(error: reqwest::Error) -> ClientError {
    let error = error.without_url();
    if let Some(tls) = find_tls(&error) {
        return from_tls(tls);
    }
    if error.is_connect() {
        return ClientError::Unreachable(innermost(&error));
    }
    if error.is_timeout() {
        return ClientError::Timeout;
    }
    if error.is_builder() {
        return ClientError::Address(innermost(&error));
    }
    ClientError::Cut
}

fn from_tls(error: &rustls::Error) -> ClientError {
    use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    let clock =
        matches!(error, rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. }));
    ClientError::Tls { clock, detail: error.to_string() }
}

/// Looks for the TLS error in the chain; `io::Error` hides what it carries from `source`, so it is asked directly.
fn find_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(tls) = current.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        next = match current.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => current.source(),
        };
    }
    None
}

fn innermost(error: &dyn Error) -> String {
    let mut last = error.to_string();
    let mut next = error.source();
    while let Some(current) = next {
        last = current.to_string();
        next = current.source();
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_certificate_points_at_the_clock() {
        let wrapped = std::io::Error::other(rustls::Error::InvalidCertificate(rustls::CertificateError::Expired));
        let outer = std::io::Error::other(wrapped);
        let sorted = find_tls(&outer).map(from_tls);
        assert!(matches!(sorted, Some(ClientError::Tls { clock: true, .. })), "{sorted:?}");
        let unknown = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert!(matches!(from_tls(&unknown), ClientError::Tls { clock: false, .. }));
        assert!(find_tls(&std::io::Error::other("plain")).is_none());
    }

    #[test]
    fn only_hiccups_are_worth_another_try() {
        let api = |class| ClientError::from(ApiError::new(class, "x", "y"));
        assert!(api(ErrorClass::UpstreamDown).is_transient() && ClientError::Cut.is_transient());
        for class in [ErrorClass::UserFix, ErrorClass::Maintenance, ErrorClass::Quota, ErrorClass::NeedLogin, ErrorClass::NotFound] {
            assert!(!api(class).is_transient(), "{class:?}");
        }
    }
}
