//! `inspect`: reads and checks documents. Needs no data folder, no service; changes nothing.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use piaoxia_documents::{Entry, Inspection, Refusal, Refused, walk};
use piaoxia_domain::Kind;
use piaoxia_engine::problem::FileFault;
use piaoxia_files::FilesError;

use super::import::unreadable;
use super::table::{self, Column};
use super::{Cx, Outcome};
use crate::text::{Cli as Words, fill};

/// Largest file that is read, bytes.
const LIMIT: u64 = 50 << 20;
/// Label and value of the block that a person reads.
const BLOCK: [Column; 2] = [Column::Left(10), Column::Left(usize::MAX)];

/// How many files were read, how many not.
#[derive(Default)]
struct Count {
    read: u64,
    refused: u64,
}

pub(super) fn run(cx: &Cx, files: &[PathBuf]) -> Outcome {
    let mut count = Count::default();
    for path in files {
        if cx.out.is_closed() || cx.stop.is_cancelled() {
            break;
        }
        inspect(cx, path, &mut count);
    }
    if count.read + count.refused > 1 {
        cx.say(&cx.text.cli.inspected, &[("n", &count.read.to_string()), ("refused", &count.refused.to_string())]);
    }
    if count.refused == 0 { Outcome::Done } else { Outcome::SomeRefused }
}

fn inspect(cx: &Cx, path: &Path, count: &mut Count) {
    let shown = path.display().to_string();
    let refuse = |count: &mut Count, refusal: Refusal| {
        count.refused += 1;
        tell_refusal(cx, &refusal);
    };
    let bytes = match read(path) {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(refused)) => return refuse(count, Refusal::new(&shown, &refused, cx.text)),
        Err(error) => {
            let refused = unreadable(cx.text, FileFault::from(&error)).to_owned();
            return refuse(count, Refusal { file: shown, refused });
        }
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    walk(&name, &bytes, &mut |entry: Entry<'_>| {
        let file = if entry.name == name { shown.clone() } else { format!("{shown}/{}", entry.name) };
        match entry.outcome {
            Ok(document) => {
                count.read += 1;
                tell(cx, &Inspection::from_document(&file, &document, cx.text));
            }
            Err(refused) => refuse(count, Refusal::new(&file, &refused, cx.text)),
        }
        if cx.out.is_closed() || cx.stop.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
}

/// A file may grow while it is read: what comes after the limit is refused all the same.
fn read(path: &Path) -> Result<Result<Vec<u8>, Refused>, FilesError> {
    let mut bytes = Vec::new();
    let file = File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes));
    let size = file.map_err(|error| FilesError::from_io(path, error))? as u64;
    Ok(if size > LIMIT { Err(Refused::TooLarge { size, limit: LIMIT }) } else { Ok(bytes) })
}

fn tell_refusal(cx: &Cx, refusal: &Refusal) {
    cx.out.record(refusal);
    cx.out.row(&fill(&cx.text.cli.refused, &[("file", &refusal.file), ("why", &refusal.refused)]));
    cx.out.row("");
}

fn tell(cx: &Cx, found: &Inspection) {
    cx.out.record(found);
    if cx.out.json {
        return;
    }
    let (common, export, words) = (&cx.text.common, &cx.text.export, &cx.text.cli);
    let item = |label: &str, value: &str| cx.out.row(&table::line(&BLOCK, &[label, value]));
    let party = |name: &Option<String>, number: &Option<String>| {
        let parts: Vec<&str> = [name, number].into_iter().flatten().map(String::as_str).collect();
        if parts.is_empty() { common.none.clone() } else { parts.join("  ") }
    };
    cx.out.row(&found.file);
    let kind = found.kind.as_deref().map_or_else(|| common.unknown.clone(), |code| format!("{} {}", code, Kind::from_code(code).name()));
    item(&export.col_kind, &kind);
    if let Some(code) = &found.code {
        item(&export.col_code, code);
    }
    item(&export.col_number, &found.number);
    item(&export.col_date, &found.issued_on);
    item(&words.seller, &party(&found.seller.name, &found.seller.tax_no));
    item(&words.buyer, &party(&found.buyer.name, &found.buyer.tax_no));
    item(&common.net, &found.net.grouped());
    item(&common.tax, &found.tax.grouped());
    item(&common.gross, &found.gross.grouped());
    item(&export.col_lines, &found.lines.len().to_string());
    for warning in &found.warnings {
        item(&words.warning, warning);
    }
    for verdict in &found.verdicts {
        let mark = match verdict.result {
            "pass" => "✓",
            "fail" => "✗",
            _ => "–",
        };
        cx.out.row(&format!("  {mark} {}：{}", check_name(&cx.text.cli, verdict.check), verdict.reason));
    }
    cx.out.row("");
}

/// What a check of [`piaoxia_documents::Check::id`] is about.
fn check_name<'w>(words: &'w Words, check: &'w str) -> &'w str {
    match check {
        "totals" => &words.check_totals,
        "line_sums" => &words.check_line_sums,
        "lines" => &words.check_lines,
        "seller_tax_no" => &words.check_seller_tax_no,
        "buyer_tax_no" => &words.check_buyer_tax_no,
        "number_shape" => &words.check_number_shape,
        "numbers_agree" => &words.check_numbers_agree,
        "sources_agree" => &words.check_sources_agree,
        "signature" => &words.check_signature,
        newer => newer,
    }
}
