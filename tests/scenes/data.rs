//! Companies, accounts, invoices and downloads for the scenes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use piaoxia::state::accounts::Elsewhere;
use piaoxia::state::session::Session;
use piaoxia::state::{Screen, State};
use piaoxia_domain::account::{Account, AccountId, DefaultFor, Identity, LoginMode, Rights};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Deduction, Direction, Invoice, InvoiceLine, Kind, Money, Party, Scope, Status, TaxNumber, Totals};
use piaoxia_engine::{CompanyRef, Download, DownloadId, DownloadOrder, DownloadState, Extent};
use piaoxia_service::contract::{Budget, Challenge, ChallengeKind, Company, Entitlement, PersonInfo, Query, SummaryRow, TaxpayerKind};
use piaoxia_store::{Formats, PartyLabel, Row, View};

pub const TODAY: Date = date(2026, 11, 22);

pub fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn tax_no(first17: &str) -> TaxNumber {
    TaxNumber::with_check_digit(first17).unwrap()
}

pub fn companies() -> Vec<Company> {
    let company = |id: &str, name: &str, digits: &str, region: &str, kind, accounts, signed_in| Company {
        id: id.into(),
        tax_no: tax_no(digits),
        name: name.into(),
        region: region.into(),
        taxpayer_kind: kind,
        entitlement: Entitlement { expires_on: date(2027, 12, 31) },
        accounts,
        signed_in,
    };
    vec![
        company("c1", "上海票匣示例贸易有限公司", "91310115MA1K35JX4", "3100", TaxpayerKind::General, 2, 1),
        company(
            "c2",
            "深圳市票匣示例智能装备股份有限公司南山前海深港现代服务业合作区分公司",
            "91440300MA5D12345",
            "4403",
            TaxpayerKind::General,
            0,
            0,
        ),
        company("c3", "杭州票匣示例设计工作室", "92330106MA2A67890", "3300", TaxpayerKind::Small, 1, 0),
    ]
}

pub fn accounts() -> Vec<Account> {
    let account = |id: &str, person: &str, login: &str, identity, rights, default_for, session| Account {
        id: AccountId(id.into()),
        login_name: login.into(),
        person: person.into(),
        identity,
        login_mode: LoginMode::Manual,
        region: "3100".into(),
        rights,
        default_for,
        wechat_bound: false,
        session,
    };
    let both = Rights { issue: true, receive: true };
    let valid = piaoxia_domain::account::Session::Valid { until: moment("2026-11-22T13:30:00Z") };
    let locked = piaoxia_domain::account::Session::Locked { until: moment("2026-11-22T16:00:00Z") };
    vec![
        account("a1", "王会计", "138****0001", Identity::TaxOfficer, both, Some(DefaultFor::Both), valid),
        account("a2", "李开票", "3101**********0022", Identity::Issuer, Rights { issue: true, receive: false }, None, locked),
    ]
}

/// What is left of the accounts' tries.
pub fn budgets() -> BTreeMap<AccountId, Budget> {
    let resets_at = moment("2026-11-22T16:00:00Z");
    let full = Budget { login_tries_left: 5, collect_calls_left: 988, identity_switches_left: Some(3), resets_at };
    let empty = Budget { login_tries_left: 0, identity_switches_left: None, ..full.clone() };
    [(AccountId("a1".into()), full), (AccountId("a2".into()), empty)].into()
}

/// A sign-in that the service has begun by itself.
pub fn elsewhere(account: &str) -> Elsewhere {
    let challenge = Challenge {
        id: "e1".into(),
        account: Some(AccountId(account.into())),
        login_name: "138****0001".into(),
        company: companies()[0].name.clone(),
        region: "3100".into(),
        kind: ChallengeKind::Sms { phone: "138****0001".into(), resend_after: 60 },
        expires_in: 300,
        attempts_left: 3,
        rejected: false,
    };
    Elsewhere { challenge, ends: 300.0 }
}

/// Signed in, activated, with companies.
pub fn inside(screen: Screen) -> State {
    let mut state = State { clock: 20.0, today: TODAY, screen, data: "D:\\票匣\\Data".into(), ..State::default() };
    state.service = "http://127.0.0.1:43127/".into();
    state.session = Session::In { person: PersonInfo { id: "p".into(), name: "王会计".into() }, activated: true, sandbox: true };
    state.companies.list.answer(Ok(companies()));
    state.download.from = date(2026, 10, 1);
    state.download.to = date(2026, 10, 31);
    state
}

pub fn query(scope: Scope) -> Query {
    let dates = DateRange::new(date(2026, 10, 1), date(2026, 10, 31)).unwrap();
    Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() }
}

pub fn order(scope: Scope) -> DownloadOrder {
    let first = &companies()[0];
    let company = CompanyRef::from(first);
    DownloadOrder { company, account: None, disk: None, query: query(scope), originals: true, extent: Extent::Whole, refresh: false }
}

pub fn summary() -> Vec<SummaryRow> {
    let row = |kind: &str, invoices, net: i64, tax: i64| SummaryRow {
        kind: Kind::from_code(kind),
        month: date(2026, 10, 1),
        totals: Totals { invoices, net: Money::from_fen(net), tax: Money::from_fen(tax), gross: Money::from_fen(net + tax) },
    };
    vec![row("81", 412, 1_204_556_021, 156_592_283), row("82", 1083, 88_120_340, 2_643_610), row("51", 36, 1_443_119, 129_881)]
}

