//! piaoxia-files
