"""The parts of an article, read from its finished HTML: key points, text, contents, sources."""

import re
from dataclasses import dataclass

import lxml.html
from pelican import signals

# Adults read English non-fiction at about 238 words a minute silently (Brysbaert 2019,
# https://doi.org/10.1016/j.jml.2019.104047); people in pain are given a little more time.
WORDS_A_MINUTE = 200

_KEY_POINTS = re.compile(r'\A\s*<section [^>]*class="key-points".*?</section>', re.DOTALL)


@dataclass(frozen=True)
class Source:
    """A numbered source as it stands at the foot of an article; `url` is empty without a link."""

    number: int
    text: str
    url: str


def lead(html: str) -> str:
    """Return the key points that open an article, or nothing."""
    found = _KEY_POINTS.match(html)
    return found[0] if found else ""


def body(html: str) -> str:
    """Return an article without the key points that open it."""
    return _KEY_POINTS.sub("", html, count=1)


def headings(html: str) -> list[tuple[str, str]]:
    """Return id and words of every second-level heading below the key points, in order."""
    page = lxml.html.fragment_fromstring(body(html), create_parent="div")
    return [(h2.get("id"), h2.text_content().strip()) for h2 in page.iter("h2") if h2.get("id")]


def sources(html: str) -> list[Source]:
    """Return the sources that an article lists."""
    if 'class="footnote"' not in html:
        return []
    page = lxml.html.fragment_fromstring(html, create_parent="div")
    found = []
    for number, item in enumerate(page.xpath('//div[@class="footnote"]/ol/li'), 1):
        for link in item.xpath('.//a[starts-with(@href, "#fnref")]'):
            link.drop_tree()
        address = item.xpath('.//a[@class="address"]/@href')
        for link in item.xpath('.//a[@class="address"]'):
            link.drop_tree()
        text = " ".join(item.text_content().split()).strip(" .\N{NO-BREAK SPACE}")
        found.append(Source(number, text, str(address[0]) if address else ""))
    return found


def word_count(html: str) -> int:
    """Return the number of words a reader meets, sources left aside."""
    page = lxml.html.fragment_fromstring(html, create_parent="div")
    for notes in page.xpath('//div[@class="footnote"] | //sup'):
        notes.drop_tree()
    return len(page.text_content().split())


def reading_minutes(html: str) -> int:
    """Return the reading time in whole minutes, at least one."""
    return max(1, round(word_count(html) / WORDS_A_MINUTE))


def register():
    """Offer these functions to templates as filters over finished HTML."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    for function in (lead, body, headings, sources, word_count, reading_minutes):
        generator.env.filters[function.__name__] = function
