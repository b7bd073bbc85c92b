//! Long lines of text for a terminal: broken between words, and never inside of a command.

/// The column of the text of a field: `  cause: `.
const FIELD: usize = 9;
/// The longest names of fields: behind the others is more than one space.
const LONGEST: [&str; 2] = ["cause:", "expected:"];
/// Programs that a text says to run.
const PROGRAMS: [&str; 7] = ["aws", "chmod", "echo", "kill", "osem", "rm", "timedatectl"];
/// Words after which a command may stand; so it may after a colon.
const BEFORE: [&str; 5] = ["again", "or", "run", "then", "with"];
/// Fields whose text tells something, whatever word it begins with.
const TELLING: [&str; 2] = ["cause:", "said:"];

/// `text` with every line that is wider than `width` columns broken between words, the rest of it set
/// in below. A command that is to be copied stays on one line; where that is wider itself, as where a
/// word is, the terminal breaks it, which puts nothing into what is copied.
#[must_use]
pub fn between_words(text: &str, width: usize) -> String {
    let width = width.max(2 * FIELD);
    text.split_inclusive('\n').map(|line| broken(line, width)).collect()
}

fn broken(line: &str, width: usize) -> String {
    if console::measure_text_width(line.trim_end()) <= width {
        return line.to_owned();
    }
    let indent = indent(line, width);
    let mut out = String::new();
    let mut column = 0;
    for unit in units(line) {
        let needed = console::measure_text_width(unit.trim_end());
        let fits = column + needed <= width;
        // What fits into a line of its own stands at its very start, if need be.
        let next = if needed + indent <= width { indent } else { 0 };
        if !fits && needed > 0 && needed <= width && column > next {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(next));
            column = next;
        }
        out.push_str(unit);
        column += console::measure_text_width(unit.trim_end_matches('\n'));
        if needed > width {
            column %= width;
        }
    }
    out
}

/// The column that the rest of a line starts in: that of its text, where a name or a first column
/// stands before it, else a little further than the line itself.
fn indent(line: &str, width: usize) -> usize {
    let line = console::strip_ansi_codes(line);
    let start = line.len() - line.trim_start_matches(' ').len();
    let text = line[start..].trim_end();
    if start == FIELD {
        return FIELD;
    }
    let name = text.split(' ').next().unwrap_or_default();
    if start > 0 && LONGEST.contains(&name) {
        return start + name.len() + 1;
    }
    // A symbol is no first column.
    let gap = text.match_indices("  ").map(|(at, _)| at).find(|at| *at > 2);
    let second = gap.map(|at| {
        let (first, rest) = text.split_at(at);
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        start + console::measure_text_width(first) + spaces
    });
    second.filter(|column| *column <= width / 2).unwrap_or(start + 2)
}

/// The words of a line with the spaces behind them; a command is one word, and so is a flag with its
/// value.
fn units(line: &str) -> Vec<&str> {
    let mut units = Vec::new();
    let (mut start, mut end) = (0, 0);
    let mut in_command = false;
    let (mut before, mut last) = (String::new(), String::new());
    for piece in line.split_inclusive(' ') {
        let word = console::strip_ansi_codes(piece).trim().to_owned();
        let belongs = in_command || is_flag(&last) && !word.starts_with('-');
        if !belongs && end > start {
            units.push(&line[start..end]);
            start = end;
        }
        in_command = (in_command || begins_command(&before, &word)) && !ends_command(&word);
        end += piece.len();
        // Behind the name of a field there may be several spaces.
        before = if word.is_empty() { before } else { word.clone() };
        last = word;
    }
    units.push(&line[start..]);
    units
}

fn is_flag(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '`']);
    word.len() > 2 && word.starts_with("--") && !word.ends_with([',', ';', '.', ':', ')', '`'])
}

fn begins_command(before: &str, word: &str) -> bool {
    let bare = word.trim_start_matches(['(', '`']);
    let said = bare.len() < word.len()
        || BEFORE.contains(&before)
        || before.ends_with(':') && !TELLING.contains(&before);
    said && PROGRAMS.contains(&bare)
}

/// Whether a command ends with this word: an empty one stands between two spaces.
fn ends_command(word: &str) -> bool {
    word.is_empty() || word.ends_with([',', ';', ':', ')', '`'])
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
        let text =
            "  cause: the file asks for more\n  fix:   look, then run osem plan --env prod\n";
        let expected = "  cause: the file\n         asks for\n         more\n  fix:   look, then\n         \
                        run osem plan --env prod\n";
        assert_eq!(between_words(text, 19), expected);
        let text =
            "  fix:   sign in (aws sso login), or: osem plan --env b; then all of it again\n";
        let expected = "  fix:   sign in\n         (aws sso login),\n         or:\n         \
                        osem plan --env b;\n         then all of it\n         again\n";
        assert_eq!(between_words(text, 27), expected);
        let text = "  then:  osem resume 1 --env dev\n";
        assert_eq!(between_words(text, 31), "  then:\nosem resume 1 --env dev\n");
        assert_eq!(between_words(text, 22), text);
        let text = "  fix:   wait for it, or end it: kill 13674\n";
        let expected = "  fix:   wait for it, or end it:\n         kill 13674\n";
        assert_eq!(between_words(text, 38), expected);
    }

    #[test]
    fn fields_of_a_difference_are_set_in_further() {
        let text = "    expected: keys userId S, all\n    found:    keys userId S, all\n";
        let expected = "    expected: keys userId S,\n              all\n    \
                        found:    keys userId S,\n              all\n";
        assert_eq!(between_words(text, 28), expected);
    }

    #[test]
    fn a_flag_stays_with_its_value_and_prose_is_no_command() {
        let text = "  fix:   run again with --confirm prod\n";
        let expected = "  fix:   run again with\n         --confirm prod\n";
        assert_eq!(between_words(text, 23), expected);
        let text = "  cause: osem does not do this by itself\n";
        let expected = "  cause: osem does not do\n         this by itself\n";
        assert_eq!(between_words(text, 26), expected);
    }

    #[test]
    fn columns_are_kept_apart_and_what_is_indented_stays_so() {
        let text = "✓ state    the folder can be written\n      keys a N + b N, projection ALL\n";
        let expected = "✓ state    the folder\n           can be\n           written\n      \
                        keys a N + b N,\n        projection ALL\n";
        assert_eq!(between_words(text, 22), expected);
        let text = "name   created    1 index    0.2s\n";
        assert_eq!(between_words(text, 20), "name   created    1\n       index    0.2s\n");
    }

    #[test]
    fn a_word_that_fits_nowhere_stays_where_it_is() {
        let text = "  said:  arn:aws:iam::111111111111:user/osem may not\n";
        assert_eq!(between_words(text, 20), text);
        let expected = "  said:\narn:aws:iam::111111111111:user/osem may\n         not\n";
        assert_eq!(between_words(text, 40), expected);
    }
}
