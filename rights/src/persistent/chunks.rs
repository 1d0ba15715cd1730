//! A vector in chunks, shared until written.

use std::sync::Arc;

/// A vector in chunks of `N`. Clone is O(1); a first write after it copies one chunk and the spine of length / N.
/// Two dependent loads lead to an item: its chunk's place in the spine, then the item.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T, const N: usize> {
    spine: Arc<[Chunk<T, N>]>,
    length: usize,
}

type Chunk<T, const N: usize> = Arc<[T; N]>;

impl<T: Clone + Default, const N: usize> Chunks<T, N> {
    /// These items, as items 0, 1, 2 … O(n).
    pub(crate) fn from_vec(items: Vec<T>) -> Self {
        let length = items.len();
        let mut rest = items.into_iter();
        let spine = (0..length.div_ceil(N)).map(|_| chunk(&mut rest)).collect();
        Self { spine, length }
    }

    /// How many items there are, those of freed slots included.
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// The item at an index that was given out by [`Self::push`]. O(1).
    pub(crate) fn at(&self, index: u32) -> &T {
        let index = index as usize;
        &self.spine[index / N][index % N]
    }

    /// The item, to be written: copies its chunk when somebody shares it. O(N) then, O(1) otherwise.
    pub(crate) fn at_mut(&mut self, index: u32) -> &mut T {
        let index = index as usize;
        let chunk = &mut Arc::make_mut(&mut self.spine)[index / N];
        &mut Arc::make_mut(chunk)[index % N]
    }

    /// Appends an item and gives its index. O(1), and O(length / N) for each chunk that begins.
    pub(crate) fn push(&mut self, item: T) -> u32 {
        if self.length.is_multiple_of(N) {
            let begun = std::iter::once_with(|| chunk(&mut std::iter::empty()));
            self.spine = self.spine.iter().cloned().chain(begun).collect();
        }
        let index = super::dense(self.length);
        self.length += 1;
        *self.at_mut(index) = item;
        index
    }

    /// Puts an item at an index, which may be the next one to be pushed.
    pub(crate) fn put(&mut self, index: u32, item: T) {
        if index as usize == self.length {
            self.push(item);
        } else {
            *self.at_mut(index) = item;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.spine.iter().flat_map(|chunk| chunk.iter()).take(self.length)
    }
}

impl<T, const N: usize> Default for Chunks<T, N> {
    fn default() -> Self {
        Self { spine: Arc::new([]), length: 0 }
    }
}

/// The next chunk of these items, filled up with defaults.
fn chunk<T: Default, const N: usize>(items: &mut impl Iterator<Item = T>) -> Chunk<T, N> {
    Arc::new(std::array::from_fn(|_| items.next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_saw() {
        let mut live = Chunks::<u32, 4>::from_vec((0..10).collect());
        let kept = live.clone();
        *live.at_mut(9) = 90;
        live.push(10);
        live.put(11, 11);
        live.put(0, 7);
        assert_eq!(kept.iter().copied().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        assert_eq!(
            live.iter().copied().collect::<Vec<_>>(),
            [7, 1, 2, 3, 4, 5, 6, 7, 8, 90, 10, 11]
        );
    }
}
