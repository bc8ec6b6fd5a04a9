//! The 数电 original: `EInvoice`, versions 0.31 to 0.35, without namespace and without blanks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use piaoxia_domain::amount_words::in_words;
use piaoxia_domain::{Invoice, InvoiceLine, Party, Region};
use rust_decimal::Decimal;

use super::Markup;
use crate::originals::digest::Draw;
use crate::originals::invented::{self, Passenger, Special, Toll};
use crate::originals::seal::{SM2_SM3, Seal};
use crate::originals::{OriginalError, names};

/// Parts of the document that the bureau signs, in the spelling of real files.
const SIGNED: &str = "/Einvoice/Header|/Einvoice/EInvoiceData|/Einvoice/SellerAuthentication|/Einvoice/TaxSupervisionInfo";

/// Habits that differ between real files: the version, and the decimals of rates and taxes that come with it.
struct Habit {
    version: &'static str,
    /// Decimals of 税额 and 税率.
    decimals: u32,
}

/// The XML of a 数电 invoice.
///
/// The canonical form that the bureau signs is not published; here the signature (SM2 with SM3, user id
/// 1234567812345678) covers the bytes from `<Header>` to `</TaxSupervisionInfo>` as they stand in the file.
pub(in crate::originals) fn write(invoice: &Invoice, region: &Region, seal: &Seal) -> Result<Vec<u8>, OriginalError> {
    let habit = habit(invoice);
    let mut xml = Markup::new("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>");
    xml.open("EInvoice", &[]);
    let signed_from = xml.as_str().len();
    header(&mut xml, invoice, region, &habit);
    data(&mut xml, invoice, &habit);
    xml.open("SellerAuthentication", &[]);
    xml.leaf("AuthenticationMethods", "01");
    xml.close();
    supervision(&mut xml, invoice, region);
    let signed = xml.as_str().get(signed_from..).unwrap_or_default();
    let value = seal.signer().sign(signed.as_bytes())?;
    signature(&mut xml, invoice, seal, &value);
    Ok(xml.finish())
}

fn habit(invoice: &Invoice) -> Habit {
    match Draw::new("habit", invoice.key.number()).below(4) {
        0 => Habit { version: "0.31", decimals: 2 },
        1 => Habit { version: "0.32", decimals: 2 },
        2 => Habit { version: "0.33", decimals: 6 },
        _ => Habit { version: "0.35", decimals: 6 },
    }
}

fn header(xml: &mut Markup, invoice: &Invoice, region: &Region, habit: &Habit) {
    xml.open("Header", &[]);
    xml.leaf("EIid", invoice.key.number());
    xml.leaf("EInvoiceTag", &format!("SWEI{}", region.code));
    xml.leaf("Version", habit.version);
    xml.open("InherentLabel", &[]);
    let (blue, blue_name) = if invoice.is_blue() { ("Y", "蓝字发票") } else { ("N", "红字发票") };
    label(xml, "InIssuType", blue, blue_name);
    let (form, form_name) = if names::is_paper(&invoice.kind) { ("02", "纸质发票") } else { ("01", "电子发票") };
    label(xml, "EInvoiceType", form, form_name);
    // Only two codes are known; the name says which of the other kinds it is.
    let special = if names::is_special(&invoice.kind) { "01" } else { "02" };
    label(xml, "GeneralOrSpecialVAT", special, names::species(&invoice.kind));
    let (payer, payer_name) = if is_small_scale(invoice) { ("2", "小规模纳税人") } else { ("1", "一般纳税人") };
    label(xml, "TaxpayerType", payer, payer_name);
    xml.close();
    xml.open("UndefinedLabel", &[]);
    undefined(xml, "发票开具方式标签", "1", "网页开票");
    undefined(xml, "特定征税方式标签", "", "");
    xml.close();
    xml.close();
}

fn label(xml: &mut Markup, element: &'static str, code: &str, name: &str) {
    xml.open(element, &[]);
    xml.leaf("LabelCode", code);
    xml.leaf("LabelName", name);
    xml.close();
}

fn undefined(xml: &mut Markup, kind: &str, code: &str, name: &str) {
    xml.open("Label", &[]);
    xml.leaf("LabelType", kind);
    xml.leaf("LabelCode", code);
    xml.leaf("LabelName", name);
    xml.close();
}

/// Sellers that invoice at 1 % or 3 % alone are taken for small-scale taxpayers (小规模纳税人).
fn is_small_scale(invoice: &Invoice) -> bool {
    !invoice.lines.is_empty() && invoice.lines.iter().all(|line| matches!(line.rate.as_str(), "1%" | "3%"))
}

