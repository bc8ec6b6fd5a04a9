//! PDF files that mean harm or are broken: each is refused for its reason or read within bounds, none stops the program.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    unsafe_code,
    reason = "a test may panic, and counts what is allocated"
)]

#[path = "support/pdf.rs"]
mod by_hand;
#[path = "support/invoices.rs"]
mod invoices;
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Read;

use by_hand::{assemble, deflate, file, stream};
use flate2::read::ZlibDecoder;
use invoices::{invoice, original};
use piaoxia_documents::{Document, PdfFault, Refused, read, verdicts};
use piaoxia_domain::invoice::Format;
use support::Dice;
use support::mutator::count;

const MIB: usize = 1024 * 1024;

/// Counts what this thread holds; the most since it was last reset.
struct Counting;

thread_local! {
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

fn held(change: isize) {
    let _gone = HELD.try_with(|held| {
        let (now, most) = held.get();
        held.set((now + change, most.max(now + change)));
    });
}

// SAFETY: hands everything to the system's allocator and only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        held(layout.size().cast_signed());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        held(-layout.size().cast_signed());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Reads a file, within 64 MiB over what was held before.
fn bounded(name: &str, pdf: &[u8]) -> Result<Document, Refused> {
    let before = HELD.get().0;
    HELD.set((before, before));
    let outcome = read("hostile.pdf", pdf);
    let most = (HELD.get().1 - before).unsigned_abs() / MIB;
    assert!(most < 64, "{name} took {most} MiB");
    outcome
}

const NO_TEXT: Refused = Refused::Pdf(PdfFault::NoText);

#[test]
fn streams_that_unpack_to_too_much_are_refused() {
    let too_large = Refused::Pdf(PdfFault::TooLarge { limit: 16 * MIB });
    let twice = deflate(&deflate(&vec![0; 200 * MIB]));
    assert!(twice.len() < 20_000);
    assert_eq!(bounded("double flate", &file(&twice, "/Filter[/FlateDecode/FlateDecode]", "", &[])).unwrap_err(), too_large);
    let once = deflate(&vec![b' '; 17 * MIB]);
    assert_eq!(bounded("flate", &file(&once, "/Filter/FlateDecode", "", &[])).unwrap_err(), too_large);
    // Each part small enough, all together too much.
    let part = deflate(&vec![b' '; 15 * MIB]);
    let many = [&b"<</Type/Catalog/Pages 2 0 R>>"[..], b"<</Kids[3 0 R]>>", b"<</Contents[4 0 R 4 0 R 4 0 R]>>"].map(<[u8]>::to_vec);
    let many = assemble(&[&many[..], &[stream(&part, "/Filter/FlateDecode")]].concat(), "");
    assert_eq!(bounded("many parts", &many).unwrap_err(), too_large);
    let filters = format!("/Filter[{}]", "/FlateDecode ".repeat(5_000));
    assert_eq!(bounded("many filters", &file(&once, &filters, "", &[])).unwrap_err(), NO_TEXT);
}

#[test]
fn nests_are_bounded() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    for (name, value) in [("arrays", deep("[", "]")), ("dictionaries", deep("<</A", ">>")), ("strings", deep("(", ")"))] {
        let page = format!("/Resources {value}");
        assert_eq!(bounded(name, &file(b"BT (a) Tj ET", "", &page, &[])).unwrap_err(), NO_TEXT, "{name}");
        assert_eq!(bounded(name, &file(value.as_bytes(), "", "", &[])).unwrap_err(), NO_TEXT, "{name} in the content");
    }
    assert_eq!(bounded("states", &file(&b"q ".repeat(1_000_000), "", "", &[])).unwrap_err(), NO_TEXT);
}

