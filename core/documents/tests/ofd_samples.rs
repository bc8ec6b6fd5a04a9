//! Every published OFD and XML, where they are at hand: what it reads to, or why it is refused. They are not part of this
//! project.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may panic and says what it skipped")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use piaoxia_documents::{Check, Outcome, Refused, Source, read, verdicts};

/// What a sample says. Amounts: 金额, 税额, 价税合计.
struct Expected {
    file: &'static str,
    key: &'static str,
    kind: &'static str,
    day: &'static str,
    seller: (&'static str, &'static str),
    buyer: (&'static str, &'static str),
    amounts: [&'static str; 3],
    lines: usize,
    rate: &'static str,
    /// Where 价税合计 came from.
    from: Source,
    agree: Outcome,
    warnings: usize,
}

const LIST: Expected = Expected {
    file: "ofdrw/999.ofd",
    key: "050001700111-12235358",
    kind: "10",
    day: "2020-08-05",
    seller: ("财天下科技有限公司", "91500102563638729E"),
    buyer: ("个人", ""),
    amounts: ["10000.00", "600.00", "10600.00"],
    lines: 100,
    rate: "6%",
    from: Source::Attachment,
    agree: Outcome::Pass,
    warnings: 0,
};

const MEALS: Expected = Expected {
    file: "ofdrw/v4signed.ofd",
    key: "050001700111-99999951",
    day: "2020-10-10",
    seller: ("杭州融易算企业管理咨询有限公司", "91500106MA2CE71F65"),
    buyer: ("科游迈利有限公司", "9150010807MGZHI002"),
    amounts: ["300.00", "18.00", "318.00"],
    lines: 3,
    ..LIST
};

const READ: [Expected; 8] = [
    LIST,
    MEALS,
    Expected {
        file: "ofdrw/draw_param_ref.ofd",
        key: "011002680026-71500013",
        day: "2020-02-20",
        seller: ("ukey测试", "91110101202001201"),
        buyer: ("百望股份有限公司", "91110108339805094M"),
        amounts: ["9709.00", "291.00", "10000.00"],
        rate: "3%",
        ..LIST
    },
    // Neither attachment nor tags: the key fields, and the page for what they leave out.
    Expected { file: "ofdrw/fptpl.ofd", lines: 0, rate: "", from: Source::CustomData, ..LIST },
    // An attachment and its QR code; 免税, its 税额 is printed as stars.
    Expected {
        file: "ofdrw/no_page_container.ofd",
        key: "031001900511-04875996",
        day: "2020-04-20",
        seller: ("上海阿金大白餐饮管理有限公司", "91310110MA1G8YNR76"),
        buyer: ("上海浪潮云计算服务有限公司", "91310108342080987A"),
        amounts: ["57.00", "0.00", "57.00"],
        lines: 1,
        rate: "免税",
        agree: Outcome::Pass,
        warnings: 1,
        ..LIST
    },
    Expected { file: "ofdrw/extracted/999_original_invoice.xml", from: Source::Xml, agree: Outcome::Pass, ..LIST },
    Expected { file: "ofdrw/extracted/v4signed_original_invoice.xml", from: Source::Xml, agree: Outcome::Pass, ..MEALS },
    Expected {
        file: "einvoice-xml/sample_einvoice.xml",
        key: "99990000000000000001",
        kind: "81",
        day: "2026-05-19",
        seller: ("测试销售方有限公司", "91SELLERTAXID00000X"),
        buyer: ("测试购买方有限公司", "91BUYERTAXID00000Y"),
        amounts: ["1000.00", "130.00", "1130.00"],
        lines: 2,
        rate: "13%",
        from: Source::Xml,
        agree: Outcome::NotChecked,
        // Its number begins with 99.
        warnings: 1,
    },
];

/// Documents of other sorts, parts of invoices, and maps of the toolkit that hold no data.
const NO_INVOICE: [&str; 20] = [
    "ofdrw/AddAttachment.ofd",
    "ofdrw/DigitalSign.ofd",
    "ofdrw/SESV4SignDoc.ofd",
    "ofdrw/V4RideRight.ofd",
    "ofdrw/allprotected.ofd",
    "ofdrw/chineseDir.ofd",
    "ofdrw/h.ofd",
    "ofdrw/hello-integrity.ofd",
    "ofdrw/helloworld.ofd",
    "ofdrw/keyword2.ofd",
    "ofdrw/n.ofd",
    "ofdrw/namespace_no_std.ofd",
    "ofdrw/path_unstd.ofd",
    "ofdrw/extracted/999_Signature.xml",
    "ofdrw/extracted/999_Tag_Invoice.xml",
    "xbrl/atr_issuer.xml",
    "xbrl/efi.xml",
    "xbrl/einv_ord_receiver.xml",
    "xbrl/inv_tlf_receiver.xml",
    "xbrl/rai_issuer.xml",
];

/// The folder beside the checkout, or further up where the checkout is a work tree; none with a word where it is absent.
fn samples() -> Option<PathBuf> {
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = home.ancestors().map(|folder| folder.join("shared/samples")).find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: no samples beside {}", home.display());
    }
    found
}

