//! E chapter 4 "Wachtwoorden beheren" and D "Kennwort Reset", as their readers would do them: over HTTP, with the mails as
//! a mail server got them.

use serde_json::{Value, json};

use super::{PASSWORD, connect, mutate, organised, secrets::files_with, sign_in};
use crate::support::{
    client::Client,
    process::Server,
    smtp::{self, Does, header, says},
};

const OWN: &str = "Merel fluit 8 liedjes";
const NEW: &str = "Zwaluw bouwt 9 nesten";

/// A program that sends its mails to this mail server.
async fn started(data: &std::path::Path, mail: &smtp::Server) -> Server {
    let address = mail.address.to_string();
    let variables = [
        ("STAMROL_MAIL_SERVER", &*address),
        ("STAMROL_MAIL_TLS", "none"),
        ("STAMROL_HTTP_PUBLIC_ADDRESS", "https://beheer.meerpaal.example"),
        ("STAMROL_LOG_FILTER", "trace"),
    ];
    Server::start_with(data, &variables).await
}

/// Another member, with a password of their own.
async fn create(client: &mut Client, username: &str, recovery: Option<&str>) -> Value {
    let input = json!({
        "username": username, "displayName": "Bram Visser", "password": OWN, "language": "NL",
        "email": "bram@meerpaal.example", "recoveryEmail": recovery,
    });
    let made = mutate(client, "accountCreate", "account { id status }", input).await;
    assert_eq!(made["account"]["status"], "ACTIVE", "{made}");
    made["account"]["id"].clone()
}

/// The text of a letter without its markup.
fn text(letter: &str) -> String {
    let said = says(letter);
    said.split("text/html").next().unwrap_or_default().to_owned()
}

/// The token of the link in a letter.
fn token(letter: &str) -> String {
    let said = text(letter);
    let (before, after) = said.split_once('#').expect("there is a link");
    assert!(before.contains("https://beheer.meerpaal.example/"), "{said}");
    after.split_whitespace().next().unwrap().to_owned()
}

/// The paragraph after the one that says this.
fn after<'a>(said: &'a str, words: &str) -> &'a str {
    let (_, rest) = said.split_once(words).unwrap_or_else(|| panic!("{words}: {said}"));
    rest.split_whitespace().next().unwrap()
}

/// To whom a letter went.
fn to(letter: &str) -> &str {
    smtp::header(letter, "To")
}

/// The codes of the errors of a payload.
fn codes(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().map_or(&[][..], Vec::as_slice);
    errors.iter().filter_map(|error| error["code"].as_str()).collect()
}

async fn ask(server: &Server, username: &str) -> Value {
    let input = json!({ "username": username });
    let mut nobody = connect(server).await;
    mutate(&mut nobody, "passwordResetRequest", "validMinutes", input).await
}

async fn reset(server: &Server, token: &str, code: &str, password: &str) -> Value {
    let input = json!({
        "token": token, "code": code, "password": password, "passwordRepeated": password,
    });
    mutate(&mut connect(server).await, "passwordReset", "position", input).await
}

