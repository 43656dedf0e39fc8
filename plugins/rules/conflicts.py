"""Conflict marks of version control, in metadata, text and code: one of two versions must go."""

import re

from plugins.rules.source import Findings, Source

_MARK = re.compile(r"^(?P<sign>[<>=|])(?P=sign){6}(?P<label>(?: .*)?)$", re.MULTILINE)


def conflicts(source: Source) -> Findings:
    """Yield each mark of a conflict. One that is not whole is no conflict in code."""
    groups: list[dict[str, re.Match]] = [{}]
    has_any = "<<<<<<<" in source.text or ">>>>>>>" in source.text
    for mark in _MARK.finditer(source.text) if has_any else ():
        groups += [{}] if mark["sign"] == "<" else []
        groups[-1].setdefault(mark["sign"], mark)
        groups += [{}] if mark["sign"] == ">" else []
    for group in groups:
        for sign, mark in group.items():
            at, is_sure = mark.start(), mark["label"].strip() or sign in "=|"
            is_seen = at < source.body_at or not source.scan.masked[at].isspace()
            is_alone = is_seen and is_sure and ("<" in group or sign == ">")
            if is_alone or group.keys() >= {*"<=>"}:
                what = f'"{mark[0]}" is a mark of a conflict in version control'
                yield at, what, "keep the right one of the two versions, and delete this line"
