//! How much a file may hold before it is refused. Real invoices stay far below every one of these.

/// Largest XML file, bytes.
pub(crate) const XML_BYTES: usize = 10 * MIB;
/// Deepest nesting of elements.
pub(crate) const XML_DEPTH: usize = 64;
/// Most attributes of one element.
pub(crate) const XML_ATTRIBUTES: usize = 256;
/// Most tags, texts, comments and references of one file.
pub(crate) const XML_EVENTS: usize = 2_000_000;
/// Most elements that are kept of one part of an OFD.
pub(crate) const OUTLINE_NODES: usize = 100_000;
/// Most pages of an OFD.
pub(crate) const OFD_PAGES: usize = 2_000;
/// Most text objects of one page of an OFD.
pub(crate) const OFD_OBJECTS: usize = 10_000;
/// Most attachments of an OFD that are tried.
pub(crate) const OFD_ATTACHMENTS: usize = 16;
/// Longest text of one field, bytes.
pub(crate) const FIELD_BYTES: usize = 16 * 1024;
/// Most goods lines of one invoice.
pub(crate) const LINES: usize = 20_000;

/// Largest ZIP file, bytes.
pub(crate) const ZIP_BYTES: usize = 50 * MIB;
/// Most entries, those of nested archives included.
pub(crate) const ZIP_ENTRIES: usize = 4_096;
/// Largest unpacked entry, bytes.
pub(crate) const ZIP_ENTRY_BYTES: usize = 32 * MIB;
/// Most bytes unpacked from one file, those of nested archives included.
pub(crate) const ZIP_TOTAL_BYTES: usize = 128 * MIB;
/// Unpacked to packed, once an entry is larger than [`ZIP_RATIO_FLOOR`].
pub(crate) const ZIP_RATIO: u64 = 200;
/// Entries up to this many bytes may have any ratio.
pub(crate) const ZIP_RATIO_FLOOR: usize = MIB;
/// Longest entry name, bytes.
pub(crate) const ZIP_NAME_BYTES: usize = 512;

/// Largest PDF file, bytes.
pub(crate) const PDF_BYTES: usize = 32 * MIB;
/// Largest stream of a PDF, unpacked, bytes.
pub(crate) const PDF_STREAM_BYTES: usize = 16 * MIB;
/// Most bytes unpacked from one PDF.
pub(crate) const PDF_TOTAL_BYTES: usize = 64 * MIB;
/// Most bytes of a PDF's object streams that are kept.
pub(crate) const PDF_KEPT_BYTES: usize = 4 * MIB;
/// Most objects of a PDF.
pub(crate) const PDF_OBJECTS: usize = 100_000;
/// Most cross-reference sections of a PDF: one, and one a change.
pub(crate) const PDF_SECTIONS: usize = 256;
/// Deepest nesting of values, of page tree nodes and of objects that are looked up within each other.
pub(crate) const PDF_DEPTH: usize = 32;
/// Most values in one object.
pub(crate) const PDF_NODES: usize = 100_000;
/// Most values that are read of one PDF, those of an object anew each time it is asked for.
pub(crate) const PDF_VALUES: usize = 1_000_000;
/// Most bytes of all strings and names in one object.
pub(crate) const PDF_STRING_BYTES: usize = MIB;
/// Most pages.
pub(crate) const PDF_PAGES: usize = 2_000;
/// Most operators of all pages.
pub(crate) const PDF_OPERATIONS: usize = 2_000_000;
/// Most characters of all pages.
pub(crate) const PDF_GLYPHS: usize = 200_000;
/// Most fonts that are kept.
pub(crate) const PDF_FONTS: usize = 64;
/// Most entries of a font's map to text.
pub(crate) const PDF_MAPPED: usize = 70_000;
/// Deepest nesting of forms within forms.
pub(crate) const PDF_FORMS: usize = 8;
/// Most graphics states that are put aside.
pub(crate) const PDF_STATES: usize = 64;
/// Most filled rectangles of a page.
pub(crate) const PDF_RECTANGLES: usize = 20_000;
/// Most pictures of a page.
pub(crate) const PDF_PICTURES: usize = 32;
/// Most attachments that are opened.
pub(crate) const PDF_ATTACHMENTS: usize = 16;

/// Longest `GraphCode`, bytes.
pub(crate) const GRAPH_CODE_BYTES: usize = MIB;
/// Most pictures of an OFD in which the QR code is looked for.
pub(crate) const OFD_PICTURES: usize = 8;
/// Largest picture file in which the QR code is looked for, bytes.
pub(crate) const PICTURE_FILE_BYTES: usize = 4 * MIB;
/// Longest side of a picture, pixels.
pub(crate) const PICTURE_SIDE: u32 = 8_192;
/// Most bytes that unpacking a picture may take.
pub(crate) const PICTURE_BYTES: u64 = 32 * MIB as u64;
/// Most pixels of a picture without a format of its own.
pub(crate) const PICTURE_PIXELS: usize = 16 * MIB;
/// Longest side of a picture in which codes are looked for, pixels; larger ones are made smaller.
pub(crate) const QR_SIDE: usize = 2_048;
/// Most corner marks of codes in one picture; a code has three.
pub(crate) const QR_CORNERS: usize = 64;
/// Most codes in one picture.
pub(crate) const QR_CODES: usize = 8;
/// Most accesses to pixels while codes are looked for.
pub(crate) const QR_WORK: usize = 300_000_000;
/// Largest unpacked part of a workbook (a sheet), bytes. It is read as a stream: 100,000 rows have about 160 MiB.
pub(crate) const PART_BYTES: usize = 512 * MIB;
/// Most bytes of sheets that are unpacked from one file, all workbooks in an archive together.
pub(crate) const SHEETS_BYTES: u64 = 1536 * MIB as u64;
/// Largest tag or piece of text of a sheet, bytes.
pub(crate) const TAG_BYTES: usize = MIB;
/// Shared strings of a workbook in memory, bytes.
pub(crate) const STRINGS_BYTES: usize = 64 * MIB;
/// Text that is kept of a cell, bytes: more than any field takes, so that a longer one is refused.
pub(crate) const CELL_BYTES: usize = 32 * 1024;
/// Most rows of a sheet (the format's own limit).
pub(crate) const SHEET_ROWS: u32 = 1 << 20;
/// Columns that are looked at.
pub(crate) const SHEET_COLUMNS: usize = 256;
/// Sheets that are looked at.
pub(crate) const SHEETS: usize = 64;
/// Goods lines that wait for their invoice where a workbook has them in another order. One export of the bureau holds at
/// most 40,000.
pub(crate) const WAITING_LINES: usize = 40_000;
/// Most pages of an OFD whose goods lines are told by where they are printed.
pub(crate) const PRINTED_PAGES: usize = 32;
/// Most characters of them.
pub(crate) const PRINTED_CHARACTERS: usize = 100_000;

const MIB: usize = 1024 * 1024;
