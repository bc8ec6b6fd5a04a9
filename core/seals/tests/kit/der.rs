//! Writes DER.

pub fn value(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_be_bytes();
    let digits: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    if body.len() < 0x80 {
        out.push(body.len() as u8);
    } else {
        out.push(0x80 | digits.len() as u8);
        out.extend(digits);
    }
    out.extend(body);
    out
}

pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

pub fn set(parts: &[&[u8]]) -> Vec<u8> {
    value(0x31, &parts.concat())
}

pub fn context(number: u8, body: &[u8]) -> Vec<u8> {
    value(0xA0 | number, body)
}

pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut body: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if body.first().is_none_or(|first| *first >= 0x80) {
        body.insert(0, 0);
    }
    value(0x02, &body)
}

pub fn octets(bytes: &[u8]) -> Vec<u8> {
    value(0x04, bytes)
}

pub fn bits(bytes: &[u8]) -> Vec<u8> {
    value(0x03, &[&[0], bytes].concat())
}

pub fn utf8(text: &str) -> Vec<u8> {
    value(0x0C, text.as_bytes())
}

pub fn ia5(text: &str) -> Vec<u8> {
    value(0x16, text.as_bytes())
}

pub fn time(text: &str) -> Vec<u8> {
    value(if text.len() == 13 { 0x17 } else { 0x18 }, text.as_bytes())
}

pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u32> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut body = vec![(arcs[0] * 40 + arcs[1]) as u8];
    for arc in &arcs[2..] {
        let groups: Vec<u8> = (0..5).rev().map(|at| (arc >> (7 * at)) as u8 & 0x7F).skip_while(|group| *group == 0).collect();
        let last = groups.len().saturating_sub(1);
        body.extend(groups.iter().enumerate().map(|(at, group)| if at < last { group | 0x80 } else { *group }));
        if groups.is_empty() {
            body.push(0);
        }
    }
    value(0x06, &body)
}
