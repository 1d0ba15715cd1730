//! Which rows are free.

use std::sync::Arc;

use super::dense;

/// The free rows of a table. A row that was released is not given out again before [`Slots::settle`]:
/// while a recalculation is pending, one index means the same thing before and after.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    free: Arc<Vec<u32>>,
    released: Arc<Vec<u32>>,
}

impl Slots {
    /// More rows than this are refused: indexes share their words with other bits, and all ones means none.
    const CAPACITY: usize = (1 << 29) - 1;

    /// An index for a new row of a table of `length` rows; none when the table is full.
    pub(crate) fn take(&mut self, length: usize) -> Option<u32> {
        if self.free.is_empty() {
            return (length < Self::CAPACITY).then(|| dense(length));
        }
        Arc::make_mut(&mut self.free).pop()
    }

    pub(crate) fn release(&mut self, index: u32) {
        Arc::make_mut(&mut self.released).push(index);
    }

    /// Nothing is pending any more: released rows can be given out again.
    pub(crate) fn settle(&mut self) {
        if !self.released.is_empty() {
            Arc::make_mut(&mut self.free).extend_from_slice(&self.released);
            self.released = Arc::default();
        }
    }
}
