//! Fetching originals (版式文件): at once, because their links expire, and byte for byte.
//!
//! Each goes into a [`Draft`] of the store as it comes, which hashes it and holds a small one in memory and a larger one in a temporary
//! file; with others it is kept in one commit. So however many there are, and however large, held are at most the drafts of
//! [`lanes::CEILING`] lanes, one batch of [`BATCH_BYTES`] on its way to its place, and one that fills. A file that is not whole never gets
//! its name.

use std::collections::{BTreeSet, HashSet};
use std::time::Instant;

use piaoxia_domain::InvoiceKey;
use piaoxia_domain::invoice::Format;
use piaoxia_service::contract::{ErrorClass, FileRef, FilesRequest};
use piaoxia_store::{Content, Draft, NewOriginal, Sort};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::Download;
use super::ask::{Failures, Halt, Run};
use super::lanes::{self, Closed, host_of};
use super::reconcile::filter_of;
use crate::observe::Observe;
use crate::outbox::panic_problem;
use crate::problem::{NetworkFault, Problem, What};
use crate::services::Services;

/// Keys that one request for links takes.
const KEYS: usize = 100;
/// Tries of one link.
const TRIES: u32 = 4;
/// Rounds in a row, each with fresh links, that bring nothing before the rest is given up for this run.
const ROUNDS: u32 = 3;
/// Files of one commit, and what they may weigh ([`Content::weight`]): two batches are there at a time.
const BATCH_FILES: usize = 100;
const BATCH_BYTES: usize = 2 << 20;

/// What is held of an invoice already.
struct Want {
    key: InvoiceKey,
    held: HashSet<Format>,
}

/// What became of the originals of some invoices.
#[derive(Default)]
struct Tally {
    kept: u64,
    missing: u64,
}

/// A file that could not be fetched.
struct Missed {
    file: FileRef,
    problem: Problem,
}

impl Missed {
    /// Why it is missing.
    fn reason(&self) -> Problem {
        self.problem.clone().about(self.file.key.to_string())
    }
}

impl<O: Observe<Download>> Run<O> {
    /// Fetches the originals of a page. `fresh` are new to the ledger; of `known` only what is not there is fetched.
    pub(super) async fn page_originals(&mut self, fresh: Vec<InvoiceKey>, known: Vec<InvoiceKey>) -> Result<(), Halt> {
        let mut wants: Vec<Want> = fresh.into_iter().map(|key| Want { key, held: HashSet::new() }).collect();
        for key in known {
            let held = self.services.store().originals_of(&key).await?.into_iter().map(|original| original.format).collect();
            wants.push(Want { key, held });
        }
        let tally = self.fetch(wants).await?;
        self.record.download.originals_done += tally.kept;
        self.record.download.originals_missing += tally.missing;
        Ok(())
    }

    /// Goes through the ledger's part of the query and fetches what is still missing; the counts become exact by it.
    pub(super) async fn missing_originals(&mut self) -> Result<(), Halt> {
        let store = self.services.store().clone();
        let view = store.view(filter_of(&self.record.download.order), Sort::default()).await?;
        let mut sum = Tally::default();
        self.originals_problem = None;
        for ids in view.ids.chunks(KEYS) {
            let mut wants = Vec::new();
            for row in store.rows(ids) {
                let held: HashSet<Format> = row.originals.iter().collect();
                if held.len() == Format::ALL.len() {
                    sum.kept += held.len() as u64;
                } else {
                    wants.push(Want { key: row.key, held });
                }
            }
            let tally = self.fetch(wants).await?;
            sum.kept += tally.kept;
            sum.missing += tally.missing;
            self.record.download.originals_done = self.record.download.originals_done.max(sum.kept);
            self.tell().await;
        }
        self.record.download.originals_done = sum.kept;
        self.record.download.originals_missing = sum.missing;
        Ok(())
    }

    async fn fetch(&mut self, wants: Vec<Want>) -> Result<Tally, Halt> {
        let mut tally = Tally { kept: wants.iter().map(|want| want.held.len() as u64).sum(), missing: 0 };
        let held: HashSet<(InvoiceKey, Format)> =
            wants.iter().flat_map(|want| want.held.iter().map(|format| (want.key.clone(), *format))).collect();
        let keys = wants.into_iter().map(|want| want.key).collect();
        let mut files = self.links(keys).await?;
        files.retain(|file| !held.contains(&(file.key.clone(), file.format)));
        let (mut idle, mut failures) = (0, Failures::default());
        loop {
            let before = tally.kept;
            let missed = self.round(files, &mut tally).await?;
            let missed = self.without_unsafe(missed, &mut tally);
            let Some(last) = missed.last() else { return Ok(tally) };
            if tally.kept > before {
                (idle, failures) = (0, Failures::default());
            }
            idle += 1;
            if !self.may_go_on(&last.problem, idle, &mut failures).await? {
                tally.missing += missed.len() as u64;
                self.originals_problem = Some(last.reason());
                return Ok(tally);
            }
            files = self.fresh_links(&missed).await?;
            tally.missing += (missed.len().saturating_sub(files.len())) as u64;
        }
    }

