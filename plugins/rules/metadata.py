"""Metadata: is it there, in Pelican's way of writing, and does it make sense, field by field?"""

import difflib
import itertools
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import localedata

from plugins.dates import parse_date
from plugins.rules import fields
from plugins.rules.conflicts import conflicts
from plugins.rules.fields import BY_KEY
from plugins.rules.nearest import suggest
from plugins.rules.source import FIELD, Entry, Findings, Source
from plugins.rules.text import shorten
from plugins.schedule import is_future, is_public

_SHAPE = 'write "Title: …" on the first line, "Date: 2026-01-31" on the second and so on, then '
_SHAPE += "an empty line"
# A line that was meant as a field but cannot be read as one.
_LOOSE_FIELD = re.compile(
    r"(?m)[\s\u200b-\u200f\ufeff]*(?P<key>[^\W\d][\w-]*(?: \w+)?)\s*"
    r"(?P<mark>[:=\uff1a])(?!//)\s*(?P<value>.*)$"
)
# What follows them is metadata too: lines that were meant as comments, which Pelican does not know.
_COMMENTS = r"(?:[ \t]*(?:<!--(?:(?!-->).)*-->|#)[^\n]*\n)"
_MORE_FIELDS = re.compile(
    rf"\s*{_COMMENTS}*\s*(?P<key>{'|'.join(BY_KEY)})[ ]*:", re.IGNORECASE | re.DOTALL
)
_COMMENT = "a comment ends the metadata: there are none between its fields"
_MOVE_COMMENT = "delete it, or move it below the metadata"
# XML knows neither control characters nor what Unicode says is none, and feed and sitemap are XML.
_LAST = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_FORBIDDEN = re.compile(rf"[\0-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef{_LAST}]")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|\d{3}))?")
_WORDS = (fields.TEXT, fields.LIST)
_YAML_BLOCK = re.compile(r"[|>][+-]?")
_YAML = '"{}" is written as a YAML {}, which Pelican does not read'
_INVISIBLE = re.compile(r"[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# How metadata begins that is not Pelican's, and whose it is.
_DIALECTS = (
    (r"\+{3}\s*$", "TOML (+++)"),
    (r"\{\s*(\"|$)", "JSON ({ … })"),
    (r":[A-Za-z]+:|.*\n([=~^*-])\1{2,}[ \t]*\n(.*\n)?:[A-Za-z]+:", "reStructuredText"),
)
# How what is meant as a field ends, and why it is none.
_UNREAD = {" :": ": a space comes before the colon", "=": " (this is TOML)"}
_UNREAD["\uff1a"] = ": the colon is a full-width one"


def unreadable(source: Source) -> Findings:
    """Yield what keeps the metadata from being read at all. Other rules then make no sense."""
    at = re.match(r"(?:[^\S\n]*\n)*", source.text).end()
    text = source.text[at:]
    dialect = next((name for form, name in _DIALECTS if re.match(form, text, re.MULTILINE)), "")
    marks = [*conflicts(source)]
    if marks and marks[0][0] < source.body_at + source.is_cut:
        yield from marks
    elif forbidden := dict.fromkeys(_FORBIDDEN.findall(source.text)):
        for character in forbidden:
            what = f"the character U+{ord(character):04X} is not allowed in a page"
            fix = "delete it, even if your editor does not show it"
            yield source.text.index(character), what, fix
    elif not text.strip():
        yield 0, "the file is empty", f"{_SHAPE}, or delete the file"
    elif dialect:
        what = f"the metadata (front matter) is written in {dialect}, which Pelican does not read"
        yield at, what, _SHAPE
    elif at and (FIELD.match(text) or text.startswith("---")):
        what = "an empty line comes before the metadata, so none of it is read"
        yield 0, what, "delete the empty lines at the top"
    elif source.entries or _LOOSE_FIELD.match(text) and not source.is_fenced:
        yield from _broken_off(source) if source.is_cut else ()
    elif _MORE_FIELDS.match(source.text, source.body_at):
        yield source.body_at, _COMMENT, _MOVE_COMMENT
    elif source.is_fenced:
        yield 0, "the metadata (front matter) has no fields", _SHAPE
    else:
        yield at, "the file begins with text, not with metadata (front matter)", _SHAPE


def _broken_off(source: Source) -> Findings:
    """Yield the line at which metadata stops being such, without a blank line."""
    lines = list(itertools.takewhile(str.strip, source.text[source.body_at :].split("\n")))
    line, last = lines[0], [source.first(""), *source.entries][-1]
    at = source.body_at + len(line) - len(line.lstrip())
    field = _LOOSE_FIELD.match(line)
    known = _known(field["key"]) if field else ""
    if re.match(r"\s*-(\s|$)", line) and (source.is_fenced or not last.value):
        name = BY_KEY[last.key].name if last.key in BY_KEY else last.written
        items = filter(None, map(re.compile(r"\s*-\s+(.+)").match, lines))
        listed = ", ".join(item[1].strip("\"' ") for item in items)
        yield at, _YAML.format(last.written, "list"), f'write "{name}: {listed}" on one line'
    elif known or field and source.is_fenced:
        name = known or field["key"].strip().replace(" ", "_")
        shown = line[field.start("key") : field.end("mark")]
        why = next((why for end, why in _UNREAD.items() if shown.endswith(end)), "")
        what = f'"{shown}" is not read as a metadata field{why}'
        yield at, what, f'write "{name}: {field["value"].strip(chr(34) + chr(39))}"'
    elif line.lstrip().startswith(("#", "<!--")):
        more = _MORE_FIELDS.match(source.text, source.body_at)
        between = more and re.sub("(?s)<!--.*?-->", "", more[0])
        if source.is_fenced or more and not re.search(r"\n\s*\n", between):
            yield at, _COMMENT, _MOVE_COMMENT
    elif _YAML_BLOCK.fullmatch(last.value):
        yield from _yaml_block(last)
    else:
        # It may be meant to continue them: fields follow, or it reads on from one that holds words.
        following = filter(None, map(FIELD.match, lines[1:]))
        has_fields = any(field["key"].lower() in BY_KEY for field in following)
        is_block = re.match(r" {,3}([#!<>*+|`~\[:=-]|\d+[.)](\s|$))", line)
        end = "write ---" if source.is_fenced else "put an empty line"
        fix = f"if it continues the {last.written}, or {end} above it if it is text"
        fix = f"to continue the {last.written or 'field above'}" if has_fields else fix
        if has_fields or source.is_fenced or _holds(last.key) in _WORDS and not is_block:
            what = f"{shorten(line.strip())} is not a metadata field"
            yield at, what, f"indent it by four spaces {fix}"


def _known(key: str) -> str:
    """Return the name of the field that `key` was meant to be, or ""."""
    plain = re.sub("[ -]", "_", key.strip().lower())
    near = difflib.get_close_matches(plain, BY_KEY, 1, 0.7)
    return fields.ELSEWHERE.get(plain) or (BY_KEY[near[0]].name if near else "")


def presence(source: Source, kind: str, given: frozenset[str], extra: set[str]) -> Findings:
    """Yield missing, empty, unknown and doubled fields, and those in the way of writing of another
    dialect, which Pelican would take literally. `given` are those that come from elsewhere
    (a file name), `extra` those a site adds."""
    seen: set[str] = set()
    for entry in source.entries:
        key, written, value = entry.key, entry.written, entry.value
        is_list = _holds(key) == fields.LIST
        if key not in BY_KEY and key not in extra:
            meant, fix = _known(key), "delete it; or, if it is text, put an empty line above it"
            fix = f"did you mean {meant}?" if meant else fix
            yield entry.at, f'"{written}" is not a metadata field', fix
        elif key in seen:
            yield entry.at, f"{written} is defined twice", "delete one of them"
        elif not (entry.split() if is_list else value):
            is_required = key in BY_KEY and kind in BY_KEY[key].required
            fix = "give it a value" + ("" if is_required else ", or delete the line")
            yield entry.value_at, f"{written} is empty", fix
        elif re.fullmatch(r"\[[^\[\]]*\]", value) and (is_list or key == "category"):
            bare = ", ".join(part.strip().strip("\"'") for part in value[1:-1].split(","))
            yield entry.value_at, _YAML.format(written, "list"), f'write "{written}: {bare}"'
        elif source.is_fenced and re.fullmatch(r"(\"[^\"]*\"|'[^']*')", value):
            what = f"the quotes around the {written} would be shown"
            yield entry.value_at, what, f"write {written}: {value[1:-1]}"
        elif _YAML_BLOCK.fullmatch(entry.lines[0][0]):
            yield from _yaml_block(entry)
        seen.add(key)
    missing = {k: f for k, f in BY_KEY.items() if kind in f.required and k not in seen | given}
    more = missing and _MORE_FIELDS.match(source.text, source.body_at)
    if more and more["key"].lower() in missing:
        fix = "move it up to the other fields: no empty line and no comment between them"
        yield more.start("key"), f'"{more["key"]}" is below the end of the metadata', fix
        return
    for field in missing.values():
        is_short = len(field.example) < 40
        fix = f'add a line "{field.name}: {field.example if is_short else "…"}"'
        yield 0, f"{field.name} is missing", fix if is_short else f"{fix} ({field.about})"


def _yaml_block(entry: Entry) -> Findings:
    fix = f'delete the "{entry.lines[0][0]}", and indent each line below it by four spaces'
    yield entry.lines[0][1], _YAML.format(entry.written, "block"), fix


def _holds(key: str) -> str | tuple[str, ...]:
    return BY_KEY[key].holds if key in BY_KEY else ""


def values(source: Source, kind: str, zone: ZoneInfo) -> Findings:
    """Yield values that make no sense, field by field."""
    firsts = {entry.key: entry for entry in reversed(source.entries)}
    entries = {key: entry for key, entry in firsts.items() if entry.value}
    dates = {}
    for key, entry in entries.items():
        holds, value = _holds(key), entry.value
        unseen = None if holds in _WORDS else _INVISIBLE.search(value)
        if unseen:
            what = f"{entry.written} has the invisible character U+{ord(unseen[0]):04X}"
            yield entry.place(unseen.start()), what, "delete it"
        elif holds == fields.DATE:
            dates[key], what, fix = _moment(value, zone)
            if what:
                yield entry.value_at, f"{entry.written} {what}", fix
        elif holds == fields.LIST and not value.startswith("["):
            seen: dict[str, tuple[str, int]] = {}
            for name, at in entry.split():
                first, first_at = seen.setdefault(" ".join(name.casefold().split()), (name, at))
                if first_at != at:
                    also = "" if first == name else f' (first as "{first}")'
                    yield at, f'{entry.written} has "{name}" twice{also}', "delete one of the two"
        elif isinstance(holds, tuple) and value.lower() not in holds:
            what = f'"{value}" is not a valid {BY_KEY[key].name}'
            yield entry.value_at, what, suggest(value.lower(), holds)
        elif key == "lang" and not (
            _LANGUAGE.fullmatch(value) and localedata.exists(re.split("[-_]", value.lower())[0])
        ):
            fix = 'write a code such as "en", "pt-BR", "ja" (Japanese) or "el" (Greek)'
            yield entry.value_at, f'"{value}" is not a language code', fix
        elif key == "category":
            if kind == fields.PAGE:
                yield entry.at, "Category is for articles, and this is a page", "delete the line"
            first, *others = re.split("[,;]", value)
            if others and not value.startswith("["):
                what = f'Category "{value}" is more than one category'
                fix = f'write "Category: {first.strip()}" and move the others to Tags'
                yield entry.place(len(first)), what, fix
    yield from _date_order(entries, dates)
    for one, other, fix in fields.TOGETHER:
        if one.lower() in entries and not source.first(other.lower()):
            yield entries[one.lower()].at, f"{one} is given without {other}", fix
    if "author" in entries and "authors" in entries:
        yield entries["authors"].at, "both Author and Authors are given", "delete one of them"


def _date_order(entries: dict[str, Entry], dates: dict) -> Findings:
    late, early = dates.get("modified"), dates.get("date")
    if late and early:
        modified, stated = entries["modified"], entries["date"].value
        by_day = ":" not in modified.value or ":" not in stated
        if late.date() < early.date() if by_day else late < early:
            what = f'Modified "{modified.value}" is before Date "{stated}"'
            yield modified.value_at, what, "correct one of the two, or delete Modified"
    due, reviewed = dates.get("review_due"), dates.get("reviewed")
    if due and reviewed and due <= reviewed:
        fix = "write the day on which to check the article again"
        yield entries["review_due"].value_at, "Review_due is not after Reviewed", fix


def _moment(value: str, zone: ZoneInfo) -> tuple[datetime | None, str, str]:
    found, what, fix = parse_date(value)
    return found and (found if found.tzinfo else found.replace(tzinfo=zone)), what, fix


def ahead(source: Source, content, now: datetime) -> Findings:
    """Yield a change or a review that is dated in the future."""
    changed = max(now, getattr(content, "date", now))  # of what is scheduled
    for key, fix, latest in (("modified", "last change", changed), ("reviewed", "review", now)):
        found = _moment(source.value(key), content.timezone)[0]
        if found and is_future(found, latest):
            what = f'{source.first(key).written} "{source.value(key)}" is in the future'
            yield source.value_at(key), what, f"write the day of the {fix}, or delete the line"


def summary(source: Source, plain: str, status: str) -> Findings:
    """Yield a summary, given as plain text, that is too short or too long."""
    entry = source.first("summary")
    if entry and entry.value == fields.PLACEHOLDER_SUMMARY and is_public(status):
        fix = "write what the reader will learn from this article"
        yield entry.value_at, "Summary is still the placeholder of the draft", fix
    is_words = entry.value and not _YAML_BLOCK.fullmatch(entry.lines[0][0])
    if is_words and len(plain) not in fields.SUMMARY_LENGTH:
        word = "short" if len(plain) < fields.SUMMARY_LENGTH[0] else "long"
        fix = f"write {fields.SUMMARY_LIMITS} that say what the reader will learn"
        yield entry.value_at, f"Summary is too {word}: {len(plain)} characters", fix


def template(source: Source, kind: str, templates: set[str]) -> Findings:
    """Yield a template that the theme does not have, or has for something else."""
    wanted = source.value("template")
    if wanted and wanted not in templates:
        what = f'"{wanted}" is not a template of the theme for {kind}s'
        yield source.value_at("template"), what, suggest(wanted, templates, "delete the line")
