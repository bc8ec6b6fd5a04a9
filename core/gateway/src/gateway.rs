//! Starts, opens to phones, and stops a gateway.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use piaoxia_files::FilesError;
use piaoxia_mail::{MailError, Outbox, OutboxOptions, Sink};
use piaoxia_seals::Trust;
use piaoxia_wechat::WeChatError;
use tokio_util::sync::CancellationToken;

use crate::accounts::{Bindings, Desk};
use crate::app::{App, Places};
use crate::applications::Throttles;
use crate::config::GatewayConfig;
use crate::disks::Disks;
use crate::faults::Dial;
use crate::jobs::Jobs;
use crate::lan::{self, PhonePages};
use crate::links::Links;
use crate::listen::Listening;
use crate::phone::{Downloads, KeyTickets};
use crate::sessions::Sessions;
use crate::state::{Book, State};
use crate::tickets::Tickets;
use crate::wechat::Official;
use crate::{activation, api, faults, guard, phone, random, wechat};

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// It cannot listen there.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// What the operator wrote cannot be used.
    #[error("the settings in {}: {reason}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it; no secret is repeated.
        reason: String,
    },
    /// The mail queue cannot be opened.
    #[error("the mail queue: {0}")]
    Mail(#[from] MailError),
    /// The WeChat account cannot be used.
    #[error("the WeChat account: {0}")]
    WeChat(#[from] WeChatError),
    /// Its state cannot be read or written.
    #[error("the gateway's state: {0}")]
    State(#[from] FilesError),
}

/// What went wrong at the start without keeping the gateway from running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The state could not be read: persons, activations and accounts have to be made again.
    StateSetAside {
        /// The damaged file is here now.
        kept_as: PathBuf,
        /// What was wrong with it.
        reason: String,
    },
}

/// The service.
pub struct Gateway;

impl Gateway {
    /// Starts a gateway; it serves until its handle is stopped or dropped.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn start(config: GatewayConfig) -> Result<GatewayHandle, GatewayError> {
        let opening = config.parts();
        let opened = tokio::task::spawn_blocking(move || opening.open()).await;
        let (book, warning, outbox) = opened.map_err(|error| GatewayError::Listen { address: config.listen, source: error.into() })??;
        let listen = config.listen;
        let app = Arc::new(assemble(config, book, outbox)?);
        if let Some(outbox) = &app.outbox {
            outbox.start(app.stopping.child_token());
        }
        meet_companies(&app).await;
        let state = app.book.read();
        if app.sandbox && !state.bindings.iter().any(|binding| binding.activated) {
            app.mail_code().await;
        }
        let mut whole = api::routes(app.sandbox).merge(phone::routes(&app));
        if app.official.is_some() {
            whole = whole.merge(wechat::routes());
        }
        let main = Listening::start(listen, guarded(&app, whole), (&app.limits, app.proxy), &app.stopping)
            .await
            .map_err(|source| GatewayError::Listen { address: listen, source })?;
        let base_url = format!("http://{}", main.address());
        app.places.lock().unwrap_or_else(PoisonError::into_inner).local.clone_from(&base_url);
        app.introduce_menu();
        tracing::info!(%base_url, sandbox = app.sandbox, connector = app.connector.service(), "the gateway serves");
        Ok(GatewayHandle { app, base_url, warnings: warning.into_iter().collect(), main: Some(main), phones: Default::default() })
    }
}

/// What is opened on the disk.
struct Opening {
    data_dir: Option<PathBuf>,
    sink: Option<Sink>,
}

impl GatewayConfig {
    fn parts(&self) -> Opening {
        let sink = self.mail.clone().map(Sink::Smtp).or_else(|| self.sandbox.then_some(Sink::Kept));
        Opening { data_dir: self.data_dir.clone(), sink }
    }
}

impl Opening {
    fn open(self) -> Result<(Book, Option<Warning>, Option<Outbox>), GatewayError> {
        let (book, warning) = Book::open(self.data_dir.as_deref())?;
        // Mails that nobody sends need no disk.
        let folder = self.data_dir.filter(|_| matches!(self.sink, Some(Sink::Smtp(_)))).map(|dir| dir.join("mail"));
        let outbox = self.sink.map(|sink| Outbox::open(folder, sink, OutboxOptions::default())).transpose()?;
        Ok((book, warning, outbox))
    }
}

