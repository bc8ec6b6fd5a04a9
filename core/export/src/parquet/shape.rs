//! The numbers of the format (parquet.thrift), and how a column is kept.

use crate::column::Column;

pub(super) const MAGIC: &[u8] = b"PAR1";
/// GZIP: what every reader knows and the program has anyway.
pub(super) const CODEC: i32 = 2;

/// Encodings.
pub(super) mod encoding {
    pub(in crate::parquet) const PLAIN: i32 = 0;
    pub(in crate::parquet) const RLE: i32 = 3;
    pub(in crate::parquet) const RLE_DICTIONARY: i32 = 8;
}

/// Kinds of pages.
pub(super) mod page {
    pub(in crate::parquet) const DATA: i32 = 0;
    pub(in crate::parquet) const DICTIONARY: i32 = 2;
}

/// Digits of a DECIMAL that 64 bits hold; two of them behind the point.
pub(super) const PRECISION: i32 = 18;
pub(super) const SCALE: i32 = 2;
/// One more than the largest amount of so many digits, in 分.
pub(super) const TOO_WIDE: u64 = 10_u64.pow(PRECISION.unsigned_abs());

/// How the values of a column are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// STRING; what is empty is null.
    Text,
    /// DATE: days since 1970-01-01.
    Day,
    /// DECIMAL(18, 2): 分.
    Amount,
    /// INTEGER of 32 bits.
    Count,
}

impl Shape {
    pub(super) fn of(column: Column) -> Self {
        match column {
            Column::Date => Self::Day,
            Column::Net | Column::Tax | Column::Gross | Column::EffectiveTax => Self::Amount,
            Column::Lines | Column::Ordinal => Self::Count,
            Column::Kind
            | Column::Code
            | Column::Number
            | Column::DigitalNumber
            | Column::SellerName
            | Column::SellerTaxNo
            | Column::BuyerName
            | Column::BuyerTaxNo
            | Column::Status
            | Column::Blue
            | Column::Direction
            | Column::Deduction
            | Column::Risk
            | Column::Source
            | Column::Drawer
            | Column::Remark
            | Column::RedOf
            | Column::Originals
            | Column::Month
            | Column::Goods
            | Column::Ticked => Self::Text,
        }
    }

    /// Type: BYTE_ARRAY, INT32, INT64.
    pub(super) fn physical(self) -> i32 {
        match self {
            Self::Text => 6,
            Self::Day | Self::Count => 1,
            Self::Amount => 2,
        }
    }

    /// ConvertedType, which readers older than logical types go by: UTF8, DATE, DECIMAL, INT_32.
    pub(super) fn converted(self) -> i32 {
        match self {
            Self::Text => 0,
            Self::Day => 6,
            Self::Amount => 5,
            Self::Count => 17,
        }
    }

    /// FieldRepetitionType: texts may be null, everything else is always there.
    pub(super) fn repetition(self) -> i32 {
        i32::from(self == Self::Text)
    }
}
