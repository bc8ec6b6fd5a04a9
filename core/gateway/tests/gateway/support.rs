//! A sandbox in this process, a phone, a user.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_domain::account::DefaultFor;
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{Account, DateRange, Scope};
use piaoxia_gateway::{Gateway, GatewayConfig, GatewayHandle, SimConnector};
use piaoxia_service::contract::*;
use piaoxia_service::{Client, ClientError, ClientOptions, Transfer, Verifier};

pub const SIZE: SandboxSize = SandboxSize { seed: 11, invoices: 3_000 };

/// A sandbox without pauses that keeps nothing.
pub fn config() -> GatewayConfig {
    GatewayConfig { sandbox: true, ..GatewayConfig::new(Arc::new(SimConnector::quick(SIZE))) }
}

/// The same with a bureau that takes its time, at so many percent of the usual.
pub fn config_at(pace: u32) -> GatewayConfig {
    let today = shanghai_day(Timestamp::now());
    let bureau = Bureau::new(BureauConfig { pace, ..BureauConfig::new(SIZE.seed, 300, today) });
    GatewayConfig { sandbox: true, ..GatewayConfig::new(Arc::new(SimConnector::with_bureau(bureau))) }
}

pub async fn start(config: GatewayConfig) -> (GatewayHandle, Client) {
    let secret = config.secret.clone();
    let handle = Gateway::start(config).await.unwrap();
    let client = Client::with_options(handle.base_url(), secret, ClientOptions::quick()).unwrap();
    (handle, client)
}

pub fn device(number: u32) -> Device {
    Device { id: format!("{number:032x}"), name: "财务室-<PC>".to_owned(), version: "0.1.0".to_owned() }
}

pub fn ticket_request(device: Device, verifier: &Verifier, keep: bool) -> TicketRequest {
    TicketRequest { device, challenge: verifier.challenge(), keep_signed_in: keep }
}

pub fn poll(verifier: &Verifier, known: &str) -> PollRequest {
    PollRequest { verifier: verifier.expose().to_owned(), known: known.to_owned() }
}

/// Signs in with the sandbox's phone and uses the session.
pub async fn sign_in(client: &Client, device: Device, name: &str, keep: bool) -> Session {
    let verifier = Verifier::random();
    let ticket = client.create_ticket(&ticket_request(device, &verifier, keep)).await.unwrap();
    let phone = SandboxPhone { name: name.to_owned(), number: ticket.number.clone() };
    client.sandbox().confirm_ticket(&ticket.id, &phone).await.unwrap();
    let TicketState::Confirmed { session } = client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap() else {
        panic!("not confirmed")
    };
    client.set_session(Some(session.token.clone()));
    session
}

/// The code of the activation mail.
pub async fn mailed_code(client: &Client) -> String {
    let messages = client.sandbox().messages().await.unwrap();
    messages.into_iter().rev().find(|message| message.to.contains('@')).and_then(|message| message.code).expect("a mail with a code")
}

pub async fn activate(client: &Client) -> Vec<Company> {
    let code = mailed_code(client).await;
    client.activate(&ActivationRequest { code }).await.unwrap().companies
}

/// A sandbox whose user is signed in and activated.
pub async fn activated(config: GatewayConfig) -> (GatewayHandle, Client, Vec<Company>) {
    let (handle, client) = start(config).await;
    sign_in(&client, device(1), "王芳", false).await;
    let companies = activate(&client).await;
    (handle, client, companies)
}

/// Demo accounts of a company that may issue and receive.
pub async fn demo_accounts(client: &Client, company: &str) -> Vec<DemoAccount> {
    let all = client.sandbox().demo_accounts().await.unwrap();
    all.into_iter().filter(|demo| demo.company == company && demo.rights.issue && demo.rights.receive).collect()
}

/// Answers whatever is asked, as a person with the phone in the hand does.
pub async fn solve(client: &Client, mut step: LoginStep, demo: &DemoAccount) -> Account {
    for _ in 0..8 {
        let challenge = match step {
            LoginStep::Done { account } => return account,
            LoginStep::Challenge { challenge } => challenge,
        };
        assert!(challenge.expires_in > 0 && challenge.attempts_left > 0, "{challenge:?}");
        step = match &challenge.kind {
            ChallengeKind::Image { .. } => {
                let answer = client.sandbox().captcha(&challenge.id).await.unwrap();
                client.answer_challenge(&challenge.id, &answer).await.unwrap()
            }
            ChallengeKind::Sms { .. } => client.answer_challenge(&challenge.id, &sms_code(client, demo).await).await.unwrap(),
            ChallengeKind::Qr { .. } | ChallengeKind::Face { .. } => {
                client.sandbox().scan(&challenge.id).await.unwrap();
                client.poll_challenge(&challenge.id).await.unwrap()
            }
            ChallengeKind::SelectIdentity { .. } => client.answer_challenge(&challenge.id, demo.request.identity.code()).await.unwrap(),
            ChallengeKind::ConfirmRelation { options } => client.answer_challenge(&challenge.id, &options[0].value).await.unwrap(),
            ChallengeKind::Working { .. } => client.poll_challenge(&challenge.id).await.unwrap(),
            ChallengeKind::Unknown => panic!("the sandbox asks what nobody knows"),
        };
    }
    panic!("the bureau asks without end")
}

