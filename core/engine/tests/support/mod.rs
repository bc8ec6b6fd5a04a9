//! A sandbox gateway, a data folder, an engine over both, and a phone: what each test needs. Nothing here is pretended
//! but the bureau.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and not every test uses every helper"
)]

pub mod counted;
pub mod wire;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::Date;
use piaoxia_domain::account::{Account, DefaultFor, Identity, LoginMode};
use piaoxia_domain::{AccountId, DateRange, InvoiceFilter, Scope};
use piaoxia_engine::event::{SignInStep, SignedOutBecause};
use piaoxia_engine::{
    Command, CompanyRef, DiskSetup, Download, DownloadId, DownloadOrder, DownloadState, Engine, EngineConfig, EngineHandle, Event, Extent,
    HiddenRequest, OwnGateway, Pace, Secret,
};
use piaoxia_gateway::{Connector, Gateway, GatewayConfig, GatewayHandle, Limits, SimConnector};
use piaoxia_service::contract::{
    AccountRequest, ActivationRequest, Challenge, ChallengeKind, CodeCondition, Company, Device, Fault, FaultRequest, PollRequest, Query,
    SandboxPhone, SandboxSize, TicketRequest, TicketState,
};
use piaoxia_service::{Client, ClientOptions, Verifier};
use piaoxia_store::{OpenOptions, Sort, Store};
use tempfile::TempDir;

/// Longest time that a test waits for an event.
const PATIENCE: Duration = Duration::from_secs(60);

/// The outside world: the service, the bureau behind it, the disk.
pub struct World {
    connector: Option<Arc<dyn Connector>>,
    gateway: Option<GatewayHandle>,
    address: SocketAddr,
    pub dir: TempDir,
    pub limits: Limits,
    /// Address of a wire before it.
    pub outer: Option<String>,
}

impl World {
    /// A world whose first company has so many invoices.
    pub async fn new(invoices: u64) -> Self {
        Self::with(
            SimConnector::quick(SandboxSize { seed: 7, invoices }),
            Limits { poll_after: Duration::from_millis(5), ..Limits::default() },
        )
        .await
    }

    pub async fn with(connector: impl Connector + 'static, limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut world = Self { connector: Some(Arc::new(connector)), gateway: None, address, dir, limits, outer: None };
        world.start_gateway().await;
        world
    }

    /// A world whose service runs in another process.
    pub fn at(base_url: &str, dir: TempDir) -> Self {
        let address = base_url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        Self { connector: None, gateway: None, address, dir, limits: Limits::default(), outer: None }
    }

    /// Starts the service, after a stop on the same port and with the same state.
    pub async fn start_gateway(&mut self) {
        let state = self.dir.path().join("gateway");
        std::fs::create_dir_all(&state).unwrap();
        let size = SandboxSize { seed: 7, invoices: 0 };
        let config = GatewayConfig {
            listen: self.address,
            connector: self.connector.clone().unwrap(),
            data_dir: Some(state),
            limits: self.limits.clone(),
            public_url: self.outer.clone(),
            ..GatewayConfig::sandbox(size, None)
        };
        let gateway = Gateway::start(config).await.unwrap();
        self.address = gateway.base_url().trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        self.gateway = Some(gateway);
    }

    /// Puts a wire before the service; programs that are to feel it are started at its address.
    pub async fn wire(&mut self) -> wire::Wire {
        let wire = wire::Wire::to(&self.base_url()).await;
        self.stop_gateway().await;
        self.outer = Some(wire.base_url());
        self.start_gateway().await;
        wire
    }

