//! List of goods (销货清单) of an older invoice with more lines than its sheet holds: A4.

use piaoxia_domain::{Invoice, Money};

use super::table::{self, Block, Column};
use super::{Anchor, Form, Item, Page, Part, Text, across, down, mark};

/// Rows of the table.
const ROWS: usize = 42;
const FIRST_ROW: f64 = 70.4;
const PITCH: f64 = 4.4;

const COLUMNS: [Column; 9] = [
    Column { part: Part::Index, x: 9.0, width: 7.5, anchor: Anchor::Middle },
    Column { part: Part::Name, x: 14.3, width: 41.5, anchor: Anchor::Left },
    Column { part: Part::Spec, x: 57.2, width: 24.6, anchor: Anchor::Left },
    Column { part: Part::Unit, x: 88.5, width: 11.0, anchor: Anchor::Middle },
    Column { part: Part::Quantity, x: 113.7, width: 18.5, anchor: Anchor::Right },
    Column { part: Part::Price, x: 133.7, width: 18.5, anchor: Anchor::Right },
    Column { part: Part::Net, x: 163.5, width: 28.0, anchor: Anchor::Right },
    Column { part: Part::Rate, x: 170.0, width: 10.0, anchor: Anchor::Middle },
    Column { part: Part::Tax, x: 204.5, width: 28.0, anchor: Anchor::Right },
];

/// The printed form of the list.
pub(super) fn form(invoice: &Invoice) -> Form {
    let mut items: Vec<Item> = [59.0, 66.0, 255.0, 262.0, 269.0, 277.0].map(|y| across(4.5, y, 201.0)).into();
    items.extend([4.5, 13.5, 205.5].map(|x| down(x, 59.0, 218.0)));
    items.extend([56.5, 82.5, 94.5, 114.5, 134.5, 164.5, 175.5].map(|x| down(x, 59.0, 210.0)));
    let title = Text::label("销售货物或者提供应税劳务、服务清单", 105.0, 20.0).size(6.7).anchor(Anchor::Middle);
    items.push(Item::Text(title));
    let owner = format!("所属{}代码：", invoice.kind.name());
    let labels = [
        ("购买方名称：", 10.5, 39.7),
        ("销售方名称：", 10.5, 46.7),
        (owner.as_str(), 10.5, 53.7),
        ("号码：", 95.5, 53.7),
        ("小计", 5.6, 259.7),
        ("总计", 5.6, 266.7),
        ("备注", 5.6, 274.2),
        ("开票日期：", 147.5, 281.2),
    ];
    items.extend(labels.map(|(text, x, y)| Item::Text(Text::label(text, x, y))));
    let headings = [
        ("序号", 9.0),
        ("货物（劳务）名称", 35.0),
        ("规格型号", 69.5),
        ("单位", 88.5),
        ("数  量", 104.5),
        ("单  价", 124.5),
        ("金  额", 149.5),
        ("税率", 170.0),
        ("税  额", 190.5),
    ];
    items.extend(headings.map(|(text, x)| Item::Text(Text::label(text, x, 63.4).anchor(Anchor::Middle))));
    items.push(mark(292.0));
    Form { width: 210.0, height: 297.0, items }
}

/// The list's pages, on the form with that index.
pub(super) fn pages(invoice: &Invoice, form: usize) -> Vec<Page> {
    let blocks = invoice.lines.iter().enumerate().map(|(index, line)| table::block(line, index, &COLUMNS, None)).collect();
    let parts = table::paginate(blocks, ROWS);
    let count = parts.len();
    parts.into_iter().enumerate().map(|(at, part)| Page { form, items: page(invoice, part, at, count) }).collect()
}

fn page(invoice: &Invoice, part: Block, at: usize, count: usize) -> Vec<Item> {
    let day = invoice.issued_on().strftime("%Y年%m月%d日").to_string();
    let pages = format!("共 {count} 页  第 {} 页", at + 1);
    // The facts are tagged on the first page of the invoice; here they are repeated.
    let values = [
        (invoice.buyer.name.as_str(), 30.0, 39.7, Anchor::Left),
        (&invoice.seller.name, 30.0, 46.7, Anchor::Left),
        (invoice.key.code().unwrap_or_default(), 62.0, 53.7, Anchor::Left),
        (invoice.key.number(), 105.5, 53.7, Anchor::Left),
        (&pages, 204.5, 53.7, Anchor::Right),
        (&day, 164.0, 281.2, Anchor::Left),
    ];
    let mut items: Vec<Item> =
        values.into_iter().map(|(text, x, y, anchor)| Item::Text(Text::value(text, x, y).anchor(anchor).fit(170.0))).collect();
    let lines: Vec<_> = table::lines_on(&part).filter_map(|index| invoice.lines.get(index)).collect();
    let net: Money = lines.iter().map(|line| line.net).sum();
    let tax: Money = lines.iter().map(|line| line.tax).sum();
    items.extend(sums(net, tax, 259.7));
    if at + 1 == count {
        items.extend(sums(invoice.net, invoice.tax, 266.7));
    }
    items.extend(table::place(part, FIRST_ROW, PITCH));
    items
}

fn sums(net: Money, tax: Money, y: f64) -> [Item; 2] {
    [(net, 163.5), (tax, 204.5)].map(|(amount, x)| Item::Text(Text::value(amount.to_string(), x, y).anchor(Anchor::Right).yuan().fit(28.0)))
}
