//! The flat dialects, with Chinese or pinyin tags: a name means the same wherever it stands, but for those that seller and
//! buyer share. Pinyin comes in capitals and in small letters, with and without underscores.

use super::grammar::{Slot, Tag};
use crate::lines::LineSlot;
use crate::markup::local;

/// The element `name` within `parent`.
pub(super) fn child(parent: Tag, name: &str) -> Tag {
    let name: String = local(name).chars().filter(|c| !matches!(c, '_' | '-' | '.')).flat_map(char::to_uppercase).collect();
    let name = name.as_str();
    let shared = match parent {
        Tag::FlatSeller => party(name, &SELLER),
        Tag::FlatBuyer => party(name, &BUYER),
        _ => None,
    };
    shared.or_else(|| field(name)).or_else(|| cell(name)).unwrap_or_else(|| container(parent, name))
}

/// Seller and buyer hold names of their own; what is in them belongs to them, however deep.
fn container(parent: Tag, name: &str) -> Tag {
    match name {
        "销售方" | "销方" | "销售方信息" | "销货方" | "销方信息" | "XSF" | "XFXX" | "XSFXX" => Tag::FlatSeller,
        "购买方" | "购方" | "购买方信息" | "购货方" | "购方信息" | "GMF" | "GFXX" | "GMFXX" => Tag::FlatBuyer,
        _ if matches!(parent, Tag::FlatSeller | Tag::FlatBuyer) => parent,
        _ => Tag::Flat,
    }
}

/// Name, tax number, address, phone, bank, account.
type Party = [Slot; 6];

const SELLER: Party =
    [Slot::SellerName, Slot::SellerTaxNo, Slot::SellerAddress, Slot::SellerPhone, Slot::SellerBank, Slot::SellerBankAccount];
const BUYER: Party = [Slot::BuyerName, Slot::BuyerTaxNo, Slot::BuyerAddress, Slot::BuyerPhone, Slot::BuyerBank, Slot::BuyerBankAccount];

fn party(name: &str, [full_name, tax_no, address, phone, bank, account]: &Party) -> Option<Tag> {
    Some(Tag::Leaf(match name {
        "名称" | "MC" => *full_name,
        "纳税人识别号" | "识别号" | "税号" | "统一社会信用代码" | "NSRSBH" | "SH" => *tax_no,
        "地址" | "地址电话" | "DZ" | "DZDH" => *address,
        "电话" | "DH" => *phone,
        "开户行" | "开户银行" | "开户行及账号" | "YH" | "YHZH" => *bank,
        "银行账号" | "账号" | "ZH" => *account,
        _ => return None,
    }))
}

fn field(name: &str) -> Option<Tag> {
    Some(Tag::Leaf(match name {
        "数电发票号码" | "数电票号码" | "全电发票号码" | "SDFPHM" | "SDPHM" | "QDFPHM" => Slot::SupervisionNumber,
        "发票代码" | "FPDM" => Slot::LegacyCode,
        "发票号码" | "FPHM" => Slot::LegacyNumber,
        "发票票种" | "发票类型" | "票种" | "发票种类" => Slot::KindName,
        "开票日期" | "KPRQ" => Slot::RequestTime,
        "校验码" | "JYM" => Slot::CheckCode,
        "合计金额" | "金额合计" | "不含税金额" | "HJJE" | "HJBHSJE" => Slot::Net,
        "合计税额" | "税额合计" | "HJSE" => Slot::Tax,
        "价税合计" | "价税合计小写" | "JSHJ" | "JSHJXX" => Slot::Gross,
        "开票人" | "KPR" => Slot::Drawer,
        "备注" | "BZ" => Slot::Remark,
        name => return side(name),
    }))
}

/// Names that say whose they are.
fn side(name: &str) -> Option<Tag> {
    const SIDES: [(&[&str], &Party); 2] =
        [(&["销售方", "销货方", "销方", "XSF", "XHF", "XF"], &SELLER), (&["购买方", "购货方", "购方", "GMF", "GHF", "GF"], &BUYER)];
    SIDES.iter().find_map(|(prefixes, slots)| prefixes.iter().find_map(|prefix| party(name.strip_prefix(prefix)?, slots)))
}

fn cell(name: &str) -> Option<Tag> {
    Some(Tag::LineLeaf(match name {
        "项目名称" | "货物名称" | "商品名称" | "货物或应税劳务名称" | "货物或应税劳务、服务名称" | "XMMC" | "SPMC" | "HWMC" => {
            LineSlot::Name
        }
        "规格型号" | "GGXH" | "SPGGXH" => LineSlot::Spec,
        "单位" | "计量单位" | "DW" | "SPDW" | "JLDW" => LineSlot::Unit,
        "数量" | "XMSL" | "SPSL" => LineSlot::Quantity,
        "单价" | "XMDJ" | "SPDJ" | "DJ" => LineSlot::Price,
        "金额" | "XMJE" | "SPJE" | "JE" => LineSlot::Net,
        "税率" | "征收率" | "SLV" | "SLVAL" => LineSlot::Rate,
        "税额" | "SE" | "SPSE" => LineSlot::Tax,
        "税收分类编码" | "商品编码" | "SPBM" | "SSFLBM" | "SPFWSSFLBM" => LineSlot::ClassCode,
        // 数量 and 税率 have the same initials: what it is, the rest of the line tells.
        "SL" => return Some(Tag::QuantityOrRate),
        _ => return None,
    }))
}
