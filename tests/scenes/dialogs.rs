//! Scenes with a dialog open.

use base64::Engine;
use jiff::civil::date;
use piaoxia::state::State;
use piaoxia::state::accounts::{Bind, BindDialog, ChallengeDialog, DeleteDialog, FormDialog, PasswordDialog};
use piaoxia::state::export::Sheet;
use piaoxia::state::sandbox::Mailbox;
use piaoxia_documents::{Field, PdfFault, Refused};
use piaoxia_domain::account::{AccountId, Identity, LoginMode};
use piaoxia_engine::event::{DemoAccount, ImportReport, InvoiceSheet, RefusedFile};
use piaoxia_service::contract::{
    BindTicket, Challenge, ChallengeKind, ChallengeOption, FieldKind, FormField, LoginForm, MessageBy, QrChoice, SandboxMessage,
};
use piaoxia_store::{Change, Digest, Original, Source};

use super::data::{self, moment};
use super::documents;
use super::pages::{company, ledger};

/// The download page with downloads in every state.
pub fn download() -> State {
    super::pages::download_scene()
}

pub fn account_form() -> State {
    let mut state = company();
    let field = |key: &str, label: &str, kind, fixed: Option<&str>| FormField {
        key: key.into(),
        label: label.into(),
        kind,
        required: true,
        hint: String::new(),
        fixed: fixed.map(str::to_owned),
        options: Vec::new(),
    };
    let number = data::companies()[0].tax_no.to_string();
    let form = LoginForm {
        region: "3100".into(),
        fields: vec![
            field("taxNo", "统一社会信用代码/纳税人识别号", FieldKind::Text, Some(&number)),
            field("loginName", "居民身份证号码/手机号码/用户名", FieldKind::Text, None),
            field("password", "个人用户密码", FieldKind::Password, None),
        ],
        identities: Identity::ALL.to_vec(),
        login_modes: vec![LoginMode::Manual, LoginMode::HostedPhone, LoginMode::VirtualPhone],
    };
    state.accounts.forms.entry("3100".into()).or_default().answer(Ok(form));
    state.accounts.form = Some(FormDialog {
        company: "c1".into(),
        company_name: data::companies()[0].name.clone(),
        region: "3100".into(),
        identity: Some(Identity::TaxOfficer),
        login_mode: Some(LoginMode::Manual),
        marked: true,
        values: [("taxNo".to_owned(), number)].into(),
        ..FormDialog::default()
    });
    state.sandbox.asked_for = Some("c1".into());
    state.sandbox.accounts =
        vec![DemoAccount { person: "王会计".into(), fields: vec![("password".into(), "x".into())], identity: "BSY".into() }];
    state
}

fn challenge(kind: ChallengeKind, rejected: bool) -> State {
    let mut state = company();
    let challenge = Challenge {
        id: "ch1".into(),
        account: None,
        login_name: "138****0001".into(),
        company: data::companies()[0].name.clone(),
        region: "3100".into(),
        kind,
        expires_in: 300,
        attempts_left: 2,
        rejected,
    };
    state.accounts.challenge = Some(ChallengeDialog {
        challenge,
        value: String::new(),
        app: 0,
        expires: state.clock + 271.0,
        resend: state.clock + 31.0,
        busy: false,
        problem: None,
    });
    state
}

pub fn challenge_image() -> State {
    // A picture of the simulated bureau's size.
    let picture =
        image::RgbaImage::from_fn(120, 40, |x, y| image::Rgba([200, 220, 230, 255].map(|c: u8| c.saturating_sub(((x * y) % 40) as u8))));
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    challenge(ChallengeKind::Image { png: base64::engine::general_purpose::STANDARD.encode(png.into_inner()) }, false)
}

pub fn challenge_sms_wrong() -> State {
    let mut state = challenge(ChallengeKind::Sms { phone: "138****0001".into(), resend_after: 60 }, true);
    state.sandbox.messages = vec![SandboxMessage {
        by: MessageBy::Sms,
        subject: String::new(),
        to: "13800000001".into(),
        text: "【模拟税局】验证码 493021，5 分钟内有效。".into(),
        code: Some("493021".into()),
        sent_at: moment("2026-11-22T02:00:00Z"),
    }];
    state
}

