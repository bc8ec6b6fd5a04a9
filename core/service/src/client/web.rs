//! A folder of plain files on a web server, such as the releases of this program: no contract, no session, the same care.

use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, RANGE};
use reqwest::{Response, StatusCode, Url};

use super::transport::{Flow, progress};
use super::{ClientError, ClientOptions, checked_base, http_client};

/// Reads files of one folder of a web server. HTTPS, except from this PC; redirects are not followed.
#[derive(Clone, Debug)]
pub struct WebFolder {
    http: reqwest::Client,
    base: Url,
    options: ClientOptions,
}

/// A file on its way.
#[derive(Debug)]
pub struct WebFile {
    response: Response,
    start: u64,
    flow: Flow,
}

impl WebFolder {
    /// The folder at this address.
    ///
    /// # Errors
    /// [`ClientError::Address`] when the address is none, or plain HTTP to another PC.
    pub fn new(address: &str, options: ClientOptions) -> Result<Self, ClientError> {
        let base = checked_base(address)?;
        Ok(Self { http: http_client(&base, &options)?, base, options })
    }

    /// A whole file of at most `limit` bytes; none when the server has no such file.
    ///
    /// # Errors
    /// [`ClientError::TooLarge`], [`ClientError::CaptivePortal`] when a web page comes instead, or the network's.
    pub async fn small(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, ClientError> {
        let Some(mut file) = self.open(name, 0).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        while let Some(chunk) = file.chunk().await? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(ClientError::TooLarge { limit });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(bytes))
    }

    /// Opens a file, if the server can do that, from a byte on; none when the server has no such file.
    ///
    /// # Errors
    /// As [`WebFolder::small`].
    pub async fn open(&self, name: &str, from: u64) -> Result<Option<WebFile>, ClientError> {
        let url = self.base.join(name).map_err(|error| ClientError::Address(error.to_string()))?;
        let mut request = self.http.get(url);
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let response = progress(self.options.idle_timeout, request.send()).await?;
        let html = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let start = match response.status() {
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            // Nothing lies behind that byte: from the beginning, then.
            StatusCode::RANGE_NOT_SATISFIABLE if from > 0 => return Box::pin(self.open(name, 0)).await,
            status if status.is_server_error() => return Err(ClientError::Unreachable(format!("the server answered {status}"))),
            status if !status.is_success() || html => return Err(ClientError::CaptivePortal),
            StatusCode::PARTIAL_CONTENT => started_at(&response).filter(|start| *start == from).ok_or(ClientError::Cut)?,
            _ => 0,
        };
        Ok(Some(WebFile { response, start, flow: Flow::new(&self.options) }))
    }
}

/// First byte of `Content-Range: bytes 100-199/200`.
fn started_at(response: &Response) -> Option<u64> {
    let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}

impl WebFile {
    /// The byte that comes first: the one that was asked for, or 0 where the server gives whole files only.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// What came next; none at the end.
    ///
    /// # Errors
    /// [`ClientError::Timeout`] when nothing comes for too long, [`ClientError::Cut`].
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        Ok(self.flow.chunk(&mut self.response).await?.map(|chunk| chunk.as_ref().to_vec()))
    }
}