    /// Those that a fresh link may still bring. What has a link that is not followed is missing at once, and nobody waits for it.
    fn without_unsafe(&mut self, missed: Vec<Missed>, tally: &mut Tally) -> Vec<Missed> {
        let is_unsafe = |one: &Missed| one.problem.what == What::Network(NetworkFault::UnsafeLink);
        let (lost, rest): (Vec<Missed>, Vec<Missed>) = missed.into_iter().partition(is_unsafe);
        if let Some(last) = lost.last() {
            self.originals_problem = Some(last.reason());
        }
        tally.missing += lost.len() as u64;
        rest
    }

    /// Waits before the next round; false when there is none. A network that is gone is waited for as any other step waits for it;
    /// files that the service does not give are not worth so much patience.
    async fn may_go_on(&mut self, problem: &Problem, idle: u32, failures: &mut Failures) -> Result<bool, Halt> {
        if is_away(problem) {
            return match self.wait_out(problem.clone(), failures).await {
                Ok(()) => Ok(true),
                Err(Halt::Fault(_)) => Ok(false),
                Err(halt) => Err(halt),
            };
        }
        if idle < ROUNDS {
            self.unless_stopped(tokio::time::sleep(self.services.pace().pause(idle))).await?;
        }
        Ok(idle < ROUNDS)
    }

    /// Links to the originals of these invoices, one for each format.
    async fn links(&mut self, keys: Vec<InvoiceKey>) -> Result<Vec<FileRef>, Halt> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let request = FilesRequest { company: self.record.download.order.company.id.clone(), keys };
        let services = self.services.clone();
        let files = self.ask(|| services.client().files(&request)).await?;
        Ok(asked_for(files, &request.keys))
    }

    async fn fresh_links(&mut self, missed: &[Missed]) -> Result<Vec<FileRef>, Halt> {
        let wanted: HashSet<(InvoiceKey, Format)> = missed.iter().map(|missed| (missed.file.key.clone(), missed.file.format)).collect();
        let mut keys: Vec<InvoiceKey> = wanted.iter().map(|(key, _)| key.clone()).collect();
        keys.sort();
        keys.dedup();
        let mut files = self.links(keys).await?;
        files.retain(|file| wanted.contains(&(file.key.clone(), file.format)));
        Ok(files)
    }

    /// Tries each file once. When the service is gone, the rest is not even tried.
    async fn round(&mut self, files: Vec<FileRef>, tally: &mut Tally) -> Result<Vec<Missed>, Halt> {
        let (mut missed, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
        let hosts: BTreeSet<String> = files.iter().map(|file| host_of(&file.url).to_owned()).collect();
        let mut closed = self.services.lanes().closed();
        // One that another download had closed counts, too.
        closed.mark_changed();
        let mut queue = files.into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < lanes::CEILING
                && let Some(file) = queue.next()
            {
                running.spawn(fetch_one(self.services.clone(), file));
            }
            let Some(fetched) = self.next_of(&mut running, &mut closed, &hosts).await? else { break };
            match fetched {
                Ok(Ok(original)) => {
                    self.forget_wait().await;
                    bytes += original.content.weight();
                    batch.push(original);
                    if batch.len() >= BATCH_FILES || bytes >= BATCH_BYTES {
                        bytes = 0;
                        self.attach(std::mem::take(&mut batch), tally).await?;
                    }
                }
                Ok(Err(one)) => {
                    if stops(&one.problem) {
                        return Err(one.problem.into());
                    }
                    if is_away(&one.problem) {
                        missed.extend(queue.by_ref().map(|file| Missed { file, problem: one.problem.clone() }));
                    }
                    missed.push(*one);
                }
                Err(broken) => match broken.try_into_panic() {
                    // The registry turns it into an event.
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => return Err(Halt::Stopped),
                },
            }
        }
        self.attach(batch, tally).await?;
        Ok(missed)
    }

    /// The next fetch that is over. While their hosts want to be left alone, that is told.
    async fn next_of<T: 'static>(
        &mut self,
        running: &mut JoinSet<T>,
        closed: &mut watch::Receiver<Option<Closed>>,
        hosts: &BTreeSet<String>,
    ) -> Result<Option<Result<T, JoinError>>, Halt> {
        let stop = self.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Halt::Stopped),
                fetched = running.join_next() => return Ok(fetched),
                Ok(()) = closed.changed() => {
                    let known = closed.borrow_and_update().clone().filter(|closed| hosts.contains(&closed.host));
                    let Some(Closed { until, why, .. }) = known else { continue };
                    let left = until.saturating_duration_since(Instant::now());
                    if !left.is_zero() {
                        self.tell_wait(why, left).await;
                    }
                }
            }
        }
    }

    /// Hands a batch to the store and goes on fetching meanwhile: syncing files takes as long as fetching them. One batch
    /// is on its way at a time, so memory stays flat.
    async fn attach(&mut self, batch: Vec<NewOriginal>, tally: &mut Tally) -> Result<(), Halt> {
        if batch.is_empty() {
            return Ok(());
        }
        self.all_attached().await?;
        tally.kept += batch.len() as u64;
        let services = self.services.clone();
        self.attaching = Some(tokio::spawn(async move {
            services.store().attach_originals(batch).await?;
            services.touch(0);
            Ok(())
        }));
        Ok(())
    }

    /// Waits for the batch that is on its way. Stopped meanwhile, it is written all the same, and nobody waits for a slow
    /// stick.
    pub(super) async fn all_attached(&mut self) -> Result<(), Halt> {
        match self.attaching.take() {
            Some(attaching) => Ok(self.unless_stopped(attaching).await?.unwrap_or_else(|_| Err(panic_problem()))?),
            None => Ok(()),
        }
    }
}

