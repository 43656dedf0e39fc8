"""Scripts of the theme as they are published."""

import pytest

from plugins.assets import minify

SCRIPT = """// A comment of a whole line.
  const address = "https://example.org"; // kept
  const text = `first
    // not a comment, ${address} \\` and on
  last`;
    show(text);
"""


def test_a_script_loses_comments_and_indents_and_nothing_in_its_texts(tmp_path):
    (tmp_path / "a.js").write_text(SCRIPT)
    assert minify(tmp_path / "a.js").decode() == (
        'const address = "https://example.org"; // kept\n'
        "const text = `first\n    // not a comment, ${address} \\` and on\n  last`;\n"
        "show(text);\n"
    )


@pytest.mark.parametrize("name", ["a.min.js", "a.txt"])
def test_other_files_are_published_as_they_are(tmp_path, name):
    (tmp_path / name).write_text(SCRIPT)
    assert minify(tmp_path / name).decode() == SCRIPT
