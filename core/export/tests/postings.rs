//! Posting files: from the table to the instance.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use piaoxia_domain::{Deduction, Invoice, Kind, Money, Purpose, Usage};
use piaoxia_export::{CellFault, PostingFault, RowFault, TableFault, posting_file, read_postings, write_posting};

const HEAD: &str = "发票号码,凭证号,入账日期,摘要,借贷,总账科目,明细科目,金额,已付款\n";

fn special() -> Invoice {
    let mut invoice = common::invoice(1);
    invoice.kind = Kind::from_code("81");
    invoice.seller.name = "甲&乙<丙>".to_owned();
    invoice
}

fn rows(invoice: &Invoice, entries: &[(&str, &str)]) -> String {
    let number = invoice.key.number();
    let lines = entries.iter().map(|(side, amount)| format!("{number},记-12,2026-10-08,\"采购, 服务\",{side},管理费用,,{amount},否\n"));
    format!("{HEAD}{}", lines.collect::<String>())
}

#[test]
fn a_balanced_posting_becomes_a_file() {
    let mut invoice = special();
    invoice.deduction = Some(Deduction::Confirmed);
    invoice.usage = Some(Usage { purpose: Some(Purpose::Deduct), period: "2026-10".parse().ok(), ..Usage::default() });
    let table = rows(&invoice, &[("借", "1000.00"), ("借方", "60"), ("贷", "1060.00")]);
    let utf8 = read_postings(table.as_bytes()).unwrap();
    let gbk = encoding_rs::GB18030.encode(&table).0.into_owned();
    assert_eq!(read_postings(&gbk).unwrap(), utf8);
    assert_eq!(read_postings(format!("\u{FEFF}{table}").as_bytes()).unwrap(), utf8);
    let posting = utf8[0].posting.clone().unwrap();
    assert_eq!((utf8[0].key.clone(), posting.vouchers.len(), posting.vouchers[0].entries.len()), (invoice.key.clone(), 1, 3));

    let file = posting_file(&invoice, &posting).unwrap();
    assert_eq!(file.name, format!("einv_spcl_receiver_20261008_{}.xml", invoice.key.number()));
    for part in [
        "<einv:SellerName contextRef=\"c1\">甲&amp;乙&lt;丙&gt;</einv:SellerName>",
        "<xbrli:instant>2026-10-08</xbrli:instant>",
        "<einv:AccountingPeriod contextRef=\"c1\">2026-10</einv:AccountingPeriod>",
        "<einv:RecordedAmount contextRef=\"c1\" unitRef=\"u1\" decimals=\"2\">1060.00</einv:RecordedAmount>",
        "<einv:WhetherEinvoiceHasBeenPaid contextRef=\"c1\">false</einv:WhetherEinvoiceHasBeenPaid>",
        "<einv:UsageConfirmation contextRef=\"c1\">抵扣税款</einv:UsageConfirmation>",
        "<einv:PeriodOfUsageConfirmation contextRef=\"c1\">2026-10</einv:PeriodOfUsageConfirmation>",
    ] {
        assert!(file.xml.contains(part), "{part}\n{}", file.xml);
    }
    let dir = tempfile::tempdir().unwrap();
    let path = write_posting(dir.path(), &file, &invoice, &posting).unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), file.xml);

    let ordinary = Invoice { kind: Kind::from_code("82"), ..invoice };
    let file = posting_file(&ordinary, &posting).unwrap();
    assert!(file.name.starts_with("einv_ord_receiver_") && !file.xml.contains("UsageConfirmation"));
}

