//! Where everything stands on an A4 sheet: DIN 5008 form B, whose window Dutch envelopes (NEN) share.
//!
//! Lengths are millimetres from the upper left corner; sizes of type are points.

use secrecy::ExposeSecret;

use super::{
    Activation,
    face::{Faces, Weight},
    words::{self, Wording},
};

/// Points per millimetre.
pub(super) const POINT: f32 = 72.0 / 25.4;
/// The sheet.
pub(super) const SHEET: (f32, f32) = (210.0, 297.0);

/// Left and right edge of the text.
const LEFT: f32 = 25.0;
const RIGHT: f32 = 190.0;
/// The window: where its text begins and ends, the line of the sender's address, the first line of the recipient's.
const WINDOW_RIGHT: f32 = 100.0;
const SENDER_LINE: f32 = 60.5;
const ADDRESS: f32 = 66.5;
/// How many lines the recipient's part of the window has.
const ADDRESS_LINES: usize = 6;
/// The column beside the window.
const BESIDE: f32 = 125.0;
const SUBJECT: f32 = 104.0;
/// The sizes.
const TYPE: f32 = 10.0;
const SMALL: f32 = 8.0;
/// From line to line, in multiples of the size.
const LEADING: f32 = 1.4;

/// Something on the sheet.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    /// A line of text; `x` is its left end, `y` its baseline, `spread` a distance between letters in ems.
    Text { x: f32, y: f32, size: f32, weight: Weight, ink: Ink, spread: f32, text: String },
    /// A filled rectangle.
    Area { x: f32, y: f32, width: f32, height: f32, ink: Ink },
}

/// What it is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Black,
    Grey,
    Line,
    Tint,
}

/// A sheet that is being filled from top to bottom.
struct Sheet<'a> {
    faces: &'a Faces,
    marks: Vec<Mark>,
    /// The next baseline of running text.
    y: f32,
}

/// Gives everything that the letter says its place. Whatever the names are, it is one sheet.
pub(super) fn lay_out(letter: &Activation, faces: &Faces) -> Vec<Mark> {
    // A name of 500 letters would push the code off the sheet.
    let sender =
        faces.of(Weight::Regular).wrap(&letter.sender, TYPE / POINT, RIGHT - LEFT, 2).join(" ");
    let wording = words::say(letter, &sender);
    let mut sheet = Sheet { faces, marks: Vec::new(), y: 0.0 };
    sheet.fold_marks();
    sheet.head(letter);
    sheet.window(letter);
    sheet.beside(letter, &wording);
    sheet.body(letter, &wording, &sender);
    sheet.marks
}

