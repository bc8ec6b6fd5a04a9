//! What a simulated bureau is made from.

use jiff::civil::Date;

/// Makes a bureau. The same values always make the same invoices, so keep all of them with a sandbox that is to be seen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BureauConfig {
    /// Seed of everything that looks random.
    pub seed: u64,
    /// Invoices of the first company, issued and received together, from 2025-01-01 to the day before `today`; the other
    /// companies hold fewer. At most [`BureauConfig::PER_DAY`] a day on average are made.
    pub invoices: u64,
    /// Day on which the sandbox is made. Later days go on at the same rate, so that what was there yesterday stays.
    pub today: Date,
    /// Speed of collecting, of applications by disk and of hosted numbers in percent of the usual duration: 100 is normal, 0 is at once.
    pub pace: u32,
}

impl BureauConfig {
    /// Most invoices a day on average that the numbers have room for.
    pub const PER_DAY: u64 = 20_000;

    /// At the normal pace.
    #[must_use]
    pub const fn new(seed: u64, invoices: u64, today: Date) -> Self {
        Self { seed, invoices, today, pace: 100 }
    }
}