/// 合同编号 and 银行回单编号: from the table, the contract else from the invoice's remark.
#[test]
fn contract_and_bank_receipt_are_stated_where_they_are_known() {
    let instance = |remark: &str, head: &str, first: &str, second: &str| {
        let invoice = Invoice { remark: remark.to_owned(), ..special() };
        let row = |side: &str, more: &str| format!("{},记-1,2026-10-08,采购,{side},费用,1,{more}\n", invoice.key.number());
        let table = format!("发票号码,凭证号,入账日期,摘要,借贷,总账科目,金额,{head}\n{}{}", row("借", first), row("贷", second));
        let posting = read_postings(table.as_bytes()).unwrap().remove(0).posting?;
        let file = posting_file(&invoice, &posting).unwrap();
        let dir = tempfile::tempdir().unwrap();
        write_posting(dir.path(), &file, &invoice, &posting).unwrap();
        Ok::<_, RowFault>(file.xml)
    };
    let both = "合同编号,银行回单编号";
    let xml = instance("合同编号：HT-1", both, "CG（2026）购字第12号,'20261008000123", ",20261008000123").unwrap();
    assert_eq!(texts(&xml, "ContractNumber"), ["CG（2026）购字第12号"]);
    assert_eq!(texts(&xml, "NumberOfBankElectronicReceipt"), ["20261008000123"]);
    let place = |name: &str| xml.find(&format!("<einv:{name} ")).unwrap();
    let order =
        ["RequestTime", "ContractNumber", "WhetherEinvoiceHasBeenBooked", "NumberOfBankElectronicReceipt", "NameOfAccountingEntity"];
    assert!(order.map(place).is_sorted());
    for (remark, number) in [
        ("合同编号：HT-2026-0519", Some("HT-2026-0519")),
        ("项目甲；合同号: 2026/07，第二期", Some("2026/07")),
        ("销方开户银行:招商银行; 合同号：ZS（2026）8号; 收款人:王", Some("ZS（2026）8号")),
        ("按合同约定付款", None),
        ("合同编号：见附件", None),
        ("", None),
    ] {
        let xml = instance(remark, both, ",", ",").unwrap();
        assert_eq!(texts(&xml, "ContractNumber"), number.into_iter().collect::<Vec<_>>(), "{remark}");
        assert!(!xml.contains("NumberOfBankElectronicReceipt"), "{remark}");
    }
    let differs = RowFault { row: 3, what: CellFault::Differs { column: "银行回单编号" } };
    assert_eq!(instance("", both, ",1", ",2"), Err(differs));
}

#[test]
fn what_does_not_balance_is_refused() {
    let invoice = special();
    let fault = |entries: &[(&str, &str)]| {
        let posted = read_postings(rows(&invoice, entries).as_bytes()).unwrap();
        posting_file(&invoice, posted[0].posting.as_ref().unwrap()).unwrap_err()
    };
    let voucher = "记-12".to_owned();
    let (debit, credit) = (Money::from_fen(10_000), Money::from_fen(10_001));
    assert_eq!(fault(&[("借", "100"), ("贷", "100.01")]), PostingFault::Unbalanced { voucher: voucher.clone(), debit, credit });
    assert_eq!(fault(&[("借", "100"), ("借", "-100")]), PostingFault::OneSided { voucher });
    let posted = read_postings(rows(&invoice, &[("借", "1"), ("贷", "1")]).as_bytes()).unwrap();
    let posting = posted[0].posting.as_ref().unwrap();
    let kind = Kind::from_code("61");
    assert_eq!(posting_file(&Invoice { kind: kind.clone(), ..invoice.clone() }, posting), Err(PostingFault::Kind(kind)));
    let mut nobody = invoice;
    nobody.buyer.tax_no = piaoxia_domain::TaxNumber::default();
    assert_eq!(posting_file(&nobody, posting), Err(PostingFault::NoEntity));
}

