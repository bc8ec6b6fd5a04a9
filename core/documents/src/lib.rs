//! piaoxia-documents
