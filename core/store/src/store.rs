//! The handle of the store.

use std::path::Path;
use std::sync::Arc;

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceFilter, InvoiceKey, Month};

use crate::core::{Core, Shared};
use crate::digest::Digest;
use crate::draft::{Content, Draft, Drafts};
use crate::error::Result;
use crate::ledger::figures::{DeductionSummary, Figures};
use crate::ledger::types::{Attached, BATCH_INVOICES, Change, Incoming, NewOriginal, Original, Outcome};
use crate::ledger::view::{GroupBy, KindMonth, Row, RowSums, Sort, View};
use crate::open::{OpenOptions, OpenReport, Setup};
use crate::originals::{Attachment, Originals};
use crate::thread::Actor;

/// A store that was opened, and what was found.
#[derive(Debug)]
pub struct Opened {
    /// The handle.
    pub store: Store,
    /// What was found.
    pub report: OpenReport,
}

/// Handle of the store: cheap to clone, to be used from any thread.
///
/// A request whose future is dropped before its turn is not done; once begun it is finished. When the last handle is dropped
/// without [`Store::close`], the threads end by themselves; nothing acknowledged is lost by that.
#[derive(Clone)]
pub struct Store {
    threads: Arc<Threads>,
    shared: Arc<Shared>,
    /// Bytes that are held of an original on its way in.
    held: usize,
}

struct Threads {
    core: Actor<Core>,
    views: Actor<Arc<Shared>>,
    originals: Actor<Originals>,
    drafts: Arc<Actor<Drafts>>,
}

impl Store {
    /// Opens the store in a folder whose [`piaoxia_files::FolderLock`] the caller holds (not on a read-only medium). An empty
    /// folder becomes a new store; a damaged database is built anew. Blocks the calling thread until then.
    ///
    /// # Errors
    /// [`crate::StoreError::InUse`], [`crate::StoreError::TooNew`], or why the folder cannot even be read.
    pub fn open(dir: &Path, options: OpenOptions) -> Result<Opened> {
        Self::open_with(dir, options.into())
    }

    pub(crate) fn open_with(dir: &Path, setup: Setup) -> Result<Opened> {
        let shared = Arc::new(Shared::default());
        let (held, drafts) = (setup.sizes.held, Drafts::new(dir, setup.read_only, setup.probe.clone()));
        let (data, for_core, for_views) = (dir.to_path_buf(), Arc::clone(&shared), Arc::clone(&shared));
        let (core, report) = Actor::start("store", Core::tidy, move || Core::open(&data, setup, &for_core))?;
        let (views, ()) = Actor::start("store-views", |_| {}, move || Ok((for_views, ())))?;
        let originals = Originals::new(dir);
        let (originals, ()) = Actor::start("store-originals", |_| {}, move || Ok((originals, ())))?;
        let tidied = move || {
            drafts.tidy();
            Ok((drafts, ()))
        };
        let (drafts, ()) = Actor::start("store-drafts", |_| {}, tidied)?;
        let threads = Threads { core, views, originals, drafts: Arc::new(drafts) };
        Ok(Opened { store: Self { threads: Arc::new(threads), shared, held }, report })
    }

    /// Finishes what was asked so far, flushes, ends the threads and lets go of all files. Every later request of any handle
    /// answers [`crate::StoreError::Closed`].
    ///
    /// # Errors
    /// Why the last flush failed; everything is let go nevertheless.
    pub async fn close(&self) -> Result<()> {
        let finished = self.threads.core.ask(Core::finish).await;
        let threads = &*self.threads;
        let stopped = [threads.views.stop().await, threads.drafts.stop().await, threads.originals.stop().await, threads.core.stop().await];
        finished?;
        stopped.into_iter().collect()
    }

