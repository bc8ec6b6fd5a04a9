//! What the card does with commands (ISO/IEC 7816-4): short and extended ones, and chains.

use sm2::dsa::Signature;
use sm2::dsa::signature::hazmat::PrehashSigner as _;

use super::SimDisk;

const AID: [u8; 10] = [0xD1, 0x56, 0x00, 0x00, 0x50, 0x58, 0x54, 0x41, 0x58, 0x01];
/// Longest chain, bytes.
const CHAIN_BYTES: usize = 8 * 1024;

const DONE: u16 = 0x9000;
const END: u16 = 0x6282;
const LENGTH: u16 = 0x6700;
const NOT_VERIFIED: u16 = 0x6982;
const LOCKED: u16 = 0x6983;
const CONDITIONS: u16 = 0x6985;
const NO_FILE_SELECTED: u16 = 0x6986;
const DATA: u16 = 0x6A80;
const MISSING: u16 = 0x6A82;
const OFFSET: u16 = 0x6B00;
const INSTRUCTION: u16 = 0x6D00;
const CLASS: u16 = 0x6E00;

/// What is selected and allowed until the next reset.
#[derive(Debug, Default)]
pub(super) struct Session {
    selected: bool,
    verified: bool,
    file: Option<u8>,
    chain: Vec<u8>,
}

/// A command taken apart.
struct Parsed<'c> {
    header: [u8; 4],
    data: &'c [u8],
    expected: usize,
}

pub(super) fn answer(disk: &mut SimDisk, command: &[u8]) -> Vec<u8> {
    let Some(command) = parse(command) else { return status(LENGTH) };
    let [class, instruction, first, second] = command.header;
    if class & 0x10 != 0 {
        return chain(disk, &command);
    }
    let chained = [std::mem::take(&mut disk.session.chain).as_slice(), command.data].concat();
    match (class, instruction, first, second) {
        (0x00, 0xA4, 0x04, _) => select_application(disk, &chained),
        _ if !disk.session.selected => status(CONDITIONS),
        (0x00, 0xA4, 0x02, _) => select_file(disk, &chained),
        (0x00, 0xB0, ..) => read(disk, u16::from_be_bytes([first, second]).into(), command.expected),
        (0x00, 0x20, 0x00, 0x01) => verify(disk, &chained),
        (0x80, 0x74, 0x00, 0x01) => sign(disk, &chained),
        (0x00 | 0x80, ..) => status(INSTRUCTION),
        _ => status(CLASS),
    }
}

fn status(word: u16) -> Vec<u8> {
    word.to_be_bytes().to_vec()
}

fn with_status(data: &[u8], word: u16) -> Vec<u8> {
    [data, &word.to_be_bytes()].concat()
}

/// Cases 1 to 4, short and extended (5.1).
fn parse(command: &[u8]) -> Option<Parsed<'_>> {
    let (header, body) = command.split_at_checked(4)?;
    let header = header.try_into().ok()?;
    let short = |byte: u8| if byte == 0 { 256 } else { usize::from(byte) };
    let long = |high: u8, low: u8| match usize::from(u16::from_be_bytes([high, low])) {
        0 => 65_536,
        length => length,
    };
    let (data, expected) = match body {
        [] => (&[][..], 0),
        [expected] => (&[][..], short(*expected)),
        [0, high, low] => (&[][..], long(*high, *low)),
        [0, high, low, rest @ ..] => {
            let (data, expected) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
            match expected {
                [] => (data, 0),
                [high, low] => (data, long(*high, *low)),
                _ => return None,
            }
        }
        [length, rest @ ..] => {
            let (data, expected) = rest.split_at_checked(usize::from(*length))?;
            match expected {
                [] => (data, 0),
                [expected] => (data, short(*expected)),
                _ => return None,
            }
        }
    };
    Some(Parsed { header, data, expected })
}

fn chain(disk: &mut SimDisk, command: &Parsed<'_>) -> Vec<u8> {
    if disk.session.chain.len() + command.data.len() > CHAIN_BYTES {
        disk.session.chain.clear();
        return status(LENGTH);
    }
    disk.session.chain.extend(command.data);
    status(DONE)
}

fn select_application(disk: &mut SimDisk, name: &[u8]) -> Vec<u8> {
    disk.reset();
    if name != AID {
        return status(MISSING);
    }
    disk.session.selected = true;
    // FCI with the name in it (7.4.3).
    let inner = [&[0x84, AID.len() as u8][..], &AID].concat();
    with_status(&[&[0x6F, inner.len() as u8][..], &inner].concat(), DONE)
}

fn select_file(disk: &mut SimDisk, file: &[u8]) -> Vec<u8> {
    match file {
        [0xEF, number @ (1 | 2)] => {
            disk.session.file = Some(*number);
            status(DONE)
        }
        _ => status(MISSING),
    }
}

fn read(disk: &SimDisk, offset: usize, expected: usize) -> Vec<u8> {
    let file = match disk.session.file {
        None => return status(NO_FILE_SELECTED),
        Some(1) => &disk.facts,
        Some(_) => &disk.certificate,
    };
    let Some(rest) = file.get(offset..).filter(|rest| !rest.is_empty()) else { return status(OFFSET) };
    match rest.get(..expected) {
        Some(part) => with_status(part, DONE),
        None => with_status(rest, END),
    }
}

fn verify(disk: &mut SimDisk, password: &[u8]) -> Vec<u8> {
    let counter = |left: u8| if left == 0 { status(LOCKED) } else { status(0x63C0 | u16::from(left.min(15))) };
    if password.is_empty() || disk.state.left == 0 {
        return counter(disk.state.left);
    }
    if password == disk.state.password.as_bytes() {
        disk.state.left = disk.state.most;
        disk.session.verified = true;
        return status(DONE);
    }
    disk.session.verified = false;
    disk.state.left -= 1;
    counter(disk.state.left)
}

fn sign(disk: &SimDisk, digest: &[u8]) -> Vec<u8> {
    if !disk.session.verified {
        return status(NOT_VERIFIED);
    }
    let signature: Option<Signature> =
        Some(digest).filter(|digest| digest.len() == 32).and_then(|digest| disk.key.sign_prehash(digest).ok());
    signature.map_or_else(|| status(DATA), |signature| with_status(&signature.to_bytes(), DONE))
}
