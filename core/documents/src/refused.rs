//! Why a file was not read. Each variant carries what one clear sentence needs; the sentence itself is the caller's. The
//! import reads files in a process of its own, so that reasons travel.

use std::fmt;

use piaoxia_domain::Money;
use piaoxia_domain::qr::Payload;
use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::format::FileFormat;

/// Characters of a wrong value that are repeated to the user.
const SHOWN: usize = 40;

/// Why a file, or an entry of a ZIP, was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refused {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// Larger than its format may be.
    #[error("the file has {size} bytes, at most {limit} are read")]
    TooLarge {
        /// Bytes of the file.
        size: u64,
        /// Most bytes of this format.
        limit: u64,
    },
    /// Of no format that the program knows, or an XML that is no invoice.
    #[error("the file is no invoice document of a known format")]
    NotRecognised,
    /// A file of a kind that is known and holds no original invoice.
    #[error("{0}")]
    Foreign(Foreign),
    /// A ZIP where one document was asked for.
    #[error("the file is an archive of documents")]
    Archive,
    /// A document type declaration (DOCTYPE): invoices have none, attacks do.
    #[error("the XML declares a document type")]
    Doctype,
    /// Elements nested too deep.
    #[error("the XML nests more than {limit} elements")]
    TooDeep {
        /// Deepest nesting that is read.
        limit: usize,
    },
    /// Too many attributes on one element.
    #[error("an XML element has more than {limit} attributes")]
    TooManyAttributes {
        /// Most attributes that are read.
        limit: usize,
    },
    /// Too many tags and texts.
    #[error("the XML has more than {limit} parts")]
    TooManyParts {
        /// Most parts that are read.
        limit: usize,
    },
    /// Too many goods lines.
    #[error("the invoice has more than {limit} lines")]
    TooManyLines {
        /// Most lines that are read.
        limit: usize,
    },
    /// Broken XML (XML 1.0): cut off, wrongly nested, forbidden characters, unknown entities.
    #[error("the XML is broken at {position}")]
    NotWellFormed {
        /// Where.
        position: Position,
    },
    /// Neither UTF-8 nor GB18030 (and its subsets GBK and GB2312), or bytes that are not of the declared encoding.
    #[error("the text is not in the encoding {declared:?}")]
    Encoding {
        /// The encoding that the file claims.
        declared: String,
    },
    /// Something that every invoice has is not there.
    #[error("{field} is missing")]
    MissingField {
        /// What.
        field: Field,
    },
    /// Something is there and cannot be what it should be.
    #[error("{field} cannot be {value:?}")]
    BadValue {
        /// What.
        field: Field,
        /// Goods line, from 1.
        line: Option<u32>,
        /// What the document says, shortened.
        value: String,
    },
    /// A text longer than any invoice prints.
    #[error("{field} is longer than {limit} bytes")]
    TextTooLong {
        /// What.
        field: Field,
        /// Most bytes that are read.
        limit: usize,
    },
    /// A workbook where one document was asked for.
    #[error("the file is a workbook of invoices")]
    Workbook,
    /// A workbook of a format that is not read: XLS, XLSB, ODS.
    #[error("{0} workbooks are not read, save it as xlsx")]
    OtherWorkbook(FileFormat),
    /// A workbook that opens with a password only.
    #[error("the workbook is encrypted")]
    EncryptedWorkbook,
    /// A workbook without a sheet of the bureau's shape: 发票号码, 开票日期 and 金额 in one of its first rows.
    #[error("the workbook has no sheet of invoices")]
    NoInvoiceSheet,
    /// A workbook with headings and nothing below them.
    #[error("the workbook has no rows of invoices")]
    NoInvoiceRows,
    /// A sheet that cannot be read on: broken XML, or cut off.
    #[error("the sheet is damaged")]
    DamagedPart,
    /// Amounts in 千元, 万元 or more, of which the 分 are gone; told for the whole sheet.
    #[error("{label:?} says that amounts are not in yuan")]
    NotInYuan {
        /// The heading, or the line above the headings, shortened.
        label: String,
    },
    /// A long number in a number cell: Excel keeps 15 digits and makes the rest zeros.
    #[error("{field} {value:?} was rounded by a spreadsheet program")]
    NumberRounded {
        /// What.
        field: Field,
        /// What the cell holds, shortened.
        value: String,
    },
    /// An invoice's goods lines lie too far from it.
    #[error("the lines of the invoice lie more than {limit} lines apart")]
    LinesScattered {
        /// Lines that may wait for their invoices.
        limit: usize,
    },
    /// Of an invoice there are lines alone, and not all of them can be read: the sums of the others would be short.
    #[error("{lines} lines of the invoice cannot be read")]
    LinesUnread {
        /// How many.
        lines: usize,
    },
    /// Of an invoice there are lines alone, on several sheets: those of one do not come to its sums.
    #[error("the lines of the invoice stand on several sheets")]
    LinesDivided,
    /// The program that reads files for the import ended on this one.
    #[error("the reading process ended")]
    ReaderEnded,
    /// It did not come to an end with this one.
    #[error("the reading process did not answer for {seconds} s")]
    ReaderHung {
        /// How long was waited.
        seconds: u64,
    },
    /// The first invoice of the file was read, and these behind it were not.
    #[error("the file holds {count} more invoices, which were not read; the next is {next}")]
    OtherInvoices {
        /// Number of the next.
        next: String,
        /// How many there are.
        count: usize,
    },
    /// The first document of the OFD was read, and these behind it were not.
    #[error("the OFD holds {count} more documents, which were not read")]
    OtherDocuments {
        /// How many there are.
        count: usize,
    },
    /// The ledger has the invoice with another amount, and keeps that.
    #[error("the file says {file} of {field}, the ledger {ledger}")]
    OtherAmount {
        /// 价税合计, 金额 or 税额.
        field: Field,
        /// What the ledger says.
        ledger: Money,
        /// What the file says.
        file: Money,
        /// The file was kept as an original; a row of a workbook is none.
        kept: bool,
    },
    /// The invoice was read and holds more than the ledger keeps of one; the file was not kept either.
    #[error("the invoice holds more than the ledger keeps of one")]
    MoreThanKept,
    /// Something is wrong with the ZIP, or with the entry within it.
    #[error(transparent)]
    Zip(#[from] ZipFault),
    /// Something is wrong with an OFD as a package of parts.
    #[error(transparent)]
    Ofd(#[from] OfdFault),
    /// Something is wrong with the PDF.
    #[error(transparent)]
    Pdf(#[from] PdfFault),
    /// Only the QR code can be read, as on a scanned page: it tells which invoice this is, and not enough to keep it.
    #[error("only the QR code of invoice {} can be read", .0.key)]
    QrAlone(Box<Payload>),
}

/// Files that are taken for invoices and are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Foreign {
    /// Comma-separated text: programs that open it round the numbers of invoices.
    #[error("CSV files are not read, save it as xlsx")]
    Csv,
    /// A picture without the QR code of an invoice.
    #[error("the file is a picture")]
    Picture,
    /// A page of the web, mostly that of a session that ended.
    #[error("the file is a web page")]
    WebPage,
    /// RAR, 7z, gzip.
    #[error("archives other than ZIP are not read")]
    Archive,
}

/// What is wrong with a PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum PdfFault {
    /// No objects can be found: cut off, or no PDF behind its first line.
    #[error("the PDF cannot be opened")]
    Unreadable,
    /// The file needs a password, or forbids reading without one.
    #[error("the PDF is encrypted")]
    Encrypted,
    /// A part of it unpacks to more than any invoice holds.
    #[error("a part of the PDF unpacks to more than {limit} bytes")]
    TooLarge {
        /// Most bytes.
        limit: usize,
    },
    /// More objects, operators or characters than any invoice has.
    #[error("the PDF holds more than any invoice")]
    TooComplex,
    /// Too many pages.
    #[error("the PDF has more than {limit} pages")]
    TooManyPages {
        /// Most pages that are read.
        limit: usize,
    },
    /// Pages without a text that can be read and without an invoice's QR code: a scan, or fonts without a map to text.
    #[error("the PDF has no text that can be read")]
    NoText,
}

