"""The shape of article HTML: key points, care cards, notes on terms, tables with caption and row
headers, numbered headings and named source links, made of what Markdown's extensions write."""

import functools
import re
import string
from collections import Counter
from itertools import chain, pairwise
from xml.etree import ElementTree

from markdown.extensions import Extension
from markdown.inlinepatterns import AutolinkInlineProcessor, SubstituteTagInlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, STX, AtomicString

from plugins.cache.digests import pure
from plugins.ids import HEADINGS, Ids
from plugins.words import language_of, translate

# The level word is part of the card, so that urgency never hangs on color (WCAG 1.4.1).
CARE_LEVELS = {"emergency": "Emergency", "urgent": "Urgent", "not-urgent": "Not urgent"}
KINDS = {*CARE_LEVELS, "key-points", "term"}
# GRADE's four levels of certainty, https://www.gradeworkinggroup.org/
CERTAINTY = {"Very low": 1, "Low": 2, "Moderate": 3, "High": 4}

_AUTOLINK = r"<((?!mailto:)[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>"
_NUMBER = re.compile(r"\s*(\d+)\.\s+")
_OWN_ID = re.compile(r"\s*\{:?\s*#([^\s{}]+)\s*\}\s*$")
CAPTION = re.compile(r"\s*Table:\s+")
_MARK = re.compile(r"[*_`\[<\\]")
_LEAD = re.compile(r'\A\s*<section [^>]*class="key-points".*?</section>', re.DOTALL)


@pure
def lead(html: str) -> str:
    """Return the key points that open an article, or nothing."""
    found = _LEAD.match(html)
    return found[0] if found else ""


@pure
def body(html: str) -> str:
    """Return an article without the key points that open it."""
    return _LEAD.sub("", html, count=1)


def prefix(parent: ElementTree.Element, tag: str, text: str, attributes: dict | None = None):
    """Put an element with a text, and a space, before all that an element holds."""
    element = ElementTree.Element(tag, attributes or {})
    element.text, element.tail = text, f" {parent.text or ''}"
    parent.text = None
    parent.insert(0, element)


class MarkupExtension(Extension):
    """Finishes the HTML of articles and pages."""

    def extendMarkdown(self, md):
        md.ESCAPED_CHARS[:] = string.punctuation  # as in CommonMark
        md.inlinePatterns.register(AutolinkInlineProcessor(_AUTOLINK, md), "autolink", 120)
        md.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "break", 99)
        # Before `inline` (20) turns text into elements; before `toc` (5) makes ids of its own, and
        # after `attr_list` (8) has taken those of authors and `abbr` (7) given titles; after all.
        md.treeprocessors.register(_Before(md), "markup-before", 29)
        md.treeprocessors.register(_NumberSources(md), "markup-number-sources", 19.5)
        md.treeprocessors.register(_PlainWords(md), "markup-plain-words", 6.5)
        md.treeprocessors.register(Ids(md), "ids", 6)
        md.treeprocessors.register(_After(md), "markup-after", 3)


class _Before(Treeprocessor):
    def run(self, root):
        quoted = {part for quote in root.iter("blockquote") for part in quote.iter()}
        counts, titles, tag = Counter(), set(), "h2"  # of a heading below the last of the author's
        for element in root.iter():
            admonition, kind, *_ = [*(element.get("class") or "").split(), "", ""]
            if admonition == "admonition" and kind in KINDS:
                counts[kind] += 1
                number = f"-{counts[kind]}" if counts[kind] > 1 else ""
                titles.add(_name(element, kind, f"{kind}{number}", tag))
            elif raw := HTML_PLACEHOLDER_RE.match(element.text or ""):
                block = str(self.md.htmlStash.rawHtmlBlocks[int(raw[1])])
                for level in re.findall(r"<h([1-6])\b", block, re.IGNORECASE):
                    tag = _below(level)
            elif element in quoted and element.tag in HEADINGS:
                element.tag = tag
            elif element.tag in HEADINGS and element not in titles:
                tag = _below(element.tag[1])
                if element.tag == "h3" and (number := _NUMBER.match(element.text or "")):
                    element.set("data-number", number[1])
                    element.text = element.text[number.end() :]
        for parent in list(root.iter()):
            for before, table in pairwise(list(parent)):
                if before.tag == "p" and table.tag == "table" and CAPTION.match(before.text or ""):
                    before.tag = "caption"
                    before.text = CAPTION.sub("", before.text, count=1)
                    parent.remove(before)
                    table.insert(0, before)


def _below(level: str) -> str:
    return f"h{min(int(level) + 1, 6)}"


def _name(box, kind: str, name: str, tag: str):
    """Make the title of an admonition a heading with an id, so that it can be linked; return it."""
    box.set("class", f"card {kind}" if kind in CARE_LEVELS else kind)
    title = box[0] if len(box) and box[0].get("class") == "admonition-title" else None
    if title is None:
        return None
    if own := _OWN_ID.search(title.text or ""):
        name, title.text = own[1], title.text[: own.start()]
    if own or kind != "term":
        title.set("id", name)
    if kind == "key-points":
        box.tag = "section"
        box.set("aria-labelledby", name)
    if kind == "term":
        title.set("class", "term-name")
    else:
        title.tag = tag
        del title.attrib["class"]
    return title


