//! Lists of before, said in the labels of after.

use crate::{
    forest::{Edge, Forest, Place, ROOT},
    lists::{List, Mark},
};

/// The list of a forest as it was, in the labels of the forest as it is: the same rights on every folder
/// that lives in both, and on a folder that is new those that it would have taken over from the nearest
/// one above that isn't. `moved` are the folders whose parent may have changed. O((k + moved) log k).
///
/// Marks at folders that ended are dropped: a part that ends gives back, where it exits, what held before
/// it was entered. A part that was moved brings its own marks along, begins with what held on it, and gives
/// back, where it exits now, what held below its new parent.
pub(crate) fn transplant(list: &List, old: &Forest, new: &Forest, moved: &[u32]) -> List {
    let stays = |folder: u32| old.lives(folder) && new.lives(folder);
    let moved: Vec<u32> = moved.iter().copied().filter(|&folder| stays(folder)).collect();
    let mut marks: Vec<Mark> = Vec::new();
    for mark in list.marks() {
        let (folder, place) = (mark.edge.folder(), mark.edge.place());
        let replaced = place != Place::AfterSelf && moved.binary_search(&folder).is_ok();
        if stays(folder) && !replaced {
            marks.push(Mark { label: mark.edge.label(new), ..mark });
        }
    }
    for &folder in &moved {
        let below = nearest(new.parent(folder), old, new);
        let outside = if below == ROOT { 0 } else { list.at(old.span(below).lo + 1) };
        let (enter, exit) = (Edge::enter(folder), Edge::exit(folder));
        let inside = list.at(old.span(folder).lo);
        marks.push(Mark { label: enter.label(new), edge: enter, rights: inside });
        marks.push(Mark { label: exit.label(new), edge: exit, rights: outside });
    }
    marks.sort_unstable_by_key(|mark| mark.label);
    List::from_marks(marks)
}

/// The nearest folder from this one upwards that lived before.
fn nearest(mut folder: u32, old: &Forest, new: &Forest) -> u32 {
    while !old.lives(folder) {
        folder = new.parent(folder);
    }
    folder
}
