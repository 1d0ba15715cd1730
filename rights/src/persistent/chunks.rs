//! A vector in chunks, shared until written.

use std::sync::Arc;

/// A vector in chunks of `N`. Clone is O(1); a first write after it copies one chunk and the spine of length / N.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T, const N: usize> {
    spine: Arc<Vec<Arc<[T]>>>,
    length: usize,
}

impl<T: Clone + Default, const N: usize> Chunks<T, N> {
    pub(crate) fn from_vec(mut items: Vec<T>) -> Self {
        let length = items.len();
        items.resize(length.next_multiple_of(N), T::default());
        let mut spine = Vec::with_capacity(length.div_ceil(N));
        let mut rest = items.into_iter();
        while rest.len() > 0 {
            spine.push(rest.by_ref().take(N).collect());
        }
        Self { spine: Arc::new(spine), length }
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

    /// Appends an item and gives its index.
    pub(crate) fn push(&mut self, item: T) -> u32 {
        if self.length.is_multiple_of(N) {
            Arc::make_mut(&mut self.spine).push(std::iter::repeat_n(T::default(), N).collect());
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

impl<T: Clone + Default, const N: usize> Default for Chunks<T, N> {
    fn default() -> Self {
        Self { spine: Arc::default(), length: 0 }
    }
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