/// What is wrong with an OFD as a package of parts (GB/T 33190-2016, clause 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum OfdFault {
    /// A part that the OFD names, or that every OFD has, is not there.
    #[error("the OFD has no part {part:?}")]
    MissingPart {
        /// Path within the package, shortened.
        part: String,
    },
    /// A path that leads out of the package, or that is none.
    #[error("{path:?} is no path within the OFD")]
    BadPath {
        /// As written, shortened.
        path: String,
    },
}

/// What is wrong with a ZIP or one of its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ZipFault {
    /// No entries, or none but folders and what operating systems leave behind.
    #[error("the ZIP holds no files")]
    Empty,
    /// No directory of entries can be found: cut off, or in parts.
    #[error("the ZIP cannot be opened")]
    Unreadable,
    /// The entry does not unpack, or its checksum does not fit.
    #[error("the entry is damaged")]
    Damaged,
    /// The entry needs a password.
    #[error("the entry is encrypted")]
    Encrypted,
    /// Entries share bytes: a bomb, or damage.
    #[error("entries of the ZIP overlap")]
    Overlapping,
    /// The entry unpacks to far more than it packs.
    #[error("the entry unpacks to more than {ratio} times its size")]
    Bomb {
        /// Largest ratio that is read.
        ratio: u64,
    },
    /// Too many entries.
    #[error("the ZIP has {entries} entries, at most {limit} are read")]
    TooManyEntries {
        /// Entries that the ZIP declares.
        entries: usize,
        /// Most entries that are read, those of nested archives included.
        limit: usize,
    },
    /// The entry is too large.
    #[error("the entry unpacks to more than {limit} bytes")]
    EntryTooLarge {
        /// Most bytes.
        limit: usize,
    },
    /// All entries together are too large; this one and those behind it were not read.
    #[error("the ZIP unpacks to more than {limit} bytes")]
    TooMuch {
        /// Most bytes, those of nested archives included.
        limit: usize,
    },
    /// Two entries have the same name (case aside): which one counts cannot be told.
    #[error("two entries of the ZIP have the same name")]
    DuplicateNames,
    /// The entry's name is too long.
    #[error("the entry's name has more than {limit} bytes")]
    NameTooLong {
        /// Most bytes.
        limit: usize,
    },
    /// Packed by a method other than store and deflate.
    #[error("the entry is packed by an unknown method")]
    Method,
    /// A ZIP within a ZIP within a ZIP.
    #[error("the ZIP is nested too deep")]
    Nested,
}

