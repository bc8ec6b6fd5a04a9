//! Sellers and buyers, kept once, and which of their spellings are one party.

use std::sync::Arc;

use memchr::memmem::Finder;
use piaoxia_domain::{Counterparty, TaxNumber};

use super::intern::Interner;
use crate::ledger::view::PartyLabel;

/// All names and numbers, numbered in the order in which they came.
#[derive(Default)]
pub(super) struct Parties {
    labels: Interner<PartyLabel>,
    /// Name and number of each in small letters.
    texts: Vec<String>,
    /// The party that each of them is.
    same: Vec<u32>,
    parties: Interner<Counterparty>,
    /// The label by which each party is shown: its newest spelling.
    shown: Vec<u32>,
}

impl Parties {
    /// With these labels, numbered as they stand.
    pub(super) fn of(labels: Vec<PartyLabel>) -> Self {
        let mut parties = Self::default();
        for label in &labels {
            parties.number(label);
        }
        parties
    }

    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Arc<PartyLabel>> {
        self.labels.get(number)
    }

    pub(super) fn labels(&self) -> impl Iterator<Item = &PartyLabel> {
        self.labels.values.iter().map(Arc::as_ref)
    }

    /// The number of a label, a new one if need be.
    pub(super) fn number(&mut self, label: &PartyLabel) -> u32 {
        let number = self.labels.number(label);
        if number as usize == self.texts.len() {
            self.texts.push(format!("{}\n{}", label.name.to_lowercase(), label.tax_no.as_str().to_lowercase()));
            self.join(number, label);
        }
        number
    }

    fn join(&mut self, number: u32, label: &PartyLabel) {
        let party = self.parties.number(&Counterparty::new(&label.name, &label.tax_no));
        self.same.push(party);
        match self.shown.get_mut(party as usize) {
            None => self.shown.push(number),
            Some(shown) if !label.name.trim().is_empty() => *shown = number,
            Some(_) => {}
        }
    }

    /// How many parties there are, whatever their spellings.
    pub(super) fn count(&self) -> usize {
        self.parties.len()
    }

    /// The party that a label is.
    pub(super) fn party_of(&self, label: u32) -> u32 {
        self.same.get(label as usize).copied().unwrap_or(u32::MAX)
    }

    /// A party and the name by which it is shown.
    pub(super) fn party(&self, party: u32) -> Option<(&Counterparty, &str)> {
        let label = self.shown.get(party as usize).and_then(|label| self.labels.get(*label))?;
        Some((self.parties.get(party)?.as_ref(), label.name.as_str()))
    }

    /// How a party is shown; nothing for one that is none.
    pub(super) fn label(&self, party: u32) -> PartyLabel {
        let label = self.shown.get(party as usize).and_then(|label| self.labels.get(*label));
        label.map_or_else(|| PartyLabel { name: String::new(), tax_no: TaxNumber::from_document("") }, |label| label.as_ref().clone())
    }

    /// Per party: whether it is meant.
    pub(super) fn meant(&self, wanted: &piaoxia_domain::Counterparties) -> Vec<bool> {
        use piaoxia_domain::Counterparties::{Among, Except};
        let (list, among) = match wanted {
            Among(list) => (list, true),
            Except(list) => (list, false),
        };
        let mut meant = vec![!among; self.count()];
        for party in list.iter().filter_map(|party| self.parties.known(party)) {
            if let Some(place) = meant.get_mut(party as usize) {
                *place = among;
            }
        }
        meant
    }

    /// Per label: whether its name or number holds the word; none when no label does.
    pub(super) fn with(&self, word: &Finder<'_>) -> Option<Vec<bool>> {
        let with: Vec<bool> = self.texts.iter().map(|text| word.find(text.as_bytes()).is_some()).collect();
        with.contains(&true).then_some(with)
    }
}
