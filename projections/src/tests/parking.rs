//! Events that can't be applied.