#[test]
fn a_wrong_row_refuses_its_invoice_alone_and_is_named() {
    let (one, other) = (common::invoice(1), common::invoice(2));
    let (one, other) = (one.key.number(), other.key.number());
    let fault = |row: &str| {
        let table = format!("{HEAD}{row}\n{other},记-1,20261008,服务,借,费用,,1,\n{other},记-1,2026/10/8,服务,贷,银行存款,,1,\n");
        let mut posted = read_postings(table.as_bytes()).unwrap();
        assert!(posted[1].posting.is_ok());
        posted.remove(0).posting.unwrap_err()
    };
    let blank = |column| RowFault { row: 2, what: CellFault::Blank { column } };
    let value = |column, value: &str| RowFault { row: 2, what: CellFault::Value { column, value: value.to_owned() } };
    for (row, wanted) in [
        (format!("{one},,2026-10-08,摘要,借,费用,,1,"), blank("凭证号")),
        (format!("{one},记-1,,摘要,借,费用,,1,"), blank("入账日期")),
        (format!("{one},记-1,2026-02-30,摘要,借,费用,,1,"), value("入账日期", "2026-02-30")),
        (format!("{one},记-1,2026-10-08,,借,费用,,1,"), blank("摘要")),
        (format!("{one},记-1,2026-10-08,摘要,左,费用,,1,"), value("借贷", "左")),
        (format!("{one},记-1,2026-10-08,摘要,借,,,1,"), blank("总账科目")),
        (format!("{one},记-1,2026-10-08,摘要,借,费用,,一,"), value("金额", "一")),
        (format!("{one},记-1,2026-10-08,摘要,借,费用,,0,"), value("金额", "0")),
        (format!("{one},记-1,2026-10-08,摘要,借,费用,,1,也许"), value("已付款", "也许")),
        (one.to_owned(), blank("凭证号")),
    ] {
        assert_eq!(fault(&row), wanted, "{row}");
    }
    let two_days = format!("{HEAD}{one},记-1,2026-10-08,摘要,借,费用,,1,\n{one},记-1,2026-10-09,摘要,贷,费用,,1,\n");
    assert_eq!(
        read_postings(two_days.as_bytes()).unwrap()[0].posting,
        Err(RowFault { row: 3, what: CellFault::Differs { column: "入账日期" } })
    );
    assert_eq!(read_postings("发票号码,凭证号\n".as_bytes()), Err(TableFault::Column("入账日期")));
    let nameless = format!("{HEAD},记-1,2026-10-08,摘要,借,费用,,1,\n");
    assert_eq!(read_postings(nameless.as_bytes()), Err(TableFault::Row(blank("发票号码"))));
    assert_eq!(read_postings(b"\xFF\xFF\xFF"), Err(TableFault::Unreadable));
}

/// Texts of an element, in order.
fn texts<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
    let ends = |piece: &'x str| piece.split_once('>').and_then(|(_, rest)| rest.split_once("</")).map(|(text, _)| text);
    xml.split(&format!("<einv:{name} ")).skip(1).filter_map(ends).collect()
}

#[test]
fn what_is_written_reads_back_as_the_invoice() {
    let table = |invoice: &Invoice| {
        let (net, tax, gross) = (invoice.net.to_string(), invoice.tax.to_string(), invoice.gross.to_string());
        rows(invoice, &[("借", &net), ("借", &tax), ("贷", &gross)])
    };
    let mut red = special();
    (red.net, red.tax, red.gross) = (-red.net, -red.tax, -red.gross);
    let ordinary = Invoice { kind: Kind::from_code("82"), ..special() };
    for mut invoice in [special(), ordinary, red] {
        invoice.deduction = (invoice.kind.code() == "81").then_some(Deduction::Confirmed);
        let posted = read_postings(table(&invoice).as_bytes()).unwrap();
        let posting = posted[0].posting.as_ref().unwrap();
        let file = posting_file(&invoice, posting).unwrap();
        let document = piaoxia_documents::read(&file.name, file.xml.as_bytes()).unwrap();
        let read = &document.invoice;
        assert_eq!((&read.key, read.kind.code(), read.issued_on()), (&invoice.key, invoice.kind.code(), invoice.issued_on()));
        assert_eq!([read.net, read.tax, read.gross], [invoice.net, invoice.tax, invoice.gross]);
        assert_eq!((&read.seller.name, &read.seller.tax_no), (&invoice.seller.name, &invoice.seller.tax_no));
        assert_eq!((&read.buyer.name, &read.buyer.tax_no), (&invoice.buyer.name, &invoice.buyer.tax_no));
        assert_eq!(document.warnings, [], "{}", file.xml);
        // And it balances, as it was told to.
        let sides = texts(&file.xml, "DebitOrCredit");
        let amounts: Vec<Money> = texts(&file.xml, "RecordedAmount").iter().map(|text| text.parse().unwrap()).collect();
        let sum = |side: &str| sides.iter().zip(&amounts).filter(|(stated, _)| **stated == side).map(|(_, amount)| *amount).sum::<Money>();
        assert_eq!((sides.len(), amounts.len()), (3, 3));
        assert_eq!((sum("借方"), sum("贷方")), (invoice.gross, invoice.gross));
    }
}
