//! Filtering, sums and rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memmem::Finder;
use piaoxia_domain::{InvoiceFilter, InvoiceKey, Kind, Money, Status, TaxNumber, Totals};

use super::Index;
use super::columns::{NONE, date_time, day_number};
use super::text::ROWS;
use crate::ledger::view::{KindMonth, Row, RowSums, Sort, View};

/// One bit a row.
pub(super) struct Mask(Vec<u64>);

impl Mask {
    fn all(rows: usize) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(ROWS)];
        if let Some(last) = words.last_mut().filter(|_| !rows.is_multiple_of(ROWS)) {
            *last = (1 << (rows % ROWS)) - 1;
        }
        Self(words)
    }

    /// Keeps the rows whose value in this column is wanted.
    pub(super) fn narrow<T: Copy>(&mut self, column: &[T], wanted: impl Fn(T) -> bool) {
        for (word, values) in self.0.iter_mut().zip(column.chunks(ROWS)) {
            if *word != 0 {
                let bits = values.iter().enumerate().fold(0, |bits, (row, value)| bits | u64::from(wanted(*value)) << row);
                *word &= bits;
            }
        }
    }

    /// Keeps the rows that are wanted; asks only about those that are left.
    pub(super) fn narrow_rows(&mut self, wanted: impl Fn(usize) -> bool) {
        for (block, word) in self.0.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !wanted(block * ROWS + bit as usize) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// Leaves a row out.
    fn drop_row(&mut self, row: u32) {
        if let Some(word) = self.0.get_mut(row as usize / ROWS) {
            *word &= !(1 << (row as usize % ROWS));
        }
    }

    pub(super) fn has(&self, row: u32) -> bool {
        self.0.get(row as usize / ROWS).is_some_and(|word| word >> (row as usize % ROWS) & 1 == 1)
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        self.0.iter().zip(0_u32..).flat_map(|(word, block)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.checked_sub(1)?;
                Some(block * ROWS as u32 + bit)
            })
        })
    }
}

impl Index {
    /// The rows that a filter means, sorted, with their sums.
    pub(crate) fn view(&self, filter: &InvoiceFilter, sort: Sort) -> View {
        let mask = self.matching(filter);
        let RowSums { totals, voided } = self.row_sums(mask.rows());
        let count = usize::try_from(totals.invoices).unwrap_or(usize::MAX);
        View {
            ids: self.sorted(&mask, count, sort, filter.company.as_ref()),
            totals,
            voided,
            groups: Arc::from([]),
            generation: self.generation,
        }
    }

    /// The sums of a filter by kind and month.
    pub(crate) fn totals_by(&self, filter: &InvoiceFilter) -> Vec<KindMonth> {
        let mut groups: BTreeMap<(&str, i32), Totals> = BTreeMap::new();
        for row in self.matching(filter).rows() {
            let Some(fixed) = self.columns.get(row as usize) else { continue };
            let kind = self.kinds.get(fixed.kind).map_or("", |kind| kind.code());
            groups.entry((kind, fixed.day.div_euclid(100))).or_default().merge(&self.sum([row].into_iter()));
        }
        let group =
            |((kind, month), totals)| KindMonth { kind: Kind::from_code(kind), month: date_time(month * 100 + 1, 0).date(), totals };
        groups.into_iter().map(group).collect()
    }

    /// The rows with these ids; ids that are none are left out.
    pub(crate) fn rows(&self, ids: &[u32]) -> Vec<Row> {
        ids.iter().filter_map(|id| self.row(*id)).collect()
    }

    /// The keys of these ids; ids that are none are left out.
    pub(crate) fn keys(&self, ids: &[u32]) -> Vec<InvoiceKey> {
        ids.iter().filter_map(|id| self.key_text(*id as usize).parse().ok()).collect()
    }

    fn row(&self, id: u32) -> Option<Row> {
        let fixed = self.columns.get(id as usize)?;
        let party = |number| self.parties.get(number).map(Arc::clone);
        Some(Row {
            id,
            key: self.key_text(id as usize).parse().ok()?,
            kind: self.kinds.get(fixed.kind)?.as_ref().clone(),
            direction: fixed.flags.direction(),
            both_sides: fixed.flags.has_both_sides(),
            issued_at: date_time(fixed.day, fixed.second),
            seller: party(fixed.seller)?,
            buyer: party(fixed.buyer)?,
            net: Money::from_fen(fixed.net),
            tax: Money::from_fen(fixed.tax),
            gross: Money::from_fen(fixed.gross),
            status: self.statuses.get(fixed.status)?.as_ref().clone(),
            deduction: fixed.flags.deduction(),
            originals: fixed.flags.originals(),
            by_bureau: fixed.flags.by_bureau(),
            is_claimed: self.claims.contains_key(&id),
        })
    }

    /// Sums over rows; those that are none count as nothing.
    pub(crate) fn sum(&self, rows: impl Iterator<Item = u32>) -> Totals {
        self.row_sums(rows).totals
    }

