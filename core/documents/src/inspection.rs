//! The JSON of `inspect`: what a document says and what was proved of it, one object a file. The fields are a contract
//! with users' scripts.

use std::collections::BTreeMap;

use jiff::tz::{Offset, TimeZone};
use piaoxia_domain::{InvoiceLine, Money, Party};
use piaoxia_seals::{Examination, Form, SignatureFacts, Trust};
use serde::Serialize;

use crate::document::{Document, Warning};
use crate::refused::Refused;
use crate::verdict::{Check, Reason, Verdict, seal_verdicts, verdicts_trusting};
use crate::{FileFormat, examine_ofd, format};

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
    /// Electronic seals and digital signatures, in the order of their verdicts; left out of files that have none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seals: Vec<InspectedSeal>,
}

/// What a seal or digital signature says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InspectedSeal {
    /// `seal`, `data` (GM/T 0010), `raw` (a bare SM2 value), `integrity` (GM/T 0099) or `unreadable`.
    pub form: &'static str,
    /// 印章名称.
    pub name: Option<String>,
    /// 制章人.
    pub maker: Option<String>,
    /// Who signed.
    pub signer: Option<String>,
    /// Who issued the signer's certificate.
    pub issuer: Option<String>,
    /// When it was signed, RFC 3339 in Beijing time.
    pub signed_at: Option<String>,
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
    /// What was proved of its electronic seals: an OFD that is no invoice may be signed all the same. Left out without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<InspectedVerdict>,
    /// The seals themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seals: Vec<InspectedSeal>,
}

impl Inspection {
    /// Of a document, with every verdict; nothing is trusted.
    #[must_use]
    pub fn from_document(file: &str, document: &Document, words: &dyn Words) -> Self {
        Self::trusting(file, document, words, &Trust::default())
    }

    /// As [`Inspection::from_document`], with certificates that the user trusts.
    #[must_use]
    pub fn trusting(file: &str, document: &Document, words: &dyn Words, trust: &Trust) -> Self {
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
            verdicts: told(verdicts_trusting(document, trust), words),
            seals: seals(document.seals()),
        }
    }
}

impl Refusal {
    /// Of a file of which nothing else is known.
    #[must_use]
    pub fn new(file: &str, refused: &Refused, words: &dyn Words) -> Self {
        Self::saying(file, words.refused(refused))
    }

    /// As [`Refusal::new`], of a file that could not even be opened.
    #[must_use]
    pub fn saying(file: &str, refused: String) -> Self {
        Self { file: file.to_owned(), refused, verdicts: Vec::new(), seals: Vec::new() }
    }

    /// As [`Refusal::new`], with the seals of an OFD: a contract or a notice is no invoice, and who signed it is told all the same.
    #[must_use]
    pub fn trusting(file: &str, bytes: &[u8], refused: &Refused, words: &dyn Words, trust: &Trust) -> Self {
        let plain = Self::new(file, refused, words);
        if refused.is_attack() || format::of(bytes) != Some(FileFormat::Ofd) {
            return plain;
        }
        let Ok(examination) = examine_ofd(bytes) else { return plain };
        Self { verdicts: told(seal_verdicts(&examination, trust), words), seals: seals(&examination), ..plain }
    }
}

fn told(verdicts: Vec<Verdict>, words: &dyn Words) -> Vec<InspectedVerdict> {
    let told = |verdict: Verdict| InspectedVerdict {
        check: verdict.check.id(),
        result: verdict.result.word(),
        reason: words.reason(verdict.check, &verdict.reason),
    };
    verdicts.into_iter().map(told).collect()
}

fn seals(examination: &Examination) -> Vec<InspectedSeal> {
    examination.signatures.iter().map(|signature| InspectedSeal::from(&signature.facts)).collect()
}

impl From<&SignatureFacts> for InspectedSeal {
    fn from(facts: &SignatureFacts) -> Self {
        let (seal, signer) = (facts.seal.as_ref(), facts.signer.as_ref());
        let beijing = |at: jiff::Timestamp| at.to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        Self {
            form: match facts.form {
                Form::Seal { .. } => "seal",
                Form::Data => "data",
                Form::Raw => "raw",
                Form::Integrity => "integrity",
                Form::Unreadable => "unreadable",
            },
            name: seal.and_then(|seal| present(&seal.name)),
            maker: seal.and_then(|seal| present(&seal.maker)),
            signer: signer.and_then(|signer| present(&signer.subject)),
            issuer: signer.and_then(|signer| present(&signer.issuer)),
            signed_at: facts.signed_at.map(beijing),
        }
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
