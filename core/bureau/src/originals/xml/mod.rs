//! XML: the writer, the 数电 original and the attachment of older invoices.

pub(super) mod einvoice;
pub(super) mod tax_control;

/// Writes XML into one string without blanks between elements.
pub(super) struct Markup {
    text: String,
    open: Vec<&'static str>,
}

impl Markup {
    /// A document that starts with this declaration.
    pub(super) fn new(declaration: &str) -> Self {
        let mut text = String::with_capacity(4096);
        text.push_str(declaration);
        Self { text, open: Vec::new() }
    }

    /// A document that starts with the usual declaration.
    pub(super) fn utf8() -> Self {
        Self::new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    }

    /// Starts an element.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push('>');
        self.open.push(name);
    }

    /// Ends the element that was started last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.end(name);
        }
    }

    /// An element with text alone.
    pub(super) fn leaf(&mut self, name: &'static str, text: &str) {
        self.leaf_with(name, &[], text);
    }

    /// An element with attributes and text.
    pub(super) fn leaf_with(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.start(name, attributes);
        self.text.push('>');
        escape(&mut self.text, text);
        self.end(name);
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push_str("/>");
    }

    /// Bytes written so far.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The document, all elements ended.
    pub(super) fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.close();
        }
        self.text.into_bytes()
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.text.push('<');
        self.text.push_str(name);
        for (key, value) in attributes {
            self.text.push(' ');
            self.text.push_str(key);
            self.text.push_str("=\"");
            escape(&mut self.text, value);
            self.text.push('"');
        }
    }

    fn end(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }
}

/// Appends text so that a reader gets it back; a character that XML 1.0 cannot hold becomes U+FFFD.
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A reader turns a bare carriage return into a line feed.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}' => out.push(character),
            _ => out.push('\u{FFFD}'),
        }
    }
}
