//! What all handlers share.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use piaoxia_mail::Outbox;
use piaoxia_service::contract::{CodeCondition, Company, IssuedCode, SandboxMessage};
use tokio_util::sync::CancellationToken;

use crate::accounts::{Bindings, Desk};
use crate::activation;
use crate::applications::Throttles;
use crate::config::Limits;
use crate::connectors::Connector;
use crate::disks::Disks;
use crate::failure::{Answer, Failure};
use crate::faults::Dial;
use crate::jobs::Jobs;
use crate::lan::PhonePages;
use crate::links::Links;
use crate::phone::{Downloads, KeyTickets};
use crate::random;
use crate::sessions::Sessions;
use crate::state::{Book, State};
use crate::throttle::Throttle;
use crate::tickets::Tickets;
use crate::wechat::Official;

/// The gateway behind its listeners.
pub(crate) struct App {
    pub(crate) book: Book,
    pub(crate) tickets: Tickets,
    pub(crate) sessions: Sessions,
    pub(crate) guesses: Throttle,
    pub(crate) throttles: Throttles,
    pub(crate) desk: Desk,
    pub(crate) disks: Disks,
    pub(crate) bindings: Bindings,
    pub(crate) key_tickets: KeyTickets,
    pub(crate) downloads: Downloads,
    pub(crate) jobs: Jobs,
    pub(crate) links: Links,
    pub(crate) dial: Dial,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) limits: Limits,
    pub(crate) sandbox: bool,
    pub(crate) secret: Option<String>,
    pub(crate) public_url: Option<String>,
    /// The proxy before it, whose word of callers' addresses counts.
    pub(crate) proxy: Option<IpAddr>,
    /// Key of the phone forms' tokens; a new one each start.
    pub(crate) form_key: String,
    /// Addresses of the listeners, known once they listen.
    pub(crate) places: Mutex<Places>,
    /// Mails on their way; none where no mail server is set up.
    pub(crate) outbox: Option<Outbox>,
    /// The WeChat Official Account, where there is one.
    pub(crate) official: Option<Official>,
    /// What the sandbox shows of the service's messages, the newest last.
    pub(crate) messages: Mutex<Vec<SandboxMessage>>,
    /// Cancelled when the gateway stops.
    pub(crate) stopping: CancellationToken,
}

/// Where the gateway can be reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// `http://127.0.0.1:port`.
    pub(crate) local: String,
    /// The phone pages, while phones are let in.
    pub(crate) phones: Option<PhonePages>,
}

/// Both ends of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) remote: SocketAddr,
    pub(crate) local: SocketAddr,
}

impl Peer {
    /// Address of the caller; an IPv4 address is one however it arrives.
    pub(crate) fn ip(&self) -> IpAddr {
        self.remote.ip().to_canonical()
    }
}

impl App {
    /// The listeners' addresses.
    pub(crate) fn places(&self) -> Places {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Address of a phone page, and the same page for a browser on this PC, which only the sandbox offers.
    pub(crate) fn phone_urls(&self, path: &str) -> (String, Option<String>) {
        let places = self.places();
        let page = |base: &str| format!("{}{path}", base.trim_end_matches('/'));
        let outside = self.public_url.clone().or_else(|| places.phones.map(|pages| pages.url()));
        (page(outside.as_deref().unwrap_or(&places.local)), self.sandbox.then(|| page(&places.local)))
    }

    /// A company with its counts, as the window shows it.
    ///
    /// # Errors
    /// Not found.
    pub(crate) fn company(&self, state: &State, id: &str) -> Answer<Company> {
        let mut company = state.companies.get(id).cloned().ok_or_else(|| Failure::not_found("company"))?;
        let accounts = self.accounts(state, id);
        company.accounts = u32::try_from(accounts.len()).unwrap_or(u32::MAX);
        let signed_in = accounts.iter().filter(|account| matches!(account.session, piaoxia_domain::account::Session::Valid { .. }));
        company.signed_in = u32::try_from(signed_in.count()).unwrap_or(u32::MAX);
        Ok(company)
    }

    /// Issues a code for all companies of the connector.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn issue_code(&self, condition: CodeCondition) -> Answer<IssuedCode> {
        let companies = self.connector.companies().into_iter().map(|company| company.id).collect();
        activation::issue(&self.book, companies, condition).await.map(|(_, issued)| issued)
    }

    /// What a phone form must carry: of this page or ticket, in this browser.
    ///
    /// All three parts have a fixed length, so that none can be lengthened into another.
    pub(crate) fn form_token(&self, scope: &str, browser: &str) -> String {
        random::digest(&format!("{}{}{}", self.form_key, random::digest(scope), random::digest(browser)))
    }
}