fn data(xml: &mut Markup, invoice: &Invoice, habit: &Habit) {
    xml.open("EInvoiceData", &[]);
    xml.open("SellerInformation", &[]);
    xml.leaf("SellerIdNum", invoice.seller.tax_no.as_str());
    xml.leaf("SellerName", &invoice.seller.name);
    contact(xml, &invoice.seller, ["SellerAddr", "SellerTelNum", "SellerBankName", "SellerBankAccNum"]);
    xml.close();
    xml.open("BuyerInformation", &[]);
    if !invoice.buyer.tax_no.is_empty() {
        xml.leaf("BuyerIdNum", invoice.buyer.tax_no.as_str());
    }
    xml.leaf("BuyerName", &invoice.buyer.name);
    contact(xml, &invoice.buyer, ["BuyerAddr", "BuyerTelNum", "BuyerBankName", "BuyerBankAccNum"]);
    xml.leaf("BuyerHandlingName", "");
    xml.close();
    xml.open("BasicInformation", &[]);
    xml.leaf("TotalAmWithoutTax", &invoice.net.to_string());
    xml.leaf("TotalTaxAm", &invoice.tax.to_string());
    xml.leaf("TotalTax-includedAmount", &invoice.gross.to_string());
    xml.leaf("TotalTax-includedAmountInChinese", &in_words(invoice.gross));
    xml.leaf("Drawer", &invoice.drawer);
    xml.leaf("RequestTime", &invoice.issued_at.strftime("%Y-%m-%d %H:%M:%S").to_string());
    xml.close();
    for line in &invoice.lines {
        item(xml, line, habit);
    }
    match invented::special(invoice) {
        Special::None => xml.empty("SpecificInformation", &[]),
        Special::Passenger(passenger) => journey(xml, &passenger),
        Special::Toll(used) => toll(xml, &used),
    }
    xml.open("AdditionalInformation", &[]);
    xml.leaf("Remark", &names::remark(invoice));
    xml.close();
    xml.close();
}

fn contact(xml: &mut Markup, party: &Party, [address, telephone, bank, account]: [&'static str; 4]) {
    let (place, number) = names::split_number(&party.contact);
    xml.leaf(address, place);
    xml.leaf(telephone, number);
    let (branch, number) = names::split_number(&party.bank);
    xml.leaf(bank, branch);
    xml.leaf(account, number);
}

fn item(xml: &mut Markup, line: &InvoiceLine, habit: &Habit) {
    let number = |value: Option<Decimal>| value.map(|value| value.normalize().to_string()).unwrap_or_default();
    let mut tax = line.tax.to_decimal();
    tax.rescale(habit.decimals);
    xml.open("IssuItemInformation", &[]);
    xml.leaf("ItemName", &line.name);
    xml.leaf("SpecMod", &line.spec);
    xml.leaf("MeaUnits", &line.unit);
    xml.leaf("Quantity", &number(line.quantity));
    xml.leaf("UnPrice", &number(line.price));
    xml.leaf("Amount", &line.net.to_string());
    xml.leaf("TaxRate", &rate(&line.rate, habit));
    xml.leaf("ComTaxAm", &tax.to_string());
    xml.leaf("TotaltaxIncludedAmount", &(line.net + line.tax).to_string());
    xml.leaf("TaxClassificationCode", &line.class_code);
    xml.close();
}

/// 税率 as a decimal fraction (`13%` is `0.13` or `0.130000`); 免税, 不征税 and `***` stay words.
fn rate(printed: &str, habit: &Habit) -> String {
    match printed.strip_suffix('%').and_then(|percent| percent.trim().parse::<Decimal>().ok()) {
        Some(percent) => {
            let mut fraction = percent / Decimal::ONE_HUNDRED;
            // Reduced rates such as 1.5 % need their third decimal.
            fraction.rescale(habit.decimals.max(fraction.normalize().scale()));
            fraction.to_string()
        }
        None => printed.to_owned(),
    }
}

fn journey(xml: &mut Markup, passenger: &Passenger) {
    xml.open("SpecificInformation", &[]);
    xml.open("PassengerTransportation", &[]);
    xml.leaf("Departure", passenger.from);
    xml.leaf("Destination", passenger.to);
    xml.leaf("Traveler", passenger.traveler);
    xml.leaf("ValidIDNumber", &passenger.id_number);
    xml.leaf("TravelDate", &passenger.date.to_string());
    xml.leaf("Grade", passenger.grade);
    xml.leaf("TypeOfPassengerDocument", "居民身份证");
    xml.leaf("Vehicletype", passenger.vehicle);
    xml.close();
    xml.close();
}

fn toll(xml: &mut Markup, toll: &Toll) {
    xml.open("SpecificInformation", &[]);
    xml.open("Toll", &[]);
    xml.leaf("PlateNumber", &toll.plate);
    xml.leaf("VehicleType", toll.vehicle);
    xml.leaf("StartDatesOfPassage", &toll.start.strftime("%Y%m%d000000000").to_string());
    xml.leaf("EndDatesOfPassage", &toll.end.strftime("%Y%m%d235959999").to_string());
    xml.close();
    xml.close();
}

fn supervision(xml: &mut Markup, invoice: &Invoice, region: &Region) {
    xml.open("TaxSupervisionInfo", &[]);
    xml.leaf("InvoiceNumber", invoice.key.number());
    xml.leaf("IssueTime", &invoice.issued_on().to_string());
    xml.leaf("TaxBureauCode", &region.bureau_code());
    xml.leaf("TaxBureauName", &names::bureau(region));
    xml.close();
}

fn signature(xml: &mut Markup, invoice: &Invoice, seal: &Seal, value: &[u8]) {
    xml.open("TaxBureauSignature", &[]);
    xml.empty("Reference", &[("URI", SIGNED)]);
    xml.leaf("SignatureAlgorithm", SM2_SM3);
    xml.leaf("SignatureFormat", "DETACH");
    xml.leaf("SignatureTime", &invoice.issued_at.strftime("%Y-%m-%d %H:%M:%S").to_string());
    xml.leaf("SignatureValue", &STANDARD.encode(value));
    xml.leaf("KeyInfo", &STANDARD.encode(seal.signer().certificate()));
    xml.close();
}
