"""Lists, code, tables and line breaks become what CommonMark and GitHub make of them."""

import re

import pytest
from markdown import Markdown

import pelicanconf

ONE_TWO = "<ul><li>one</li><li>two</li></ul>"
NESTED = "<ul><li>one<ul><li>two</li></ul></li><li>three</li></ul>"
CODE = "<pre><code>a &lt;b&gt; *c*</code></pre>"
TABLE = "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
READ = {
    "a list straight below a text": ("Take:\n- one\n- two", f"<p>Take:</p>{ONE_TWO}"),
    "a numbered list straight below a text": (
        "Do:\n1. one\n2. two",
        "<p>Do:</p><ol><li>one</li><li>two</li></ol>",
    ),
    "a year that wraps is no list": ("in\n1986. A year", "<p>in 1986. A year</p>"),
    "a list indented by two spaces": ("- one\n  - two\n- three", NESTED),
    "a list indented by three spaces": ("* one\n   * two\n* three", NESTED),
    "a list indented by four spaces": ("+ one\n    + two\n+ three", NESTED),
    "a list indented by a tab": ("- one\n\t- two\n- three", NESTED),
    "levels of three spaces": (
        "1. one\n   1. two\n      1. three\n2. four",
        "<ol><li>one<ol><li>two<ol><li>three</li></ol></li></ol></li><li>four</li></ol>",
    ),
    "numbers as they are written": ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    "a number that goes on below a text": (
        "1. a\n\nb\n\n2. c",
        '<ol><li>a</li></ol><p>b</p><ol start="2"><li>c</li></ol>',
    ),
    "numbers with a bracket": ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
    "two kinds of lists": ("- a\n\n1. b", "<ul><li>a</li></ul><ol><li>b</li></ol>"),
    "a paragraph of an item": (
        "1. a\n\n   b\n\n2. c",
        "<ol><li><p>a</p><p>b</p></li><li><p>c</p></li></ol>",
    ),
    "a paragraph of an item of a list in a list": (
        "- one\n  - two\n\n    more\n- three",
        "<ul><li>one<ul><li><p>two</p><p>more</p></li></ul></li><li>three</li></ul>",
    ),
    "an item that goes on without an indent": ("- one\ntwo", "<ul><li>one two</li></ul>"),
    "an empty item": ("- one\n-\n- two", "<ul><li>one</li><li></li><li>two</li></ul>"),
    "a rule below a list": ("- a\n---", "<ul><li>a</li></ul><hr>"),
    "a quotation below a list": (
        "- a\n> b",
        "<ul><li>a</li></ul><blockquote><p>b</p></blockquote>",
    ),
    "a list below a quotation": (
        "> a\n- b",
        "<blockquote><p>a</p></blockquote><ul><li>b</li></ul>",
    ),
    "a list in a quotation": (
        "> - one\n>   - two\n> - three",
        f"<blockquote>{NESTED}</blockquote>",
    ),
    "a list in an admonition": (
        '!!! term "T"\n\n    one\n    - two\n\n      three',
        '<div class="term"><p class="term-name">T</p><p>one</p>'
        "<ul><li><p>two</p><p>three</p></li></ul></div>",
    ),
    "two quotations": (
        "> a\n\n> b",
        "<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>",
    ),
    "a rule below a quotation": ("> a\n---", "<blockquote><p>a</p></blockquote><hr>"),
    "numbers of another script": ("१. a\n२. b", "<ol><li>a</li><li>b</li></ol>"),
    "an item of another kind": (
        "1. a\n - b\n2. c",
        '<ol><li>a</li></ol><ul><li>b</li></ul><ol start="2"><li>c</li></ol>',
    ),
    "a heading in a list": ("- ## a {#b}\n\n  c", '<ul><li><h2 id="b">a</h2><p>c</p></li></ul>'),
    "a heading indented by two spaces": ("  ## a {#b}\n\nc", '<h2 id="b">a</h2><p>c</p>'),
    "code in a list": ("- one\n\n      a <b> *c*", f"<ul><li><p>one</p>{CODE}</li></ul>"),
    "fences in a list": (
        "1. one\n\n   ```\n   a <b> *c*\n   ```",
        f"<ol><li><p>one</p>{CODE}</li></ol>",
    ),
    "fences in a quotation": ("> ~~~\n> a <b> *c*\n> ~~~", f"<blockquote>{CODE}</blockquote>"),
    "fences that are indented": ("  ```\n  a <b> *c*\n  ```\nb", f"{CODE}<p>b</p>"),
    "fences below a text": ("a\n```\na <b> *c*\n```", f"<p>a</p>{CODE}"),
    "a longer fence at the end": ("```\na <b> *c*\n`````", CODE),
    "a fence with more than a language": (
        '``` python title="x"\na\n```',
        '<pre><code class="language-python">a</code></pre>',
    ),
    "a table straight below a text": (
        "Text.\n| a | b |\n|---|---|\n| c | d |",
        f'<p>Text.</p>{TABLE}<tbody><tr><th>c</th><td data-label="b">d</td></tr></tbody></table>',
    ),
    "a list straight below a table": (
        "| a | b |\n|---|---|\n- one\n- two",
        f"{TABLE}</table>{ONE_TWO}",
    ),
    "an escaped pipe in code": (
        "| a | b |\n|---|---|\n| `c \\| d` | e |",
        f"{TABLE}<tbody><tr><th><code>c | d</code></th>"
        '<td data-label="b">e</td></tr></tbody></table>',
    ),
    "a backslash at the end of a line": ("a\\\nb", "<p>a<br> b</p>"),
    "an escaped character of any kind": (r"\<a\> \$5 \~ \:", "<p>&lt;a&gt; $5 ~ :</p>"),
    "a label that is defined twice": (
        "[a]\n\n[a]: /one\n\n[a]: /two",
        '<p><a href="/one">a</a></p>',
    ),
    "an address of any scheme": ("<tel:+1>", '<p><a href="tel:+1">tel:+1</a></p>'),
}


@pytest.mark.parametrize("name", READ)
def test_a_text_is_read_as_on_github(name):
    source, expected = READ[name]
    html = Markdown(**pelicanconf.MARKDOWN).convert(f"Title: x\n\n{source}")
    bare = re.sub(r"\s*\n\s*(?=<|$)|(?<=>)\n\s*(?=<)", "", re.sub(r" scope=\"\w+\"", "", html))
    assert " ".join(bare.split()) == expected


def test_a_long_list_takes_time_in_proportion_to_its_length():
    lines = [f"- item {number}\n  - part\n\n  more\n" for number in range(3000)]
    html = Markdown(**pelicanconf.MARKDOWN).convert("Title: x\n\n" + "\n".join(lines))
    assert html.count("<li>") == 6000
