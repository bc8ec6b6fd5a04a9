//! `inspect`: reads and checks documents. Needs no data folder, no service; changes nothing.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use piaoxia_documents::{Entry, InspectedSeal, InspectedVerdict, Inspection, Refusal, walk};
use piaoxia_domain::Kind;
use piaoxia_engine::Problem;
use piaoxia_engine::import::read_limited;
use piaoxia_engine::problem::FileFault;
use piaoxia_engine::trust::{RefusedBecause, trusted};
use piaoxia_files::FilesError;
use piaoxia_gateway::SimConnector;
use piaoxia_seals::Trust;

use super::import::unreadable;
use super::table::{self, Column};
use super::{Cx, Ended, Outcome};
use crate::boot;
use crate::text::{Language, check_name, fill, trust_fault};

/// Label and value of the block that a person reads.
fn block(cx: &Cx) -> [Column; 2] {
    let label = match cx.text.language {
        Language::ZhCn => 10,
        Language::En => 15,
    };
    [Column::Left(label), Column::Left(usize::MAX)]
}

/// How many files were read, how many not.
#[derive(Default)]
struct Count {
    read: u64,
    refused: u64,
}

pub(super) fn run(cx: &Cx, files: &[PathBuf]) -> Ended {
    let mut count = Count::default();
    let trust = trust(cx);
    for path in files {
        if cx.out.is_closed() || cx.stop.is_cancelled() {
            break;
        }
        inspect(cx, path, &trust, &mut count);
    }
    if count.read + count.refused > 1 {
        cx.say(&cx.text.cli.inspected, &[("n", &count.read.to_string()), ("refused", &count.refused.to_string())]);
    }
    // What was read until then is told, and that it is not all.
    if cx.stop.is_cancelled() {
        return Err(Problem::cancelled().into());
    }
    Ok(if count.refused == 0 { Outcome::Done } else { Outcome::SomeRefused })
}

/// What the user trusts: the folder `trust` of the data folder, where there is one. In the sandbox also the authority of the
/// sandbox that was started there, so that its documents show what a good one looks like; a hosted service's never are.
fn trust(cx: &Cx) -> Trust {
    let Ok(data) = boot::place(cx.data.clone()) else { return Trust::default() };
    let (trust, refused) = trusted(&data);
    for one in refused {
        let why = match one.fault {
            RefusedBecause::Unreadable(fault) => unreadable(cx.text, fault),
            RefusedBecause::Certificate(fault) => trust_fault(&cx.text.seals, fault),
        };
        cx.out.complain(&fill(&cx.text.seals.trust_refused, &[("file", &one.file), ("why", why)]));
    }
    let simulated = matches!(cx.service_of(&data), Ok(boot::Service::Sandbox));
    let sandbox = simulated.then(|| SimConnector::root_certificate(&data.join("gateway"))).flatten();
    trust.with(Trust::from_certificates(sandbox.iter().map(Vec::as_slice)).0)
}

fn inspect(cx: &Cx, path: &Path, trust: &Trust, count: &mut Count) {
    let shown = path.display().to_string();
    let refuse = |count: &mut Count, refusal: Refusal| {
        count.refused += 1;
        tell_refusal(cx, &refusal);
    };
    let bytes = match read_limited(path) {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(refused)) => return refuse(count, Refusal::new(&shown, &refused, cx.text)),
        Err(error) => {
            let refused = unreadable(cx.text, FileFault::from(&FilesError::from_io(path, error))).to_owned();
            return refuse(count, Refusal::saying(&shown, refused));
        }
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    walk(&name, &bytes, &mut |entry: Entry<'_>| {
        let file = if entry.name == name { shown.clone() } else { format!("{shown}/{}", entry.name) };
        match entry.outcome {
            Ok(document) => {
                count.read += 1;
                tell(cx, &Inspection::trusting(&file, &document, cx.text, trust));
            }
            Err(refused) => refuse(count, Refusal::trusting(&file, entry.bytes, &refused, cx.text, trust)),
        }
        if cx.out.is_closed() || cx.stop.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
}

fn tell_refusal(cx: &Cx, refusal: &Refusal) {
    cx.out.record(refusal);
    if cx.out.json {
        return;
    }
    cx.out.row(&fill(&cx.text.cli.refused, &[("file", &refusal.file), ("why", &refusal.refused)]));
    tell_seals(cx, &refusal.seals);
    tell_verdicts(cx, &refusal.verdicts);
    cx.out.row("");
}

/// Each seal: its name, when it was used and by whom, and who made it.
fn tell_seals(cx: &Cx, seals: &[InspectedSeal]) {
    for seal in seals {
        let parts = [&seal.name, &seal.signed_at, &seal.signer];
        let mut parts: Vec<String> = parts.into_iter().flatten().cloned().collect();
        parts.extend(seal.maker.as_ref().map(|maker| fill(&cx.text.seals.made_by, &[("maker", maker)])));
        let shown = if parts.is_empty() { cx.text.common.unknown.clone() } else { parts.join("  ") };
        cx.out.row(&table::line(&block(cx), &[&cx.text.seals.seal, &shown]));
    }
}

fn tell_verdicts(cx: &Cx, verdicts: &[InspectedVerdict]) {
    for verdict in verdicts {
        let mark = match verdict.result {
            "pass" => "✓",
            "fail" => "✗",
            _ => "–",
        };
        let values = [("mark", mark), ("check", check_name(cx.text, verdict.check)), ("reason", &verdict.reason)];
        cx.out.row(&fill(&cx.text.cli.check_line, &values));
    }
}

fn tell(cx: &Cx, found: &Inspection) {
    cx.out.record(found);
    if cx.out.json {
        return;
    }
    let (common, export, words) = (&cx.text.common, &cx.text.export, &cx.text.cli);
    let item = |label: &str, value: &str| cx.out.row(&table::line(&block(cx), &[label, value]));
    let party = |name: &Option<String>, number: &Option<String>| {
        let parts: Vec<&str> = [name, number].into_iter().flatten().map(String::as_str).collect();
        if parts.is_empty() { common.none.clone() } else { parts.join("  ") }
    };
    cx.out.row(&found.file);
    let kind =
        found.kind.as_deref().map_or_else(|| common.unknown.clone(), |code| format!("{} {}", code, cx.text.kind(&Kind::from_code(code))));
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
    tell_seals(cx, &found.seals);
    for warning in &found.warnings {
        item(&words.warning, warning);
    }
    tell_verdicts(cx, &found.verdicts);
    cx.out.row("");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::sync::OnceLock;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::cli::Output;
    use crate::text::Text;

    #[test]
    fn what_was_stopped_is_not_done() {
        let folder = tempfile::tempdir().unwrap();
        let cx = Cx {
            out: Output::new(true),
            text: Text::zh_cn(),
            data: Some(folder.path().to_path_buf()),
            service: None,
            log: OnceLock::new(),
            stop: CancellationToken::new(),
        };
        assert_eq!(run(&cx, &[]).unwrap(), Outcome::Done);
        cx.stop.cancel();
        assert_eq!(run(&cx, &["a.xml".into()]).unwrap_err().outcome(), Outcome::SomeRefused);
    }
}
