//! 下载客户端: the programs of a release, with what is needed to check them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use tokio_util::io::ReaderStream;

use super::browser::Visit;
use super::page::{self, Page};
use crate::app::App;
use crate::extract::Id;
use crate::failure::Failure;
use crate::random;

/// Names the files of a release, in the folder of the release.
const MANIFEST: &str = "release.json";

/// The release that is offered: the folder's, else the running program alone.
pub(crate) struct Downloads {
    folder: Option<PathBuf>,
    /// Of the running program.
    version: String,
    found: OnceCell<Release>,
}

/// What `release.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    /// `0.1.0`.
    version: String,
    /// What is new, a sentence each.
    #[serde(default)]
    notes: Vec<String>,
    files: Vec<Offered>,
}

/// One program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offered {
    /// `Windows 64 位`.
    platform: String,
    /// File name, without a folder.
    name: String,
    /// Bytes.
    size: u64,
    /// Of the whole file, hex.
    sha256: String,
    #[serde(skip)]
    path: PathBuf,
}

impl Downloads {
    pub(crate) fn new(folder: Option<PathBuf>, version: String) -> Self {
        Self { folder, version, found: OnceCell::new() }
    }

    /// Looks once; hashing takes a moment.
    async fn release(&self) -> &Release {
        let (folder, version) = (self.folder.clone(), self.version.clone());
        self.found
            .get_or_init(|| async {
                // Who names a folder offers what is in it, and nothing in its place.
                let look = move || folder.map_or_else(|| own_program(version), |folder| read_release(&folder)).unwrap_or_default();
                tokio::task::spawn_blocking(look).await.unwrap_or_default()
            })
            .await
    }
}

/// The release in a folder. A file that is not what the manifest says is not offered.
fn read_release(folder: &Path) -> Option<Release> {
    let text = std::fs::read(folder.join(MANIFEST));
    let text = text.inspect_err(|error| tracing::warn!(%error, "the release cannot be read")).ok()?;
    let mut release: Release =
        serde_json::from_slice(&text).inspect_err(|error| tracing::warn!(%error, "the release cannot be read")).ok()?;
    release.files.retain_mut(|file| {
        let plain = Path::new(&file.name).file_name().is_some_and(|name| name == file.name.as_str());
        file.path = folder.join(&file.name);
        let fits = plain && measured(&file.path).is_some_and(|(size, sha256)| size == file.size && sha256 == file.sha256.to_lowercase());
        if !fits {
            tracing::warn!(name = file.name, "a file of the release is missing or another one");
        }
        fits
    });
    Some(release)
}

/// The running program: whoever runs the sandbox has at least that.
fn own_program(version: String) -> Option<Release> {
    let path = std::env::current_exe().ok()?;
    let (size, sha256) = measured(&path)?;
    let platform = if cfg!(windows) { "Windows 64 位" } else { "Linux 64 位" }.to_owned();
    let name = path.file_name()?.to_string_lossy().into_owned();
    let files = vec![Offered { platform, name, size, sha256, path }];
    Some(Release { version, notes: Vec::new(), files })
}

fn measured(path: &Path) -> Option<(u64, String)> {
    let mut file = std::fs::File::open(path).ok()?;
    let (mut hash, mut size, mut part) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut part).ok()?;
        let Some(bytes) = part.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        size += read as u64;
    }
    Some((size, random::hex(&hash.finalize())))
}

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let release = app.downloads.release().await;
    let body = html! {
        section {
            h1 { "下载客户端" }
            @if release.files.is_empty() {
                p { "还没有发布客户端，请联系服务商。" }
            } @else {
                p { "版本 " b { (release.version) } }
                @for (place, file) in release.files.iter().enumerate() {
                    h2 { (file.platform) }
                    dl {
                        dt { "文件" } dd { (file.name) }
                        dt { "大小" } dd { (format!("{:.1} MB", file.size as f64 / 1_048_576.0)) }
                        dt { "SHA-256" } dd class="mono" { (file.sha256) }
                    }
                    a class="button yes" href=(format!("/p/download/{place}")) download=(file.name) { "下载" }
                }
                @if !release.notes.is_empty() {
                    h2 { "更新内容" }
                    ul { @for note in &release.notes { li { (note) } } }
                }
                p class="hint" { "下载后直接运行，不需要安装，也可以放在 U 盘上使用。首次登录后输入邮件里的激活码。" }
            }
        }
    };
    visit.send(&app, Page::new(&app, "下载客户端", body))
}

/// A file of the release.
pub(super) async fn fetch(State(app): State<Arc<App>>, Id(place): Id) -> Response {
    let release = app.downloads.release().await;
    let Some(file) = place.parse::<usize>().ok().and_then(|place| release.files.get(place)) else {
        return page::failed(&app, &Failure::not_found("file"));
    };
    let opened = match tokio::fs::File::open(&file.path).await {
        Ok(opened) => opened,
        Err(error) => return page::failed(&app, &Failure::internal(format!("a file of the release: {error}"))),
    };
    let mut response = (StatusCode::OK, Body::from_stream(ReaderStream::new(opened))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn only_what_the_manifest_says_is_offered() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("piaoxia.exe"), b"MZ").unwrap();
        let sha256 = measured(&dir.path().join("piaoxia.exe")).unwrap().1;
        let file = |name: &str, size: u64, sha256: &str| serde_json::json!({"platform": "Windows 64 位", "name": name, "size": size, "sha256": sha256});
        let files = [
            file("piaoxia.exe", 2, &sha256.to_uppercase()),
            file("piaoxia.exe", 3, &sha256),
            file("piaoxia.exe", 2, &"0".repeat(64)),
            file("../piaoxia.exe", 2, &sha256),
            file("gone.exe", 2, &sha256),
        ];
        let manifest = serde_json::json!({"version": "0.2.0", "notes": ["更快"], "files": files});
        std::fs::write(dir.path().join(MANIFEST), manifest.to_string()).unwrap();
        let release = read_release(dir.path()).unwrap();
        assert_eq!((release.version.as_str(), release.files.len()), ("0.2.0", 1));
        assert_eq!(read_release(&dir.path().join("elsewhere")), None);
        let own = own_program("0.3.0".to_owned()).unwrap();
        assert!(own.version == "0.3.0" && own.files.first().is_some_and(|file| file.size > 0));
    }
}
