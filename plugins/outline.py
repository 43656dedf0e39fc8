"""The parts of an article, read from its HTML: key points, text, contents, sources, length."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml.etree import iterwalk
from pelican import signals

# Adults read English non-fiction at about 238 words a minute silently (Brysbaert 2019,
# https://doi.org/10.1016/j.jml.2019.104047); people in pain are given a little more time.
WORDS_A_MINUTE = 200

_KEY_POINTS = re.compile(r'\A\s*<section [^>]*class="key-points".*?</section>', re.DOTALL)


def lead(html: str) -> str:
    """Return the key points that open an article, or nothing."""
    found = _KEY_POINTS.match(html)
    return found[0] if found else ""


def body(html: str) -> str:
    """Return an article without the key points that open it."""
    return _KEY_POINTS.sub("", html, count=1)


def sections(page) -> list[tuple[str, str]]:
    """Return id and words of every second-level heading of a parsed page, below the key points."""
    opening = page[0] if len(page) and not (page.text or "").strip() else None
    if opening is not None and not (
        opening.tag == "section" and opening.get("class") == "key-points"
    ):
        opening = None
    return [
        (h2.get("id"), h2.text_content().strip())
        for h2 in page.iter("h2")
        if h2.get("id") and (opening is None or opening not in h2.iterancestors())
    ]


def count_sources(page) -> int:
    """Return how many sources a parsed page lists."""
    return int(page.xpath('count(//div[@class="footnote"]/ol/li)'))


def count_words(page) -> int:
    """Return the number of words a reader of a parsed page meets, sources left aside."""
    return len("".join(texts(page, _is_source)).split())


def _is_source(element) -> bool:
    return element.tag == "sup" or element.tag == "div" and element.get("class") == "footnote"


def texts(page, is_left_out: Callable[[Any], bool]) -> Iterator[str]:
    """Yield the pieces of text of a parsed page, in order, but those inside elements left out.

    An XPath for them would take time with the square of their number.
    """
    walk = iterwalk(page, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event != "start":
            yield node.tail or ""
        elif is_left_out(node):
            walk.skip_subtree()
        else:
            yield node.text or ""


def register():
    """Offer the parts to templates as filters over finished HTML."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    generator.env.filters |= {"lead": lead, "body": body}
