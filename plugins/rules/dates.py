"""Dates in front matter: year-month-day and nothing that can be read in two ways."""

import re
from datetime import date, datetime

import dateutil.parser

from plugins.rules.source import Source

KEYS = ("date", "modified", "reviewed", "review_due")
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T _]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
    r"\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$"
)
_NUMBERS = re.compile(r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})\b")


def parse_date(text: str) -> tuple[datetime | None, str, str]:
    """Read a date; return it, or None with what is wrong and how to mend it.

    A date without a zone stays without one: the site's TIMEZONE decides.
    """
    plain = text.strip()
    if match := _ISO.match(plain):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        try:
            found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
        except ValueError as error:
            return (None, f"{plain} does not exist ({error})", "look at the calendar and the clock")
        if match[7]:
            found = dateutil.parser.parse(plain.replace("_", " "))
        return found, "", ""
    if match := _NUMBERS.match(plain):
        a, b, c = (int(part) for part in match.groups())
        if len(match[1]) < 4:
            readings = sorted(
                {day.isoformat() for day in (_day(c, a, b), _day(c, b, a)) if day is not None}
            )
            if len(readings) == 2:
                return (None, f"{plain} can be read in two ways", f"write {' or '.join(readings)}")
            if readings:
                return (None, f"{plain} is written another way elsewhere", f"write {readings[0]}")
            return (None, f"{plain} does not exist", "write year-month-day, such as 2026-01-31")
        day = _day(a, b, c)
        if day is None:
            return (None, f"{plain} does not exist", "write year-month-day, such as 2026-01-31")
        return (None, f"{plain} is not written as year-month-day", f"write {day.isoformat()}")
    hint = "write year-month-day, such as 2026-01-31"
    if re.search(r"\b\d{4}\b", plain) and re.search(r"\b\d{1,2}\b(?!:)", plain):
        try:
            found = dateutil.parser.parse(plain)
        except (ValueError, OverflowError):
            return None, f'"{plain}" is not a date', hint
        return (None, f'"{plain}" is not written as year-month-day', f"write {found:%Y-%m-%d}")
    return None, f'"{plain}" is not a date', hint


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def read_dates(source: Source) -> dict[str, datetime]:
    """Return the dates that can be read, by field."""
    return {key: found for key in KEYS if (found := parse_date(source.value(key))[0])}
