//! `demo`: the main job headless on a sandbox of its own, proved against the simulated bureau's books.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use piaoxia_domain::names::DEFAULT_PATTERN;
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{DateRange, InvoiceFilter, Scope, Totals};
use piaoxia_engine::event::ExportReport;
use piaoxia_engine::problem::What;
use piaoxia_engine::{DownloadOrder, DownloadState, ExportKind, Extent, Problem, Services, accounts, download, export};
use piaoxia_files::FilesError;
use piaoxia_service::contract::{ChallengeKind, Company, Query, SandboxSize};
use serde::Serialize;

use super::args::Demo;
use super::ledger::with_world;
use super::phone::Phone;
use super::{Cx, Ended, Fault, Outcome, download as command, export as orders, sandbox};
use crate::boot::{Options, Sandbox, Service};

/// First day of the simulated bureau's books.
const FIRST_DAY: Date = date(2025, 1, 1);

/// What the demo came to; in JSON its last line.
#[derive(Serialize)]
struct Proof {
    /// As the exported tables say, read back.
    #[serde(flatten)]
    written: Totals,
    originals: u64,
    exported: Vec<PathBuf>,
    bureau: Totals,
    /// Both downloads ended in agreement, and every table says the same.
    #[serde(skip)]
    agreed: bool,
}

pub(super) async fn run(cx: &Cx, demo: &Demo) -> Ended {
    let out = std::path::absolute(&demo.out).unwrap_or_else(|_| demo.out.clone());
    fs::create_dir_all(&out).map_err(|error| FilesError::from_io(&out, error))?;
    let size = SandboxSize { seed: demo.seed, invoices: demo.count };
    cx.say(&cx.text.cli.demo_begin, &[("seed", &demo.seed.to_string()), ("n", &demo.count.to_string())]);
    if cx.data.is_none() {
        cx.log_nowhere();
    }
    let scratch = cx.data.is_none().then(|| Scratch(out.join(format!(".data-{:016x}", rand::random::<u64>()))));
    let data = scratch.as_ref().map_or_else(|| cx.data.clone(), |scratch| Some(scratch.0.clone()));
    let sandbox = if scratch.is_some() { Sandbox::Quick(size) } else { Sandbox::Sized(size) };
    // A session that is of use to nobody is not kept.
    let options = Options { key_folder: None, sandbox, service: Service::Sandbox, ..Options::new(data, None) };
    let ended = with_world(cx, options, async |services: &Services| {
        let company = prepare(cx, services).await?;
        let proof = prove(cx, services, &company, &out).await?;
        Ok(tell(cx, &proof))
    })
    .await;
    drop(scratch);
    ended
}

/// Sign in, activate, account, default: as a newcomer does it in the window.
async fn prepare(cx: &Cx, services: &Services) -> Result<Company, Fault> {
    let words = &cx.text.cli;
    let phone = Phone::new(services);
    let who = phone.sign_in(false, &cx.stop).await?;
    cx.say(&words.demo_signed_in, &[("name", &who.person.name)]);
    let companies = if who.activated { accounts::companies(services).await? } else { phone.activate().await? };
    cx.say(&words.demo_activated, &[("n", &companies.len().to_string())]);
    let Some(company) = companies.into_iter().next() else {
        return Err(Problem::new(What::Internal, "the sandbox has no company").into());
    };
    cx.say(&words.demo_company, &[("name", &company.name), ("tax_no", company.tax_no.as_str())]);
    let account = sandbox::ready_account(services, &company, |asked| {
        cx.out.say(match asked {
            ChallengeKind::Image { .. } => &words.demo_picture,
            ChallengeKind::Sms { .. } => &words.demo_sms,
            ChallengeKind::Qr { .. } | ChallengeKind::Face { .. } => &words.demo_qr,
            ChallengeKind::SelectIdentity { .. } | ChallengeKind::ConfirmRelation { .. } => &words.demo_identity,
            ChallengeKind::Working { .. } | ChallengeKind::Unknown => return,
        });
    })
    .await?;
    cx.say(&words.demo_account, &[("person", &account.person), ("identity", cx.text.identity(account.identity))]);
    sandbox::make_default(services, &company, &account).await?;
    cx.out.say(&words.demo_default);
    Ok(company)
}

