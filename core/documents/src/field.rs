//! Names of what a document states.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A field of a document. [`Field::word`] is its place in the JSON of `inspect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Field {
    /// 发票号码.
    Number,
    /// 发票代码.
    Code,
    /// 发票号码 that stands with 发票代码 beside a 20-digit number, on 数电纸质 invoices.
    PaperNumber,
    /// 发票票种.
    Kind,
    /// 开票日期.
    IssuedOn,
    /// 销售方名称.
    SellerName,
    /// 销售方纳税人识别号.
    SellerTaxNo,
    /// 销售方地址、电话.
    SellerContact,
    /// 销售方开户行及账号.
    SellerBank,
    /// 购买方名称.
    BuyerName,
    /// 购买方纳税人识别号.
    BuyerTaxNo,
    /// 购买方地址、电话.
    BuyerContact,
    /// 购买方开户行及账号.
    BuyerBank,
    /// 合计金额.
    Net,
    /// 合计税额.
    Tax,
    /// 价税合计.
    Gross,
    /// 开票人.
    Drawer,
    /// 备注.
    Remark,
    /// 校验码 of legacy electronic invoices.
    CheckCode,
    /// 被红冲蓝字发票: the invoice that a red one cancels.
    RedOf,
    /// 有效抵扣税额.
    EffectiveTax,
    /// 勾选时间.
    TickedAt,
    /// 税款所属期.
    TaxPeriod,
    /// Goods lines (项目明细).
    Lines,
    /// 项目名称 of a line.
    LineName,
    /// 规格型号 of a line.
    LineSpec,
    /// 单位 of a line.
    LineUnit,
    /// 数量 of a line.
    LineQuantity,
    /// 单价 of a line.
    LinePrice,
    /// 金额 of a line.
    LineNet,
    /// 税率 of a line.
    LineRate,
    /// 税额 of a line.
    LineTax,
    /// 价税合计 of a line.
    LineGross,
    /// 税收分类编码 of a line.
    LineClassCode,
}

impl Field {
    /// Stable word, a path into the JSON of `inspect`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Code => "code",
            Self::PaperNumber => "paper_number",
            Self::Kind => "kind",
            Self::IssuedOn => "issued_on",
            Self::SellerName => "seller.name",
            Self::SellerTaxNo => "seller.tax_no",
            Self::SellerContact => "seller.contact",
            Self::SellerBank => "seller.bank",
            Self::BuyerName => "buyer.name",
            Self::BuyerTaxNo => "buyer.tax_no",
            Self::BuyerContact => "buyer.contact",
            Self::BuyerBank => "buyer.bank",
            Self::Net => "net",
            Self::Tax => "tax",
            Self::Gross => "gross",
            Self::Drawer => "drawer",
            Self::Remark => "remark",
            Self::CheckCode => "check_code",
            Self::RedOf => "red_of",
            Self::EffectiveTax => "effective_tax",
            Self::TickedAt => "ticked_at",
            Self::TaxPeriod => "tax_period",
            Self::Lines => "lines",
            Self::LineName => "lines.name",
            Self::LineSpec => "lines.spec",
            Self::LineUnit => "lines.unit",
            Self::LineQuantity => "lines.quantity",
            Self::LinePrice => "lines.price",
            Self::LineNet => "lines.net",
            Self::LineRate => "lines.rate",
            Self::LineTax => "lines.tax",
            Self::LineGross => "lines.gross",
            Self::LineClassCode => "lines.class_code",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