fn apps() -> Vec<QrChoice> {
    let choice = |app: &str| QrChoice { app: app.into(), text: "qrcode_id=7d1f&areaPrefix=3100&interfaceCode=0003".into() };
    vec![choice("电子税务局APP"), choice("个人所得税APP")]
}

pub fn challenge_qr() -> State {
    challenge(ChallengeKind::Qr { apps: apps() }, false)
}

/// Begun elsewhere, opened here; its QR has expired.
pub fn challenge_face() -> State {
    let mut state = challenge(ChallengeKind::Face { apps: apps() }, false);
    let dialog = state.accounts.challenge.as_mut().unwrap();
    dialog.challenge.account = Some(AccountId("a1".into()));
    dialog.challenge.company = data::companies()[1].name.clone();
    dialog.expires = state.clock;
    state
}

pub fn challenge_relation() -> State {
    let option = |value: &str, label: &str| ChallengeOption { value: value.into(), label: label.into() };
    let options = vec![option("yes", "是，我是这家企业的办税人员"), option("no", "不是，请解除我与这家企业的办税关系")];
    challenge(ChallengeKind::ConfirmRelation { options }, false)
}

pub fn challenge_working() -> State {
    let done = vec!["识别图形验证码".into(), "接收短信验证码".into()];
    challenge(ChallengeKind::Working { done, doing: "提交短信验证码".into() }, false)
}

pub fn challenge_unknown() -> State {
    let mut state = challenge(ChallengeKind::Unknown, true);
    state.accounts.challenge.as_mut().unwrap().value = "动态口令".into();
    state
}

fn binding(step: Bind) -> State {
    let mut state = company();
    state.accounts.binding =
        Some(BindDialog { company: "c1".into(), account: AccountId("a1".into()), login_name: "138****0001".into(), step, looking: false });
    state
}

pub fn binding_waiting() -> State {
    let ticket = BindTicket {
        id: "0123456789abcdef".into(),
        qr_text: "http://192.168.1.20:43127/p/bind/0123456789abcdef".into(),
        local_url: Some("http://127.0.0.1:43127/p/bind/0123456789abcdef".into()),
        expires_in: 300,
    };
    binding(Bind::Open { ticket, expires: 291.0, scanned: false })
}

pub fn binding_done() -> State {
    binding(Bind::Bound { person: "王芳".into() })
}

pub fn binding_expired() -> State {
    binding(Bind::Expired)
}

pub fn edit_account() -> State {
    let mut state = account_form();
    let form = state.accounts.form.as_mut().unwrap();
    form.account = Some(AccountId("a2".into()));
    form.login_name = "3101**********0022".into();
    form.identity = Some(Identity::Issuer);
    form.marked = false;
    state
}

pub fn mailbox() -> State {
    let mut state = super::home();
    let message = |by, to: &str, subject: &str, text: &str, code: Option<&str>, at: &str| SandboxMessage {
        by,
        to: to.into(),
        subject: subject.into(),
        text: text.into(),
        code: code.map(str::to_owned),
        sent_at: moment(at),
    };
    let mail = "上海票匣示例贸易有限公司的数电升级申请已受理。\n\n1. 打开操作链接，用手机完成绑定：http://127.0.0.1:43127/p/key#ABCD-EFGH-JKMN\n   \
                操作密钥：ABCD-EFGH-JKMN（15 分钟内有效，只能用一次）\n2. 下载客户端：http://127.0.0.1:43127/p/download\n\
                3. 首次登录客户端后输入激活码：ABCD-EFGH-JKMN-PQRS-TV（24 小时内有效）\n\n外面的地址只是文字：https://example.com/p/key";
    state.sandbox.messages = vec![
        message(
            MessageBy::Mail,
            "caiwu@shanghai.example.com",
            "【票匣】上海票匣示例贸易有限公司数电升级：操作密钥和激活码",
            mail,
            Some("ABCD-EFGH-JKMN-PQRS-TV"),
            "2026-11-22T01:00:00Z",
        ),
        message(MessageBy::Sms, "13800000001", "", "【模拟税局】验证码 493021，5 分钟内有效。", Some("493021"), "2026-11-22T02:00:00Z"),
        message(
            MessageBy::Phone,
            "王会计",
            "登录请求",
            "上海票匣示例贸易有限公司的账号 138****0001 需要登录电子税务局，下载在等待。请打开个人中心处理：http://127.0.0.1:43127/p/me",
            None,
            "2026-11-22T02:05:00Z",
        ),
    ];
    state.sandbox.mailbox = Some(Mailbox { by: None, asked: state.clock });
    state
}