    /// The same, and how many of them are 已作废.
    pub(crate) fn row_sums(&self, rows: impl Iterator<Item = u32>) -> RowSums {
        let amount = |column: &[i64], row: usize| Money::from_fen(column.get(row).copied().unwrap_or_default());
        let (columns, void) = (&self.columns, self.statuses.known(&Status::Void).unwrap_or(NONE));
        let mut sums = RowSums::default();
        for row in rows.filter(|row| !self.gone.contains(row)).map(|row| row as usize).filter(|row| *row < self.len()) {
            let one = (amount(&columns.net, row), amount(&columns.tax, row), amount(&columns.gross, row));
            sums.totals.merge(&Totals { invoices: 1, net: one.0, tax: one.1, gross: one.2 });
            sums.voided += u64::from(columns.status.get(row) == Some(&void));
        }
        sums
    }

    /// Means the same invoices as [`InvoiceFilter::matches`].
    pub(super) fn matching(&self, filter: &InvoiceFilter) -> Mask {
        let mut mask = Mask::all(self.len());
        self.gone.iter().for_each(|row| mask.drop_row(*row));
        if let Some(dates) = filter.dates {
            let (from, to) = (day_number(dates.from()), day_number(dates.to()));
            mask.narrow(&self.columns.day, |day| from <= day && day <= to);
        }
        if let Some(company) = &filter.company {
            self.narrow_by_company(&mut mask, company);
        }
        if !filter.kinds.is_empty() {
            let wanted: Vec<u32> = filter.kinds.iter().filter_map(|kind: &Kind| self.kinds.known(kind)).collect();
            mask.narrow(&self.columns.kind, |kind| wanted.contains(&kind));
        }
        if !filter.statuses.is_empty() {
            let wanted: Vec<u32> = filter.statuses.iter().filter_map(|status: &Status| self.statuses.known(status)).collect();
            mask.narrow(&self.columns.status, |status| wanted.contains(&status));
        }
        let company = filter.company.as_ref();
        if let Some(direction) = filter.direction {
            self.narrow_to_sides(&mut mask, company, |side| side == Some(direction));
        }
        if !filter.deductions.is_empty() {
            mask.narrow(&self.columns.flags, |flags| flags.deduction().is_some_and(|found| filter.deductions.contains(&found)));
            self.narrow_inner_sales(&mut mask, |fixed| self.deduction_of(fixed, company).is_some());
        }
        if let Some(claimed) = filter.claimed {
            mask.narrow_rows(|row| u32::try_from(row).is_ok_and(|row| self.claims.contains_key(&row)) == claimed);
        }
        self.narrow_to_figure(&mut mask, company, &filter.behind);
        for word in filter.text.to_lowercase().split_whitespace() {
            self.narrow_by_word(&mut mask, word);
        }
        mask
    }

    /// Means the same as [`piaoxia_domain::Invoice::concerns`].
    fn narrow_by_company(&self, mask: &mut Mask, company: &TaxNumber) {
        let wanted = self.owners.known(company);
        let is_party = |party: &u32| self.parties.get(*party).is_some_and(|party| party.tax_no == *company);
        let parties = self.columns.seller.chunks(ROWS).zip(self.columns.buyer.chunks(ROWS));
        let words = mask.0.iter_mut().zip(self.columns.owner.chunks(ROWS)).zip(parties);
        for (block, ((alive, owners), (sellers, buyers))) in words.enumerate() {
            if *alive == 0 {
                continue;
            }
            let mut hits = 0;
            for (row, (owner, (seller, buyer))) in owners.iter().zip(sellers.iter().zip(buyers)).enumerate() {
                let both = self.columns.flags.get(block * ROWS + row).is_some_and(|flags| flags.has_both_sides());
                let concerned = if *owner == NONE || both { is_party(seller) || is_party(buyer) } else { Some(*owner) == wanted };
                hits |= u64::from(concerned) << row;
            }
            *alive &= hits;
        }
    }

    fn narrow_by_word(&self, mask: &mut Mask, word: &str) {
        let finder = Finder::new(word);
        let parties = self.parties.with(&finder);
        let of_party = |party: u32| parties.as_ref().is_some_and(|with| with.get(party as usize) == Some(&true));
        let pairs = self.columns.seller.chunks(ROWS).zip(self.columns.buyer.chunks(ROWS));
        for ((alive, text), (sellers, buyers)) in mask.0.iter_mut().zip(self.texts.blocks()).zip(pairs) {
            if *alive == 0 {
                continue;
            }
            let mut hits = 0;
            if parties.is_some() {
                for (row, (seller, buyer)) in sellers.iter().zip(buyers).enumerate() {
                    hits |= u64::from(of_party(*seller) || of_party(*buyer)) << row;
                }
            }
            if *alive & !hits != 0 {
                hits |= text.search(&finder);
            }
            *alive &= hits;
        }
    }
}
