//! Downloads that are cut, slow, endless, led astray or stopped.

use std::collections::VecDeque;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use piaoxia_service::{ClientError, ClientOptions};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;

use super::kit::{NEW, Release, Signer, stamp, updater};
use crate::shelf::Shelf;
use crate::updater::{Checked, Updater};
use crate::{Refusal, Source, UpdateError};

/// How the server answers a request for the program; what it is asked for without a script it gives.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// So many bytes, then the connection breaks.
    Cut(usize),
    /// So many bytes, then nothing.
    Hang(usize),
    /// Bytes without an end.
    Endless,
    /// The whole file, whatever was asked for.
    Whole,
    /// A bit of it flipped.
    Flipped,
    /// 503.
    Down,
    /// The sign-in page of the network.
    Portal,
    /// Elsewhere.
    Redirect,
}

#[derive(Clone)]
struct Feed {
    folder: PathBuf,
    script: Arc<Mutex<VecDeque<Way>>>,
    /// First byte of each request for the program.
    asked: Arc<Mutex<Vec<usize>>>,
}

/// Serves a folder.
pub(crate) async fn serve(folder: &Path) -> String {
    served(folder, []).await.0
}

async fn served(folder: &Path, script: impl IntoIterator<Item = Way>) -> (String, Feed) {
    let feed = Feed { folder: folder.to_path_buf(), script: Arc::new(Mutex::new(script.into_iter().collect())), asked: Arc::default() };
    let app = axum::Router::new().fallback(give).with_state(feed.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (address, feed)
}

async fn give(State(feed): State<Feed>, uri: Uri, headers: HeaderMap) -> Response {
    let name = uri.path().trim_start_matches('/');
    let Ok(mut bytes) = fs::read(feed.folder.join(name)) else { return StatusCode::NOT_FOUND.into_response() };
    if name.starts_with("update.json") {
        return bytes.into_response();
    }
    let from: usize = headers.get(header::RANGE).map_or(0, |range| range.to_str().unwrap()[6..].trim_end_matches('-').parse().unwrap());
    feed.asked.lock().unwrap().push(from);
    let way = feed.script.lock().unwrap().pop_front();
    match way {
        Some(Way::Down) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Way::Portal) => return axum::response::Html("<form>").into_response(),
        Some(Way::Redirect) => return (StatusCode::FOUND, [(header::LOCATION, "https://example.com/")]).into_response(),
        Some(Way::Endless) => return Body::from_stream(ReaderStream::new(tokio::io::repeat(7))).into_response(),
        Some(Way::Whole) => return bytes.into_response(),
        Some(Way::Flipped) => bytes[5] ^= 1,
        _ => {}
    }
    if from > 0 && from >= bytes.len() {
        return StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    }
    let range = format!("bytes {from}-{}/{}", bytes.len().saturating_sub(1), bytes.len());
    let rest = bytes.split_off(from);
    let length = rest.len().to_string();
    let body = match way {
        Some(Way::Cut(after)) => Body::from_stream(ReaderStream::new(Cursor::new(rest[..after].to_vec()).chain(Broken(true)))),
        Some(Way::Hang(after)) => Body::from_stream(ReaderStream::new(Cursor::new(rest[..after].to_vec()).chain(Broken(false)))),
        _ => Body::from(rest),
    };
    let status = if from > 0 { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    (status, [(header::CONTENT_RANGE, range), (header::CONTENT_LENGTH, length)], body).into_response()
}

/// Breaks, or says nothing for ever.
struct Broken(bool);

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if self.0 { Poll::Ready(Err(std::io::Error::other("cut"))) } else { Poll::Pending }
    }
}

const LENGTH: usize = 400_000;

struct Stand {
    folder: tempfile::TempDir,
    updater: Updater,
}

impl Stand {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::new();
        let program = (0..LENGTH).map(|at| (at * 31 % 251) as u8).collect();
        Release::of(NEW, program).write_to(&folder.path().join("feed"), &signer);
        let updater = updater(&folder.path().join("Data"), stamp(&[&signer]));
        Self { folder, updater }
    }

    fn feed(&self) -> PathBuf {
        self.folder.path().join("feed")
    }

    /// Downloads by this script; says what came of it and which bytes were asked for.
    async fn download(&self, script: impl IntoIterator<Item = Way>) -> (Result<Checked, UpdateError>, Vec<usize>) {
        let (address, feed) = served(&self.feed(), script).await;
        let options = ClientOptions { idle_timeout: Duration::from_millis(400), ..ClientOptions::quick() };
        let source = Source::named(&address, options).unwrap();
        let ended = self.updater.download(&source, &|_, _| {}, &CancellationToken::new()).await;
        let asked = feed.asked.lock().unwrap().clone();
        (ended, asked)
    }

    async fn installs(&self) {
        assert_eq!(self.updater.install().await.unwrap(), NEW);
    }
}

