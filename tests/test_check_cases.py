"""Every known error of an author has one outcome: it works, or one line reports it with its place.

Each case starts from one good article and adds what an author might have done.
"""

import os
import zlib
from pathlib import Path

import pytest
from pelican.settings import read_settings

from tools.check import check

ROOT = Path(__file__).parent.parent
SUMMARY = (
    "What this article says in one or two plain sentences, long enough to be of use to those who "
    "find it in a list, and short enough to fit ({})."
)
REST = f"Category: Back pain\nSummary: {SUMMARY}\n"
GOOD = f"Title: Good\nDate: 2026-01-01\n{REST}\nA good article.\n\n## A heading\n\nText.\n"


def x(head: str, body: str = "Text.\n") -> str:
    """An article with the fields that every article needs, below those of the case."""
    return f"{head}{REST.format(zlib.crc32(head.encode()))}\n{body}"


def write(path: Path, text: str | bytes):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def case(name, files, *expected, prepare=None):
    """Files are relative to content/articles; expected are (file:line:col, words), in order."""
    return pytest.param(files, expected, prepare, id=name)


def link(name, target):
    def prepare(articles: Path):
        os.symlink(target, articles / name)

    return prepare


def linked_file(articles: Path):
    outside = articles.parent.parent / "ext.md"
    write(outside, x("Title: Ext\nDate: 2026-01-02\n"))
    os.symlink(outside, articles / "x.md")


def linked_folder(articles: Path):
    outside = articles.parent.parent / "extd"
    write(outside / "y.md", x("Title: Extd\nDate: 2026-01-02\n"))
    os.symlink(outside, articles / "sub")


def loop(articles: Path):
    (articles / "loop").mkdir()
    os.symlink("..", articles / "loop" / "up")


def unreadable(articles: Path):
    write(articles / "x.md", x("Title: X\nDate: 2026-01-02\n"))
    os.chmod(articles / "x.md", 0)


def nothing_left(articles: Path):
    (articles / "good.md").unlink()


DATED = "Title: X\nDate: 2026-01-02\n"

CARD = '!!! emergency "Call 911 now if:"\n\n    - numb\n'
# Each of these is as it is meant.
MARKS = """A path C:\\path\\to\\file, /home/visits and {{ user }}, and
`[^1]`, `!!! urgent`, `{{ FOO }}`.

    [^2] {{ FOO }}
    !!! urgent "Code"

<pre>
[^3] {{ FOO }} [a](b
!!! urgent
</pre>

In <code>{{ FOO }} [^4] [a](b</code>, <kbd>[x][y]</kbd> and a[i][j].

~~~
[^5] {{ FOO }}
~~~
"""

