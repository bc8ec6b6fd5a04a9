//! The details of an invoice: which side of it is looked at, the drawn page, the proof.

use std::collections::BTreeMap;

use piaoxia_engine::proof::PaperProof;
use piaoxia_engine::{Preview, PreviewOrder};
use piaoxia_store::Digest;

use crate::loadable::Loadable;

/// Sides of the details.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// 票面, drawn from the record.
    #[default]
    Paper,
    /// A page of an original, by the original's SHA-256.
    Original(String),
    /// 核验.
    Proof,
}

/// Steps of the zoom, in percent of the width that there is.
pub const ZOOMS: [u16; 5] = [50, 75, 100, 150, 200];

/// How the details are looked at.
#[derive(Clone, Debug)]
pub struct Looking {
    /// Which side.
    pub side: Side,
    /// Page of the original, from 0.
    pub page: usize,
    /// Place in [`ZOOMS`].
    pub zoom: usize,
    /// Number of the last picture that was asked for, page or thumbnail.
    pub tickets: u64,
    /// Number of the last page that was asked for.
    pub ticket: u64,
    /// The page that was asked for; another one means: ask again.
    pub asked: Option<PreviewOrder>,
    /// The drawn page.
    pub drawn: Loadable<Preview>,
    /// Thumbnails, by the original's SHA-256 and the page.
    pub thumbs: BTreeMap<(Digest, usize), Thumb>,
    /// What was proved.
    pub proof: Loadable<Vec<PaperProof>>,
}

/// A small picture of a page.
#[derive(Clone, Debug, Default)]
pub struct Thumb {
    /// The number that it was asked for with.
    pub ticket: u64,
    /// The picture.
    pub drawn: Loadable<Preview>,
}

impl Default for Looking {
    fn default() -> Self {
        Self {
            side: Side::default(),
            page: 0,
            zoom: 2,
            tickets: 0,
            ticket: 0,
            asked: None,
            drawn: Loadable::default(),
            thumbs: BTreeMap::new(),
            proof: Loadable::default(),
        }
    }
}

impl Looking {
    /// Turns to another side.
    pub fn turn_to(&mut self, side: Side) {
        if self.side != side {
            self.side = side;
            self.page = 0;
            self.asked = None;
            self.drawn = Loadable::default();
        }
    }
}
