//! XBRL instances of the 电子凭证会计数据标准 (财会〔2025〕9号): what issuers put into railway and air tickets, VAT e-invoices and
//! 财政票据, and what receivers write when they book a voucher.
//!
//! Elements are told by their local name, the standard by the prefix of its namespaces: versions differ in the date alone.

use piaoxia_domain::Kind;
use rust_decimal::Decimal;

use crate::document::Source;
use crate::field::Field;
use crate::leaves::Meaning::{Cell, Extra, Line};
use crate::leaves::{Leaves, Meaning, Vocabulary};
use crate::lines::{LineSlot, LineTexts};
use crate::markup;
use crate::refused::Refused;
use crate::statement::Statement;
use crate::values;

/// Namespaces of the standard begin so; a date and the name of the taxonomy follow.
const TAXONOMY: &str = "http://xbrl.mof.gov.cn/taxonomy/";

const VOCABULARY: Vocabulary = &[
    // 数电, receivers.
    ("InvoiceNumber", Meaning::Field(Field::Number)),
    ("SellerName", Meaning::Field(Field::SellerName)),
    ("SellerIdNum", Meaning::Field(Field::SellerTaxNo)),
    ("TotalAmWithoutTax", Meaning::Field(Field::Net)),
    ("TotalTaxAm", Meaning::Field(Field::Tax)),
    ("TotalTax-includedAmount", Meaning::Field(Field::Gross)),
    ("RequestTime", Meaning::Field(Field::IssuedOn)),
    ("WhetherEinvoiceUsageHasBeenConfirmed", Extra(SPECIAL)),
    ("WhetherEinvoiceIsRedEinvoice", Extra(IS_RED)),
    ("WhetherInvoiceIsRedInvoice", Extra(IS_RED)),
    // Railway (铁路) and air (航空) tickets.
    ("ElectronicInvoiceRailwayETicketNumber", Meaning::Field(Field::Number)),
    ("ElectronicInvoiceAirTransportReceiptNumber", Meaning::Field(Field::Number)),
    ("DateOfIssue", Meaning::Field(Field::IssuedOn)),
    ("IssueDate", Meaning::Field(Field::IssuedOn)),
    ("TotalAmountExcludingTax", Meaning::Field(Field::Net)),
    ("TaxAmount", Meaning::CellOrExtra(LineSlot::Tax, TAX)),
    ("VatTaxAmount", Extra(TAX)),
    ("VatRate", Extra(VAT_RATE)),
    ("Fare", Extra(FARE)),
    ("FuelSurcharge", Extra(FUEL)),
    ("CivilAviationDevelopmentFund", Extra(FUND)),
    ("OtherTaxes", Extra(OTHER_TAXES)),
    ("TotalAmount", Meaning::Field(Field::Gross)),
    ("NumberOfOriginalInvoice", Meaning::Field(Field::RedOf)),
    ("OriginalElectronicInvoiceAirTransportReceiptNumber", Meaning::Field(Field::RedOf)),
    // VAT e-invoices (税控), issuers and receivers.
    ("UniqueCodeOfInvoice", Extra(UNIQUE_CODE)),
    ("TypeOfInvoice", Extra(TYPE)),
    ("CodeOfInvoice", Meaning::Field(Field::Code)),
    ("NumberOfInvoice", Meaning::Field(Field::Number)),
    ("IdentifyingCode", Meaning::Field(Field::CheckCode)),
    ("TotalTaxAmount", Meaning::Field(Field::Tax)),
    ("TaxIncludedAmountInFigures", Meaning::Field(Field::Gross)),
    ("Issuer", Meaning::Field(Field::Drawer)),
    ("Remarks", Meaning::Field(Field::Remark)),
    ("InformationOfTaxableGoodsOrServicesDetailItemsTuple", Line),
    ("NameOfTaxableGoodsOrServices", Cell(LineSlot::Name)),
    ("NameOfGoodsOrTaxableServices", Cell(LineSlot::Name)),
    ("SpecificationAndModel", Cell(LineSlot::Spec)),
    ("Specification", Cell(LineSlot::Spec)),
    ("Unit", Cell(LineSlot::Unit)),
    ("Quantity", Cell(LineSlot::Quantity)),
    ("UnitPrice", Cell(LineSlot::Price)),
    ("AmountExcludingTax", Cell(LineSlot::Net)),
    ("Amount", Cell(LineSlot::Net)),
    ("TaxRate", Cell(LineSlot::Rate)),
    // Parties, in the spellings of all taxonomies.
    ("NameOfSeller", Meaning::Field(Field::SellerName)),
    ("UnifiedSocialCreditCodeOfSeller", Meaning::Field(Field::SellerTaxNo)),
    ("TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfSeller", Meaning::Field(Field::SellerTaxNo)),
    ("AddressPhoneNumberOfSeller", Meaning::Field(Field::SellerContact)),
    ("DepositBankAndAccountNumberOfSeller", Meaning::Field(Field::SellerBank)),
    ("NameOfPurchaser", Meaning::Field(Field::BuyerName)),
    ("UnifiedSocialCreditCodeOfPurchaser", Meaning::Field(Field::BuyerTaxNo)),
    ("TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfPurchaser", Meaning::Field(Field::BuyerTaxNo)),
    ("AddressPhoneNumberOfPurchaser", Meaning::Field(Field::BuyerContact)),
    ("DepositBankAndAccountNumberOfPurchaser", Meaning::Field(Field::BuyerBank)),
    ("NameOfAccountingEntity", Extra(ENTITY_NAME)),
    ("UnifiedSocialCreditCodeOfAccountingEntity", Extra(ENTITY_TAX_NO)),
    // 财政票据.
    ("EInvoiceID", Meaning::Field(Field::Number)),
    ("InvoicingPartyName", Meaning::Field(Field::SellerName)),
    ("InvoicingPartyCode", Meaning::Field(Field::SellerTaxNo)),
];

