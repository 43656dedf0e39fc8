"""Conflict marks of version control, in metadata, text and code: one of two versions must go."""

import re

from plugins.rules.source import Findings, Source

_MARK = re.compile(r"^(?P<sign>[<>=|])(?P=sign){6}(?P<label> .*)?$", re.MULTILINE)


def conflicts(source: Source) -> Findings:
    """Yield each mark of a conflict. One that is not whole is no conflict in code."""
    whole, others, begun = [], [], {}
    has_any = "<<<<<<<" in source.text or ">>>>>>>" in source.text
    for mark in _MARK.finditer(source.text) if has_any else ():
        sign = mark["sign"]
        if sign == "<" or sign == ">" and "=" not in begun:
            others += [*begun.values()]
            begun = {sign: mark} if sign == "<" else {}
            others += [mark] if sign == ">" else []
        elif begun:
            begun.setdefault(sign, mark)
        if sign == ">" and begun:
            whole += begun.values()
            begun = {}
    for mark in [*others, *begun.values()]:
        at = mark.start()
        is_seen = at < source.body_at or not source.scan.masked[at].isspace()
        whole += (
            [mark] if is_seen and ((mark["label"] or "").strip() or mark["sign"] in "=|") else []
        )
    for mark in sorted(whole, key=re.Match.start):
        what = f'"{mark[0]}" is a mark of a conflict in version control'
        yield mark.start(), what, "keep the right one of the two versions, and delete this line"
