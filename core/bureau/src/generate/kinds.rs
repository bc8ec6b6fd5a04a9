//! How the bureau makes each kind (发票票种): number, shape, mix.

use std::sync::LazyLock;

use piaoxia_domain::{Direction, Kind};

use crate::dice::Dice;
use crate::register::Taxpayer;

/// Shape of a legacy 发票代码.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// 10 digits with this eighth digit: 01 专票, 04 普票.
    Ten(char),
    /// 12 digits from 0, with this end.
    Twelve(&'static str),
    /// 12 digits from 1, with an eighth digit of 2: 机动车.
    Car,
    /// 10 or 12 digits by chance: 04 普票 is in use with both.
    Either(char, &'static str),
}

/// What identifies an invoice of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// 数电发票号码, with this fifth digit (开具渠道).
    Digital(char),
    /// 发票代码 and 发票号码.
    Legacy(Code),
    /// 数电纸质: both.
    Both(Code),
    /// 海关缴款书号码.
    Customs,
}

/// What the invoice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Goods and services with tax that can be deducted (专票).
    Special,
    /// Goods and services (普票).
    Plain,
    /// 机动车.
    Car,
    /// 二手车.
    UsedCar,
    /// 通行费.
    Toll,
    /// 铁路电子客票.
    Rail,
    /// 航空运输电子客票行程单.
    Air,
    /// 海关进口增值税.
    Import,
}

/// How one kind is made.
#[derive(Debug)]
pub(crate) struct KindRule {
    pub(crate) code: &'static str,
    pub(crate) number: Number,
    pub(crate) subject: Subject,
    /// Carries a 校验码.
    pub(crate) check_code: bool,
    /// Paper of the older system can be voided in its month (作废); everything else is cancelled by a red invoice alone.
    pub(crate) voidable: bool,
    /// A red invoice may cancel it.
    pub(crate) reddable: bool,
}

/// A kind with what the domain's table says of it, looked up once.
#[derive(Debug)]
pub(crate) struct KindEntry {
    pub(crate) rule: KindRule,
    pub(crate) kind: Kind,
    pub(crate) deductible: bool,
    /// Its place in [`KINDS`].
    pub(crate) place: usize,
}

const fn digital(code: &'static str, channel: char, subject: Subject, reddable: bool) -> KindRule {
    KindRule { code, number: Number::Digital(channel), subject, check_code: false, voidable: false, reddable }
}

const fn paper(code: &'static str, shape: Code, subject: Subject, check_code: bool) -> KindRule {
    KindRule { code, number: Number::Legacy(shape), subject, check_code, voidable: true, reddable: true }
}

const fn electronic(code: &'static str, end: &'static str, subject: Subject, reddable: bool) -> KindRule {
    KindRule { code, number: Number::Legacy(Code::Twelve(end)), subject, check_code: true, voidable: false, reddable }
}

const fn both(code: &'static str, shape: Code, subject: Subject) -> KindRule {
    KindRule { code, number: Number::Both(shape), subject, check_code: false, voidable: false, reddable: false }
}

/// All kinds that occur; 02 was abolished in 2016.
pub(crate) static KINDS: LazyLock<[KindEntry; 20]> = LazyLock::new(|| {
    let mut place = 0;
    [
        paper("01", Code::Ten('1'), Subject::Special, false),
        paper("03", Code::Car, Subject::Car, false),
        paper("04", Code::Either('6', "04"), Subject::Plain, true),
        electronic("08", "13", Subject::Special, true),
        electronic("10", "11", Subject::Plain, true),
        paper("11", Code::Twelve("06"), Subject::Plain, true),
        electronic("14", "12", Subject::Toll, false),
        paper("15", Code::Twelve("17"), Subject::UsedCar, false),
        KindRule { code: "17", number: Number::Customs, subject: Subject::Import, check_code: false, voidable: false, reddable: false },
        digital("51", '9', Subject::Rail, false),
        digital("59", '2', Subject::Toll, false),
        digital("61", '2', Subject::Air, false),
        digital("81", '2', Subject::Special, true),
        digital("82", '2', Subject::Plain, true),
        digital("83", '2', Subject::Car, true),
        digital("84", '2', Subject::UsedCar, false),
        both("85", Code::Ten('1'), Subject::Special),
        both("86", Code::Twelve("04"), Subject::Plain),
        both("87", Code::Car, Subject::Car),
        both("88", Code::Twelve("17"), Subject::UsedCar),
    ]
    .map(|rule| {
        let kind = Kind::from_code(rule.code);
        let entry = KindEntry { deductible: kind.is_deductible(), kind, rule, place };
        place += 1;
        entry
    })
});

