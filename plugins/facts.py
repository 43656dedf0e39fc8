"""Facts about a text, as Markdown has converted it: links, ids, headings, questions, words."""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Set
from functools import cached_property
from typing import NamedTuple

import lxml.html
from lxml import etree

from plugins import faq
from plugins.addresses import ATTRIBUTES, split_srcset
from plugins.ids import HEADINGS

# Adults read English non-fiction at about 238 words a minute silently (Brysbaert 2019,
# https://doi.org/10.1016/j.jml.2019.104047); people in pain are given a little more time.
WORDS_A_MINUTE = 200

_GENERATED = re.compile(r"#fnref\d*:.+|#fn:\d+")
_VERBATIM = {"code", "pre", "script", "style", "kbd", "samp", "textarea"}
_ASIDE = "ancestor::blockquote or ancestor::*[starts-with(@class, 'card ')]"
_names = etree.XPath("@aria-label|@title|@aria-labelledby|.//img/@alt|.//*/@aria-label")


class Link(NamedTuple):
    """An address in the page; `nth` counts equal addresses from 0. `words` is None for files."""

    tag: str
    address: str
    nth: int
    words: str | None = None


class TextFacts(NamedTuple):
    """What is kept of a text. `sections` are the id and the words of each second-level heading
    below the key points, `words` counts what a reader meets, sources left aside."""

    links: list[Link] = []
    ids: tuple[str, ...] = ()
    sections: list[tuple[str, str]] = []
    questions: list[faq.Question] = []
    sources: int = 0
    words: int = 0

    @property
    def minutes(self) -> int:
        """The reading time in whole minutes, at least one."""
        return max(1, round(self.words / WORDS_A_MINUTE))

    @classmethod
    def load(cls, kept: tuple) -> "TextFacts":
        """Return the facts whose links and questions are plain tuples in `kept`."""
        facts = cls(*kept)
        questions = [faq.Question(*question) for question in facts.questions]
        return facts._replace(links=[Link(*link) for link in facts.links], questions=questions)


class ParsedText:
    """The HTML of a text, parsed once. What only rules about words ask for is worked out then."""

    def __init__(self, html: str):
        self.tree = lxml.html.fragment_fromstring(html or " ", create_parent="div")
        self.links: list[Link] = []
        self.undescribed: list[Link] = []  # images without words, unless marked as decorative
        self.headings: list[tuple[int, str]] = []  # level, and words without what plugins add
        self.ids: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()  # addresses
        for element in self.tree.iter(etree.Element):
            if element.attrib:
                self._read_attributes(element)
            if element.tag in HEADINGS:
                words = faq.words_of(element, "level") or " ".join(element.xpath(".//@alt"))
                self.headings.append((int(element.tag[1]), words))

    def facts(self) -> TextFacts:
        """Return what is kept of the text."""
        # As the filter `lead` of plugins/markup.py takes them off the text.
        opening = self.tree.xpath(
            "node()[not(self::text()) or normalize-space()][1][self::section[@class='key-points']]"
        )
        return TextFacts(
            links=self.links,
            # Many texts have ids in common, such as those of footnotes.
            ids=tuple(map(sys.intern, self.ids)),
            sections=[
                (h2.get("id"), faq.words_of(h2))
                for h2 in self.tree.xpath(f".//h2[@id][not({_ASIDE})]")
                if not any(part in opening for part in h2.iterancestors())
            ],
            questions=faq.questions(self.tree),
            sources=int(self.tree.xpath('count(//div[@class="footnote"]/ol/li)')),
            words=len("".join(_texts(self.tree, {"sup"}, "footnote")).split()),
        )

    @cached_property
    def words(self) -> str:
        """All words."""
        return " ".join(self.tree.text_content().split())

    @cached_property
    def loose(self) -> str:
        """The words outside code."""
        return "\n".join(_texts(self.tree, _VERBATIM))

    @cached_property
    def dense(self) -> str:
        """The words outside code, without spaces."""
        return "".join(self.loose.split())

    @cached_property
    def prose(self) -> list[str]:
        """Paragraphs and list items, for readability."""
        skipped = "ancestor::table or ancestor::blockquote or ancestor::*[@class='footnote']"
        blocks = self.tree.xpath(f".//p[not({skipped})] | .//li[not({skipped}) and not(p)]")
        unread = {"p": {"sup", "code", "pre"}, "li": {"sup", "ul", "ol", "pre"}}
        found = ("".join(_texts(part, unread[part.tag])) for part in blocks)
        return list(filter(None, (" ".join(words.split()) for words in found)))

    def _read_attributes(self, element):
        tag, attributes, classes = element.tag, element.attrib, element.get("class", "").split()
        names = [attributes.get("id"), attributes.get("name") if tag in ("a", "map") else None]
        self.ids.update(dict.fromkeys(filter(None, names), 1))
        addresses = [value for name, value in attributes.items() if name in ATTRIBUTES - {"srcset"}]
        addresses += [one for one, *_ in split_srcset(attributes.get("srcset", ""))]
        for address in addresses:
            if classes == ["permalink"] or _GENERATED.fullmatch(address):
                continue
            self._seen[address] += 1
            spoken = [element.text_content(), *_names(element)] if tag == "a" else None
            link = Link(tag, address, self._seen[address] - 1, spoken and " ".join(spoken).strip())
            self.links.append(link)
            is_described = attributes.get("alt", "").strip() or "decorative" in classes
            if tag == "img" and not is_described:
                self.undescribed.append(link)


def _texts(page, tags: Set[str], kind: str = "") -> Iterator[str]:
    """Yield the pieces of text of a parsed page, but those in elements of some tags and a class: an
    XPath for them would take time with the square of their number."""
    walk = etree.iterwalk(page, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event != "start":
            yield node.tail or ""
        elif node.tag in tags or (kind and node.get("class") == kind):
            walk.skip_subtree()
        else:
            yield node.text or ""
