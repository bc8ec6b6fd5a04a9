//! Invoices of a trading group: thousands of parties, a company in twenty that is ours, red and older invoices among them.

use jiff::civil::date;
use piaoxia_domain::{Deduction, Direction, Invoice, InvoiceKey, InvoiceLine, Kind, Money, Party, Status, TaxNumber};

/// The company whose months are asked for.
pub const COMPANY: &str = "91350100M000100Y43";

/// The `number`th invoice; the same each time.
pub fn invoice(number: u64) -> Invoice {
    let red = number % 10 == 7;
    let net = i64::try_from(number % 977_777).unwrap_or_default() * 100 + 100;
    let net = if red { -net } else { net };
    let (net, tax) = (Money::from_fen(net), Money::from_fen(net * 6 / 100));
    let small = |value: u64| i8::try_from(value).unwrap_or_default();
    let year = 2020 + i16::try_from(number / 84 % 7).unwrap_or_default();
    Invoice {
        key: key(number),
        paper_key: None,
        kind: Kind::from_code(if number.is_multiple_of(3) { "82" } else { "81" }),
        direction: Some(Direction::Received),
        both_sides: false,
        self_billed: false,
        issued_at: date(year, small(number % 12 + 1), small(number % 28 + 1)).at(9, 30, small(number % 60), 0),
        seller: party(format!("上海第{}商贸有限公司", number % 5_000), "91310115MA1K35JX4G"),
        buyer: party("华盟科技有限公司".to_owned(), if number.is_multiple_of(20) { COMPANY } else { "91110108339805094M" }),
        net,
        tax,
        gross: net + tax,
        status: if red { Status::RedFull } else { Status::Normal },
        deduction: number.is_multiple_of(2).then_some(Deduction::Open),
        red_of: red.then(|| key(number - 1)),
        risk: "正常".to_owned(),
        source: "电子发票服务平台".to_owned(),
        drawer: "王芳".to_owned(),
        remark: format!("合同编号 HT-{number}"),
        usage: None,
        check_code: String::new(),
        lines: (0..2).map(|_| line(net, tax)).collect(),
    }
}

fn key(number: u64) -> InvoiceKey {
    InvoiceKey::Digital(format!("26312{number:015}"))
}

fn party(name: String, tax_no: &str) -> Party {
    Party {
        name,
        tax_no: TaxNumber::from_document(tax_no),
        contact: "上海市浦东新区世纪大道100号 021-58880000".to_owned(),
        bank: "招商银行上海分行 121909876543210".to_owned(),
    }
}

fn line(net: Money, tax: Money) -> InvoiceLine {
    InvoiceLine {
        name: "*信息技术服务*软件开发服务".to_owned(),
        unit: "项".to_owned(),
        net: Money::from_fen(net.fen() / 2),
        rate: "6%".to_owned(),
        tax: Money::from_fen(tax.fen() / 2),
        class_code: "3040201010000000000".to_owned(),
        ..InvoiceLine::default()
    }
}
