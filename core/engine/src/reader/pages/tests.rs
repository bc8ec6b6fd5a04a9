#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;

/// Started with these words, the test program is the drawing process.
const ONE_AT_A_TIME: &str = "--test-threads=1";

#[test]
fn draw_pages() {
    if std::env::args().any(|word| word == ONE_AT_A_TIME) {
        let served = crate::reader::serve(std::io::stdin().lock(), std::io::stdout().lock());
        std::process::exit(i32::from(served.is_err()));
    }
}

fn drawers(patience: Duration) -> Drawers {
    let arguments = ["--exact", "reader::pages::tests::draw_pages", "--nocapture", ONE_AT_A_TIME];
    let program = ReaderProgram { program: std::env::current_exe().unwrap(), arguments: arguments.map(Into::into).to_vec() };
    Drawers::new(Some(program), patience, CancellationToken::new())
}

const ORDER: PageOrder = PageOrder { format: Format::Pdf, page: 0, scale: Scale::Dpi(72.0) };
const LONG: Duration = Duration::from_secs(120);

/// A PDF of one page: its box, its content, and objects from 5 on, `X` being the first of them.
fn pdf(media_box: &str, content: &[u8], objects: &[Vec<u8>]) -> Vec<u8> {
    let mut all = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[{media_box}]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>").into_bytes(),
        stream("", content),
    ];
    all.extend_from_slice(objects);
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(&all) {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend(format!("{number} 0 obj\n").bytes().chain(object.iter().copied()).chain(*b"\nendobj\n"));
    }
    let (start, size) = (file.len(), all.len() + 1);
    file.extend(format!("xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

fn stream(dictionary: &str, bytes: &[u8]) -> Vec<u8> {
    [format!("<</Length {}{dictionary}>>stream\n", bytes.len()).as_bytes(), bytes, b"\nendstream"].concat()
}

/// So many MiB of one byte, packed twice: a thousandth, and a hundredth of that.
fn packed(mib: usize, byte: u8) -> Vec<u8> {
    let mut runs = [129, byte].repeat(mib * (1 << 20) / 128);
    runs.push(128);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&runs).unwrap();
    encoder.finish().unwrap()
}

fn picture(side: usize, bits: usize, what: &str, mib: usize) -> Vec<u8> {
    let dictionary = format!(
        "/Type/XObject/Subtype/Image/Width {side}/Height {side}/BitsPerComponent {bits}{what}/Filter[/FlateDecode/RunLengthDecode]"
    );
    stream(&dictionary, &packed(mib, 0))
}

/// A form that draws another, twice.
fn form(number: usize, group: &str) -> Vec<u8> {
    let dictionary = format!("/Type/XObject/Subtype/Form/BBox[0 0 100 100]{group}/Resources<</XObject<</X {number} 0 R>>>>");
    stream(&dictionary, b"q /X Do Q q /X Do Q")
}

/// A red square of a quarter of the page.
fn plain() -> Vec<u8> {
    pdf("0 0 100 100", b"1 0 0 rg 0 0 50 50 re f", &[])
}

#[test]
fn a_page_looks_the_same_wherever_it_is_drawn() {
    let here = Drawers::new(None, LONG, CancellationToken::new());
    let there = drawers(LONG);
    for _ in 0..3 {
        let (picture, pages) = there.draw(&ORDER, &plain(), &Cancel::default()).unwrap();
        assert_eq!((picture.width, picture.height, pages.len()), (100, 100, 1));
        assert_eq!((picture.rgba[99 * 400..][..4].to_vec(), picture.rgba[..4].to_vec()), (vec![255, 0, 0, 255], vec![255; 4]));
        assert_eq!(here.draw(&ORDER, &plain(), &Cancel::default()).unwrap(), (picture, pages));
    }
    // One process did them all.
    assert_eq!(there.lock().idle.len(), 1);
    let wrong = PageOrder { page: 7, ..ORDER };
    let problems = [&here, &there].map(|drawers| drawers.draw(&wrong, &plain(), &Cancel::default()).unwrap_err());
    assert_eq!(problems[0], problems[1]);
    let cancel = Cancel::default();
    cancel.cancel();
    assert_eq!(there.draw(&ORDER, &plain(), &cancel).unwrap_err().what, What::Cancelled);
}

/// Each takes a gigabyte and more. The limit of the process refuses them, and the next page is drawn.
#[test]
fn pages_that_take_too_much_memory_are_refused() {
    let draws = |object: Vec<u8>| pdf("0 0 100 100", b"q 100 0 0 100 0 0 cm /X Do Q", &[object]);
    let small = picture(1_000, 8, "/ColorSpace/DeviceGray/SMask 6 0 R", 1);
    let masked = pdf("0 0 100 100", b"q 100 0 0 100 0 0 cm /X Do Q", &[small, picture(32_000, 8, "/ColorSpace/DeviceGray", 1_024)]);
    for (what, file) in [
        ("a picture", draws(picture(20_000, 8, "/ColorSpace/DeviceRGB", 1_200))),
        ("a stencil", draws(picture(92_000, 1, "/ImageMask true", 1_024))),
        ("a mask of a small picture", masked),
    ] {
        let drawers = drawers(LONG);
        drawers.draw(&ORDER, &plain(), &Cancel::default()).unwrap();
        let result = drawers.draw(&ORDER, &file, &Cancel::default());
        let fault = result.err().map(|problem| problem.what);
        assert_eq!(fault, Some(What::Preview(PreviewFault::TooLarge)), "{what}: {} bytes", file.len());
        drawers.draw(&ORDER, &plain(), &Cancel::default()).unwrap();
    }
}

/// Forms in forms: each level doubles the work.
#[test]
fn a_page_that_takes_too_long_is_given_up() {
    let mut forms: Vec<Vec<u8>> = (6..6 + 40).map(|number| form(number, "/Group<</S/Transparency>>")).collect();
    forms.push(stream("/Type/XObject/Subtype/Form/BBox[0 0 100 100]", b"0 0 9 9 re f"));
    let deep = pdf("0 0 100 100", b"/X Do", &forms);
    let drawers = drawers(Duration::from_secs(3));
    let result = drawers.draw(&ORDER, &deep, &Cancel::default());
    // A renderer may stop at some depth by itself, and draw nothing.
    assert!(result.as_ref().err().is_none_or(|problem| problem.what == What::Preview(PreviewFault::TooLarge)), "{result:?}");
    drawers.draw(&ORDER, &plain(), &Cancel::default()).unwrap();
}

#[test]
fn a_page_as_large_as_a_city_is_drawn_small_or_refused() {
    let drawers = drawers(LONG);
    for media_box in ["0 0 1000000000 1000000000", "0 0 1e38 1e38", "-1e9 -1e9 1e9 1e9", "0 0 1000000000 1"] {
        let file = pdf(media_box, b"1 0 0 rg 0 0 500000000 500000000 re f", &[]);
        let fit = PageOrder { scale: Scale::Fit { width: 100, height: 100 }, ..ORDER };
        if let Ok((picture, _)) = drawers.draw(&fit, &file, &Cancel::default()) {
            assert!(picture.width <= 100 && picture.height <= 100, "{media_box}");
        }
        let refused = drawers.draw(&ORDER, &file, &Cancel::default()).map(|_| ()).unwrap_err();
        assert!(matches!(refused.what, What::Preview(PreviewFault::TooLarge | PreviewFault::Damaged)), "{media_box}: {refused:?}");
    }
}

#[test]
fn a_process_that_was_ended_from_outside_costs_no_page() {
    let drawers = drawers(LONG);
    for _ in 0..3 {
        drawers.draw(&ORDER, &plain(), &Cancel::default()).unwrap();
        for process in &drawers.lock().idle {
            process.kill();
        }
    }
    let gone = ReaderProgram { program: "/nowhere/piaoxia".into(), arguments: Vec::new() };
    let without = Drawers::new(Some(gone), LONG, CancellationToken::new());
    without.draw(&ORDER, &plain(), &Cancel::default()).unwrap();
}

#[tokio::test]
async fn processes_at_rest_are_ended() {
    let drawers = drawers(LONG);
    drawers.draw(&ORDER, &plain(), &Cancel::default()).unwrap();
    drawers.rest(Duration::from_millis(1)).await;
    assert!(drawers.lock().idle.is_empty());
}
