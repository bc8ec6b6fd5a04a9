//! Grouping: rows that have something in common brought together, each group in the order of the view.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use piaoxia_domain::{Kind, Month, Status, TaxNumber, Totals};

use super::Index;
use super::columns::{Fixed, NONE, date_time};
use super::figures::Quick;
use crate::ledger::view::{Group, GroupBy, GroupKey, PartyLabel, Sort, SortKey, View};

impl Index {
    /// The view with its rows grouped. Months stand newest first, unless dates are sorted the other way round; what has a name stands by
    /// it, kinds by their code, states as the bureau has them.
    pub(crate) fn grouped(&self, view: View, company: Option<&TaxNumber>, by: GroupBy, sort: Sort) -> View {
        // The group of every row, numbered as they come.
        let mut places: HashMap<u32, usize, BuildHasherDefault<Quick>> = HashMap::default();
        let mut found: Vec<(u32, Totals)> = Vec::new();
        let mut group_of = Vec::with_capacity(view.ids.len());
        for row in view.ids.iter() {
            let number = self.columns.get(*row as usize).map_or(NONE, |fixed| self.group_number(by, company, &fixed));
            let place = *places.entry(number).or_insert_with(|| {
                found.push((number, Totals::default()));
                found.len() - 1
            });
            group_of.push(place);
            if let Some((_, totals)) = found.get_mut(place) {
                totals.merge(&self.sum(std::iter::once(*row)));
            }
        }
        let groups: Vec<Group> = found.into_iter().map(|(number, totals)| Group { key: self.group_key(by, number), totals }).collect();
        let order = self.group_order(&groups, sort);
        let mut next = vec![0_usize; groups.len()];
        let mut start = 0;
        for place in &order {
            if let (Some(next), Some(group)) = (next.get_mut(*place), groups.get(*place)) {
                *next = start;
                start += usize::try_from(group.totals.invoices).unwrap_or_default();
            }
        }
        let mut ids = vec![0; view.ids.len()];
        for (row, place) in view.ids.iter().zip(group_of) {
            if let Some(next) = next.get_mut(place) {
                if let Some(id) = ids.get_mut(*next) {
                    *id = *row;
                }
                *next += 1;
            }
        }
        let groups = order.into_iter().filter_map(|place| groups.get(place).cloned()).collect();
        View { ids: ids.into(), groups, ..view }
    }

    /// The first of these rows with this 发票号码, 8 digits of a paper invoice or 20; with its code before it and a dash between, too.
    pub(crate) fn place_of(&self, ids: &[u32], number: &str) -> Option<u64> {
        let is_it = |key: &str| key == number || key.split_once('-').is_some_and(|(_, paper)| paper == number);
        let has_it = |row: usize| is_it(self.key_text(row)) || self.paper_text(row).is_some_and(is_it);
        let place = ids.iter().position(|row| has_it(*row as usize))?;
        u64::try_from(place).ok()
    }

    fn group_number(&self, by: GroupBy, company: Option<&TaxNumber>, fixed: &Fixed) -> u32 {
        let owner = self.owner_of(fixed, company);
        match by {
            GroupBy::Month => u32::try_from(fixed.day.div_euclid(100)).unwrap_or(NONE),
            // A company without a number is none that is known.
            GroupBy::Company => self.owners.get(owner).filter(|tax_no| !tax_no.is_empty()).map_or(NONE, |_| owner),
            GroupBy::Kind => fixed.kind,
            GroupBy::Counterparty => self.counterparty(fixed, company),
            GroupBy::Status => fixed.status,
        }
    }

    fn group_key(&self, by: GroupBy, number: u32) -> GroupKey {
        match by {
            GroupBy::Month => GroupKey::Month(Month::of(date_time(i32::try_from(number).unwrap_or_default() * 100 + 1, 0).date())),
            GroupBy::Company => GroupKey::Company(self.owners.get(number).map(|owner| TaxNumber::clone(owner))),
            GroupBy::Kind => GroupKey::Kind(self.kinds.get(number).map_or_else(|| Kind::from_code(""), |kind| Kind::clone(kind))),
            GroupBy::Counterparty => GroupKey::Counterparty(self.parties.label(number)),
            GroupBy::Status => GroupKey::Status(self.statuses.get(number).map_or(Status::Normal, |status| Status::clone(status))),
        }
    }

    fn group_order(&self, groups: &[Group], sort: Sort) -> Vec<usize> {
        let known = |status: &Status| Status::KNOWN.iter().position(|known| known == status).unwrap_or(usize::MAX);
        let mut keyed: Vec<((usize, &str, &str), usize)> = Vec::with_capacity(groups.len());
        let mut months: Vec<(Month, usize)> = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            match &group.key {
                GroupKey::Month(month) => months.push((*month, place)),
                GroupKey::Company(owner) => {
                    keyed.push(((usize::from(owner.is_none()), owner.as_ref().map_or("", TaxNumber::as_str), ""), place))
                }
                GroupKey::Kind(kind) => keyed.push(((0, kind.code(), ""), place)),
                GroupKey::Counterparty(PartyLabel { name, tax_no }) => keyed.push(((0, name, tax_no.as_str()), place)),
                GroupKey::Status(status) => keyed.push(((known(status), status.text(), ""), place)),
            }
        }
        months.sort_unstable();
        if sort.by != SortKey::Date || sort.descending {
            months.reverse();
        }
        keyed.sort_unstable();
        months.into_iter().map(|(_, place)| place).chain(keyed.into_iter().map(|(_, place)| place)).collect()
    }
}
