//! `eInvoice`, the e-invoice schema of 2019 (`http://www.edrm.org.cn/schema/e-invoice/2019`): electronic invoices of tax-control
//! devices (税控), mostly attached to an OFD as `original_invoice`.
//!
//! Two writers are known. The one puts the QR payload into `GraphCode`, the other (税务UKey) a PNG of the code in base64, wraps
//! texts in CDATA, and adds 税收分类编码 and the blue invoice of a red one.

use std::borrow::Cow;

use super::Attached;
use crate::document::{Numbers, Source};
use crate::field::Field;
use crate::leaves::Meaning::{Cell, Extra, Line};
use crate::leaves::{Leaves, Meaning, Vocabulary};
use crate::lines::LineSlot;
use crate::markup;
use crate::refused::Refused;

const VOCABULARY: Vocabulary = &[
    ("InvoiceCode", Meaning::Field(Field::Code)),
    ("InvoiceNo", Meaning::Field(Field::Number)),
    ("IssueDate", Meaning::Field(Field::IssuedOn)),
    ("InvoiceCheckCode", Meaning::Field(Field::CheckCode)),
    ("BuyerName", Meaning::Field(Field::BuyerName)),
    ("BuyerTaxID", Meaning::Field(Field::BuyerTaxNo)),
    ("BuyerAddrTel", Meaning::Field(Field::BuyerContact)),
    ("BuyerFinancialAccount", Meaning::Field(Field::BuyerBank)),
    ("SellerName", Meaning::Field(Field::SellerName)),
    ("SellerTaxID", Meaning::Field(Field::SellerTaxNo)),
    ("SellerAddrTel", Meaning::Field(Field::SellerContact)),
    ("SellerFinancialAccount", Meaning::Field(Field::SellerBank)),
    ("TaxInclusiveTotalAmount", Meaning::Field(Field::Gross)),
    ("TaxExclusiveTotalAmount", Meaning::Field(Field::Net)),
    ("TaxTotalAmount", Meaning::Field(Field::Tax)),
    ("Note", Meaning::Field(Field::Remark)),
    ("InvoiceClerk", Meaning::Field(Field::Drawer)),
    ("TypeCode", Extra(TYPE)),
    ("OriginalInvoiceCode", Extra(BLUE_CODE)),
    ("OriginalInvoiceNo", Extra(BLUE_NUMBER)),
    ("GraphCode", Extra(GRAPH)),
    ("GoodsInfo", Line),
    ("Item", Cell(LineSlot::Name)),
    ("Code", Cell(LineSlot::ClassCode)),
    ("Specification", Cell(LineSlot::Spec)),
    ("MeasurementDimension", Cell(LineSlot::Unit)),
    ("Quantity", Cell(LineSlot::Quantity)),
    ("Price", Cell(LineSlot::Price)),
    ("Amount", Cell(LineSlot::Net)),
    ("TaxScheme", Cell(LineSlot::Rate)),
    ("TaxAmount", Cell(LineSlot::Tax)),
];

const TYPE: &str = "type";
const BLUE_CODE: &str = "blue code";
const BLUE_NUMBER: &str = "blue number";
const GRAPH: &str = "graph";

/// What the text of an `eInvoice` says.
///
/// # Errors
/// [`Refused::NotRecognised`] without a number; what `markup` and the lines refuse.
pub(super) fn parse(source: Source, text: &str) -> Result<Attached<'_>, Refused> {
    let mut leaves = Leaves::new(source, VOCABULARY);
    markup::walk(text, &mut leaves)?;
    if leaves.statement.get(Field::Number).is_none() {
        return Err(Refused::NotRecognised);
    }
    leaves.statement.red = match leaves.extra(TYPE) {
        Some("0") => Some(false),
        Some("1") => Some(true),
        _ => None,
    };
    let blue = match (leaves.extra(BLUE_CODE), leaves.extra(BLUE_NUMBER)) {
        (Some(code), Some(number)) => Some(format!("{code}-{number}")),
        (None, Some(number)) => Some(number.to_owned()),
        (_, None) => None,
    };
    if let Some(blue) = blue {
        leaves.statement.state(Field::RedOf, blue)?;
    }
    let graph = leaves.extras.iter_mut().find(|(name, _)| *name == GRAPH);
    let graph_code = graph.map(|(_, text)| std::mem::replace(text, Cow::Borrowed("")).into_owned());
    Ok(Attached { statement: leaves.statement, numbers: Numbers::Single, graph_code })
}