#[test]
fn circles_end() {
    let plain = file(b"", "", "", &[]);
    let start = plain.windows(5).position(|window| window == b"xref\n").unwrap();
    let objects: Vec<Vec<u8>> = vec![b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>".to_vec()];
    let looped = String::from_utf8(plain).unwrap().replace("/Root 1 0 R", &format!("/Root 1 0 R/Prev {start}"));
    assert_eq!(bounded("table", looped.as_bytes()).unwrap_err(), NO_TEXT);
    assert_eq!(bounded("pages", &assemble(&objects, "")).unwrap_err(), NO_TEXT);
    let form = stream(b"/X Do /X Do", "/Subtype/Form/Resources<</XObject<</X 5 0 R>>>>");
    let forms = file(b"/X Do", "", "/Resources<</XObject<</X 5 0 R>>>>", &[&form]);
    assert_eq!(bounded("forms", &forms).unwrap_err(), NO_TEXT);
    let wide = stream(&b"/X Do ".repeat(1_000), "/Subtype/Form/Resources<</XObject<</X 5 0 R>>>>");
    let wide = file(b"/X Do", "", "/Resources<</XObject<</X 5 0 R>>>>", &[&wide]);
    assert!(bounded("wide forms", &wide).is_err());
    let length = file(b"", "", "/Resources 5 0 R", &[b"6 0 R", b"5 0 R"]);
    assert_eq!(bounded("references", &length).unwrap_err(), NO_TEXT);
    let own_length = file(b"", "", "", &[b"<</Length 5 0 R>>\nstream\nx\nendstream"]);
    assert_eq!(bounded("length", &own_length).unwrap_err(), NO_TEXT);
}

/// A file whose cross-reference stream says that object 1 lies in object stream 5, and that so does the stream itself.
fn packed_in_itself() -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let packed = pdf.len();
    pdf.extend(b"5 0 obj\n<</Type/ObjStm/N 2/First 10/Length 5 0 R>>\nstream\n1 0 5 2 <</Pages 2 0 R>>\nendstream\nendobj\n");
    let table = pdf.len();
    let rows: Vec<u8> = [[2, 5, 0], [2, 5, 1], [1, u8::try_from(packed).unwrap(), 0]].concat();
    pdf.extend(b"6 0 obj\n<</Type/XRef/W[1 1 1]/Index[1 1 5 1 7 1000000000]/Size 1000000000/Root 1 0 R/Length 9>>\nstream\n");
    pdf.extend(rows);
    pdf.extend(format!("\nendstream\nendobj\nstartxref\n{table}\n%%EOF").bytes());
    pdf
}

#[test]
fn object_streams_in_themselves_and_invented_counts_end() {
    assert!(bounded("object stream", &packed_in_itself()).is_err());
    let counted = String::from_utf8(file(b"", "", "", &[])).unwrap();
    let counted =
        counted.replace("/Count 1", "/Count 1000000000").replace("/Size 5", "/Size 1000000000").replace("0 5\n", "0 1000000000\n");
    assert_eq!(bounded("counts", counted.as_bytes()).unwrap_err(), NO_TEXT);
    let array = format!("<</Type/Pages/Kids[{}]>>", "3 0 R ".repeat(4_000_000 / 6));
    let pages = assemble(&[b"<</Pages 2 0 R>>".to_vec(), array.into_bytes(), b"<</Type/Page>>".to_vec()], "");
    assert!(bounded("kids", &pages).is_err());
    let array = file(b"", "", &format!("/Resources[{}]", "0 ".repeat(2_000_000)), &[]);
    assert!(bounded("array", &array).is_err());
}

