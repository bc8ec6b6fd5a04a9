//! Importing documents that somebody has already.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::fs;
use std::sync::Arc;

use piaoxia_documents::{Check, Field, Refused, Warning};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Direction, InvoiceFilter, InvoiceKey, Money, Scope};
use piaoxia_engine::event::ImportReport;
use piaoxia_engine::problem::What;
use piaoxia_engine::{ClaimAnswer, ClaimOf, Command, DownloadState, Event, ExportKind, ExportOrder, ExportWords, Selection};
use piaoxia_export::{Column, LineColumn, write_list};
use piaoxia_store::{Claim, Sort};
use support::{Running, World, months, order};

async fn imported(engine: &mut Running, paths: Vec<std::path::PathBuf>) -> ImportReport {
    engine.send(Command::Import(paths)).await;
    engine
        .until("import", |event| match event {
            Event::Imported { result, .. } => Some(result.unwrap()),
            _ => None,
        })
        .await
}

fn folder_file(folder: &std::path::Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

async fn ids_alone_are_enough(other: &mut Running, ids: &Arc<[u32]>) {
    // An invoice that is not there is told by its number.
    let missing: InvoiceKey = "26312000009999999999".parse().unwrap();
    other.send(Command::LoadInvoice(missing.clone())).await;
    let problem = other
        .until("no invoice", |event| match event {
            Event::Invoice { key, result } if key == missing => result.err(),
            _ => None,
        })
        .await;
    assert_eq!((problem.what, problem.subject.as_deref()), (What::NotInLedger, Some(missing.number())));

    // Rows of a view are claimed by their ids alone, and once more only for who insists.
    let on = jiff::civil::date(2026, 11, 30);
    let claim = Claim { on, by: "王五".into(), note: String::new(), at: jiff::Timestamp::UNIX_EPOCH, withdrawn: None };
    for (seq, again) in [(1, false), (2, false), (3, true)] {
        other.send(Command::Claim { seq, of: ClaimOf::Rows(Arc::clone(ids)), claim: claim.clone(), again }).await;
        let answer = other
            .until("claim", |event| match event {
                Event::Claimed { seq: of, result } if of == seq => Some(result.unwrap()),
                _ => None,
            })
            .await;
        match answer {
            ClaimAnswer::Done(count) => assert_eq!((seq != 2, count), (true, ids.len() as u64)),
            ClaimAnswer::Before(before) => assert_eq!((seq, before.len() as u64), (2, ids.len() as u64)),
        }
    }

    // One whose claims were withdrawn is the only other of those that were claimed before.
    let mut before: Vec<InvoiceKey> = other.store.rows(ids).into_iter().map(|row| row.key).collect();
    let free = before.remove(0);
    for kept in other.store.claims_of(&free).await.unwrap() {
        assert!(other.store.withdraw_claim(&free, &kept.id).await.unwrap());
    }
    let of = ClaimOf::Others { rows: Arc::clone(ids), but: before.into() };
    assert_eq!(of.count(), 1);
    other.send(Command::Claim { seq: 4, of, claim, again: false }).await;
    let answer = other
        .until("claim of the other", |event| match event {
            Event::Claimed { seq: 4, result } => Some(result.unwrap()),
            _ => None,
        })
        .await;
    assert_eq!(answer, ClaimAnswer::Done(1));
}

/// Originals of one ledger, exported as files, are imported into another that knows nothing but its companies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn originals_go_out_of_one_ledger_and_into_another() {
    let world = World::new(4_000).await;
    let (mut engine, company, _) = world.ready().await;
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, months(1), true)))).await;
    let done = engine.ended().await;
    assert_eq!(done.state, DownloadState::Done, "{done:#?}");
    let folder = world.dir.path().join("原件");
    let export = ExportOrder {
        company: None,
        kind: ExportKind::OriginalsFolder,
        selection: Selection::Filter(Box::default()),
        sort: Sort::default(),
        columns: Vec::new(),
        encoding: piaoxia_export::Encoding::default(),
        lines_sheet: None,
        line_columns: Vec::new(),
        words: ExportWords::default(),
        pattern: "{month}/{number}".to_owned(),
        print: piaoxia_engine::PrintOrder::default(),
        target: folder.clone(),
    };
    engine.send(Command::Export(Box::new(export))).await;
    let exported = engine
        .until("export", |event| match event {
            Event::Exported { result, .. } => Some(result.unwrap()),
            _ => None,
        })
        .await;
    assert_eq!(exported.originals, done.originals_done);
    // Whatever formats an invoice has, one of them is enough.
    let ids = engine.store.view(InvoiceFilter::default(), Sort::default()).await.unwrap().ids;
    let readable =
        engine.store.rows(&ids).iter().filter(|row| Format::ALL.into_iter().any(|format| row.originals.contains(format))).count() as u64;
    assert!(readable > 10);
    engine.close().await;

    fs::write(folder.join("readme.txt"), "no invoice").unwrap();
    fs::write(folder.join("broken.xml"), "<EInvoice><Header>").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Handle::current();
    let mut other = Running::start(&world.base_url(), &elsewhere.path().join("data"), &elsewhere.path().join("keys"), runtime);
    other.sign_in(&world, false).await;
    other.activate(&world).await;
    let report = imported(&mut other, vec![folder.clone(), elsewhere.path().join("gone.xml")]).await;
    assert_eq!(report.new, readable);
    let refused = |end: &str| report.refused.iter().find(|file| file.file.ends_with(end)).map(|file| &file.reason);
    assert_eq!(refused("readme.txt"), Some(&Refused::NotRecognised));
    assert!(matches!(refused("broken.xml"), Some(Refused::NotWellFormed { .. })));
    assert_eq!(report.unreadable.len(), 1);
    let received =
        InvoiceFilter { direction: Some(Direction::Received), company: Some(company.tax_no.clone()), ..InvoiceFilter::default() };
    let view = other.store.view(received, Sort::default()).await.unwrap();
    assert_eq!(view.totals.invoices, readable, "the side of the deal is known by the companies");
    let rows = other.store.rows(&view.ids);
    assert!(rows.iter().all(|row| !row.originals.is_empty()));

    // Again: all known.
    let again = imported(&mut other, vec![folder]).await;
    assert_eq!((again.new, again.known), (0, report.new + report.known));

    // One of them in full, and shown.
    other.send(Command::LoadInvoice(rows[0].key.clone())).await;
    let sheet = other
        .until("invoice", |event| match event {
            Event::Invoice { result, .. } => Some(result.unwrap()),
            _ => None,
        })
        .await;
    let original = &sheet.originals[0];
    other.send(Command::OpenOriginal { key: sheet.invoice.key.clone(), sha256: original.sha256.to_string() }).await;
    while other.opened.lock().unwrap().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let shown = other.opened.lock().unwrap()[0].clone();
    assert_eq!(shown.extension().unwrap(), original.format.extension());
    let bytes = other.store.read_original(original.sha256).await.unwrap();
    assert_eq!(fs::read(shown).unwrap(), bytes);

    ids_alone_are_enough(&mut other, &view.ids).await;

    // Files are read and proved without being kept; the ledger is compared with where it knows the invoice.
    let files = elsewhere.path().join("查验");
    fs::create_dir(&files).unwrap();
    let known = files.join(format!("known.{}", original.format.extension()));
    let unknown = files.join("unknown.xml");
    fs::write(&known, &bytes).unwrap();
    fs::write(&unknown, include_str!("../../documents/tests/fixtures/special.xml")).unwrap();
    let before = other.store.view(InvoiceFilter::default(), Sort::default()).await.unwrap().totals;
    other.send(Command::ProveFiles(vec![known, unknown, folder_file(&files, "note.txt", "x"), files.join("gone.ofd")])).await;
    let proved = other
        .until("proof", |event| match event {
            Event::FilesProved(result) => Some(result.unwrap()),
            _ => None,
        })
        .await;
    let checks =
        |index: usize| proved.papers[index].found.as_ref().unwrap().verdicts.iter().map(|verdict| verdict.check).collect::<Vec<_>>();
    assert_eq!(proved.papers[0].found.as_ref().unwrap().document.invoice.key, sheet.invoice.key);
    assert!(checks(0).contains(&Check::AgreesWithOther) && !checks(1).contains(&Check::AgreesWithOther));
    assert_eq!(proved.papers[2].found, Err(Refused::NotRecognised));
    assert_eq!((proved.papers.len(), proved.unreadable.len(), proved.more), (3, 1, false));
    assert_eq!(other.store.view(InvoiceFilter::default(), Sort::default()).await.unwrap().totals, before);
    other.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_can_be_cancelled() {
    let world = World::new(100).await;
    let mut engine = world.engine();
    let folder = world.dir.path().join("many");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..3_000 {
        fs::write(folder.join(format!("{number}.xml")), "<a/>").unwrap();
    }
    engine.send(Command::Import(vec![folder])).await;
    let id = engine
        .until("progress", |event| match event {
            Event::TaskProgress { id, .. } => Some(id),
            _ => None,
        })
        .await;
    engine.send(Command::CancelTask(id)).await;
    let result = engine
        .until("end", |event| match event {
            Event::Imported { result, .. } => Some(result),
            _ => None,
        })
        .await;
    match result {
        Err(problem) => assert_eq!(problem.what, piaoxia_engine::problem::What::Cancelled),
        Ok(report) => assert_eq!(report.refused.len(), 3_000, "it was through before the cancellation came"),
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_says_another_amount_than_the_ledger_is_told() {
    let world = World::new(100).await;
    let (mut engine, _, _) = world.ready().await;
    let folder = world.dir.path().join("收到");
    fs::create_dir(&folder).unwrap();
    let text = include_str!("../../documents/tests/fixtures/special.xml");
    let report = imported(&mut engine, vec![folder_file(&folder, "first.xml", text)]).await;
    assert_eq!((report.new, report.refused.len()), (1, 0));
    let report = imported(&mut engine, vec![folder_file(&folder, "other.xml", &text.replace("12620.41", "2620.41"))]).await;
    let amounts = report.refused.iter().map(|file| file.reason.clone()).collect::<Vec<_>>();
    let [ledger, file] = [1_262_041, 262_041].map(Money::from_fen);
    assert_eq!((report.known, amounts), (1, vec![Refused::OtherAmount { field: Field::Gross, ledger, file, kept: true }]));
    engine.close().await;
}

/// A workbook of one sheet with rows of texts, split at `|`; the first are the headings.
fn workbook(folder: &std::path::Path, sheet: &str, rows: &[&str]) -> std::path::PathBuf {
    let path = folder.join(format!("{sheet}.xlsx"));
    let columns: Vec<(String, u32)> = rows[0].split('|').map(|heading| (heading.to_owned(), 12)).collect();
    write_list(&path, sheet, &columns, rows[1..].iter().map(|row| row.split('|').collect())).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_says_another_amount_than_the_ledger_is_told() {
    let world = World::new(100).await;
    let (mut engine, _, _) = world.ready().await;
    let folder = world.dir.path().join("收到");
    fs::create_dir(&folder).unwrap();
    imported(&mut engine, vec![folder_file(&folder, "a.xml", include_str!("../../documents/tests/fixtures/special.xml"))]).await;
    let known = "26312000000000000018|2026-05-19|11320.75|1299.66|12620.41";
    let whole = workbook(&folder, "全量", &["数电发票号码|开票日期|金额|税额|价税合计", known, &known.replace("12620.41", "12720.41")]);
    // This list states no 价税合计: what was computed of it is not compared.
    let ticked = workbook(
        &folder,
        "勾选",
        &[
            "是否勾选|数电发票号码|开票日期|金额|票面税额|勾选时间",
            "是|26312000000000000018|2026-05-19|11320.75|299.66|2026-05-20 09:00:00",
        ],
    );
    let report = imported(&mut engine, vec![whole.clone(), ticked.clone()]).await;
    let told: Vec<(String, Refused)> = report.refused.into_iter().map(|file| (file.file, file.reason)).collect();
    let other =
        |field, ledger, file| Refused::OtherAmount { field, ledger: Money::from_fen(ledger), file: Money::from_fen(file), kept: false };
    let expected = [
        (format!("{}/全量/3", whole.display()), other(Field::Gross, 1_262_041, 1_272_041)),
        (format!("{}/勾选/2", ticked.display()), other(Field::Tax, 129_966, 29_966)),
    ];
    assert_eq!((report.known, told), (3, expected.to_vec()));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_that_is_too_large_for_the_ledger_costs_no_other() {
    let world = World::new(100).await;
    let (mut engine, _, _) = world.ready().await;
    let folder = world.dir.path().join("收到");
    fs::create_dir(&folder).unwrap();
    // Within the limits of a document, and beyond those of a record, where a quotation mark takes two bytes.
    let line = format!("<IssuItemInformation><ItemName>{}</ItemName><Amount>0.00</Amount></IssuItemInformation>", "\"".repeat(16_000));
    let large = format!("{}<SpecificInformation>", line.repeat(560));
    let text = include_str!("../../documents/tests/fixtures/special.xml");
    let file = |name: &str, number: &str, rest: &str| {
        folder_file(&folder, name, &text.replace("26312000000000000018", number).replace("<SpecificInformation>", rest))
    };
    let files = vec![
        file("1.xml", "26312000000000000018", "<SpecificInformation>"),
        file("2.xml", "26312000000000000026", &large),
        file("3.xml", "26312000000000000034", "<SpecificInformation>"),
    ];
    let report = imported(&mut engine, files.clone()).await;
    let refused: Vec<(&str, &Refused)> = report.refused.iter().map(|file| (file.file.as_str(), &file.reason)).collect();
    assert_eq!((report.new, refused), (2, vec![(files[1].to_str().unwrap(), &Refused::MoreThanKept)]));
    for (number, originals) in [("26312000000000000018", 1), ("26312000000000000034", 1), ("26312000000000000026", 0)] {
        let key: InvoiceKey = number.parse().unwrap();
        assert_eq!(engine.store.get(&key).await.unwrap().is_some(), originals == 1, "{number}");
        assert_eq!(engine.store.originals_of(&key).await.unwrap().len(), originals, "{number}");
    }
    engine.close().await;
}

/// No refusals: the bureau's own workbooks have sheets that are not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sheets_and_columns_that_are_not_read_are_noted() {
    let world = World::new(100).await;
    let (mut engine, _, _) = world.ready().await;
    let folder = world.dir.path().join("收到");
    fs::create_dir(&folder).unwrap();
    imported(&mut engine, vec![folder_file(&folder, "a.xml", include_str!("../../documents/tests/fixtures/special.xml"))]).await;
    let path = folder.join("全量.xlsx");
    let columns = [
        (Column::DigitalNumber, "数电发票号码"),
        (Column::Date, "开票日期"),
        (Column::Net, "金额"),
        (Column::Gross, "价税合计"),
        (Column::Drawer, "我的列"),
    ];
    let table = ExportOrder {
        company: None,
        kind: ExportKind::Xlsx,
        selection: Selection::Filter(Box::default()),
        sort: Sort::default(),
        columns: columns.map(|(column, heading)| (column, heading.to_owned())).to_vec(),
        encoding: piaoxia_export::Encoding::default(),
        lines_sheet: Some("说明".to_owned()),
        line_columns: vec![(LineColumn::Name, "品名".to_owned())],
        words: ExportWords { sheet: "发票基础信息".to_owned(), total: "合计".to_owned(), ..ExportWords::default() },
        pattern: String::new(),
        print: piaoxia_engine::PrintOrder::default(),
        target: path.clone(),
    };
    engine.send(Command::Export(Box::new(table))).await;
    engine
        .until("export", |event| match event {
            Event::Exported { result, .. } => Some(result.unwrap()),
            _ => None,
        })
        .await;
    let report = imported(&mut engine, vec![path.clone()]).await;
    assert_eq!((report.known, report.refused.len(), report.note_count), (1, 0, 2), "{report:?}");
    assert!(report.notes.iter().all(|noted| noted.file == path.display().to_string()));
    let notes: Vec<Warning> = report.notes.into_iter().map(|noted| noted.note).collect();
    let expected = [
        Warning::SheetsLeftOut { names: vec!["说明".to_owned()], count: 1 },
        Warning::ColumnsLeftOut { sheet: "发票基础信息".to_owned(), names: vec!["我的列".to_owned()], count: 1 },
    ];
    assert_eq!(notes, expected);
    engine.close().await;
}
