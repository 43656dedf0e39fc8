"""Marks of other dialects are named where the page shows them, and nothing else is."""

import shutil
from pathlib import Path

import pytest
from pelican.settings import read_settings

from tools.check import check

SETTINGS = read_settings(str(Path(__file__).parent.parent / "pelicanconf.py"))
SUMMARY = (
    "What this article says in one or two plain sentences, long enough to be of use to those who "
    "find it in a list, and short enough to fit there."
)
HEAD = f"Title: X\nDate: 2026-01-01\nCategory: Back pain\nSummary: {SUMMARY}\n\n"


def report(folder: Path, text: str):
    """Return what is reported of one article, with lines counted from the end of HEAD."""
    (folder / "content" / "articles").mkdir(parents=True, exist_ok=True)
    (folder / "content" / "articles" / "x.md").write_text(text, "utf-8")
    return check(folder / "content", SETTINGS)


def places(problems, first: int = HEAD.count("\n")) -> list[str]:
    return [f"{problem.line - first}:{problem.col}" for problem in problems]


# What the fix has, and texts with a ¦ where it is named (⏎: new line, ⍽: no-break space).
WRONG = r"""
<del> ┃ Some ¦~~struck~~ words ┃ A ¦~~struck **bold** and `code`~~
<mark> ┃ A ¦==mark== ┃ A ¦==mark⏎of two lines==
!!! term ┃ > ¦[!NOTE]⏎> text ┃ - a⏎⏎    > ¦[!tip]- Title⏎    > b ┃ ¦.. note::⏎⏎    text
urgent for a warning ┃ > ¦[!WARNING] Title⏎> text ┃ ¦::: danger⏎text⏎:::
!!! term ┃ ¦:::{admonition} Title⏎text⏎::: ┃ ¦??? note "Title"⏎⏎    text ┃ ¦[WARNING]⏎text
[^1] ┃ A claim.¦^[Author A. *Journal*. 2020.] More ┃ As shown ¦[@smith2020, p. 3].
[words](file.md) ┃ See ¦[[page|words]] and ┃ !¦[[image.png]]
delete ┃ ¦[[_TOC_]] ┃ ¦[toc] ┃ * TOC⏎¦{:toc}
what it stands for ┃ ¦{% include x.html %} ┃ A ¦{%- if x -%} b {%- endif -%}
what it stands for ┃ ¦{{< figure src="x.png" >}} ┃ ¦{{% notice %}}⏎text⏎{{% /notice %}}
what it stands for ┃ ¦[caption id="a"]Words[/caption] ┃ ¦[gallery ids="1,2"] ┃ ¦[gallery]
what it stands for ┃ ¦[youtube dQw4w9WgXcQ] ┃ ¦[button]Go[/button] ┃ A ¦[b]word[/b]
<sup> ┃ ¦$$⏎x⏎$$ ┃ The ¦$x^2$ and ┃ With ¦$n = 20$. ┃ A ¦$\alpha$ ┃ ¦\begin{align} x
<sup> ┃ A ¦\(x^2\) b ┃ ¦\[⏎\sum x⏎\] ┃ ¦\[\frac{a}{b}\]
MDX ┃ ¦import X from "../x" ┃ ¦export const a = {} ┃ ¦<You id="x" /> ┃ ¦<Tip a="b">c</Tip>
[words] ┃ See ¦:ref:`x` now ┃ See ¦{ref}`x` ┃ See ¦`text <https://example.org/>`_ now
![…] ┃ ¦.. image:: x.png⏎   :alt: a ┃ ¦image::x.png[A walk] ┃ See ¦link:x.html[words]
## ┃ ¦== Heading == ┃ ¦h2. Heading
<!-- ┃ A ¦%%comment%% b ┃ ¦<!— comment —> ┃ ¦{::options parse="x" /}
"- " ┃ ¦• one⏎• two ┃ Text⏎⏎¦• one⏎goes on⏎⏎• two ┃ !!! urgent "Call"⏎⏎    ¦▪ one⏎    ▪ two
"- " ┃ Do this:⏎¦– one⏎– two ┃ ¦・一⏎・二 ┃ > ¦· one
space ┃ ¦-⍽one⏎-⍽two ┃ ¦1.⍽one⏎2.⍽two ┃ - one⏎¦⍽⍽- two
|---| ┃ | a | b |⏎¦|–––|–––|⏎| c | d | ┃ a | b⏎¦— | —⏎c | d
full-width ┃ ¦＃ 見出し ┃ See ¦[text]（https://example.org/） ┃ ¦［text］(https://example.org/)
``` ┃ ¦‘‘‘python⏎code⏎‘‘‘ ┃ ¦'''⏎code⏎'''
straight ┃ ¦[a](https://example.org/ “c”) ┃ A ¦<span title=“x”>b</span> ┃ ## A ¦{#x title=“b”}
!!! term ┃ ¦::: {.note}⏎text⏎::: ┃ > ¦[!NOTE] [a][b]
!!! term ┃ ¦=== "Tab"⏎⏎    text ┃ ¦??? note⏎⏎    text
<del> ┃ A ¦~single~ one
<sup> ┃ ¦\[ x = y \] ┃ ¦\[⏎x = y⏎\] ┃ A ¦\textbf{word}
as Markdown ┃ ¦[https://example.org words] ┃ A ¦{--deletion--} and ┃ A ¦{>>comment<<}
as Markdown ┃ See ¦<https://example.org|words> now
[^1] ┃ A claim.¦【12†L3-L5】 ┃ A ¦:contentReference[oaicite:2] b ┃ A claim. ¦citeturn0search1
type it again ┃ A ¦� b ┃ It isn¦â€™t ┃ Text⏎⏎¦​## Heading
|---| ┃ ¦+---+---+⏎| a | b |
metadata of another file ┃ ¦+++⏎title = "x"⏎+++⏎⏎Text
version control ┃ ¦<<<<<<< HEAD⏎⏎Text ┃ Text⏎⏎¦>>>>>>> branch
"""
UNLIKELY = r"""
☐ ┃ ¦1. [ ] one ┃ > ¦* [X] one ┃ ¦- [x] one
<ins> ┃ A ¦++word++ here
<sub> ┃ H¦~2~O ┃ x¦^2^ and
what it stands for ┃ ¦{{ page.title }}
"- " ┃ ¦-one⏎-two ┃ ¦1.one⏎2.two ┃ ¦a) one⏎b) two ┃ ¦(1) one⏎(2) two ┃ ¦① one⏎② two ┃ ¦✓ one⏎✓ two
picture ┃ ```¦mermaid⏎graph TD⏎``` ┃ ~~~ ¦math⏎x^2⏎~~~
picture ┃ ```¦{note}⏎words⏎``` ┃ - a⏎⏎    ```¦math⏎    x⏎    ```
emoji ┃ A ¦:smile: b ┃ ¦:+1:
--- ┃ ¦——— ┃ ¦—-
"""


