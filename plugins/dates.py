"""Dates as people read them, in the language of the page, on every machine alike."""

from babel.core import UnknownLocaleError
from babel.dates import format_date
from pelican import signals

from plugins.cache.digests import pure


def day(moment, lang: str) -> str:
    """Return a date in words, such as "November 23, 2026", for a BCP 47 language tag."""
    try:
        return format_date(moment, "long", locale=lang.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return format_date(moment, "long", locale="en_US")


def register():
    """Offer `day` to templates as a filter, in the site's language unless told another."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    default = generator.settings["DEFAULT_LANG"]
    generator.env.filters["day"] = pure(lambda moment, lang=default: day(moment, lang))