#[test]
fn characters_and_operators_are_bounded() {
    let too_complex = Refused::Pdf(PdfFault::TooComplex);
    let font = "/Resources<</Font<</F 5 0 R>>>>";
    let text = [b"BT /F 9 Tf (".as_slice(), &b"a".repeat(900_000), b") Tj ET"].concat();
    let fonts: [&[u8]; 1] = [b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"];
    assert_eq!(bounded("characters", &file(&text, "", font, &fonts)).unwrap_err(), too_complex);
    assert_eq!(bounded("operators", &file(&b"n ".repeat(2_100_000), "", font, &fonts)).unwrap_err(), too_complex);
    // Rectangles beyond the most are left out.
    assert_eq!(bounded("rectangles", &file(&b"0 0 9 9 re f ".repeat(200_000), "", font, &fonts)).unwrap_err(), NO_TEXT);
    let map = b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange ".repeat(100_000);
    let mapped = [b"<</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R>>".to_vec(), stream(&map, "")];
    let mapped = file(b"BT /F 9 Tf (ab) Tj ET", "", font, &[&mapped[0], &mapped[1]]);
    assert_eq!(bounded("map", &mapped).unwrap_err(), Refused::NotRecognised);
}

#[test]
fn pictures_are_bounded() {
    let resources = "/Resources<</XObject<</I 5 0 R>>>>";
    let shown =
        |dict: &str, bytes: &[u8]| file(b"90 0 0 90 0 0 cm /I Do", "", resources, &[&stream(bytes, &format!("/Subtype/Image{dict}"))]);
    let grey = |side: usize| format!("/Width {side}/Height {side}/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode");
    for side in [100_000, 1_000_000_000, 4_097] {
        assert_eq!(bounded("large", &shown(&grey(side), &deflate(b"x"))).unwrap_err(), NO_TEXT, "{side}");
    }
    let large = deflate(&vec![0x55; 4_000 * 4_000]);
    assert_eq!(bounded("grey", &shown(&grey(4_000), &large)).unwrap_err(), NO_TEXT);
    // The head of a JPEG with 60,000 pixels on a side.
    let jpeg = b"\xFF\xD8\xFF\xC0\x00\x11\x08\xEA\x60\xEA\x60\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01\xFF\xD9";
    assert_eq!(bounded("jpeg", &shown("/Width 60000/Height 60000/Filter/DCTDecode", jpeg)).unwrap_err(), NO_TEXT);
}

/// Corner marks of QR codes, side by side: the library compares every three of them.
#[test]
fn a_picture_full_of_corner_marks_ends() {
    const SIDE: usize = 1_024;
    let dark = |x: usize, y: usize| {
        let (x, y) = (x % 9, y % 9);
        x < 7 && y < 7 && (x == 0 || y == 0 || x == 6 || y == 6 || ((2..5).contains(&x) && (2..5).contains(&y)))
    };
    let pixels: Vec<u8> = (0..SIDE * SIDE).map(|at| if dark(at % SIDE, at / SIDE) { 0 } else { 255 }).collect();
    let dict = format!("/Subtype/Image/Width {SIDE}/Height {SIDE}/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode");
    let picture = stream(&deflate(&pixels), &dict);
    let pdf = file(b"90 0 0 90 0 0 cm /I Do", "", "/Resources<</XObject<</I 5 0 R>>>>", &[&picture]);
    assert_eq!(bounded("corner marks", &pdf).unwrap_err(), NO_TEXT);
}

#[test]
fn what_cannot_be_read_says_why() {
    let encrypted = assemble(&[b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), b"<</Kids[]>>".to_vec()], "/Encrypt 9 0 R");
    assert_eq!(read("a.pdf", &encrypted), Err(Refused::Pdf(PdfFault::Encrypted)));
    assert_eq!(read("a.pdf", b"%PDF-1.7\n"), Err(Refused::Pdf(PdfFault::Unreadable)));
    assert_eq!(read("a.pdf", &file(b"", "", "", &[])), Err(NO_TEXT));
    let font: [&[u8]; 1] = [b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"];
    let letter = file(b"BT /F 9 Tf (Dear Sir or Madam) Tj ET", "", "/Resources<</Font<</F 5 0 R>>>>", &font);
    assert_eq!(read("a.pdf", &letter), Err(Refused::NotRecognised));
    let huge = [b"%PDF-1.7".as_slice(), &vec![0; 33 * MIB]].concat();
    assert_eq!(read("a.pdf", &huge), Err(Refused::TooLarge { size: huge.len() as u64, limit: 32 * MIB as u64 }));
}

/// The streams of a file unpacked where they lie: its offsets are wrong and its lengths too, as after many a mailer.
fn unpacked(pdf: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = pdf;
    while let Some(at) = rest.windows(8).position(|window| window == b"\nstream\n") {
        let end = at + 8 + rest[at + 8..].windows(9).position(|window| window == b"endstream").unwrap();
        let mut bytes = Vec::new();
        let read = ZlibDecoder::new(&rest[at + 8..end]).read_to_end(&mut bytes);
        out.extend_from_slice(&rest[..at + 8]);
        match read {
            Ok(_) if !bytes.windows(9).any(|window| window == b"endstream") && bytes.first() != Some(&1) => {
                let filter = b"/Filter /FlateDecode";
                if let Some(place) = out.windows(filter.len()).rposition(|window| window == filter) {
                    out.drain(place..place + filter.len());
                }
                out.extend(bytes);
            }
            _ => out.extend_from_slice(&rest[at + 8..end]),
        }
        out.extend(b"\nendstream");
        rest = &rest[end + 9..];
    }
    out.extend_from_slice(rest);
    out
}

#[test]
fn a_file_whose_offsets_are_wrong_is_read_all_the_same() {
    let whole = original(&invoice("81", 3), Format::Pdf);
    let expected = read("a.pdf", &whole).unwrap();
    assert_eq!(read("a.pdf", &unpacked(&whole)).unwrap(), expected);
    let shifted = [b"%PDF-1.7 \n".as_slice(), &whole[9..]].concat();
    assert_eq!(read("a.pdf", &shifted).unwrap(), expected);
}

/// Does one harmful thing to a file.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    let length = dice.below(60).min(bytes.len() - at);
    let insert: Vec<u8> = match dice.below(9) {
        0 | 1 => {
            for _ in 0..=dice.below(16) {
                let place = dice.below(bytes.len());
                bytes[place] ^= 1 << dice.below(8);
            }
            return;
        }
        2 => return bytes.truncate(at.max(1)),
        3 => return drop(bytes.drain(at..at + length)),
        4 => bytes[at..at + length].to_vec(),
        5 => return number(bytes, dice),
        6 => b"[<<(".repeat(dice.below(60)),
        7 => b" 3 0 R 99999999999 -1 1e9 ".to_vec(),
        _ => (0..length).map(|_| dice.roll().to_le_bytes()[0]).collect(),
    };
    bytes.splice(at..at, insert);
}

