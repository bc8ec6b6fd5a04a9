//! Custom tags (自定义标引): which text objects state which facts.

use super::NAMESPACE;
use super::page::Tagged;
use crate::originals::Generation;
use crate::originals::layout::{Field, Part};
use crate::originals::xml::Markup;

/// The tag file of an invoice with that many goods lines: its `TypeID`, its name and its content.
pub(super) fn write(generation: Generation, tagged: &[Tagged], lines: usize) -> (&'static str, &'static str, Vec<u8>) {
    match generation {
        Generation::Digital => ("root", "CustomTag.xml", digital(tagged, lines)),
        Generation::TaxControl => ("fp", "Tag_Invoice.xml", tax_control(tagged, lines)),
    }
}

/// `ofd:root` of 数电 files; the cells of goods lines follow one another without an element around a line.
fn digital(tagged: &[Tagged], lines: usize) -> Vec<u8> {
    const CELLS: [(&str, Part); 8] = [
        ("ofd:Item", Part::Name),
        ("ofd:Specification", Part::Spec),
        ("ofd:MeasurementDimension", Part::Unit),
        ("ofd:TaxScheme", Part::Rate),
        ("ofd:Amount", Part::Net),
        ("ofd:TaxAmount", Part::Tax),
        ("ofd:Price", Part::Price),
        ("ofd:Quantity", Part::Quantity),
    ];
    let mut tags = Tags { xml: Markup::utf8(), reference: "ofd:ObjectRef", tagged };
    tags.xml.open("ofd:root", &[NAMESPACE, ("version", "1.0")]);
    tags.fact("ofd:InvoiceNo", Field::Number);
    tags.fact("ofd:IssueDate", Field::IssuedOn);
    tags.group("ofd:Buyer", &[("ofd:BuyerName", Field::BuyerName), ("ofd:BuyerTaxID", Field::BuyerTaxNo)]);
    tags.group("ofd:Seller", &[("ofd:SellerName", Field::SellerName), ("ofd:SellerTaxID", Field::SellerTaxNo)]);
    tags.fact("ofd:TaxExclusiveTotalAmount", Field::Net);
    tags.fact("ofd:TaxTotalAmount", Field::Tax);
    tags.fact("ofd:TaxInclusiveTotalAmount", Field::Gross);
    tags.fact("ofd:InvoiceClerk", Field::Drawer);
    for index in 0..lines {
        for (name, part) in CELLS {
            tags.fact(name, Field::Cell(index, part));
        }
    }
    tags.fact("ofd:Note", Field::Remark);
    tags.xml.finish()
}

/// `fp:eInvoice` of older invoices.
fn tax_control(tagged: &[Tagged], lines: usize) -> Vec<u8> {
    const CELLS: [(&str, Part); 9] = [
        ("fp:ItemIndex", Part::Index),
        ("fp:Item", Part::Name),
        ("fp:Specification", Part::Spec),
        ("fp:MeasurementDimension", Part::Unit),
        ("fp:Price", Part::Price),
        ("fp:Quantity", Part::Quantity),
        ("fp:Amount", Part::Net),
        ("fp:TaxScheme", Part::Rate),
        ("fp:TaxAmount", Part::Tax),
    ];
    let mut tags = Tags { xml: Markup::utf8(), reference: "fp:ObjectRef", tagged };
    tags.xml.open("fp:eInvoice", &[("xmlns:fp", "http://www.edrm.org.cn/schema/e-invoice/2019"), ("version", "1.0")]);
    tags.fact("fp:InvoiceCode", Field::Code);
    let buyer = [
        ("fp:BuyerName", Field::BuyerName),
        ("fp:BuyerTaxID", Field::BuyerTaxNo),
        ("fp:BuyerAddrTel", Field::BuyerContact),
        ("fp:BuyerFinancialAccount", Field::BuyerBank),
    ];
    tags.group("fp:Buyer", &buyer);
    let seller = [
        ("fp:SellerName", Field::SellerName),
        ("fp:SellerTaxID", Field::SellerTaxNo),
        ("fp:SellerAddrTel", Field::SellerContact),
        ("fp:SellerFinancialAccount", Field::SellerBank),
    ];
    tags.group("fp:Seller", &seller);
    for (name, field) in [
        ("fp:InvoiceNo", Field::Number),
        ("fp:MachineNo", Field::MachineNo),
        ("fp:InvoiceClerk", Field::Drawer),
        ("fp:InvoiceCheckCode", Field::CheckCode),
        ("fp:Note", Field::Remark),
        ("fp:IssueDate", Field::IssuedOn),
        ("fp:TaxInclusiveTotalAmount", Field::Gross),
        ("fp:TaxExclusiveTotalAmount", Field::Net),
        ("fp:TaxTotalAmount", Field::Tax),
        ("fp:Payee", Field::Payee),
        ("fp:Checker", Field::Checker),
    ] {
        tags.fact(name, field);
    }
    tags.xml.open("fp:GoodsInfos", &[]);
    for index in 0..lines {
        tags.group("fp:GoodsInfo", &CELLS.map(|(name, part)| (name, Field::Cell(index, part))));
    }
    tags.xml.finish()
}

struct Tags<'a> {
    xml: Markup,
    reference: &'static str,
    tagged: &'a [Tagged],
}

impl Tags<'_> {
    fn group(&mut self, name: &'static str, facts: &[(&'static str, Field)]) {
        self.xml.open(name, &[]);
        for (name, field) in facts {
            self.fact(name, *field);
        }
        self.xml.close();
    }

    /// An element with a reference to each object that states the fact; nothing when none does.
    fn fact(&mut self, name: &'static str, field: Field) {
        let mut found = self.tagged.iter().filter(|tagged| tagged.field == field).peekable();
        if found.peek().is_none() {
            return;
        }
        self.xml.open(name, &[]);
        for tagged in found {
            self.xml.leaf_with(self.reference, &[("PageRef", &tagged.page)], &tagged.object);
        }
        self.xml.close();
    }
}