class _NumberSources(Treeprocessor):
    """Numbers sources as readers meet them, which is not the order in which Python-Markdown reads
    sections and tables. This runs before its `footnote-reorder` (19)."""

    def run(self, root):
        footnotes = self.md.treeprocessors["footnote-duplicate"].footnotes
        uses: dict[str, int] = {}
        for mark in root.iter("sup"):
            if not (mark.get("id") or "").startswith("fnref") or not len(mark):
                continue
            key = mark[0].get("href").partition(":")[2]
            uses[key] = uses.get(key, 0) + 1
            mark[0].text = str(list(uses).index(key) + 1)
            mark.set("id", f"fnref{uses[key] if uses[key] > 1 else ''}:{key}")
        footnotes.footnote_order = list(uses)


class _PlainWords(Treeprocessor):
    """Takes Markdown's marks off words that have none: what an image shows, and titles."""

    def run(self, root):
        for element in chain(*map(root.iter, ("img", "a", "abbr"))):
            for name in ("alt", "title"):
                if _MARK.search(words := element.get(name, "")):
                    # In a title, what looks like HTML is text.
                    words = words if name == "alt" else words.replace("<", "&lt;")
                    element.set(name, self._plain(words))

    def _plain(self, words: str) -> str:
        holder = ElementTree.Element("div")
        ElementTree.SubElement(holder, "p").text = words
        self.md.treeprocessors["inline"].run(holder)
        for image in holder.iter("img"):
            image.text = image.get("alt")
        html, words = self.md.htmlStash.rawHtmlBlocks, "".join(holder.itertext())
        return HTML_PLACEHOLDER_RE.sub(lambda raw: re.sub("<.*>", "", html[int(raw[1])]), words)


class _After(Treeprocessor):
    def run(self, root):
        said = functools.partial(translate, lang=language_of(self.md))
        for heading in root.iter("h3"):
            if number := heading.attrib.pop("data-number", None):
                prefix(heading, "span", f"{number}.", {"class": "n"})
        for card in root.iter("div"):
            level = (card.get("class") or "").removeprefix("card ")
            if level in CARE_LEVELS and len(card) and card[0].tag in HEADINGS:
                prefix(card[0], "span", f"{said(CARE_LEVELS[level])}:", {"class": "level"})
        for number, table in enumerate(root.iter("table"), 1):
            _finish_table(table, number, said)
        _shorten_addresses(root, self.md.treeprocessors["footnote-duplicate"].footnotes)
        _name_sources(root, said)


def _shorten_addresses(root, footnotes):
    """Address sources by number instead of by key, apart from those that are cited nowhere."""
    numbers = {key: str(number) for number, key in enumerate(footnotes.footnote_order, 1)}
    for element in root.iter():
        for name in ("id", "href"):
            note = re.match(r"(#?fn(?:ref\d*)?:)(.+)", element.get(name) or "")
            if note and note[2] in numbers:
                element.set(name, note[1] + numbers[note[2]])


def _finish_table(table, number: int, said):
    for caption in table.findall("caption"):
        prefix(caption, "b", said("Table {n}.", n=number))
    for cell in table.iter():
        if cell.tag in {"th", "td"}:
            # Aligned columns come with an inline style, which the content security policy forbids.
            align = re.search(r"text-align:\s*(\w+)", cell.attrib.pop("style", ""))
            if align and align[1] != "left":
                cell.set("class", align[1])
    for code in table.iter("code"):
        code.text = AtomicString((code.text or "").replace(r"\|", "|"))  # as GitHub reads it
    for body in table.findall("tbody"):
        if len(body) and not any(
            "".join(row.itertext()).strip() or row.find(".//*/*") is not None for row in body
        ):
            table.remove(body)  # Python-Markdown adds an empty row to a header alone
    headings = table.findall("thead/tr/th")
    for heading in headings:
        heading.set("scope", "col")
    names = ["".join(heading.itertext()).strip() for heading in headings]
    pips = {said(level).casefold(): count for level, count in CERTAINTY.items()}
    for row in table.findall("tbody/tr"):
        if len(row):
            row[0].tag = "th"
            row[0].set("scope", "row")
        for cell, name in zip(row[1:], names[1:], strict=False):
            cell.set("data-label", name)
            certainty = pips.get("".join(cell.itertext()).strip().casefold())
            if certainty and name.casefold() == said("Certainty").casefold():
                cell.set("class", f"certainty c{certainty}")


def _name_sources(root, said):
    for parent in root.iter():
        for before, child in pairwise([None, *parent]):
            if child.tag == "sup" and len(child) and child[0].get("class") == "footnote-ref":
                child[0].set("aria-label", said("Source {n}", n=child[0].text))
                del child[0].attrib["class"]
                if before is not None and before.tag == "sup" and not before.tail:
                    child.text = ","
    for box in root.iterfind(".//div[@class='footnote']"):
        _name_list(box, said)


def _name_list(box, said):
    """Name every way back from the list of sources, and show the whole address of each."""
    for rule in box.findall("hr"):
        box.remove(rule)
    for number, item in enumerate(box.iterfind("ol/li"), 1):
        back = [a for a in item.iter("a") if a.attrib.pop("class", "") == "footnote-backref"]
        name = "Back to the text from source {n}"
        if len(back) > 1:
            name = "Back to the text from source {n}, use {use}"
        for use, link in enumerate(back, 1):
            del link.attrib["title"]
            link.set("aria-label", said(name, n=number, use=use))
        for link in item.iter("a"):
            shown = re.match(r"https?://(?:www\.)?(.+)", (link.text or "").replace(STX, ""))
            if shown and not len(link):
                link.text = shown[1]
                link.set("class", "address")
