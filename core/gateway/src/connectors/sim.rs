//! The simulated bureau as a connector.

mod controls;
mod login;
mod platform;
mod refusal;
mod world;

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, CompanyNo, PAGE_LIMIT};
use piaoxia_domain::account::Session;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{InvoiceKey, Region};
use piaoxia_service::contract::{Budget, Company, LoginForm, Notice, Page, Query, SandboxSize, SummaryRow};
use tokio::sync::Semaphore;

use super::{Collection, Connector, Login, Platform, SEARCH_LIMIT, SandboxControls, Step, Task};
use crate::failure::{Answer, Failure};
use refusal::refused;

/// A connector to the simulated bureau of the same process.
pub struct SimConnector {
    bureau: Arc<Bureau>,
    /// Made when the first original is asked for: its keys take a moment.
    originals: Arc<tokio::sync::OnceCell<Arc<Originals>>>,
    /// Turns at the processor: work that takes it for a while leaves a core to those who serve connections.
    turns: Arc<Semaphore>,
}

impl SimConnector {
    /// A bureau with this much data, at the usual pace. The day it was made on is kept in `data_dir`.
    #[must_use]
    pub fn open(size: SandboxSize, data_dir: Option<&Path>) -> Self {
        Self::with_bureau(Bureau::new(world::config(size, data_dir)))
    }

    /// A bureau in memory that works without pauses, for tests and the headless demo.
    #[must_use]
    pub fn quick(size: SandboxSize) -> Self {
        Self::with_bureau(Bureau::new(BureauConfig { pace: 0, ..world::config(size, None) }))
    }

    /// A connector to this bureau.
    #[must_use]
    pub fn with_bureau(bureau: Bureau) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let turns = Arc::new(Semaphore::new(cores.saturating_sub(1).max(1)));
        Self { bureau: Arc::new(bureau), originals: Arc::new(tokio::sync::OnceCell::new()), turns }
    }

    /// The root certificate (DER) of the bureau whose day is kept in `data_dir`: what its seals go back to. None where no
    /// sandbox was ever started.
    ///
    /// To be trusted in the sandbox alone: its documents are invented.
    #[must_use]
    pub fn root_certificate(data_dir: &Path) -> Option<Vec<u8>> {
        Originals::root_certificate_of(world::seed(data_dir)?).ok()
    }

    fn number(&self, company: &Company) -> Answer<CompanyNo> {
        self.bureau.company_by_tax_no(&company.tax_no).map(|known| known.no).ok_or_else(|| Failure::not_found("company"))
    }

    /// Work that takes the processor for a while, away from the threads that serve connections. A turn that was begun lasts until the
    /// work is done, whether or not the caller still waits.
    async fn heavy<T: Send + 'static>(&self, work: impl FnOnce(&Bureau) -> Answer<T> + Send + 'static) -> Answer<T> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|error| Failure::internal(error.to_string()))?;
        let bureau = Arc::clone(&self.bureau);
        blocking(move || {
            let _turn = turn;
            work(&bureau)
        })
        .await
    }

    async fn sealed(&self) -> Answer<Arc<Originals>> {
        let seed = self.bureau.config().seed;
        let made = self.originals.get_or_try_init(|| async move {
            blocking(move || Originals::new(seed).map(Arc::new).map_err(|error| Failure::internal(error.to_string()))).await
        });
        made.await.map(Arc::clone)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Answer<T> + Send + 'static) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::internal(format!("the simulated bureau broke off: {error}")))?
}

fn asked_of(query: &Query) -> piaoxia_bureau::Query {
    let Query { scope, dates, kinds, statuses, deductions } = query.clone();
    piaoxia_bureau::Query { scope, dates, kinds, statuses, deductions }
}

fn row(row: piaoxia_bureau::SummaryRow) -> SummaryRow {
    SummaryRow { kind: row.kind, month: row.month, totals: row.totals }
}

fn now() -> Timestamp {
    Timestamp::now()
}

