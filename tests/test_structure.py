"""Where a page is not what a CommonMark author means, check names the line, and its fix works."""

import pytest

from tests.test_dialects import HEAD, report

# At ¦, what is wrong there, how to fix it, and the text once that is done.
WRONG = {
    "Markdown in raw HTML": (
        "¦<details>\n<summary>S</summary>\n\n**a**\n\n- b\n\n</details>",
        "Markdown in <details> is shown as it is written",
        'write <details markdown="1">',
        '<details markdown="1">\n<summary>S</summary>\n\n**a**\n\n- b\n\n</details>',
    ),
    "raw HTML that does not end": (
        "¦<p>One\n\n*two*",
        "a paragraph in <p> goes on below an empty line",
        "end each with </p>",
        "<p>One</p>\n\n*two*",
    ),
    "a heading without a space": (
        "¦##Usage",
        '"##Usage" is shown as a heading, not as text',
        r'write "## " for a heading, or "\##" for the characters',
        "## Usage",
    ),
    "a heading of two lines": (
        "¦One\ntwo\n---",
        '"One two" is shown as text, not as a heading',
        'write "## One two" on a line of its own',
        "## One two",
    ),
    "a # at the end of a heading": ("## ¦C#", '"C#" is shown as "C"', r"write \#", r"## C\#"),
    "braces that are taken for attributes": (
        "## Use ¦{braces}",
        '"{braces}" is not shown',
        r"write \{",
        r"## Use \{braces}",
    ),
    "a definition that goes on": (
        "Term\n: one\n\n  ¦two",
        '"two" is shown as text, not as a definition',
        "indent it by four spaces",
        "Term\n: one\n\n    two",
    ),
    "words that leave a card": (
        '   Text.\n!!! urgent "Ask"\n     ¦words',
        '"words" is shown as text, not as part of a card',
        "indent it by four spaces",
        'Text.\n\n!!! urgent "Ask"\n    words',
    ),
    "a label with marks": (
        "See [`¦a`][].\n\n[`a`]: https://example.org/",
        "is shown as plain text, not as code and a link to https://example.org/",
        "write [words](address)",
        "See [`a`](https://example.org/).",
    ),
    "a row with a cell too many": (
        "| a | b |\n|---|---|\n¦| c | d | e |",
        "this row has 3 cells in 2 columns: the last is not shown",
        r"join two cells, or write \|",
        "| a | b |\n|---|---|\n| c | d \\| e |",
    ),
    "a table without dashes": (
        "¦| a | b |\n| c | d |",
        "this part of a table is not read: it has no row of dashes",
        "write |---|---| below it",
        "| a | b |\n|---|---|\n| c | d |",
    ),
    "too few dashes": (
        "| a | b |\n¦|---|\n| c | d |",
        "this part of a table is not read: its header has another number of columns",
        "write |---|---|",
        "| a | b |\n|---|---|\n| c | d |",
    ),
    "a table without a header": (
        "¦|---|---|\n| c | d |",
        "this part of a table is not read: it has no header",
        "write | … | … | above it",
        "| a | b |\n|---|---|\n| c | d |",
    ),
    "a row below an empty line": (
        "| a | b |\n|---|---|\n| c | d |\n\n¦| e | f |",
        "this part of a table is not read: it has an empty line above it",
        "delete the empty line",
        "| a | b |\n|---|---|\n| c | d |\n| e | f |",
    ),
    "words that are read as an address": (
        "Text.\n\n¦[Jane]: Hello.",
        '"[Jane]: Hello." gives a label its address, and is not shown',
        r"write \[Jane]: Hello.",
        "Text.\n\n\\[Jane]: Hello.",
    ),
    "a label that is defined twice": (
        "[a]\n\n[a]: https://example.org/1\n¦[a]: https://example.org/2",
        'the label "[a]" is defined twice',
        "delete one of the two",
        "[a]\n\n[a]: https://example.org/1",
    ),
    "words in angle brackets": (
        "Write ¦<your name> here.",
        '"<your name>" is read as HTML, and not shown',
        "write it as code: `<your name>`",
        "Write `<your name>` here.",
    ),
    "attributes behind a space": (
        "An *image* ¦{width=300} here.",
        '"{width=300}" is shown as it is written',
        "write it directly behind *words*",
        "An *image*{width=300} here.",
    ),
    "a link with a space": (
        "See ¦[words] (https://example.org/).",
        '"[words] (https://example.org/)" is shown as it is written',
        "write ]( without a space",
        "See [words](https://example.org/).",
    ),
    "a link the wrong way round": (
        "See ¦(words)[https://example.org/].",
        "is shown as it is written",
        "write [words](address)",
        "See [words](https://example.org/).",
    ),
    "attributes that belong to nothing": (
        "A word ¦{.note} there.",
        '"{.note}" is shown as it is written',
        "write it directly behind *words*",
        "A *word*{.note} there.",
    ),
}
MEANT = {
    "an address": ("See ¦https://example.org/a.", "is not a link", "write <https://example.org/a>"),
    "an address without https": ("See ¦www.example.org/a.", "is not a link", "write <https://www."),
    "a mail address": ("Write to ¦a@example.org.", "is not a link", "write <a@example.org>"),
    "a number that is left out": (
        "1. a\n2. b\n¦4. c",
        'the list item "4." is shown as "3."',
        "number the items one by one",
    ),
    "a row with a cell too few": (
        "| a | b |\n|---|---|\n¦| c |",
        "this row has too few cells for 2 columns",
        "write | for each empty cell",
    ),
}


def place(marked: str) -> tuple[int, int]:
    before = marked.partition("¦")[0]
    return HEAD.count("\n") + before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1


@pytest.mark.parametrize("name", WRONG)
def test_a_difference_is_one_error_at_its_place_and_its_fix_works(name, tmp_path):
    marked, what, fix, fixed = WRONG[name]
    (problem,) = report(tmp_path, HEAD + marked.replace("¦", "")).errors
    assert (problem.line, problem.col) == place(marked)
    assert what in problem.what
    assert fix in problem.fix
    done = report(tmp_path, HEAD + fixed)
    assert (done.errors, done.warnings) == ([], [])


@pytest.mark.parametrize("name", MEANT)
def test_what_might_be_meant_is_a_warning_at_its_place(name, tmp_path):
    marked, what, fix = MEANT[name]
    found = report(tmp_path, HEAD + marked.replace("¦", ""))
    (problem,) = found.warnings
    assert (found.errors, problem.line, problem.col) == ([], *place(marked))
    assert what in problem.what
    assert fix in problem.fix


def test_each_part_of_a_text_that_differs_is_named_once(tmp_path):
    text = "##One\n##Two\n\nText.\n\n##Three\n\n- a\n\n##Four\n"
    lines = [one.line for one in report(tmp_path, HEAD + text).errors]
    first = HEAD.count("\n")
    assert lines == [first + 1, first + 6, first + 10]
