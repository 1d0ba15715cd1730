//! Letters on paper: what goes by post because it must not go by mail.
//!
//! A letter is made in three steps, and only the last knows what a PDF is: `words` says it in the reader's
//! language, `page` gives every line its place, `pdf` draws it with the fonts of `face`. None of them reads a
//! clock, so the same letter is the same file, byte for byte.

mod words;

mod face;
mod page;
mod pdf;

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use events::value::Language;
use secrecy::SecretString;

/// Tells somebody the code that activates their account. The link comes by mail: who gets hold of one of them can do
/// nothing with it.
#[derive(Debug)]
pub struct Activation {
    /// What the reader reads.
    pub language: Language,
    /// The organisation that writes.
    pub sender: String,
    /// Who reads it.
    pub recipient: Recipient,
    /// The name that the account signs in with.
    pub username: String,
    /// The code, without separators.
    pub code: SecretString,
    /// The date on the letter.
    pub written_at: DateTime<Utc>,
    /// When code and link stop working.
    pub expires_at: DateTime<Utc>,
}

/// To whom a letter goes.
#[derive(Debug, Default)]
pub struct Recipient {
    /// The name in full, as the address says it.
    pub name: String,
    /// How to address the person, for instance `mevrouw`.
    pub salutation: Option<String>,
    /// The last name, which follows the salutation.
    pub last_name: Option<String>,
    /// What stands below the name: the organisation, or street and town. What doesn't fit the window is left out.
    pub address: Vec<String>,
}

/// The file of a letter. It holds what the letter tells, so it is shown to nobody but its reader and never kept.
pub struct Pdf(Vec<u8>);

impl Pdf {
    /// The bytes of the file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// A letter that could not be drawn; the fonts are part of the program, so this is a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("the letter can't be drawn: {0}")]
pub struct Undrawable(String);

impl Activation {
    /// What the letter is about, for lists and for the name of the file.
    pub const fn subject(language: Language) -> &'static str {
        words::subject(language)
    }

    /// The letter as a file; takes some milliseconds of a processor.
    pub fn render(&self) -> Result<Pdf, Undrawable> {
        let faces = face::Faces::load().ok_or_else(|| Undrawable("no font".to_owned()))?;
        let marks = page::lay_out(self, &faces);
        pdf::draw(self, &marks, &faces).map(Pdf)
    }

    /// The last day on which the code works from morning to night. The moment it expires lies in the day after, which
    /// depends on where the reader lives.
    fn last_day(&self) -> NaiveDate {
        let whole = self.expires_at - chrono::TimeDelta::days(1);
        whole.max(self.written_at).min(self.expires_at).date_naive()
    }
}