/// Downloads both sides, exports them, and asks the bureau's books.
async fn prove(cx: &Cx, services: &Services, company: &Company, out: &Path) -> Result<Proof, Fault> {
    let yesterday = shanghai_day(Timestamp::now()).yesterday().unwrap_or(FIRST_DAY);
    let dates = DateRange::new(FIRST_DAY, yesterday).ok_or_else(|| Problem::new(What::Internal, "the clock is before 2025"))?;
    let mut agreed = true;
    let mut bureau = Totals::default();
    for scope in [Scope::Issued, Scope::Received] {
        agreed &= fetch(cx, services, company, scope, dates).await?;
        for row in services.client().sandbox().truth(&company.id, scope, dates).await? {
            bureau.merge(&row.totals);
        }
    }
    let filter = InvoiceFilter { company: Some(company.tax_no.clone()), dates: Some(dates), ..InvoiceFilter::default() };
    let table = write(cx, services, ExportKind::Xlsx, &filter, out.join("invoices.xlsx")).await?;
    let csv = write(cx, services, ExportKind::Csv, &filter, out.join("invoices.csv")).await?;
    let originals = write(cx, services, ExportKind::OriginalsZip, &filter, out.join("originals.zip")).await?;
    agreed &= table.totals == bureau && csv.totals == bureau && originals.totals.invoices == bureau.invoices;
    Ok(Proof {
        exported: [&table, &csv, &originals].into_iter().flat_map(|report| report.files.iter().cloned()).collect(),
        written: table.totals,
        originals: originals.originals,
        bureau,
        agreed,
    })
}

/// Counts, downloads with originals and reconciles one side; true when all agrees.
async fn fetch(cx: &Cx, services: &Services, company: &Company, scope: Scope, dates: DateRange) -> Result<bool, Fault> {
    let words = &cx.text.download;
    let side = if scope == Scope::Issued { &words.issued } else { &words.received };
    cx.say(&cx.text.cli.demo_side, &[("side", side), ("from", &dates.from().to_string()), ("to", &dates.to().to_string())]);
    let query = Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
    let order =
        DownloadOrder { company: company.into(), account: None, disk: None, query, originals: true, extent: Extent::Whole, refresh: false };
    let rows = download::count(services, &order, &cx.stop).await?;
    command::say_expected(cx, &rows);
    let done = command::watched(cx, services, order, Some(company), command::say_progress).await?;
    if cx.stop.is_cancelled() {
        return Err(Problem::cancelled().into());
    }
    command::say_end(cx, &done);
    match (&done.state, &done.problem) {
        (DownloadState::Failed | DownloadState::Paused, Some(problem)) => Err(problem.clone().into()),
        (DownloadState::Done, _) => Ok(true),
        _ => Ok(false),
    }
}

async fn write(cx: &Cx, services: &Services, kind: ExportKind, filter: &InvoiceFilter, target: PathBuf) -> Result<ExportReport, Fault> {
    let order = orders::order(cx.text, kind, filter.clone(), DEFAULT_PATTERN.to_owned(), target);
    let report = export::run(services, order, Arc::new(|_, _| {}), &cx.stop).await?;
    for file in &report.files {
        cx.say(&cx.text.cli.demo_written, &[("path", &file.display().to_string()), ("n", &report.totals.invoices.to_string())]);
    }
    Ok(report)
}

fn tell(cx: &Cx, proof: &Proof) -> Outcome {
    let words = &cx.text.cli;
    for (template, totals) in [(&words.demo_bureau, &proof.bureau), (&words.demo_files, &proof.written)] {
        let count = totals.invoices.to_string();
        cx.say(
            template,
            &[("n", &count), ("net", &totals.net.grouped()), ("tax", &totals.tax.grouped()), ("gross", &totals.gross.grouped())],
        );
    }
    cx.say(&words.demo_originals, &[("n", &proof.originals.to_string())]);
    cx.out.say(if proof.agreed { &words.demo_agrees } else { &words.demo_differs });
    cx.out.object(proof);
    if proof.agreed { Outcome::Done } else { Outcome::SomeRefused }
}

/// A data folder that is gone afterwards, whatever happened. It lies beside the exported files: there is room, and the user
/// chose the place.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "the demo's data folder stays behind");
        }
    }
}
