"""The feed, finished: links that work outside the site, and titles as the author wrote them."""

import re

from pelican import signals

from plugins.schedule import build_time


def register():
    """Finish every feed before it is written."""
    signals.feed_generated.connect(_finish)


def _finish(context, feed):
    site = context["SITEURL"].rstrip("/")
    titles = {f"{site}/{article.url}": article.title for article in context["articles"]}
    if not feed.items:  # feedgenerator would ask the clock when it was updated
        feed.latest_post_date = lambda: build_time(context["PATH"]).moment
    for item in feed.items:
        # In a feed reader, "#fn:1" would point into the reader's own page.
        item["content"] = re.sub(r'(<a\b[^>]*\bhref=")#', rf"\g<1>{item['link']}#", item["content"])
        # Pelican strips what looks like a tag from titles ("a < b"); feedgenerator escapes them.
        item["title"] = titles.get(item["link"], item["title"])
        # RFC 4287, 4.1.2: every entry has an author, and without a person it is the publisher.
        item["author_name"] = str(item["author_name"] or "") or context["PUBLISHER"]["name"]
