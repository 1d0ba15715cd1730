//! A text as a QR code, in SVG: sharp at any size, and no picture format is needed.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// The quiet zone around a code, in modules, as its standard asks for.
const MARGIN: i32 = 4;

/// The picture; none where the text is too long for any code.
pub(super) fn svg(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size() + 2 * MARGIN;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{},{}h1v1h-1z", x + MARGIN, y + MARGIN);
        }
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
         <path d=\"M0,0h{size}v{size}h-{size}z\" fill=\"#fff\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_nothing_of_the_text_in_the_clear() {
        let svg = svg("otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(!svg.contains("GEZDGNBV"));
        // The corner of a finder pattern: black at (4,4), white around it.
        assert!(svg.contains("M4,4h1v1h-1z") && !svg.contains("M5,5h1v1h-1z"));
        assert_eq!(super::svg(&"x".repeat(10_000)), None);
    }
}
