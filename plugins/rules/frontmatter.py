"""Front matter: is it there, in Pelican's way of writing, with the fields it needs?"""

import difflib
import re
from collections.abc import Iterator

from plugins.problems import Problem
from plugins.rules.fields import BY_KEY, ELSEWHERE
from plugins.rules.source import FIELD, Entry, Source

_SHAPE = (
    'begin the first line with "Title: …", then "Date: 2026-01-31" and so on, then a blank line'
)


def dialect(source: Source) -> Iterator[Problem]:
    """Yield what keeps the front matter from being read at all. Other checks then make no sense."""
    lines = source.text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        yield source.problem(0, "the file is empty", f"{_SHAPE}, or delete the file")
        return
    opening = lines[first]
    at = sum(len(line) + 1 for line in lines[:first])
    if re.match(r"\+{3}\s*$", opening):
        yield source.problem(at, "front matter in TOML (+++)", f"leave out the +++; {_SHAPE}")
    elif re.match(r"\{\s*(\"|$)", opening):
        yield source.problem(at, "front matter in JSON ({ … })", _SHAPE)
    elif re.match(r":[A-Za-z]+:", opening) or _is_rest(lines, first):
        yield source.problem(at, "front matter in reStructuredText", _SHAPE)
    elif first and (FIELD.match(opening) or opening.startswith("---")):
        yield source.problem(
            0, "a blank line before the front matter", "delete what stands above the first field"
        )
    elif not source.entries and not source.fenced:
        yield from _first_line(source, opening, at)
    elif not source.entries:
        yield source.problem(0, "front matter without fields", _SHAPE)
    else:
        yield from _broken_off(source)


def _is_rest(lines: list[str], first: int) -> bool:
    after = lines[first + 1 : first + 4]
    return bool(
        after
        and re.match(r"([=~^*-])\1{2,}\s*$", after[0])
        and any(re.match(r":[A-Za-z]+:", line) for line in after[1:])
    )


def _first_line(source: Source, opening: str, at: int) -> Iterator[Problem]:
    if _loose_field(opening):
        yield from _broken_off(source)
    else:
        yield source.problem(at, "no front matter: the file begins with its text", _SHAPE)


def _loose_field(line: str) -> re.Match | None:
    """Match a line that was meant as a field but cannot be read as one."""
    return re.match(
        r"\s*(?P<key>[^\W\d][\w-]*(?: \w+)?)\s*(?P<sign>[:=\uff1a])(?!//)\s*(?P<value>.*)$", line
    )


def _broken_off(source: Source) -> Iterator[Problem]:
    """Yield the line at which a front matter stops being one, without a blank line."""
    line = source.text[source.body_at :].split("\n", 1)[0]
    if source.body_at and source.text[: source.body_at].endswith("\n\n"):
        return
    column = len(line) - len(line.lstrip())
    at = source.body_at + column
    if not line.strip():
        return
    field = _loose_field(line)
    if re.match(r"\s*-(\s|$)", line) and (source.fenced or not source.entries[-1].value):
        last = source.entries[-1].written
        name = BY_KEY[last.lower()].name if last.lower() in BY_KEY else last
        below = source.text[source.body_at :].split("\n")
        items = []
        for item in below[: next((i for i, text in enumerate(below) if not text.strip()), None)]:
            if match := re.match(r"\s*-\s+(.+)", item):
                items.append(match[1].strip("\"' "))
        yield source.problem(
            at, f"{last} as a YAML list", f'write "{name}: {", ".join(items)}" on one line'
        )
    elif field and _meant(field["key"], source):
        name = _known(field["key"]) or field["key"].strip().replace(" ", "_")
        yield source.problem(
            at,
            f'"{field["key"]} {field["sign"]}" is not read as a field'
            if field["sign"] != "="
            else f'"{field["key"]} =" is not read as a field (this is TOML)',
            f'write "{name}: {field["value"].strip(chr(34) + chr(39))}"',
        )
    elif source.fenced and line.lstrip().startswith("#"):
        yield source.problem(
            at, "a comment in the front matter ends it", "delete the comment; fields have none"
        )
    elif source.fenced:
        yield source.problem(
            at,
            "this line is neither a field nor the end of the front matter",
            'write "Key: value" on one line, and --- after the last field',
        )


def _meant(key: str, source: Source) -> bool:
    plain = key.strip().lower().replace(" ", "_")
    return source.fenced or bool(_known(key)) or plain in ELSEWHERE


def _known(key: str) -> str:
    """Return the name of the field that `key` was meant to be, or ""."""
    plain = key.strip().lower().replace(" ", "_").replace("-", "_")
    if plain in BY_KEY:
        return BY_KEY[plain].name
    if plain in ELSEWHERE:
        return ELSEWHERE[plain]
    near = difflib.get_close_matches(plain, BY_KEY, 1, 0.7)
    return BY_KEY[near[0]].name if near else ""


def fields(source: Source, kind: str, given: set[str], extra: set[str]) -> Iterator[Problem]:
    """Yield missing, empty, unknown and doubled fields.

    `given` are fields that come from elsewhere (a file name), `extra` those a site adds.
    """
    seen: dict[str, Entry] = {}
    for entry in source.entries:
        if entry.continued:
            if entry.key not in extra and entry.key not in ("summary", "emergency"):
                yield source.problem(
                    entry.value_at,
                    f"{entry.written} goes on in a second line",
                    "write it on one line",
                )
            continue
        if entry.key not in BY_KEY and entry.key not in extra:
            yield _unknown(source, entry)
        elif entry.key in seen:
            yield source.problem(entry.at, f"{entry.written} stands here twice", "keep one of them")
        elif not entry.value and not any(
            e.continued and e.key == entry.key for e in source.entries
        ):
            needed = entry.key in BY_KEY and kind in BY_KEY[entry.key].needed
            fix = "give it a value" + ("" if needed else ", or delete the line")
            yield source.problem(entry.value_at, f"{entry.written} is empty", fix)
        else:
            yield from _dressed(source, entry)
        seen.setdefault(entry.key, entry)
    for field in BY_KEY.values():
        if kind in field.needed and field.key not in seen and field.key not in given:
            example = field.example if len(field.example) < 40 else "…"
            more = f" ({field.about})" if example == "…" else ""
            yield source.problem(
                0, f"{field.name} is missing", f'add a line "{field.name}: {example}"{more}'
            )


def _unknown(source: Source, entry: Entry) -> Problem:
    meant = _known(entry.key)
    if meant:
        fix = f"did you mean {meant}?"
    else:
        fix = "delete it; or, if it is text, leave a blank line between front matter and text"
    return source.problem(entry.at, f"no field is called {entry.written}", fix)


def _dressed(source: Source, entry: Entry) -> Iterator[Problem]:
    """Yield values in the clothes of another dialect, which Pelican would take literally."""
    value = entry.value
    if re.fullmatch(r"\[[^\[\]]*\]", value) and entry.key in (
        "tags",
        "authors",
        "category",
        "aliases",
    ):
        bare = ", ".join(part.strip().strip("\"'") for part in value[1:-1].split(","))
        yield source.problem(
            entry.value_at, f"{entry.written} as a YAML list", f'write "{entry.written}: {bare}"'
        )
    elif source.fenced and re.fullmatch(r"(\"[^\"]*\"|'[^']*')", value):
        yield source.problem(
            entry.value_at,
            f"the quotes around {entry.written} would be printed",
            f"write {entry.written}: {value[1:-1]}",
        )
    elif re.fullmatch(r"[|>][+-]?", value):
        yield source.problem(
            entry.value_at, f"{entry.written} as a YAML block", "write it on one line"
        )