def written(table: str) -> list[str]:
    return [
        line.translate({ord("⏎"): "\n", ord("⍽"): "\u00a0"}).replace(r"\u200b", "\u200b")
        for line in table.strip().split("\n")
    ]


def cases(table: str) -> list[tuple[str, str]]:
    """Return each text of a table, and what the fix of it has."""
    rows = [line.split(" ┃ ") for line in written(table)]
    return [(text, fix) for fix, *texts in rows for text in texts]


# What has the same characters and is meant: each line is an article.
HONEST = r"""
It costs $5 and $10, $1,000-$2,000 a year = $3,000. US$ 5 or A$ 7 (or $$ to $$$$).
$5 = 4 € and 6 £ = $7. Set $HOME and $PATH. From $a to $b. Prices: $, $$ and $$$.
He said [sic] that [1] and […], [the authors] did [so]. In [0, 1] or [0, 1).
Press [Ctrl] + [C], [a/b], [x=1]. See [video], [gallery] and [audio], [Journal 2020].
[[1]](https://example.org/1) and [[2, 3]], a[0][1], [[1, 2], [3, 4]], if [[ -f x ]]. [x] ticked.
Smith [2020] says [p. 3]. NOTE: take care. TIP: walk. A word^[up](https://example.org/)^.
- [x](https://example.org/)⏎- [a] b ┃ [TOC]
At 10:30:45 it was 1:2:3, a:b:c and Note: x: y. See Genesis 1:2: it says: so. :-)
Term⏎:   a definition: more: text
Foo::Bar and std::vector. What??? Really??? ::: is no fence. Like so::
.. and so on. ... and so on. {x: x > 0}, {{ user }} and {name}.
—Hola —dijo ella.⏎—Adiós. ┃ — Bonjour. ┃ — Au revoir. ┃ – One.  ⏎– Two.
A line⏎– an aside – goes on. — One dash, Dr.⍽House, «⍽Oui⍽». ┃ 1.⍽Mai 2026 war schön.
-⍽5⍽°C was cold.
• ● ○ ▪ ┃ ●●○○ Low certainty ┃ Home · About · More⏎· Archive · Topics ┃ A • B • C, 20 · 30, and —
– ┃ * * *
| a | b |⏎|---|---|⏎| – | — |⏎| ~5 | ~6 | ┃ a | b⏎--|--⏎– | –
~5 minutes, ~10 km, ~~~ no fence, a ~ b, ~/x and ~/y, about ~50% to ~60%.
A ==> B and A <== B, 1. a, i. e. b⏎i. o. d. As shown [1][2]. ~/a and ~/b. Ä and Ã, 5 ≤ 6.
— How are you?⏎— Fine, I said.
a == b and c == d, if a==b or c==d, C++ and G++, i++ and j++, x ++ y, 100 %, 20%% of 30%%.
10^5 and 10^6, x^2 + y^2, ^_^, \~~a~~, \[\[b\]\], \[file_name\], \(see \*it\*\), \(n = 20\), \$5.
He said ''so'''. “[a](https://example.org/)”, [b](https://example.org/ "“c”")
import the data from "A" now ┃ export the file and We export const values. import numpy
The code `x` _is_ here, _`x`_ and _see `x`_ there. `a <b>`, `c`. The h2. Then. <B>b</B><Br/>
<Details><Summary>a</Summary>b</Details>
<https://example.org/~~a~~/==b==/:smile:/a> <https://example.org/[[c]]/{%d%}?==e>==
[a](https://example.org/~~f~~/$x^2$ "c") <span title="~~f~~ ==g== [[h]] {% i %}">x</span>
日本語：「引用」（注）。［注］ここ、＃タグ です。[注]（見下文）・中黒 ┃ ・中黒 が・ある
<!-- more --> ┃ <!-- ~~a~~ {% b %}⏎• c --> ┃ [//]: # (a comment)
```{.python}⏎a⏎``` ┃ ```python⏎{note}⏎``` ┃ ````md⏎```mermaid⏎```⏎````
`~~a~~`, `==b==`, `[[c]]`, `{% d %}`, `{{< e >}}`, `$x^2$`, `:smile:`, `^[f]`
```⏎- [ ] a⏎::: tip⏎{% x %}⏎• a⏎```
    > [!NOTE]⏎    $$x^2$$⏎    <<<<<<< HEAD⏎    =======⏎    >>>>>>> x
<pre>⏎~~a~~ [[b]] {% c %}⏎• d⏎</pre> ┃ - a ┃         • code⏎        [[x]]
`<<<<<<< HEAD` and <kbd>[[a]]</kbd>
> > > a ┃ >>>>>>>> ┃ a <<<<<<< b ┃ <<<<<<<< c ┃ ```⏎<<<<<<< HEAD⏎```
"""


