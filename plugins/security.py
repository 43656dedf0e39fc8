"""What a page may load: its style sheet, inlined, and a content security policy that names it.

Everything a reader needs comes in one request, so the sheet stands in the page; its SHA-256 in the
policy allows that one sheet and no other. The policy stands in a `<meta>` element, because some
static hosts send no headers of ours. https://www.w3.org/TR/CSP3/
"""

import base64
import hashlib
import re
from pathlib import Path

import lightningcss
from pelican import signals

from tools.problems import Mistake, Problem


def digest(text: str) -> str:
    """Return the CSP hash source of an inline element's text."""
    value = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(value).decode()}'"


def policy(style: str = "", data: str = "", opens: dict[str, list[str]] | None = None) -> str:
    """Return the policy of a page with this inline `style` and this inline JSON `data`.

    `opens` has further sources by directive, such as {"connect-src": ["https://example.org"]}.
    """
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *([digest(data)] if data else [])],
        "style-src": ["'self'", *([digest(style)] if style else [])],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    for name, sources in (opens or {}).items():
        rules[name] = [*rules.get(name, []), *sources]
    return ";".join(" ".join([name, *sources]) for name, sources in rules.items())


def sheet(theme: str) -> str:
    """Return the theme's sheet made small. Raises Mistake for a mistake in it."""
    path = Path(theme) / "css" / "site.css"
    try:
        return lightningcss.process_stylesheet(path.read_text("utf-8"), "site.css", minify=True)
    except ValueError as error:
        what, line, col = re.fullmatch(r"(.*?)(?: at site\.css:(\d+):(\d+))?", str(error)).groups()
        # Its lines count from 0.
        line = int(line) + 1 if line else 0
        problem = Problem("theme/css/site.css", line, int(col or 0), what, "mend the sheet")
        raise Mistake(problem) from error


def register():
    """Offer `stylesheet` and `policy` to templates."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    generator.env.globals["stylesheet"] = sheet(generator.settings["THEME"])
    generator.env.globals["policy"] = policy
