//! piaoxia-export
