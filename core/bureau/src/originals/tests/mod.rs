//! Originals are read back with readers of their own and every signature in them is verified.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod ofd;
mod page;
mod pdf;
mod reader;
mod whole;
mod xml;

use std::sync::LazyLock;

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Direction, Invoice, InvoiceLine, Kind, Money, Party, Region, Status, TaxNumber};

use super::Originals;

/// Names that trip writers: markup, quotes, hanzi that the font lacks, one beyond the basic plane.
const HOSTILE: &str = "喆玥<茶&咖>\"贸易\"'有限'公司𠮷";

static ORIGINALS: LazyLock<Originals> = LazyLock::new(|| Originals::new(7).unwrap());

/// Kinds that have originals, each with a number of its shape.
const KINDS: [(&str, &str); 14] = [
    ("51", "26319000000000000051"),
    ("59", "26312000000000000059"),
    ("61", "26317000000000000061"),
    ("81", "26312000000000000081"),
    ("82", "26312000000000000082"),
    ("83", "26312000000000000083"),
    ("84", "26312000000000000084"),
    ("85", "26312000000000000085"),
    ("86", "26312000000000000086"),
    ("87", "26312000000000000087"),
    ("88", "26312000000000000088"),
    ("08", "031002600113-10000008"),
    ("10", "031002600111-10000010"),
    ("14", "031002600112-10000014"),
];

fn shanghai() -> &'static Region {
    Region::from_code("3100").unwrap()
}

fn file(invoice: &Invoice, format: Format) -> Vec<u8> {
    ORIGINALS.file(invoice, shanghai(), format).unwrap()
}

/// An invoice of a kind with that many lines, one name in three long.
fn invoice(code: &str, lines: usize) -> Invoice {
    let key = KINDS.iter().find(|(kind, _)| *kind == code).unwrap().1;
    let lines: Vec<InvoiceLine> = (0..lines).map(line).collect();
    let net: Money = lines.iter().map(|line| line.net).sum();
    let tax: Money = lines.iter().map(|line| line.tax).sum();
    Invoice {
        key: key.parse().unwrap(),
        paper_key: None,
        kind: Kind::from_code(code),
        direction: Some(Direction::Received),
        both_sides: false,
        self_billed: false,
        issued_at: "2026-05-19T09:47:14".parse().unwrap(),
        seller: party("上海云栖数字科技有限公司", "91310115MA1K35JX4G"),
        buyer: party("杭州青禾进出口贸易有限公司", "91330106MA2CE71F65"),
        net,
        tax,
        gross: net + tax,
        status: Status::Normal,
        deduction: None,
        usage: None,
        red_of: None,
        risk: "正常".to_owned(),
        source: String::new(),
        drawer: "林知远".to_owned(),
        remark: "合同号：HT-2026-0519".to_owned(),
        check_code: if key.contains('-') { "16630282980991510014".to_owned() } else { String::new() },
        lines,
    }
}

fn line(index: usize) -> InvoiceLine {
    InvoiceLine {
        name: if index % 3 == 2 {
            format!("*信息技术服务*企业财税一体化平台年度订阅服务费 第{index}期")
        } else {
            "*软件*票据管理系统".to_owned()
        },
        spec: if index.is_multiple_of(2) { "PX-2000/标准版".to_owned() } else { String::new() },
        unit: "套".to_owned(),
        quantity: Some(2.into()),
        price: Some("442.4778761061947".parse().unwrap()),
        net: Money::from_fen(88_496 + i64::try_from(index).unwrap()),
        rate: "13%".to_owned(),
        tax: Money::from_fen(11_504),
        class_code: "1060301000000000000".to_owned(),
    }
}

fn party(name: &str, tax_no: &str) -> Party {
    Party {
        name: name.to_owned(),
        tax_no: TaxNumber::from_document(tax_no),
        contact: "上海市浦东新区张江路88号 021-50801234".to_owned(),
        bank: "招商银行上海张江支行 121909876543210".to_owned(),
    }
}

/// The red invoice that cancels a blue one.
fn red(mut invoice: Invoice) -> Invoice {
    invoice.red_of = Some("26312000000000000001".parse().unwrap());
    for line in &mut invoice.lines {
        line.quantity = line.quantity.map(|quantity| -quantity);
        (line.net, line.tax) = (-line.net, -line.tax);
    }
    (invoice.net, invoice.tax, invoice.gross) = (-invoice.net, -invoice.tax, -invoice.gross);
    invoice
}

/// Everything that a hostile supplier can write into an invoice.
fn hostile(code: &str) -> Invoice {
    let mut invoice = invoice(code, 3);
    invoice.seller.name = HOSTILE.repeat(6);
    invoice.buyer = Party { name: HOSTILE.to_owned(), ..Party::default() };
    invoice.remark = format!("一\r\n二\t\u{0}\u{1}\u{FFFE}]]>{}", "很长的备注，".repeat(120));
    invoice.drawer = "<>&\"'".to_owned();
    invoice.lines[0].name = HOSTILE.repeat(20);
    invoice.lines[1].spec = "A".repeat(200);
    invoice.lines[2].price = Some("0.0000000000000000000000000001".parse().unwrap());
    invoice.lines[2].rate = "免税".to_owned();
    invoice
}