pub fn mailbox_empty() -> State {
    let mut state = super::home();
    state.sandbox.mailbox = Some(Mailbox { by: Some(MessageBy::Mail), asked: state.clock });
    state
}

pub fn password() -> State {
    let mut state = company();
    state.accounts.password = Some(PasswordDialog {
        company: "c1".into(),
        account: AccountId("a1".into()),
        login_name: "138****0001".into(),
        ..PasswordDialog::default()
    });
    state.sandbox.asked_for = Some("c1".into());
    state
}

pub fn delete_account() -> State {
    let mut state = company();
    state.accounts.deleting = Some(DeleteDialog { company: "c1".into(), account: AccountId("a1".into()), ..DeleteDialog::default() });
    state
}

/// Somebody else may take the default work over.
pub fn delete_account_heir() -> State {
    let mut state = delete_account();
    let mut accounts = data::accounts();
    accounts[1].rights.receive = true;
    state.accounts.list("c1").answer(Ok(accounts));
    state
}

pub fn sheet() -> State {
    let mut state = ledger();
    let invoice = data::invoice();
    state.ledger.wanted = Some(invoice.key.clone());
    let original = |format: piaoxia_domain::invoice::Format, size| Original {
        format,
        sha256: Digest::of(format.extension().as_bytes()),
        size,
        name: format!("dzfp_26312000000123456789.{}", format.extension()),
        added_at: moment("2026-11-01T00:00:00Z"),
    };
    let change = Change {
        at: moment("2026-11-01T00:00:00Z"),
        field: piaoxia_store::Field::Status,
        from: "normal".into(),
        to: "redFull".into(),
        source: Source::Download("138****0001".into()),
    };
    state.ledger.sheet = Some(InvoiceSheet {
        invoice,
        history: vec![change],
        originals: vec![original(piaoxia_domain::invoice::Format::Xml, 6120), original(piaoxia_domain::invoice::Format::Pdf, 48_000)],
        reds: vec!["26312000000123459999".parse().unwrap()],
        claims: Vec::new(),
    });
    documents::draw_thumbs(&mut state);
    state
}

/// The sheet of another kind; what does not fit the form is left out of the record.
fn sheet_of(change: impl FnOnce(&mut piaoxia_domain::Invoice)) -> State {
    let mut state = sheet();
    let sheet = state.ledger.sheet.as_mut().unwrap();
    change(&mut sheet.invoice);
    sheet.originals.clear();
    sheet.history.clear();
    sheet.reds.clear();
    state.ledger.wanted = Some(sheet.invoice.key.clone());
    state
}

/// One line at 9 %, as transport has it.
fn ticket(invoice: &mut piaoxia_domain::Invoice) {
    let (net, tax) = (piaoxia_domain::Money::from_fen(50_000), piaoxia_domain::Money::from_fen(4_500));
    invoice.lines.truncate(1);
    let line = &mut invoice.lines[0];
    (line.name, line.rate, line.net, line.tax) = ("*运输服务*客运服务".into(), "9%".into(), net, tax);
    (invoice.net, invoice.tax, invoice.gross) = (net, tax, net + tax);
}

pub fn sheet_rail() -> State {
    sheet_of(|invoice| {
        invoice.kind = piaoxia_domain::Kind::from_code("51");
        invoice.seller.name = "示例铁路客运集团有限公司".into();
        invoice.remark = "出发站：上海虹桥站 到达站：杭州东站 车次：G7301 乘车日期：2026-10-08 席别：二等座".into();
        ticket(invoice);
    })
}

pub fn sheet_air() -> State {
    sheet_of(|invoice| {
        invoice.kind = piaoxia_domain::Kind::from_code("61");
        invoice.seller.name = "示例航空股份有限公司".into();
        invoice.remark = "自：上海虹桥 至：北京首都 航班号：SL1501 乘机日期：2026-10-08 电子客票号码：999-2410012345".into();
        ticket(invoice);
    })
}

/// 税控, with many lines and a long remark.
pub fn sheet_legacy() -> State {
    sheet_of(|invoice| {
        invoice.kind = piaoxia_domain::Kind::from_code("10");
        invoice.key = "031002000111-12345678".parse().unwrap();
        invoice.check_code = "16630282980991510014".into();
        invoice.remark = "本批货物按双方签署的框架协议及补充协议约定的价格与数量结算，".repeat(5);
        let line = invoice.lines[1].clone();
        invoice.lines.extend(std::iter::repeat_n(line, 6));
    })
}

