//! How deep brackets nest, read from the text alone.

/// What a block string begins and ends with.
const BLOCK: &[u8] = b"\"\"\"";

/// The most brackets (`{`, `[`, `(`) that are open at one point, outside strings and comments.
///
/// Reads strings and comments exactly as the parser's grammar does, or else a document could hide brackets from this
/// count in what only looks like a string. Where the grammar would give up, reading on can only count too many.
pub(super) fn deepest(query: &str) -> usize {
    let text = query.as_bytes();
    let (mut at, mut open, mut deepest) = (0, 0_usize, 0);
    // Where one block string has no end, no later one has: it isn't looked for again, or that would take n² steps.
    let mut blocks_end = true;
    while let Some(byte) = text.get(at) {
        at += match byte {
            b'{' | b'[' | b'(' => {
                open += 1;
                deepest = deepest.max(open);
                1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                1
            }
            b'#' => text[at..]
                .iter()
                .position(|byte| matches!(byte, b'\n' | b'\r'))
                .unwrap_or(text.len() - at),
            b'"' if blocks_end && text[at..].starts_with(BLOCK) => {
                let block = block_string(&text[at..]);
                blocks_end = block.is_some();
                block.unwrap_or_else(|| string(&text[at..]))
            }
            b'"' => string(&text[at..]),
            _ => 1,
        };
    }
    deepest
}

/// The length of the block string that `text` begins with; an unended one is read as plain strings, as the grammar does.
fn block_string(text: &[u8]) -> Option<usize> {
    let content = text.strip_prefix(BLOCK)?;
    let mut at = 0;
    while at < content.len() {
        if content[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if content[at..].starts_with(BLOCK) {
            return Some(3 + at + 3);
        } else {
            at += 1;
        }
    }
    None
}

/// The length of the string that `text` begins with, up to its end or the end of its line.
fn string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::deepest;

    #[test]
    fn brackets_count_where_they_are_open_at_once() {
        assert_eq!(deepest("{ a(x: [{ y: 1 }]) { b } } { c }"), 4);
        assert_eq!(deepest(""), 0);
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(deepest(r#"{ a(x: "(([[{{ \" ((") }"#), 2);
        assert_eq!(deepest("{ # ((((\n a }"), 1);
        assert_eq!(deepest(r#"{ a(x: """ (( " \""" (( """) }"#), 2);
    }

    #[test]
    fn nothing_hides_brackets_in_what_only_looks_like_a_string() {
        assert_eq!(deepest(r#"{ a(x: ["""" [[[[ ]]]]]) }"#), 7); // an unended block string is two empty strings
        assert_eq!(deepest("{ a(x: \"\n [[[[ "), 6);
        assert_eq!(deepest("{ a(x: \"# \" [[[[ "), 6);
    }

    #[test]
    fn an_unended_block_string_is_searched_to_the_end_once() {
        // Were it searched anew at every mark, this would take hours.
        let text = "\\\"\"\"\n[".repeat(1_000_000);
        assert_eq!(deepest(&text), 1_000_000);
    }
}
