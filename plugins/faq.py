"""What a question is: the FAQ section of an article, written as people write it, read as data.

Authors head a section "FAQs" (or "FAQ", "Frequently asked questions", or any second-level heading
marked `{.faq}`) and write each question as a third-level heading or as a numbered item whose first
line is the question. `FaqExtension` turns both into one shape, `<section class="faq">` holding an
`<h3 id>` and its answer for each question; `questions` and `faults` read that shape from a page
that lxml has parsed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from plugins.words import language_of, translate

NAMES = {"faq", "faqs", "frequently asked questions"}
_ATTRIBUTES = re.compile(r"\s*\{:?\s*([^{}]*)\}\s*$")
_NUMBER = re.compile(r"\s*\d+[.)]\s+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as readers see it. `id` is its address on the page, without `#`."""

    id: str
    text: str
    answer_text: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with an FAQ section. `heading` is the text of the heading at fault, and
    `occurrence` tells which one it is among headings of the same text, counted from 1."""

    heading: str
    occurrence: int
    what: str
    fix: str


def questions(page) -> list[Question]:
    """Return the questions of a parsed page; an empty list without any."""
    return [
        Question(heading.get("id", ""), _text(heading), "\n".join(filter(None, map(_text, answer))))
        for section in _sections(page)
        for heading, answer in _entries(section)
    ]


def faults(page) -> Iterator[Fault]:
    """Yield what is wrong with the FAQ sections of a parsed page, in reading order."""
    for number, section in enumerate(_sections(page), 1):
        title = _text(section.find("h2"))
        entries = _entries(section)
        if number > 1:
            yield Fault(title, number, "a second FAQ section", "keep all questions in one")
        if not entries:
            fix = "write each question as a ### heading or as a numbered item"
            yield Fault(title, 1, "an FAQ section without questions", fix)
        seen: dict[str, int] = {}
        for heading, answer in entries:
            text = _text(heading)
            same = " ".join(text.casefold().split())
            seen[same] = seen.get(same, 0) + 1
            if not text:
                yield Fault(title, 1, "a question without words", "write the question")
            elif seen[same] > 1:
                yield Fault(text, seen[same], "the same question twice", "keep one of the two")
            if not any(map(_text, answer)):
                fix = "write the answer below the question"
                yield Fault(text, seen[same], "a question without an answer", fix)


def _sections(page) -> list:
    return page.xpath('//section[@class="faq"]')


def _entries(section) -> list[tuple]:
    entries: list[tuple] = []
    for block in section:
        if block.tag == "h3":
            entries.append((block, []))
        elif entries:
            entries[-1][1].append(block)
    return entries


def _text(element) -> str:
    """Return the words of an element as they are read, without numerals, links to the question
    itself and source numbers."""
    words = element.xpath(
        "descendant-or-self::text()"
        "[not(ancestor::*[self::sup or @class='n' or @class='permalink'])]"
    )
    return " ".join("".join(words).split())


class FaqExtension(Extension):
    """Brings both ways of writing a question into one shape."""

    def extendMarkdown(self, md):
        # Before `inline` (20), where the first line of an item can still be told apart, and after
        # `toc` (5), which makes the ids.
        md.treeprocessors.register(_Arrange(md), "faq-arrange", 30)
        md.treeprocessors.register(_Link(md), "faq-link", 4)


def is_faq_heading(text: str) -> bool:
    """Tell whether a second-level heading, as written in Markdown, opens an FAQ section."""
    attributes = _ATTRIBUTES.search(text)
    if attributes and ".faq" in attributes[1].split():
        return True
    words = _ATTRIBUTES.sub("", text).strip().rstrip(":").casefold()
    return words in NAMES


class _Arrange(Treeprocessor):
    def run(self, root):
        children = list(root)
        for start, heading in enumerate(children):
            if heading.tag != "h2" or not is_faq_heading(heading.text or ""):
                continue
            end = next(
                (i for i in range(start + 1, len(children)) if _ends_section(children[i])),
                len(children),
            )
            blocks = children[start + 1 : end]
            section = ElementTree.Element("section", {"class": "faq"})
            root.insert(list(root).index(heading), section)
            for block in children[start:end]:
                root.remove(block)
            heading.text = _without_class(heading.text or "")
            section.append(heading)
            if any(block.tag == "h3" for block in blocks):
                section.extend(blocks)
            else:
                for block in blocks:
                    section.extend(_from_items(block) if block.tag == "ol" else [block])
            for question in section.iter("h3"):
                question.text = _NUMBER.sub("", question.text or "", count=1)


def _ends_section(block) -> bool:
    return block.tag in {"h1", "h2"} or block.get("class") == "footnote"


def _without_class(text: str) -> str:
    attributes = _ATTRIBUTES.search(text)
    if not attributes:
        return text
    rest = " ".join(word for word in attributes[1].split() if word != ".faq")
    return text[: attributes.start()] + (f" {{{rest}}}" if rest else "")


def _from_items(items):
    """Yield heading and answer of each numbered item; its first line is the question."""
    for item in items:
        holder = item
        if not (item.text or "").strip() and len(item) and item[0].tag == "p":
            holder = item[0]
        first, _, rest = (holder.text or "").strip().partition("\n")
        heading = ElementTree.Element("h3")
        heading.text = first.strip()
        yield heading
        if rest.strip():
            paragraph = ElementTree.Element("p")
            paragraph.text = rest.strip()
            yield paragraph
        yield from (list(item)[1:] if holder is not item else list(item))


class _Link(Treeprocessor):
    """Gives each question its number and its visible link, and names the section by its heading."""

    def run(self, root):
        lang = language_of(self.md)
        for section in root.iter("section"):
            if section.get("class") != "faq":
                continue
            section.set("aria-labelledby", section.find("h2").get("id", ""))
            for number, heading in enumerate(section.findall("h3"), 1):
                numeral = ElementTree.Element("span", {"class": "n"})
                numeral.text = f"{number}."
                numeral.tail = f" {heading.text or ''}"
                heading.text = None
                heading.insert(0, numeral)
                link = ElementTree.SubElement(
                    heading,
                    "a",
                    {
                        "class": "permalink",
                        "href": f"#{heading.get('id')}",
                        "aria-label": translate("Link to question {n}", lang, n=number),
                    },
                )
                link.text = "#"
                before = heading[-2]
                before.tail = f"{(before.tail or '').rstrip()} "
