//! `disk`: the tax disks that are plugged in, and a password verified, without a window.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use piaoxia_domain::TaxNumber;
use piaoxia_engine::disks::{DiskFacts, DiskPasswords, DiskView, DiskWish, DisksView};
use piaoxia_engine::{Disks, Problem, Secret, Services};
use piaoxia_taxdisk::{DiskError, Seat, Tries};
use serde_json::json;

use super::ledger::with_world;
use super::{Cx, Ended, Fault, Outcome, secret};
use crate::boot::BootError;
use crate::text::{disk_text, fill, moment_day, tries_text};

/// Readers are asked within this; a disk that is slower is found by the next call.
const LOOK: Duration = Duration::from_secs(5);
/// Readers that were asked first may answer last.
const SETTLE: Duration = Duration::from_millis(700);

/// Options of `disk`.
#[derive(Debug, Args)]
pub struct Options {
    /// list or verify.
    pub what: What,
    /// Which disk, where several are plugged in.
    #[arg(long, value_name = "NUMBER")]
    pub serial: Option<String>,
    /// One of this many tries that are left may be spent, when few are.
    #[arg(long, value_name = "LEFT")]
    pub spend: Option<u8>,
    /// The second line of the input is 税局平台密码 and the third 勾选确认密码; the platform verifies them.
    #[arg(long)]
    pub platform_passwords: bool,
    /// Use this library of a vendor from now on (SKF, GM/T 0016).
    #[arg(long, value_name = "FILE")]
    pub library: Option<PathBuf>,
    /// The sandbox's own disk is plugged in.
    #[arg(long)]
    pub sandbox_disk: bool,
}

/// What to do with disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Show what is plugged in.
    List,
    /// Verify the certificate password, which comes in by the input, and keep it.
    Verify,
}

pub(super) async fn run(cx: &Cx, options: &Options) -> Ended {
    with_world(cx, cx.options(), async |services: &Services| {
        let disks = Disks::new(services);
        if let Some(library) = &options.library {
            let path = std::path::absolute(library).map_err(|error| Fault::from(BootError::from(error)))?;
            disks.serve(DiskWish::SetLibraries(vec![path])).await?;
        }
        let view = look(&disks, options.sandbox_disk, |_| true).await?;
        match options.what {
            What::List => Ok(list(cx, &view)),
            What::Verify => verify(cx, &disks, &view, options).await,
        }
    })
    .await
}

/// What is plugged in, once everything that is wanted was read; after [`LOOK`] whatever was found.
pub(super) async fn look(disks: &Disks, sandbox: bool, wanted: impl Fn(&DiskFacts) -> bool) -> Result<DisksView, Problem> {
    disks.serve(DiskWish::Watch).await?;
    if sandbox {
        disks.serve(DiskWish::PlugSimulated(true)).await?;
    }
    let mut changes = disks.changes();
    let read = |view: &DisksView| view.disks().any(|(_, facts)| wanted(facts)) && view.seats.iter().all(|disk| disk.work.is_none());
    let found = tokio::time::timeout(LOOK, changes.wait_for(read)).await.is_ok();
    if found {
        tokio::time::sleep(SETTLE).await;
    }
    Ok(changes.borrow_and_update().clone())
}

/// The disk of a company, signed in with its kept password: what downloads in 税控模式 run under.
pub(super) async fn signed_in(disks: &Disks, tax_no: &TaxNumber, sandbox: bool) -> Result<(DiskView, DiskFacts), Fault> {
    let view = look(disks, sandbox, |facts| facts.tax_number == *tax_no).await?;
    let Some((disk, _)) = view.of_company(tax_no) else { return Err(missing(&view).into()) };
    let seat = disk.seat.clone();
    disks.serve(DiskWish::SignIn { seat: seat.clone(), consent: None }).await?;
    let view = disks.changes().borrow_and_update().clone();
    let Some((disk, facts)) = view.disks().find(|(disk, _)| disk.seat == seat) else {
        return Err(Problem::from(DiskError::Removed).into());
    };
    match (&disk.problem, &disk.session) {
        (Some(problem), _) => Err(problem.clone().into()),
        (None, Some(_)) => Ok((disk.clone(), facts.clone())),
        (None, None) => Err(Problem::from(DiskError::Removed).into()),
    }
}

fn list(cx: &Cx, view: &DisksView) -> Outcome {
    for disk in &view.seats {
        let Some(facts) = &disk.facts else { continue };
        let (day, tries) = (moment_day(facts.holder.not_after), tries_text(cx.text, facts.tries));
        let values = [
            ("company", &*facts.company),
            ("tax_no", facts.tax_number.as_str()),
            ("serial", &facts.serial),
            ("day", &day),
            ("tries", &tries),
        ];
        cx.say(&cx.text.cli.disk_line, &values);
        cx.out.object(&json!({
            "company": facts.company, "taxNumber": facts.tax_number, "serial": facts.serial, "validTo": facts.holder.not_after,
            "triesLeft": facts.tries.left(), "kept": disk.kept.certificate,
        }));
    }
    if view.disks().next().is_some() {
        return Outcome::Done;
    }
    let (title, advice) = disk_text(cx.text, &obstacle(view));
    cx.out.complain(&fill(&cx.text.problem.line, &[("title", &title), ("advice", &advice)]));
    Outcome::Device
}

async fn verify(cx: &Cx, disks: &Disks, view: &DisksView, options: &Options) -> Ended {
    let wanted = |facts: &DiskFacts| options.serial.as_ref().is_none_or(|serial| facts.serial == *serial);
    let mut fitting = view.disks().filter(|(_, facts)| wanted(facts));
    let Some((disk, _)) = fitting.next() else { return Err(missing(view).into()) };
    if fitting.next().is_some() {
        return Err(Fault::Usage(cx.text.cli.disk_which.clone()));
    }
    let typed = || secret().filter(|typed| !typed.is_empty()).map(|typed| Secret::new(typed.as_str()));
    let Some(certificate) = typed() else { return Err(Fault::Usage(cx.text.cli.disk_no_password.clone())) };
    let mut passwords = DiskPasswords { certificate: Some(certificate), ..DiskPasswords::default() };
    if options.platform_passwords {
        (passwords.platform, passwords.confirmation) = (typed(), typed());
    }
    let seat: Seat = disk.seat.clone();
    disks.serve(DiskWish::Save { seat: seat.clone(), passwords, consent: options.spend.map(Tries::of) }).await?;
    let view = disks.changes().borrow_and_update().clone();
    let Some(disk) = view.seats.iter().find(|disk| disk.seat == seat) else { return Err(Problem::from(DiskError::Removed).into()) };
    match &disk.problem {
        Some(problem) => Err(problem.clone().into()),
        None => {
            cx.out.say(&cx.text.disks.saved);
            cx.out.object(&json!({"verified": disk.verified, "signedIn": disk.session.is_some()}));
            Ok(Outcome::Done)
        }
    }
}

fn obstacle(view: &DisksView) -> DiskError {
    // The fault of a library that the user chose helps more than "no reader".
    if let Some((_, fault)) = view.library_faults.first() {
        return fault.clone();
    }
    view.obstacle.clone().unwrap_or(DiskError::NoReader)
}

fn missing(view: &DisksView) -> Problem {
    view.seats.iter().find_map(|disk| disk.fault.clone()).unwrap_or_else(|| obstacle(view)).into()
}