CASES = [
    case("ok", {}),
    case("no_title", {"x.md": x("Date: 2026-01-01\n")}, ("x.md:1:1", "Title is missing")),
    case(
        "title_blank_value",
        {"x.md": x("Title: \nDate: 2026-01-01\n")},
        ("x.md:1:8", "Title is empty"),
    ),
    case("no_date", {"x.md": x("Title: X\n")}, ("x.md:1:1", "Date is missing")),
    case(
        "bad_date",
        {"x.md": x("Title: X\nDate: next tuesday-ish\n")},
        ("x.md:2:7", '"next tuesday-ish" is not a date'),
    ),
    case(
        "impossible_date",
        {"x.md": x("Title: X\nDate: 2026-02-30\n")},
        ("x.md:2:7", '"2026-02-30" does not exist'),
    ),
    case(
        "a_secret_in_code",
        {"x.md": x("Title: X\nDate: 2026-01-01\n", f"Text.\n\n`ghp_{'a1' * 18}`\n")},
        ("x.md:8:2", "this looks like a token of GitHub — delete it, and renew it"),
    ),
    case(
        "addresses_of_the_own_machine",
        {
            "x.md": x(
                "Title: See http://127.0.0.1/\nDate: 2026-01-01\n",
                "[a](http://localhost:8000/x), <https://a.localhost/>\n\n"
                "    curl http://0.0.0.0:80/y\n",
            )
        },
        ("x.md:1:12", '"http://127.0.0.1/" works on your own computer only'),
        ("x.md:6:5", '"http://localhost:8000/x" works on your own computer only'),
        ("x.md:6:32", '"https://a.localhost/" works on your own computer only'),
        ("x.md:8:10", '"http://0.0.0.0:80/y" works on your own computer only'),
    ),
    case(
        "paths_in_a_text",
        {"x.md": x("Title: In /home/x\nDate: 2026-01-01\n", "`/root/x`, C:\\Users\\x\n")},
    ),
    case(
        "ambiguous_date",
        {"x.md": x("Title: X\nDate: 03/04/2026\n")},
        ("x.md:2:7", "two ways — write 2026-03-04 or 2026-04-03"),
    ),
    case(
        "dup_slug",
        {"x.md": x("Title: Good\nDate: 2026-01-02\n")},
        ("x.md:1:8", 'is that of "content/articles/good.md" too'),
    ),
    case(
        "dup_save_as",
        {"x.md": x(f"{DATED}Save_as: good/index.html\nURL: good/\n")},
        ("x.md:3:10", 'is that of "content/articles/good.md" too'),
    ),
    case(
        "unknown_status",
        {"x.md": x(f"{DATED}Status: darft\n")},
        ("x.md:3:9", "did you mean draft?"),
    ),
    case("status_caps", {"x.md": x(f"{DATED}Status: Draft\n")}),
    case(
        "bad_encoding",
        {"x.md": x("Title: Café\nDate: 2026-01-02\n").encode("latin-1")},
        ("x.md:1:11", 'not UTF-8: byte 0xE9, "é" in'),
    ),
    case("utf16", {"x.md": x("Title: Café\n").encode("utf-16")}, ("x.md:1:1", "UTF-16")),
    case("utf8_bom", {"x.md": x("Title: Café\nDate: 2026-01-02\n").encode("utf-8-sig")}),
    case("empty_file", {"x.md": ""}, ("x.md:1:1", "the file is empty")),
    case(
        "body_no_meta",
        {"x.md": "# Just a heading\n\nBody\n"},
        ("x.md:1:1", 'write "Title: …" on the first line'),
    ),
    case(
        "blank_first_line",
        {"x.md": "\n" + x(DATED)},
        ("x.md:1:1", "an empty line comes before the metadata"),
    ),
    case(
        "broken_filename_link",
        {"x.md": x(DATED, "[a]({filename}nope.md)\n")},
        ("x.md:6:1", 'there is no file "articles/nope.md"'),
    ),
    case(
        "broken_static_link",
        {"x.md": x(DATED, "![a]({static}/images/nope.png)\n")},
        ("x.md:6:1", 'there is no file "images/nope.png"'),
    ),
    case(
        "plain_missing_image",
        {"x.md": x(DATED, "![a](images/nope.png)\n")},
        ("x.md:6:1", 'there is no file "images/nope.png"'),
    ),
    case(
        "plain_root_link",
        {"x.md": x(DATED, "[a](/nope.html)\n")},
        ("x.md:6:1", 'there is no page "/nope.html"'),
    ),
    case(
        "typo_placeholder",
        {"x.md": x(DATED, "[a]({filname}good.md)\n")},
        ("x.md:6:1", '"{filname}" is not a known placeholder — did you mean {filename}?'),
    ),
    case(
        "bad_anchor",
        {"x.md": x(DATED, "[a]({filename}good.md#nowhere)\n")},
        ("x.md:6:1", 'there is no "#nowhere" in "content/articles/good.md"'),
    ),
    case(
        "link_to_draft",
        {
            "d.md": x("Title: D\nDate: 2026-01-02\nStatus: draft\n"),
            "x.md": x(DATED, "[a]({filename}d.md)\n"),
        },
        ("x.md:6:1", '"content/articles/d.md" is a draft'),
    ),
    case("colon_title", {"x.md": x("Title: Part 1: the colon\nDate: 2026-01-02\n")}),
    case("tab_title", {"x.md": x("Title:\tTabbed\there\nDate:\t2026-01-02\n")}),
    case(
        "html_title", {"x.md": x("Title: a < b & c <script>alert(1)</script>\nDate: 2026-01-02\n")}
    ),
    case("quotes_title", {"x.md": x('Title: He said "hi"\nDate: 2026-01-02\n')}),
    case(
        "yaml_frontmatter",
        {"x.md": "---\ntitle: Y\ndate: 2026-01-02\ntags:\n  - a\n  - b\n---\n\nB\n"},
        (
            "x.md:5:3",
            '"tags" is written as a YAML list, which Pelican does not read — '
            'write "Tags: a, b" on one line',
        ),
    ),
    case(
        "toml_frontmatter",
        {"x.md": "+++\ntitle = 'Y'\ndate = 2026-01-02\n+++\n\nB\n"},
        ("x.md:1:1", "the metadata (front matter) is written in TOML (+++), which Pelican"),
    ),
    case(
        "words_with_a_colon_at_the_top",
        {"x.md": "Good news: it heals.\n\nText.\n"},
        *(("x.md:1:1", f"{name} is missing") for name in ("Category", "Date", "Summary", "Title")),
    ),
    case("future_date", {"x.md": x("Title: F\nDate: 2030-01-02\n")}),
    case(
        "big_file", {"x.md": x(DATED, "Lorem *ipsum* dolor [x](http://e.x/) sit amet.\n\n" * 5000)}
    ),
    case("symlink_ok", {}, prepare=linked_file),
    case(
        "symlink_dangling",
        {},
        ("x.md:1:1", 'a symbolic link to "/nonexistent/a.md"'),
        prepare=link("x.md", "/nonexistent/a.md"),
    ),
    case("symlink_dir", {}, prepare=linked_folder),
    case(
        "symlink_loop",
        {},
        ("loop/up:1:1", "a symbolic link to a folder that contains it"),
        prepare=loop,
    ),
    case(
        "unknown_key",
        {"x.md": x(f"{DATED}Tagz: a, b\nSumary: zz\n")},
        ("x.md:3:1", '"Tagz" is not a metadata field — did you mean Tags?'),
        ("x.md:4:1", '"Sumary" is not a metadata field — did you mean Summary?'),
    ),
    case(
        "dup_key",
        {"x.md": x("Title: X\nTitle: Z\nDate: 2026-01-02\n")},
        ("x.md:2:1", "Title is defined twice"),
    ),
    case(
        "dup_tags",
        {"x.md": x("Title: X\nTags: a, a, A\nDate: 2026-01-02\n")},
        ("x.md:2:10", 'Tags has "a" twice'),
        ("x.md:2:13", 'Tags has "A" twice (first as "a")'),
    ),
    case("draft", {"x.md": x(f"{DATED}Status: draft\n")}),
    case("hidden", {"x.md": x(f"{DATED}Status: hidden\n")}),
    case("skip", {"x.md": x(f"{DATED}Status: skip\n")}),
    case(
        "translation",
        {
            "x.md": x("Title: X\nSlug: s\nLang: en-us\nDate: 2026-01-02\n"),
            "x-fr.md": x("Title: X FR\nSlug: s\nLang: fr\nDate: 2026-01-02\n"),
        },
    ),
    case(
        "translation_same_lang",
        {
            "x.md": x("Title: X\nSlug: s\nLang: en-us\nDate: 2026-01-02\n"),
            "x-fr.md": x("Title: X FR\nSlug: s\nDate: 2026-01-02\n"),
        },
        ("x.md:2:7", "give the translation its own Lang"),
    ),
    case(
        "translation_page_vs_article",
        {"../pages/good.md": f"Title: Good\nSummary: {SUMMARY}\n\nB\n"},
        ("../pages/good.md:1:8", 'is that of "content/articles/good.md" too'),
    ),
    case(
        "bad_lang",
        {"x.md": x("Title: X\nLang: english!!\nDate: 2026-01-02\n")},
        ("x.md:2:7", '"english!!" is not a language code'),
    ),
    case(
        "bad_ext",
        {
            "x.txt": x("Title: X\nDate: 2026-01-02\n"),
            "y.MD": x("Title: UP\nDate: 2026-01-02\n"),
            "z.markdown": x("Title: ZZ\nDate: 2026-01-02\n"),
            "q.mdx": x("Title: Q\nDate: 2026-01-02\n"),
        },
        ("q.mdx:1:1", 'ends in ".mdx" is not read'),
        ("x.txt:1:1", "rename it to x.md"),
        ("y.MD:1:1", "rename it to y.md"),
    ),
    case(
        "rst_error",
        {"x.rst": "Title\n=====\n:date: 2026-01-02\n\n.. nosuch:: foo\n\n`broken\n"},
        ("x.rst:1:1", "write it in Markdown, in a file called x.md"),
    ),
    case(
        "slug_path_traversal",
        {"x.md": x(f"{DATED}Save_as: ../../escaped.html\nURL: escaped.html\n")},
        ("x.md:3:10", '"../../escaped.html" is outside the site'),
    ),
    case(
        "template_missing",
        {"x.md": x(f"{DATED}Template: nosuch\n")},
        ("x.md:3:11", '"nosuch" is not a template of the theme'),
    ),
    *(
        case(
            f"the template of something else: {name}",
            {"x.md": x(f"{DATED}Template: {name}\n")},
            ("x.md:3:11", f'"{name}" is not a template of the theme for articles'),
        )
        for name in ("base", "index", "moved", "page")
    ),
    case(
        "no name, and characters that are not seen",
        {"x.md": x(f"{DATED}Authors: ,\nStatus: draft\u200b\nSlug: a\u200bb\n")},
        ("x.md:3:10", "Authors is empty"),
        ("x.md:4:14", "Status has the invisible character U+200B — delete it"),
        ("x.md:5:8", "U+200B is not allowed in an address"),
    ),
    case(
        "a summary that is nothing but a definition",
        {"x.md": x(DATED).replace("Summary: ", "Summary: *[A]: ")},
        ("x.md:4:10", "Summary is too short: 0 characters"),
    ),
    case(
        "values of any kind",
        {
            "x.md": x(
                "TITLE: “Q”: #1 & 50% <b>of</b> {{ X }} | https://a.b/c?d=e#f 😀 עברית\n"
                "tags: <b>bold</b>, a/b, 100%, #1, 日本, it's, {g}, k:l\nauthor: O'Neil <x@y.z>\n"
                "Lang: EN_us\nDate: 2026-01-02T10:00:00Z\nComments: OFF\nStatus: Published  \n"
            ).replace("Back pain", "A/B & <C>"),
            "y.md": x("Title: Y\nLang: zh_Hant-TW\nDate: 2026-1-2\nSlug: ~x.y-Z_1\n"),
        },
    ),
    case(
        "unclosed_fence",
        {"x.md": x(DATED, "```python\nprint(1)\n\n## Heading after\n")},
        ("x.md:6:1", 'the code that begins with "```" has no end'),
    ),
    case(
        "a fence that ends outside its list",
        {"x.md": x(DATED, "- Item\n\n  ```\n  code\n```\n\nText.\n")},
        ("x.md:8:1", 'the code that begins with "```" has no end'),
        ("x.md:10:1", 'the code that begins with "```" has no end'),
    ),
    case(
        "a comment that leaves its quotation",
        {"x.md": x(DATED, "> > <!-- one\n> >\n> two -->\n\nText.\n")},
        ("x.md:8:3", '"two -->" is shown as a quotation at another level, not as a quotation'),
    ),
    case(
        "lists within other blocks of an FAQ",
        {
            "x.md": x(
                DATED,
                "## FAQs\n\n1. One?\n   Yes.\n\n> 1. a\n> 2. b\n\n"
                '!!! term "Disc"\n\n    1. c\n    2. d\n',
            )
        },
    ),
    case(
        "labels with code, and one that is defined twice alike",
        {
            "x.md": x(
                DATED,
                "Words[^1] and [a].\n\n[`b`]: https://example.org/b\n[`c`]: https://example.org/c\n\n"
                "[a]: https://example.org/a\n[A]: https://example.org/a\n\n[^1]: One.\n",
            )
        },
    ),
    case(
        "a star that ends no emphasis",
        {"x.md": x(DATED, "One **two.**three and four* five.\n")},
        ("x.md:6:7", '"two.three and four* five." is shown as strong text, not as plain text'),
    ),
    case(
        "modified_before_date",
        {"x.md": x("Title: X\nDate: 2026-05-02\nModified: 2026-01-01\n")},
        ("x.md:3:11", 'Modified "2026-01-01" is before Date "2026-05-02"'),
    ),
    case("crlf", {"x.md": x("Title: CRLF\nDate: 2026-01-02\n").replace("\n", "\r\n")}),
    case("spaces_filename", {"my new post éè.md": x(DATED)}),
    case(
        "empty_slug",
        {"x.md": x("Title: !!!\nDate: 2026-01-02\n")},
        ("x.md:1:8", 'the title "!!!" has no letter and no digit'),
    ),
    case("cjk_title", {"x.md": x("Title: 日本語\nDate: 2026-01-02\n")}),
    case(
        "bad_category_list",
        {"x.md": x("Title: X\nDate: 2026-01-02\n").replace("Back pain", "a, b")},
        ("x.md:3:12", 'Category "a, b" is more than one category'),
    ),
    case(
        "a second line without spaces before it",
        {"x.md": x("Title: X\ngoes on\nDate: 2026-01-02\n")},
        ("x.md:2:1", '"goes on" is not a metadata field — indent it by four spaces to continue'),
    ),
    case(
        "a second line of the last field",
        {"x.md": x(DATED).replace(" or two", "\nor two")},
        ("x.md:5:1", "if it continues the Summary, or put an empty line above it if it is text"),
    ),
    case(
        "a second line in quotes between fences",
        {"x.md": x("---\ntitle: 'X\n  goes on'\ndate: 2026-01-02\n").replace("\n\n", "\n---\n")},
        ("x.md:3:3", '"goes on\'" is not a metadata field — indent it by four spaces to continue'),
    ),
    case(
        "a YAML block",
        {"x.md": "---\ntitle: X\ndate: 2026-01-02\nsummary: >-\n  A\n  b\ncategory: a\n---\n\nB\n"},
        (
            "x.md:4:10",
            '"summary" is written as a YAML block, which Pelican does not read — '
            'delete the ">-", and indent',
        ),
    ),
    case("fields and text without a blank line", {"x.md": f"{REST.format(2)}{DATED}Text.\n"}),
    case("a heading below the fields", {"x.md": f"{DATED}{REST.format(2)}## Text\n\nText.\n"}),
    case("text that looks like a field", {"x.md": x(DATED, "Summary: a good one.\n")}),
    case(
        "a comment between the fields",
        {"x.md": x("Title: X\n<!-- a note\n\nof two lines -->\nDate: 2026-01-02\n")},
        ("x.md:2:1", "a comment ends the metadata"),
    ),
    case(
        "a comment above the fields",
        {"x.md": x("# A note\nTitle: X\nDate: 2026-01-02\n")},
        ("x.md:1:1", "a comment ends the metadata"),
    ),
    case(
        "a comment between fences",
        {"x.md": "---\n# A note\ntitle: X\n---\n\nB\n"},
        ("x.md:2:1", "a comment ends the metadata"),
    ),
    case(
        "a comment below the fields", {"x.md": f"{DATED}{REST.format(2)}<!-- a note -->\nText.\n"}
    ),
    case(
        "a blank line between the fields",
        {"x.md": x("Title: X\n\nDate: 2026-01-02\n")},
        ("x.md:3:1", '"Date" is below the end of the metadata — move it up'),
    ),
    case(
        "places in the second line of a field",
        {"x.md": x("Title: X\n    y\nTags: a,\n    !!!\nSlug:\n    a/b\nDate:\n\t2026-13-01\n")},
        ("x.md:4:5", 'Tags "!!!" makes no address'),
        ("x.md:6:6", '"/" is not allowed in an address'),
        ("x.md:8:2", 'Date "2026-13-01" does not exist'),
    ),
    case(
        "a broken link in the second line of a field",
        {"x.md": x(f"{DATED}Emergency: Numb?\n    See [the signs](#none).\n")},
        ("x.md:4:9", 'there is no "#none" on this page'),
    ),
    case(
        "characters that no page may have",
        {"x.md": x("Title: X\0y\nDate: 2026-01-02\n", "A bell\a, \ufffe and \x85.\n")},
        ("x.md:1:9", "the character U+0000 is not allowed in a page"),
        ("x.md:6:7", "the character U+0007"),
        ("x.md:6:10", "the character U+FFFE"),
        ("x.md:6:16", "the character U+0085"),
    ),
    case("line separators", {"x.md": x("Title: X\u2028y\nDate: 2026-01-02\n", "A\u2028b\u2029")}),
    case(
        "one title",
        {"x.md": x("Title: GOOD\nSlug: x\nDate: 2026-01-02\n")},
        ("x.md:1:8", 'the title "GOOD" is that of content/articles/good.md:1 too'),
    ),
    case(
        "one title of a draft and an article",
        {"a.md": x("Title: Good\nSlug: x\nDate: 2026-01-02\nStatus: draft\n")},
        ("a.md:1:8", 'the title "Good" is that of content/articles/good.md:1 too'),
    ),
    case("one title of two languages", {"x.md": x("Title: Good\nLang: es\nDate: 2026-01-02\n")}),
    case("one title, hidden", {"x.md": x(f"Title: Good\nStatus: hidden\nSlug: x\n{DATED[9:]}")}),
    case(
        "two drafts that begin alike",
        {f"{slug}.md": x(f"{DATED}Slug: {slug}\nStatus: draft\n") for slug in "xy"},
    ),
    case(
        "one summary",
        {
            "x.md": x(DATED).replace("(", "*(").replace(")", ")*"),
            "y.md": x(DATED).replace("X", "Y"),
        },
        ("y.md:4:10", "is that of content/articles/x.md:4 too — write another Summary"),
    ),
    case(
        "the title of a list",
        {"x.md": x("Title: Category: Back pain\nDate: 2026-01-02\n")},
        (
            "x.md:1:8",
            'the title "Category: Back pain" is that of a page that the site itself makes',
        ),
    ),
    case(
        "tags that would be on one page",
        {
            "x.md": x("Title: X\nTags: C++, C#,\n    Walking\nDate: 2026-01-02\n"),
            "y.md": x("Title: Y\nTags: walking\nDate: 2026-01-02\n").replace("Back", "back"),
        },
        ("x.md:2:12", '"C#" would be on one page with "C++" of content/articles/x.md:2 — spell'),
        ("y.md:2:7", '"walking" would be on one page with "Walking" of content/articles/x.md:3'),
        ("y.md:4:11", 'Category "back pain" would be on one page with "Back pain"'),
    ),
    case("card_before_first_heading", {"x.md": x(DATED, f"Words.\n\n{CARD}\n## A\n\n{CARD}")}),
    case("quoted_heading", {"x.md": x(DATED, "## A\n\n> # Q\n>\n> #### R\n\n### B\n\nText.\n")}),
    case("marks_in_code", {"x.md": x(DATED, MARKS)}),
    case("theme_id", {"x.md": x(DATED, "## Main\n\nText.\n\n## Contents\n\nText.\n")}),
    case(
        "theme_id_given",
        {"x.md": x(DATED, "## A {#main}\n\nText.\n")},
        ("x.md:6:6", 'the theme has an id "main" too — give each heading its own {#id}'),
    ),
    *(
        case(
            f"an address that is not free: {slug[:20]}",
            {"x.md": x(f"Title: X\nSlug: {slug}\nDate: 2026-01-02\n")},
            ("x.md:2:7", words),
        )
        for slug, words in {
            **dict.fromkeys(("_headers", "_redirects", "CNAME", "isso", "pictures"), "is reserved"),
            "favicon.svg": "belongs to the icon of the site",
            ".well-known": '"." is not allowed in an address',
            "a" * 201: "is too long for an address: 201 characters — write another Slug",
        }.items()
    ),
    case("the code of a language as an address", {"x.md": x(f"{DATED}Slug: es\n")}),
    case(
        "a draft with a reserved address",
        {"x.md": x(f"{DATED}Slug: topics\nStatus: draft\n")},
        ("x.md:3:7", 'the address "/topics" belongs to the page topics'),
    ),
    case(
        "a long title, tag and category",
        {
            "x.md": x(f"Title: {'a' * 201}\nTags: {'b' * 201}\n{DATED[9:]}").replace(
                "Back", "c" * 201
            )
        },
        ("x.md:1:8", 'is too long for an address: 201 characters — add a line "Slug: '),
        ("x.md:2:7", "makes too long an address — shorten it"),
        ("x.md:4:11", "makes too long an address — shorten it"),
    ),
    case(
        "aliases that are not free",
        {
            "x.md": x(
                f"{DATED}Aliases: /GOOD/, /_headers, /isso/x/, /a.html/b/, /{'c' * 201}/, d\n"
            ),
            "y.md": x("Title: Y\nDate: 2026-01-02\nAliases: /old/\n"),
            "z.md": x("Title: Z\nDate: 2026-01-02\nAliases: /Old/\n"),
        },
        ("x.md:3:10", '"/GOOD/" is the address of "content/articles/good.md"'),
        ("x.md:3:18", '"/_headers" belongs to the site itself'),
        ("x.md:3:29", '"/isso/x/" belongs to the site itself'),
        ("x.md:3:39", '"a.html" cannot be both a page and a folder'),
        ("x.md:3:51", "is too long for an address: 201 characters"),
        ("x.md:3:256", '"d" is not an address of this site — write "/d/"'),
        ("z.md:3:10", '"/Old/" is an alias of "content/articles/y.md" too'),
    ),
    case(
        "a file that is no page",
        {"x.md": x(f"{DATED}Save_as: x/\nURL: x/\n")},
        ("x.md:3:10", 'Save_as "x/" is not an HTML file — write "x/index.html"'),
    ),
    case(
        "a thread without its last slash",
        {"x.md": x(f"{DATED}Comment_id: /old\n")},
        ("x.md:3:13", 'Comment_id "/old" names another thread than "/old/" — write "/old/"'),
    ),
    case("the thread of a file", {"x.md": x(f"{DATED}Comment_id: /old.html\n")}),
    case(
        "a change in the future",
        {
            "x.md": x(f"{DATED}Modified: 2026-12-24\n"),
            "y.md": x("Title: Y\nDate: 2030-01-02\nModified: 2030-01-03\n"),
            "z.md": x("Title: Z\nDate: 2030-01-02\nModified: 2030-01-02\n"),
        },
        ("x.md:3:11", 'Modified "2026-12-24" is in the future — write the day of the last change'),
        ("y.md:3:11", 'Modified "2030-01-03" is in the future'),
    ),
    case(
        "a review in the future",
        {"x.md": x(f"{DATED}Reviewed_by: A\nReviewed: 2026-12-24\n")},
        ("x.md:4:11", 'Reviewed "2026-12-24" is in the future — write the day of the review'),
    ),
    case("empty_content", {}, ("..:1:1", "there is no article here"), prepare=nothing_left),
]