pub fn download(id: &str, scope: Scope, state: DownloadState) -> Download {
    let expected = summary();
    Download {
        id: DownloadId(id.into()),
        order: order(scope),
        state,
        expected,
        received: Totals {
            invoices: 918,
            net: Money::from_fen(8_800_000),
            tax: Money::from_fen(800_000),
            gross: Money::from_fen(9_600_000),
        },
        new: 905,
        changed: 13,
        refreshed: 0,
        originals_done: 2684,
        originals_missing: 0,
        pieces: Vec::new(),
        differences: Vec::new(),
        problem: None,
        created_at: moment("2026-11-22T01:00:00Z"),
        ended_at: None,
        ready_at: None,
        waits_until: None,
        per_second: 64.0,
    }
}

pub fn invoice() -> Invoice {
    let party = |name: &str, number: TaxNumber| Party {
        name: name.into(),
        tax_no: number,
        contact: "上海市浦东新区示例路 100 号 021-50000000".into(),
        bank: "示例银行上海分行 6222 0000 0000 0001".into(),
    };
    let line = |name: &str, net: i64, tax: i64| InvoiceLine {
        name: name.into(),
        spec: "A4 80g".into(),
        unit: "箱".into(),
        quantity: Some("12".parse().unwrap()),
        price: Some("41.6666666667".parse().unwrap()),
        net: Money::from_fen(net),
        rate: "13%".into(),
        tax: Money::from_fen(tax),
        class_code: "1060105020000000000".into(),
    };
    Invoice {
        key: "26312000000123456789".parse().unwrap(),
        paper_key: None,
        kind: Kind::from_code("81"),
        direction: Some(Direction::Received),
        both_sides: false,
        self_billed: false,
        issued_at: date(2026, 10, 8).at(9, 30, 0, 0),
        seller: party("苏州示例办公用品有限公司", tax_no("91320500MA1X23456")),
        buyer: party("上海票匣示例贸易有限公司", tax_no("91310115MA1K35JX4")),
        net: Money::from_fen(95_000),
        tax: Money::from_fen(12_350),
        gross: Money::from_fen(107_350),
        status: Status::RedFull,
        deduction: Some(Deduction::Ticked),
        usage: None,
        red_of: None,
        risk: "正常".into(),
        source: "电子发票服务平台".into(),
        drawer: "张三".into(),
        remark: "合同号 PX-2026-118".into(),
        check_code: String::new(),
        lines: vec![line("*纸制品*复印纸", 50_000, 6_500), line("*文具*中性笔（整盒装，黑色，0.5 毫米，办公室通用型）", 45_000, 5_850)],
    }
}

/// A view of `total` rows of which the first page is there.
pub fn fill_ledger(state: &mut State, total: u32) {
    let ids: Arc<[u32]> = (0..total).collect();
    let some = Totals {
        invoices: u64::from(total),
        net: Money::from_fen(98_765_432_100),
        tax: Money::from_fen(9_876_543_210),
        gross: Money::from_fen(108_641_975_310),
    };
    let totals = if total == 0 { Totals::default() } else { some };
    state.ledger.invoices = u64::from(total);
    state.ledger.asked = Some((state.ledger.filters.clone(), state.ledger.sort, state.ledger.grouping.by));
    state.ledger.view.answer(Ok(View { ids, totals, voided: u64::from(total) / 5, groups: Arc::from([]), generation: 1 }));
    state.ledger.pages.insert(0, (0..total.min(200)).map(row).collect());
}

fn row(id: u32) -> Row {
    let kinds = ["81", "82", "82", "51", "01", "14", "83"];
    let sellers = [
        "苏州示例办公用品有限公司",
        "中国铁路上海局集团示例公司",
        "北京示例科技（集团）股份有限公司第一分公司及其下属采购中心",
        "=示例公式公司",
    ];
    let red = id % 11 == 5;
    let net = i64::from(id + 1) * 12_345 * if red { -1 } else { 1 };
    let tax = net * 13 / 100;
    let label = |name: &str| Arc::new(PartyLabel { name: name.into(), tax_no: tax_no("91320500MA1X23456") });
    let formats = if id.is_multiple_of(4) {
        Formats::default().with(Format::Xml)
    } else {
        Formats::default().with(Format::Xml).with(Format::Ofd).with(Format::Pdf)
    };
    Row {
        id,
        key: format!("2631200000012345{id:04}").parse().unwrap(),
        kind: Kind::from_code(kinds[id as usize % kinds.len()]),
        direction: Some(if id.is_multiple_of(3) { Direction::Issued } else { Direction::Received }),
        both_sides: false,
        issued_at: date(2026, 10, 1 + (id % 28) as i8).at(9, 0, 0, 0),
        seller: label(sellers[id as usize % sellers.len()]),
        buyer: label("上海票匣示例贸易有限公司"),
        net: Money::from_fen(net),
        tax: Money::from_fen(tax),
        gross: Money::from_fen(net + tax),
        status: [Status::Normal, Status::Normal, Status::RedFull, Status::Void, Status::Normal][id as usize % 5].clone(),
        deduction: [None, Some(Deduction::Open), Some(Deduction::Confirmed)][id as usize % 3],
        originals: formats,
        by_bureau: true,
        is_claimed: false,
    }
}
