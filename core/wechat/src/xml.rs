//! The small XML of deliveries and replies, read within limits.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use crate::error::WeChatError;

/// Largest delivery, bytes: a text message has at most 2,048 bytes; encrypted and in Base64 it stays far below.
pub(crate) const MESSAGE_LIMIT: usize = 64 << 10;
const DEPTH: usize = 6;
const EVENTS: usize = 1_000;

/// The elements directly below `<xml>`, by name. What lies deeper is not kept.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a delivery.
    ///
    /// # Errors
    /// [`WeChatError::MessageTooLarge`], or [`WeChatError::Xml`]: not well formed, a DOCTYPE, an entity beyond the five
    /// predefined ones, too deep, too many parts, a field twice.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, WeChatError> {
        if bytes.len() > MESSAGE_LIMIT {
            return Err(WeChatError::MessageTooLarge { limit: MESSAGE_LIMIT });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| WeChatError::Xml("not UTF-8"))?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}').trim());
        let mut walk = Walk::default();
        for _ in 0..EVENTS {
            match reader.read_event().map_err(|_| WeChatError::Xml("not well formed"))? {
                Event::Eof if walk.depth == 0 && walk.rooted => return Ok(walk.fields),
                Event::Eof => return Err(WeChatError::Xml("not whole")),
                event => walk.step(&event)?,
            }
        }
        Err(WeChatError::Xml("too many parts"))
    }

    /// A field's text as it came; empty for one that is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

#[derive(Default)]
struct Walk {
    fields: Fields,
    depth: usize,
    rooted: bool,
}

impl Walk {
    fn step(&mut self, event: &Event<'_>) -> Result<(), WeChatError> {
        match event {
            Event::Start(tag) => self.enter(tag.name().as_ref()),
            Event::Empty(tag) => self.enter(tag.name().as_ref()).map(|()| self.depth -= 1),
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(())
            }
            Event::Text(piece) => self.text(&piece.xml10_content()),
            Event::CData(piece) => self.text(&piece.xml10_content()),
            Event::GeneralRef(reference) => self.text(resolved(reference)?.encode_utf8(&mut [0; 4])),
            Event::DocType(_) => Err(WeChatError::Xml("a DOCTYPE")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn enter(&mut self, name: &str) -> Result<(), WeChatError> {
        match self.depth {
            0 if self.rooted => return Err(WeChatError::Xml("two roots")),
            0 if name != "xml" => return Err(WeChatError::Xml("another root than xml")),
            0 => self.rooted = true,
            // Two readers could disagree on which of them counts.
            1 if self.fields.0.iter().any(|(key, _)| key == name) => return Err(WeChatError::Xml("a field twice")),
            1 => self.fields.0.push((name.to_owned(), String::new())),
            depth if depth >= DEPTH => return Err(WeChatError::Xml("too deep")),
            _ => {}
        }
        self.depth += 1;
        Ok(())
    }

    fn text(&mut self, piece: &str) -> Result<(), WeChatError> {
        if self.depth == 0 && !piece.trim_ascii().is_empty() {
            return Err(WeChatError::Xml("text outside the root"));
        }
        if self.depth == 2
            && let Some((_, value)) = self.fields.0.last_mut()
        {
            value.push_str(piece);
        }
        Ok(())
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<char, WeChatError> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    Ok(match &**reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return Err(WeChatError::Xml("an unknown entity")),
    })
}

/// A CDATA section with this text. `]]>` is split over two sections; what XML 1.0 cannot hold is left out.
pub(crate) fn cdata(text: &str) -> String {
    let held: String = text.chars().filter(|c| is_xml(*c)).collect();
    format!("<![CDATA[{}]]>", held.replace("]]>", "]]]]><![CDATA[>"))
}

/// `Char` of XML 1.0, 2.2.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn fields_are_read_in_every_spelling() {
        let fields =
            Fields::parse("\u{FEFF}<xml>\n<A><![CDATA[a<b]]></A><B>1 &lt; 2 &#38; 3</B><C/><D><E>deep</E>x</D></xml>\n".as_bytes())
                .unwrap();
        let all: Vec<&str> = ["A", "B", "C", "D", "E", "F"].iter().map(|name| fields.get(name)).collect();
        assert_eq!(all, ["a<b", "1 < 2 & 3", "", "x", "", ""]);
    }

    #[test]
    fn bombs_and_odd_texts_are_refused() {
        let laughs = "<!DOCTYPE xml [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><xml><A>&b;</A></xml>";
        let outside = "<!DOCTYPE xml [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><xml><A>&a;</A></xml>";
        let deep = format!("<xml>{}{}</xml>", "<a>".repeat(50), "</a>".repeat(50));
        let many = format!("<xml>{}</xml>", (0..2_000).map(|n| format!("<a{n}/>")).collect::<String>());
        let cases = [
            laughs,
            outside,
            &deep,
            &many,
            "",
            "text",
            "<xml>",
            "<xml></xm>",
            "<a/>",
            "<xml/><xml/>",
            "<xml/>x",
            "<xml><A>&b;</A></xml>",
            "<xml><A>1</A><A>2</A></xml>",
            "<xml><A>1</A",
            "</xml>",
            "<xml><![CDATA[</xml>",
            "{\"json\":1}",
        ];
        for text in cases {
            assert!(matches!(Fields::parse(text.as_bytes()), Err(WeChatError::Xml(_))), "{text:.60}");
        }
        assert_eq!(Fields::parse(b"<xml><A>\xFF</A></xml>").unwrap_err(), WeChatError::Xml("not UTF-8"));
        let large = format!("<xml><A>{}</A></xml>", "x".repeat(MESSAGE_LIMIT));
        assert!(matches!(Fields::parse(large.as_bytes()), Err(WeChatError::MessageTooLarge { .. })));
    }

    #[test]
    fn cdata_cannot_be_left() {
        for text in ["plain", "a]]>b", "]]>]]>", "]]]]>>", "<x>&amp;", "]]", "", "1\u{0}2\u{8}3", "换行\n"] {
            let held: String = text.chars().filter(|c| !matches!(c, '\u{0}' | '\u{8}')).collect();
            let xml = format!("<xml><A>{}</A><B>{}</B></xml>", cdata(text), cdata("after"));
            let fields = Fields::parse(xml.as_bytes()).unwrap();
            assert_eq!((fields.get("A"), fields.get("B")), (held.as_str(), "after"), "{xml}");
        }
    }
}
