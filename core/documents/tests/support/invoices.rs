//! Invoices of every kind that has originals, and those originals as the sandbox makes them.
#![allow(dead_code, clippy::expect_used, clippy::unwrap_used, reason = "shared by several suites; a test may panic")]

use std::sync::LazyLock;

use piaoxia_bureau::originals::Originals;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceLine, Kind, Money, Party, Region, Status, TaxNumber};

static ORIGINALS: LazyLock<Originals> = LazyLock::new(|| Originals::new(7).unwrap());

/// Kinds that have originals, each with a number of its shape.
pub const KINDS: [(&str, &str); 14] = [
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

/// The original of an invoice.
pub fn original(invoice: &Invoice, format: Format) -> Vec<u8> {
    ORIGINALS.file(invoice, Region::from_code("3100").unwrap(), format).unwrap()
}

/// An invoice of a kind with that many lines, one name in three long.
pub fn invoice(code: &str, lines: usize) -> Invoice {
    let key = KINDS.iter().find(|(kind, _)| *kind == code).expect("a kind with originals").1;
    let lines: Vec<InvoiceLine> = (0..lines).map(line).collect();
    let net: Money = lines.iter().map(|line| line.net).sum();
    let tax: Money = lines.iter().map(|line| line.tax).sum();
    Invoice {
        key: key.parse().unwrap(),
        paper_key: None,
        kind: Kind::from_code(code),
        direction: None,
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
        red_of: None,
        risk: String::new(),
        source: String::new(),
        drawer: "林知远".to_owned(),
        remark: "合同号：HT-2026-0519".to_owned(),
        usage: None,
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
pub fn red(mut invoice: Invoice) -> Invoice {
    invoice.red_of = Some("26312000000000000001".parse().unwrap());
    for line in &mut invoice.lines {
        line.quantity = line.quantity.map(|quantity| -quantity);
        (line.net, line.tax) = (-line.net, -line.tax);
    }
    (invoice.net, invoice.tax, invoice.gross) = (-invoice.net, -invoice.tax, -invoice.gross);
    invoice
}
