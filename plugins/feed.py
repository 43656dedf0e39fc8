"""The feed, finished: links that work outside the site, and titles as the author wrote them."""

import re
from functools import partial
from urllib.parse import urljoin

from pelican import signals

from plugins.addresses import absolute_url, replace_addresses
from plugins.schedule import build_time


def register():
    """Finish every feed before it is written."""
    signals.feed_generated.connect(_finish)


def _finish(context, feed):
    site = context["SITEURL"].rstrip("/")
    articles = {f"{site}/{article.url}": article for article in context["articles"]}
    if not feed.items:  # feedgenerator would ask the clock when it was updated
        feed.latest_post_date = lambda: build_time(context["PATH"]).moment
    for item in feed.items:
        article = articles.get(item["link"])
        # Pelican strips what looks like a tag from titles ("a < b"); feedgenerator escapes them.
        item["title"] = article.title if article else item["title"]
        # In a feed reader, "#fn:1" would point into the reader's own page.
        base = absolute_url(site, article.save_as) if article else item["link"]
        for name in ("content", "description"):
            item[name] = item[name] and replace_addresses(item[name], partial(_absolute, base))
        # RFC 4287, 4.1.2: every entry has an author, and without a person it is the publisher.
        item["author_name"] = str(item["author_name"] or "") or context["PUBLISHER"]["name"]


def _absolute(base: str, address: str) -> str | None:
    return None if re.match(r"[a-z][a-z0-9+.-]*:", address, re.I) else urljoin(base, address)
