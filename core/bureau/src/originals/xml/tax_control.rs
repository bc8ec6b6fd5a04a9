//! The attachment `original_invoice.xml` of invoices from tax-control devices (税控): the 2019 e-invoice schema of edrm.org.cn.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use piaoxia_domain::{Invoice, InvoiceLine, Region, qr};

use super::Markup;
use crate::originals::invented::{self, Device};
use crate::originals::seal::Seal;
use crate::originals::{OriginalError, names};

/// The attachment of an older electronic invoice.
///
/// `fp:Signature` is a detached GM/T 0010 SignedData over the bytes of the file before that element.
pub(in crate::originals) fn write(invoice: &Invoice, region: &Region, seal: &Seal) -> Result<Vec<u8>, OriginalError> {
    let device = invented::device(invoice);
    let mut xml = Markup::utf8();
    xml.open("eInvoice", &[("xmlns:fp", "http://www.edrm.org.cn/schema/e-invoice/2019"), ("Version", "1.0")]);
    identity(&mut xml, invoice, region, &device);
    parties(&mut xml, invoice);
    totals(&mut xml, invoice, &device);
    let value = seal.signer().signed_data(xml.as_str().as_bytes())?;
    xml.leaf("fp:Signature", &STANDARD.encode(value));
    xml.open("fp:GoodsInfos", &[]);
    for line in &invoice.lines {
        goods(&mut xml, line);
    }
    xml.close();
    Ok(xml.finish())
}

fn identity(xml: &mut Markup, invoice: &Invoice, region: &Region, device: &Device) {
    let code = invoice.key.code().unwrap_or_default();
    xml.leaf("fp:DocID", &format!("{code}_{}", invoice.key.number()));
    xml.leaf("fp:AreaCode", &region.code);
    xml.leaf("fp:InvoiceCode", code);
    xml.leaf("fp:InvoiceNo", invoice.key.number());
    xml.leaf("fp:TypeCode", if invoice.is_blue() { "0" } else { "1" });
    xml.leaf("fp:IssueDate", &invoice.issued_on().strftime("%Y年%m月%d日").to_string());
    xml.leaf("fp:InvoiceCheckCode", &invoice.check_code);
    xml.leaf("fp:MachineNo", &device.machine_no);
    xml.leaf("fp:TaxControlCode", &device.cipher);
    if let Some(blue) = &invoice.red_of {
        xml.leaf("fp:OriginalInvoiceCode", blue.code().unwrap_or_default());
        xml.leaf("fp:OriginalInvoiceNo", blue.number());
    }
}

fn parties(xml: &mut Markup, invoice: &Invoice) {
    let (buyer, seller) = (&invoice.buyer, &invoice.seller);
    xml.open("fp:Buyer", &[]);
    xml.leaf("fp:BuyerName", &buyer.name);
    xml.leaf("fp:BuyerTaxID", buyer.tax_no.as_str());
    xml.leaf("fp:BuyerAddrTel", &buyer.contact);
    xml.leaf("fp:BuyerFinancialAccount", &buyer.bank);
    xml.close();
    xml.leaf("fp:Tpvn", "");
    xml.open("fp:Seller", &[]);
    xml.leaf("fp:SellerName", &seller.name);
    xml.leaf("fp:SellerTaxID", seller.tax_no.as_str());
    xml.leaf("fp:SellerAddrTel", &seller.contact);
    xml.leaf("fp:SellerFinancialAccount", &seller.bank);
    xml.leaf("fp:Issuea1", "");
    xml.leaf("fp:Issuea2", "");
    xml.close();
}

fn totals(xml: &mut Markup, invoice: &Invoice, device: &Device) {
    xml.leaf("fp:TaxInclusiveTotalAmount", &invoice.gross.to_string());
    xml.leaf("fp:Note", &names::remark(invoice));
    xml.leaf("fp:InvoiceClerk", &invoice.drawer);
    xml.leaf("fp:Payee", device.payee);
    xml.leaf("fp:Checker", device.checker);
    xml.leaf("fp:TaxTotalAmount", &invoice.tax.to_string());
    xml.leaf("fp:TaxExclusiveTotalAmount", &invoice.net.to_string());
    let graph = qr::payload(&invoice.key, &invoice.kind, invoice.net, invoice.issued_on(), &invoice.check_code);
    xml.leaf("fp:GraphCode", &graph.unwrap_or_default());
    xml.leaf("fp:InvoiceSIA1", "");
    xml.leaf("fp:InvoiceSIA2", "");
}

fn goods(xml: &mut Markup, line: &InvoiceLine) {
    let number = |value: Option<rust_decimal::Decimal>| value.map(|value| value.normalize().to_string()).unwrap_or_default();
    xml.open("fp:GoodsInfo", &[]);
    xml.leaf("fp:Item", &line.name);
    xml.leaf("fp:Specification", &line.spec);
    xml.leaf("fp:MeasurementDimension", &line.unit);
    xml.leaf("fp:Price", &number(line.price));
    xml.leaf("fp:Quantity", &number(line.quantity));
    xml.leaf("fp:Amount", &line.net.to_string());
    xml.leaf("fp:TaxScheme", &line.rate);
    xml.leaf("fp:TaxAmount", &line.tax.to_string());
    xml.leaf("fp:Code", &line.class_code);
    xml.close();
}
