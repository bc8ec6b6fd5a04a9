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
    let refused = report.refused.iter().map(|file| (&file.file, cx.text.refused(&file.reason)));
    let unreadable = report.unreadable.iter().map(|file| (&file.file, unreadable(cx.text, file.fault).to_owned()));
    for (file, reason) in refused.chain(unreadable) {
        cx.out.row(&fill(&cx.text.cli.refused, &[("file", file), ("why", &reason)]));
        cx.out.record(&json!({"file": file, "refused": reason}));
    }
    let count = report.refused.len() + report.unreadable.len();
    let (new, known) = (report.new.to_string(), report.known.to_string());
    let second = report.second_originals.to_string();
    cx.say(&cx.text.cli.imported, &[("new", &new), ("known", &known), ("second", &second), ("refused", &count.to_string())]);
    cx.out.object(&json!({
        "new": report.new,
        "known": report.known,
        "second_originals": report.second_originals,
        "refused": count,
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
