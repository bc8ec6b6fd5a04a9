//! What handlers take: bodies, ids, queries, and who is asking. Whatever does not fit becomes an [`ApiError`].
//!
//! [`ApiError`]: piaoxia_service::contract::ApiError

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body as HttpBytes, Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use piaoxia_service::contract::{ErrorClass, code};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::sessions::Holder;

/// Longest id in a path.
const ID_LENGTH: usize = 128;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Answer<Self> {
        // A page of another site can send a form without asking, but not JSON.
        if !content_type(&request).starts_with("application/json") {
            return Err(Failure::bad_request("the body is no JSON").with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = body(request, app).await?;
        // The words of the parser may quote the body, which may hold a password.
        let parsed = serde_json::from_slice(&bytes);
        parsed
            .map(Self)
            .map_err(|error| Failure::bad_request(format!("the body does not fit, line {} column {}", error.line(), error.column())))
    }
}

/// Any body.
pub(crate) struct Raw(pub(crate) Bytes);

impl FromRequest<Arc<App>> for Raw {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Answer<Self> {
        body(request, app).await.map(Self)
    }
}

/// A form that a browser sent.
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Answer<Self> {
        if !content_type(&request).starts_with("application/x-www-form-urlencoded") {
            return Err(Failure::bad_request("the body is no form").with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = body(request, app).await?;
        let rebuilt = Request::builder().uri("/").method("POST").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let rebuilt = rebuilt.body(axum::body::Body::from(bytes)).map_err(|error| Failure::internal(error.to_string()))?;
        let parsed = axum::Form::<T>::from_request(rebuilt, &()).await;
        parsed.map(|form| Self(form.0)).map_err(|_| Failure::bad_request("the form does not fit"))
    }
}

fn content_type(request: &Request) -> &str {
    request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The body, within its limit of size and time.
async fn body(request: Request, app: &App) -> Answer<Bytes> {
    let reading = joined(request.into_body(), app.limits.body_bytes);
    match tokio::time::timeout(app.limits.body_timeout, reading).await {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Failure::bad_request("the body is too large or broke off").with_status(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => Err(Failure::bad_request("the body did not come in time").with_status(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// A body of at most so many bytes; none for one that is larger or broke off.
///
/// Each piece is copied and let go: pieces that are kept hold the buffer that they came in, and a body that drips byte by byte would
/// take five hundred times its size.
async fn joined(mut body: HttpBytes, most: usize) -> Option<Bytes> {
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(piece) = frame.ok()?.into_data() else { continue };
        if piece.len() > most - whole.len() {
            return None;
        }
        whole.extend_from_slice(&piece);
    }
    Some(whole.into())
}

/// The id in the path.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Failure::not_found("path"))?;
        if id.len() > ID_LENGTH {
            return Err(Failure::not_found("id of this length"));
        }
        Ok(Self(id))
    }
}

/// Two ids in the path, the second within the first.
pub(crate) struct IdWithin(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for IdWithin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let Path((outer, inner)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| Failure::not_found("path"))?;
        if outer.len().max(inner.len()) > ID_LENGTH {
            return Err(Failure::not_found("id of this length"));
        }
        Ok(Self(outer, inner))
    }
}

/// The query behind the path.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let parsed = Query::<T>::from_request_parts(parts, state).await;
        parsed.map(|query| Self(query.0)).map_err(|_| Failure::bad_request("the query does not fit"))
    }
}

/// A person with a session.
pub(crate) struct SignedIn {
    pub(crate) holder: Holder,
    pub(crate) token: String,
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Answer<Self> {
        let invalid = || Failure::new(ErrorClass::Unauthorized, code::SESSION_INVALID, "there is no session, or it is over");
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(invalid)?;
        let (scheme, token) = header.split_once(' ').ok_or_else(invalid)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(invalid());
        }
        let holder = app.sessions.holder(&app.book, token).await.ok_or_else(invalid)?;
        Ok(Self { holder, token: token.to_owned() })
    }
}

/// A person who has activated this client, with the companies that brought.
pub(crate) struct Activated {
    pub(crate) person: String,
    pub(crate) companies: Vec<String>,
}

impl Activated {
    /// Checks that a company is the person's.
    ///
    /// # Errors
    /// Not found: others' companies are not told about.
    pub(crate) fn owns(&self, company: &str) -> Answer<()> {
        if self.companies.iter().any(|mine| mine == company) { Ok(()) } else { Err(Failure::not_found("company")) }
    }
}

impl FromRequestParts<Arc<App>> for Activated {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Answer<Self> {
        let SignedIn { holder, .. } = SignedIn::from_request_parts(parts, app).await?;
        let state = app.book.read();
        let binding = state.binding(&holder.person, &holder.device).filter(|binding| binding.activated);
        let binding = binding.ok_or_else(|| Failure::new(ErrorClass::Permission, code::NOT_ACTIVATED, "the client is not activated"))?;
        Ok(Self { person: holder.person, companies: binding.companies.clone() })
    }
}
