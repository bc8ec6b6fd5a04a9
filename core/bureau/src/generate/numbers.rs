//! Numbers of invoices, made from their position and read back into it.
//!
//! A number holds the position, so that none comes twice and an invoice is found by its number without a list.

use jiff::civil::Date;
use piaoxia_domain::InvoiceKey;

use super::kinds::{Code, Number};

/// Lanes (company and direction) whose numbers are interleaved. Each further group of lanes has its numbers behind those of
/// the group before, so that a register that grows does not change the numbers of those who were in it.
const GROUP: u64 = 32;
/// Number of lanes that a number tells apart: there is room for three groups.
#[cfg(test)]
pub(crate) const LANES: u64 = 3 * GROUP;
/// Numbers of one day for one lane.
const DAY_ROOM: u64 = 1_250_000;
/// Numbers of one day: about what the whole of a large province issues.
const DAY_SPAN: u64 = DAY_ROOM * GROUP;
/// Numbers of one year for a group, of the 15 digits that there are.
const YEAR_SPAN: u64 = 366 * DAY_SPAN;
/// Numbers in one batch (批次) of a legacy code: 00000001 to 99999999.
const BATCH: u64 = 99_999_999;
/// Batches of one year for a group: the ten-digit codes have nine.
const GROUP_BATCHES: u64 = 3;
/// Numbers of one year for a group where the whole lane's year is counted through.
const GROUP_ROOM: u64 = GROUP_BATCHES * BATCH;

/// Where an invoice stands, as far as numbers are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) lane: u64,
    pub(crate) day: Date,
    /// Position within the lane's day, and how many the day has.
    pub(crate) in_day: u64,
    pub(crate) day_count: u64,
    /// Position within the lane's year.
    pub(crate) in_year: u64,
    /// Anything that varies from invoice to invoice.
    pub(crate) spice: u64,
}

/// What a number tells of the invoice's place. Whether there is such an invoice is for the caller to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Position within the day.
    InDay { lane: u64, year: i16, day_of_year: u64, room: u64 },
    /// Position within the year.
    InYear { lane: u64, year: i16, in_year: u64 },
}

/// The key of an invoice, and 代码-号码 of a 数电纸质 one.
pub(crate) fn keys(number: Number, slot: &Slot, region: &str) -> (InvoiceKey, Option<InvoiceKey>) {
    match number {
        Number::Digital(channel) => (digital(slot, region, channel), None),
        Number::Legacy(code) => (legacy(slot, region, code), None),
        Number::Both(code) => (digital(slot, region, '2'), Some(legacy(slot, region, code))),
        Number::Customs => (customs(slot, region), None),
    }
}

/// 公告2024年第11号 article 4: year, region, channel, 15 digits in order.
fn digital(slot: &Slot, region: &str, channel: char) -> InvoiceKey {
    let stride = (DAY_ROOM / slot.day_count.max(1)).max(1);
    let room = slot.in_day * stride + slot.spice % stride;
    let day = u64::from(slot.day.day_of_year().unsigned_abs()) - 1;
    let order = slot.lane / GROUP * YEAR_SPAN + day * DAY_SPAN + room * GROUP + slot.lane % GROUP;
    InvoiceKey::Digital(format!("{:02}{}{channel}{order:015}", slot.day.year() % 100, digital_region(region)))
}

/// Digits 3-4 of a 20-digit number: the province, or 91-95 for the five cities that plan separately.
fn digital_region(region: &str) -> &str {
    match region {
        "2102" => "91",
        "3302" => "92",
        "3502" => "93",
        "3702" => "94",
        "4403" => "95",
        province => province.get(..2).unwrap_or("00"),
    }
}

/// Place in the year among the numbers of all lanes.
fn in_year(slot: &Slot) -> u64 {
    slot.lane / GROUP * GROUP_ROOM + slot.in_year * GROUP + slot.lane % GROUP
}

/// Lane and position of a place in the year.
fn of_year(order: u64) -> (u64, u64) {
    let (group, rest) = (order / GROUP_ROOM, order % GROUP_ROOM);
    (group * GROUP + rest % GROUP, rest / GROUP)
}

fn legacy(slot: &Slot, region: &str, code: Code) -> InvoiceKey {
    let order = in_year(slot);
    let (batch, number) = (order / BATCH, order % BATCH + 1);
    let year = slot.day.year() % 100;
    let code = match code {
        Code::Either(eighth, _) if slot.spice.is_multiple_of(3) => Code::Ten(eighth),
        Code::Either(_, end) => Code::Twelve(end),
        other => other,
    };
    let code = match code {
        Code::Ten(eighth) | Code::Either(eighth, _) => format!("{region}{year:02}{}{eighth}30", batch + 1),
        Code::Twelve(end) => format!("0{region}{year:02}{:03}{end}", batch + 1),
        Code::Car => format!("1{region}{year:02}2{:02}13", batch + 1),
    };
    InvoiceKey::Legacy { code, number: format!("{number:08}") }
}

