//! The memory that hashes are computed in, used again and again.
//!
//! Left to the allocator, every thread that ever hashed would keep its 19 MiB.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::Block;

/// As much memory as hashes at the same time need, once it was needed.
#[derive(Clone)]
pub(super) struct Memory {
    /// In blocks of 1 KiB.
    size: usize,
    idle: Arc<Mutex<Vec<Vec<Block>>>>,
}

impl Memory {
    /// For hashes of `size` blocks.
    pub(super) fn new(size: usize) -> Self {
        Self { size, idle: Arc::default() }
    }

    /// Lends at least `size` blocks. What is kept is as often there as there were turns at the same time.
    pub(super) fn with<T>(&self, size: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        if size > self.size {
            // Stored under greater parameters than those of today: rare, and not kept.
            return work(&mut vec![Block::new(); size]);
        }
        let idle = self.lock().pop();
        let mut blocks = idle.unwrap_or_else(|| vec![Block::new(); self.size]);
        let outcome = work(blocks.get_mut(..size).unwrap_or_default());
        self.lock().push(blocks);
        outcome
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_and_more_than_usual_is_not_kept() {
        let memory = Memory::new(8);
        for size in [8, 4, 8, 100] {
            assert_eq!(memory.with(size, |blocks| blocks.len()), size);
        }
        assert_eq!(memory.lock().iter().map(Vec::len).collect::<Vec<_>>(), [8]);
    }
}
