//! What an element means in its place.

use super::flat;
use crate::field::Field;
use crate::lines::LineSlot;
use crate::markup::local;

/// An element, as far as reading an invoice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// What is around the root.
    Outside,
    /// `EInvoice`.
    Root,
    /// `Header`.
    Header,
    /// `InherentLabel` (固有标签).
    Labels,
    /// `InIssuType` (是否蓝字发票标志).
    RedLabel,
    /// `EInvoiceType` (电子 or 纸质).
    MediumLabel,
    /// `GeneralOrSpecialVAT` (专票 or 普票).
    KindLabel,
    /// `EInvoiceData`.
    Data,
    /// `SellerInformation`.
    Seller,
    /// `BuyerInformation`.
    Buyer,
    /// `BasicInformation`.
    Basic,
    /// `IssuItemInformation`, one a goods line.
    Line,
    /// `AdditionalInformation`.
    Additional,
    /// `TaxSupervisionInfo`.
    Supervision,
    /// `TaxBureauSignature`; its content is not read.
    Signature,
    /// `SpecificInformation` (特定要素).
    Specific,
    /// `RedEInvoice`: which invoice a red one cancels.
    Red,
    /// Any element of a flat dialect that holds others.
    Flat,
    /// The same, of the seller.
    FlatSeller,
    /// The same, of the buyer.
    FlatBuyer,
    /// A cell of a flat dialect's goods line whose name means two things.
    QuantityOrRate,
    /// An element in a wrong place, whose text counts where the right place is silent.
    Loose(Slot),
    /// An element whose text is wanted.
    Leaf(Slot),
    /// The same, of a goods line.
    LineLeaf(LineSlot),
    /// Unknown or unwanted, with all it holds. Most 特定要素 (travellers' ID numbers) belong here: they are never read.
    Other,
}

/// A text that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    HeaderNumber,
    SupervisionNumber,
    LegacyCode,
    LegacyNumber,
    RedCode,
    MediumCode,
    MediumName,
    KindCode,
    KindName,
    SellerTaxNo,
    SellerName,
    SellerAddress,
    SellerPhone,
    SellerBank,
    SellerBankAccount,
    BuyerTaxNo,
    BuyerName,
    BuyerAddress,
    BuyerPhone,
    BuyerBank,
    BuyerBankAccount,
    Net,
    Tax,
    Gross,
    Drawer,
    RequestTime,
    IssueTime,
    Remark,
    CheckCode,
    RedOf,
}

impl Slot {
    /// How many there are.
    pub(super) const COUNT: usize = Self::RedOf as usize + 1;

    /// The field of the document that the text belongs to.
    pub(super) fn field(self) -> Field {
        match self {
            Self::HeaderNumber | Self::SupervisionNumber | Self::LegacyNumber => Field::Number,
            Self::LegacyCode => Field::Code,
            Self::RedCode | Self::MediumCode | Self::MediumName | Self::KindCode | Self::KindName => Field::Kind,
            Self::SellerTaxNo => Field::SellerTaxNo,
            Self::SellerName => Field::SellerName,
            Self::SellerAddress | Self::SellerPhone => Field::SellerContact,
            Self::SellerBank | Self::SellerBankAccount => Field::SellerBank,
            Self::BuyerTaxNo => Field::BuyerTaxNo,
            Self::BuyerName => Field::BuyerName,
            Self::BuyerAddress | Self::BuyerPhone => Field::BuyerContact,
            Self::BuyerBank | Self::BuyerBankAccount => Field::BuyerBank,
            Self::Net => Field::Net,
            Self::Tax => Field::Tax,
            Self::Gross => Field::Gross,
            Self::Drawer => Field::Drawer,
            Self::RequestTime | Self::IssueTime => Field::IssuedOn,
            Self::Remark => Field::Remark,
            Self::CheckCode => Field::CheckCode,
            Self::RedOf => Field::RedOf,
        }
    }
}

impl Tag {
    /// The element `name` within this one.
    pub(super) fn child(self, name: &str) -> Self {
        let name = local(name);
        let tag = match self {
            Self::Outside | Self::Flat if name.eq_ignore_ascii_case("EInvoice") => Self::Root,
            Self::Outside | Self::Flat | Self::FlatSeller | Self::FlatBuyer => return flat::child(self, name),
            Self::Root | Self::Header | Self::Labels | Self::Data => section(self, name),
            Self::RedLabel | Self::MediumLabel | Self::KindLabel => label(self, name),
            Self::Seller | Self::Buyer => party(self, name),
            Self::Basic => basic(name),
            Self::Line => line(name),
            Self::Additional if name == "Remark" => Self::Leaf(Slot::Remark),
            Self::Supervision => match name {
                "InvoiceNumber" => Self::Leaf(Slot::SupervisionNumber),
                "IssueTime" => Self::Leaf(Slot::IssueTime),
                _ => Self::Other,
            },
            Self::Specific if name == "RedEInvoice" => Self::Red,
            Self::Red if matches!(name, "OriginalInvoiceCode" | "OriginalInvoiceNumber") => Self::Leaf(Slot::RedOf),
            _ => Self::Other,
        };
        if tag == Self::Other && self.may_hold_others() { loose(name) } else { tag }
    }

    /// Whether names are looked for here that belong elsewhere. Goods lines, the signature and 特定要素 are nobody's place.
    fn may_hold_others(self) -> bool {
        matches!(
            self,
            Self::Root
                | Self::Header
                | Self::Labels
                | Self::Data
                | Self::Seller
                | Self::Buyer
                | Self::Basic
                | Self::Additional
                | Self::Supervision
        )
    }
}

