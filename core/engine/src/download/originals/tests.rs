//! What becomes of originals, with a service that gives lists of links as none should.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::date;
use piaoxia_domain::{DateRange, Direction, Invoice, Scope, TaxNumber};
use piaoxia_service::contract::{PROTOCOL, PROTOCOL_HEADER, Query};
use piaoxia_service::{Client, ClientOptions};
use piaoxia_store::{Incoming, OpenOptions, Source, Store};
use tokio_util::sync::CancellationToken;

use super::super::record::Record;
use super::super::turn::Turn;
use super::super::{CompanyRef, DownloadOrder, Extent};
use super::*;
use crate::disks::DiskSetup;
use crate::pace::Pace;
use crate::services::ServicesConfig;

/// Invoices that the ledger has.
const INVOICES: usize = 20;
/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

fn key(number: usize) -> InvoiceKey {
    format!("263120000001234567{number:02}").parse().unwrap()
}

fn invoice(number: usize) -> Invoice {
    let text = r#"{"key":"26312000000123456789","kind":"82","issuedAt":"2026-10-08T09:30:00","seller":{"name":"甲"},
        "buyer":{"name":"乙"},"net":"1.00","tax":"0.00","gross":"1.00","status":"normal"}"#;
    let invoice: Invoice = serde_json::from_str(text).unwrap();
    Invoice { key: key(number), direction: Some(Direction::Received), ..invoice }
}

fn link(number: usize, url: &str) -> FileRef {
    FileRef { key: key(number), format: Format::Xml, url: url.to_owned(), expires_at: Timestamp::now(), name: format!("{number}.xml") }
}

/// The head and body of a request.
fn asked(stream: &mut TcpStream) -> String {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return text,
        }
    }
}

/// A service that gives these links, whatever it is asked for. Behind each is a whole original, but for `broken`.
fn service(links: Vec<FileRef>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
            let request = asked(&mut stream);
            let (kind, body) = match request.split(' ').nth(1).unwrap_or_default() {
                "/v1/files" => ("application/json", serde_json::to_string(&links).unwrap()),
                "/v1/files/broken" => ("application/xml", "<EInvoice".to_owned()),
                path => ("application/xml", format!("<EInvoice>{path}</EInvoice>")),
            };
            let length = body.len();
            let head = format!("{PROTOCOL_HEADER}: {PROTOCOL}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close");
            let _sent = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").as_bytes());
        }
    };
    std::thread::Builder::new().name("service".to_owned()).spawn(serving).unwrap();
    format!("http://{address}")
}

async fn services(dir: &tempfile::TempDir, links: Vec<FileRef>, pace: Pace) -> Services {
    let store = Store::open(dir.path(), OpenOptions::default()).unwrap().store;
    let incoming = (0..INVOICES).map(|number| Incoming { invoice: invoice(number), source: Source::Download("示例公司".to_owned()) });
    store.upsert(incoming.collect()).await.unwrap();
    let client = Client::with_options(&service(links), None, ClientOptions::quick()).unwrap();
    let config = ServicesConfig {
        data: dir.path().to_path_buf(),
        key_folder: None,
        vault_cost: None,
        device_name: "测试电脑".to_owned(),
        authorities: Vec::new(),
        pace,
        reader: None,
        disks: DiskSetup::default(),
    };
    Services::open(client, store, config).await.unwrap()
}

fn run(services: &Services) -> Run<impl Observe<Download> + use<>> {
    let dates = DateRange::new(date(2026, 10, 1), date(2026, 10, 31)).unwrap();
    let query = Query { scope: Scope::Received, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
    let company = CompanyRef { id: "c".into(), tax_no: TaxNumber::from_document("91310115MA1K35JX4G"), name: "示例公司".into() };
    let order = DownloadOrder { company, account: None, disk: None, query, originals: true, extent: Extent::Whole, refresh: false };
    Run::new(services, Record::new(order), Turn::alone(), |_: Download| {}, CancellationToken::new())
}

/// How many originals of the first so many invoices are in the ledger, and how many are missing.
async fn fetched(run: &mut Run<impl Observe<Download>>, invoices: usize) -> (u64, u64) {
    let wants = (0..invoices).map(|number| Want { key: key(number), held: HashSet::new() }).collect();
    let tally = tokio::time::timeout(LONG, run.fetch(wants)).await.unwrap().unwrap();
    run.all_attached().await.unwrap();
    (tally.kept, tally.missing)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_nobody_asked_for_keeps_no_other_original_out() {
    let (dir, stranger) = (tempfile::tempdir().unwrap(), INVOICES + 1);
    let services = services(&dir, vec![link(stranger, "/v1/files/b"), link(0, "/v1/files/a")], Pace::quick()).await;
    assert_eq!(fetched(&mut run(&services), 1).await, (1, 0));
    assert_eq!(services.store().originals_of(&key(0)).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_link_to_the_same_original_is_not_tried_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let services = services(&dir, vec![link(0, "/v1/files/a"), link(0, "/v1/files/broken")], Pace::quick()).await;
    assert_eq!(fetched(&mut run(&services), 1).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_not_encrypted_costs_its_own_original_and_no_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut links: Vec<FileRef> = (0..INVOICES).map(|number| link(number, &format!("/v1/files/{number}"))).collect();
    links[7].url = "http://files.example.com/7".to_owned();
    // A single pause would take longer than this test has.
    let pace = Pace { retry_base: 4 * LONG, retry_longest: 4 * LONG, ..Pace::default() };
    let services = services(&dir, links, pace).await;
    let mut run = run(&services);
    assert_eq!(fetched(&mut run, INVOICES).await, (19, 1));
    let why = run.originals_problem.as_ref().map(|problem| &problem.what);
    assert_eq!(why, Some(&What::Network(NetworkFault::UnsafeLink)));
    assert!(services.store().originals_of(&key(7)).await.unwrap().is_empty());
}

#[test]
fn a_cut_file_is_told_from_a_whole_one() {
    let whole: [(Format, &[u8]); 3] =
        [(Format::Xml, b"<EInvoice/>\r\n"), (Format::Ofd, b"PK\x03\x04body PK\x05\x06 eocd"), (Format::Pdf, b"%PDF-1.7 body\n%%EOF\n")];
    for (format, bytes) in whole {
        assert!(is_whole(format, bytes, bytes), "{format:?}");
        assert!(!is_whole(format, bytes, bytes.get(..bytes.len() - 8).unwrap_or_default()), "{format:?}");
        assert!(!is_whole(format, b"", b""), "{format:?}");
    }
    assert!(!is_whole(Format::Pdf, b"<html>please sign in</html>", b"%%EOF"));
}
