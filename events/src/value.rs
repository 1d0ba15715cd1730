//! Values: parsed once at the edge, valid ever after.

mod address;
mod e164;
mod hours;
mod invalid;
mod language;
mod mail;
mod name;
mod organisation;
mod policy;
mod profile;
mod rights;
mod text;

pub use address::{Domain, EmailAddress};
pub use e164::E164;
pub use hours::{HourRange, WeekHours};
pub use invalid::Invalid;
pub use language::Language;
pub use mail::{MailHost, MailKind, MailSettings, MailTemplate, Reply, TlsMode};
pub use name::Username;
pub use organisation::{MemberKind, Plan, Scope, ServiceKind};
pub use policy::{
    Between, InvitationDays, LockAfter, MinLength, Policy, PolicyRule, PolicyRules, SecondFactor,
    SessionMinutes, Strength,
};
pub use profile::{PhoneNumber, Profile, ProfileEntry, ProfileField, TimeZone};
pub use rights::{Coverage, Right, Rights};
pub use text::{Prose, Text};
