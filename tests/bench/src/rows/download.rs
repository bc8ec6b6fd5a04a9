//! Fetching originals over HTTP from this machine the engine's way, through drafts of the store into files and journal, beside curl.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::Path as UrlPath;
use axum::routing::get;
use jiff::Timestamp;
use piaoxia_domain::invoice::Format;
use piaoxia_service::Client;
use piaoxia_service::contract::{FileRef, PROTOCOL_HEADER};
use piaoxia_store::{Incoming, NewOriginal, OpenOptions, Source, Store, wait};
use tokio::task::JoinSet;

use super::works;
use crate::invoices::invoice;
use crate::row::{Meter, PLAIN, Peer, Row, Task};

pub const DOWNLOAD: Row = Row {
    name: "download",
    count: 3_000,
    tiny: 20,
    server: Some(serve),
    ours,
    peers: &[Peer::Program { name: "curl-Z16", command: curl }],
    check: Some(weigh),
    ..PLAIN
};

const BYTES: usize = 100_000;
/// As many at once, and as many files and bytes in one commit, as the engine takes.
const PARALLEL: usize = 8;
const BATCH: usize = 100;
const BATCH_BYTES: usize = 2 << 20;

/// The `number`th file: no two are the same.
fn file(number: u64) -> Vec<u8> {
    let mut bytes = format!("<original number=\"{number}\">").into_bytes();
    bytes.resize(BYTES, b'x');
    bytes
}

fn serve(_task: &Task) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let one =
            |UrlPath(number): UrlPath<u64>| async move { ([(PROTOCOL_HEADER, "1"), ("content-type", "application/xml")], file(number)) };
        let router = Router::new().route("/file/{number}", get(one));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        Ok(axum::serve(listener, router).await?)
    })
}

fn ours(task: &Task, meter: &mut Meter) -> Result<String> {
    let store = Store::open(&task.out.join("data"), OpenOptions::default())?.store;
    for from in (0..task.count).step_by(500) {
        let some = from..task.count.min(from + 500);
        let incoming = some.map(|number| Incoming { invoice: invoice(number), source: Source::Download("bench".to_owned()) });
        wait(store.upsert(incoming.collect()))?;
    }
    meter.ready();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(fetch(&store, task))?;
    wait(store.close())?;
    Ok(String::new())
}

async fn fetch(store: &Store, task: &Task) -> Result<()> {
    let client = Client::new(&task.server, None)?;
    let mut queue = 0..task.count;
    let (mut running, mut batch, mut bytes) = (JoinSet::new(), Vec::new(), 0);
    let mut attaching = tokio::spawn(async { Ok(()) });
    loop {
        for number in queue.by_ref().take(PARALLEL - running.len()) {
            running.spawn(pour(client.clone(), store.clone(), number));
        }
        let Some(fetched) = running.join_next().await else { break };
        let original = fetched??;
        bytes += original.content.weight();
        batch.push(original);
        if batch.len() == BATCH || bytes >= BATCH_BYTES {
            attaching.await??;
            attaching = tokio::spawn(attach(store.clone(), std::mem::take(&mut batch)));
            bytes = 0;
        }
    }
    attaching.await??;
    attach(store.clone(), batch).await
}

async fn attach(store: Store, batch: Vec<NewOriginal>) -> Result<()> {
    if !batch.is_empty() {
        store.attach_originals(batch).await?;
    }
    Ok(())
}

async fn pour(client: Client, store: Store, number: u64) -> Result<NewOriginal> {
    let (key, name) = (invoice(number).key, format!("{number}.xml"));
    let url = format!("/file/{number}");
    let link = FileRef { key: key.clone(), format: Format::Xml, url, expires_at: Timestamp::MAX, name: name.clone() };
    let mut transfer = client.transfer(&link).await?;
    let mut draft = store.draft();
    draft.expect(transfer.announced().unwrap_or(0));
    while let Some(chunk) = transfer.chunk().await? {
        draft.write(chunk.as_ref()).await?;
    }
    Ok(NewOriginal { key, format: Format::Xml, name, content: draft.finish().await? })
}

fn curl(task: &Task) -> Result<Option<Vec<String>>> {
    if !works(&["curl", "--version"]) {
        return Ok(None);
    }
    let config = task.input.join("curl.cfg");
    let mut text = String::new();
    for number in 0..task.count {
        text.push_str(&format!("url = \"{}/file/{number}\"\noutput = \"files/{number}.xml\"\n", task.server));
    }
    fs::write(&config, text)?;
    fs::create_dir(task.out.join("files"))?;
    let config = config.to_str().context("a path that is no text")?.to_owned();
    let line = ["curl", "-s", "--fail", "-Z", "--parallel-max", "16", "-K", &config];
    Ok(Some(line.map(str::to_owned).to_vec()))
}

/// Number and bytes of the files that came.
fn weigh(task: &Task) -> Result<String> {
    let (mut count, mut bytes) = (0_u64, 0);
    let mut open = vec![task.out.join("files"), task.out.join("data").join("originals")];
    while let Some(folder) = open.pop() {
        visit(&folder, &mut open, &mut count, &mut bytes)?;
    }
    Ok(format!("{count} files, {bytes} bytes"))
}

fn visit(folder: &Path, open: &mut Vec<PathBuf>, count: &mut u64, bytes: &mut u64) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let about = entry.metadata()?;
        if about.is_dir() {
            open.push(entry.path());
        } else {
            *count += 1;
            *bytes += about.len();
        }
    }
    Ok(())
}
