//! OFD (GB/T 33190-2016): a ZIP of XML parts that refer to each other by path.

mod package;

pub use package::{OfdPackage, PartName};
