//! Originals: links, and the transfer itself.

use std::fmt::Write as _;

use reqwest::{Method, Response, Url};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::response::{accepted, retry_after};
use super::transport::{Call, Flow, Retry, progress};
use super::{Client, ClientError, is_loopback};
use crate::contract::{ApiError, ErrorClass, FileRef, FilesRequest, code};

/// What came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Download {
    /// Length, bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes, computed while they came.
    pub sha256: [u8; 32],
}

impl Download {
    /// The hash as 64 small hex digits.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        self.sha256.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String cannot fail.
            write!(hex, "{byte:02x}").ok();
            hex
        })
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

    /// Streams an original into `sink`. Tried again only while nothing has gone to the sink: after [`ClientError::Cut`]
    /// or [`ClientError::Timeout`] empty the sink and call again.
    ///
    /// # Errors
    /// `file.linkExpired`: ask for a fresh link. [`ClientError::Cut`] when fewer bytes came than announced.
    pub async fn download<W: AsyncWrite + Unpin + Send>(&self, file: &FileRef, sink: &mut W) -> Result<Download, ClientError> {
        let response = self.persist("download", Retry::Always, || self.open(file)).await?;
        self.pour(response, sink).await
    }

    /// As [`Client::download`], into memory; a transfer that breaks is begun again.
    ///
    /// # Errors
    /// As [`Client::download`].
    pub async fn download_bytes(&self, file: &FileRef) -> Result<(Vec<u8>, Download), ClientError> {
        self.persist("download", Retry::Always, || self.once(file)).await
    }

    /// As [`Client::download_bytes`], but tried once: for whoever decides about the next try together with those of other files.
    ///
    /// # Errors
    /// As [`Client::download`].
    pub async fn download_once(&self, file: &FileRef) -> Result<(Vec<u8>, Download), ClientError> {
        self.once(file).await.inspect_err(|error| {
            if self.is_own(file) {
                self.note_held(error);
            }
        })
    }

    async fn once(&self, file: &FileRef) -> Result<(Vec<u8>, Download), ClientError> {
        let response = self.open(file).await?;
        let mut bytes = Vec::new();
        let download = self.pour(response, &mut bytes).await?;
        Ok((bytes, download))
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
        Err(ClientError::Address("the link to a file is not safe".to_owned()))
    }

    async fn pour<W: AsyncWrite + Unpin + Send>(&self, mut response: Response, sink: &mut W) -> Result<Download, ClientError> {
        let limit = self.inner.options.file_limit;
        let announced = response.content_length();
        if announced.is_some_and(|length| length > limit) {
            return Err(ClientError::TooLarge { limit });
        }
        let (mut bytes, mut hash) = (0_u64, Sha256::new());
        let mut flow = Flow::new(&self.inner.options);
        while let Some(chunk) = flow.chunk(&mut response).await? {
            bytes += chunk.len() as u64;
            if bytes > limit {
                return Err(ClientError::TooLarge { limit });
            }
            hash.update(&chunk);
            sink.write_all(&chunk).await.map_err(|error| ClientError::Sink(error.to_string()))?;
        }
        if announced.is_some_and(|length| length != bytes) {
            return Err(ClientError::Cut);
        }
        sink.flush().await.map_err(|error| ClientError::Sink(error.to_string()))?;
        Ok(Download { bytes, sha256: hash.finalize().into() })
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
            assert!(client.file_address(bad).is_err(), "{bad}");
        }
        let sandbox = Client::new("http://127.0.0.1:9", None).unwrap();
        assert_eq!(sandbox.file_address("v1/files/abc").unwrap().as_str(), "http://127.0.0.1:9/v1/files/abc");
        assert!(sandbox.file_address("http://192.168.0.9/a").is_err());
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

    #[test]
    fn hashes_print_as_hex() {
        let download = Download { bytes: 0, sha256: Sha256::digest(b"").into() };
        assert_eq!(download.sha256_hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