impl Connector for SimConnector {
    fn service(&self) -> &'static str {
        "sim"
    }

    fn companies(&self) -> Vec<Company> {
        self.bureau.sandbox_companies().iter().map(world::company).collect()
    }

    fn search<'a>(&'a self, text: &'a str) -> Task<'a, Vec<Company>> {
        let found = self.bureau.search_companies(text, SEARCH_LIMIT).into_iter().map(world::company).collect();
        Box::pin(async { Ok(found) })
    }

    fn under<'a>(&'a self, company: &'a str) -> Task<'a, Vec<Company>> {
        Box::pin(async move {
            let no = world::company_no(company).ok_or_else(|| Failure::not_found("company"))?;
            let found: Vec<Company> = self.bureau.with_branches(no).into_iter().map(world::company).collect();
            if found.is_empty() { Err(Failure::not_found("company")) } else { Ok(found) }
        })
    }

    fn company(&self, id: &str) -> Option<Company> {
        self.bureau.company(world::company_no(id)?).map(world::company)
    }

    fn login_form<'a>(&'a self, company: &'a Company, region: &'a str) -> Task<'a, LoginForm> {
        Box::pin(async move { login::form(&self.bureau, self.number(company)?, region) })
    }

    fn begin<'a>(&'a self, company: &'a Company, login: &'a Login) -> Task<'a, Step> {
        Box::pin(async move { login::begin(&self.bureau, self.number(company)?, login) })
    }

    fn answer<'a>(&'a self, challenge: &'a str, value: &'a str) -> Task<'a, Step> {
        Box::pin(
            async move { self.bureau.answer(challenge, value, now()).map_err(refused).and_then(|step| login::step(&self.bureau, step)) },
        )
    }

    fn poll<'a>(&'a self, challenge: &'a str) -> Task<'a, Step> {
        Box::pin(async move { self.bureau.poll(challenge, now()).map_err(refused).and_then(|step| login::step(&self.bureau, step)) })
    }

    fn resend<'a>(&'a self, challenge: &'a str) -> Task<'a, Step> {
        Box::pin(async move { self.bureau.resend(challenge, now()).map_err(refused).map(|asked| Step::Challenge(login::asked(asked))) })
    }

    fn cancel<'a>(&'a self, challenge: &'a str) -> Task<'a, ()> {
        Box::pin(async move {
            match self.bureau.cancel(challenge) {
                Ok(()) | Err(piaoxia_bureau::Refusal::ChallengeGone) => Ok(()),
                Err(refusal) => Err(refused(refusal)),
            }
        })
    }

    fn sign_out<'a>(&'a self, token: &'a str) -> Task<'a, ()> {
        self.bureau.sign_out(token);
        Box::pin(async { Ok(()) })
    }

    fn session_state(&self, upstream: &str, _token: Option<&str>) -> Session {
        world::account_no(upstream).map_or(Session::None, |no| self.bureau.session_state(no, now()))
    }

    fn budget<'a>(&'a self, upstream: &'a str) -> Task<'a, Budget> {
        Box::pin(async move {
            let no = world::account_no(upstream).ok_or_else(|| Failure::not_found("account"))?;
            let left = self.bureau.budget(no, now());
            Ok(Budget {
                login_tries_left: left.login_tries_left,
                collect_calls_left: left.collect_calls_left,
                identity_switches_left: Some(left.identity_switches_left),
                resets_at: left.resets_at,
            })
        })
    }

    fn summary<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Vec<SummaryRow>> {
        Box::pin(async move {
            let (no, now, query) = (self.number(company)?, now(), asked_of(query));
            self.bureau.authorize(token, now).map_err(refused)?;
            self.heavy(move |bureau| Ok(bureau.summary(no, &query, shanghai_day(now)).into_iter().map(row).collect())).await
        })
    }

    fn start_collect<'a>(&'a self, _company: &'a Company, token: &'a str, query: &'a Query) -> Task<'a, Collection> {
        Box::pin(async move {
            let (token, query) = (token.to_owned(), asked_of(query));
            let export = self.heavy(move |bureau| bureau.start_collect(&token, &query, now()).map_err(refused)).await?;
            Ok(Collection { id: export.id, ready_at: export.ready_at })
        })
    }

    fn page<'a>(&'a self, company: &'a Company, token: &'a str, query: &'a Query, cursor: Option<&'a str>) -> Task<'a, Page> {
        Box::pin(async move {
            let (no, now, query, cursor) = (self.number(company)?, now(), asked_of(query), cursor.map(str::to_owned));
            self.bureau.authorize(token, now).map_err(refused)?;
            let page = self
                .heavy(move |bureau| bureau.page(no, &query, shanghai_day(now), cursor.as_deref(), PAGE_LIMIT).map_err(refused))
                .await?;
            Ok(Page { items: page.items, next: page.next, total: page.total })
        })
    }

    fn end_collect<'a>(&'a self, collection: &'a str) -> Task<'a, ()> {
        self.bureau.end_collect(collection);
        Box::pin(async { Ok(()) })
    }

    fn originals<'a>(&'a self, company: &'a Company, token: &'a str, key: &'a InvoiceKey) -> Task<'a, Vec<(Format, String)>> {
        Box::pin(async move {
            self.bureau.authorize(token, now()).map_err(refused)?;
            let (no, key) = (self.number(company)?, key.clone());
            let invoice = self.heavy(move |bureau| Ok(bureau.find(no, &key, shanghai_day(now())))).await?;
            let Some(invoice) = invoice else { return Ok(Vec::new()) };
            let formats = Originals::formats(&invoice);
            Ok(formats.iter().map(|format| (*format, Originals::file_name(&invoice, *format))).collect())
        })
    }

    fn original<'a>(&'a self, company: &'a Company, key: &'a InvoiceKey, format: Format) -> Task<'a, Vec<u8>> {
        Box::pin(async move {
            let (no, key, sealed) = (self.number(company)?, key.clone(), self.sealed().await?);
            let home = Region::from_code(&company.region).ok_or_else(|| Failure::not_found("region"))?;
            self.heavy(move |bureau| {
                let invoice = bureau.find(no, &key, shanghai_day(now())).ok_or_else(|| Failure::not_found("invoice"))?;
                // The seal is that of the seller's bureau.
                let region = invoice.seller.tax_no.region().unwrap_or(home);
                sealed.file(&invoice, region, format).map_err(|error| Failure::internal(error.to_string()))
            })
            .await
        })
    }

    fn notices(&self) -> Task<'_, Vec<Notice>> {
        Box::pin(async move { Ok(world::notices(&self.bureau, now())) })
    }

    fn platform(&self) -> Option<&dyn Platform> {
        Some(self)
    }

    fn sandbox(&self) -> Option<&dyn SandboxControls> {
        Some(self)
    }
}
