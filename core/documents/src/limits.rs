//! How much a file may hold before it is refused. Real invoices stay far below every one of these.

/// Largest XML file, bytes.
pub(crate) const XML_BYTES: usize = 10 * MIB;
/// Deepest nesting of elements.
pub(crate) const XML_DEPTH: usize = 64;
/// Most attributes of one element.
pub(crate) const XML_ATTRIBUTES: usize = 256;
/// Most tags, texts, comments and references of one file.
pub(crate) const XML_EVENTS: usize = 2_000_000;
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

const MIB: usize = 1024 * 1024;
