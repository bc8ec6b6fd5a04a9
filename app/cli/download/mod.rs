//! `download`: invoices from the bureau into the ledger, exactly as the window does it.

mod options;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use piaoxia_domain::account::{DefaultFor, default_account};
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{AccountId, Scope, Totals};
use piaoxia_engine::download::{BatchWish, plan_batch};
use piaoxia_engine::session::restore;
use piaoxia_engine::{
    CompanyRef, Difference, Disks, Download, DownloadOrder, DownloadState, Finding, Problem, Services, accounts, download,
};
use piaoxia_service::contract::{Company, ErrorClass, SummaryRow};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::export::PROGRESS;
use super::ledger::with_world;
use super::phone::Phone;
use super::stats::{totals, with_totals};
use super::{Cx, Ended, Fault, Outcome, disk, sandbox};
use crate::text::{fill, problem_line};

pub use options::Options;

pub(super) async fn run(cx: &Cx, options: &Options) -> Ended {
    let span = options.span().map_err(|mistake| Fault::mistake(&mistake, cx.text))?;
    with_world(cx, cx.options(), async |services: &Services| {
        signed_in(cx, services, options.sandbox_phone).await?;
        let companies = companies(cx, services, options).await?;
        if options.sandbox_phone && !options.by_disk() {
            for company in &companies {
                with_account(services, company).await.map_err(|problem| only_sandbox(cx, problem))?;
            }
        }
        let wish = BatchWish {
            companies: companies.iter().map(CompanyRef::from).collect(),
            scopes: options.scopes(),
            span,
            originals: !options.no_originals && !options.by_disk(),
            refresh: options.refresh,
            today: shanghai_day(Timestamp::now()),
        };
        let orders: Vec<DownloadOrder> = plan_batch(services, &wish).await?.into_iter().map(|planned| planned.order).collect();
        // Held until the end: its session is that of the download.
        let disks = Disks::new(services);
        all(cx, services, &Batch { options, companies, disks: &disks }, orders).await
    })
    .await
}

/// What every download of a command has.
struct Batch<'a> {
    options: &'a Options,
    companies: Vec<Company>,
    disks: &'a Disks,
}

/// One after the other. Of several, one that cannot be had does not keep the others back.
async fn all(cx: &Cx, services: &Services, batch: &Batch<'_>, orders: Vec<DownloadOrder>) -> Ended {
    let (several, mut refused, mut done) = (orders.len() > 1, Vec::new(), 0_usize);
    for order in orders {
        if several {
            say_which(cx, &order);
        }
        match one(cx, services, batch, order).await {
            Ok(Outcome::Done) => done += 1,
            Ok(_) => refused.push(None),
            Err(fault) if several && !cx.stop.is_cancelled() => {
                fault.tell(&cx.out, cx.text);
                refused.push(Some(fault));
            }
            Err(fault) => return Err(fault),
        }
    }
    // Where no download succeeded, the command ends with the code of the first.
    match (done, refused.first()) {
        (_, None) => Ok(Outcome::Done),
        (0, Some(Some(fault))) => Ok(fault.outcome()),
        _ => Ok(Outcome::SomeRefused),
    }
}

async fn one(cx: &Cx, services: &Services, batch: &Batch<'_>, mut order: DownloadOrder) -> Ended {
    let Some(company) = batch.companies.iter().find(|company| company.id == order.company.id) else { return Ok(Outcome::Done) };
    if batch.options.by_disk() {
        (order.account, order.disk) = by_disk_of(batch.disks, company, batch.options.sandbox_disk).await?;
    }
    if !batch.options.since_last {
        let expected = say_expected(cx, &download::count(services, &order, &cx.stop).await?);
        cx.out.object(&event("counted", &expected));
    }
    let done = watched(cx, services, order, batch.options.sandbox_phone.then_some(company), tell_progress).await?;
    end(cx, &done)
}

/// Whose download begins.
fn say_which(cx: &Cx, order: &DownloadOrder) {
    let scope = match order.query.scope {
        Scope::Deductible => &cx.text.download.scope_deductible,
        Scope::Issued => &cx.text.download.issued,
        Scope::Received => &cx.text.download.received,
    };
    let dates = order.query.dates;
    let values =
        [("company", order.company.name.as_str()), ("scope", scope), ("from", &dates.from().to_string()), ("to", &dates.to().to_string())];
    cx.say(&cx.text.cli.download_of, &values);
}

/// Account and number of the company's disk, signed in.
async fn by_disk_of(disks: &Disks, company: &Company, sandbox: bool) -> Result<(Option<AccountId>, Option<String>), Fault> {
    let (disk, facts) = disk::signed_in(disks, &company.tax_no, sandbox).await?;
    Ok((disk.session.map(|session| session.account), Some(facts.serial)))
}

