//! Scenes of the pages.

use piaoxia::loadable::Loadable;
use piaoxia::state::download::{Counted, Examined, Tab};
use piaoxia::state::session::{Qr, Session};
use piaoxia::state::update::Work;
use piaoxia::state::{Screen, State};
use piaoxia_domain::{AccountId, Money, Scope, Totals};
use piaoxia_engine::event::SignedOutBecause;
use piaoxia_engine::problem::{NetworkFault, What};
use piaoxia_engine::update::{Checked, Notes, Offer, Refusal, Status, Version};
use piaoxia_engine::{Difference, DownloadState, Finding, Findings, Matter, Problem, ServiceBy, ServiceWish};
use piaoxia_service::contract::{ApiError, ErrorClass, LoginTicket, MessageBy, Notice, NoticeKind, PersonInfo, SandboxMessage, code};

use super::data::{self, TODAY, download, fill_ledger, inside, moment, order, summary};

fn ticket() -> LoginTicket {
    LoginTicket {
        id: "0123456789abcdef".into(),
        qr_text: "http://192.168.1.20:43127/p/login/0123456789abcdef".into(),
        local_url: Some("http://127.0.0.1:43127/p/login/0123456789abcdef".into()),
        number: "427".into(),
        expires_in: 120,
    }
}

fn outside(qr: Qr) -> State {
    let mut state = State { clock: 20.0, today: TODAY, screen: Screen::SignIn, ..State::default() };
    state.session = Session::Out(SignedOutBecause::NeverSignedIn);
    state.sign_in.qr = qr;
    state
}

fn problem(what: What) -> Problem {
    Problem { what, subject: None, detail: String::new() }
}

pub fn starting() -> State {
    State::default()
}

/// The very first start.
pub fn welcome() -> State {
    State { today: TODAY, screen: Screen::Welcome, service_by: ServiceBy::Nobody, ..State::default() }
}

/// Nobody answers at the address that was typed.
pub fn welcome_refused() -> State {
    let mut state = welcome();
    state.welcome.address = "gw.example.com".into();
    state.welcome.of_hosted = true;
    state.welcome.problem = Some(problem(What::Network(NetworkFault::NoService)).about("https://gw.example.com/"));
    state
}

/// 换一种方式, by somebody who is at work in the sandbox; a service is asked whether it is there.
pub fn welcome_again() -> State {
    let mut state = settings();
    state.open_welcome();
    state.welcome.address = "gw.example.com".into();
    state.welcome.choosing = Some(ServiceWish::Hosted("gw.example.com".into()));
    state
}

pub fn welcome_question() -> State {
    let mut state = welcome_again();
    state.welcome.choosing = None;
    state.choose_service(ServiceWish::Hosted("gw.example.com".into()));
    state
}

pub fn sign_in_hosted() -> State {
    let mut state = sign_in();
    (state.hosted, state.service_by, state.service) = (true, ServiceBy::Choice, "https://gw.example.com/".into());
    state
}

pub fn sign_in() -> State {
    outside(Qr::Waiting { ticket: ticket(), expires: 118.0 })
}

pub fn sign_in_scanned() -> State {
    let mut state = outside(Qr::Scanned { ticket: ticket(), expires: 96.0 });
    state.session = Session::Out(SignedOutBecause::Asked);
    state.phones = vec!["http://192.168.1.20:43127".into()];
    state
}

pub fn sign_in_failed() -> State {
    outside(Qr::Failed { problem: problem(What::Network(NetworkFault::Unreachable)), retry: 25.0 })
}

pub fn activation() -> State {
    let mut state = inside(Screen::Activation);
    state.session = Session::In { person: PersonInfo { id: "p".into(), name: "王会计".into() }, activated: false, sandbox: true };
    state.sandbox.messages = vec![SandboxMessage {
        by: MessageBy::Mail,
        subject: String::new(),
        to: "demo@piaoxia.example".into(),
        text: "您的激活码是 ABCD-EFGH-JKMN-PQRS-TV，24 小时内有效。".into(),
        code: Some("ABCD-EFGH-JKMN-PQRS-TV".into()),
        sent_at: moment("2026-11-22T01:00:00Z"),
    }];
    state
}

pub fn activation_refused() -> State {
    let mut state = activation();
    state.activation.code = "ABCD-EFGH-JKMN-PQRS-TV".into();
    state.activation.problem = Some(problem(What::Service(Box::new(ApiError::new(ErrorClass::UserFix, code::ACTIVATION_EXPIRED, "")))));
    state
}

