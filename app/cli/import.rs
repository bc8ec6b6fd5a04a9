//! `import`: files and folders into the ledger.

use std::path::PathBuf;

use piaoxia_documents::Words;
use piaoxia_engine::event::ImportReport;
use piaoxia_engine::problem::FileFault;
use piaoxia_engine::{Services, import};
use serde_json::json;

use super::export::progress;
use super::ledger::{Need, with_ledger};
use super::{Cx, Ended, Outcome};
use crate::text::{Text, fill};

pub(super) async fn run(cx: &Cx, paths: Vec<PathBuf>, workbook: Option<PathBuf>) -> Ended {
    with_ledger(cx, Need::Write, async |services: &Services| {
        let report = import::run(services, paths, progress(cx), &cx.stop).await?;
        if let Some(target) = &workbook {
            import::write_report(&std::path::absolute(target).unwrap_or(target.clone()), &report, cx.text)?;
        }
        tell(cx, &report);
        let all = report.refused.is_empty() && report.unreadable.is_empty();
        Ok(if all { Outcome::Done } else { Outcome::SomeRefused })
    })
    .await
}

fn tell(cx: &Cx, report: &ImportReport) {
    let refused = report.refused.iter().map(|file| (&file.file, cx.text.refused(&file.reason), file.reason.is_partial()));
    let unreadable = report.unreadable.iter().map(|file| (&file.file, unreadable(cx.text, file.fault).to_owned(), false));
    for (file, reason, is_partial) in refused.chain(unreadable) {
        let line = if is_partial { &cx.text.cli.partial } else { &cx.text.cli.refused };
        cx.out.row(&fill(line, &[("file", file), ("why", &reason)]));
        cx.out.record(&if is_partial { json!({"file": file, "partial": reason}) } else { json!({"file": file, "refused": reason}) });
    }
    for noted in &report.notes {
        let what = cx.text.warning(&noted.note);
        cx.out.row(&fill(&cx.text.import.note, &[("file", &noted.file), ("what", &what)]));
        cx.out.record(&json!({"file": noted.file, "note": what}));
    }
    let more = report.note_count.saturating_sub(report.notes.len() as u64);
    if more > 0 {
        cx.say(&cx.text.import.note_more, &[("n", &more.to_string())]);
    }
    let (count, partial) = (report.not_imported(), report.partial());
    let (new, known) = (report.new.to_string(), report.known.to_string());
    let second = report.second_originals.to_string();
    cx.say(&cx.text.cli.imported, &[("new", &new), ("known", &known), ("second", &second), ("refused", &count.to_string())]);
    if partial > 0 {
        cx.say(&cx.text.import.partial, &[("n", &partial.to_string())]);
    }
    cx.out.object(&json!({
        "new": report.new,
        "known": report.known,
        "second_originals": report.second_originals,
        "refused": count,
        "partial": partial,
        "notes": report.note_count,
    }));
}

/// Why the system would not give a file.
pub(super) fn unreadable(text: &Text, fault: FileFault) -> &str {
    match fault {
        FileFault::Missing => &text.cli.unreadable_missing,
        FileFault::Denied => &text.cli.unreadable_denied,
        FileFault::TooMany => &text.cli.unreadable_too_many,
        FileFault::TooDeep => &text.cli.unreadable_too_deep,
        _ => &text.cli.unreadable_other,
    }
}
