//! The details of an invoice: asks for pages and proofs, takes them.

use piaoxia_engine::{Command, Event, PageScale, PreviewOrder};
use piaoxia_store::Original;

use crate::state::State;

impl State {
    pub(super) fn on_sheet(&mut self, event: Event) -> Vec<Command> {
        let ledger = &mut self.ledger;
        match event {
            Event::Preview { ticket, result } if ticket == ledger.looking.ticket => ledger.looking.drawn.answer(result),
            Event::Preview { ticket, result } => {
                if let Some(thumb) = ledger.looking.thumbs.values_mut().find(|thumb| thumb.ticket == ticket) {
                    thumb.drawn.answer(result);
                }
            }
            Event::Proved { key, result } if ledger.wanted.as_ref() == Some(&key) => ledger.looking.proof.answer(result),
            // Late answers to what is no longer looked at.
            _ => {}
        }
        Vec::new()
    }

    /// Asks for a page unless it is the one that was asked for last; the one before is not wanted any more.
    pub fn want_page(&mut self, order: PreviewOrder) -> Vec<Command> {
        let looking = &mut self.ledger.looking;
        let wanted = PreviewOrder { ticket: 0, ..order };
        if looking.asked.as_ref() == Some(&wanted) {
            return Vec::new();
        }
        let before = looking.drawn.is_loading().then_some(Command::CancelPreview(looking.ticket));
        looking.tickets += 1;
        looking.ticket = looking.tickets;
        looking.drawn.ask();
        looking.asked = Some(wanted.clone());
        let order = PreviewOrder { ticket: looking.ticket, ..wanted };
        before.into_iter().chain([Command::LoadPreview(order)]).collect()
    }

    /// Asks for the thumbnail of a page, once for each opened invoice.
    pub fn want_thumb(&mut self, original: &Original, page: usize, scale: PageScale) -> Option<Command> {
        let looking = &mut self.ledger.looking;
        let thumb = looking.thumbs.entry((original.sha256, page)).or_default();
        if !thumb.drawn.is_idle() {
            return None;
        }
        looking.tickets += 1;
        thumb.ticket = looking.tickets;
        thumb.drawn.ask();
        let sha256 = original.sha256.to_string();
        Some(Command::LoadPreview(PreviewOrder { ticket: thumb.ticket, sha256, format: original.format, page, scale }))
    }

    /// Asks for the proof, once for each opened invoice.
    pub fn want_proof(&mut self) -> Vec<Command> {
        let ledger = &mut self.ledger;
        match &ledger.wanted {
            Some(key) if ledger.looking.proof.is_idle() => {
                let command = Command::Prove(key.clone());
                ledger.looking.proof.ask();
                vec![command]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use crate::state::sheet::Side;
    use piaoxia_domain::invoice::Format;
    use piaoxia_engine::problem::What;
    use piaoxia_engine::{PageScale, Problem};

    fn order(page: usize) -> PreviewOrder {
        PreviewOrder { ticket: 0, sha256: "ab".into(), format: Format::Pdf, page, scale: PageScale::Dpi(96.0) }
    }

    #[test]
    fn a_page_is_asked_for_once_and_the_next_one_replaces_it() {
        let mut state = State::default();
        state.ledger.open("26312000000123456789".parse().unwrap());
        assert!(matches!(state.want_page(order(0)).as_slice(), [Command::LoadPreview(order)] if order.ticket == 1));
        assert!(state.want_page(order(0)).is_empty());
        let next = state.want_page(order(1));
        assert!(matches!(next.as_slice(), [Command::CancelPreview(1), Command::LoadPreview(order)] if order.ticket == 2));
        let late = Err(Problem { what: What::Cancelled, subject: None, detail: String::new() });
        state.apply(Event::Preview { ticket: 1, result: late });
        assert!(state.ledger.looking.drawn.is_loading() && state.ledger.looking.drawn.problem().is_none());
    }

    #[test]
    fn a_proof_is_asked_for_once_and_belongs_to_its_invoice() {
        let mut state = State::default();
        assert!(state.want_proof().is_empty());
        state.ledger.open("26312000000123456789".parse().unwrap());
        state.ledger.looking.turn_to(Side::Proof);
        assert_eq!((state.want_proof().len(), state.want_proof().len()), (1, 0));
        state.apply(Event::Proved { key: "26312000000123456780".parse().unwrap(), result: Ok(Vec::new()) });
        assert!(state.ledger.looking.proof.is_loading());
        state.apply(Event::Proved { key: "26312000000123456789".parse().unwrap(), result: Ok(Vec::new()) });
        assert!(state.ledger.looking.proof.value().is_some());
    }
}