pub fn home_first() -> State {
    let mut state = inside(Screen::Home);
    let mut companies = data::companies();
    for company in &mut companies {
        company.accounts = 0;
        company.signed_in = 0;
    }
    state.companies.brought = companies.len();
    state.companies.list.answer(Ok(companies));
    state
}

pub fn home() -> State {
    let mut state = inside(Screen::Home);
    state.ledger.invoices = 12_345;
    state.download.take_all(downloads());
    state
}

pub fn companies() -> State {
    inside(Screen::Companies)
}

pub fn company_empty() -> State {
    let mut state = inside(Screen::Company { id: "c2".into() });
    state.accounts.list("c2").answer(Ok(Vec::new()));
    state
}

pub fn company() -> State {
    let mut state = inside(Screen::Company { id: "c1".into() });
    state.accounts.list("c1").answer(Ok(data::accounts()));
    state.accounts.now = Some((moment("2026-11-22T03:00:00Z"), state.clock));
    state.accounts.budgets = data::budgets();
    state
}

/// Long names, every mark, a challenge that a phone is asked, a download that waits.
pub fn company_busy() -> State {
    let mut state = company();
    let mut accounts = data::accounts();
    accounts[0].person = "欧阳诸葛上官司马慕容会计".into();
    accounts[0].wechat_bound = true;
    accounts[0].session = piaoxia_domain::account::Session::Expired;
    accounts[1].login_mode = piaoxia_domain::account::LoginMode::VirtualPhone;
    let mut third = accounts[0].clone();
    third.id = AccountId("a3".into());
    third.login_name = "lishi_caiwu****2026".into();
    third.default_for = None;
    third.wechat_bound = false;
    accounts.push(third);
    state.accounts.list("c1").answer(Ok(accounts));
    state.accounts.elsewhere = vec![data::elsewhere("a1")];
    let mut waiting = download("5", Scope::Received, DownloadState::NeedsLogin { account: AccountId("a3".into()) });
    waiting.order.account = Some(AccountId("a3".into()));
    state.download.take_all(vec![waiting]);
    state
}

/// Outages of the companies' regions, one that is over, and more than fit.
pub fn outages() -> State {
    let mut state = home();
    let notice = |region: &str, kind, until: Option<&str>, text: &str| Notice {
        region: region.into(),
        kind,
        until: until.map(moment),
        text: text.into(),
    };
    state.companies.notices = vec![
        notice("3100", NoticeKind::Maintenance, Some("2026-11-22T10:00:00Z"), "电子税务局系统升级，期间无法登录和下载。"),
        notice("4403", NoticeKind::Recovered, None, "发票查询服务已恢复正常。"),
        notice("", NoticeKind::Fault, None, "部分地区短信验证码延迟。"),
        notice("1100", NoticeKind::Fault, None, "不是这些企业所在的地区，不显示。"),
    ];
    state
}

fn downloads() -> Vec<piaoxia_engine::Download> {
    let mut done = download("1", Scope::Received, DownloadState::Done);
    done.received.invoices = 1531;
    let mut nothing = download("2", Scope::Deductible, DownloadState::Done);
    nothing.received = Totals::default();
    nothing.expected = Vec::new();
    let mut partial = download("3", Scope::Issued, DownloadState::Partial);
    partial.originals_missing = 2;
    let row = &summary()[1];
    let mut ledger = row.totals;
    ledger.invoices -= 1;
    partial.differences = vec![Difference { kind: row.kind.clone(), month: row.month, bureau: row.totals, ledger, findings: None }];
    let mut failed = download("4", Scope::Received, DownloadState::Failed);
    failed.problem = Some(problem(What::Network(NetworkFault::Unreachable)));
    let needs = download("5", Scope::Received, DownloadState::NeedsLogin { account: AccountId("a1".into()) });
    let running = download("6", Scope::Issued, DownloadState::Running);
    vec![running, needs, failed, partial, nothing, done]
}

pub fn download_page() -> State {
    inside(Screen::Download)
}

/// The invoices of a difference.
pub fn difference() -> State {
    let mut state = download_scene();
    let Some(partial) = state.download.all.iter_mut().find(|download| !download.differences.is_empty()) else { return state };
    let finding = |number: &str, day: i8, party: &str, gross: i64, matter: Matter| Finding {
        key: number.parse().unwrap(),
        issued_on: jiff::civil::date(2026, 10, day),
        party: party.into(),
        gross: Money::from_fen(gross),
        matter,
    };
    let invoices = vec![
        finding("26312000000123456789", 8, "上海示例办公用品有限公司", 113_000, Matter::OnlyLedger { by_bureau: false }),
        finding("26312000000123456802", 9, "苏州示例精密机械制造股份有限公司昆山分公司", 1_284_000, Matter::OnlyLedger { by_bureau: true }),
        finding("26312000000123457011", 21, "北京示例信息技术有限公司", 53_000, Matter::Elsewhere),
        finding("26312000000123457122", 28, "杭州示例餐饮管理有限公司", 46_800, Matter::OnlyBureau),
        finding("26312000000123457200", 30, "广州示例物流有限公司", 9_900, Matter::Amounts { bureau: Money::from_fen(10_900) }),
    ];
    partial.differences[0].findings = Some(Findings { listed: 1_083, invoices, more: 12 });
    state.download.examined = Some(Examined::of(partial, &partial.differences[0]));
    state
}

