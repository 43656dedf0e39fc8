"""What a Markdown file becomes: links, images, headings, ids and words of its converted HTML."""

import re
from collections import Counter
from dataclasses import dataclass, field

import lxml.html
from markdown import Markdown

_ADDRESSES = {"a": "href", "area": "href", "img": "src", "source": "src", "video": "src"} | {
    "audio": "src", "track": "src", "embed": "src", "iframe": "src", "object": "data"
}  # fmt: skip
_BLOCKED = {"script", "style", "iframe", "embed", "object", "base"}
_GENERATED = re.compile(r"#fnref\d*:.+|#fn:\d+")
_VERBATIM = {"code", "pre", "script", "style", "kbd", "samp", "textarea"}
_SPOKEN = {"aria-label", "title", "aria-labelledby"}


@dataclass(frozen=True)
class Link:
    """An address in the page; `nth` counts equal addresses from 0. `words` is None for files."""

    tag: str
    address: str
    nth: int
    words: str | None = None


@dataclass(frozen=True)
class Image:
    """An image; `alt` is None without the attribute, `decorative` what its author says it is."""

    address: str
    nth: int
    alt: str | None
    decorative: bool


@dataclass(frozen=True)
class Heading:
    """A heading of the page with its words, without what plugins add."""

    level: int
    words: str


@dataclass
class Rendered:
    """The facts of one page."""

    html: str
    links: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    ids: Counter = field(default_factory=Counter)
    blocked: set[str] = field(default_factory=set)  # what the content security policy forbids
    loose: str = ""  # the words outside code
    words: str = ""  # all words
    prose: list[str] = field(default_factory=list)  # paragraphs and list items, for readability


def convert(text: str, markdown: dict) -> str:
    """Convert a whole file, front matter included, as Pelican's reader does."""
    return Markdown(**markdown).convert(text)


def convert_line(text: str, markdown: dict) -> str:
    """Convert a formatted field of front matter, as Pelican's reader does."""
    if not re.search(r"[*_`\[\]<>&{}\\!#]", text):
        return f"<p>{text}</p>"
    converter = Markdown(**markdown)
    converter.preprocessors.deregister("meta")
    return converter.convert(text)


def facts(html: str) -> Rendered:
    """Read the facts of a page from its HTML."""
    found = Rendered(html)
    page = lxml.html.fragment_fromstring(html or " ", create_parent="div")
    seen: Counter = Counter()
    loose: list[str] = []
    for element in page.iter():
        if not isinstance(element.tag, str):
            if element.tail and not _verbatim(element.getparent()):
                loose.append(element.tail)
            continue
        _read_element(element, found, seen)
        if element.text and not _verbatim(element):
            loose.append(element.text)
        if element.tail and not _verbatim(element.getparent()):
            loose.append(element.tail)
    found.loose = "\n".join(loose)
    found.words = " ".join(page.text_content().split())
    found.prose = _prose(page)
    return found


def _verbatim(element) -> bool:
    while element is not None:
        if element.tag in _VERBATIM:
            return True
        element = element.getparent()
    return False


def _read_element(element, found: Rendered, seen: Counter):
    tag = element.tag
    if element.get("id"):
        found.ids[element.get("id")] += 1
    if tag in _BLOCKED:
        found.blocked.add(f"<{tag}")
    for name in element.attrib:
        if name == "style" or name.startswith("on"):
            found.blocked.add(f"{name}=")
    if tag == "a" and element.get("name") and element.get("name") != element.get("id"):
        found.ids[element.get("name")] += 1
    if re.fullmatch("h[1-6]", tag):
        found.headings.append(Heading(int(tag[1]), _words(element)))
    addresses = [element.get(name) for name in (_ADDRESSES.get(tag), "poster") if name]
    if element.get("srcset"):
        addresses += [part.strip().split(" ")[0] for part in element.get("srcset").split(",")]
    permalink = element.get("class") == "permalink"
    for address in addresses:
        if address is None or permalink or _GENERATED.fullmatch(address):
            continue
        nth = seen[address]
        seen[address] += 1
        if tag == "img":
            decorative = "decorative" in (element.get("class") or "").split()
            found.images.append(Image(address, nth, element.get("alt"), decorative))
        found.links.append(Link(tag, address, nth, _spoken(element) if tag == "a" else None))


def _words(element) -> str:
    parts = element.xpath("descendant-or-self::text()[not(ancestor::*[@class='n' or @class='level' "
                          "or @class='permalink'] or ancestor::sup)]")  # fmt: skip
    return " ".join("".join(parts).split())


def _spoken(element) -> str:
    names = [element.get(name, "") for name in _SPOKEN]
    names += [image.get("alt", "") for image in element.iter("img")]
    names += [child.get("aria-label", "") for child in element.iterdescendants()
              if isinstance(child.tag, str)]  # fmt: skip
    return " ".join([element.text_content(), *names]).strip()


def _prose(page) -> list[str]:
    skipped = "ancestor::table or ancestor::blockquote or ancestor::*[@class='footnote']"
    blocks = page.xpath(f".//p[not({skipped})] | .//li[not({skipped}) and not(p)]")
    found = []
    for block in blocks:
        parts = block.xpath(
            "descendant::text()[not(ancestor::sup or ancestor::code or ancestor::pre)]"
            if block.tag == "p"
            else "text() | *[not(self::ul or self::ol or self::sup or self::pre)]"
            "/descendant-or-self::*/text()"
        )
        words = " ".join("".join(parts).split())
        if words:
            found.append(words)
    return found
