//! The sheet of an electronic invoice from a tax-control device (增值税电子普通发票, 增值税电子专用发票, 通行费), 210 × 140 mm.

use piaoxia_domain::amount_words::in_words;
use piaoxia_domain::{Invoice, Region};

use super::list;
use super::table::{self, Block, Column};
use super::{Anchor, Face, Field, Form, Item, Page, Part, Sheet, Stamp, Text, across, down, mark, remark, upright};
use crate::originals::invented::{self, Device, Special, Toll};
use crate::originals::names;

/// Rows of the table; more go to a list of goods (销货清单).
const ROWS: usize = 8;
const FIRST_ROW: f64 = 59.8;
const PITCH: f64 = 4.4;
/// Signs on a row of the cipher.
const CIPHER_ROW: usize = 28;

const COLUMNS: [Column; 8] = [
    Column { part: Part::Name, x: 5.3, width: 50.4, anchor: Anchor::Left },
    Column { part: Part::Spec, x: 57.2, width: 24.6, anchor: Anchor::Left },
    Column { part: Part::Unit, x: 88.5, width: 11.0, anchor: Anchor::Middle },
    Column { part: Part::Quantity, x: 113.7, width: 18.5, anchor: Anchor::Right },
    Column { part: Part::Price, x: 133.7, width: 18.5, anchor: Anchor::Right },
    Column { part: Part::Net, x: 163.5, width: 28.0, anchor: Anchor::Right },
    Column { part: Part::Rate, x: 170.0, width: 10.0, anchor: Anchor::Middle },
    Column { part: Part::Tax, x: 204.5, width: 28.0, anchor: Anchor::Right },
];

/// The pages of an older electronic invoice: one, and list pages where the goods need them.
pub(in crate::originals) fn sheet(invoice: &Invoice, region: &Region) -> Sheet {
    let device = invented::device(invoice);
    let toll = match invented::special(invoice) {
        Special::Toll(toll) => Some(toll),
        Special::None | Special::Passenger(_) => None,
    };
    let block = |(index, line)| table::block(line, index, &COLUMNS, toll.as_ref());
    let all: Vec<Block> = invoice.lines.iter().enumerate().map(block).collect();
    let listed = all.iter().map(Vec::len).sum::<usize>() > ROWS;
    let rows: Block = if listed { summary(invoice) } else { all.into_iter().flatten().collect() };
    let mut items = head(invoice, &device);
    items.extend(table::place(rows, FIRST_ROW, PITCH));
    items.extend(foot(invoice, &device));
    let mut sheet = Sheet {
        forms: vec![form(invoice, region, toll.as_ref())],
        pages: vec![Page { form: 0, items }],
        stamps: vec![Stamp { page: 0, x: 90.0, y: 8.0 }],
    };
    if listed {
        sheet.forms.push(list::form(invoice));
        sheet.pages.extend(list::pages(invoice, 1));
    }
    sheet
}

/// The one row that stands for goods on list pages: its cells are no goods line of their own.
fn summary(invoice: &Invoice) -> Block {
    let rate = invoice.lines.first().map(|line| line.rate.as_str()).unwrap_or_default();
    let rate = if invoice.lines.iter().all(|line| line.rate == rate) { rate } else { "" };
    let cell = |text: String, x: f64, anchor: Anchor| Text::value(text, x, 0.0).anchor(anchor);
    vec![vec![
        cell("(详见销货清单)".to_owned(), 5.3, Anchor::Left),
        cell(invoice.net.to_string(), 163.5, Anchor::Right),
        cell(rate.to_owned(), 170.0, Anchor::Middle),
        cell(invoice.tax.to_string(), 204.5, Anchor::Right),
    ]]
}

fn form(invoice: &Invoice, region: &Region, toll: Option<&Toll>) -> Form {
    let mut items = lines();
    let species = if toll.is_some() { "增值税电子普通发票" } else { names::species(&invoice.kind) };
    let title = Text::label(&format!("{}{species}", region.name), 105.0, 12.5).size(6.7).anchor(Anchor::Middle);
    items.push(Item::Text(title));
    if toll.is_some() {
        items.push(Item::Text(Text::label("通行费", 32.0, 12.0).size(5.0)));
    }
    items.extend(labels());
    items.extend(upright("购买方", 8.6, 36.0, 6.3));
    items.extend(upright("密码区", 121.9, 36.0, 6.3));
    items.extend(upright("销售方", 8.6, 109.5, 6.0));
    items.extend(upright("备注", 121.9, 110.7, 10.0));
    items.extend(headings(toll).map(|(text, x)| Item::Text(Text::label(text, x, 55.7).anchor(Anchor::Middle))));
    items.push(Item::Cross { x: 60.0, y: 100.3, radius: 2.0 });
    items.push(mark(137.0));
    Form { width: 210.0, height: 140.0, items }
}

