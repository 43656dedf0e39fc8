"""What a question is: the FAQ section of an article, written as people write it, read as data.

Its heading is one of theme/words/faq.txt or marked with `{.faq}`, each question a level-3 heading
or a numbered item. Both become an `<h3 id>` in `<section class="faq">`, which `sections` reads.
"""

import functools
import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import NamedTuple
from xml.etree import ElementTree

from lxml import etree
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from plugins.markup import prefix
from plugins.words import FOLDER, language_of, translate

_ATTRIBUTES = re.compile(r"\s*\{:?\s*([^{}]*)\}\s*$")
_NOTE = re.compile(r"\[\^[^\]]*\]")
_DESCRIPTIONS = ".//@alt | .//@aria-label | @aria-label"
NUMBER = re.compile(r"\s*\d+[.)]\s+")
# Of Latin, Arabic, Chinese and Greek.
QUESTION_MARKS = ("?", "\u061f", "\uff1f", "\u037e")


class Question(NamedTuple):
    """A question as readers see it. `id` is its address on the page, without `#`."""

    id: str
    text: str
    answer_text: str


class Section(NamedTuple):
    """A section of questions below a heading."""

    title: str
    questions: list[Question]


def sections(page) -> list[Section]:
    """Return the FAQ sections of a page that lxml has parsed."""
    return [
        Section(words_of(section.find("h2")), list(_questions(section)))
        for section in page.xpath('//section[@class="faq"]')
    ]


def questions(page) -> list[Question]:
    """Return the questions of a page that lxml has parsed."""
    return [question for section in sections(page) for question in section.questions]


def words_of(element, *unread: str) -> str:
    """Return the words of a parsed element as they are read: without source numbers, numerals,
    links to the element itself, and elements of the classes `unread`."""
    return " ".join("".join(_texts_but("n", "permalink", *unread)(element)).split())


@functools.cache
def _texts_but(*classes: str) -> etree.XPath:
    skipped = ["self::sup[a[starts-with(@href, '#fn:')]]", *(f"@class='{one}'" for one in classes)]
    return etree.XPath(f"descendant::text()[not(ancestor::*[{' or '.join(skipped)}])]")


def _questions(section) -> Iterator[Question]:
    blocks = list(section.iterchildren("*"))  # without comments
    starts = [number for number, block in enumerate(blocks) if block.tag == "h3"]
    for start, end in pairwise([*starts, len(blocks)]):
        heading, answer = blocks[start], blocks[start + 1 : end]
        # A picture without words has those that describe it.
        parts = (words_of(one) or ", ".join(one.xpath(_DESCRIPTIONS)) for one in answer)
        yield Question(heading.get("id", ""), words_of(heading), "\n".join(filter(None, parts)))


class FaqExtension(Extension):
    """Brings both ways of writing a question into one shape."""

    def extendMarkdown(self, md):
        _names.cache_clear()  # it may have changed since the last build of this process
        # Before `inline` (20), where the first line of an item is still known, and after
        # `toc` (5), which makes the ids.
        md.treeprocessors.register(_Arrange(md), "faq-arrange", 30)
        md.treeprocessors.register(_Link(md), "faq-link", 4)


@functools.cache
def _names() -> re.Pattern:
    """Return a pattern of the letters of a heading that is made of names of an FAQ alone."""
    lines = (FOLDER / "faq.txt").read_text("utf-8").splitlines()
    known = chain.from_iterable(line.partition(":")[2].split(";") for line in lines[2:])
    return re.compile(f"(?:{'|'.join(map(_letters, known))})+")


def _letters(text: str) -> str:
    letters = unicodedata.normalize("NFKD", html.unescape(text).replace("ı", "i").casefold())
    return "".join(filter(str.isalpha, letters))


def is_name(words: str, lang: str = "") -> bool:
    """Return whether these words are what an FAQ is called, in any usual way."""
    letters = _letters(_NOTE.sub("", words))
    return bool(_names().fullmatch(letters)) or letters == _letters(translate("FAQs", lang))


def opens(text: str, lang: str) -> bool:
    """Return whether a second-level heading, as written in Markdown, opens an FAQ section."""
    attributes = _ATTRIBUTES.search(text)
    is_marked = bool(attributes) and ".faq" in attributes[1].split()
    return is_marked or is_name(_ATTRIBUTES.sub("", text), lang)


class _Arrange(Treeprocessor):
    def run(self, root):
        section, made, lang = None, [], language_of(self.md)
        for block in list(root):
            if block.tag in {"h1", "h2"} or block.get("class") == "footnote":
                section = None
            if block.tag == "h2" and opens(block.text or "", lang):
                section = ElementTree.Element("section", {"class": "faq"})
                made.append(section)
                root.insert(list(root).index(block), section)
            if section is not None:
                root.remove(block)
                section.append(block)
        for section in made:
            if section.find("h3") is None:
                parts = (_from_items(each) if each.tag == "ol" else [each] for each in section[1:])
                section[1:] = chain.from_iterable(parts)
            for question in section.iter("h3"):
                question.text = NUMBER.sub("", question.text or "", count=1)


def split_question(text: str) -> tuple[str, str]:
    """Return the question that a text begins with, and the rest: the question is the first line, or
    all lines up to a question mark where the first is broken within a sentence."""
    lines = [line.strip() for line in text.strip().split("\n")]
    ends = (n for n, line in enumerate(lines, 1) if line.rstrip("\\").endswith(QUESTION_MARKS))
    asked = next(ends, 0)
    end = asked if all(line[:1].islower() for line in lines[1:asked]) else 0
    return " ".join(lines[: end or 1]).rstrip("\\ "), "\n".join(lines[end or 1 :])


def _from_items(items) -> Iterator[ElementTree.Element]:
    """Yield heading and answer of each numbered item."""
    for item in items:
        is_loose = not (item.text or "").strip() and len(item) and item[0].tag == "p"
        holder = item[0] if is_loose else item
        for tag, text in zip(("h3", "p"), split_question(holder.text or ""), strict=True):
            if text or tag == "h3":
                element = ElementTree.Element(tag)
                element.text = text
                yield element
        yield from list(item)[1:] if is_loose else list(item)


class _Link(Treeprocessor):
    """Gives each question its number and its visible link, and names the section by its heading."""

    def run(self, root):
        lang = language_of(self.md)
        for section in root.iterfind(".//section[@class='faq']"):
            section.set("aria-labelledby", section.find("h2").get("id", ""))
            for number, heading in enumerate(section.findall("h3"), 1):
                prefix(heading, "span", f"{number}.", {"class": "n"})
                heading[-1].tail = f"{(heading[-1].tail or '').rstrip()} "
                link = {"class": "permalink", "href": f"#{heading.get('id')}"}
                link["aria-label"] = translate("Link to question {n}", lang, n=number)
                ElementTree.SubElement(heading, "a", link).text = "#"
