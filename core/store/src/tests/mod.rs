//! Tests of the whole store. Those of [`conformance`] run on sled and on a second engine.

mod backup;
mod claims;
mod conformance;
mod crash;
mod damage;
mod drafts;
mod full;
mod old;
mod paper;
mod read_only;
mod rows;
pub(crate) mod sample;
mod stick;
