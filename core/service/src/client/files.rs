//! Originals: links, and the transfer itself.

use reqwest::{Method, Response, Url};

use super::response::{accepted, retry_after};
use super::transport::{Call, Flow, Retry, progress};
use super::{Client, ClientError, is_loopback};
use crate::contract::{ApiError, ErrorClass, FileRef, FilesRequest, code};

/// An original that comes piece by piece.
#[derive(Debug)]
pub struct Transfer {
    response: Response,
    flow: Flow,
    limit: u64,
    announced: Option<u64>,
    /// Bytes that came.
    bytes: u64,
}

impl Transfer {
    /// Its length as it was announced, bytes.
    #[must_use]
    pub fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// What came next; none at the end.
    ///
    /// # Errors
    /// [`ClientError::Cut`] when fewer bytes came than announced, [`ClientError::TooLarge`], [`ClientError::Timeout`].
    pub async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + Send + use<>>, ClientError> {
        let Some(chunk) = self.flow.chunk(&mut self.response).await? else {
            let cut = self.announced.is_some_and(|length| length != self.bytes);
            return if cut { Err(ClientError::Cut) } else { Ok(None) };
        };
        self.bytes += chunk.as_ref().len() as u64;
        if self.bytes > self.limit { Err(ClientError::TooLarge { limit: self.limit }) } else { Ok(Some(chunk)) }
    }
}

impl Client {
    /// Asks for links to originals (版式文件), at most 100 invoices a call. An invoice without originals has no link.
    ///
    /// # Errors
    /// `bureau.sessionLost` when the account must sign in first.
    pub async fn files(&self, request: &FilesRequest) -> Result<Vec<FileRef>, ClientError> {
        self.send(Call::post("files", &["v1", "files"]).retry(Retry::Always).json(request)?).await
    }

    /// Begins to fetch an original. Tried once: for whoever decides about the next try together with those of other files.
    ///
    /// # Errors
    /// `file.linkExpired`: ask for a fresh link. [`ClientError::UnsafeLink`]: a fresh one is of no use.
    pub async fn transfer(&self, file: &FileRef) -> Result<Transfer, ClientError> {
        self.begin(file).await.inspect_err(|error| {
            if self.is_own(file) {
                self.note_held(error);
            }
        })
    }

    /// Fetches a whole original into memory; a transfer that breaks is begun again.
    ///
    /// # Errors
    /// As [`Client::transfer`] and [`Transfer::chunk`].
    pub async fn download_bytes(&self, file: &FileRef) -> Result<Vec<u8>, ClientError> {
        self.persist("download", Retry::Always, || self.once(file)).await
    }

    async fn once(&self, file: &FileRef) -> Result<Vec<u8>, ClientError> {
        let mut transfer = self.begin(file).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = transfer.chunk().await? {
            bytes.extend_from_slice(chunk.as_ref());
        }
        Ok(bytes)
    }

    async fn begin(&self, file: &FileRef) -> Result<Transfer, ClientError> {
        let response = self.open(file).await?;
        let (limit, announced) = (self.inner.options.file_limit, response.content_length());
        if announced.is_some_and(|length| length > limit) {
            return Err(ClientError::TooLarge { limit });
        }
        Ok(Transfer { response, flow: Flow::new(&self.inner.options), limit, announced, bytes: 0 })
    }

    /// True for a link that leads to the service itself.
    fn is_own(&self, file: &FileRef) -> bool {
        self.file_address(&file.url).is_ok_and(|url| url.origin() == self.inner.base.origin())
    }

    async fn open(&self, file: &FileRef) -> Result<Response, ClientError> {
        let url = self.file_address(&file.url)?;
        let idle = self.inner.options.idle_timeout;
        if url.origin() == self.inner.base.origin() {
            let response = progress(idle, self.request(Method::GET, url).send()).await?;
            return accepted(response, &self.inner.options).await;
        }
        // A store of files elsewhere is told neither the secret nor the session, and does not know our header.
        let response = progress(idle, self.http().get(url).send()).await?;
        taken_from_elsewhere(response)
    }

    fn file_address(&self, link: &str) -> Result<Url, ClientError> {
        let url = match link.parse::<Url>() {
            Ok(absolute) => absolute,
            Err(_) => self.inner.base.join(link.trim_start_matches('/')).map_err(|error| ClientError::Decode(error.to_string()))?,
        };
        let own = url.origin() == self.inner.base.origin();
        if own || url.scheme() == "https" || (is_loopback(&url) && is_loopback(&self.inner.base) && url.scheme() == "http") {
            return Ok(url);
        }
        Err(ClientError::UnsafeLink)
    }
}

/// The answer of a store of files that is no part of the service: it speaks HTTP and nothing else.
fn taken_from_elsewhere(response: Response) -> Result<Response, ClientError> {
    let html = response.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let status = response.status();
    if status.is_success() && !html {
        return Ok(response);
    }
    let Some((class, code)) = meaning_elsewhere(status.as_u16(), html) else { return Err(ClientError::CaptivePortal) };
    let mut error = ApiError::new(class, code, format!("the store of files answered {status}"));
    error.retry_after = retry_after(response.headers());
    Err(error.into())
}

/// What a status that is no success says; none for what some network on the way says.
fn meaning_elsewhere(status: u16, html: bool) -> Option<(ErrorClass, &'static str)> {
    match status {
        429 => Some((ErrorClass::Throttle, code::THROTTLED)),
        // 511 is the sign-in page of a network.
        500..=510 => Some((ErrorClass::UpstreamDown, code::INTERNAL)),
        // With these a signed link is answered once its time is over.
        401 | 403 | 404 | 410 if !html => Some((ErrorClass::LinkExpired, code::LINK_EXPIRED)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn links_lead_to_safe_places_alone() {
        let client = Client::new("https://tax.example.com/px", None).unwrap();
        assert_eq!(client.file_address("/v1/files/abc").unwrap().as_str(), "https://tax.example.com/px/v1/files/abc");
        assert_eq!(client.file_address("https://store.example.com/a").unwrap().host_str(), Some("store.example.com"));
        for bad in ["http://store.example.com/a", "file:///etc/passwd", "http://127.0.0.1:1/a"] {
            assert_eq!(client.file_address(bad), Err(ClientError::UnsafeLink), "{bad}");
        }
        let sandbox = Client::new("http://127.0.0.1:9", None).unwrap();
        assert_eq!(sandbox.file_address("v1/files/abc").unwrap().as_str(), "http://127.0.0.1:9/v1/files/abc");
        assert_eq!(sandbox.file_address("http://192.168.0.9/a"), Err(ClientError::UnsafeLink));
    }

    #[test]
    fn a_store_of_files_elsewhere_is_understood_by_its_status() {
        let class = |status, html| meaning_elsewhere(status, html).map(|(class, _)| class);
        assert_eq!(class(429, false), Some(ErrorClass::Throttle));
        assert_eq!(class(503, true), Some(ErrorClass::UpstreamDown));
        assert_eq!((class(403, false), class(410, false)), (Some(ErrorClass::LinkExpired), Some(ErrorClass::LinkExpired)));
        for (status, html) in [(200, true), (302, false), (403, true), (511, true)] {
            assert_eq!(class(status, html), None, "{status}");
        }
    }
}
