//! The sheet of a 数电 invoice, 210 × 140 mm: 电子发票（…）, parties side by side, a table without column lines.

use piaoxia_domain::amount_words::in_words;
use piaoxia_domain::{Invoice, Money};

use super::table::{self, Block, Column};
use super::{Anchor, Face, Field, Form, Item, Page, Part, SIZE, Sheet, Stamp, Text, across, down, mark, remark, upright, wrap};
use crate::originals::invented::{self, Passenger, Special, Toll};
use crate::originals::names;

/// Rows of the table on the only page; one of them goes to 小计 where there are more pages.
const ROWS: usize = 8;
/// Rows that the passenger's details take from the foot of the table.
const PASSENGER_ROWS: usize = 2;
const FIRST_ROW: f64 = 59.6;
const PITCH: f64 = 4.2;
const TITLE_SIZE: f64 = 7.07;
/// Between the QR code and the numbers on the right.
const TITLE_WIDTH: f64 = 92.0;

const COLUMNS: [Column; 8] = [
    Column { part: Part::Name, x: 4.9, width: 36.2, anchor: Anchor::Left },
    Column { part: Part::Spec, x: 42.0, width: 24.0, anchor: Anchor::Left },
    Column { part: Part::Unit, x: 71.7, width: 11.0, anchor: Anchor::Middle },
    Column { part: Part::Quantity, x: 102.0, width: 24.0, anchor: Anchor::Right },
    Column { part: Part::Price, x: 127.0, width: 24.0, anchor: Anchor::Right },
    Column { part: Part::Net, x: 152.5, width: 24.5, anchor: Anchor::Right },
    Column { part: Part::Rate, x: 167.0, width: 22.0, anchor: Anchor::Middle },
    Column { part: Part::Tax, x: 204.5, width: 24.5, anchor: Anchor::Right },
];

/// The pages of a 数电 invoice.
pub(in crate::originals) fn sheet(invoice: &Invoice) -> Sheet {
    let special = invented::special(invoice);
    let (passenger, toll) = match &special {
        Special::None => (None, None),
        Special::Passenger(passenger) => (Some(passenger), None),
        Special::Toll(toll) => (None, Some(toll)),
    };
    let blocks: Vec<Block> = invoice.lines.iter().enumerate().map(|(index, line)| table::block(line, index, &COLUMNS, toll)).collect();
    let rows = ROWS - if passenger.is_some() { PASSENGER_ROWS } else { 0 };
    let needed: usize = blocks.iter().map(Vec::len).sum();
    let parts = table::paginate(blocks, if needed <= rows { rows } else { rows - 1 });
    let count = parts.len();
    let page = |(at, part): (usize, Block)| Page { form: 0, items: page(invoice, part, at, count, passenger) };
    let pages: Vec<Page> = parts.into_iter().enumerate().map(page).collect();
    let stamps = (0..count).map(|page| Stamp { page, x: 90.0, y: 8.0 }).collect();
    Sheet { forms: vec![form(invoice, toll)], pages, stamps }
}

fn form(invoice: &Invoice, toll: Option<&Toll>) -> Form {
    let mut items = lines();
    let title = names::title(&invoice.kind);
    let size = TITLE_SIZE.min(TITLE_WIDTH / title.chars().count() as f64);
    items.push(Item::Text(Text::label(&title, 102.0, 14.1).size(size).anchor(Anchor::Middle)));
    items.extend([("发票号码：", 154.5, 14.0), ("开票日期：", 154.5, 20.0), ("名称：", 11.5, 36.5), ("名称：", 112.0, 36.5)].map(label));
    for x in [11.5, 112.0] {
        // Narrower than other labels, to leave room for the number.
        items.push(Item::Text(Text::label("统一社会信用代码/纳税人识别号：", x, 47.0).size(2.82)));
    }
    items.extend(upright("购买方信息", 7.6, 35.5, 3.5));
    items.extend(upright("销售方信息", 108.1, 35.5, 3.5));
    items.extend(headings(toll).map(|(text, x, anchor)| Item::Text(Text::label(text, x, 55.6).anchor(anchor))));
    items.extend([("价税合计（大写）", 16.9, 101.5), ("（小写）", 143.5, 101.5), ("开票人：", 19.5, 132.5)].map(label));
    items.extend(upright("备注", 7.6, 112.0, 6.0));
    items.push(Item::Cross { x: 60.4, y: 100.3, radius: 2.0 });
    items.push(mark(137.0));
    Form { width: 210.0, height: 140.0, items }
}

