//! The parts of the container that describe the document.

use piaoxia_domain::Invoice;

use super::NAMESPACE;
use crate::originals::Generation;
use crate::originals::digest::{hex, sm3};
use crate::originals::layout::{Face, Ink, Sheet};
use crate::originals::xml::Markup;

/// Identifiers of the resources, the same in every file.
const COLOURS: &str = "1";
const BROWN_PEN: &str = "2";
/// Lines and texts in the forms' brown.
pub(super) const BROWN: &str = "3";
const SONG: &str = "4";
const KAI: &str = "5";
const COURIER: &str = "6";
/// The QR picture.
pub(super) const QR: &str = "7";
const ANNOTATION: &str = "8";
const ATTACHMENT: &str = "9";
const FIRST_FREE: usize = 10;

/// Hands out identifiers that are unique in the document.
pub(super) struct Ids {
    forms: usize,
    pages: usize,
    last: usize,
}

impl Ids {
    /// Reserves those of a sheet's forms and pages.
    pub(super) fn new(sheet: &Sheet) -> Self {
        let last = FIRST_FREE + sheet.forms.len() + sheet.pages.len() - 1;
        Self { forms: sheet.forms.len(), pages: sheet.pages.len(), last }
    }

    /// Identifier of a form.
    pub(super) fn form(&self, index: usize) -> String {
        (FIRST_FREE + index.min(self.forms)).to_string()
    }

    /// Identifier of a page.
    pub(super) fn page(&self, index: usize) -> String {
        (FIRST_FREE + self.forms + index.min(self.pages)).to_string()
    }

    /// A new one.
    pub(super) fn next(&mut self) -> String {
        self.last += 1;
        self.last.to_string()
    }
}

/// Resource of a typeface.
pub(super) fn face(face: Face) -> &'static str {
    match face {
        Face::Song => SONG,
        Face::Kai => KAI,
        Face::Courier => COURIER,
    }
}

