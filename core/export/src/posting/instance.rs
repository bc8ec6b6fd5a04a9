//! The XBRL instance (XBRL 2.1), element by element in the order of the MoF toolkit's map.

use std::fmt::Write as _;

use jiff::civil::Date;
use piaoxia_domain::{Deduction, Invoice, Purpose};

use super::{Posting, Side, Voucher};
use crate::text::cleaned;

/// Taxonomy of the elements.
pub(super) const TAXONOMY: &str = "http://xbrl.mof.gov.cn/taxonomy/2023-12-31/einv";
/// Its entry point.
pub(super) const SCHEMA: &str = "einv_entry_point_2023-12-31.xsd";
/// Scheme of the entity's identifier.
pub(super) const SCHEME: &str = "http://xbrl.mof.gov.cn";

/// An element of the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// Text, dates and true or false.
    Text(&'static str, String),
    /// Yuan with two decimals.
    Amount(&'static str, String),
    /// A tuple with its elements.
    Tuple(&'static str, Vec<Fact>),
}

/// What the instance states.
pub(super) fn facts(invoice: &Invoice, posting: &Posting) -> Vec<Fact> {
    let text = |name, text: &str| Fact::Text(name, cleaned(text).into_owned());
    let mut facts = vec![
        text("InvoiceNumber", invoice.key.number()),
        text("SellerName", &invoice.seller.name),
        text("SellerIdNum", invoice.seller.tax_no.as_str()),
        Fact::Amount("TotalAmWithoutTax", invoice.net.to_string()),
        Fact::Amount("TotalTaxAm", invoice.tax.to_string()),
        Fact::Amount("TotalTax-includedAmount", invoice.gross.to_string()),
        text("RequestTime", &invoice.issued_at.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        text("ContractNumber", contract(invoice, posting)),
        truth("WhetherEinvoiceIsRedEinvoice", !invoice.is_blue()),
        truth("WhetherEinvoiceHasBeenBooked", posting.booked),
    ];
    facts.extend(posting.paid.map(|paid| truth("WhetherEinvoiceHasBeenPaid", paid)));
    facts.push(text("NumberOfBankElectronicReceipt", &posting.bank_receipt));
    if invoice.kind.code() == "81" {
        facts.extend(usage(invoice));
    }
    facts.push(text("UnifiedSocialCreditCodeOfAccountingEntity", invoice.buyer.tax_no.as_str()));
    facts.push(text("NameOfAccountingEntity", &invoice.buyer.name));
    facts.extend(posting.vouchers.iter().map(voucher));
    facts.retain(|fact| !matches!(fact, Fact::Text(_, text) if text.is_empty()));
    facts
}

/// The contract that the posting names, else the one in the invoice's remark (`合同编号：HT-2026-0519`).
fn contract<'a>(invoice: &'a Invoice, posting: &'a Posting) -> &'a str {
    if posting.contract.is_empty() { in_remark(&invoice.remark).unwrap_or_default() } else { &posting.contract }
}

/// A number behind its label and a colon, up to where the remark goes on.
fn in_remark(remark: &str) -> Option<&str> {
    const LABELS: [&str; 4] = ["合同编号", "合同号码", "合同号", "合同编码"];
    let end = |c: char| c.is_whitespace() || matches!(c, '，' | ',' | '；' | ';' | '。' | '、' | '|');
    LABELS.into_iter().find_map(|label| {
        let number = remark.split_once(label)?.1.trim_start().strip_prefix(['：', ':'])?.trim_start();
        let number = number.split(end).next()?;
        number.contains(|c: char| c.is_ascii_digit()).then_some(number)
    })
}

fn truth(name: &'static str, truth: bool) -> Fact {
    Fact::Text(name, truth.to_string())
}

/// 用途确认 of a 专票, as far as the ledger knows it.
fn usage(invoice: &Invoice) -> Vec<Fact> {
    let Some(deduction) = invoice.deduction else { return Vec::new() };
    let confirmed = deduction == Deduction::Confirmed;
    let mut facts = vec![truth("WhetherEinvoiceUsageHasBeenConfirmed", confirmed)];
    if let Some(usage) = invoice.usage.as_ref().filter(|_| confirmed) {
        if usage.purpose == Some(Purpose::Deduct) {
            facts.push(Fact::Text("UsageConfirmation", "抵扣税款".to_owned()));
        }
        facts.extend(usage.period.map(|period| Fact::Text("PeriodOfUsageConfirmation", period.to_string())));
    }
    facts
}

fn voucher(voucher: &Voucher) -> Fact {
    let text = |name, text: &str| Fact::Text(name, cleaned(text).into_owned());
    let mut facts = vec![
        text("NumberOfAccountingDocuments", &voucher.number),
        text("PostingDate", &voucher.date.to_string()),
        text("AccountingPeriod", &voucher.period.to_string()),
        text("SummaryOfAccountingDocuments", &voucher.summary),
    ];
    facts.extend(voucher.entries.iter().map(|entry| {
        let side = match entry.side {
            Side::Debit => "借方",
            Side::Credit => "贷方",
        };
        let mut facts = vec![
            text("DebitOrCredit", side),
            text("NameOfGeneralLedgerSubject", &entry.subject),
            text("NameOfSubsidiaryLedgerSubject", &entry.sub_subject),
            Fact::Amount("RecordedAmount", entry.amount.to_string()),
        ];
        facts.retain(|fact| !matches!(fact, Fact::Text(_, text) if text.is_empty()));
        Fact::Tuple("InformationOfDebitAndCreditEntryTuple", facts)
    }));
    facts.retain(|fact| !matches!(fact, Fact::Text(_, text) if text.is_empty()));
    Fact::Tuple("InformationOfAccountingDocumentsTuple", facts)
}

/// The instance; its one context is the accounting entity at the day of posting.
pub(super) fn of(invoice: &Invoice, posting: &Posting, day: Date) -> String {
    let entity = escaped(invoice.buyer.tax_no.as_str());
    let mut xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<xbrli:xbrl xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:iso4217="http://www.xbrl.org/2003/iso4217" xmlns:einv="{TAXONOMY}">
  <link:schemaRef xlink:type="simple" xlink:href="{SCHEMA}"/>
  <xbrli:context id="c1">
    <xbrli:entity><xbrli:identifier scheme="{SCHEME}">{entity}</xbrli:identifier></xbrli:entity>
    <xbrli:period><xbrli:instant>{day}</xbrli:instant></xbrli:period>
  </xbrli:context>
  <xbrli:unit id="u1"><xbrli:measure>iso4217:CNY</xbrli:measure></xbrli:unit>
"#
    );
    for fact in facts(invoice, posting) {
        write_fact(&mut xml, &fact, 1);
    }
    xml.push_str("</xbrli:xbrl>\n");
    xml
}

fn write_fact(xml: &mut String, fact: &Fact, depth: usize) {
    let indent = "  ".repeat(depth);
    // Writing into a text cannot fail.
    let _written = match fact {
        Fact::Text(name, text) => writeln!(xml, r#"{indent}<einv:{name} contextRef="c1">{}</einv:{name}>"#, escaped(text)),
        Fact::Amount(name, amount) => {
            writeln!(xml, r#"{indent}<einv:{name} contextRef="c1" unitRef="u1" decimals="2">{amount}</einv:{name}>"#)
        }
        Fact::Tuple(name, facts) => {
            let _opened = writeln!(xml, "{indent}<einv:{name}>");
            for fact in facts {
                write_fact(xml, fact, depth + 1);
            }
            writeln!(xml, "{indent}</einv:{name}>")
        }
    };
}

/// Text of an element; control characters that XML 1.0 has no way to write are gone already.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
