//! Originals (版式文件) under a naming pattern.

pub(crate) mod archive;
pub(crate) mod folder;
mod shelf;
