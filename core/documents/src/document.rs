//! A document after it was read: the invoice, where each field came from, and what had to be guessed. The import reads files in a
//! process of its own, so that warnings travel.

use std::collections::BTreeMap;

use jiff::civil::Date;
use piaoxia_domain::qr::Payload;
use piaoxia_domain::{Invoice, Money};
use piaoxia_seals::Examination;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::format::FileFormat;
use crate::statement::Agreement;

/// An invoice read from a file.
///
/// What a document cannot know is neutral: no direction, no deduction state, status 正常. The kind's code is empty where
/// neither the document nor its file name tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Format of the file.
    pub format: FileFormat,
    /// What it says.
    pub invoice: Invoice,
    /// Where each field that is there came from.
    pub sources: BTreeMap<Field, Source>,
    /// What was guessed, left out or odd.
    pub warnings: Vec<Warning>,
    /// What the verdicts need and the invoice does not keep.
    pub(crate) evidence: Evidence,
}

/// Where a field came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    /// An element of the XML.
    Xml,
    /// A structured file attached to an OFD or PDF (MoF XBRL, `original_invoice`).
    Attachment,
    /// The key fields in an OFD's `OFD.xml` (CustomDatas).
    CustomData,
    /// An OFD's tags, which point at the texts of the page (CustomTags).
    CustomTag,
    /// Texts of the page, told by where they stand.
    Layout,
    /// The Info dictionary of a PDF.
    Info,
    /// The text layer of a PDF.
    TextLayer,
    /// The QR code.
    Qr,
    /// A row of a workbook.
    Workbook,
    /// The file's name.
    FileName,
    /// Computed from other fields.
    Computed,
}

impl Source {
    /// Stable word for JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Attachment => "attachment",
            Self::CustomData => "custom_data",
            Self::CustomTag => "custom_tag",
            Self::Layout => "layout",
            Self::Info => "info",
            Self::TextLayer => "text_layer",
            Self::Qr => "qr",
            Self::Workbook => "workbook",
            Self::FileName => "file_name",
            Self::Computed => "computed",
        }
    }
}

/// Something that did not stop the reading but that the user should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warning {
    /// Neither the document nor its file name tells 专票 from 普票.
    KindUnknown {
        /// What the document says instead, code and name; often empty.
        label: String,
    },
    /// The document does not tell its kind; the file name does.
    KindFromFileName,
    /// 开票日期 is missing; the time at which the bureau made the file (`IssueTime`) stands in.
    IssueTimeUsed,
    /// A total is missing and was computed from the two others.
    Computed {
        /// Which.
        field: Field,
    },
    /// A structured attachment cannot be read; other places of the file stand in.
    AttachmentUnread {
        /// Its name, shortened.
        name: String,
    },
    /// Something that invoices usually have is not there.
    Absent {
        /// What.
        field: Field,
    },
    /// The document states a field twice, differently; the first statement counts.
    Repeated {
        /// Which.
        field: Field,
    },
    /// Two places of the file state a field differently; the more trusted one counts.
    SourcesDiffer {
        /// Which.
        field: Field,
        /// What counts: where it is, and what it says, shortened. Lines are told by `n / 金额 / 税额`.
        kept: (Source, String),
        /// The other.
        other: (Source, String),
    },
    /// The first two digits of the number are not the year of 开票日期 (国家税务总局公告2024年第11号, article 4).
    NumberYear {
        /// The two digits.
        digits: String,
        /// 开票日期.
        issued_on: Date,
    },
    /// The file is named after another invoice.
    FileNameNumber {
        /// The number in the name.
        in_name: String,
    },
    /// 数量 or 单价 of a line is no number and was left out.
    LineValue {
        /// Goods line, from 1.
        line: u32,
        /// Which.
        field: Field,
        /// What the document says, shortened.
        value: String,
    },
    /// A long number of a line stands in a number cell, where Excel keeps 15 digits: it was left out.
    NumberRounded {
        /// Goods line, from 1.
        line: u32,
        /// Which.
        field: Field,
        /// What the cell holds, shortened.
        value: String,
    },
    /// The file holds further invoices, which were not read.
    OtherInvoices {
        /// Number of the next.
        next: String,
        /// How many there are.
        count: usize,
    },
    /// The OFD holds further documents (DocBody), which were not read.
    OtherDocuments {
        /// How many there are.
        count: usize,
    },
    /// The printed goods table does not add up to the totals as far as it could be read: its lines were left out.
    LinesLeftOut,
    /// 税率 is printed as `***` (差额征税); it follows from the tax and the amount in the remark.
    RateDerived {
        /// Goods line, from 1.
        line: u32,
        /// As a rate is printed.
        rate: String,
    },
    /// Columns of a workbook's sheet have headings that mean nothing here, or what an earlier one means; told with the workbook's
    /// first invoice.
    ColumnsLeftOut {
        /// The sheet.
        sheet: String,
        /// The first few headings, shortened.
        names: Vec<String>,
        /// How many columns.
        count: usize,
    },
    /// Sheets of a workbook hold no invoices, or invoices in another business's form; told with the first invoice.
    SheetsLeftOut {
        /// The first few names.
        names: Vec<String>,
        /// How many sheets.
        count: usize,
    },
    /// The blue/red mark (是否蓝字发票标志) contradicts the sign of 价税合计.
    RedLabel {
        /// Marked as red.
        red: bool,
        /// 价税合计.
        gross: Money,
    },
}

impl Document {
    /// The electronic seals (电子签章) and digital signatures of the file; only OFD files have them.
    #[must_use]
    pub fn seals(&self) -> &Examination {
        &self.evidence.seals
    }
}

/// What only the verdicts need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// 发票号码 in the head of the document and in the bureau's part.
    pub numbers: Numbers,
    /// How far the places that state the same field agree.
    pub agreement: Agreement,
    /// Sum of the lines' 税额 with all their decimals (up to six), before any rounding.
    pub line_tax: Decimal,
    /// The QR code, where one was read.
    pub qr: Option<Payload>,
    /// The document carries a signature of the bureau.
    pub signed: bool,
    /// Electronic seals and digital signatures of the OFD.
    pub seals: Examination,
}

/// Whether the two statements of the number agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// The document states it once.
    #[default]
    Single,
    /// Twice, the same.
    Agree,
    /// Twice, differently.
    Differ {
        /// In the head.
        header: String,
        /// In the bureau's part.
        supervision: String,
    },
}