fn label((text, x, y): (&str, f64, f64)) -> Item {
    Item::Text(Text::label(text, x, y))
}

fn lines() -> Vec<Item> {
    let mut lines = vec![across(65.5, 18.0, 73.0), across(65.5, 19.0, 73.0)];
    lines.extend([30.0, 52.0, 96.0, 104.0, 124.0].map(|y| across(4.5, y, 201.0)));
    lines.extend([4.5, 205.5].map(|x| down(x, 30.0, 94.0)));
    lines.extend([10.7, 105.2, 111.2].map(|x| down(x, 30.0, 22.0)));
    lines.extend([down(56.5, 96.0, 8.0), down(10.7, 104.0, 20.0)]);
    lines
}

fn headings(toll: Option<&Toll>) -> [(&'static str, f64, Anchor); 8] {
    let [spec, unit, quantity, price] = if toll.is_some() {
        ["车牌号", "类  型", "通行日期起", "通行日期止"]
    } else {
        ["规格型号", "单  位", "数  量", "单  价"]
    };
    [
        ("项目名称", 22.4, Anchor::Middle),
        (spec, 48.5, Anchor::Middle),
        (unit, 71.7, Anchor::Middle),
        (quantity, 102.0, Anchor::Right),
        (price, 127.0, Anchor::Right),
        ("金  额", 152.5, Anchor::Right),
        ("税率/征收率", 167.0, Anchor::Middle),
        ("税  额", 204.5, Anchor::Right),
    ]
}

fn page(invoice: &Invoice, part: Block, at: usize, count: usize, passenger: Option<&Passenger>) -> Vec<Item> {
    let mut items = head(invoice);
    items.extend(remark(&names::remark(invoice), 11.5, 107.4, 192.0));
    items.push(Item::Text(Text::value(&invoice.drawer, 32.0, 132.5).fit(60.0).field(Field::Drawer)));
    if at > 0 {
        // Repeated facts are not tagged again: readers join the texts that state one fact.
        for item in &mut items {
            untag(item);
        }
    }
    if count > 1 {
        let text = format!("共 {count} 页  第 {} 页", at + 1);
        items.push(Item::Text(Text::value(text, 204.5, 26.5).anchor(Anchor::Right)));
    }
    let last = at + 1 == count;
    if count > 1 {
        items.extend(subtotal(invoice, &part, if last { 90.2 } else { 94.6 }));
    }
    items.extend(table::place(part, FIRST_ROW, PITCH));
    if let Some(passenger) = passenger.filter(|_| at == 0) {
        items.extend(journey(passenger, if count > 1 { 80.6 } else { 84.8 }));
    }
    if last {
        items.extend(totals(invoice));
    }
    items
}

fn untag(item: &mut Item) {
    if let Item::Text(text) = item {
        text.field = None;
    }
}

/// What stands above the table.
fn head(invoice: &Invoice) -> Vec<Item> {
    let mut items = vec![Item::Qr { x: 6.5, y: 6.0, side: 20.0 }];
    let number = Text::value(invoice.key.number(), 170.0, 14.0).fit(36.0);
    items.push(Item::Text(number.field(Field::Number)));
    let day = invoice.issued_on().strftime("%Y年%m月%d日").to_string();
    items.push(Item::Text(Text::value(day, 170.0, 20.0).field(Field::IssuedOn)));
    if let Some(paper) = &invoice.paper_key {
        let text = format!("纸质发票代码 {} 号码 {}", paper.code().unwrap_or_default(), paper.number());
        items.push(Item::Text(Text::value(text, 30.0, 27.5).fit(58.0)));
    }
    items.extend(party(&invoice.buyer.name, 20.5, Field::BuyerName));
    items.push(tax_number(invoice.buyer.tax_no.as_str(), 54.5, Field::BuyerTaxNo));
    items.extend(party(&invoice.seller.name, 121.0, Field::SellerName));
    items.push(tax_number(invoice.seller.tax_no.as_str(), 155.0, Field::SellerTaxNo));
    items
}

/// A party's name on one or two lines; a longer one is made smaller.
fn party(name: &str, x: f64, field: Field) -> Vec<Item> {
    const WIDTH: f64 = 83.0;
    let mut lines = wrap(name, WIDTH / SIZE);
    if lines.len() > 2 {
        let rest = lines.split_off(1).concat();
        lines.push(rest);
    }
    let line = |(at, line): (usize, String)| Item::Text(Text::value(line, x, 36.5 + 4.0 * at as f64).fit(WIDTH).field(field));
    lines.into_iter().enumerate().map(line).collect()
}

fn tax_number(number: &str, x: f64, field: Field) -> Item {
    Item::Text(Text::value(number, x, 47.0).size(4.0).face(Face::Courier).fit(49.0).field(field))
}

/// 小计 of one of several pages.
fn subtotal(invoice: &Invoice, part: &Block, y: f64) -> Vec<Item> {
    let on_page: Vec<_> = table::lines_on(part).filter_map(|index| invoice.lines.get(index)).collect();
    let net: Money = on_page.iter().map(|line| line.net).sum();
    let tax: Money = on_page.iter().map(|line| line.tax).sum();
    let mut items = vec![Item::Text(Text::label("小", 20.5, y)), Item::Text(Text::label("计", 36.5, y))];
    items.extend([(net, 152.5), (tax, 204.5)].map(|(amount, x)| Item::Text(sum(amount, x, y))));
    items
}

fn totals(invoice: &Invoice) -> Vec<Item> {
    vec![
        Item::Text(Text::label("合", 20.5, 94.8)),
        Item::Text(Text::label("计", 36.5, 94.8)),
        Item::Text(sum(invoice.net, 152.5, 94.6).field(Field::Net)),
        Item::Text(sum(invoice.tax, 204.5, 94.6).field(Field::Tax)),
        Item::Text(Text::value(in_words(invoice.gross), 63.5, 101.3).fit(78.0)),
        Item::Text(Text::value(invoice.gross.to_string(), 155.5, 101.3).size(3.88).yuan().fit(48.0).field(Field::Gross)),
    ]
}

fn sum(amount: Money, x: f64, y: f64) -> Text {
    Text::value(amount.to_string(), x, y).anchor(Anchor::Right).yuan().fit(25.0)
}

/// 旅客运输 details: a row of headings and a row of values.
fn journey(passenger: &Passenger, y: f64) -> Vec<Item> {
    let date = passenger.date.to_string();
    let cells = [
        ("出行人", passenger.traveler, 17.0),
        ("有效身份证件号", passenger.id_number.as_str(), 46.0),
        ("出行日期", &date, 78.0),
        ("出发地", passenger.from, 104.0),
        ("到达地", passenger.to, 130.0),
        ("等级", passenger.grade, 156.0),
        ("交通工具类型", passenger.vehicle, 186.0),
    ];
    let mut items = vec![across(4.5, y - 3.6, 201.0)];
    for (heading, value, x) in cells {
        items.push(Item::Text(Text::label(heading, x, y).anchor(Anchor::Middle)));
        items.push(Item::Text(Text::value(value, x, y + PITCH).anchor(Anchor::Middle)));
    }
    items
}