pub fn export() -> State {
    let mut state = ledger();
    state.open_export();
    state
}

pub fn export_parquet() -> State {
    let mut state = export();
    let dialog = state.export.dialog.as_mut().unwrap();
    dialog.kind = piaoxia_engine::ExportKind::Parquet;
    dialog.target = dialog.target.replace("xlsx", "parquet");
    state
}

pub fn export_csv() -> State {
    let mut state = export();
    let dialog = state.export.dialog.as_mut().unwrap();
    dialog.kind = piaoxia_engine::ExportKind::Csv;
    dialog.target = dialog.target.replace("xlsx", "csv");
    state.export.encoding = piaoxia_export::Encoding::Gb18030;
    state
}

/// A template of the program, and its columns with their headings.
pub fn export_template() -> State {
    let mut state = export();
    state.pick_template(Some(1));
    state.export.template.arranging = Some(Sheet::Invoices);
    state
}

/// The columns of the sheet with goods lines are arranged.
pub fn export_lines() -> State {
    let mut state = export();
    state.export.lines_sheet = true;
    let offered = Sheet::Lines.offered();
    let wanted = ["date", "digitalNumber", "sellerName", "line.name", "line.quantity", "line.net"];
    let places = wanted.iter().filter_map(|id| offered.iter().position(|known| known == id)).collect();
    state.export.choose(Sheet::Lines, &places);
    state.export.move_left(Sheet::Lines, 3);
    state.export.columns_mut(Sheet::Lines)[2].heading = "品名".into();
    state.export.template.arranging = Some(Sheet::Lines);
    state
}

/// A template that a later version wrote gets another name.
pub fn export_template_name() -> State {
    let mut state = export();
    let column = |id: &str| piaoxia_engine::templates::TemplateColumn { id: id.to_owned(), heading: String::new() };
    let columns = ["date", "sellerName", "seller.score", "gross"].map(column).to_vec();
    let kept =
        piaoxia_engine::templates::Template { name: "每月给客户".to_owned(), format: "csv".to_owned(), columns, ..Default::default() };
    state.export.templates = vec![kept];
    state.pick_template(Some(state.export.count() - 1));
    state.export.template.naming = true;
    state.export.template.name = "每季度给客户".to_owned();
    state
}

pub fn export_print() -> State {
    let mut state = export();
    let dialog = state.export.dialog.as_mut().unwrap();
    dialog.kind = piaoxia_engine::ExportKind::Print;
    dialog.target = dialog.target.replace("xlsx", "pdf");
    state
}

pub fn export_originals() -> State {
    let mut state = export();
    let dialog = state.export.dialog.as_mut().unwrap();
    dialog.kind = piaoxia_engine::ExportKind::OriginalsFolder;
    dialog.target = dialog.target.replace(".xlsx", "");
    state.export.names_asked = Some(state.export.pattern.clone());
    state.export.names = vec![
        "2026-10/2026-10-08_数电专票_苏州示例办公用品有限公司_26312000000123456789_1073.50".into(),
        "2026-10/2026-10-09_数电普票_示例餐饮_26312000000123456790_88.00".into(),
    ];
    state
}

pub fn import_report() -> State {
    let mut state = ledger();
    let refused = |file: &str, reason| RefusedFile { file: file.into(), reason };
    state.import.report = Some(ImportReport {
        new: 128,
        known: 3,
        refused: vec![
            refused("D:\\发票\\2026-10\\扫描件.pdf", Refused::Pdf(PdfFault::NoText)),
            refused("D:\\发票\\2026-10\\批量下载_20261101.zip/xml/坏的.xml", Refused::MissingField { field: Field::Number }),
            refused("D:\\发票\\空文件.xml", Refused::Empty),
            refused("D:\\发票\\2026-10\\两张发票.pdf", Refused::OtherInvoices { next: "26312000000123456790".into(), count: 1 }),
        ],
        ..ImportReport::default()
    });
    state
}

pub fn unbind() -> State {
    let mut state = super::home();
    state.asking_unbind = true;
    state.today = date(2026, 11, 22);
    state
}
