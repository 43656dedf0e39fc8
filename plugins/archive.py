"""The archive of a large site: a page for each year, where one page would be long to load.
Pelican's own YEAR_ARCHIVE_SAVE_AS makes such pages of any site, however small."""

import re
from itertools import groupby

from pelican import signals

MOST = 200  # articles that one page lists


def register():
    """Offer the years as `period_archives.year`, which Pelican writes with period_archives.html."""
    signals.article_generator_finalized.connect(_divide)


def _divide(generator):
    archive, years = generator.settings["ARCHIVES_SAVE_AS"], generator.period_archives
    if len(generator.dates) <= MOST or not archive or "year" in years:
        return
    folder = re.sub(r"(/?index)?\.html$", "", archive)
    for year, articles in groupby(generator.dates, lambda article: article.date.year):
        listed = list(articles)
        period = {"period": (year,), "period_num": (year,), "articles": listed, "dates": listed}
        address = f"{folder}/{year}/"
        years["year"].append({**period, "url": address, "save_as": f"{address}index.html"})