/// Attributes of a colour: red, green and blue of the document's colour space.
pub(super) fn colour(ink: Ink) -> [(&'static str, String); 2] {
    let [red, green, blue] = ink.rgb();
    [("Value", format!("{red} {green} {blue}")), ("ColorSpace", COLOURS.to_owned())]
}

/// `OFD.xml` with the key facts of 4.2 in `CustomDatas`: 数电 files name no parties and no total, older ones do.
pub(super) fn ofd(invoice: &Invoice, generation: Generation) -> Vec<u8> {
    let day = invoice.issued_on().to_string();
    let mut xml = Markup::utf8();
    let version = if generation == Generation::Digital { "1.0" } else { "1.1" };
    xml.open("ofd:OFD", &[NAMESPACE, ("DocType", "OFD"), ("Version", version)]);
    xml.open("ofd:DocBody", &[]);
    xml.open("ofd:DocInfo", &[]);
    let id = sm3(&[b"document", invoice.key.to_string().as_bytes()]);
    xml.leaf("ofd:DocID", &hex(id.get(..16).unwrap_or_default()));
    xml.leaf("ofd:Author", "Piaoxia Sandbox");
    xml.leaf("ofd:CreationDate", &day);
    xml.leaf("ofd:ModDate", &day);
    xml.leaf("ofd:Creator", "Piaoxia Sandbox");
    xml.open("ofd:CustomDatas", &[]);
    for (name, value) in custom_data(invoice, generation) {
        xml.leaf_with("ofd:CustomData", &[("Name", name)], &value);
    }
    xml.close();
    xml.close();
    xml.leaf("ofd:DocRoot", "Doc_0/Document.xml");
    xml.leaf("ofd:Signatures", "Doc_0/Signs/Signatures.xml");
    xml.finish()
}

fn custom_data(invoice: &Invoice, generation: Generation) -> Vec<(&'static str, String)> {
    let day = invoice.issued_on().strftime("%Y年%m月%d日").to_string();
    let (buyer, seller) = (&invoice.buyer, &invoice.seller);
    let version = env!("CARGO_PKG_VERSION").to_owned();
    match generation {
        Generation::Digital => vec![
            ("template-version", "1.0.20.0422".to_owned()),
            ("发票号码", invoice.key.number().to_owned()),
            ("销售方纳税人识别号", seller.tax_no.to_string()),
            ("合计金额", invoice.net.to_string()),
            ("购买方纳税人识别号", buyer.tax_no.to_string()),
            ("合计税额", invoice.tax.to_string()),
            ("开票日期", day),
            ("native-producer", "piaoxia-sandbox".to_owned()),
            ("producer-version", version),
        ],
        Generation::TaxControl => vec![
            ("native-producer", "piaoxia-sandbox".to_owned()),
            ("producer-version", version),
            ("模板编号", invoice.kind.name().to_owned()),
            ("开票类型", if invoice.is_blue() { "蓝字发票" } else { "红字发票" }.to_owned()),
            ("价税合计", invoice.gross.to_string()),
            ("发票代码", invoice.key.code().unwrap_or_default().to_owned()),
            ("发票号码", invoice.key.number().to_owned()),
            ("合计金额", invoice.net.to_string()),
            ("合计税额", invoice.tax.to_string()),
            ("开票日期", day),
            ("校验码", invoice.check_code.clone()),
            ("购买方名称", buyer.name.clone()),
            ("购买方纳税人识别号", buyer.tax_no.to_string()),
            ("销售方名称", seller.name.clone()),
            ("销售方纳税人识别号", seller.tax_no.to_string()),
        ],
    }
}

/// `Document.xml`.
pub(super) fn document(sheet: &Sheet, generation: Generation, ids: &Ids) -> Vec<u8> {
    let mut xml = Markup::utf8();
    xml.open("ofd:Document", &[NAMESPACE]);
    xml.open("ofd:CommonData", &[]);
    xml.leaf("ofd:MaxUnitID", &ids.last.to_string());
    xml.open("ofd:PageArea", &[]);
    xml.leaf("ofd:PhysicalBox", "0 0 210 140");
    xml.close();
    xml.leaf("ofd:PublicRes", "PublicRes.xml");
    xml.leaf("ofd:DocumentRes", "DocumentRes.xml");
    for at in 0..sheet.forms.len() {
        xml.empty("ofd:TemplatePage", &[("ID", &ids.form(at)), ("BaseLoc", &format!("Tpls/Tpl_{at}/Content.xml"))]);
    }
    xml.close();
    xml.open("ofd:Pages", &[]);
    for at in 0..sheet.pages.len() {
        xml.empty("ofd:Page", &[("ID", &ids.page(at)), ("BaseLoc", &format!("Pages/Page_{at}/Content.xml"))]);
    }
    xml.close();
    if generation == Generation::TaxControl {
        xml.leaf("ofd:Annotations", "Annots/Annotations.xml");
    }
    xml.leaf("ofd:CustomTags", "Tags/CustomTags.xml");
    xml.leaf("ofd:Attachments", "Attachs/Attachments.xml");
    xml.finish()
}

/// `PublicRes.xml`: colours and the typefaces by name, none embedded.
pub(super) fn public_res() -> Vec<u8> {
    let mut xml = Markup::utf8();
    xml.open("ofd:Res", &[NAMESPACE, ("BaseLoc", "Res")]);
    xml.open("ofd:ColorSpaces", &[]);
    xml.empty("ofd:ColorSpace", &[("ID", COLOURS), ("Type", "RGB"), ("BitsPerComponent", "8")]);
    xml.close();
    let brown = colour(Ink::Brown);
    let brown: Vec<(&str, &str)> = brown.iter().map(|(key, value)| (*key, value.as_str())).collect();
    xml.open("ofd:DrawParams", &[]);
    xml.open("ofd:DrawParam", &[("ID", BROWN_PEN), ("LineWidth", "0.25")]);
    xml.empty("ofd:StrokeColor", &brown);
    xml.close();
    xml.open("ofd:DrawParam", &[("ID", BROWN), ("Relative", BROWN_PEN)]);
    xml.empty("ofd:FillColor", &brown);
    xml.close();
    xml.close();
    xml.open("ofd:Fonts", &[]);
    xml.empty("ofd:Font", &[("ID", SONG), ("FontName", "宋体"), ("FamilyName", "SimSun")]);
    xml.empty("ofd:Font", &[("ID", KAI), ("FontName", "楷体"), ("FamilyName", "楷体")]);
    xml.empty("ofd:Font", &[("ID", COURIER), ("FontName", "Courier New"), ("FamilyName", "Courier New")]);
    xml.finish()
}

/// `DocumentRes.xml`: the QR picture.
pub(super) fn document_res(with_qr: bool) -> Vec<u8> {
    let mut xml = Markup::utf8();
    xml.open("ofd:Res", &[NAMESPACE, ("BaseLoc", "Res")]);
    if with_qr {
        xml.open("ofd:MultiMedias", &[]);
        xml.open("ofd:MultiMedia", &[("ID", QR), ("Type", "Image"), ("Format", "PNG")]);
        xml.leaf("ofd:MediaFile", "qrcode.png");
    }
    xml.finish()
}

/// `Attachments.xml`; the size is in KiB.
pub(super) fn attachments(invoice: &Invoice, size: usize) -> Vec<u8> {
    let created = invoice.issued_at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let size = format!("{:.4}", size as f64 / 1024.0);
    let mut xml = Markup::utf8();
    xml.open("ofd:Attachments", &[NAMESPACE]);
    let attributes = [
        ("ID", ATTACHMENT),
        ("Name", "original_invoice"),
        ("Format", "xml"),
        ("CreationDate", &created),
        ("Size", &size),
        ("Visible", "false"),
    ];
    xml.open("ofd:Attachment", &attributes);
    xml.leaf("ofd:FileLoc", "original_invoice.xml");
    xml.finish()
}

/// `CustomTags.xml`.
pub(super) fn custom_tags(type_id: &str, file: &str) -> Vec<u8> {
    let mut xml = Markup::utf8();
    xml.open("ofd:CustomTags", &[NAMESPACE]);
    xml.open("ofd:CustomTag", &[("TypeID", type_id)]);
    xml.leaf("ofd:FileLoc", file);
    xml.finish()
}

/// `Annotations.xml` of older invoices.
pub(super) fn annotations(ids: &Ids) -> Vec<u8> {
    let mut xml = Markup::utf8();
    xml.open("ofd:Annotations", &[NAMESPACE]);
    xml.open("ofd:Page", &[("PageID", &ids.page(0))]);
    xml.leaf("ofd:FileLoc", "Page_0/Annotation.xml");
    xml.finish()
}

/// The annotation that says where the seller's own signature is: in the attachment.
pub(super) fn annotation() -> Vec<u8> {
    let mut xml = Markup::utf8();
    xml.open("ofd:PageAnnot", &[NAMESPACE]);
    xml.open("ofd:Annot", &[("Type", "Stamp"), ("ID", ANNOTATION), ("Subtype", "SignatureInFile")]);
    xml.open("ofd:Parameters", &[]);
    xml.leaf_with("ofd:Parameter", &[("Name", "fp.NativeSign")], "original_invoice");
    xml.close();
    xml.empty("ofd:Appearance", &[("Boundary", "4.5 104 115 20")]);
    xml.finish()
}
