//! What mails say.

use events::value::{Language, MailKind, MailTemplate as Template};
use graphql::port::Unusable;

use crate::mail::{
    builtin,
    template::{check as check_template, samples, write},
};

const LANGUAGES: [Language; 3] = [Language::Nl, Language::De, Language::En];

#[test]
fn every_built_in_template_says_what_its_mails_are_for() {
    for kind in MailKind::ALL {
        let written = LANGUAGES.map(|language| {
            let written =
                check_template(&builtin::template(kind, language), kind, language).unwrap();
            assert!(written.text.contains("Anna de Vries"), "{}", *written.text);
            assert!(written.text.ends_with("Bakkerij Zoet"), "{}", *written.text);
            assert!(!written.subject.contains("{{") && !written.text.contains("{{"));
            written.text
        });
        assert!(written[0] != written[1] && written[1] != written[2], "{}", kind.as_str());
    }
}

#[test]
fn the_html_of_a_mail_reads_like_its_text_with_link_and_code_standing_out() {
    let template = builtin::template(MailKind::PasswordReset, Language::De);
    let written = check_template(&template, MailKind::PasswordReset, Language::De).unwrap();
    assert!(written.html.starts_with("<!doctype html>\n<html lang=\"de\">"), "{}", *written.html);
    assert_eq!(written.html.matches("<a href=").count(), 1);
    assert_eq!(written.html.matches("monospace").count(), 1);
    assert!(written.html.contains("Mit freundlichen Grüßen<br>Bakkerij Zoet"), "{}", *written.html);
}

fn template(text: &str, html: Option<&str>) -> Template {
    Template { subject: "S".to_owned(), text: text.to_owned(), html: html.map(str::to_owned) }
}

fn check(text: &str, html: Option<&str>) -> Result<(), Unusable> {
    check_template(&template(text, html), MailKind::Activation, Language::Nl).map(drop)
}

#[test]
fn s24_a_template_that_lacks_what_it_is_for_is_refused_and_the_field_is_named() {
    assert_eq!(check("{{ link }}", None), Err(Unusable::Lacks("expires")));
    assert_eq!(check("{{ expires }}", None), Err(Unusable::Lacks("link")));
    assert_eq!(
        check("{{ link }} {{ expires }}", Some("{{ link }}")),
        Err(Unusable::Lacks("expires"))
    );
    assert_eq!(check("{{ link }} {{ expires }}", None), Ok(()));
}

#[test]
fn s24_a_template_reaches_nothing_but_its_fields() {
    for unknown in ["{{ password }}", "{{ nothing }}", "{{ range }}", "{{ self }}"] {
        let outcome = check(&format!("{{{{ link }}}} {{{{ expires }}}} {unknown}"), None);
        let is_broken = matches!(outcome, Err(Unusable::Broken { part: "text", .. }));
        assert!(is_broken, "{unknown}: {outcome:?}");
    }
    for beyond in [
        "{{ nothing.at.all }}",
        "{{ range(9) }}",
        "{{ debug() }}",
        "{% include 'layout.html' %}",
        "{% import 'x' as x %}",
        "{% if true %}{% endif %}",
        "{# nothing #}",
        "{{ name|attr('x') }}",
        "{{ name.__class__ }}",
        "{{ link[-47:] }}",
        "{{- name -}}",
        "{{ 'name' }}",
        "{{ }}",
        "{{ link",
    ] {
        let outcome = check(&format!("{{{{ link }}}}\n{{{{ expires }}}} {beyond}"), None);
        assert_eq!(outcome, Err(Unusable::Elaborate { part: "text", line: 2 }), "{beyond}");
        let html = format!("{{{{ link }}}} {{{{ expires }}}} {beyond}");
        let outcome = check("{{ link }} {{ expires }}", Some(&html));
        assert_eq!(outcome, Err(Unusable::Elaborate { part: "html", line: 1 }), "{beyond}");
    }
    assert_eq!(check("{ {{link}} } }} {{ expires }}{", None), Ok(()));
}

#[test]
fn s24_a_template_takes_neither_for_ever_nor_all_memory() {
    let loops = "{% for a in [1,2,3,4,5,6,7,8,9,0] %}".repeat(6);
    let doubled = format!("{{% set a='x' %}}{}", "{% set a=a~a %}".repeat(60));
    for endless in [&*loops, &doubled, "{{ 'x'*99999999 }}", "{{ name ~ name }}"] {
        let text = format!("{{{{ link }}}} {{{{ expires }}}} {endless}");
        let outcome = check(&text, None);
        assert!(matches!(outcome, Err(Unusable::Elaborate { .. })), "{endless}: {outcome:?}");
    }
    let text = format!("{{{{ link }}}} {{{{ expires }}}}{}", "x".repeat(10_000));
    assert_eq!(check(&text, None), Err(Unusable::TooLong { part: "text", max: 10_000 }));
    // Fields that are long come back only so often.
    let mut values = samples(MailKind::Activation, Language::Nl);
    values.insert("name".to_owned(), zeroize::Zeroizing::new("x".repeat(500)));
    let often = Template {
        subject: "S".to_owned(),
        text: "{{ name }}".repeat(1_000),
        html: Some("{{ name }}".to_owned()),
    };
    let outcome = write(&often, Language::Nl, &values).err();
    assert!(matches!(outcome, Some(Unusable::Broken { part: "text", .. })), "{outcome:?}");
}

#[test]
fn s24_fields_are_escaped_in_html_and_begin_no_header_in_a_subject() {
    let mut values = samples(MailKind::Activation, Language::Nl);
    let evil = "<script>alert(1)</script>\r\nBcc: eve@example.org".to_owned();
    values.insert("name".to_owned(), zeroize::Zeroizing::new(evil));
    for html in [None, Some("<p>{{ name }}</p>".to_owned())] {
        let template =
            Template { subject: "{{ name }}".to_owned(), text: "{{ name }}".to_owned(), html };
        let written = write(&template, Language::Nl, &values).unwrap();
        assert!(!written.html.contains("<script"), "{}", *written.html);
        assert!(written.html.contains("&lt;script&gt;"));
        assert!(!written.subject.contains(['\r', '\n']), "{}", written.subject);
    }
}
