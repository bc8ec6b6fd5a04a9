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

const MIB: usize = 1024 * 1024;