def place_of(text: str) -> str:
    before = text.partition("¦")[0]
    return f"{before.count(chr(10)) + 1}:{len(before.rpartition(chr(10))[2]) + 1}"


@pytest.mark.parametrize(("body", "fix"), cases(WRONG))
def test_a_mark_that_the_page_would_show_is_an_error_at_its_place(tmp_path, body, fix):
    found = report(tmp_path, HEAD + body.replace("¦", ""))
    assert (places(found.errors), found.warnings) == ([place_of(body)], [])
    assert fix in str(found.errors[0])


@pytest.mark.parametrize(("body", "fix"), cases(UNLIKELY))
def test_a_mark_that_might_be_meant_is_a_warning_at_its_place(tmp_path, body, fix):
    found = report(tmp_path, HEAD + body.replace("¦", ""))
    assert (found.errors, places(found.warnings)) == ([], [place_of(body)])
    assert fix in str(found.warnings[0])


@pytest.mark.parametrize("line", written(HONEST))
def test_what_only_looks_like_another_dialect_is_met_with_silence(tmp_path, line):
    found = report(tmp_path, HEAD + line.replace(" ┃ ", "\n\n"))
    assert [str(problem) for problem in found.errors + found.warnings] == []


CONFLICT = "<<<<<<< HEAD\nOne.\n||||||| base\nNo.\n=======\nTwo.\n>>>>>>> branch\n"