/// Names that mean one thing wherever they stand: programs that write the format anew put them where they like.
fn loose(name: &str) -> Tag {
    Tag::Loose(match name {
        "InIssuType" => return Tag::RedLabel,
        "EInvoiceType" => return Tag::MediumLabel,
        "GeneralOrSpecialVAT" => return Tag::KindLabel,
        "EIid" | "InvoiceNumber" | "InvoiceNo" => Slot::HeaderNumber,
        "RequestTime" | "IssueDate" | "InvoiceDate" => Slot::RequestTime,
        "IssueTime" => Slot::IssueTime,
        "InvoiceType" => Slot::KindName,
        "SellerName" => Slot::SellerName,
        "SellerIdNum" | "SellerTaxID" | "SellerTaxNo" => Slot::SellerTaxNo,
        "BuyerName" => Slot::BuyerName,
        "BuyerIdNum" | "BuyerTaxID" | "BuyerTaxNo" => Slot::BuyerTaxNo,
        "TotalAmWithoutTax" => Slot::Net,
        "TotalTaxAm" => Slot::Tax,
        "TotalTax-includedAmount" => Slot::Gross,
        "Drawer" => Slot::Drawer,
        "Remark" => Slot::Remark,
        _ => return Tag::Other,
    })
}

fn section(parent: Tag, name: &str) -> Tag {
    match (parent, name) {
        (Tag::Root, "Header") => Tag::Header,
        (Tag::Root, "EInvoiceData") => Tag::Data,
        (Tag::Root, "TaxSupervisionInfo") => Tag::Supervision,
        (Tag::Root, "TaxBureauSignature") => Tag::Signature,
        (Tag::Header, "EIid") => Tag::Leaf(Slot::HeaderNumber),
        (Tag::Header, "InherentLabel") => Tag::Labels,
        (Tag::Labels, "InIssuType") => Tag::RedLabel,
        (Tag::Labels, "EInvoiceType") => Tag::MediumLabel,
        (Tag::Labels, "GeneralOrSpecialVAT") => Tag::KindLabel,
        (Tag::Data, "SellerInformation") => Tag::Seller,
        (Tag::Data, "BuyerInformation") => Tag::Buyer,
        (Tag::Data, "BasicInformation") => Tag::Basic,
        (Tag::Data, "IssuItemInformation") => Tag::Line,
        (Tag::Data, "SpecificInformation") => Tag::Specific,
        (Tag::Data, "AdditionalInformation") => Tag::Additional,
        _ => Tag::Other,
    }
}

fn label(parent: Tag, name: &str) -> Tag {
    match (parent, name) {
        (Tag::RedLabel, "LabelCode") => Tag::Leaf(Slot::RedCode),
        (Tag::MediumLabel, "LabelCode") => Tag::Leaf(Slot::MediumCode),
        (Tag::MediumLabel, "LabelName") => Tag::Leaf(Slot::MediumName),
        (Tag::KindLabel, "LabelCode") => Tag::Leaf(Slot::KindCode),
        (Tag::KindLabel, "LabelName") => Tag::Leaf(Slot::KindName),
        _ => Tag::Other,
    }
}

fn party(parent: Tag, name: &str) -> Tag {
    Tag::Leaf(match (parent, name) {
        (Tag::Seller, "SellerIdNum") => Slot::SellerTaxNo,
        (Tag::Seller, "SellerName") => Slot::SellerName,
        (Tag::Seller, "SellerAddr") => Slot::SellerAddress,
        (Tag::Seller, "SellerTelNum") => Slot::SellerPhone,
        (Tag::Seller, "SellerBankName") => Slot::SellerBank,
        (Tag::Seller, "SellerBankAccNum") => Slot::SellerBankAccount,
        (Tag::Buyer, "BuyerIdNum") => Slot::BuyerTaxNo,
        (Tag::Buyer, "BuyerName") => Slot::BuyerName,
        (Tag::Buyer, "BuyerAddr") => Slot::BuyerAddress,
        (Tag::Buyer, "BuyerTelNum") => Slot::BuyerPhone,
        (Tag::Buyer, "BuyerBankName") => Slot::BuyerBank,
        (Tag::Buyer, "BuyerBankAccNum") => Slot::BuyerBankAccount,
        _ => return Tag::Other,
    })
}

fn basic(name: &str) -> Tag {
    Tag::Leaf(match name {
        "TotalAmWithoutTax" => Slot::Net,
        "TotalTaxAm" => Slot::Tax,
        "TotalTax-includedAmount" => Slot::Gross,
        "Drawer" => Slot::Drawer,
        "RequestTime" => Slot::RequestTime,
        _ => return Tag::Other,
    })
}

fn line(name: &str) -> Tag {
    Tag::LineLeaf(match name {
        "ItemName" => LineSlot::Name,
        "SpecMod" => LineSlot::Spec,
        "MeaUnits" => LineSlot::Unit,
        "Quantity" => LineSlot::Quantity,
        "UnPrice" => LineSlot::Price,
        "Amount" => LineSlot::Net,
        "TaxRate" => LineSlot::Rate,
        "ComTaxAm" => LineSlot::Tax,
        // Not to be taken for the invoice's own 价税合计, whose name differs by a hyphen only.
        "TotaltaxIncludedAmount" => LineSlot::Gross,
        "TaxClassificationCode" => LineSlot::ClassCode,
        _ => return Tag::Other,
    })
}
