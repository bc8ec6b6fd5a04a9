//! The JSON of `inspect`: what a document says and what was proved of it, one object a file. The fields are a contract
//! with users' scripts.

use std::collections::BTreeMap;

use piaoxia_domain::{InvoiceLine, Money, Party};
use serde::Serialize;

use crate::document::{Document, Warning};
use crate::refused::Refused;
use crate::verdict::{Check, Reason, verdicts};

/// Words what this package only names: the sentences belong to the program and its language.
pub trait Words {
    /// Why a file was not read.
    fn refused(&self, refused: &Refused) -> String;
    /// What was odd about a file.
    fn warning(&self, warning: &Warning) -> String;
    /// What a verdict stands on.
    fn reason(&self, check: Check, reason: &Reason) -> String;
}

/// A document that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The file as the user named it.
    pub file: String,
    /// `xml`, later `ofd`, `pdf`, `xlsx`.
    pub format: &'static str,
    /// 发票票种, the bureau's two-digit code; null when it is not known.
    pub kind: Option<String>,
    /// 发票号码.
    pub number: String,
    /// 发票代码.
    pub code: Option<String>,
    /// 开票日期, `yyyy-MM-dd`.
    pub issued_on: String,
    /// 销售方.
    pub seller: InspectedParty,
    /// 购买方.
    pub buyer: InspectedParty,
    /// 合计金额, yuan with two decimals.
    pub net: Money,
    /// 合计税额.
    pub tax: Money,
    /// 价税合计.
    pub gross: Money,
    /// Goods lines.
    pub lines: Vec<InspectedLine>,
    /// Where each field came from.
    pub sources: BTreeMap<&'static str, &'static str>,
    /// What was odd.
    pub warnings: Vec<String>,
    /// What was proved.
    pub verdicts: Vec<InspectedVerdict>,
}

/// Seller or buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InspectedParty {
    /// 名称.
    pub name: Option<String>,
    /// 纳税人识别号; null for a natural person.
    pub tax_no: Option<String>,
}

/// A goods line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InspectedLine {
    /// 项目名称.
    pub name: Option<String>,
    /// 规格型号.
    pub spec: Option<String>,
    /// 单位.
    pub unit: Option<String>,
    /// 数量, as many decimals as the document states.
    pub quantity: Option<String>,
    /// 单价, without tax.
    pub price: Option<String>,
    /// 金额.
    pub net: Money,
    /// 税率 as printed.
    pub rate: Option<String>,
    /// 税额.
    pub tax: Money,
    /// 税收分类编码.
    pub class_code: Option<String>,
}

/// A verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InspectedVerdict {
    /// [`Check::id`].
    pub check: &'static str,
    /// `pass`, `fail` or `not_checked`.
    pub result: &'static str,
    /// One sentence.
    pub reason: String,
}

/// A file that was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The file as the user named it.
    pub file: String,
    /// Why, one sentence.
    pub refused: String,
}

impl Inspection {
    /// Of a document, with every verdict.
    #[must_use]
    pub fn from_document(file: &str, document: &Document, words: &dyn Words) -> Self {
        let invoice = &document.invoice;
        Self {
            file: file.to_owned(),
            format: document.format.word(),
            kind: present(invoice.kind.code()),
            number: invoice.key.number().to_owned(),
            code: invoice.key.code().or(invoice.paper_key.as_ref().and_then(|key| key.code())).map(str::to_owned),
            issued_on: invoice.issued_on().to_string(),
            seller: InspectedParty::from(&invoice.seller),
            buyer: InspectedParty::from(&invoice.buyer),
            net: invoice.net,
            tax: invoice.tax,
            gross: invoice.gross,
            lines: invoice.lines.iter().map(InspectedLine::from).collect(),
            sources: document.sources.iter().map(|(field, source)| (field.word(), source.word())).collect(),
            warnings: document.warnings.iter().map(|warning| words.warning(warning)).collect(),
            verdicts: verdicts(document)
                .into_iter()
                .map(|verdict| InspectedVerdict {
                    check: verdict.check.id(),
                    result: verdict.result.word(),
                    reason: words.reason(verdict.check, &verdict.reason),
                })
                .collect(),
        }
    }
}

impl Refusal {
    /// Of a file.
    #[must_use]
    pub fn new(file: &str, refused: &Refused, words: &dyn Words) -> Self {
        Self { file: file.to_owned(), refused: words.refused(refused) }
    }
}

impl From<&Party> for InspectedParty {
    fn from(party: &Party) -> Self {
        Self { name: present(&party.name), tax_no: present(party.tax_no.as_str()) }
    }
}

impl From<&InvoiceLine> for InspectedLine {
    fn from(line: &InvoiceLine) -> Self {
        Self {
            name: present(&line.name),
            spec: present(&line.spec),
            unit: present(&line.unit),
            quantity: line.quantity.map(|quantity| quantity.to_string()),
            price: line.price.map(|price| price.to_string()),
            net: line.net,
            rate: present(&line.rate),
            tax: line.tax,
            class_code: present(&line.class_code),
        }
    }
}

fn present(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
