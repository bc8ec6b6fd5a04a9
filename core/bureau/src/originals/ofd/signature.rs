//! `Signature.xml`: the SM3 digests of the document's parts and where the seal stands.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use piaoxia_domain::Invoice;

use super::document::Ids;
use super::{Entry, NAMESPACE};
use crate::originals::digest::sm3;
use crate::originals::layout::Sheet;
use crate::originals::seal::{HEIGHT, SM2_SM3, WIDTH, utc};
use crate::originals::xml::Markup;

/// Path of the file that the seal signs.
pub(super) const PATH: &str = "/Doc_0/Signs/Sign_0/Signature.xml";
/// Path of the signature value.
pub(super) const VALUE_PATH: &str = "/Doc_0/Signs/Sign_0/SignedValue.dat";
/// SM3 (GM/T 0006).
const SM3: &str = "1.2.156.10197.1.401";

/// `Signatures.xml`.
pub(super) fn list() -> Vec<u8> {
    let mut xml = Markup::utf8();
    xml.open("ofd:Signatures", &[NAMESPACE]);
    xml.leaf("ofd:MaxSignId", "1");
    xml.empty("ofd:Signature", &[("ID", "1"), ("Type", "Seal"), ("BaseLoc", "Sign_0/Signature.xml")]);
    xml.finish()
}

/// `Signature.xml` over all parts of the document. `OFD.xml` and the signatures themselves stay outside, as in real files.
pub(super) fn signature(invoice: &Invoice, sheet: &Sheet, parts: &[Entry], ids: &Ids) -> Vec<u8> {
    let mut xml = Markup::utf8();
    xml.open("ofd:Signature", &[NAMESPACE]);
    xml.open("ofd:SignedInfo", &[]);
    xml.empty("ofd:Provider", &[("ProviderName", "票匣沙箱"), ("Company", "票匣沙箱"), ("Version", "4.0")]);
    xml.leaf("ofd:SignatureMethod", SM2_SM3);
    xml.leaf("ofd:SignatureDateTime", &utc(invoice.issued_at));
    xml.open("ofd:References", &[("CheckMethod", SM3)]);
    for part in parts {
        xml.open("ofd:Reference", &[("FileRef", &format!("/{}", part.path))]);
        xml.leaf("ofd:CheckValue", &STANDARD.encode(sm3(&[&part.bytes])));
        xml.close();
    }
    xml.close();
    for (at, stamp) in sheet.stamps.iter().enumerate() {
        let place = format!("{:.1} {:.1} {WIDTH}.0 {HEIGHT}.0", stamp.x, stamp.y);
        xml.empty("ofd:StampAnnot", &[("ID", &format!("{:02}", at + 1)), ("PageRef", &ids.page(stamp.page)), ("Boundary", &place)]);
    }
    xml.close();
    xml.leaf("ofd:SignedValue", VALUE_PATH);
    xml.finish()
}