    /// Changes with every commit; never waits.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.shared.generation()
    }

    /// Takes invoices into the ledger. Up to 500 are one durable commit; more are one each 500, and those before an error stay.
    ///
    /// # Errors
    /// Why nothing can be written, [`crate::StoreError::BadName`] for a key of no shape.
    pub async fn upsert(&self, batch: Vec<Incoming>) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut rest = batch.into_iter();
        loop {
            let some: Vec<Incoming> = rest.by_ref().take(BATCH_INVOICES).collect();
            if some.is_empty() {
                return Ok(outcomes);
            }
            outcomes.extend(self.write(move |core| core.upsert(&some)).await?);
        }
    }

    /// An invoice with its lines; none when it is not in the ledger.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn get(&self, key: &InvoiceKey) -> Result<Option<Invoice>> {
        let key = key.clone();
        self.read(move |core| core.get(&key)).await
    }

    /// The changes of an invoice's state (状态变更记录), oldest first.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn history(&self, key: &InvoiceKey) -> Result<Vec<Change>> {
        let key = key.clone();
        self.read(move |core| core.history(&key)).await
    }

    /// The red invoices (红字发票) in the ledger that name this blue one.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn reds_of(&self, key: &InvoiceKey) -> Result<Vec<InvoiceKey>> {
        let key = key.clone();
        self.read(move |core| core.reds_of(&key)).await
    }

    /// Begins an original that comes piece by piece, to be kept by [`Store::attach_originals`] once it is whole.
    #[must_use]
    pub fn draft(&self) -> Draft {
        Draft::new(&self.threads.drafts, self.held)
    }

    /// Keeps an original of an invoice, byte for byte.
    ///
    /// # Errors
    /// [`crate::StoreError::UnknownInvoice`], or why nothing can be written.
    pub async fn attach_original(&self, key: &InvoiceKey, format: Format, name: &str, bytes: Vec<u8>) -> Result<Attached> {
        let one = NewOriginal { key: key.clone(), format, name: name.to_owned(), content: bytes.into() };
        let attached = self.attach_originals(vec![one]).await?;
        Ok(attached.into_iter().next().unwrap_or(Attached::Known))
    }

    /// Keeps many originals with one commit, in the order given.
    ///
    /// # Errors
    /// [`crate::StoreError::UnknownInvoice`] before anything is written, or why nothing can be written.
    pub async fn attach_originals(&self, batch: Vec<NewOriginal>) -> Result<Vec<Attached>> {
        let keys: Vec<InvoiceKey> = batch.iter().map(|new| new.key.clone()).collect();
        self.write(move |core| core.check_known(&keys)).await?;
        let keep = move |originals: &mut Originals| {
            let (attachments, contents): (Vec<Attachment>, Vec<Content>) = batch.into_iter().map(Attachment::of).unzip();
            originals.keep(attachments.iter().map(|new| new.original.sha256).zip(contents))?;
            Ok(attachments)
        };
        let attachments = self.threads.originals.ask(keep).await?;
        self.write(move |core| core.attach(&attachments)).await
    }

    /// The originals of an invoice, the legal original first.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn originals_of(&self, key: &InvoiceKey) -> Result<Vec<Original>> {
        let key = key.clone();
        self.read(move |core| core.originals_of(&key)).await
    }

    /// The bytes of an original, whose hash is computed anew.
    ///
    /// # Errors
    /// [`crate::StoreError::OriginalMissing`], [`crate::StoreError::OriginalDamaged`].
    pub async fn read_original(&self, sha256: Digest) -> Result<Vec<u8>> {
        self.threads.originals.ask(move |originals| originals.read(&sha256)).await
    }

    /// The invoices that a filter means, sorted, with their sums. Computed from memory on a thread of its own.
    ///
    /// # Errors
    /// [`crate::StoreError::Closed`].
    pub async fn view(&self, filter: InvoiceFilter, sort: Sort) -> Result<View> {
        self.threads.views.ask(move |shared| Ok(shared.index().view(&filter, sort))).await
    }

    /// A [view](Self::view) whose invoices stand in groups, each in the order of the sort.
    ///
    /// # Errors
    /// [`crate::StoreError::Closed`].
    pub async fn grouped_view(&self, filter: InvoiceFilter, sort: Sort, by: GroupBy) -> Result<View> {
        let work = move |shared: &mut Arc<Shared>| {
            let index = shared.index();
            Ok(index.grouped(index.view(&filter, sort), filter.company.as_ref(), by, sort))
        };
        self.threads.views.ask(work).await
    }

    /// Where in a view the invoice with this 发票号码 stands; none when it is not in it.
    ///
    /// # Errors
    /// [`crate::StoreError::Closed`].
    pub async fn place_of(&self, ids: Arc<[u32]>, number: String) -> Result<Option<u64>> {
        self.threads.views.ask(move |shared| Ok(shared.index().place_of(&ids, &number))).await
    }

    /// Light rows for display, from memory: microseconds a screenful. Ids of no row are left out.
    #[must_use]
    pub fn rows(&self, ids: &[u32]) -> Vec<Row> {
        self.shared.index().rows(ids)
    }

    /// Sums over these rows, however many: ten milliseconds a million. Ids of no row are left out.
    ///
    /// # Errors
    /// [`crate::StoreError::Closed`].
    pub async fn sum(&self, ids: Arc<[u32]>) -> Result<RowSums> {
        self.threads.views.ask(move |shared| Ok(shared.index().row_sums(ids.iter().copied()))).await
    }

    /// Whole invoices with their lines, in the order of the ids; to be asked for a page at a time.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn invoices(&self, ids: &[u32]) -> Result<Vec<Invoice>> {
        let keys = self.shared.index().keys(ids);
        self.read(move |core| keys.iter().filter_map(|key| core.get(key).transpose()).collect()).await
    }

    /// The sums of a filter by kind and month, for comparing with the bureau's.
    ///
    /// # Errors
    /// [`crate::StoreError::Closed`].
    pub async fn totals_by(&self, filter: InvoiceFilter) -> Result<Vec<KindMonth>> {
        self.threads.views.ask(move |shared| Ok(shared.index().totals_by(&filter))).await
    }

    /// The figures of the statistics (统计) of a filter; of each direction the `top` parties with the largest 价税合计 are named.
    /// Computed from memory on a thread of its own.
    ///
    /// # Errors
    /// [`crate::StoreError::Closed`].
    pub async fn figures(&self, filter: InvoiceFilter, top: usize) -> Result<Figures> {
        self.threads.views.ask(move |shared| Ok(shared.index().figures(&filter, top))).await
    }

    /// What the deduction lists say of a tax period (抵扣汇总), of the invoices of a filter. Computed as [`Store::figures`].
    ///
    /// # Errors
    /// [`crate::StoreError::Closed`].
    pub async fn deductions(&self, filter: InvoiceFilter, period: Month) -> Result<DeductionSummary> {
        self.threads.views.ask(move |shared| Ok(shared.index().deductions(&filter, period))).await
    }

    pub(crate) async fn read<T: Send + 'static>(&self, work: impl Fn(&mut Core) -> Result<T> + Send + 'static) -> Result<T> {
        self.threads.core.ask(move |core| core.reading(work)).await
    }

    pub(crate) async fn write<T: Send + 'static>(&self, work: impl Fn(&mut Core) -> Result<T> + Send + 'static) -> Result<T> {
        self.threads.core.ask(move |core| core.writing(work)).await
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("generation", &self.generation()).finish_non_exhaustive()
    }
}
