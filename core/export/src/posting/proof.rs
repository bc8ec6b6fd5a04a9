//! Reading an instance back: structure and every value.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::instance::{Fact, SCHEMA};

/// Compares an instance with what it has to state.
///
/// # Errors
/// What differs, in English.
pub(super) fn prove(xml: &str, expected: &[Fact]) -> Result<(), String> {
    let mut read = Read::default();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => read.open(&tag, false)?,
            Event::Empty(tag) => read.open(&tag, true)?,
            Event::End(_) => read.close()?,
            Event::Text(text) => read.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => read.text.push_str(match reference.as_ref() {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                other => return Err(format!("unknown reference {other}")),
            }),
            Event::Eof => break,
            _ => {}
        }
    }
    if (read.schemas, read.contexts, read.units) != (1, 1, 1) {
        return Err(format!("{} schemas, {} contexts, {} units", read.schemas, read.contexts, read.units));
    }
    let mut wanted = Vec::new();
    expected.iter().for_each(|fact| flatten(fact, 1, &mut wanted));
    if read.facts == wanted {
        return Ok(());
    }
    let differs = read.facts.iter().zip(&wanted).find(|(read, wanted)| read != wanted);
    Err(differs.map_or("other elements".to_owned(), |(read, wanted)| format!("{read:?} instead of {wanted:?}")))
}

/// An element as it is compared: depth, name, text.
type Flat = (usize, String, String);

fn flatten(fact: &Fact, depth: usize, into: &mut Vec<Flat>) {
    match fact {
        Fact::Text(name, text) | Fact::Amount(name, text) => into.push((depth, (*name).to_owned(), text.clone())),
        Fact::Tuple(name, facts) => {
            into.push((depth, (*name).to_owned(), String::new()));
            facts.iter().for_each(|fact| flatten(fact, depth + 1, into));
        }
    }
}

#[derive(Default)]
struct Read {
    facts: Vec<Flat>,
    /// Places in `facts` of the open elements; none for elements of XBRL itself.
    open: Vec<Option<usize>>,
    text: String,
    schemas: u32,
    contexts: u32,
    units: u32,
}

impl Read {
    fn open(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<(), String> {
        self.text.clear();
        let name = tag.name();
        match name.as_ref() {
            "link:schemaRef" if attribute(tag, "xlink:href").as_deref() == Some(SCHEMA) => self.schemas += 1,
            "xbrli:context" if attribute(tag, "id").as_deref() == Some("c1") => self.contexts += 1,
            "xbrli:unit" if attribute(tag, "id").as_deref() == Some("u1") => self.units += 1,
            _ => {}
        }
        let fact = name.as_ref().strip_prefix("einv:").map(|name| {
            let depth = self.open.len();
            self.facts.push((depth, name.to_owned(), String::new()));
            self.facts.len() - 1
        });
        if let Some(place) = fact {
            self.check(place, tag)?;
        }
        if !empty {
            self.open.push(fact);
        }
        Ok(())
    }

    /// Contexts, units and decimals, by what an element is.
    fn check(&self, place: usize, tag: &BytesStart<'_>) -> Result<(), String> {
        let name = self.facts.get(place).map_or("", |(_, name, _)| name.as_str());
        let is_amount = name.starts_with("Total") || name == "RecordedAmount";
        let stated = ["contextRef", "unitRef", "decimals"].map(|attribute_name| attribute(tag, attribute_name));
        let wanted = match (name.ends_with("Tuple"), is_amount) {
            (true, _) => [None, None, None],
            (false, true) => [Some("c1"), Some("u1"), Some("2")],
            (false, false) => [Some("c1"), None, None],
        };
        let wanted = wanted.map(|value| value.map(str::to_owned));
        if stated == wanted { Ok(()) } else { Err(format!("{name}: {stated:?}")) }
    }

    fn close(&mut self) -> Result<(), String> {
        let open = self.open.pop().ok_or("an end without a beginning")?;
        if let Some((_, name, text)) = open.and_then(|place| self.facts.get_mut(place))
            && !name.ends_with("Tuple")
        {
            *text = std::mem::take(&mut self.text);
        }
        self.text.clear();
        Ok(())
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == name).map(|attribute| attribute.value.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::super::{Posting, PostingEntry, Side, Voucher, instance};
    use super::*;
    use crate::common::invoice;

    #[test]
    fn whatever_is_changed_in_an_instance_is_found() {
        let entry = |side, amount| PostingEntry {
            side,
            subject: "管理费用<&>".to_owned(),
            sub_subject: String::new(),
            amount: piaoxia_domain::Money::from_fen(amount),
        };
        let date = jiff::civil::date(2026, 10, 8);
        let voucher = Voucher {
            number: "记-1".to_owned(),
            date,
            period: piaoxia_domain::Month::of(date),
            summary: "软件 \"服务\"".to_owned(),
            entries: vec![entry(Side::Debit, 100), entry(Side::Credit, 100)],
        };
        let posting = Posting { vouchers: vec![voucher], booked: true, paid: Some(false), ..Posting::default() };
        let invoice = invoice(1);
        let (xml, facts) = (instance::of(&invoice, &posting, date), instance::facts(&invoice, &posting));
        prove(&xml, &facts).unwrap();
        for (from, to) in [
            ("管理费用&lt;&amp;&gt;", "管理费用"),
            (r#" decimals="2""#, ""),
            (r#" contextRef="c1""#, ""),
            (r#"unitRef="u1""#, r#"unitRef="u2""#),
            ("借方", "贷方"),
            ("SellerName", "Seller"),
            ("<xbrli:unit id=\"u1\">", "<xbrli:unit id=\"u9\">"),
            (SCHEMA, "other.xsd"),
            ("<einv:InformationOfDebitAndCreditEntryTuple>", "<einv:Other>"),
        ] {
            assert!(xml.contains(from), "{from}");
            assert!(prove(&xml.replacen(from, to, 1), &facts).is_err(), "{from}");
        }
    }
}
