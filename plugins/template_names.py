"""What templates may call besides Jinja's own: all filters and functions that the plugins offer."""

from pathlib import Path

from pelican import signals

from plugins import assets, dates, images, markup, security, structured_data, words
from plugins.brand import Brand
from plugins.cache.digests import pure


def register():
    """Offer them to the templates of every generator."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    settings, env = generator.settings, generator.env
    words.table.cache_clear()  # a table may have changed since the last build of this process
    # A broken style sheet is named by its line before its colors are read.
    env.globals["stylesheet"] = assets.minify(Path(settings["THEME"], "css", "site.css")).decode()
    brand, graphs = Brand.read(settings["THEME"]), structured_data.Graphs(settings)
    default = settings["DEFAULT_LANG"]
    env.filters |= {"lead": markup.lead, "body": markup.body, "pictures": images.pictures}
    env.filters |= {"bcp47": words.bcp47, "to_json": structured_data.to_json}
    env.filters["day"] = pure(lambda moment, lang=default: dates.day(moment, lang))
    env.globals |= {"_": words.gettext, "in_language": words.in_language}
    env.globals |= {"direction": words.direction, "own_name": words.own_name}
    env.globals |= {"article_graph": graphs.article_graph, "page_graph": graphs.page_graph}
    env.globals |= {"mark": brand.inline_mark, "theme_color": brand.color("petrol")}
    env.globals |= {"asset": assets.asset, "policy": security.policy}