/// 海关缴款书号码: 4 digits of the port, year, `1`, 9 digits, `-L` (增值税) and 2 digits; 22 characters.
fn customs(slot: &Slot, region: &str) -> InvoiceKey {
    let order = in_year(slot);
    InvoiceKey::Other(format!("{}{}1{order:09}-L{:02}", port(region), slot.day.year(), slot.spice % 3 + 1))
}

/// 关区代码 of a region's port: its first two digits and `01`.
fn port(region: &str) -> String {
    format!("{}01", region.get(..2).unwrap_or("00"))
}

/// Reads a number back.
pub(crate) fn find(key: &InvoiceKey) -> Option<Found> {
    match key {
        InvoiceKey::Digital(number) => {
            let order: u64 = number.get(5..)?.parse().ok()?;
            let (group, rest) = (order / YEAR_SPAN, order % YEAR_SPAN);
            let (day_of_year, rest) = (rest / DAY_SPAN + 1, rest % DAY_SPAN);
            let lane = group * GROUP + rest % GROUP;
            Some(Found::InDay { lane, year: year(number.get(..2)?)?, day_of_year, room: rest / GROUP })
        }
        InvoiceKey::Legacy { code, number } => {
            let (written_year, batch) = match (code.len(), code.starts_with('0')) {
                (10, _) => (code.get(4..6)?, code.get(6..7)?),
                (12, true) => (code.get(5..7)?, code.get(7..10)?),
                (12, false) => (code.get(5..7)?, code.get(8..10)?),
                _ => return None,
            };
            let batch = batch.parse::<u64>().ok()?.checked_sub(1)?;
            let order = batch * BATCH + number.parse::<u64>().ok()?.checked_sub(1)?;
            let (lane, in_year) = of_year(order);
            Some(Found::InYear { lane, year: year(written_year)?, in_year })
        }
        InvoiceKey::Other(number) => {
            let order: u64 = number.get(9..18)?.parse().ok()?;
            let (lane, in_year) = of_year(order);
            Some(Found::InYear { lane, year: number.get(4..8)?.parse().ok()?, in_year })
        }
    }
}

/// Position within its day of the invoice whose number has this room.
pub(crate) fn in_day(room: u64, day_count: u64) -> u64 {
    room / (DAY_ROOM / day_count.max(1)).max(1)
}

fn year(two_digits: &str) -> Option<i16> {
    two_digits.parse::<i16>().ok().map(|year| 2000 + year)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;
    use piaoxia_domain::Region;
    use piaoxia_domain::key::kind_of_legacy_code;
    use proptest::prelude::*;

    use crate::generate::kinds::KINDS;

    fn slot(lane: u64, in_day: u64, in_year: u64, spice: u64) -> Slot {
        Slot { lane, day: date(2026, 12, 31), in_day, day_count: 60_000, in_year, spice }
    }

    proptest! {
        #[test]
        fn numbers_are_well_formed_and_lead_back(lane in 0..LANES, in_day in 0u64..60_000, in_year in 0u64..7_000_000, spice: u64) {
            let slot = slot(lane, in_day, in_year, spice);
            for entry in KINDS.iter() {
                let region = Region::all().get((spice % 36) as usize).unwrap();
                let (key, paper) = keys(entry.rule.number, &slot, &region.code);
                prop_assert_eq!(key.to_string().parse::<InvoiceKey>().unwrap(), key.clone());
                for key in [Some(&key), paper.as_ref()].into_iter().flatten() {
                    match find(key).unwrap() {
                        Found::InDay { lane: found, year, day_of_year, room } => {
                            prop_assert_eq!((found, year, day_of_year, super::in_day(room, 60_000)), (lane, 2026, 365, in_day));
                        }
                        Found::InYear { lane: found, year, in_year: place } => prop_assert_eq!((found, year, place), (lane, 2026, in_year)),
                    }
                    if let Some(code) = key.code() {
                        let expected = match entry.rule.code { "85" => "01", "86" => "04", "87" => "03", "88" => "15", own => own };
                        prop_assert_eq!(kind_of_legacy_code(code).unwrap().code().to_owned(), expected);
                        prop_assert_ne!(key.number(), "00000000");
                    }
                }
                if let InvoiceKey::Other(number) = &key {
                    prop_assert_eq!((number.len(), number.get(18..20)), (22, Some("-L")));
                }
            }
        }

        #[test]
        fn strange_numbers_do_no_harm(text in "[0-9A-Z-]{0,40}") {
            if let Ok(key) = text.parse::<InvoiceKey>() {
                let _unused = find(&key);
            }
        }
    }

    #[test]
    fn a_register_that_grows_leaves_the_old_numbers_alone() {
        let key = |lane| digital(&slot(lane, 7, 0, 0), "3100", '2').to_string();
        assert_eq!(key(5), "26312000014560004485");
        assert_eq!(legacy(&slot(5, 0, 7, 0), "3100", Code::Ten('1')).to_string(), "3100261130-00000230");
    }

    #[test]
    fn the_five_cities_have_codes_of_their_own() {
        let key = |region| digital(&slot(0, 0, 0, 0), region, '2').to_string();
        assert!(key("4403").starts_with("26952") && key("2102").starts_with("26912") && key("3100").starts_with("26312"));
    }
}
