//! Files that mean harm end in an error or a picture, never in a panic, an abort or a long wait.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::io::{Cursor, Write as _};

use common::{file, invoice, on_own_stack};
use piaoxia_domain::invoice::Format;
use piaoxia_preview::{Cancel, PreviewError, Scale, pages, render};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A file with one page of this content and these further parts.
fn ofd(content: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    ofd_of(content, &parts)
}

fn ofd_of(content: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let document = r#"<Document><CommonData><PageArea><PhysicalBox>0 0 100 100</PhysicalBox></PageArea><DocumentRes>Res.xml</DocumentRes>
        <TemplatePage ID="9" BaseLoc="T.xml"/></CommonData><Pages><Page ID="1" BaseLoc="P.xml"/></Pages></Document>"#;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let main = "<OFD><DocBody><DocRoot>Doc/D.xml</DocRoot><Signatures>Doc/S.xml</Signatures></DocBody></OFD>";
    let all = [("OFD.xml", main.as_bytes()), ("Doc/D.xml", document.as_bytes()), ("Doc/P.xml", content.as_bytes())];
    for (name, bytes) in all.iter().chain(parts) {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn page(objects: &str) -> String {
    format!("<Page><Template TemplateID='9'/><Content><Layer>{objects}</Layer></Content></Page>")
}

fn drawn(bytes: &[u8]) -> Result<(), PreviewError> {
    render(Format::Ofd, bytes, 0, Scale::Dpi(72.0), &Cancel::default()).map(|_| ())
}

#[test]
fn cycles_end() {
    on_own_stack(|| {
        let composite = "<Res><CompositeGraphicUnits><CompositeGraphicUnit ID='5' Width='1' Height='1'><Content>\
            <CompositeObject ID='6' ResourceID='5'/><CompositeObject ID='7' ResourceID='5'/></Content></CompositeGraphicUnit></CompositeGraphicUnits></Res>";
        let result = drawn(&ofd(&page("<CompositeObject ID='2' ResourceID='5'/>"), &[("Doc/Res.xml", composite)]));
        assert!(matches!(result, Err(PreviewError::TooMuch(_))), "{result:?}");
        let params = "<Res><DrawParams><DrawParam ID='3' Relative='4'/><DrawParam ID='4' Relative='3'/></DrawParams></Res>";
        let path = "<PathObject ID='2' Boundary='0 0 9 9' DrawParam='3'><AbbreviatedData>M 0 0 L 9 9</AbbreviatedData></PathObject>";
        drawn(&ofd(&page(path), &[("Doc/Res.xml", params), ("Doc/T.xml", &page(""))])).unwrap();
    });
}

#[test]
fn masses_are_refused() {
    on_own_stack(|| {
        let path = |data: &str| format!("<PathObject ID='2' Boundary='0 0 9 9'><AbbreviatedData>{data}</AbbreviatedData></PathObject>");
        let long = "L 1 1 ".repeat(100_001);
        let texts = format!(
            "<TextObject ID='2' Size='3'><TextCode X='0' Y='0' DeltaX='g 4294967295 0'>{}</TextCode></TextObject>",
            "字".repeat(100_001)
        );
        for content in [path("M 0 0").repeat(10_001), path(&long), texts, "<PageBlock>".repeat(40) + &"</PageBlock>".repeat(40)] {
            let result = drawn(&ofd(&page(&content), &[]));
            assert!(matches!(result, Err(PreviewError::TooMuch(_))), "{result:?}");
        }
    });
}

/// A picture of a few thousand bytes that is a megabyte of pixels, drawn a thousand times: all are held until the page is done.
#[test]
fn a_picture_that_is_drawn_again_and_again_is_refused() {
    on_own_stack(|| {
        let mut png = Cursor::new(Vec::new());
        image::GrayImage::new(1_000, 1_000).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let resources =
            b"<Res BaseLoc=''><MultiMedias><MultiMedia ID='8' Type='Image'><MediaFile>a.png</MediaFile></MultiMedia></MultiMedias></Res>";
        let parts = [("Doc/Res.xml", &resources[..]), ("Doc/a.png", png.get_ref().as_slice())];
        let of = |count: usize| {
            let object = "<ImageObject ID='2' Boundary='0 0 100 100' CTM='100 0 0 100 0 0' ResourceID='8'/>".repeat(count);
            render(Format::Ofd, &ofd_of(&page(&object), &parts), 0, Scale::Dpi(200.0), &Cancel::default())
        };
        let drawn = of(10).unwrap();
        assert_eq!(drawn.rgba[..4], [0, 0, 0, 255]);
        assert_eq!(of(1_000), Err(PreviewError::TooMuch("pictures drawn on a page")));
    });
}

#[test]
fn odd_numbers_draw_something_or_nothing() {
    on_own_stack(|| {
        let odd = ["1e308", "-1e308", "NaN", "inf", "0", "1e-300", "", "-5"];
        for value in odd {
            let objects = format!(
                "<PathObject ID='2' Boundary='{value} 0 {value} 9' CTM='{value} 0 0 {value} 0 0' LineWidth='{value}' DashPattern='{value} {value}' Fill='true'>\
                <AbbreviatedData>M {value} 0 L {value} {value} A {value} 1 0 1 1 5 5 B 1 1 {value} 2 3 3 C</AbbreviatedData></PathObject>\
                <TextObject ID='3' Boundary='0 0 9 9' Size='{value}' HScale='{value}' CharDirection='{value}'>\
                <TextCode X='{value}' Y='{value}' DeltaX='{value} g {value} {value}'>票匣abc</TextCode></TextObject>\
                <ImageObject ID='4' Boundary='0 0 {value} 9' CTM='{value} {value} 0 0 0 0' ResourceID='8'/>"
            );
            let result = drawn(&ofd(&page(&objects), &[]));
            assert!(result.is_ok(), "{value}: {result:?}");
        }
    });
}

#[test]
fn rubbish_is_refused_in_words() {
    on_own_stack(|| {
        for (format, bytes) in [
            (Format::Ofd, &b""[..]),
            (Format::Ofd, b"PK\x05\x06 no zip"),
            (Format::Pdf, b""),
            (Format::Pdf, b"%PDF-1.7\n"),
            (Format::Pdf, b"not a pdf"),
        ] {
            for result in [pages(format, bytes).map(|_| ()), render(format, bytes, 0, Scale::Dpi(72.0), &Cancel::default()).map(|_| ())] {
                assert!(matches!(result, Err(PreviewError::Damaged(_))), "{format:?}: {result:?}");
            }
        }
    });
}

/// Every result is fine but a panic that escapes.
#[test]
fn damaged_originals_never_break_out() {
    on_own_stack(|| {
        for format in [Format::Ofd, Format::Pdf] {
            let whole = file(&invoice("81", 3), format);
            let mut seed = 7_u64;
            let mut next = || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                usize::try_from(seed >> 33).unwrap()
            };
            for _ in 0..60 {
                let mut bytes = whole.clone();
                for _ in 0..1 + next() % 8 {
                    let at = next() % bytes.len();
                    bytes[at] = u8::try_from(next() % 256).unwrap();
                }
                if next() % 4 == 0 {
                    bytes.truncate(next() % bytes.len());
                }
                drop(render(format, &bytes, 0, Scale::Dpi(30.0), &Cancel::default()));
            }
        }
    });
}

#[test]
fn nested_pdf_arrays_do_not_overflow_the_stack() {
    on_own_stack(|| {
        let deep = "[".repeat(100_000);
        let text = format!(
            "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1000000000>>endobj\n\
            3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<</A {deep}>>>>endobj\n\
            4 0 obj<</Length 100000>>stream\n{deep}\nendstream endobj\ntrailer<</Root 1 0 R>>"
        );
        drop(render(Format::Pdf, text.as_bytes(), 0, Scale::Dpi(30.0), &Cancel::default()));
    });
}
