//! Templates: what a mail says, with places for its fields.
//!
//! Some are written by administrators, so a template is text with the names of fields between braces, and nothing else: no
//! condition, no function, no expression, which could join a text to itself until the memory is full. A field that isn't
//! there is an error, and neither time nor length is without bound (S24).

use std::{collections::BTreeMap, io};

use events::value::{Language, MailKind, MailTemplate as Template};
use graphql::port::Unusable;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use zeroize::Zeroizing;

use super::builtin::LAYOUT;

/// What a mail says.
pub struct Written {
    /// Of one line.
    pub subject: String,
    /// The plain text.
    pub text: Zeroizing<String>,
    /// The HTML.
    pub html: Zeroizing<String>,
}

/// The fields of a mail by their names.
pub type Values = BTreeMap<String, Zeroizing<String>>;

/// Steps of a rendering; the built-in ones take about 200.
const FUEL: u64 = 20_000;
/// Bytes of a rendered part.
const OUTPUT: usize = 256 * 1024;
/// Characters of the parts of a template.
const LENGTHS: [(&str, usize); 3] = [("subject", 200), ("text", 10_000), ("html", 40_000)];

/// Writes a mail.
pub fn write(
    template: &Template,
    language: Language,
    values: &Values,
) -> Result<Written, Unusable> {
    for ((part, _), text) in LENGTHS.into_iter().zip(parts(template)) {
        text.map_or(Ok(()), |text| nothing_but_fields(part, text))?;
    }
    let fields = values.iter().map(|(field, value)| (field.clone(), Value::from(value.as_str())));
    let fields = Value::from_pairs(fields);
    let subject = render("subject", &template.subject, fields.clone())?;
    // A subject is one line: a line break would begin another header.
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = render("text", &template.text, fields.clone())?;
    let html = match &template.html {
        Some(html) => render("html", html, fields)?,
        None => lay_out(language, &subject, &text, values)?,
    };
    Ok(Written { subject, text, html })
}

/// Whether it can be used for mails of a kind: whether it renders, and says what they are for in each of its bodies.
pub fn check(template: &Template, kind: MailKind, language: Language) -> Result<Written, Unusable> {
    for ((part, max), text) in LENGTHS.into_iter().zip(parts(template)) {
        if text.is_some_and(|text| text.chars().nth(max).is_some()) {
            return Err(Unusable::TooLong { part, max });
        }
    }
    let written = write(template, language, &samples(kind, language))?;
    for field in kind.required() {
        let sample = sample(field, language);
        // Nothing else in the samples is written in another way in HTML.
        let in_html = sample.replace('/', "&#x2f;");
        let in_subject = *field == "subject" && written.subject.contains(&**sample);
        let in_bodies = written.text.contains(&**sample)
            && (written.html.contains(&**sample) || written.html.contains(&in_html));
        if !in_subject && !in_bodies {
            return Err(Unusable::Lacks(field));
        }
    }
    Ok(written)
}

/// In the order of [`LENGTHS`].
fn parts(template: &Template) -> [Option<&String>; 3] {
    [Some(&template.subject), Some(&template.text), template.html.as_ref()]
}

/// Refuses whatever the engine would take for more than the name of a field.
fn nothing_but_fields(part: &'static str, text: &str) -> Result<(), Unusable> {
    let elaborate = |opened: &str| {
        let before = &text[..text.len() - opened.len()];
        Unusable::Elaborate { part, line: 1 + before.matches('\n').count() }
    };
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (_, opened) = rest.split_at(at);
        rest = match opened.as_bytes().get(1) {
            Some(b'{') => {
                let field = opened[2..].split_once("}}").filter(|(field, _)| is_name(field.trim()));
                field.ok_or_else(|| elaborate(opened))?.1
            }
            Some(b'%' | b'#') => return Err(elaborate(opened)),
            _ => &opened[1..],
        };
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Values that show what a mail of a kind looks like.
pub fn samples(kind: MailKind, language: Language) -> Values {
    let common = ["name", "username", "organisation", "address", "expires"];
    let fields = common.into_iter().chain(kind.required().iter().copied());
    fields.map(|field| (field.to_owned(), sample(field, language))).collect()
}

/// A moment that an example tells: 15 January 2027, eight in the morning.
const EXAMPLE: chrono::DateTime<chrono::Utc> =
    chrono::DateTime::from_timestamp_secs(1_800_000_000).expect("there is such a moment");

fn sample(field: &str, language: Language) -> Zeroizing<String> {
    let expires = super::words::moment(EXAMPLE, language);
    let text = match field {
        "name" => "Anna de Vries",
        "organisation" => "Bakkerij Zoet",
        "address" => "https://accounts.example.org",
        "link" => "https://accounts.example.org/link#5J6x2c9QkTfV",
        "code" => "481 207 365",
        "password" => "Zomerse-Fiets-83-Kade",
        "username" => "anna.de.vries",
        "email" => "anna@zoet.example",
        "factor" => "TOTP",
        "subject" => "Onderhoud 19:00",
        "text" => "19:00 – 20:00",
        _ => &expires,
    };
    Zeroizing::new(text.to_owned())
}

/// A text as HTML: what is nothing but a link or a code stands out.
fn lay_out(
    language: Language,
    subject: &str,
    text: &str,
    values: &Values,
) -> Result<Zeroizing<String>, Unusable> {
    let is = |paragraph: &str, fields: &[&str]| {
        fields.iter().any(|field| values.get(*field).is_some_and(|value| **value == paragraph))
    };
    let paragraphs: Vec<_> = text
        .split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| {
            context! {
                text => Value::from(paragraph),
                lines => paragraph.lines().map(Value::from).collect::<Value>(),
                is_link => is(paragraph, &["link"]),
                is_code => is(paragraph, &["code", "password"]),
            }
        })
        .collect();
    let language = match language {
        Language::Nl => "nl",
        Language::De => "de",
        Language::En => "en",
    };
    render("html", LAYOUT, context! { language, subject, paragraphs })
}

fn render(
    part: &'static str,
    source: &str,
    fields: impl Into<Value>,
) -> Result<Zeroizing<String>, Unusable> {
    let broken = |error: &minijinja::Error| Unusable::Broken { part, reason: reason(error) };
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let escape = if part == "html" { AutoEscape::Html } else { AutoEscape::None };
    environment.set_auto_escape_callback(move |_| escape.clone());
    let template = environment.template_from_named_str(part, source).map_err(|e| broken(&e))?;
    let mut output = Bounded(Zeroizing::new(Vec::new()));
    template.render_captured_to(fields, &mut output).map_err(|error| broken(&error))?;
    // Templates and fields are text, so what is rendered is.
    Ok(Zeroizing::new(String::from_utf8_lossy(&output.0).into_owned()))
}

/// What is wrong, in one line: never what a field holds.
fn reason(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" in line {line}")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("{}{detail}{line}", error.kind())
}

/// Takes only so much.
struct Bounded(Zeroizing<Vec<u8>>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT {
            return Err(io::Error::other("it becomes too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
