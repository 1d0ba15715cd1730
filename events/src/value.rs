//! Values: parsed once at the edge, valid ever after.

mod address;
mod invalid;
mod mail;
mod name;
mod organisation;
mod profile;
mod rights;
mod text;

pub use address::{Domain, EmailAddress};
pub use invalid::Invalid;
pub use mail::{MailKind, Reply};
pub use name::Username;
pub use organisation::{Language, MemberKind, Plan, Scope, ServiceKind};
pub use profile::{PhoneNumber, Profile, ProfileEntry, ProfileField, TimeZone};
pub use rights::{Coverage, Right, Rights};
pub use text::Text;
