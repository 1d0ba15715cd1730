//! Rebuilding while everything goes on.