@pytest.fixture(scope="module")
def settings():
    return read_settings(str(ROOT / "pelicanconf.py"))


@pytest.fixture
def articles(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795392000")  # 2026-11-23
    folder = tmp_path / "content" / "articles"
    write(folder / "good.md", GOOD)
    return folder


@pytest.mark.parametrize(("files", "expected", "prepare"), CASES)
def test_an_error_has_one_line_with_its_place_and_what_is_right_none(
    files, expected, prepare, settings, articles
):
    for name, text in files.items():
        write(articles / name, text)
    if prepare:
        prepare(articles)
    found = [str(problem) for problem in check(Path("content"), settings).errors]
    assert len(found) == len(expected), found
    for line, (place, words) in zip(found, expected, strict=True):
        file, line_and_column = place.split(":", 1)
        path = os.path.normpath(f"content/articles/{file}").replace("\\", "/")
        assert line.startswith(f"{path}:{line_and_column}: ")
        assert words in line


def test_a_file_that_may_not_be_read_is_reported(settings, articles, monkeypatch):
    unreadable(articles)
    refuse_if_root(monkeypatch, articles / "x.md")
    found = [str(problem) for problem in check(Path("content"), settings).errors]
    assert found == [
        (
            "content/articles/x.md:1:1: the file cannot be read: permission denied — "
            "check its permissions"
        )
    ]


def refuse_if_root(monkeypatch, path: Path):
    """Permissions do not hold for root, who runs the tests in many a container."""
    reads = Path.read_bytes

    def read_bytes(self):
        if self.absolute() == path.absolute():
            raise PermissionError(13, "Permission denied")
        return reads(self)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)


def test_a_date_in_the_future_is_a_warning(settings, articles):
    write(articles / "x.md", x("Title: F\nDate: 2030-01-02\n"))
    report = check(Path("content"), settings)
    assert [str(problem) for problem in report.warnings] == [
        (
            "content/articles/x.md:2:7: scheduled for 2030-01-02, which is in the future — "
            "it is not published until then"
        )
    ]