/// What was asked for, once each. The list is the service's: an invoice that the ledger does not have would keep the whole batch out of the
/// store, and a second link to the same original would be fetched for ever where one of the two is broken.
fn asked_for(mut files: Vec<FileRef>, keys: &[InvoiceKey]) -> Vec<FileRef> {
    let (asked, mut seen) = (keys.iter().collect::<HashSet<_>>(), HashSet::new());
    let all = files.len();
    files.retain(|file| asked.contains(&file.key) && seen.insert((file.key.clone(), file.format)));
    if files.len() < all {
        tracing::warn!(all, kept = files.len(), "the service gave links that nobody asked for");
    }
    files
}

/// Fetches one file in a lane of its host, and tries again what passes.
async fn fetch_one(services: Services, file: FileRef) -> Result<NewOriginal, Box<Missed>> {
    let mut tries = 0;
    loop {
        tries += 1;
        let lane = services.lane(host_of(&file.url)).await;
        let problem = match pour(&services, &file).await {
            Ok(content) => {
                lane.good();
                return Ok(NewOriginal { key: file.key, format: file.format, name: file.name, content });
            }
            Err(problem) => problem,
        };
        lane.bad(&problem, services.pace().patience);
        if tries == TRIES || !problem.is_transient() {
            return Err(Box::new(Missed { file, problem }));
        }
        tokio::time::sleep(services.pace().pause(tries)).await;
    }
}

/// Has an original pour into a draft of the store, once.
async fn pour(services: &Services, file: &FileRef) -> Result<Content, Problem> {
    let mut transfer = services.call(|| services.client().transfer(file)).await?;
    let mut draft = services.store().draft();
    draft.expect(transfer.announced().unwrap_or(0));
    while let Some(chunk) = transfer.chunk().await? {
        draft.write(chunk.as_ref()).await?;
    }
    if !is_whole(file.format, draft.head(), draft.end()) {
        return Err(Problem::new(What::Network(NetworkFault::Cut), "the original is not whole"));
    }
    Ok(draft.finish().await?)
}

/// True for what no other file would fare better with: the session is over, or the ledger cannot take it (a full disk, a pulled stick).
fn stops(problem: &Problem) -> bool {
    problem.class() == Some(ErrorClass::Unauthorized) || matches!(problem.what, What::Store(_))
}

/// True when it is not the service that fails: the PC has no network, or another one that is not ready.
fn is_away(problem: &Problem) -> bool {
    use NetworkFault::{CaptivePortal, NameUnknown, Proxy, Unreachable};
    matches!(problem.what, What::Network(Unreachable | NameUnknown | Proxy | CaptivePortal))
}

/// End of central directory (PKWARE APPNOTE 4.3.16): 22 bytes and a comment of at most 65,535.
const ZIP_END: usize = 22 + 65_535;
/// ISO 32000-1, 7.5.5; readers accept the mark within the last 1,024 bytes.
const PDF_END: usize = 1_024;
const _: () = assert!(ZIP_END <= Draft::END && PDF_END <= Draft::END);

/// The bureau gives no checksum, so the end of the file is looked at: each format has one that a cut file lacks.
fn is_whole(format: Format, head: &[u8], end: &[u8]) -> bool {
    let last = |length: usize| end.get(end.len().saturating_sub(length)..).unwrap_or_default();
    let ends_with = |length: usize, mark: &[u8]| last(length).windows(mark.len()).any(|window| window == mark);
    match format {
        Format::Xml => end.trim_ascii_end().ends_with(b">"),
        Format::Ofd => head.starts_with(b"PK") && ends_with(ZIP_END, b"PK\x05\x06"),
        Format::Pdf => head.starts_with(b"%PDF") && ends_with(PDF_END, b"%%EOF"),
    }
}

#[cfg(test)]
mod tests;
