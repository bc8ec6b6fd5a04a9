//! Invoices, their originals by the simulated bureau, and the samples of others.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "each test uses a part of it, and may panic"
)]

use std::path::Path;
use std::sync::LazyLock;

use piaoxia_bureau::originals::Originals;
use piaoxia_domain::invoice::{Format, InvoiceLine};
use piaoxia_domain::{Invoice, Region};

static ORIGINALS: LazyLock<Originals> = LazyLock::new(|| Originals::new(7).unwrap());

/// An invoice of a kind with so many lines.
pub fn invoice(code: &str, lines: usize) -> Invoice {
    let is_old = matches!(code, "08" | "10" | "14");
    let key = if is_old { format!("0310026001{code}-100000{code}") } else { format!("263120000000000000{code}") };
    let line = r#"{"name":"*计算机配套产品*打印机","spec":"M208","unit":"台","quantity":"3","price":"100","net":"300.00","rate":"13%","tax":"39.00"}"#;
    let line: InvoiceLine = serde_json::from_str(line).unwrap();
    let text = format!(
        r#"{{"key":"{key}","kind":"{code}","direction":"received","issuedAt":"2026-05-19T09:47:14","net":"{net}.00","tax":"{tax}.00",
        "gross":"{gross}.00","status":"normal","drawer":"林知远","remark":"合同号：HT-2026-0519","checkCode":"{check}",
        "seller":{{"name":"上海云栖数字科技有限公司","taxNo":"91310115MA1K35JX4G"}},
        "buyer":{{"name":"杭州青禾进出口贸易有限公司","taxNo":"91330106MA2CE71F65"}}}}"#,
        net = 300 * lines,
        tax = 39 * lines,
        gross = 339 * lines,
        check = if is_old { "16630282980991510014" } else { "" },
    );
    let mut invoice: Invoice = serde_json::from_str(&text).unwrap();
    invoice.lines = vec![line; lines];
    invoice
}

/// Its original.
pub fn file(invoice: &Invoice, format: Format) -> Vec<u8> {
    ORIGINALS.file(invoice, Region::from_code("3100").unwrap(), format).unwrap()
}

/// Runs on a stack as [`piaoxia_preview::STACK`] asks for.
pub fn on_own_stack(work: impl FnOnce() + Send + 'static) {
    let worker = std::thread::Builder::new().stack_size(piaoxia_preview::STACK).spawn(work).unwrap();
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
}

/// OFD and PDF files of others by name; none where the folder is absent.
pub fn samples() -> Option<Vec<(String, Format, Vec<u8>)>> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = home.ancestors().map(|folder| folder.join("shared/samples/ofdrw")).find(|folder| folder.is_dir())?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let format = match name.rsplit('.').next() {
            Some("ofd") => Format::Ofd,
            Some("pdf") => Format::Pdf,
            _ => continue,
        };
        files.push((name, format, std::fs::read(entry.path()).unwrap()));
    }
    files.sort();
    Some(files)
}