#[tokio::test]
async fn a_download_that_is_cut_goes_on_where_it_was_cut() {
    let stand = Stand::new();
    let (ended, asked) = stand.download([Way::Cut(100_000), Way::Down, Way::Hang(150_000), Way::Cut(0)]).await;
    assert!(matches!(ended, Ok(Checked::New(_))), "{ended:?}");
    assert_eq!(asked.len(), 5);
    assert!(asked.is_sorted() && asked[0] == 0 && asked[1] > 0 && asked[4] >= asked[2] && asked[4] > 150_000, "{asked:?}");
    stand.installs().await;
}

#[tokio::test]
async fn what_cannot_be_had_is_said_and_goes_on_the_next_time() {
    let stand = Stand::new();
    let (ended, asked) = stand.download([Way::Cut(200_000), Way::Down, Way::Down, Way::Down, Way::Down]).await;
    assert!(matches!(ended, Err(UpdateError::Network(ClientError::Unreachable(_)))), "{ended:?}");
    assert_eq!(asked.len(), 5);
    assert!(matches!(stand.updater.install().await, Err(UpdateError::Refused(_))), "it is not whole");
    let (ended, asked) = stand.download([]).await;
    assert!(ended.is_ok() && asked.len() == 1 && asked[0] > 100_000, "{ended:?} {asked:?}");
    stand.installs().await;
}

#[tokio::test]
async fn a_server_that_gives_whole_files_only_is_understood() {
    let stand = Stand::new();
    let (ended, asked) = stand.download([Way::Cut(100_000), Way::Whole]).await;
    assert!(ended.is_ok() && asked.len() == 2 && asked[1] > 0, "{ended:?} {asked:?}");
    stand.installs().await;
}

#[tokio::test]
async fn a_damaged_beginning_is_fetched_once_more_and_a_damaged_file_is_refused() {
    let stand = Stand::new();
    let (ended, asked) = stand.download([Way::Flipped]).await;
    assert!(matches!(ended, Err(UpdateError::Refused(Refusal::WrongHash { .. }))) && asked == [0], "{ended:?} {asked:?}");
    // The beginning of another run is damaged: the file that was put together is not the signed one.
    let (ended, _) = stand.download([Way::Cut(100_000), Way::Portal]).await;
    assert!(matches!(ended, Err(UpdateError::Network(ClientError::CaptivePortal))), "{ended:?}");
    let part = fs::read_dir(Shelf::of(&stand.folder.path().join("Data")).incoming().join("0.2.0")).unwrap();
    let part = part.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().contains("piaoxia-0.2.0")).unwrap();
    let mut bytes = fs::read(&part).unwrap();
    assert!(!bytes.is_empty());
    bytes[3] ^= 1;
    fs::write(&part, bytes).unwrap();
    let (ended, asked) = stand.download([]).await;
    assert!(ended.is_ok() && asked.len() == 2 && asked[0] > 0 && asked[1] == 0, "{ended:?} {asked:?}");
    stand.installs().await;
}

#[tokio::test]
async fn nothing_endless_is_taken_and_nobody_leads_elsewhere() {
    let stand = Stand::new();
    let (ended, _) = stand.download([Way::Endless, Way::Endless, Way::Endless, Way::Endless]).await;
    assert!(matches!(ended, Err(UpdateError::Refused(Refusal::WrongSize { .. }))), "{ended:?}");
    let (ended, asked) = stand.download([Way::Redirect]).await;
    assert!(matches!(ended, Err(UpdateError::Network(ClientError::CaptivePortal))) && asked == [0], "{ended:?}");
}

#[tokio::test]
async fn a_download_is_stopped_and_goes_on_later() {
    let stand = Stand::new();
    let (address, _) = served(&stand.feed(), [Way::Hang(150_000)]).await;
    let source = Source::named(&address, ClientOptions::quick()).unwrap();
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let progress = move |done, _| {
        if done > 100_000 {
            stopping.cancel();
        }
    };
    let ended = stand.updater.download(&source, &progress, &stop).await;
    assert!(matches!(ended, Err(UpdateError::Cancelled)), "{ended:?}");
    let (ended, asked) = stand.download([]).await;
    assert!(ended.is_ok() && asked.len() == 1 && asked[0] > 100_000, "{ended:?} {asked:?}");
    stand.installs().await;
}

#[tokio::test]
async fn two_at_once_are_told_apart() {
    let stand = Stand::new();
    let lock = Shelf::of(&stand.folder.path().join("Data")).lock().unwrap();
    let (ended, _) = stand.download([]).await;
    assert!(matches!(ended, Err(UpdateError::Busy)), "{ended:?}");
    drop(lock);
    assert!(stand.download([]).await.0.is_ok());
    stand.installs().await;
}

#[tokio::test]
async fn a_source_that_is_not_there_is_named() {
    let stand = Stand::new();
    let gone = Source::Folder(stand.folder.path().join("gone"));
    assert!(matches!(stand.updater.check(&gone).await, Err(UpdateError::Files(_))));
    fs::create_dir(stand.folder.path().join("empty")).unwrap();
    let empty = Source::Folder(stand.folder.path().join("empty"));
    assert!(matches!(stand.updater.check(&empty).await, Err(UpdateError::Refused(Refusal::NoManifest))));
    assert!(Source::named("http://example.com/piaoxia", ClientOptions::default()).is_err(), "plain HTTP beyond this PC");
}