/// Replaces a number by one that trips readers.
fn number(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const NUMBERS: [&str; 9] = ["0", "-1", "1", "4294967295", "99999999999999999999", "65536", "0.000001", "-1000000", "7"];
    let starts: Vec<usize> = bytes
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| !pair[0].is_ascii_digit() && pair[1].is_ascii_digit())
        .map(|(at, _)| at + 1)
        .collect();
    if starts.is_empty() {
        return;
    }
    let start = starts[dice.below(starts.len())];
    let end = start + bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.splice(start..end, NUMBERS[dice.below(NUMBERS.len())].bytes());
}

fn mutants(count: u64, seeds: &[Vec<u8>]) -> (u64, u64) {
    let (mut good, mut refused) = (0, 0);
    for seed in 0..count {
        let mut dice = Dice::new(seed);
        let mut bytes = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(4) {
            damage(&mut bytes, &mut dice);
        }
        match bounded(&format!("mutant {seed}"), &bytes) {
            Ok(document) => {
                assert!(!verdicts(&document).is_empty() && !document.invoice.key.number().is_empty());
                good += 1;
            }
            Err(why) => {
                assert!(why.to_string().len() < 400, "{why}");
                refused += 1;
            }
        }
    }
    (good, refused)
}

fn seeds() -> Vec<Vec<u8>> {
    [("81", 3), ("10", 2), ("61", 1), ("85", 12)].map(|(kind, lines)| original(&invoice(kind, lines), Format::Pdf)).to_vec()
}

// Both ways must be walked, or the mutants prove nothing.

#[test]
fn a_thousand_damaged_files_are_survived() {
    let (good, refused) = mutants(count(1_000), &seeds());
    assert!(good > 100 && refused > 50, "{good} read, {refused} refused");
}

#[test]
fn two_thousand_damaged_files_with_bare_streams_are_survived() {
    let seeds: Vec<Vec<u8>> = seeds().iter().map(|pdf| unpacked(pdf)).collect();
    let (good, refused) = mutants(count(2_000), &seeds);
    assert!(good > 200 && refused > 50, "{good} read, {refused} refused");
}
