//! Formats by content, and the reader of each.

use std::fmt;

use piaoxia_domain::invoice::Format;

use crate::container;
use crate::document::Document;
use crate::encoding::entry_name;
use crate::refused::Refused;
use crate::{ofd, pdf, xml};

/// How far into a file the marks of a PDF may start (ISO 32000-1, annex H: readers accept the header within 1024 bytes).
const PDF_MARK_WITHIN: usize = 1024;

/// A file format, told by content and never by the extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileFormat {
    /// XML: 数电 `EInvoice`, the `eInvoice` of 税控 invoices, XBRL of the 电子凭证会计数据标准.
    Xml,
    /// OFD (GB/T 33190-2016), a ZIP with `OFD.xml`.
    Ofd,
    /// PDF.
    Pdf,
    /// Workbook (OOXML), a ZIP with `xl/`.
    Xlsx,
    /// Any other ZIP.
    Zip,
}

impl FileFormat {
    /// Stable word for the command line and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Ofd => "ofd",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
            Self::Zip => "zip",
        }
    }

    /// The kind of original (版式文件) that a file of this format is kept as; none for workbooks and archives.
    #[must_use]
    pub fn original(self) -> Option<Format> {
        match self {
            Self::Xml => Some(Format::Xml),
            Self::Ofd => Some(Format::Ofd),
            Self::Pdf => Some(Format::Pdf),
            Self::Xlsx | Self::Zip => None,
        }
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Reads a document of one format: its file name, its bytes.
pub(crate) type Reader = fn(&str, &[u8]) -> Result<Document, Refused>;

/// The reader of a format: the one place that knows which module reads what.
pub(crate) fn reader(format: FileFormat) -> Reader {
    match format {
        FileFormat::Xml => xml::read,
        FileFormat::Ofd => ofd::read,
        FileFormat::Pdf => pdf::read,
        FileFormat::Xlsx => |_, _| Err(Refused::NotYetReadable(FileFormat::Xlsx)),
        FileFormat::Zip => |_, _| Err(Refused::Archive),
    }
}

/// The format of a file; none when its first bytes are of no known one.
pub(crate) fn of(bytes: &[u8]) -> Option<FileFormat> {
    const ZIP_MARKS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
    if ZIP_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        return Some(package_format(bytes));
    }
    if starts_like_xml(bytes) {
        return Some(FileFormat::Xml);
    }
    let head = bytes.get(..PDF_MARK_WITHIN).unwrap_or(bytes);
    head.windows(5).any(|window| window == b"%PDF-").then_some(FileFormat::Pdf)
}

/// `<` behind an optional byte order mark and white space; UTF-16 too, so that it is refused for its encoding.
fn starts_like_xml(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xFF\xFE<\0") || bytes.starts_with(b"\xFE\xFF\0<") {
        return true;
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    text.trim_ascii_start().first() == Some(&b'<')
}

/// What a ZIP is. One whose directory cannot be read stays a ZIP: opening it says what is wrong.
fn package_format(bytes: &[u8]) -> FileFormat {
    let Ok(package) = container::open(bytes) else {
        return FileFormat::Zip;
    };
    let holds = |name: &str| {
        // Writers differ in case and in slashes.
        let is = |raw| entry_name(raw).trim_start_matches(['.', '/']).eq_ignore_ascii_case(name);
        package.index_for_name(name).is_some() || package.file_names_raw().any(is)
    };
    if holds("OFD.xml") {
        FileFormat::Ofd
    } else if holds("xl/workbook.xml") {
        FileFormat::Xlsx
    } else {
        FileFormat::Zip
    }
}