impl Sheet<'_> {
    fn fold_marks(&mut self) {
        for (y, width) in [(105.0, 4.0), (148.5, 6.0), (210.0, 4.0)] {
            self.marks.push(Mark::Area { x: 5.0, y, width, height: 0.15, ink: Ink::Line });
        }
    }

    fn head(&mut self, letter: &Activation) {
        let lines = self.faces.of(Weight::Bold).wrap(&letter.sender, 15.0 / POINT, RIGHT - LEFT, 2);
        self.y = 22.0;
        for line in lines {
            self.text(LEFT, 15.0, Weight::Bold, Ink::Black, line);
            self.y += 6.5;
        }
        self.marks.push(Mark::Area {
            x: LEFT,
            y: self.y - 2.5,
            width: RIGHT - LEFT,
            height: 0.25,
            ink: Ink::Line,
        });
    }

    fn window(&mut self, letter: &Activation) {
        let width = WINDOW_RIGHT - LEFT;
        let regular = self.faces.of(Weight::Regular);
        let sender = regular.wrap(&letter.sender, 7.0 / POINT, width, 1);
        let name = regular.wrap(&letter.recipient.name, TYPE / POINT, width, 2);
        let below = letter.recipient.address.iter().take(ADDRESS_LINES);
        let below = below.flat_map(|line| regular.wrap(line, TYPE / POINT, width, 2));
        let address: Vec<_> = name.into_iter().chain(below).take(ADDRESS_LINES).collect();
        self.y = SENDER_LINE;
        for line in sender {
            self.text(LEFT, 7.0, Weight::Regular, Ink::Grey, line);
        }
        self.marks.push(Mark::Area {
            x: LEFT,
            y: SENDER_LINE + 1.0,
            width,
            height: 0.15,
            ink: Ink::Line,
        });
        self.y = ADDRESS;
        for line in address {
            self.line(LEFT, TYPE, Weight::Regular, line);
        }
    }

    fn beside(&mut self, letter: &Activation, wording: &Wording) {
        self.y = SENDER_LINE;
        for (label, value) in
            [(wording.date_label, &wording.date), (wording.username_label, &letter.username)]
        {
            self.text(BESIDE, SMALL, Weight::Regular, Ink::Grey, label.to_owned());
            self.y += SMALL * LEADING / POINT + 0.5;
            let lines = self.faces.of(Weight::Regular).wrap(value, TYPE / POINT, RIGHT - BESIDE, 3);
            for line in lines {
                self.line(BESIDE, TYPE, Weight::Regular, line);
            }
            self.y += 2.0;
        }
    }

    fn body(&mut self, letter: &Activation, wording: &Wording, sender: &str) {
        self.y = SUBJECT;
        self.line(LEFT, 12.0, Weight::Bold, wording.subject.to_owned());
        self.y += 5.0;
        self.paragraph(&wording.salutation, LEFT, 2);
        self.y += 2.0;
        self.paragraph(&wording.opening, LEFT, 7);
        self.y += 2.0;
        self.code(letter, wording);
        self.line(LEFT, TYPE, Weight::Bold, wording.steps_label.to_owned());
        self.y += 1.0;
        for (number, step) in (1..).zip(&wording.steps) {
            self.text(LEFT, TYPE, Weight::Regular, Ink::Black, format!("{number}."));
            self.paragraph(step, LEFT + 6.0, 2);
        }
        self.y += 3.0;
        self.paragraph(&wording.advice, LEFT, 5);
        self.y += 4.0;
        self.paragraph(wording.closing, LEFT, 1);
        self.y += 2.0;
        self.paragraph(sender, LEFT, 2);
        self.y = 283.0;
        self.text(LEFT, SMALL, Weight::Regular, Ink::Grey, wording.unsigned.to_owned());
    }

    /// The code in a box: large, in groups, every letter apart from the next.
    fn code(&mut self, letter: &Activation, wording: &Wording) {
        const HEIGHT: f32 = 26.0;
        const SIZE: f32 = 24.0;
        const SPREAD: f32 = 0.12;
        let top = self.y - 3.0;
        self.marks.push(Mark::Area {
            x: LEFT,
            y: top,
            width: RIGHT - LEFT,
            height: HEIGHT,
            ink: Ink::Tint,
        });
        self.y = top + 6.5;
        self.text(LEFT + 5.0, SMALL, Weight::Regular, Ink::Grey, wording.code_label.to_owned());
        self.y = top + 16.0;
        let text = self.faces.of(Weight::Bold).showable(&grouped(letter.code.expose_secret()));
        let (x, y) = (LEFT + 5.0, self.y);
        let (weight, ink) = (Weight::Bold, Ink::Black);
        self.marks.push(Mark::Text { x, y, size: SIZE, weight, ink, spread: SPREAD, text });
        self.y = top + 22.5;
        self.text(LEFT + 5.0, SMALL, Weight::Regular, Ink::Black, wording.validity.clone());
        self.y = top + HEIGHT + 9.0;
    }

    fn paragraph(&mut self, text: &str, left: f32, lines: usize) {
        for line in self.faces.of(Weight::Regular).wrap(text, TYPE / POINT, RIGHT - left, lines) {
            self.line(left, TYPE, Weight::Regular, line);
        }
    }

    /// A line, and on to the next.
    fn line(&mut self, x: f32, size: f32, weight: Weight, text: String) {
        self.text(x, size, weight, Ink::Black, text);
        self.y += size * LEADING / POINT;
    }

    fn text(&mut self, x: f32, size: f32, weight: Weight, ink: Ink, text: String) {
        self.marks.push(Mark::Text { x, y: self.y, size, weight, ink, spread: 0.0, text });
    }
}

/// In groups of four, which is how people read a code from paper.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}