fn labels() -> impl Iterator<Item = Item> {
    [
        ("机器编号：", 5.6, 26.7),
        ("发票代码：", 148.6, 10.2),
        ("发票号码：", 148.6, 15.7),
        ("开票日期：", 148.6, 21.2),
        ("校  验  码：", 148.6, 26.7),
        ("名称：", 13.5, 34.3),
        ("纳税人识别号：", 13.5, 39.5),
        ("地址、电话：", 13.5, 45.1),
        ("开户行及账号：", 13.5, 50.4),
        ("合", 22.5, 94.9),
        ("计", 34.5, 94.9),
        ("价税合计（大写）", 17.3, 101.3),
        ("（小写）", 156.6, 101.3),
        ("名称：", 13.5, 108.1),
        ("纳税人识别号：", 13.5, 113.0),
        ("地址、电话：", 13.5, 117.6),
        ("开户行及账号：", 13.5, 122.4),
        ("收款人：", 7.1, 128.2),
        ("复核：", 63.6, 128.2),
        ("开票人：", 105.7, 128.2),
        ("销售方：（章）", 160.0, 128.2),
    ]
    .into_iter()
    .map(|(text, x, y)| Item::Text(Text::label(text, x, y)))
}

fn headings(toll: Option<&Toll>) -> [(&'static str, f64); 8] {
    let [name, spec, unit, quantity, price] = if toll.is_some() {
        ["项目名称", "车牌号", "类型", "通行日期起", "通行日期止"]
    } else {
        ["货物或应税劳务、服务名称", "规格型号", "单位", "数  量", "单  价"]
    };
    [(name, 30.5), (spec, 69.5), (unit, 88.5), (quantity, 104.5), (price, 124.5), ("金  额", 149.5), ("税率", 170.0), ("税  额", 190.5)]
}

fn lines() -> Vec<Item> {
    let mut lines = vec![across(68.5, 18.0, 73.0), across(68.5, 19.0, 73.0)];
    lines.extend([30.0, 52.0, 96.0, 104.0, 124.0].map(|y| across(4.5, y, 201.0)));
    lines.extend([4.5, 205.5].map(|x| down(x, 30.0, 94.0)));
    lines.extend([12.5, 119.5, 124.5].into_iter().flat_map(|x| [down(x, 30.0, 22.0), down(x, 104.0, 20.0)]));
    lines.push(down(56.5, 52.0, 52.0));
    lines.extend([82.5, 94.5, 114.5, 134.5, 164.5, 175.5].map(|x| down(x, 52.0, 44.0)));
    lines
}

/// What stands above the table.
fn head(invoice: &Invoice, device: &Device) -> Vec<Item> {
    let mut items = vec![Item::Qr { x: 8.5, y: 3.5, side: 20.0 }];
    let day = invoice.issued_on().strftime("%Y年%m月%d日").to_string();
    let buyer = &invoice.buyer;
    let values = [
        (invoice.key.code().unwrap_or_default(), 164.0, 10.3, Field::Code),
        (invoice.key.number(), 164.0, 15.8, Field::Number),
        (&day, 164.0, 21.3, Field::IssuedOn),
        (&in_fives(&invoice.check_code), 166.0, 26.8, Field::CheckCode),
        (&device.machine_no, 22.0, 26.7, Field::MachineNo),
        (&buyer.name, 36.0, 34.3, Field::BuyerName),
        (buyer.tax_no.as_str(), 36.0, 39.5, Field::BuyerTaxNo),
        (&buyer.contact, 36.0, 45.1, Field::BuyerContact),
        (&buyer.bank, 36.0, 50.4, Field::BuyerBank),
    ];
    items.extend(values.into_iter().map(value));
    let cipher: Vec<char> = device.cipher.chars().collect();
    for (at, row) in cipher.chunks(CIPHER_ROW).enumerate() {
        let text = Text::value(row.iter().collect::<String>(), 126.5, 35.5 + 4.5 * at as f64);
        items.push(Item::Text(text.face(Face::Courier).size(4.2).fit(77.0)));
    }
    items
}

/// What stands below the table's rows.
fn foot(invoice: &Invoice, device: &Device) -> Vec<Item> {
    let seller = &invoice.seller;
    let values = [
        (seller.name.as_str(), 36.0, 108.1, Field::SellerName),
        (seller.tax_no.as_str(), 36.0, 113.0, Field::SellerTaxNo),
        (&seller.contact, 36.0, 117.6, Field::SellerContact),
        (&seller.bank, 36.0, 122.4, Field::SellerBank),
        (device.payee, 22.0, 128.2, Field::Payee),
        (device.checker, 74.0, 128.2, Field::Checker),
        (&invoice.drawer, 121.0, 128.2, Field::Drawer),
    ];
    let mut items: Vec<Item> = values.into_iter().map(value).collect();
    let sums = [(invoice.net, 163.5, Field::Net), (invoice.tax, 204.5, Field::Tax)];
    items.extend(sums.map(|(amount, x, field)| {
        Item::Text(Text::value(amount.to_string(), x, 94.9).anchor(Anchor::Right).yuan().fit(28.0).field(field))
    }));
    items.push(Item::Text(Text::value(in_words(invoice.gross), 63.5, 101.3).fit(91.0)));
    items.push(Item::Text(Text::value(invoice.gross.to_string(), 168.5, 101.3).size(3.88).yuan().fit(36.0).field(Field::Gross)));
    items.extend(remark(&names::remark(invoice), 126.0, 107.6, 78.0));
    items
}

fn value((text, x, y, field): (&str, f64, f64, Field)) -> Item {
    let fit = if x < 40.0 && y < 125.0 { 82.0 } else { 38.5 };
    let text = Text::value(text, x, y).fit(fit).field(field);
    let tax_number = matches!(field, Field::BuyerTaxNo | Field::SellerTaxNo);
    Item::Text(if tax_number { text.face(Face::Courier).size(4.0) } else { text })
}

/// 校验码 is printed in four groups of five.
fn in_fives(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    digits.chunks(5).map(|five| five.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
