"""The parts of an article: the key points that open it, and its text."""

import re

from pelican import signals

from plugins.cache.digests import pure

_KEY_POINTS = re.compile(r'\A\s*<section [^>]*class="key-points".*?</section>', re.DOTALL)


@pure
def lead(html: str) -> str:
    """Return the key points that open an article, or nothing."""
    found = _KEY_POINTS.match(html)
    return found[0] if found else ""


@pure
def body(html: str) -> str:
    """Return an article without the key points that open it."""
    return _KEY_POINTS.sub("", html, count=1)


def register():
    """Offer the parts to templates as filters over finished HTML."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    generator.env.filters |= {"lead": lead, "body": body}
