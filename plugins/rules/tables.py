"""Tables as they are written: rows that lose cells, and what was meant as a table and is none."""

import re
from collections.abc import Iterator

from plugins.rules.source import Findings

_LINE = re.compile(r"[ \t>]*\|(.*\|)+[ \t]*")
_DASHES = re.compile(r"[ \t>]*(?=.*\|)\|?[ ]*:?-+:?[ ]*(\|[ ]*:?-+:?[ ]*)*\|?[ \t]*")


def tables(text) -> Findings:
    """Yield rows of a Text with more cells than the table, and lines that look like a table."""
    starts, masks = text.source.starts, text.scan.masked.split("\n")
    for line, cells, columns in _rows(text, masks):
        if cells > columns:
            what = f"this row has {cells} cells in {columns} columns: the last is not shown"
            yield starts[line], what, r"join two cells, or write \| for the character itself"
    known = {line + below for line, _ in text.reading.rows for below in (0, 1)}
    for line, mask in enumerate(masks):
        if line in known or "|" not in mask or line + 1 >= len(masks):
            continue
        above, below = masks[line - 1] if line else "", masks[line + 1]
        if _DASHES.fullmatch(mask) and above.strip() and line - 1 not in known:
            what = "this table is not read: its header has another number of columns"
            yield starts[line], what, f"write {'|---' * _cells(above)}|"
        elif all(_LINE.fullmatch(row) and re.search(r"\w", row) for row in (mask, below)):
            known |= {line + 1}
            what = "this table is not read: it has no row of dashes below its header"
            yield starts[line], what, f"write {'|---' * _cells(mask)}| below it"


def narrow_rows(text) -> Findings:
    """Yield rows of a Text with fewer cells than the table."""
    for line, cells, columns in _rows(text, text.scan.masked.split("\n")):
        if cells < columns:
            what = f"this row has too few cells for {columns} columns: the last stay empty"
            yield text.source.starts[line], what, "write | for each empty cell"


def _rows(text, masks: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the line of each row below a header, its cells, and the columns of its table."""
    for line, columns in text.reading.rows:
        if columns:
            yield line, _cells(masks[line]), columns


def _cells(mask: str) -> int:
    return mask.strip(" \t>").removeprefix("|").removesuffix("|").count("|") + 1
