//! Files of others, read where they are at hand: they are not part of this project.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and says what it skipped"
)]

use std::fs;
use std::path::PathBuf;

use piaoxia_documents::{FileFormat, Outcome, Refused, read, read_all, verdicts};

/// The folder beside the checkout, or further up where the checkout is a work tree; none with a word where it is absent.
fn samples() -> Option<PathBuf> {
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = home.ancestors().map(|folder| folder.join("shared/samples")).find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: no samples beside {}", home.display());
    }
    found
}

#[test]
fn the_published_sample_is_read() {
    let Some(folder) = samples() else { return };
    let bytes = fs::read(folder.join("einvoice-xml/sample_einvoice.xml")).unwrap();
    let document = read("sample_einvoice.xml", &bytes).unwrap();
    let invoice = &document.invoice;
    assert_eq!(invoice.key.to_string(), "99990000000000000001");
    assert_eq!((invoice.kind.code(), invoice.issued_on().to_string().as_str()), ("81", "2026-05-19"));
    let amounts = [invoice.net, invoice.tax, invoice.gross].map(|amount| amount.to_string());
    assert_eq!(amounts, ["1000.00", "130.00", "1130.00"]);
    assert_eq!(invoice.lines.len(), 2);
    let results: Vec<_> = verdicts(&document).into_iter().map(|verdict| verdict.result).collect();
    let (pass, fail, open) = (Outcome::Pass, Outcome::Fail, Outcome::NotChecked);
    // Its tax numbers are invented.
    assert_eq!(results, [pass, pass, pass, fail, fail, pass, pass, open, open, open]);
}

#[test]
fn nothing_else_is_taken_for_an_invoice() {
    let Some(folder) = samples() else { return };
    for part in ["ofdrw/extracted", "ofdrw/seals", "xbrl"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with("original_invoice.xml") {
                continue;
            }
            for (_, outcome) in read_all("sample", &fs::read(&path).unwrap()) {
                assert_eq!(outcome, Err(Refused::NotRecognised), "{}", path.display());
            }
        }
    }
}

/// A masked sample of 航空运输电子客票行程单: its list of attachments is empty, its number and one party's are no numbers.
#[test]
fn the_sample_of_an_air_ticket_is_read() {
    let Some(folder) = samples() else { return };
    let document = read("xbrl-001.pdf", &fs::read(folder.join("ofdrw/xbrl-001.pdf")).unwrap()).unwrap();
    let invoice = &document.invoice;
    assert_eq!((invoice.key.to_string().as_str(), invoice.kind.code()), ("9223372036854775807", "61"));
    assert_eq!(invoice.issued_on().to_string(), "2021-07-28");
    let amounts = [invoice.net, invoice.tax, invoice.gross].map(|amount| amount.to_string());
    assert_eq!(amounts, ["572.93", "47.07", "620.00"]);
    assert_eq!((invoice.buyer.name.as_str(), invoice.seller.name.as_str()), ("北京XXX公司", "中国南方航空股份有限公司"));
}

/// What the index of the samples says of the two workbooks.
#[test]
fn the_mock_workbooks_are_read() {
    let Some(folder) = samples() else { return };
    let read = |name: &str| {
        let bytes = fs::read(folder.join("derived").join(name)).unwrap();
        read_all(name, &bytes).into_iter().map(|(_, outcome)| outcome.unwrap()).collect::<Vec<_>>()
    };
    let full = read("全量发票查询导出结果-MOCK.xlsx");
    let gross: Vec<String> = full.iter().map(|document| document.invoice.gross.to_string()).collect();
    assert_eq!(gross, ["1060.00", "663.00", "39.54", "226.00", "-226.00", "106.00", "113.00"]);
    assert_eq!(full.iter().map(|document| document.invoice.lines.len()).collect::<Vec<_>>(), [1, 3, 2, 1, 1, 1, 1]);
    let codes: Vec<&str> = full.iter().map(|document| document.invoice.kind.code()).collect();
    assert_eq!(codes, ["81", "82", "82", "81", "81", "10", "85"]);
    for document in &full {
        assert_eq!(document.format, FileFormat::Xlsx);
        assert!(verdicts(document).iter().all(|verdict| verdict.result != Outcome::Fail), "{document:?}");
    }
    assert_eq!(full[4].invoice.red_of.as_ref(), Some(&full[3].invoice.key));
    assert_eq!(full[3].invoice.status, piaoxia_domain::Status::RedFull);
    assert_eq!(full[5].invoice.key.to_string(), "011002600111-00000001");
    let paper = &full[6].invoice;
    assert_eq!((paper.key.number(), paper.paper_key.as_ref().unwrap().number()), ("26112000000099000007", "00000002"));
    assert_eq!(paper.risk, "疑点发票");

    let ticks = read("抵扣勾选-MOCK.xlsx");
    let states: Vec<_> = ticks.iter().map(|document| document.invoice.deduction.unwrap().word()).collect();
    assert_eq!(states, ["open", "ticked"]);
    let effective = ticks.iter().map(|document| document.invoice.usage.as_ref().unwrap().effective_tax.unwrap().to_string());
    assert_eq!(effective.collect::<Vec<_>>(), ["60.00", "13.00"]);
    assert_eq!(ticks[1].invoice.key, paper.key);
}