/// A place in a text file, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Character of the line.
    pub column: usize,
}

impl Position {
    /// Of the byte at `offset`.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(line_start..).map_or(0, |line| line.chars().count());
        Self { line: before.matches('\n').count() + 1, column: column + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl Refused {
    /// True when an invoice of the file was taken in nevertheless: the rest of the file was not, or it is to be looked at.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        matches!(self, Self::OtherInvoices { .. } | Self::OtherDocuments { .. } | Self::OtherAmount { .. })
    }

    /// Whether a refusal is of a file that was made to harm, and not of a damaged one.
    pub(crate) fn is_attack(&self) -> bool {
        match self {
            Self::Zip(fault) => !matches!(fault, ZipFault::Damaged),
            Self::Doctype
            | Self::TooDeep { .. }
            | Self::TooManyAttributes { .. }
            | Self::TooManyParts { .. }
            | Self::TooManyLines { .. } => true,
            _ => false,
        }
    }

    /// A value of the document itself that cannot be read.
    pub(crate) fn bad_value(field: Field, value: &str) -> Self {
        Self::BadValue { field, line: None, value: shortened(value) }
    }

    /// A value of goods line `line` (from 1) that cannot be read.
    pub(crate) fn bad_line_value(field: Field, line: u32, value: &str) -> Self {
        Self::BadValue { field, line: Some(line), value: shortened(value) }
    }
}

/// The first characters of a value, with an ellipsis where some were left off.
pub(crate) fn shortened(value: &str) -> String {
    let value = value.trim();
    match value.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", value.get(..cut).unwrap_or_default()),
        None => value.to_owned(),
    }
}
