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
        if line in known or "|" not in mask:
            continue
        above, below = masks[line - 1] if line else "", "".join(masks[line + 1 : line + 2])
        columns, is_row = _cells(mask), bool(_LINE.fullmatch(mask))
        what = fix = ""
        if _DASHES.fullmatch(mask) and above.strip() and line - 1 not in known:
            what = "its header has another number of columns"
            fix = f"write {'|---' * _cells(above)}|"
            if columns == _cells(above):
                what, fix = "it is part of the text above", "put an empty line above the table"
        elif _DASHES.fullmatch(mask) and not above.strip() and _LINE.fullmatch(below):
            what, fix = "it has no header", f"write {'| … ' * columns}| above it"
        elif is_row and re.search(r"\w", mask) and line - 2 in known and not above.strip():
            what, fix = "it has an empty line above it", "delete the empty line"
        elif all(_LINE.fullmatch(row) and re.search(r"\w", row) for row in (mask, below)):
            what = "it has no row of dashes below its header"
            fix = f"write {'|---' * columns}| below it"
        if what:
            known |= {line + 1}
            yield starts[line], f"this part of a table is not read: {what}", fix


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
