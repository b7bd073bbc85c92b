//! Long lines of text for a terminal: broken between words.

/// The columns to which the text of a field starts: `  cause: `.
const FIELD: usize = 9;
/// Lines that hold a command. The terminal breaks these: what it breaks is copied whole.
const COMMANDS: [&str; 2] = ["  fix:", "  then:"];

/// `text` with every line that is wider than `width` broken between words, the rest of it set in
/// below. Words that are wider themselves, and lines that say what to run, are left to the terminal.
pub(super) fn between_words(text: &str, width: usize) -> String {
    let width = width.max(2 * FIELD);
    text.split_inclusive('\n').map(|line| broken(line, width)).collect()
}

fn broken(line: &str, width: usize) -> String {
    let is_command = COMMANDS.iter().any(|field| line.starts_with(field));
    if is_command || console::measure_text_width(line.trim_end()) <= width {
        return line.to_owned();
    }
    let indent = if line.starts_with("  ") { FIELD } else { 2 };
    let mut out = String::new();
    let mut column = 0;
    for word in line.split_inclusive(' ') {
        let needed = console::measure_text_width(word.trim_end());
        let is_alone = needed + indent > width;
        if column > indent && column + needed > width && !is_alone {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        }
        out.push_str(word);
        column += console::measure_text_width(word.trim_end_matches('\n'));
        if is_alone {
            column %= width;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_what_fits_is_left() {
        let text =
            "\u{1b}[31m✗\u{1b}[0m setup in prod: 2 of 31 steps failed (exit 2)\nshort  line\n";
        let expected =
            "\u{1b}[31m✗\u{1b}[0m setup in prod: 2 of 31\n  steps failed (exit 2)\nshort  line\n";
        assert_eq!(between_words(text, 24), expected);
        assert_eq!(between_words(text, 80), text);
    }

    #[test]
    fn fields_are_set_in_and_commands_can_be_copied_whole() {
        let text = "  cause: the file asks for more\n  fix:   run osem plan --env prod\n";
        let expected = "  cause: the file\n         asks for\n         more\n  fix:   run osem plan --env prod\n";
        assert_eq!(between_words(text, 18), expected);
    }

    #[test]
    fn a_word_that_fits_nowhere_stays_where_it_is() {
        let text = "  said:  arn:aws:iam::111111111111:user/osem may not\n";
        assert_eq!(between_words(text, 20), text);
    }
}
