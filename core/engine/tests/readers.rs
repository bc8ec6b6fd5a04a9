//! Imports by reading processes: they may die and hang, and no file is lost.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![cfg(target_os = "linux")]

#[path = "../../documents/tests/support/pdf.rs"]
mod by_hand;
#[path = "../../documents/tests/support/sheet.rs"]
mod sheet;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use piaoxia_documents::Refused;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Deduction, Invoice, InvoiceFilter, InvoiceKey, Kind, Money};
use piaoxia_engine::deduction::{DeductionTotals, Used, summary};
use piaoxia_engine::event::ImportReport;
use piaoxia_engine::problem::{StoreFault, What};
use piaoxia_engine::{
    ExportKind, ExportOrder, ExportWords, Pace, PrintOrder, Problem, ReaderProgram, Selection, Services, ServicesConfig, export, import,
    proof, reader,
};
use piaoxia_service::{Client, ClientOptions};
use piaoxia_store::{Incoming, NewOriginal, OpenOptions, Sort, Source, Store};
use tokio_util::sync::CancellationToken;

/// Started with these words, the test program is the reading process.
const ONE_AT_A_TIME: &str = "--test-threads=1";

/// The reading process: this test program, told to run this test alone.
#[test]
fn read_files() {
    if !std::env::args().any(|word| word == ONE_AT_A_TIME) {
        return;
    }
    let served = reader::serve(std::io::stdin().lock(), std::io::stdout().lock());
    std::process::exit(i32::from(served.is_err()));
}

/// `mark` tells its processes from those of the tests beside it: a filter that no test has.
fn this_program(mark: &str) -> ReaderProgram {
    let arguments = ["--exact", "read_files", mark, "--nocapture", ONE_AT_A_TIME];
    ReaderProgram { program: std::env::current_exe().unwrap(), arguments: arguments.map(Into::into).to_vec() }
}

/// Says hello, then does as the script says.
fn script(then: &str) -> ReaderProgram {
    let script = format!("printf 'piaoxia reads files, 1\\n'; {then}");
    ReaderProgram { program: "/bin/sh".into(), arguments: ["-c".into(), script.into()].to_vec() }
}

async fn services(data: &Path, reader: Option<ReaderProgram>) -> Services {
    services_with(data, reader, Duration::from_secs(60)).await
}

async fn services_with(data: &Path, reader: Option<ReaderProgram>, silence: Duration) -> Services {
    fs::create_dir_all(data).unwrap();
    let store = Store::open(data, OpenOptions::default()).unwrap().store;
    let client = Client::with_options("http://127.0.0.1:9", None, ClientOptions::quick()).unwrap();
    let pace = Pace { reader: silence, ..Pace::quick() };
    let config = ServicesConfig {
        data: data.to_path_buf(),
        key_folder: None,
        vault_cost: None,
        device_name: "测试".to_owned(),
        authorities: Vec::new(),
        pace,
        reader,
        disks: piaoxia_engine::DiskSetup::default(),
    };
    Services::open(client, store, config).await.unwrap()
}

async fn imported(services: &Services, paths: Vec<PathBuf>) -> Result<ImportReport, Problem> {
    import::run(services, paths, Arc::new(|_, _| {}), &CancellationToken::new()).await
}

fn xml(number: usize) -> String {
    format!(
        "<发票><发票号码>261120000000{number:08}</发票号码><开票日期>2026-03-02</开票日期><销售方名称>甲</销售方名称>\
         <合计金额>100.00</合计金额><合计税额>6.00</合计税额><价税合计>106.00</价税合计></发票>"
    )
}

fn folder(at: &Path, files: usize) -> PathBuf {
    let folder = at.join("files");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..files {
        fs::write(folder.join(format!("{number:05}.xml")), xml(number)).unwrap();
    }
    folder
}

