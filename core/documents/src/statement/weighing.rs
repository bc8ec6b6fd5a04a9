//! One field after the other, over all statements.

use std::collections::BTreeMap;

use piaoxia_domain::tax_number::half_width;

use super::{Agreement, Statement};
use crate::document::{Source, Warning};
use crate::field::Field;
use crate::refused::{Refused, shortened};

/// What weighing has come to so far.
pub(super) struct Weighing<'s, 'a> {
    /// The most trusted first.
    pub statements: &'s [Statement<'a>],
    /// Where each field came from.
    pub sources: BTreeMap<Field, Source>,
    /// What was odd.
    pub warnings: Vec<Warning>,
    /// Who agrees with whom.
    pub agreement: Agreement,
}

/// A text as a value.
pub(super) enum Read<T> {
    /// The value.
    Value(T),
    /// The document says that there is none.
    Blank,
    /// Not what it should be.
    Unreadable,
}

impl<T> From<Option<T>> for Read<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unreadable, Self::Value)
    }
}

impl<'s, 'a> Weighing<'s, 'a> {
    pub(super) fn new(statements: &'s [Statement<'a>]) -> Self {
        Self { statements, sources: BTreeMap::new(), warnings: Vec::new(), agreement: Agreement::default() }
    }

    /// The first readable statement of a field. Every other one that is not the `same` is told.
    ///
    /// # Errors
    /// [`Refused::BadValue`] when the field is stated and nowhere readable.
    pub(super) fn weigh<T>(
        &mut self,
        field: Field,
        read: impl Fn(&'s str) -> Read<T>,
        same: impl Fn(&T, &T) -> bool,
    ) -> Result<Option<T>, Refused> {
        let mut kept: Option<(T, Source, &str)> = None;
        let mut others = Vec::new();
        for statement in self.statements {
            let Some(text) = statement.get(field) else { continue };
            match (read(text), &kept) {
                (Read::Blank, _) => {}
                (Read::Value(value), None) => kept = Some((value, statement.source, text)),
                (Read::Value(value), Some((first, ..))) => others.push((statement.source, text, same(first, &value))),
                (Read::Unreadable, _) => others.push((statement.source, text, false)),
            }
        }
        let Some((value, source, text)) = kept else {
            return others.first().map_or(Ok(None), |(_, text, _)| Err(Refused::bad_value(field, text)));
        };
        self.sources.insert(field, source);
        self.compare(field, (source, text), &others);
        Ok(Some(value))
    }

    /// As [`Self::weigh`], of a text that is compared without regard to spacing, width and case.
    ///
    /// # Errors
    /// As [`Self::weigh`], though every text can be read.
    pub(super) fn text(&mut self, field: Field) -> Result<String, Refused> {
        let kept = self.weigh(field, Read::Value, |first, other| first == other || folded(first).eq(folded(other)))?;
        Ok(kept.unwrap_or_default().to_owned())
    }

    /// Notes what others say of a field that `kept` gives; the flag tells whether it is the same.
    pub(super) fn compare(&mut self, field: Field, kept: (Source, &str), others: &[(Source, &str, bool)]) {
        if others.is_empty() {
            return;
        }
        for (source, text, _) in others.iter().filter(|(.., same)| !same) {
            let (kept, other) = ((kept.0, shortened(kept.1)), (*source, shortened(text)));
            self.warnings.push(Warning::SourcesDiffer { field, kept, other });
        }
        if others.iter().all(|(.., same)| *same) {
            self.agreement.agreed.push(field);
            for source in others.iter().map(|(source, ..)| *source).chain([kept.0]) {
                if !self.agreement.sources.contains(&source) {
                    self.agreement.sources.push(source);
                }
            }
        } else {
            self.agreement.differing.push(field);
        }
    }
}

/// A text as far as it counts when two places are compared: printing adds and takes white space, and brackets and letters
/// come in full and half width.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_whitespace()).map(half_width).flat_map(char::to_lowercase)
}