fn assemble(config: GatewayConfig, book: Book, outbox: Option<Outbox>) -> Result<App, GatewayError> {
    let limits = config.limits;
    // The roots of a simulated world count there alone: no other connector has any.
    let simulated = config.connector.platform().map(|platform| platform.roots()).unwrap_or_default();
    let (simulated, _) = Trust::from_certificates(simulated.iter().map(Vec::as_slice));
    let official = config.wechat.map(|settings| Official::new(settings, config.public_url.as_deref())).transpose()?;
    Ok(App {
        book,
        outbox,
        official,
        tickets: Tickets::new(limits.ticket_life),
        sessions: Sessions::new(limits.session_life, limits.refresh_life),
        guesses: activation::guesses(),
        throttles: Throttles::default(),
        desk: Desk::new(),
        disks: Disks::new(config.disk_roots.with(simulated), limits.disk_challenge_life),
        bindings: Bindings::default(),
        key_tickets: KeyTickets::default(),
        downloads: Downloads::new(config.downloads, config.version),
        jobs: Jobs::new(limits.jobs_kept),
        links: Links::new(limits.link_life),
        dial: Dial::default(),
        connector: config.connector,
        limits,
        sandbox: config.sandbox,
        secret: config.secret,
        public_url: config.public_url,
        proxy: config.proxy,
        form_key: random::token(),
        places: Mutex::new(Places::default()),
        messages: Mutex::default(),
        stopping: CancellationToken::new(),
    })
}

/// Writes the connector's companies down, as they are today.
async fn meet_companies(app: &App) {
    let companies = app.connector.companies();
    let written = app
        .book
        .change(|state: &mut State| {
            for company in companies {
                state.companies.insert(company.id.clone(), company);
            }
            Ok(())
        })
        .await;
    if let Err(failure) = written {
        tracing::warn!(error = %failure.error(), "the companies could not be written down");
    }
}

fn guarded(app: &Arc<App>, routes: Router<Arc<App>>) -> Router {
    routes
        .fallback(guard::no_route)
        .method_not_allowed_fallback(guard::no_method)
        .layer(from_fn_with_state(Arc::clone(app), faults::apply))
        .layer(from_fn_with_state(Arc::clone(app), guard::gate))
        .layer(from_fn(guard::frame))
        .with_state(Arc::clone(app))
}

/// A gateway that serves. Dropping it stops it; [`GatewayHandle::stop`] also waits.
pub struct GatewayHandle {
    app: Arc<App>,
    base_url: String,
    warnings: Vec<Warning>,
    main: Option<Listening>,
    /// Of the phone pages; whoever opens or closes it holds the lock meanwhile.
    phones: tokio::sync::Mutex<Option<Listening>>,
}

impl GatewayHandle {
    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// What went wrong at the start.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Forgets the passwords with which accounts are signed in again, those of sign-ins that are under way too. Sessions at the
    /// bureau go on.
    pub fn forget_passwords(&self) {
        self.app.desk.forget_passwords();
    }

    /// Opens a second listener for the phones of the local network, with the phone pages alone, or closes it. Calls wait for each other.
    ///
    /// Gives the addresses that phones can use; none when this PC is in no network, and nothing is open then.
    ///
    /// # Errors
    /// [`GatewayError::Listen`].
    pub async fn allow_phones(&self, allow: bool) -> Result<Vec<String>, GatewayError> {
        let mut phones = self.phones.lock().await;
        // Nobody could reach it without a network, and it is not to stand open, unseen, when one comes.
        let Some(first) = lan::address().filter(|_| allow) else {
            self.set_phone_pages(None);
            if let Some(open) = phones.take() {
                open.stop().await;
            }
            return Ok(Vec::new());
        };
        let open = match phones.take() {
            Some(open) => open,
            None => self.open_phones().await?,
        };
        let pages = PhonePages { port: open.address().port(), first };
        *phones = Some(open);
        self.set_phone_pages(Some(pages));
        Ok(vec![pages.url()])
    }

    async fn open_phones(&self) -> Result<Listening, GatewayError> {
        let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let router = guarded(&self.app, phone::routes(&self.app));
        Listening::start(everywhere, router, (&self.app.limits, None), &self.app.stopping)
            .await
            .map_err(|source| GatewayError::Listen { address: everywhere, source })
    }

    fn set_phone_pages(&self, pages: Option<PhonePages>) {
        self.app.places.lock().unwrap_or_else(PoisonError::into_inner).phones = pages;
    }

    /// Stops: no new connections, polls that are held open answer at once, the rest is given two seconds.
    pub async fn stop(mut self) {
        self.app.stopping.cancel();
        let phones = self.phones.get_mut().take();
        for listening in self.main.take().into_iter().chain(phones) {
            listening.stop().await;
        }
    }
}

impl Drop for GatewayHandle {
    fn drop(&mut self) {
        self.app.stopping.cancel();
    }
}