/// What the history of an account says, in one text, once it has come as far as the last change.
async fn told(client: &mut Client, account: &Value) -> String {
    let query = "query($id: ID!) { account(by: { id: $id }) {
        history(first: 100) { nodes { sentence(language: NL) } } } }";
    let answer = client.send(query, json!({ "id": account })).await.unwrap().body;
    answer["data"]["account"]["history"].to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e_a_forgotten_password_is_replaced_once_the_steps_in_the_mail_are_done() {
    let (data, mail) = (tempfile::tempdir().unwrap(), smtp::Server::start(|_| Does::Accept).await);
    let server = started(data.path(), &mail).await;
    let (_, mut anna) = organised(&server).await;
    let bram = create(&mut anna, "bram", None).await;
    let mut elsewhere = sign_in(&server, "bram", OWN).await.unwrap();

    // One types one's address, or one's name. Whoever asks learns nothing about who is there.
    let asked = ask(&server, "BRAM@meerpaal.example").await;
    let stranger = ask(&server, "niemand@meerpaal.example").await;
    assert_eq!((&asked["validMinutes"], codes(&asked)), (&json!(30), vec![]));
    assert_eq!(asked["validMinutes"], stranger["validMinutes"]);
    let letter = mail.letters(1).await.remove(0);
    assert!(to(&letter).contains("bram@meerpaal.example"), "{letter}");
    assert!(text(&letter).contains("Uw gebruikersnaam is bram."), "{letter}");
    let (token, code) = (token(&letter), after(&text(&letter), "deze code in:").to_owned());

    // Until the steps are done, the old password works.
    sign_in(&server, "bram", OWN).await.unwrap();
    let weak = reset(&server, &token, &code, "Zomer2026!").await;
    assert_eq!(codes(&weak), ["PASSWORD_COMMON"], "{weak}");
    let wrong = reset(&server, &token, "2222-2222", NEW).await;
    assert_eq!(codes(&wrong), ["INVALID_CODE"], "{wrong}");
    let done = reset(&server, &token, &code, NEW).await;
    assert_eq!(codes(&done), Vec::<&str>::new(), "{done}");
    assert!(sign_in(&server, "bram", OWN).await.is_err());
    sign_in(&server, "bram", NEW).await.unwrap();
    // Whoever was signed in is so no more, and the link works no more.
    let answer = elsewhere.send("{ viewer { account { id } } }", Value::Null).await.unwrap();
    assert_eq!(answer.status, 401, "{:?}", answer.body);
    assert_eq!(codes(&reset(&server, &token, &code, OWN).await), ["INVALID_TOKEN"]);
    // The mail that tells of it: the second one, nobody else got any.
    let letters = mail.letters(2).await;
    assert!(to(&letters[1]).contains("bram@meerpaal.example"), "{letters:?}");
    assert!(!text(&letters[1]).contains('#'), "{letters:?}");
    let told = told(&mut anna, &bram).await;
    for word in ["nieuw wachtwoord", "onjuiste code"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let (_, said) = server.stop();
    for secret in [&*token, &code, &code.replace('-', ""), OWN, NEW] {
        assert!(!said.contains(secret), "{secret} is in the log");
        assert_eq!(files_with(data.path(), secret), Vec::<String>::new(), "{secret}");
    }
    assert_eq!(mail.seen(|seen| seen.letters), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e_an_administrator_has_a_password_generated_and_mailed_elsewhere_or_chooses_one() {
    let (data, mail) = (tempfile::tempdir().unwrap(), smtp::Server::start(|_| Does::Accept).await);
    let server = started(data.path(), &mail).await;
    let (_, mut anna) = organised(&server).await;
    let bram = create(&mut anna, "bram", None).await;
    let step_up = json!({ "password": PASSWORD });
    let proven = mutate(&mut anna, "stepUp", "session { token }", step_up).await;
    if let Some(token) = proven["session"]["token"].as_str() {
        anna.session = Some(token.to_owned());
    }

    // 4.1: generated, and to another address.
    let input = json!({ "account": bram, "mail": true, "mailTo": "bram@thuis.example" });
    let set = mutate(&mut anna, "passwordSet", "account { passwordSetAt }", input).await;
    assert_eq!(codes(&set), Vec::<&str>::new(), "{set}");
    let letter = mail.letter(|letter| to(letter).contains("bram@thuis.example")).await;
    let said = text(&letter);
    let password = said.split_whitespace().find(|word| word.len() == 20 && is_mixed(word));
    let password = password.unwrap_or_else(|| panic!("no password: {said}")).to_owned();
    assert!(sign_in(&server, "bram", OWN).await.is_err(), "the old one works no longer");
    sign_in(&server, "bram", &password).await.unwrap();

    // It went elsewhere, so he is told at his own address, and not what it is.
    let told = mail.letter(|letter| to(letter).contains("bram@meerpaal.example")).await;
    assert!(says(&told).contains("Het wachtwoord van uw account"), "{told}");
    assert!(!says(&told).contains(&password), "{told}");

    // 4.2: chosen; it is active at once, and nothing is mailed that isn't wished for.
    let input = json!({ "account": bram, "password": NEW });
    let set = mutate(&mut anna, "passwordSet", "account { passwordSetAt }", input).await;
    assert_eq!(codes(&set), Vec::<&str>::new(), "{set}");
    assert!(sign_in(&server, "bram", &password).await.is_err());
    sign_in(&server, "bram", NEW).await.unwrap();
    let (_, said) = server.stop();
    for secret in [&password, NEW] {
        assert!(!said.contains(secret), "{secret} is in the log");
        assert_eq!(files_with(data.path(), secret), Vec::<String>::new(), "{secret}");
    }
    let told = mail.seen(|seen| seen.accepted.iter().map(|letter| says(letter)).collect());
    let told: Vec<String> = told;
    assert!(told.iter().all(|letter| !letter.contains(NEW)), "{told:?}");
}

/// Whether it has capitals, small letters and digits.
fn is_mixed(word: &str) -> bool {
    let has = |wanted: fn(&char) -> bool| word.chars().any(|c| wanted(&c));
    has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d_whoever_is_locked_gets_in_again_with_a_code_to_the_recovery_address() {
    let (data, mail) = (tempfile::tempdir().unwrap(), smtp::Server::start(|_| Does::Accept).await);
    let server = started(data.path(), &mail).await;
    let (_, mut anna) = organised(&server).await;
    let bram = create(&mut anna, "bram", Some("bram@thuis.example")).await;
    for _ in 0..3 {
        assert!(sign_in(&server, "bram", "Verkeerd 3 keer wachtwoord").await.is_err());
    }
    // Locked: now the right one is of no use either; a mail tells of it.
    assert!(sign_in(&server, "bram", OWN).await.is_err());
    mail.letter(|letter| text(letter).contains("vergrendeld")).await;

    ask(&server, "bram").await;
    let letter = mail.letter(|letter| text(letter).contains("deze code in:")).await;
    assert!(to(&letter).contains("bram@thuis.example"), "{letter}");
    let (first, code) = (token(&letter), after(&text(&letter), "deze code in:").to_owned());
    let done = reset(&server, &first, &code, NEW).await;
    assert_eq!(codes(&done), Vec::<&str>::new(), "{done}");
    sign_in(&server, "bram", NEW).await.unwrap();

    // Three wrong codes end a link; then an administrator unlocks.
    for _ in 0..3 {
        assert!(sign_in(&server, "bram", "Verkeerd 3 keer wachtwoord").await.is_err());
    }
    ask(&server, "bram").await;
    let letter = mail
        .letter(|letter| text(letter).contains("deze code in:") && token(letter) != first)
        .await;
    let (second, code) = (token(&letter), after(&text(&letter), "deze code in:").to_owned());
    for _ in 0..3 {
        assert_eq!(codes(&reset(&server, &second, "2222-2222", OWN).await), ["INVALID_CODE"]);
    }
    assert_eq!(codes(&reset(&server, &second, &code, OWN).await), ["INVALID_TOKEN"]);
    let unlocked = mutate(
        &mut anna,
        "accountUnlock",
        "account { status lockedAt }",
        json!({ "account": bram }),
    )
    .await;
    assert_eq!(unlocked["account"]["status"], "ACTIVE", "{unlocked}");
    sign_in(&server, "bram", NEW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ac11_another_address_counts_once_whoever_reads_it_says_so() {
    let (data, mail) = (tempfile::tempdir().unwrap(), smtp::Server::start(|_| Does::Accept).await);
    let server = started(data.path(), &mail).await;
    let (_, mut anna) = organised(&server).await;
    let id = create(&mut anna, "bram", None).await;
    let mut bram = sign_in(&server, "bram", OWN).await.unwrap();
    let account = "account { email emailPending status }";
    let change = json!({ "email": "bram@nieuw.example" });
    // First one proves anew who one is (S13).
    let bare = mutate(&mut bram, "emailChange", account, change.clone()).await;
    assert_eq!(codes(&bare), ["STEP_UP_REQUIRED"], "{bare}");
    let proven = json!({ "password": OWN });
    let proven = mutate(&mut bram, "stepUp", "session { token }", proven).await;
    bram.session = proven["session"]["token"].as_str().map(ToOwned::to_owned);
    let asked = mutate(&mut bram, "emailChange", account, change.clone()).await;
    assert_eq!(asked["account"]["email"], "bram@meerpaal.example", "{asked}");
    assert_eq!(asked["account"]["emailPending"], "bram@nieuw.example");
    let old = token(&mail.letter(|letter| to(letter).contains("nieuw.example")).await);
    // The address that counts hears of it at once, and gets nothing to click.
    let told = mail.letter(|letter| to(letter).contains("bram@meerpaal.example")).await;
    assert!(says(&told).contains("bram@nieuw.example"), "{told}");
    assert!(!says(&told).contains("#ste_"), "{told}");

    // Asked again: the link before works no longer. An altered one never did.
    mutate(&mut bram, "emailChange", account, change).await;
    let is_newer = |letter: &str| to(letter).contains("nieuw.example") && token(letter) != old;
    let newer = token(&mail.letter(is_newer).await);
    let mut nobody = connect(&server).await;
    let altered = newer.replace(&newer[10..12], if &newer[10..12] == "AA" { "BB" } else { "AA" });
    for refused in [&old, &altered] {
        let input = json!({ "token": refused });
        let refused = mutate(&mut nobody, "emailConfirm", "done", input).await;
        assert_eq!(codes(&refused), ["INVALID_TOKEN"], "{refused}");
    }
    let confirm = json!({ "token": newer });
    let confirmed = mutate(&mut nobody, "emailConfirm", "done", confirm.clone()).await;
    assert_eq!(confirmed["done"], true, "{confirmed}");
    let twice = mutate(&mut nobody, "emailConfirm", "done", confirm).await;
    assert_eq!(codes(&twice), ["INVALID_TOKEN"], "{twice}");

    // The old address hears of it, and the new one counts.
    let changed = |letter: &str| header(letter, "Subject") == "Uw e-mailadres is gewijzigd";
    mail.letter(|letter| changed(letter) && to(letter).contains("bram@meerpaal.example")).await;
    let query = "query($id: ID!) { account(by: { id: $id }) { email emailPending } }";
    let seen = anna.send(query, json!({ "id": id })).await.unwrap().body;
    assert_eq!(seen["data"]["account"]["email"], "bram@nieuw.example", "{seen}");
    assert!(seen["data"]["account"]["emailPending"].is_null(), "{seen}");
}
