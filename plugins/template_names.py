"""What templates may call besides Jinja's own: all filters and functions that the plugins offer."""

from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from pelican import signals

import contract
from plugins import assets, comments, dates, images, markup, security, structured_data, words
from plugins.addresses import absolute_url
from plugins.brand import Brand
from plugins.cache.digests import pure
from plugins.cache.writer import page_count


def register():
    """Offer them to the templates of every generator."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    settings, env = generator.settings, generator.env
    theme, site, default = Path(settings["THEME"]), settings["SITEURL"], settings["DEFAULT_LANG"]
    words.table.cache_clear()  # a table may have changed since the last build of this process
    replying = comments.settle(settings)
    # A broken style sheet is named by its line before its colors are read.
    sheets = {"stylesheet": "css/site.css", "replies_sheet": "static/css/replies.css"}
    env.globals |= {name: assets.minify(theme / path).decode() for name, path in sheets.items()}
    brand, graphs = Brand.read(theme), structured_data.Graphs(settings)
    env.filters |= {"lead": markup.lead, "body": markup.body, "pictures": images.pictures}
    env.filters |= {"bcp47": words.bcp47, "to_json": structured_data.to_json}
    env.filters |= {"page_count": page_count, "thread": comments.thread}
    env.filters["day"] = pure(lambda moment, lang=default: dates.day(moment, lang))
    env.filters["comments_status"] = pure(lambda article: comments.status(article, replying))
    env.globals |= {"_": words.gettext, "in_language": words.in_language}
    env.globals |= {"direction": words.direction, "own_name": words.own_name}
    env.globals |= {"article_graph": graphs.article_graph, "page_graph": graphs.page_graph}
    env.globals |= {"mark": brand.inline_mark, "theme_color": brand.color("petrol")}
    env.globals |= {"asset": assets.asset, "policy": security.policy}
    agreed = {n: getattr(contract, n) for n in ("ANCHOR", "LIMITS", "PAGE_SIZE", "PATTERNS")}
    env.globals |= {"comments": replying, "origin": comments.origin, "contract": agreed}
    # The page "not found" is served at any depth, so its links start from the host.
    env.globals |= {"absolute": pure(partial(absolute_url, site)), "site_path": urlsplit(site).path}
