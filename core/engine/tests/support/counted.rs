//! The simulated bureau with a clerk at its door who counts the originals that are fetched.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use piaoxia_domain::InvoiceKey;
use piaoxia_domain::account::Session;
use piaoxia_domain::invoice::Format;
use piaoxia_gateway::connectors::{Collection, Login, Platform, SandboxControls, Step, Task};
use piaoxia_gateway::{Connector, SimConnector};
use piaoxia_service::contract::{Budget, Company, LoginForm, Notice, Page, Query, SandboxSize, SummaryRow};

/// What the clerk wrote down.
#[derive(Default)]
pub struct Fetched {
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    counts: HashMap<InvoiceKey, u32>,
    begun: Vec<Begun>,
    running: usize,
}

/// A fetch: when it began, and how many there were then.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    pub at: Instant,
    pub running: usize,
}

impl Fetched {
    /// How often this invoice's original was fetched.
    pub fn count(&self, key: &InvoiceKey) -> u32 {
        self.log.lock().unwrap().counts.get(key).copied().unwrap_or(0)
    }

    pub fn begun(&self) -> Vec<Begun> {
        self.log.lock().unwrap().begun.clone()
    }

    pub fn forget(&self) {
        *self.log.lock().unwrap() = Log::default();
    }

    fn begin(self: &Arc<Self>, key: &InvoiceKey) -> Running {
        let mut log = self.log.lock().unwrap();
        *log.counts.entry(key.clone()).or_default() += 1;
        log.running += 1;
        let begun = Begun { at: Instant::now(), running: log.running };
        log.begun.push(begun);
        Running(Arc::clone(self))
    }
}

/// A caller that goes away ends it as well.
struct Running(Arc<Fetched>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut log = self.0.log.lock().unwrap();
        log.running = log.running.saturating_sub(1);
    }
}

/// Every invoice has one original: XML that names it, and as many blanks as are wanted.
pub struct Counted {
    inner: SimConnector,
    fetched: Arc<Fetched>,
    takes: Duration,
    blanks: usize,
    /// Bytes that the remark of one invoice has, and which one that is.
    remark: usize,
    remarkable: OnceLock<InvoiceKey>,
}

impl Counted {
    /// A bureau in memory whose originals take this long each.
    pub fn quick(invoices: u64, takes: Duration) -> (Self, Arc<Fetched>) {
        let fetched = Arc::<Fetched>::default();
        let inner = SimConnector::quick(SandboxSize { seed: 7, invoices });
        (Self { inner, fetched: fetched.clone(), takes, blanks: 0, remark: 0, remarkable: OnceLock::new() }, fetched)
    }

    /// A bureau whose originals have so many bytes more.
    pub fn large(self, blanks: usize) -> Self {
        Self { blanks, ..self }
    }

    /// A bureau that tells of one invoice, the first that it tells of, with a remark of so many bytes.
    pub fn remarking(self, remark: usize) -> Self {
        Self { remark, ..self }
    }

    /// The original of an invoice.
    pub fn original_of(key: &InvoiceKey, blanks: usize) -> Vec<u8> {
        format!("<EInvoice>{}{key}</EInvoice>", " ".repeat(blanks)).into_bytes()
    }
}

impl Connector for Counted {
    fn service(&self) -> &'static str {
        self.inner.service()
    }

    fn companies(&self) -> Vec<Company> {
        self.inner.companies()
    }

    fn search<'a>(&'a self, text: &'a str) -> Task<'a, Vec<Company>> {
        self.inner.search(text)
    }

    fn under<'a>(&'a self, company: &'a str) -> Task<'a, Vec<Company>> {
        self.inner.under(company)
    }

    fn company(&self, id: &str) -> Option<Company> {
        self.inner.company(id)
    }

    fn login_form<'a>(&'a self, company: &'a Company, region: &'a str) -> Task<'a, LoginForm> {
        self.inner.login_form(company, region)
    }

    fn begin<'a>(&'a self, company: &'a Company, login: &'a Login) -> Task<'a, Step> {
        self.inner.begin(company, login)
    }

    fn answer<'a>(&'a self, challenge: &'a str, value: &'a str) -> Task<'a, Step> {
        self.inner.answer(challenge, value)
    }

    fn poll<'a>(&'a self, challenge: &'a str) -> Task<'a, Step> {
        self.inner.poll(challenge)
    }

    fn resend<'a>(&'a self, challenge: &'a str) -> Task<'a, Step> {
        self.inner.resend(challenge)
    }

    fn cancel<'a>(&'a self, challenge: &'a str) -> Task<'a, ()> {
        self.inner.cancel(challenge)
    }

    fn sign_out<'a>(&'a self, token: &'a str) -> Task<'a, ()> {
        Connector::sign_out(&self.inner, token)
    }

    fn session_state(&self, upstream: &str, token: Option<&str>) -> Session {
        self.inner.session_state(upstream, token)
    }

    fn budget<'a>(&'a self, upstream: &'a str) -> Task<'a, Budget> {
        self.inner.budget(upstream)
    }

    fn summary<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Vec<SummaryRow>> {
        Connector::summary(&self.inner, company, token, query)
    }

    fn start_collect<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Collection> {
        self.inner.start_collect(company, token, query)
    }

    fn page<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query, cursor: Option<&'a str>) -> Task<'a, Page> {
        Box::pin(async move {
            let mut page = self.inner.page(company, token, query, cursor).await?;
            if self.remark > 0
                && let Some(first) = page.items.first().map(|invoice| invoice.key.clone())
            {
                let key = self.remarkable.get_or_init(|| first);
                page.items.iter_mut().filter(|invoice| invoice.key == *key).for_each(|invoice| invoice.remark = "x".repeat(self.remark));
            }
            Ok(page)
        })
    }

    fn end_collect<'a>(&'a self, collection: &'a str) -> Task<'a, ()> {
        self.inner.end_collect(collection)
    }

    fn originals<'a>(&'a self, _company: &'a Company, _token: &'a str, key: &'a InvoiceKey) -> Task<'a, Vec<(Format, String)>> {
        Box::pin(async move { Ok(vec![(Format::Xml, format!("{key}.xml"))]) })
    }

    fn original<'a>(&'a self, _company: &'a Company, key: &'a InvoiceKey, _format: Format) -> Task<'a, Vec<u8>> {
        Box::pin(async move {
            let _running = self.fetched.begin(key);
            if !self.takes.is_zero() {
                tokio::time::sleep(self.takes).await;
            }
            Ok(Self::original_of(key, self.blanks))
        })
    }

    fn notices(&self) -> Task<'_, Vec<Notice>> {
        self.inner.notices()
    }

    fn platform(&self) -> Option<&dyn Platform> {
        self.inner.platform()
    }

    fn sandbox(&self) -> Option<&dyn SandboxControls> {
        self.inner.sandbox()
    }
}
