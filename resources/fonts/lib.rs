//! The font of the program, once in the executable: the window draws with it, and so do the previews of originals and the simulated
//! bureau's originals.

/// Noto Sans SC, cut to GB2312 and the signs that invoices use: a whole OpenType file (OFL, `OFL.txt`).
///
/// A static, not a constant: a constant is copied into every crate that uses it.
pub static CHINESE: &[u8] = include_bytes!("piaoxia-sc.otf");