const SPECIAL: &str = "special";
const IS_RED: &str = "red";
const TAX: &str = "tax";
const VAT_RATE: &str = "vat rate";
const FARE: &str = "fare";
const FUEL: &str = "fuel";
const FUND: &str = "fund";
const OTHER_TAXES: &str = "other taxes";
const UNIQUE_CODE: &str = "unique code";
const TYPE: &str = "type";
const ENTITY_NAME: &str = "entity";
const ENTITY_TAX_NO: &str = "entity tax number";

/// The taxonomies that are vouchers with a number. Bank receipts and statements, and others of the standard, are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taxonomy {
    /// `einv`: 数电.
    Digital,
    /// `rai`: 铁路电子客票.
    Railway,
    /// `atr`: 航空运输电子客票行程单.
    Air,
    /// `inv`: VAT e-invoices of tax-control devices.
    TaxControl,
    /// `efi`: 财政电子票据.
    Fiscal,
}

/// What the text of an instance says. `name` is its file name, `<configId>_<date>_<number>.xml`.
///
/// # Errors
/// [`Refused::NotRecognised`] for an instance of another taxonomy; what `markup` and the lines refuse.
pub(super) fn parse<'a>(source: Source, name: &str, text: &'a str) -> Result<Statement<'a>, Refused> {
    let mut leaves = Leaves::new(source, VOCABULARY);
    markup::walk(text, &mut leaves)?;
    let taxonomy = leaves.namespaces.iter().find_map(|uri| taxonomy(uri)).ok_or(Refused::NotRecognised)?;
    number(&mut leaves)?;
    if let Some(kind) = kind(&leaves, taxonomy, name) {
        leaves.statement.state(Field::Kind, kind)?;
    }
    leaves.statement.red = leaves.extra(IS_RED).map(|red| red.eq_ignore_ascii_case("true") || red == "1");
    if let Some(tax) = leaves.extra(TAX).map(str::to_owned) {
        leaves.statement.state(Field::Tax, tax)?;
    }
    match taxonomy {
        // The fare of a railway ticket holds its tax.
        Taxonomy::Railway => copy(&mut leaves, FARE, Field::Gross)?,
        Taxonomy::Air => air_lines(&mut leaves)?,
        Taxonomy::Digital | Taxonomy::TaxControl | Taxonomy::Fiscal => {}
    }
    // Who books a voucher is who got it, where the voucher itself names no buyer.
    copy(&mut leaves, ENTITY_NAME, Field::BuyerName)?;
    copy(&mut leaves, ENTITY_TAX_NO, Field::BuyerTaxNo)?;
    // A 财政票据 has one amount and no tax.
    if taxonomy == Taxonomy::Fiscal {
        leaves.statement.state(Field::Tax, "0.00")?;
    }
    Ok(leaves.statement)
}