/// The entry of a two-digit code.
pub(crate) fn entry(code: &str) -> Option<&'static KindEntry> {
    KINDS.iter().find(|entry| entry.rule.code == code)
}

type Mix = [(&'static str, u32)];

const RECEIVED: &Mix = &[
    ("82", 430),
    ("81", 370),
    ("51", 90),
    ("59", 40),
    ("61", 22),
    ("17", 12),
    ("85", 10),
    ("86", 10),
    ("83", 6),
    ("84", 4),
    ("87", 3),
    ("88", 3),
];
const RECEIVED_BY_SMALL: &Mix =
    &[("82", 700), ("81", 170), ("51", 60), ("59", 30), ("61", 12), ("86", 12), ("85", 6), ("83", 4), ("84", 3), ("87", 2), ("88", 1)];
const ISSUED: &Mix = &[("81", 570), ("82", 400), ("85", 12), ("86", 12), ("84", 3), ("88", 3)];
const ISSUED_BY_SMALL: &Mix = &[("82", 800), ("81", 170), ("86", 20), ("85", 10)];
const OLD_RECEIVED: &Mix = &[("01", 220), ("04", 200), ("10", 260), ("08", 90), ("11", 90), ("14", 100), ("03", 20), ("15", 20)];
const OLD_ISSUED: &Mix = &[("01", 350), ("04", 250), ("10", 250), ("08", 100), ("11", 50)];

/// A kind as the trade of the time had it. `month` counts from 2025-01: the older system was phased out in 2025.
pub(crate) fn choose(dice: &mut Dice, direction: Direction, taxpayer: Taxpayer, month: u32) -> Option<&'static KindEntry> {
    let old_share = match month {
        0..=2 => 240,
        3..=5 => 160,
        6..=11 => 60,
        _ => 15,
    };
    let mix = match (dice.chance(old_share), direction, taxpayer) {
        (true, Direction::Issued, _) => OLD_ISSUED,
        (true, Direction::Received, _) => OLD_RECEIVED,
        (false, Direction::Issued, Taxpayer::General) => ISSUED,
        (false, Direction::Issued, Taxpayer::Small) => ISSUED_BY_SMALL,
        (false, Direction::Received, Taxpayer::General) => RECEIVED,
        (false, Direction::Received, Taxpayer::Small) => RECEIVED_BY_SMALL,
    };
    entry(dice.weighted(mix)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_rules_agree_with_the_table_of_kinds() {
        assert!(KINDS.iter().enumerate().all(|(place, entry)| entry.place == place));
        for kind in Kind::all() {
            let Some(entry) = entry(kind.code()) else {
                assert_eq!(kind.code(), "02");
                continue;
            };
            let info = kind.info().unwrap();
            let digital = matches!(entry.rule.number, Number::Digital(_) | Number::Both(_));
            let paper = !matches!(entry.rule.number, Number::Digital(_));
            assert_eq!((digital, paper, entry.deductible), (info.digital, info.paper, info.deductible), "{}", kind.code());
        }
    }

    #[test]
    fn every_mix_names_known_kinds() {
        for mix in [RECEIVED, RECEIVED_BY_SMALL, ISSUED, ISSUED_BY_SMALL, OLD_RECEIVED, OLD_ISSUED] {
            assert!(mix.iter().all(|(code, weight)| *weight > 0 && entry(code).is_some()));
        }
    }
}
