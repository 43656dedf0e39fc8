"""Dates as metadata states them, year-month-day and unambiguous, and in words as people read them:
in the language of the page, on every machine alike."""

import re
from contextlib import suppress
from datetime import date, datetime

import dateutil.parser
from babel.dates import format_date

from plugins.words import find_locale

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T _]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
    r"\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$"
)
_NUMBERS = re.compile(r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})\b")


def parse_date(text: str) -> tuple[datetime | None, str, str]:
    """Read a date; return it, or None with what is wrong and how to fix it. One without a zone
    stays without: the site's TIMEZONE decides."""
    plain = text.strip()
    if match := _ISO.match(plain):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        with suppress(ValueError):
            found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
            return (dateutil.parser.parse(plain.replace("_", " ")) if match[7] else found), "", ""
    readings = [] if match else _readings(plain)
    if len(readings) == 2:
        return None, f'"{plain}" can be read in two ways', f"write {' or '.join(readings)}"
    if readings:
        return None, f'"{plain}" is not written as year-month-day', f"write {readings[0]}"
    what = "does not exist" if _NUMBERS.match(plain) else "is not a date"
    return None, f'"{plain}" {what}', "write year-month-day, such as 2026-01-31"


def _readings(text: str) -> list[str]:
    """Return the dates that a text in another form may mean, as year-month-day."""
    if match := _NUMBERS.match(text):
        a, b, c = map(int, match.groups())
        found = set()
        for year, month, number in [(a, b, c)] if len(match[1]) == 4 else [(c, a, b), (c, b, a)]:
            with suppress(ValueError):
                found.add(date(year + 2000 if year < 100 else year, month, number).isoformat())
        return sorted(found)
    if re.search(r"\b\d{4}\b", text) and re.search(r"\b\d{1,2}\b(?!:)", text):
        with suppress(ValueError, OverflowError):
            return [f"{dateutil.parser.parse(text):%Y-%m-%d}"]
    return []


def day(moment: date, lang: str) -> str:
    """Return a date in words, such as "November 23, 2026", for a BCP 47 language tag."""
    return format_date(moment, "long", locale=find_locale(lang) or "en_US")