fn taxonomy(namespace: &str) -> Option<Taxonomy> {
    let name = namespace.get(TAXONOMY.len()..).filter(|_| namespace.to_ascii_lowercase().starts_with(TAXONOMY))?;
    let name = name.trim_end_matches('/').rsplit('/').next()?;
    match name.to_ascii_lowercase().as_str() {
        "einv" => Some(Taxonomy::Digital),
        "rai" => Some(Taxonomy::Railway),
        "atr" => Some(Taxonomy::Air),
        "inv" | "tlf" => Some(Taxonomy::TaxControl),
        "efi" => Some(Taxonomy::Fiscal),
        _ => None,
    }
}

/// `UniqueCodeOfInvoice` is code and number in one; it counts where they do not stand apart.
fn number(leaves: &mut Leaves<'_>) -> Result<(), Refused> {
    let Some(whole) = leaves.extra(UNIQUE_CODE).map(str::to_owned) else { return Ok(()) };
    if leaves.statement.get(Field::Number).is_some() {
        return Ok(());
    }
    let split = whole.len().checked_sub(8).filter(|at| matches!(at, 10 | 12)).and_then(|at| whole.split_at_checked(at));
    if let Some((code, number)) = split {
        leaves.statement.state(Field::Code, code.to_owned())?;
        return leaves.statement.state(Field::Number, number.to_owned());
    }
    leaves.statement.state(Field::Number, whole)
}

/// The kind, where the taxonomy or the file tells it; that of a 税控 invoice follows from its code.
fn kind(leaves: &Leaves<'_>, taxonomy: Taxonomy, name: &str) -> Option<String> {
    let code = match taxonomy {
        Taxonomy::Railway => "51",
        Taxonomy::Air => "61",
        Taxonomy::Fiscal => FISCAL_RECEIPT,
        Taxonomy::TaxControl => return leaves.extra(TYPE).filter(|text| Kind::from_name(text).is_some()).map(str::to_owned),
        // Receivers of 专票 state what they use it for.
        Taxonomy::Digital if name.contains("einv_spcl") || leaves.extra(SPECIAL).is_some() => "81",
        Taxonomy::Digital if name.contains("einv_ord") => "82",
        Taxonomy::Digital => return None,
    };
    Some(code.to_owned())
}

/// 财政电子票据 is no kind of the bureau and has no code there: its name stands for one.
pub(crate) const FISCAL_RECEIPT: &str = "财政电子票据";

fn copy(leaves: &mut Leaves<'_>, extra: &str, field: Field) -> Result<(), Refused> {
    match leaves.extra(extra).map(str::to_owned) {
        Some(text) if leaves.statement.get(field).is_none() => leaves.statement.state(field, text),
        _ => Ok(()),
    }
}

/// What an air ticket's total is made of: fare and fuel carry the VAT and are stated without it, the fund and other taxes do not.
fn air_lines(leaves: &mut Leaves<'_>) -> Result<(), Refused> {
    let amount = |extra| leaves.extra(extra).and_then(|text| values::decimal(text).flatten()).unwrap_or_default();
    let rate = leaves.extra(VAT_RATE).unwrap_or_default().to_owned();
    let flight = amount(FARE).checked_add(amount(FUEL)).unwrap_or_default();
    let untaxed = || "不征税".to_owned();
    let parts = [
        ("票价及燃油附加费", flight, amount(TAX), rate),
        ("民航发展基金", amount(FUND), Decimal::ZERO, untaxed()),
        ("其他税费", amount(OTHER_TAXES), Decimal::ZERO, untaxed()),
    ];
    for (name, net, tax, rate) in parts.into_iter().filter(|(_, net, ..)| !net.is_zero()) {
        let mut line = LineTexts::default();
        line.set(LineSlot::Name, name)?;
        line.set(LineSlot::Net, net.to_string())?;
        line.set(LineSlot::Tax, tax.to_string())?;
        line.set(LineSlot::Rate, rate)?;
        leaves.statement.lines.add(&line)?;
    }
    Ok(())
}
