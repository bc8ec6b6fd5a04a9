//! What can go wrong between the program and the service.

use std::error::Error;

use super::tls::OtherKey;
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
    /// A link to a file leads over a connection that anybody can listen to, or to something that is no server. It is not followed.
    #[error("the link to a file is not safe")]
    UnsafeLink,
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
        /// Why.
        fault: TlsFault,
        /// What the TLS library said.
        detail: String,
    },
    /// There is no such name, or nobody who knows names answers.
    #[error("no address is known for the name of the service")]
    NameUnknown,
    /// The proxy of the company refuses, or is not there.
    #[error("the proxy gives no connection: {0}")]
    Proxy(String),
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
}

/// Why a server is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// Its certificate is not valid at this PC's time; why is not known yet.
    Time {
        /// A moment at which it is valid, seconds since 1970, where the system says one.
        inside: Option<i64>,
    },
    /// Its certificate is not valid at its own time either.
    Expired,
    /// This PC's clock is wrong (电脑时间不正确).
    Clock {
        /// So many seconds ahead of the server's; less than 0: behind.
        ahead: i64,
    },
    /// Its certificate is another host's.
    OtherHost,
    /// Nobody who is believed has signed for it.
    UnknownIssuer,
    /// It shows another key than the one that the user fixed.
    OtherKey,
    /// It speaks no TLS 1.2 or newer.
    TooOld,
    /// Anything else.
    Other,
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
            Self::Unreachable(_) | Self::NameUnknown | Self::Proxy(_) | Self::Timeout | Self::Cut | Self::CaptivePortal => true,
            Self::Address(_) | Self::UnsafeLink | Self::Tls { .. } | Self::Decode(_) | Self::TooLarge { .. } => false,
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
    if let Some(tls) = find::<rustls::Error>(&error) {
        return from_tls(tls);
    }
    // The type of an error of the tunnel is none that can be named here.
    if let Some(said) = chain(&error).map(ToString::to_string).find(|said| said.starts_with("tunnel error: ")) {
        return ClientError::Proxy(said);
    }
    if error.is_dns() {
        return ClientError::NameUnknown;
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
    use rustls::CertificateError as Bad;
    let seconds = |time: &rustls::pki_types::UnixTime| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let fault = match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::NotValidYet => TlsFault::Time { inside: None },
            Bad::ExpiredContext { not_after, .. } => TlsFault::Time { inside: Some(seconds(not_after) - 1) },
            Bad::NotValidYetContext { not_before, .. } => TlsFault::Time { inside: Some(seconds(not_before) + 1) },
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => TlsFault::OtherHost,
            Bad::UnknownIssuer => TlsFault::UnknownIssuer,
            Bad::Other(other) if other.0.is::<OtherKey>() => TlsFault::OtherKey,
            _ => TlsFault::Other,
        },
        rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion) => TlsFault::TooOld,
        _ => TlsFault::Other,
    };
    ClientError::Tls { fault, detail: error.to_string() }
}

/// An error and what caused it; `io::Error` hides what it carries from `source`, so it is asked directly.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |current| cause(*current))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner as &(dyn Error + 'static)),
        None => error.source(),
    }
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|current| current.downcast_ref())
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
    fn a_tls_error_is_found_however_it_is_wrapped() {
        let wrapped = std::io::Error::other(rustls::Error::InvalidCertificate(rustls::CertificateError::Expired));
        let outer = std::io::Error::other(wrapped);
        let sorted = find(&outer).map(from_tls);
        assert!(matches!(sorted, Some(ClientError::Tls { fault: TlsFault::Time { inside: None }, .. })), "{sorted:?}");
        assert!(find::<rustls::Error>(&std::io::Error::other("plain")).is_none());
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