/// The newest code sent to the account's phone.
pub async fn sms_code(client: &Client, demo: &DemoAccount) -> String {
    let messages = client.sandbox().messages().await.unwrap();
    messages.into_iter().rev().find(|message| message.to == demo.phone).and_then(|message| message.code).expect("a code by SMS")
}

/// A sandbox with one account that is signed in and does everything.
pub async fn ready(config: GatewayConfig) -> (GatewayHandle, Client, Company, Account, DemoAccount) {
    let (handle, client, companies) = activated(config).await;
    let company = companies[0].clone();
    let demo = demo_accounts(&client, &company.id).await.remove(0);
    let step = client.add_account(&company.id, &demo.request).await.unwrap();
    let account = solve(&client, step, &demo).await;
    let request = DefaultRequest { account: account.id.clone(), default_for: DefaultFor::Both };
    client.set_default(&company.id, &request).await.unwrap();
    (handle, client, company, account, demo)
}

/// Signs a kept account in again.
pub async fn log_in_again(client: &Client, account: &Account, demo: &DemoAccount) -> Account {
    let password = demo.request.fields["password"].clone();
    let step = client.login_account(&account.id, &LoginRequest { password }).await.unwrap();
    solve(client, step, demo).await
}

/// The whole month before this one: the bureau has all of it.
pub fn last_month() -> DateRange {
    let today = shanghai_day(Timestamp::now());
    let to: Date = today.first_of_month().yesterday().unwrap();
    DateRange::new(to.first_of_month(), to).unwrap()
}

pub fn last_months(months: i64) -> DateRange {
    let month = last_month();
    DateRange::new(month.from().checked_sub((months - 1).months()).unwrap(), month.to()).unwrap()
}

pub fn query(scope: Scope, dates: DateRange) -> Query {
    Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() }
}

pub fn job(key: &str, kind: JobKind, company: &str, query: Query) -> JobRequest {
    JobRequest { client_key: key.to_owned(), kind, company: company.to_owned(), account: None, query }
}

/// Follows a job until its state fits.
pub async fn until(client: &Client, id: &str, fits: impl Fn(&JobState) -> bool) -> Job {
    for _ in 0..2_000 {
        let job = client.job(id).await.unwrap();
        if fits(&job.state) {
            return job;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the job never got there: {:?}", client.job(id).await)
}

pub fn is_done(state: &JobState) -> bool {
    if let JobState::Failed { error } = state {
        panic!("the job failed: {error}");
    }
    *state == JobState::Done
}

/// What a transfer brings, and how it ends.
pub async fn poured(mut transfer: Transfer) -> (Vec<u8>, Result<(), ClientError>) {
    let mut bytes = Vec::new();
    loop {
        match transfer.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(chunk.as_ref()),
            Ok(None) => return (bytes, Ok(())),
            Err(error) => return (bytes, Err(error)),
        }
    }
}

/// All invoices of a done job.
pub async fn all_items(client: &Client, id: &str, limit: u32) -> Vec<piaoxia_domain::Invoice> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = client.job_items(id, cursor.as_deref(), limit).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        items.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => {
                assert_eq!(items.len() as u64, page.total);
                return items;
            }
        }
    }
}

/// A browser without script: cookies, forms, and the headers that browsers add.
pub struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

pub struct Shown {
    pub status: u16,
    pub html: String,
    pub headers: reqwest::header::HeaderMap,
}

impl Shown {
    /// Value of the form's hidden token.
    pub fn token(&self) -> String {
        let (_, rest) = self.html.split_once("name=\"token\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub fn new() -> Self {
        Self { http: reqwest::Client::builder().no_proxy().build().unwrap(), cookies: BTreeMap::new() }
    }

    pub async fn open(&mut self, url: &str) -> Shown {
        let request = self.http.get(url).header("sec-fetch-site", "none");
        self.send(request).await
    }

    /// Sends a form as the page at `url` does.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Shown {
        let origin = url.split("/p/").next().unwrap().to_owned();
        self.post_from(url, Some(&origin), Some("same-origin"), fields).await
    }

    pub async fn post_from(&mut self, url: &str, origin: Option<&str>, site: Option<&str>, fields: &[(&str, &str)]) -> Shown {
        let body = fields.iter().map(|(key, value)| format!("{key}={}", percent(value))).collect::<Vec<_>>().join("&");
        let mut request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        self.send(request).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Shown {
        let cookies = self.cookies.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("; ");
        let response = request.header("cookie", cookies).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
            let (key, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(key.to_owned(), value.to_owned());
        }
        Shown { status, html: response.text().await.unwrap(), headers }
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