@pytest.mark.parametrize(("before", "after"), [("", ""), ("```\n", "```\n"), ("<!--\n", "-->\n")])
def test_each_mark_of_a_conflict_is_an_error_in_text_code_and_comments(tmp_path, before, after):
    found = report(tmp_path, f"{HEAD}{before}{CONFLICT}{after}\nWords.")
    first = HEAD.count("\n") + before.count("\n")
    assert places(found.errors, first) == ["1:1", "3:1", "5:1", "7:1"]


@pytest.mark.parametrize("fence", ["", "---\n"])
@pytest.mark.parametrize("kept", [0, 1])
def test_of_metadata_with_a_conflict_only_its_marks_are_named(tmp_path, fence, kept):
    title, *rest = HEAD.splitlines(keepends=True)
    lines = [title] * kept + ["<<<<<<< HEAD\n", "Date: 2026-01-02\n", "=======\n", rest[0]]
    text = "".join([fence, *lines, ">>>>>>> branch\n", *rest[1:-1], fence, "\nWords."])
    first = fence.count("\n") + kept
    assert places(report(tmp_path, text).errors, first) == ["1:1", "3:1", "5:1"]


@pytest.mark.parametrize("mark", ["~~a~~", "==a==", "$x^2$", "[[a]]", "{% a %}", "^[a b]"])
@pytest.mark.parametrize("name", ["Title", "Summary", "Reviewed_by"])
def test_marks_in_metadata_are_named_too(tmp_path, name, mark):
    fields = {"Title": "X", "Summary": SUMMARY, "Reviewed_by": "A", "Reviewed": "2026-01-02"}
    fields[name] = f"{fields[name][:-6]} {mark}"
    head = "".join(f"{key}: {value}\n" for key, value in fields.items())
    (problem,) = report(tmp_path, f"Date: 2026-01-01\nCategory: A\n{head}\nText.").errors
    assert (problem.line, problem.col) == (
        3 + list(fields).index(name),
        len(f"{name}: {fields[name]}") - len(mark) + 1,
    )
    assert problem.what.startswith(f'"{mark}" is ')


def test_an_image_is_named_where_it_is_used(tmp_path):
    (tmp_path / "content" / "images").mkdir(parents=True)
    walk = Path(__file__).parent / "check" / "good" / "images" / "walk.png"
    shutil.copy(walk, tmp_path / "content" / "images")
    found = report(tmp_path, f"{HEAD}![A walk|300](../images/walk.png)")  # as Obsidian has it
    assert (found.errors, places(found.warnings)) == ([], ["1:1"])
    found = report(tmp_path, f"{HEAD}Words.\n\n![][a]\n\n[a]: ../images/walk.png")
    assert (places(found.errors), found.warnings) == (["3:1"], [])