pub fn download_scene() -> State {
    let mut state = download_page();
    state.download.take_all(downloads());
    state
}

pub fn download_counted() -> State {
    let mut state = download_scene();
    state.download.tab = Tab::All;
    let mut rows = Loadable::default();
    rows.answer(Ok(summary()));
    state.download.counted = Some(Counted { order: order(Scope::Received), rows });
    state
}

pub fn download_nothing() -> State {
    let mut state = download_page();
    let mut rows = Loadable::default();
    rows.answer(Ok(Vec::new()));
    state.download.counted = Some(Counted { order: order(Scope::Deductible), rows });
    state
}

/// A service that wants a pause, and a network that is gone.
pub fn download_waits() -> State {
    let mut state = download_page();
    let waits = |id, scope, what| {
        let mut download = download(id, scope, DownloadState::Running);
        download.per_second = 0.0;
        download.problem = Some(problem(what));
        download.waits_until = Some(moment("2026-11-22T01:30:05Z"));
        download
    };
    let mut throttled = ApiError::new(ErrorClass::Throttle, code::THROTTLED, "slow down");
    throttled.retry_after = Some(30);
    state.download.take_all(vec![
        waits("1", Scope::Received, What::Service(Box::new(throttled))),
        waits("2", Scope::Issued, What::Network(NetworkFault::Unreachable)),
    ]);
    state
}

pub fn ledger() -> State {
    let mut state = inside(Screen::Ledger);
    fill_ledger(&mut state, 1_000_000);
    state
}

pub fn ledger_empty() -> State {
    let mut state = inside(Screen::Ledger);
    fill_ledger(&mut state, 0);
    state
}

pub fn ledger_no_match() -> State {
    let mut state = inside(Screen::Ledger);
    state.ledger.filters.text = "没有这家公司".into();
    fill_ledger(&mut state, 0);
    state.ledger.invoices = 12_345;
    state
}

pub fn settings() -> State {
    let mut state = State { service_by: ServiceBy::Choice, ..inside(Screen::Settings) };
    state.ledger.invoices = 12_345;
    state.phones = vec!["http://192.168.1.20:43127".into()];
    state.sandbox.code = Some("ABCD-EFGH-JKMN-PQRS-TV".into());
    state
}

/// What the settings show of updates.
fn settings_with(status: Status, found: Option<Result<Checked, Problem>>) -> State {
    let mut state = settings();
    state.update.status = Some(status);
    state.update.found = found;
    state
}

fn offer() -> Offer {
    let zh = "台账：按销售方汇总，导出快了一倍。\n下载：断网后自动接着下载。\n修正：红字发票的税额合计。".into();
    Offer { version: Version::new(0, 2, 0), notes: Notes { zh, en: String::new() }, size: 24_360_000 }
}

fn status() -> Status {
    let version = Version::new(0, 1, 0);
    Status { version, release: true, has_feed: true, ready: None, before: None, failed: None, fell_back: None }
}

pub fn update_found() -> State {
    settings_with(status(), Some(Ok(Checked::New(offer()))))
}

pub fn update_downloading() -> State {
    let mut state = update_found();
    state.update.work = Work::Downloading { done: 9_400_000, total: 24_360_000 };
    state
}

pub fn update_ready() -> State {
    let status = Status { ready: Some(offer()), before: Some(Version::new(0, 0, 9)), ..status() };
    settings_with(status, None)
}

pub fn update_refused() -> State {
    let refusal = Refusal::Expired { expires: moment("2026-11-01T01:00:00Z"), now: moment("2026-11-22T01:00:00Z") };
    let status = Status { failed: Some(Version::new(0, 1, 5)), ..status() };
    settings_with(status, Some(Err(problem(What::Update(refusal)))))
}

pub fn update_back() -> State {
    let mut state = update_ready();
    state.update.asking_back = true;
    state
}

pub fn read_only() -> State {
    let mut state = ledger();
    state.read_only = true;
    state
}
