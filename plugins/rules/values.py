"""Values in front matter, field by field: do they make sense?"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import localedata

from plugins.problems import Problem
from plugins.rules.dates import KEYS, parse_date
from plugins.rules.fields import (
    BY_KEY,
    COMMENTS,
    PAGE,
    PLACEHOLDER_SUMMARY,
    STATUSES,
    SUMMARY_LENGTH,
)
from plugins.rules.source import Entry, Source
from plugins.schedule import is_public


def values(source: Source, kind: str, zone: ZoneInfo, default_lang: str) -> Iterator[Problem]:
    """Yield values that make no sense, field by field."""
    firsts = {entry.key: entry for entry in reversed(source.entries) if not entry.continued}
    entries = {key: entry for key, entry in firsts.items() if entry.value}
    yield from _bad_dates(source, entries, zone)
    yield from _choices(source, entries, default_lang)
    yield from _lists(source, entries)
    yield from _pairs(source, entries, kind)


def _bad_dates(source: Source, entries: dict[str, Entry], zone: ZoneInfo) -> Iterator[Problem]:
    dates = {}
    for key in KEYS:
        if key not in entries:
            continue
        found, what, fix = parse_date(entries[key].value)
        if found is None:
            yield source.problem(entries[key].value_at, f"{entries[key].written}: {what}", fix)
        else:
            dates[key] = found if found.tzinfo else found.replace(tzinfo=zone)
    if {"date", "modified"} <= dates.keys():
        timed = ":" in entries["date"].value and ":" in entries["modified"].value
        first, then = dates["date"], dates["modified"]
        if (then < first) if timed else (then.date() < first.date()):
            yield source.problem(
                entries["modified"].value_at,
                f"Modified ({entries['modified'].value}) is before Date ({entries['date'].value})",
                "correct one of the two, or delete Modified",
            )
    if {"reviewed", "review_due"} <= dates.keys() and dates["review_due"] <= dates["reviewed"]:
        yield source.problem(
            entries["review_due"].value_at,
            "Review_due is not after Reviewed",
            "say when to check the article again",
        )


def _choices(source: Source, entries: dict[str, Entry], default_lang: str) -> Iterator[Problem]:
    for key, known in (("status", STATUSES), ("comments", COMMENTS), ("dir", ("ltr", "rtl"))):
        entry = entries.get(key)
        if entry and entry.value.lower() not in known:
            near = difflib.get_close_matches(entry.value.lower(), known, 1)
            fix = f"did you mean {near[0]}?" if near else f"write {', '.join(known)}"
            yield source.problem(
                entry.value_at, f"{entry.written}: no such thing as {entry.value}", fix
            )
    lang = entries.get("lang")
    fault = _lang_fault(lang.value, default_lang.lower()) if lang else None
    if fault:
        yield source.problem(lang.value_at, *fault)


def _lang_fault(code: str, default: str) -> tuple[str, str] | None:
    plain = code.replace("_", "-")
    unknown = f"{code} is not a language code"
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?", plain):
        return unknown, 'write a code such as "en", "fr" or "pt-BR"'
    base, _, rest = plain.partition("-")
    if not localedata.exists(base.lower()):
        return unknown, 'write a code of ISO 639, such as "ja" for Japanese or "el" for Greek'
    if plain.lower() == default and code != default:  # Pelican takes it for a translation
        return f"{code} is the language of the site in another spelling", "delete the line"
    right = base.lower() + (f"-{rest}" if rest else "")
    return None if code == right else (unknown, f"write {right}")


def split_list(entry: Entry) -> list[tuple[str, int]]:
    """Return the parts of a value as Pelican splits it, each with its offset."""
    sign = ";" if ";" in entry.value else ","
    parts, at = [], entry.value_at
    for part in entry.value.split(sign):
        if part.strip():
            parts.append((part.strip(), at + len(part) - len(part.lstrip())))
        at += len(part) + 1
    return parts


def _lists(source: Source, entries: dict[str, Entry]) -> Iterator[Problem]:
    category = entries.get("category")
    if category and re.search(r"[,;]", category.value) and not category.value.startswith("["):
        first = re.split(r"[,;]", category.value)[0].strip()
        at = category.value_at + re.search(r"[,;]", category.value).start()
        yield source.problem(
            at, "an article has one category", f'write "Category: {first}" and make the others Tags'
        )
    for key in ("tags", "authors", "aliases"):
        if key not in entries or entries[key].value.startswith("["):
            continue
        seen: dict[str, str] = {}
        for name, at in split_list(entries[key]):
            same = " ".join(name.casefold().split())
            if same in seen:
                also = "" if seen[same] == name else f" (first as {seen[same]})"
                yield source.problem(
                    at, f"{entries[key].written} has {name} twice{also}", "keep one of the two"
                )
            seen.setdefault(same, name)


def _pairs(source: Source, entries: dict[str, Entry], kind: str) -> Iterator[Problem]:
    for one, other, why in (
        ("reviewed", "reviewed_by", "say who reviewed it, or delete the date"),
        ("reviewed_by", "reviewed", "say when, as 2026-01-31, or delete the name"),
        ("image", "image_alt", "say in words what the picture shows"),
        ("image_alt", "image", "name the picture, or delete the line"),
        ("save_as", "url", "name the address that goes with the file"),
        ("url", "save_as", "name the file that goes with the address"),
    ):
        if one in entries and not source.first(other):
            yield source.problem(
                entries[one].at, f"{BY_KEY[one].name} without {BY_KEY[other].name}", why
            )
    if "author" in entries and "authors" in entries:
        yield source.problem(entries["authors"].at, "Author and Authors at once", "keep one")
    if kind == PAGE and "category" in entries:
        yield source.problem(entries["category"].at, "a page has no category", "delete the line")


def template(source: Source, settings: dict) -> Iterator[Problem]:
    """Yield a template that the theme does not have."""
    entry = source.first("template")
    if not entry or not entry.value:
        return
    folders = [Path(settings["THEME"]) / "templates"]
    folders += [Path(folder) for folder in settings["THEME_TEMPLATES_OVERRIDES"]]
    names = {
        path.relative_to(folder).as_posix().removesuffix(ending)
        for folder in folders
        for ending in settings["TEMPLATE_EXTENSIONS"]
        for path in folder.glob(f"*{ending}")
    }
    if entry.value not in names:
        near = difflib.get_close_matches(entry.value, names, 1)
        fix = f"did you mean {near[0]}?" if near else "delete the line"
        yield source.problem(entry.value_at, f"the theme has no template {entry.value}", fix)


def summary(source: Source, plain: str, status: str) -> Iterator[Problem]:
    """Yield a summary, given as plain text, that is too short or too long."""
    entry = source.first("summary")
    if entry and entry.value == PLACEHOLDER_SUMMARY and is_public(status):
        yield source.problem(
            entry.value_at,
            "Summary is the one that make new wrote",
            "say what the reader will learn from this article",
        )
    if entry and plain and len(plain) not in SUMMARY_LENGTH:
        low, high = SUMMARY_LENGTH[0], SUMMARY_LENGTH[-1]
        word = "short" if len(plain) < low else "long"
        yield source.problem(
            entry.value_at,
            f"Summary is too {word}: {len(plain)} characters",
            f"write {low} to {high} characters that say what the reader will learn",
        )
