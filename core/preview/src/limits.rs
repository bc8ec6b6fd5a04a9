//! How much of a file is looked at. Whoever exceeds a limit is refused in words; nothing is cut off silently.

/// Stack of a thread that draws: 8 MB. PDF resources and OFD groups nest, and each level costs stack.
pub const STACK: usize = 8 << 20;

/// Pages of a document.
pub(crate) const PAGES: usize = 2_000;
/// Pixels of a picture: 64 MB at four bytes each.
pub(crate) const PIXELS: u64 = 16_000_000;
/// Longest side of a picture in pixels.
pub(crate) const SIDE: u32 = 16_000;
/// Longest side of a page, mm: 5 m.
pub(crate) const PAGE_SIDE: f64 = 5_000.0;
/// Largest coordinate, mm.
pub(crate) const COORDINATE: f64 = 1e6;

/// Bytes of a PDF file; OFD containers have the limits of `piaoxia-documents`.
pub(crate) const FILE: usize = 50 << 20;
/// Bytes of an XML part.
pub(crate) const XML: usize = 8 << 20;
/// Elements of an XML part.
pub(crate) const XML_ELEMENTS: usize = 200_000;
/// Depth of an XML part.
pub(crate) const XML_DEPTH: usize = 64;

/// Objects of a page, with its templates, groups and annotations.
pub(crate) const OBJECTS: usize = 10_000;
/// Path commands of a page.
pub(crate) const PATH_COMMANDS: usize = 100_000;
/// Characters of a page.
pub(crate) const CHARACTERS: usize = 100_000;
/// Groups inside groups.
pub(crate) const NESTING: usize = 16;
/// Bytes of the pictures on a page, unpacked.
pub(crate) const IMAGES: usize = 64 << 20;
/// Bytes of the pictures on a page as they are drawn, each as often as it is drawn.
pub(crate) const DRAWN_IMAGES: usize = 192 << 20;
/// Longest side of a picture on a page, in pixels.
pub(crate) const IMAGE_SIDE: u32 = 8_192;
/// Signatures of a document.
pub(crate) const SIGNATURES: usize = 64;
