//! The electronic seals of an OFD, proved by `piaoxia-seals`.

use std::borrow::Cow;

use piaoxia_seals::{Examination, PartFault, Parts, examine};

use crate::ofd::{OfdPackage, PartName};
use crate::refused::{OfdFault, Refused};

/// Examines all electronic seals and digital signatures of an OFD (GB/T 33190-2016), whether it holds an invoice or not.
///
/// # Errors
/// The package cannot be opened, see [`OfdPackage::open`].
pub fn examine_ofd(bytes: &[u8]) -> Result<Examination, Refused> {
    Ok(examine(&mut Package(OfdPackage::open(bytes)?)))
}

struct Package<'a>(OfdPackage<'a>);

impl Parts for Package<'_> {
    fn paths(&self) -> Vec<String> {
        self.0.parts().map(|name| name.as_str().to_owned()).collect()
    }

    fn bytes(&mut self, path: &str) -> Result<Cow<'_, [u8]>, PartFault> {
        let part = self.0.resolve(&PartName::root(), path).and_then(|name| self.0.part(&name));
        part.map_err(|refused| match refused {
            Refused::Ofd(OfdFault::MissingPart { .. } | OfdFault::BadPath { .. }) => PartFault::Absent,
            _ => PartFault::Unreadable,
        })
    }
}