/// Reading processes that this one has started and that run.
fn children(mark: &str) -> Vec<u32> {
    let own = std::process::id().to_string();
    let is_reader = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // `pid (name) state parent`, and a name may hold anything.
        let mut fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let (state, parent) = (fields.next(), fields.next());
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let marked = arguments.split(|byte| *byte == 0).any(|argument| argument == mark.as_bytes());
        state != Some("Z") && parent == Some(own.as_str()) && marked
    };
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    all.filter(is_reader).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_killed_twenty_times_loses_no_file() {
    const FILES: usize = 8_000;
    const BETWEEN: u64 = 100;
    const KILLED: &str = "killed-twenty-times";
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), FILES);
    let services = services(&dir.path().join("data"), Some(this_program(KILLED))).await;
    let done = Arc::new(AtomicU64::new(0));
    let running = tokio::spawn({
        let (services, folder, seen) = (services.clone(), folder.clone(), done.clone());
        let progress = Arc::new(move |done, _| seen.store(done, Ordering::Relaxed));
        async move { import::run(&services, vec![folder], progress, &CancellationToken::new()).await.unwrap() }
    });
    let (mut killed, mut last) = (0, 0);
    while killed < 20 && !running.is_finished() {
        let now = done.load(Ordering::Relaxed);
        if now >= last + BETWEEN
            && let Some(pid) = children(KILLED).first()
        {
            std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
            (killed, last) = (killed + 1, now);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let report = running.await.unwrap();
    assert_eq!(killed, 20, "the import was over too soon");
    assert!(report.refused.iter().all(|file| file.reason == Refused::ReaderEnded), "{:?}", report.refused);
    assert_eq!(report.new + report.refused.len() as u64, FILES as u64);
    assert_eq!((report.known, report.unreadable.len()), (0, 0));
    let view = services.store().view(InvoiceFilter::default(), Sort::default()).await.unwrap();
    assert_eq!(view.totals.invoices, report.new);
    // Whatever was refused is read the next time, by a reader that nobody kills; the rest is known.
    let again = imported(&services, vec![folder]).await.unwrap();
    assert_eq!((again.new + report.new, again.refused.len()), (FILES as u64, 0));
    assert_eq!(children(KILLED), Vec::<u32>::new(), "no reader stays behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_dies_or_hangs_costs_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), 2);
    for (then, reason) in
        [("exit 3", Refused::ReaderEnded), ("exec sleep 60", Refused::ReaderHung { seconds: 0 }), ("echo nonsense", Refused::ReaderEnded)]
    {
        let data = dir.path().join(then.replace(' ', ""));
        let services = services_with(&data, Some(script(then)), Duration::from_millis(400)).await;
        let report = imported(&services, vec![folder.clone()]).await.unwrap();
        let reasons: Vec<&Refused> = report.refused.iter().map(|file| &file.reason).collect();
        assert_eq!((report.new, reasons), (0, vec![&reason, &reason]), "{then}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_reader_files_are_read_here() {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), 3);
    let gone = ReaderProgram { program: dir.path().join("gone"), arguments: Vec::new() };
    let dumb = ReaderProgram { program: "/bin/true".into(), arguments: Vec::new() };
    for (name, reader) in [("none", None), ("gone", Some(gone)), ("dumb", Some(dumb))] {
        let services = services(&dir.path().join(name), reader).await;
        assert_eq!(imported(&services, vec![folder.clone()]).await.unwrap().new, 3, "{name}");
    }
}

/// A month's invoices in one PDF: the first is read, and that the others were not is no success.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invoices_of_a_file_that_were_not_read_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("merged.pdf");
    fs::write(&path, sheet::two_invoices()).unwrap();
    for (name, reader) in [("here", None), ("apart", Some(this_program("merged")))] {
        let services = services(&dir.path().join(name), reader).await;
        let report = imported(&services, vec![path.clone()]).await.unwrap();
        assert_eq!((report.new, report.refused.len()), (1, 1), "{name}");
        let unread = Refused::OtherInvoices { next: "26312000000000000099".to_owned(), count: 1 };
        assert_eq!((report.refused[0].file.as_str(), &report.refused[0].reason), (path.to_str().unwrap(), &unread));
        let originals = services.store().originals_of(&"26312000000000000082".parse().unwrap()).await.unwrap();
        assert!(originals.is_empty(), "the pages of both are the original of neither");
    }
}

fn print(target: PathBuf) -> ExportOrder {
    ExportOrder {
        kind: ExportKind::Print,
        selection: Selection::Filter(Box::default()),
        company: None,
        sort: Sort::default(),
        columns: Vec::new(),
        encoding: piaoxia_export::Encoding::default(),
        lines_sheet: None,
        line_columns: Vec::new(),
        words: ExportWords::default(),
        pattern: String::new(),
        print: PrintOrder::default(),
        target,
    }
}

/// It is not read by this process either: the invoice is printed from its record.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_original_that_ends_its_reader_is_neither_printed_nor_proved() {
    let dir = tempfile::tempdir().unwrap();
    let pdf = sheet::with_font(&sheet::content(sheet::utf16), "UniGB-UCS2-H");
    let readers = [("here", None, 1), ("apart", Some(this_program("printed")), 1), ("ended", Some(script("exit 3")), 0)];
    for (name, reader, originals) in readers {
        let services = services(&dir.path().join(name), reader).await;
        let invoice = piaoxia_documents::read("a.pdf", &pdf).unwrap().invoice;
        let key = invoice.key.clone();
        services.store().upsert(vec![Incoming { invoice, source: Source::Import("a.pdf".to_owned()) }]).await.unwrap();
        let original = NewOriginal { key: key.clone(), format: Format::Pdf, name: "a.pdf".to_owned(), content: pdf.clone().into() };
        services.store().attach_originals(vec![original]).await.unwrap();
        let order = print(dir.path().join(format!("{name}.pdf")));
        let report = export::run(&services, order, Arc::new(|_, _| {}), &CancellationToken::new()).await.unwrap();
        assert_eq!((report.originals, report.without_original), (originals, 1 - originals), "{name}");
        let proved = proof::prove(&services, &key).await.unwrap();
        assert_eq!(proved[0].found.as_ref().err(), (originals == 0).then_some(&Refused::ReaderEnded), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_original_that_is_damaged_or_gone_is_left_out_of_exports_and_its_invoice_named() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let services = services(&data, None).await;
    let pdf = sheet::with_font(&sheet::content(sheet::utf16), "UniGB-UCS2-H");
    let invoice = piaoxia_documents::read("a.pdf", &pdf).unwrap().invoice;
    let keys = ["26312000000000000082", "26312000000000000099"].map(|number| number.parse::<InvoiceKey>().unwrap());
    let mut places = Vec::new();
    // Two files: the same bytes would be one.
    for (key, end) in keys.iter().zip(["", "\n"]) {
        let invoice = Invoice { key: key.clone(), ..invoice.clone() };
        services.store().upsert(vec![Incoming { invoice, source: Source::Import("a.pdf".to_owned()) }]).await.unwrap();
        let content = [pdf.as_slice(), end.as_bytes()].concat().into();
        let original = NewOriginal { key: key.clone(), format: Format::Pdf, name: "a.pdf".to_owned(), content };
        services.store().attach_originals(vec![original]).await.unwrap();
        let name = services.store().originals_of(key).await.unwrap()[0].sha256.to_string();
        places.push(data.join("originals").join(&name[..2]).join(&name));
    }
    let run = async |order: ExportOrder| export::run(&services, order, Arc::new(|_, _| {}), &CancellationToken::new()).await;
    let originals =
        |name: &str| ExportOrder { kind: ExportKind::OriginalsFolder, pattern: "{number}".to_owned(), ..print(dir.path().join(name)) };
    fs::write(&places[0], "damaged").unwrap();
    let report = run(originals("first")).await.unwrap();
    assert_eq!((report.originals, report.damaged, report.damaged_count), (1, vec![keys[0].to_string()], 1));
    // A print draws it from its record.
    fs::remove_file(&places[0]).unwrap();
    let report = run(print(dir.path().join("a.pdf"))).await.unwrap();
    assert_eq!((report.originals, report.without_original, report.damaged), (1, 1, vec![keys[0].to_string()]));
    // That there is nothing else to export is no empty selection.
    fs::remove_file(&places[1]).unwrap();
    let problem = run(originals("second")).await.unwrap_err();
    assert_eq!(problem.what, What::Store(StoreFault::OriginalDamaged));
    assert!(problem.subject.is_some_and(|subject| keys.iter().any(|key| key.to_string() == subject)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_data_folder_gone_no_original_is_left_out_of_an_export() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let services = services(&data, None).await;
    let pdf = sheet::with_font(&sheet::content(sheet::utf16), "UniGB-UCS2-H");
    let invoice = piaoxia_documents::read("a.pdf", &pdf).unwrap().invoice;
    let key = invoice.key.clone();
    services.store().upsert(vec![Incoming { invoice, source: Source::Import("a.pdf".to_owned()) }]).await.unwrap();
    let original = NewOriginal { key, format: Format::Pdf, name: "a.pdf".to_owned(), content: pdf.into() };
    services.store().attach_originals(vec![original]).await.unwrap();
    let target = dir.path().join("a.pdf");
    // The ledger itself is read from files that are open.
    piaoxia_files::move_folder(&data, &dir.path().join("away")).unwrap();
    let order = print(target.clone());
    let problem = export::run(&services, order, Arc::new(|_, _| {}), &CancellationToken::new()).await.unwrap_err();
    assert_eq!(problem.what, What::Store(StoreFault::Missing));
    assert!(!target.exists());
}

/// The sheet XML of rows of texts, as the bureau writes it.
fn workbook(at: &Path, name: &str, rows: &[String]) -> PathBuf {
    let path = at.join(format!("{name}.xlsx"));
    let columns = rows[0].split('|').map(|heading| (heading.to_owned(), 12)).collect::<Vec<_>>();
    let body = rows[1..].iter().map(|row| row.split('|').collect());
    piaoxia_export::write_list(&path, name, &columns, body).unwrap();
    path
}

const FULL: &str = "数电发票号码|销方识别号|销方名称|购方识别号|购买方名称|开票日期|金额|税额|价税合计|发票票种|发票状态";
const TICKS: &str = "是否勾选*|数电发票号码|开票日期*|金额*|票面税额*|有效抵扣税额*|购买方识别号*|销售方纳税人名称|票种*|发票状态|勾选时间";
const NOT: &str = "是否勾选*|数电票号码|开票日期*|销售方纳税人名称*|金额*|票面税额*|有效抵扣税额*|票种*|发票状态|勾选时间|不抵扣原因*";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deduction_summary_ties_out_with_the_lists() {
    let dir = tempfile::tempdir().unwrap();
    let number = |n: u32| format!("26112000000000{n:06}");
    let full: Vec<String> = std::iter::once(FULL.to_owned())
        .chain((0..9).map(|n| {
            format!(
                "{}|91110108MA0TE0T12L|甲|91440300MA5TE0T2XF|乙公司|2026-10-08|100.00|13.00|113.00|数电发票（增值税专用发票）|正常",
                number(n)
            )
        }))
        .collect();
    let tick = |n: u32, ticked: &str, at: &str, effective: &str| {
        format!("{ticked}|{}|2026-10-08|100.00|13.00|{effective}|91440300MA5TE0T2XF|甲|数电发票（增值税专用发票）|正常|{at}", number(n))
    };
    let ticks = [
        TICKS.to_owned(),
        tick(0, "是", "2026-10-20 09:00:00", "13.00"),
        tick(1, "是", "2026-10-20 09:00:00", "6.50"),
        tick(2, "是", "2026-11-02 09:00:00", "13.00"),
        tick(3, "否", "", "13.00"),
        tick(4, "是", "", "13.00"),
    ];
    let not = [
        NOT.to_owned(),
        format!("是|{}|2026-10-08|甲|100.00|13.00|13.00|数电发票（增值税专用发票）|正常|2026-10-21 10:00:00|用于免税项目", number(5)),
    ];
    let files =
        vec![workbook(dir.path(), "全量", &full), workbook(dir.path(), "抵扣勾选", &ticks), workbook(dir.path(), "不抵扣勾选", &not)];
    let services = services(&dir.path().join("data"), Some(this_program("deduction"))).await;
    let report = imported(&services, files.clone()).await.unwrap();
    assert_eq!((report.new, report.known, report.refused.len()), (9, 6, 0));

    let fen = |fen| Money::from_fen(fen);
    let totals = |invoices: i64, effective: i64| DeductionTotals {
        invoices: invoices as u64,
        net: fen(invoices * 10_000),
        tax: fen(invoices * 1_300),
        effective_tax: fen(effective),
        assumed: 0,
    };
    let found = summary(&services, None, "2026-10".parse().unwrap()).await.unwrap();
    let kind = Kind::from_code("81");
    let wanted = [
        (Used::Deduct, totals(2, 1_950)),
        (Used::NotDeduct, totals(1, 1_300)),
        (Used::Undated, totals(1, 1_300)),
        (Used::Open, totals(1, 1_300)),
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), wanted.map(|(used, totals)| ((used, kind.clone()), totals)));
    let later = summary(&services, None, "2026-11".parse().unwrap()).await.unwrap();
    assert_eq!(later[&(Used::Deduct, kind.clone())], totals(1, 1_300));
    assert!(summary(&services, None, "2026-09".parse().unwrap()).await.unwrap().is_empty());

    // The lists named no buyer; nothing that was known is gone.
    let invoice = services.store().get(&number(0).parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((invoice.buyer.name.as_str(), invoice.deduction), ("乙公司", Some(Deduction::Ticked)));
    let again = imported(&services, files).await.unwrap();
    assert_eq!((again.new, again.known), (0, 15));
    let unchanged = services.store().get(&invoice.key).await.unwrap().unwrap();
    assert_eq!(unchanged, invoice);
}