/// Restores the kept session, or has the sandbox's phone sign in and activate.
async fn signed_in(cx: &Cx, services: &Services, phone: bool) -> Result<(), Fault> {
    let who = match restore(services).await? {
        Some(who) => who,
        None if phone => Phone::new(services).sign_in(false, &cx.stop).await.map_err(|problem| only_sandbox(cx, problem))?,
        None => return Err(Fault::NeedsPerson(cx.text.cli.not_signed_in.clone())),
    };
    match who.activated {
        true => Ok(()),
        false if phone => Ok(Phone::new(services).activate().await.map(drop)?),
        false => Err(Fault::NeedsPerson(cx.text.cli.not_activated.clone())),
    }
}

/// A service that is no sandbox has no such phone, and says that there is no such thing.
fn only_sandbox(cx: &Cx, problem: Problem) -> Fault {
    match problem.class() {
        Some(ErrorClass::NotFound) => Fault::NeedsPerson(cx.text.cli.not_sandbox.clone()),
        _ => problem.into(),
    }
}

/// The company that was named, or all that have an account.
async fn companies(cx: &Cx, services: &Services, options: &Options) -> Result<Vec<Company>, Fault> {
    let known = accounts::companies(services).await?;
    let Some(wanted) = &options.company else {
        let (ready, bare): (Vec<_>, Vec<_>) = known.into_iter().partition(|company| company.accounts > 0 || options.sandbox_phone);
        for company in &bare {
            cx.say(&cx.text.cli.no_account, &[("company", &company.name)]);
        }
        return if ready.is_empty() { Err(Fault::NeedsPerson(cx.text.cli.no_accounts.clone())) } else { Ok(ready) };
    };
    let names: Vec<String> = known.iter().map(|company| format!("{} {}", company.tax_no.as_str(), company.name)).collect();
    let found = known.into_iter().find(|company| company.tax_no == *wanted).ok_or_else(|| {
        let values = [("company", wanted.as_str()), ("known", &names.join("\n"))];
        Fault::Usage(fill(&cx.text.cli.no_company, &values))
    })?;
    Ok(vec![found])
}

async fn with_account(services: &Services, company: &Company) -> Result<(), Problem> {
    let account = sandbox::ready_account(services, company, |_| {}).await?;
    let (held, _) = accounts::accounts(services, &company.id).await?;
    if default_account(&held, DefaultFor::Receive).is_none() {
        sandbox::make_default(services, company, &account).await?;
    }
    Ok(())
}

/// Runs a download; `tell` is called every other second. When the bureau's session ends on the way, the sandbox's phone signs the
/// account in again (`phone`, with the company); without it the download is kept for the window and the command ends.
pub(super) async fn watched(
    cx: &Cx,
    services: &Services,
    order: DownloadOrder,
    phone: Option<&Company>,
    tell: fn(&Cx, &Download),
) -> Result<Download, Fault> {
    let stop = cx.stop.child_token();
    let helped: Arc<Mutex<Option<Problem>>> = Arc::default();
    let mut told = Instant::now();
    let mut state = DownloadState::Waiting;
    let observer = |now: Download| {
        if now.state != state && matches!(now.state, DownloadState::NeedsLogin { .. }) {
            match phone {
                Some(company) => sign_in_again(services, company, &helped, &stop),
                None => stop.cancel(),
            }
        }
        if told.elapsed() >= PROGRESS {
            told = Instant::now();
            tell(cx, &now);
        }
        state = now.state;
    };
    let done = download::run(services, order, observer, &stop).await?;
    let not_helped = helped.lock().unwrap_or_else(PoisonError::into_inner).take();
    match not_helped {
        Some(problem) => Err(problem.into()),
        None if done.state == DownloadState::Paused && stop.is_cancelled() && !cx.stop.is_cancelled() => {
            Err(Problem::needs_login().about(done.order.company.name).into())
        }
        None => Ok(done),
    }
}

fn sign_in_again(services: &Services, company: &Company, helped: &Arc<Mutex<Option<Problem>>>, stop: &CancellationToken) {
    let (services, company, helped, stop) = (services.clone(), company.clone(), Arc::clone(helped), stop.clone());
    tokio::spawn(async move {
        if let Err(problem) = sandbox::ready_account(&services, &company, |_| {}).await {
            helped.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(problem);
            stop.cancel();
        }
    });
}

/// Counts and sums that the bureau gives before anything comes.
pub(super) fn say_expected(cx: &Cx, rows: &[SummaryRow]) -> Totals {
    let mut expected = Totals::default();
    for row in rows {
        expected.merge(&row.totals);
    }
    if expected.invoices == 0 {
        cx.out.say(&cx.text.cli.nothing);
    } else {
        cx.say(&cx.text.cli.expected, &[("n", &expected.invoices.to_string()), ("gross", &expected.gross.grouped())]);
    }
    expected
}

/// A line of progress for people.
pub(super) fn say_progress(cx: &Cx, now: &Download) {
    let values = [
        ("n", &*now.received.invoices.to_string()),
        ("total", &now.expected_totals().invoices.to_string()),
        ("originals", &now.originals_done.to_string()),
    ];
    cx.say(&cx.text.cli.received, &values);
}

fn tell_progress(cx: &Cx, now: &Download) {
    say_progress(cx, now);
    let expected = now.expected_totals().invoices;
    let done = (now.received.invoices, now.originals_done);
    cx.out.object(&json!({"event": "progress", "invoices": done.0, "expected": expected, "originals": done.1}));
}

