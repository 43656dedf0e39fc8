"""The site whose replies are fetched: its address, its comment server, its articles' threads.

Read with Pelican's own reader, so that a slug, a draft or a frozen Comment_id counts as it does
in the build, and nothing has to be built first.
"""

import logging
from dataclasses import dataclass

import pelican
from pelican.generators import ArticlesGenerator
from pelican.settings import read_settings

from plugins import comments


@dataclass(frozen=True)
class Site:
    address: str
    endpoint: str
    threads: list[str]


def read(settings_path: str) -> Site:
    """Read the site that a Pelican settings file describes. Raises ValueError for bad COMMENTS."""
    # Plugins judge and rewrite pages; the addresses come from Pelican alone.
    settings = read_settings(settings_path, override={"PLUGINS": []})
    options = comments.settle(settings)
    logging.getLogger("pelican").setLevel(logging.CRITICAL)
    pelican.Pelican(settings)
    context = settings.copy()
    context.update(generated_content={}, static_links=set(), static_content={})
    context["localsiteurl"] = settings["SITEURL"]
    generator = ArticlesGenerator(
        context=context,
        settings=settings,
        path=settings["PATH"],
        theme=settings["THEME"],
        output_path=settings["OUTPUT_PATH"],
    )
    generator.generate_context()
    articles = [*generator.articles, *generator.hidden_articles]
    return Site(
        settings["SITEURL"] + "/",
        options["endpoint"] if options["provider"] == "isso" else "",
        [comments.thread(one) for one in articles if comments.status(one, options) != "off"],
    )