    pub async fn stop_gateway(&mut self) {
        self.gateway.take().unwrap().stop().await;
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client of nobody: the phone, the mail box, the fault dial.
    pub fn outside(&self) -> Client {
        Client::with_options(&self.base_url(), None, ClientOptions::quick()).unwrap()
    }

    /// A client of the same person on another PC: what the service says beside the engine.
    pub async fn elsewhere(&self) -> Client {
        let (client, verifier) = (self.outside(), Verifier::random());
        let device = Device { id: format!("{:032x}", 2), name: "另一台电脑".to_owned(), version: "0.1.0".to_owned() };
        let request = TicketRequest { device, challenge: verifier.challenge(), keep_signed_in: false };
        let ticket = client.create_ticket(&request).await.unwrap();
        let phone = SandboxPhone { name: "王会计".to_owned(), number: ticket.number };
        client.sandbox().confirm_ticket(&ticket.id, &phone).await.unwrap();
        let poll = PollRequest { verifier: verifier.expose().to_owned(), known: "pending".to_owned() };
        let TicketState::Confirmed { session } = client.poll_ticket(&ticket.id, &poll).await.unwrap() else { panic!("not confirmed") };
        client.set_session(Some(session.token.clone()));
        let code = client.sandbox().issue_code(CodeCondition::Fresh).await.unwrap().code;
        client.activate(&ActivationRequest { code }).await.unwrap();
        client
    }

    pub async fn fault(&self, fault: Fault, times: u32, arg: u64) {
        self.outside().sandbox().fault(&FaultRequest::new(fault, times, arg)).await.unwrap();
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn keys(&self) -> PathBuf {
        self.dir.path().join("keys")
    }

    /// Opens the ledger and starts the engine on this test's runtime.
    pub fn engine(&self) -> Running {
        Running::start(&self.base_url(), &self.data(), &self.keys(), tokio::runtime::Handle::current())
    }

    /// Signs in, activates, adds an account and makes it the default.
    pub async fn ready(&self) -> (Running, Company, Account) {
        let mut engine = self.engine();
        engine.sign_in(self, true).await;
        let company = engine.activate(self).await.remove(0);
        let account = engine.add_account(self, &company).await;
        (engine, company, account)
    }
}

/// An engine at work.
pub struct Running {
    pub handle: EngineHandle,
    pub store: Store,
    pub opened: Arc<Mutex<Vec<PathBuf>>>,
    pub woken: Arc<AtomicU64>,
}

impl Running {
    pub fn start(base_url: &str, data: &Path, keys: &Path, runtime: tokio::runtime::Handle) -> Self {
        Self::start_with(base_url, data, keys, runtime, Pace::quick())
    }

    pub fn start_with(base_url: &str, data: &Path, keys: &Path, runtime: tokio::runtime::Handle, pace: Pace) -> Self {
        Self::start_beside(None, base_url, data, keys, runtime, pace)
    }

    /// As [`Running::start_with`], beside a gateway inside this program.
    pub fn start_beside(
        gateway: Option<Arc<dyn OwnGateway>>,
        base_url: &str,
        data: &Path,
        keys: &Path,
        runtime: tokio::runtime::Handle,
        pace: Pace,
    ) -> Self {
        Self::start_all(gateway, DiskSetup::default(), base_url, data, keys, runtime, pace)
    }

    /// As [`Running::start`], with these tax disks.
    pub fn start_with_disks(base_url: &str, data: &Path, keys: &Path, runtime: tokio::runtime::Handle, disks: DiskSetup) -> Self {
        Self::start_all(None, disks, base_url, data, keys, runtime, Pace::quick())
    }

    fn start_all(
        gateway: Option<Arc<dyn OwnGateway>>,
        disks: DiskSetup,
        base_url: &str,
        data: &Path,
        keys: &Path,
        runtime: tokio::runtime::Handle,
        pace: Pace,
    ) -> Self {
        std::fs::create_dir_all(data).unwrap();
        let opened = Store::open(data, OpenOptions::default()).unwrap();
        let store = opened.store.clone();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (seen, woken) = (shown.clone(), Arc::new(AtomicU64::new(0)));
        let config = EngineConfig {
            client: Client::with_options(base_url, None, ClientOptions::quick()).unwrap(),
            store: opened.store,
            opened: opened.report,
            data: data.to_path_buf(),
            key_folder: Some(keys.to_path_buf()),
            vault_cost: Some(piaoxia_engine::secrets::VaultCost::FLOOR),
            device_name: "测试电脑".to_owned(),
            gateway,
            service_by: piaoxia_engine::ServiceBy::Start,
            troubles: Vec::new(),
            opener: Arc::new(move |path| {
                seen.lock().unwrap().push(path.to_path_buf());
                Ok(())
            }),
            authorities: Vec::new(),
            pace,
            reader: None,
            disks,
            updater: None,
        };
        let count = woken.clone();
        let wake = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        Self { handle: Engine::start(config, &runtime, wake), store, opened: shown, woken }
    }

    pub async fn send(&self, command: Command) {
        self.handle.commands.send(command).await.unwrap();
    }

    /// Waits for the event that `pick` picks; the others are passed over.
    pub async fn until<T>(&mut self, what: &str, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        let mut seen = Vec::new();
        let waiting = async {
            loop {
                let event = self.handle.events.recv().await.unwrap_or_else(|| panic!("the engine ended while waiting for {what}"));
                let mut text = format!("{event:?}");
                text.truncate(text.char_indices().nth(300).map_or(text.len(), |(at, _)| at));
                seen.push(text);
                if let Some(picked) = pick(event) {
                    return picked;
                }
            }
        };
        let picked = tokio::time::timeout(PATIENCE, waiting).await;
        picked.unwrap_or_else(|_| panic!("no {what} came; the last events: {:#?}", &seen[seen.len().saturating_sub(8)..]))
    }

    /// Waits until a download is in a state.
    pub async fn download_in(&mut self, what: &str, mut is: impl FnMut(&Download) -> bool) -> Download {
        self.until(what, |event| match event {
            Event::Download(download) if is(&download) => Some(*download),
            _ => None,
        })
        .await
    }

    /// Waits until a download is over, in whatever state.
    pub async fn ended(&mut self) -> Download {
        self.download_in("end of the download", |download| !download.state.is_active()).await
    }

    /// As [`Running::ended`], however long it takes.
    pub async fn patient_end(&mut self) -> Download {
        loop {
            match self.handle.events.recv().await.unwrap() {
                Event::Download(download) if !download.state.is_active() => return *download,
                _ => {}
            }
        }
    }

    pub async fn sign_in(&mut self, world: &World, keep_signed_in: bool) {
        self.send(Command::RestoreSession).await;
        self.until("signed out", |event| matches!(event, Event::SignedOut(SignedOutBecause::NeverSignedIn)).then_some(())).await;
        self.scan(world, keep_signed_in).await;
    }

    /// Shows a QR and has the phone confirm it.
    pub async fn scan(&mut self, world: &World, keep_signed_in: bool) -> bool {
        self.send(Command::StartSignIn { keep_signed_in }).await;
        let ticket = self
            .until("ticket", |event| match event {
                Event::SignIn(SignInStep::Ticket(ticket)) => Some(ticket),
                _ => None,
            })
            .await;
        let phone = SandboxPhone { name: "王会计".to_owned(), number: ticket.number };
        world.outside().sandbox().confirm_ticket(&ticket.id, &phone).await.unwrap();
        self.until("signed in", |event| match event {
            Event::SignedIn { activated, sandbox, .. } => {
                assert!(sandbox);
                Some(activated)
            }
            _ => None,
        })
        .await
    }

    pub async fn activate(&mut self, world: &World) -> Vec<Company> {
        let code = world.outside().sandbox().issue_code(CodeCondition::Fresh).await.unwrap().code;
        self.send(Command::Activate { code: Secret::new(code) }).await;
        self.until("activated", |event| match event {
            Event::Activated(companies) => Some(companies),
            Event::ActivationFailed(problem) => panic!("{problem:?}"),
            _ => None,
        })
        .await
    }

    /// Adds the first account of the company that may receive, and makes it the default.
    pub async fn add_account(&mut self, world: &World, company: &Company) -> Account {
        let request = request_of(world, company).await;
        self.send(Command::AddAccount { company: company.id.clone(), request: Box::new(HiddenRequest(request)), remember: None }).await;
        let account = self.pass_challenges(world).await;
        let default_for = DefaultFor::Both;
        self.send(Command::SetDefault { company: company.id.clone(), account: account.id.clone(), default_for }).await;
        self.until("default", |event| match event {
            Event::Accounts { result: Ok((accounts, _)), .. } => {
                accounts.iter().any(|a| a.default_for == Some(DefaultFor::Both)).then_some(())
            }
            Event::AccountsProblem(problem) => panic!("{problem:?}"),
            _ => None,
        })
        .await;
        account
    }

    /// Signs an account in at the bureau again.
    pub async fn log_in(&mut self, world: &World, company: &Company, account: &AccountId) -> Account {
        let password = request_of(world, company).await.fields["password"].clone();
        let (company, account) = (company.id.clone(), account.clone());
        self.send(Command::Login { company, account, password: Secret::new(password), remember: false }).await;
        self.pass_challenges(world).await
    }

    /// Answers whatever is asked until the account is signed in.
    pub async fn pass_challenges(&mut self, world: &World) -> Account {
        loop {
            let step = self
                .until("challenge or sign-in", |event| match event {
                    Event::Challenge(challenge) => Some(Err(*challenge)),
                    Event::LoginDone { account, .. } => Some(Ok(*account)),
                    Event::LoginFailed { problem, .. } => panic!("{problem:?}"),
                    _ => None,
                })
                .await;
            match step {
                Ok(account) => return account,
                Err(challenge) => self.answer(world, &challenge).await,
            }
        }
    }

    pub async fn answer(&self, world: &World, challenge: &Challenge) {
        let outside = world.outside();
        let value = match &challenge.kind {
            // One that is over meanwhile is still on the person's screen, and gets an answer all the same.
            ChallengeKind::Image { .. } => outside.sandbox().captcha(&challenge.id).await.unwrap_or_else(|_| "0000".to_owned()),
            ChallengeKind::Sms { .. } => last_code(world).await,
            ChallengeKind::Qr { .. } | ChallengeKind::Face { .. } => {
                return self.send(Command::ScanChallenge { id: challenge.id.clone() }).await;
            }
            ChallengeKind::Working { .. } => return,
            ChallengeKind::Unknown => panic!("the sandbox asks what nobody knows"),
            ChallengeKind::SelectIdentity { options } | ChallengeKind::ConfirmRelation { options } => options[0].value.clone(),
        };
        self.send(Command::AnswerChallenge { id: challenge.id.clone(), value: Secret::new(value) }).await;
    }

    pub async fn ledger_size(&self) -> u64 {
        self.store.view(InvoiceFilter::default(), Sort::default()).await.unwrap().totals.invoices
    }

    /// Stops the engine and closes the ledger, as the program does when it ends.
    pub async fn close(self) {
        self.handle.stopper.stop().await;
        self.store.close().await.unwrap();
    }
}

pub async fn last_code(world: &World) -> String {
    let messages = world.outside().sandbox().messages().await.unwrap();
    messages.into_iter().rev().find_map(|message| message.code).unwrap()
}

/// What a newcomer types for an account that may do everything.
pub async fn request_of(world: &World, company: &Company) -> AccountRequest {
    request_for(world, &company.id).await
}

pub async fn request_for(world: &World, company: &str) -> AccountRequest {
    let known = world.outside().sandbox().demo_accounts().await.unwrap();
    let mut ours: Vec<AccountRequest> = known.into_iter().filter(|known| known.company == company).map(|known| known.request).collect();
    let best = ours.iter().position(|request| request.identity == Identity::LegalRepresentative).unwrap_or(0);
    AccountRequest { login_mode: LoginMode::Manual, ..ours.swap_remove(best) }
}

pub fn company_ref(company: &Company) -> CompanyRef {
    CompanyRef { id: company.id.clone(), tax_no: company.tax_no.clone(), name: company.name.clone() }
}

pub fn order(company: &Company, scope: Scope, dates: DateRange, originals: bool) -> DownloadOrder {
    let query = Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
    DownloadOrder { company: company_ref(company), account: None, disk: None, query, originals, extent: Extent::Whole, refresh: false }
}

/// The last so many whole months before the present one.
pub fn months(count: i32) -> DateRange {
    let today = piaoxia_domain::period::shanghai_day(jiff::Timestamp::now());
    let last: Date = today.first_of_month().yesterday().unwrap();
    let from = last.first_of_month().checked_sub(jiff::Span::new().months(count - 1)).unwrap();
    DateRange::new(from, last).unwrap()
}

pub fn is(download: &Download, state: &DownloadState) -> bool {
    download.state == *state
}

pub fn id_of(download: &Download) -> DownloadId {
    download.id.clone()
}
