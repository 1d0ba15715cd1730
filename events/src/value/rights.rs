//! What one may do with a folder and with the documents in it.

use std::{
    fmt,
    ops::{BitAnd, BitOr, BitOrAssign, Not, Sub},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One right. The number of a right is its bit in [`Rights`]; it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Right {
    /// Create a folder in the folder.
    CreateSubfolder,
    /// Move the folder.
    MoveFolder,
    /// Rename the folder.
    RenameFolder,
    /// Copy the folder with its subfolders, without documents.
    CopyStructure,
    /// Delete the folder.
    DeleteFolder,
    /// See the documents.
    View,
    /// Write notes.
    Notes,
    /// Annotate with text.
    TextAnnotations,
    /// Annotate with symbols.
    SymbolAnnotations,
    /// Stamp.
    Stamps,
    /// Set follow-ups.
    FollowUps,
    /// Move pages and documents.
    MoveDocuments,
    /// Copy documents.
    CopyDocuments,
    /// Download documents.
    Download,
    /// See the history of documents.
    History,
    /// Archive binary files.
    ArchiveBinaries,
    /// Export by itself.
    AutoExport,
    /// Take part in workflows.
    Workflow,
    /// Classify documents.
    Classify,
    /// Delete documents.
    DeleteDocuments,
}

impl Right {
    /// Every right, in the order of their bits.
    pub const ALL: [Self; 20] = [
        Self::CreateSubfolder,
        Self::MoveFolder,
        Self::RenameFolder,
        Self::CopyStructure,
        Self::DeleteFolder,
        Self::View,
        Self::Notes,
        Self::TextAnnotations,
        Self::SymbolAnnotations,
        Self::Stamps,
        Self::FollowUps,
        Self::MoveDocuments,
        Self::CopyDocuments,
        Self::Download,
        Self::History,
        Self::ArchiveBinaries,
        Self::AutoExport,
        Self::Workflow,
        Self::Classify,
        Self::DeleteDocuments,
    ];
}

/// A set of rights: 5 on folders, 15 on documents. Stored as the list of their names.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Rights(u32);

impl Rights {
    /// No right at all.
    pub const NONE: Self = Self(0);
    /// Every right: what administrators hold.
    pub const ALL: Self = Self((1 << Right::ALL.len()) - 1);
    /// The most that a reader can hold: view and download.
    pub const OF_READERS: Self = Self(1 << Right::View as u32 | 1 << Right::Download as u32);

    /// The set with these bits; none when a bit is no right.
    pub const fn from_bits(bits: u32) -> Option<Self> {
        if bits & !Self::ALL.0 == 0 { Some(Self(bits)) } else { None }
    }

    /// The set with these bits; bits that are no right are left out.
    pub const fn from_bits_truncate(bits: u32) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The bits, right number 0 in the lowest.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether no right is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every one of `others` is in it.
    pub const fn contains(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// How many rights are in it.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The rights in it, in the order of their bits.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |&right| self.contains(right.into()))
    }
}

impl From<Right> for Rights {
    fn from(right: Right) -> Self {
        Self(1 << right as u32)
    }
}
impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        rights.into_iter().fold(Self::NONE, |set, right| set | right.into())
    }
}
impl BitOr for Rights {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
impl BitOrAssign for Rights {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
impl BitAnd for Rights {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
impl Sub for Rights {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}
impl Not for Rights {
    type Output = Self;
    fn not(self) -> Self {
        Self::ALL - self
    }
}
impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
impl Serialize for Rights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
impl<'de> Deserialize<'de> for Rights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> de::Visitor<'de> for Names {
            type Value = Rights;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of names of rights")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut names: A) -> Result<Rights, A::Error> {
                let mut rights = Rights::NONE;
                while let Some(right) = names.next_element::<Right>()? {
                    rights |= right.into();
                }
                Ok(rights)
            }
        }
        deserializer.deserialize_seq(Names)
    }
}

/// Where a grant or an exclusion on a folder applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// The folder itself only.
    Folder,
    /// Everything below the folder, without the folder itself.
    Subfolders,
    /// The folder and everything below it.
    Recursive,
}

impl Coverage {
    /// Whether the folder itself is covered.
    pub const fn folder(self) -> bool {
        matches!(self, Self::Folder | Self::Recursive)
    }

    /// Whether what lies below the folder is covered.
    pub const fn subfolders(self) -> bool {
        matches!(self, Self::Subfolders | Self::Recursive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_the_bit_of_its_number() {
        for (number, right) in Right::ALL.into_iter().enumerate() {
            assert_eq!(Rights::from(right).bits(), 1 << number);
        }
        assert_eq!(Rights::ALL.len(), 20);
        assert_eq!(Rights::from_bits(1 << 20), None);
    }

    #[test]
    fn rights_are_stored_by_name() {
        let rights = Rights::OF_READERS;
        let stored = serde_json::to_string(&rights).unwrap();
        assert_eq!(stored, r#"["view","download"]"#);
        assert_eq!(serde_json::from_str::<Rights>(&stored).unwrap(), rights);
        assert!(serde_json::from_str::<Rights>(r#"["fly"]"#).is_err());
    }
}
