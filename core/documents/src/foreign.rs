//! Files that users hand in for invoices and that are none: told by their first bytes, so that the refusal can say what to do.

use crate::format::FileFormat;
use crate::limits::PICTURE_FILE_BYTES;
use crate::qr;
use crate::refused::{Foreign, Refused};

/// How far into a file its marks are looked for.
const HEAD: usize = 4096;

/// What a file is, where it is known and not read; none for everything else.
pub(crate) fn refused(bytes: &[u8]) -> Option<Refused> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let starts = |marks: &[&[u8]]| marks.iter().any(|mark| head.starts_with(mark));
    if starts(&[b"\x89PNG\r\n\x1A\n", b"\xFF\xD8\xFF", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF"]) {
        return Some(picture(bytes));
    }
    if starts(&[b"Rar!\x1A\x07", b"7z\xBC\xAF\x27\x1C", b"\x1F\x8B"]) {
        return Some(Refused::Foreign(Foreign::Archive));
    }
    let text = head.to_ascii_lowercase();
    let holds = |mark: &[u8]| memchr::memmem::find(&text, mark).is_some();
    let markup = text.trim_ascii_start().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text.trim_ascii_start()).starts_with(b"<");
    if markup && holds(b"urn:schemas-microsoft-com:office:spreadsheet") {
        return Some(Refused::OtherWorkbook(FileFormat::Xls));
    }
    if markup && (holds(b"<html") || holds(b"<!doctype html")) {
        return Some(Refused::Foreign(Foreign::WebPage));
    }
    (!markup && is_table(head)).then_some(Refused::Foreign(Foreign::Csv))
}

/// A photograph or a screen shot of an invoice may show its QR code.
fn picture(bytes: &[u8]) -> Refused {
    let payload = if bytes.len() <= PICTURE_FILE_BYTES { qr::of_picture(bytes) } else { None };
    payload.map_or(Refused::Foreign(Foreign::Picture), |payload| Refused::QrAlone(Box::new(payload)))
}

/// Text with the bureau's heading and separators.
fn is_table(head: &[u8]) -> bool {
    let gbk = encoding_rs::GB18030.encode("发票号码").0;
    let headed = memchr::memmem::find(head, "发票号码".as_bytes()).is_some() || memchr::memmem::find(head, &gbk).is_some();
    headed && !head.contains(&0) && head.iter().filter(|byte| matches!(byte, b',' | b'\t' | b';')).count() > 2
}
