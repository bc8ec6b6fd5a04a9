//! 共享字符串: texts that cells name by their number.

use std::cell::Cell;

use quick_xml::events::Event;

use super::escape;
use super::part::{Package, Part, append};
use crate::limits::STRINGS_BYTES;
use crate::refused::{Refused, ZipFault};

/// The texts of `xl/sharedStrings.xml`, one behind the other. Counts that the part claims are never believed.
#[derive(Debug, Default)]
pub(super) struct Strings {
    all: String,
    ends: Vec<u32>,
}

impl Strings {
    /// Reads the part at `index`.
    ///
    /// # Errors
    /// As [`Part::next`]; [`ZipFault::EntryTooLarge`].
    pub(super) fn read(package: &mut Package<'_>, index: usize, budget: &Cell<u64>) -> Result<Self, Refused> {
        let mut part = Part::open(package, index, budget)?;
        let mut strings = Self::default();
        let (mut text, mut start, mut inside, mut phonetic) = (String::new(), 0, false, false);
        loop {
            let event = part.next()?;
            match &event {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "si" => text.clear(),
                    "t" => (inside, start) = (!phonetic, text.len()),
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "si" => strings.push(&text)?,
                    "t" => {
                        escape::decode(&mut text, start);
                        inside = false;
                    }
                    "rPh" => phonetic = false,
                    _ => {}
                },
                Event::Eof => return Ok(strings),
                other if inside => append(other, &mut text),
                _ => {}
            }
        }
    }

    fn push(&mut self, text: &str) -> Result<(), Refused> {
        self.all.push_str(text);
        // A text costs its place in the list, too.
        if self.all.len() + self.ends.len() * size_of::<u32>() > STRINGS_BYTES {
            return Err(ZipFault::EntryTooLarge { limit: STRINGS_BYTES }.into());
        }
        self.ends.push(u32::try_from(self.all.len()).map_err(|_| ZipFault::EntryTooLarge { limit: STRINGS_BYTES })?);
        Ok(())
    }

    /// The text with this number, from 0.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)? as usize;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.all.get(start..end)
    }
}
