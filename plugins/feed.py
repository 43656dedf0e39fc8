"""The feed, finished: links that work outside the site, and titles as the author wrote them."""

import re

from pelican import signals

from plugins.schedule import build_time

_FRAGMENT = re.compile(r'(<a\b[^>]*\bhref=")#')


def register():
    """Mend every feed before it is written."""
    signals.feed_generated.connect(_finish)


def _finish(context, feed):
    titles = {article.url: article.title for article in context["articles"]}
    start = context["SITEURL"].rstrip("/") + "/"
    if not feed.items:  # feedgenerator would ask the clock when it was updated
        feed.latest_post_date = lambda: build_time(context["PATH"]).moment
    for item in feed.items:
        # A reader shows the article elsewhere, where "#fn:1" would lead nowhere.
        item["content"] = _FRAGMENT.sub(rf"\g<1>{item['link']}#", item["content"])
        # Pelican strips what looks like a tag from titles ("a < b"); the feed escapes by itself.
        item["title"] = titles.get(item["link"].removeprefix(start), item["title"])
        # RFC 4287, 4.1.2: every entry has an author, and without a person it is the publisher.
        item["author_name"] = str(item["author_name"] or "") or context["PUBLISHER"]["name"]