fn holds(folder: &Path, expected: &Expected) {
    let file = expected.file;
    let bytes = fs::read(folder.join(file)).unwrap();
    let document = read(file, &bytes).unwrap_or_else(|refused| panic!("{file}: {refused}"));
    let invoice = &document.invoice;
    assert_eq!((invoice.key.to_string().as_str(), invoice.kind.code()), (expected.key, expected.kind), "{file}");
    assert_eq!(invoice.issued_on().to_string(), expected.day, "{file}");
    assert_eq!((invoice.seller.name.as_str(), invoice.seller.tax_no.as_str()), expected.seller, "{file}");
    assert_eq!((invoice.buyer.name.as_str(), invoice.buyer.tax_no.as_str()), expected.buyer, "{file}");
    assert_eq!([invoice.net, invoice.tax, invoice.gross].map(|amount| amount.to_string()), expected.amounts, "{file}");
    assert_eq!(invoice.lines.len(), expected.lines, "{file}");
    assert!(invoice.lines.iter().all(|line| line.rate == expected.rate || line.net.fen() == 0), "{file}");
    assert_eq!(document.sources.get(&piaoxia_documents::Field::Gross), Some(&expected.from), "{file}");
    assert_eq!(document.warnings.len(), expected.warnings, "{file}: {:?}", document.warnings);
    let verdicts = verdicts(&document);
    let outcome = |check| verdicts.iter().find(|verdict| verdict.check == check).unwrap().result;
    assert_eq!(outcome(Check::SourcesAgree), expected.agree, "{file}");
    assert_ne!(outcome(Check::Totals), Outcome::Fail, "{file}");
    assert_ne!(outcome(Check::LineSums), Outcome::Fail, "{file}");
}

#[test]
fn every_invoice_reads_to_what_it_says() {
    let Some(folder) = samples() else { return };
    for expected in &READ {
        holds(&folder, expected);
    }
}

#[test]
fn what_is_no_invoice_is_refused() {
    let Some(folder) = samples() else { return };
    for file in NO_INVOICE {
        assert_eq!(read(file, &fs::read(folder.join(file)).unwrap()), Err(Refused::NotRecognised), "{file}");
    }
}

#[test]
fn no_sample_is_left_out() {
    let Some(folder) = samples() else { return };
    let listed: BTreeSet<&str> = READ.iter().map(|expected| expected.file).chain(NO_INVOICE).collect();
    for part in ["ofdrw", "ofdrw/extracted", "einvoice-xml", "xbrl"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let name = format!("{part}/{}", entry.unwrap().file_name().to_string_lossy());
            let is_document = name.ends_with(".ofd") || name.ends_with(".xml");
            assert!(!is_document || listed.contains(name.as_str()), "{name} is in no table");
        }
    }
}
