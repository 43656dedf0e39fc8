"""The few pages this server shows: for visitors without JavaScript, and for moderation links."""

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_style = (Path(__file__).parent / "pages" / "style.css").read_text(encoding="utf-8")
_style = re.sub(r"\s*\n\s*", "", _style)
_hash = base64.b64encode(hashlib.sha256(_style.encode()).digest()).decode()
_policy = (
    f"default-src 'none'; style-src 'sha256-{_hash}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def page(template: str, status: int = 200, **values) -> Response:
    """A small page; `values` are what its template shows."""
    text = _templates.get_template(template).render(style=_style, **values)
    answer = Response(text, status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _policy
    # With less than this, browsers would send the page's own form without its origin.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
