//! `import`: files and folders into the ledger.

use std::path::PathBuf;
use std::sync::Arc;

use piaoxia_documents::Words;
use piaoxia_engine::event::ImportReport;
use piaoxia_engine::problem::FileFault;
use piaoxia_engine::{Services, import};
use serde_json::json;

use super::ledger::{Need, with_ledger};
use super::{Cx, Ended, Outcome};
use crate::text::{Text, fill};

pub(super) async fn run(cx: &Cx, paths: Vec<PathBuf>) -> Ended {
    with_ledger(cx, Need::Write, async |services: &Services| {
        let report = import::run(services, paths, Arc::new(|_, _| {}), &cx.stop).await?;
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
    cx.say(&cx.text.cli.imported, &[("new", &new), ("known", &known), ("refused", &count.to_string())]);
    cx.out.object(&json!({"new": report.new, "known": report.known, "refused": count}));
}

/// Why the system would not give a file.
pub(super) fn unreadable(text: &Text, fault: FileFault) -> &str {
    match fault {
        FileFault::Missing => &text.cli.unreadable_missing,
        FileFault::Denied => &text.cli.unreadable_denied,
        _ => &text.cli.unreadable_other,
    }
}