/// An object with counts and sums.
fn event(name: &str, totals: &Totals) -> Value {
    let mut object = json!({"event": name});
    with_totals(&mut object, totals);
    object
}

/// Prints how it ended.
fn end(cx: &Cx, done: &Download) -> Ended {
    if done.state == DownloadState::Failed
        && let Some(problem) = &done.problem
    {
        return Err(problem.clone().into());
    }
    say_end(cx, done);
    let mut object = event("finished", &done.received);
    if let Value::Object(fields) = &mut object {
        fields.insert("company".to_owned(), json!(done.order.company.tax_no.as_str()));
        fields.insert("scope".to_owned(), json!(done.order.query.scope.word()));
        fields.insert("from".to_owned(), json!(done.order.query.dates.from()));
        fields.insert("to".to_owned(), json!(done.order.query.dates.to()));
        fields.insert("state".to_owned(), json!(word(&done.state)));
        fields.insert("new".to_owned(), json!(done.new));
        fields.insert("changed".to_owned(), json!(done.changed));
        fields.insert("refreshed".to_owned(), json!(done.refreshed));
        fields.insert("originals".to_owned(), json!(done.originals_done));
        fields.insert("originals_missing".to_owned(), json!(done.originals_missing));
        fields.insert("differences".to_owned(), done.differences.iter().map(difference).collect());
    }
    cx.out.object(&object);
    match (&done.state, &done.problem) {
        (DownloadState::Done, _) => Ok(Outcome::Done),
        (DownloadState::Paused, Some(problem)) => Err(problem.clone().into()),
        _ => Ok(Outcome::SomeRefused),
    }
}

/// Prints what came and whether ledger and bureau agree.
pub(super) fn say_end(cx: &Cx, done: &Download) {
    let words = &cx.text.cli;
    let (count, new, changed) = (done.received.invoices.to_string(), done.new.to_string(), done.changed.to_string());
    cx.say(&words.downloaded, &[("n", &count), ("new", &new), ("changed", &changed), ("originals", &done.originals_done.to_string())]);
    if done.originals_missing > 0 {
        cx.say(&words.originals_missing, &[("n", &done.originals_missing.to_string())]);
    }
    match done.state {
        DownloadState::Done if done.differences.is_empty() => cx.out.say(&words.agrees),
        DownloadState::Done => cx.out.say(&words.agrees_beside),
        DownloadState::Paused => cx.out.say(&words.paused),
        _ => {}
    }
    for difference in &done.differences {
        let month = difference.month.strftime("%Y-%m").to_string();
        let (bureau, ledger) = (&difference.bureau, &difference.ledger);
        let values = [
            ("month", month.as_str()),
            ("kind", cx.text.kind_short(&difference.kind)),
            ("bureau", &bureau.invoices.to_string()),
            ("bureau_gross", &bureau.gross.grouped()),
            ("ledger", &ledger.invoices.to_string()),
            ("ledger_gross", &ledger.gross.grouped()),
        ];
        cx.say(&words.difference, &values);
        let Some(findings) = &difference.findings else { continue };
        cx.out.say(&cx.text.findings_line(findings));
        for one in &findings.invoices {
            let line = [one.key.number(), &one.issued_on.to_string(), &one.party, &one.gross.grouped(), &cx.text.matter(&one.matter)];
            cx.out.say(&format!("  {}", line.join("  ")));
        }
        if findings.more > 0 {
            cx.say(&cx.text.differences.more, &[("n", &findings.more.to_string())]);
        }
    }
    if let Some(problem) = &done.problem {
        cx.out.complain(&problem_line(cx.text, problem));
    }
}

fn word(state: &DownloadState) -> &'static str {
    match state {
        DownloadState::Done => "done",
        DownloadState::Partial => "partial",
        DownloadState::Failed => "failed",
        DownloadState::Cancelled => "cancelled",
        // Kept, to be gone on with in the window.
        _ => "paused",
    }
}

fn difference(difference: &Difference) -> Value {
    json!({
        "kind": difference.kind.code(),
        "month": difference.month.strftime("%Y-%m").to_string(),
        "bureau": totals(&difference.bureau),
        "ledger": totals(&difference.ledger),
        "listed": difference.findings.as_ref().map(|findings| findings.listed),
        "invoices": difference.findings.iter().flat_map(|findings| &findings.invoices).map(finding).collect::<Vec<Value>>(),
        "more": difference.findings.as_ref().map_or(0, |findings| findings.more),
    })
}

/// An invoice that makes a difference; `is` is one of `onlyLedger`, `elsewhere`, `onlyBureau`, `amounts`.
fn finding(finding: &Finding) -> Value {
    let mut object = json!(finding.matter);
    if let Value::Object(fields) = &mut object {
        fields.insert("number".to_owned(), json!(finding.key.to_string()));
        fields.insert("date".to_owned(), json!(finding.issued_on));
        fields.insert("party".to_owned(), json!(finding.party));
        fields.insert("gross".to_owned(), json!(finding.gross));
    }
    object
}
