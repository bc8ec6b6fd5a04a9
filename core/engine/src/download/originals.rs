//! Fetching originals (版式文件): at once, because their links expire, and byte for byte.
//!
//! An original is hashed while it comes, held until it is whole, and written with others in one commit, in which the store hashes it
//! again: at most [`lanes::CEILING`] files, each within the client's limit, and one batch of [`BATCH_BYTES`] on its way to the disk and one
//! that fills are held, however many invoices there are. A file that is not whole never reaches the disk.

use std::collections::HashSet;

use piaoxia_domain::InvoiceKey;
use piaoxia_domain::invoice::Format;
use piaoxia_service::contract::{FileRef, FilesRequest};
use piaoxia_store::{NewOriginal, Sort};
use tokio::task::JoinSet;

use super::Download;
use super::ask::{Failures, Halt, Run};
use super::lanes::{self, host_of};
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
/// Files and bytes that are held before they are written.
const BATCH_FILES: usize = 100;
const BATCH_BYTES: usize = 8 << 20;

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
            let Some(last) = missed.last() else { return Ok(tally) };
            if tally.kept > before {
                (idle, failures) = (0, Failures::default());
            }
            idle += 1;
            if !self.may_go_on(&last.problem, idle, &mut failures).await? {
                tally.missing += missed.len() as u64;
                self.originals_problem = Some(last.problem.clone().about(last.file.key.to_string()));
                return Ok(tally);
            }
            files = self.fresh_links(&missed).await?;
            tally.missing += (missed.len().saturating_sub(files.len())) as u64;
        }
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

    async fn links(&mut self, keys: Vec<InvoiceKey>) -> Result<Vec<FileRef>, Halt> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let request = FilesRequest { company: self.record.download.order.company.id.clone(), keys };
        let services = self.services.clone();
        self.ask(|| services.client().files(&request)).await
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
        let mut queue = files.into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < lanes::CEILING
                && let Some(file) = queue.next()
            {
                running.spawn(fetch_one(self.services.clone(), file));
            }
            let Some(fetched) = self.unless_stopped(running.join_next()).await? else { break };
            match fetched {
                Ok(Ok(original)) => {
                    bytes += original.bytes.len();
                    batch.push(original);
                    if batch.len() >= BATCH_FILES || bytes >= BATCH_BYTES {
                        bytes = 0;
                        self.attach(std::mem::take(&mut batch), tally).await?;
                    }
                }
                Ok(Err(one)) => {
                    if let Halt::SignedOut = Halt::from(one.problem.clone()) {
                        return Err(Halt::SignedOut);
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

/// Fetches one file in a lane of its host, and tries again what passes.
async fn fetch_one(services: Services, file: FileRef) -> Result<NewOriginal, Box<Missed>> {
    let mut tries = 0;
    loop {
        tries += 1;
        let lane = services.lane(host_of(&file.url)).await;
        let problem = match services.call(|| services.client().download_once(&file)).await {
            Ok((bytes, _)) if is_whole(file.format, &bytes) => {
                lane.good();
                return Ok(NewOriginal { key: file.key, format: file.format, name: file.name, bytes });
            }
            Ok(_) => Problem::new(What::Network(NetworkFault::Cut), "the original is not whole"),
            Err(problem) => problem,
        };
        lane.bad(&problem, services.pace().patience);
        if tries == TRIES || !problem.is_transient() {
            return Err(Box::new(Missed { file, problem }));
        }
        tokio::time::sleep(services.pace().pause(tries)).await;
    }
}

/// True when it is not the service that fails: the PC has no network, or another one that is not ready.
fn is_away(problem: &Problem) -> bool {
    use NetworkFault::{CaptivePortal, NameUnknown, Proxy, Unreachable};
    matches!(problem.what, What::Network(Unreachable | NameUnknown | Proxy | CaptivePortal))
}

/// The bureau gives no checksum, so the end of the file is looked at: each format has one that a cut file lacks.
fn is_whole(format: Format, bytes: &[u8]) -> bool {
    let end = |length: usize| bytes.get(bytes.len().saturating_sub(length)..).unwrap_or_default();
    let ends_with = |length: usize, mark: &[u8]| end(length).windows(mark.len()).any(|window| window == mark);
    match format {
        Format::Xml => bytes.trim_ascii_end().ends_with(b">"),
        // End of central directory (PKWARE APPNOTE 4.3.16): 22 bytes and a comment of at most 65,535.
        Format::Ofd => bytes.starts_with(b"PK") && ends_with(22 + 65_535, b"PK\x05\x06"),
        // ISO 32000-1, 7.5.5; readers accept the mark within the last 1,024 bytes.
        Format::Pdf => bytes.starts_with(b"%PDF") && ends_with(1_024, b"%%EOF"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_file_is_told_from_a_whole_one() {
        let whole: [(Format, &[u8]); 3] =
            [(Format::Xml, b"<EInvoice/>\r\n"), (Format::Ofd, b"PK\x03\x04body PK\x05\x06 eocd"), (Format::Pdf, b"%PDF-1.7 body\n%%EOF\n")];
        for (format, bytes) in whole {
            assert!(is_whole(format, bytes), "{format:?}");
            assert!(!is_whole(format, bytes.get(..bytes.len() - 8).unwrap_or_default()), "{format:?}");
            assert!(!is_whole(format, b""), "{format:?}");
        }
        assert!(!is_whole(Format::Pdf, b"<html>please sign in</html>"));
    }
}
